//! `eksso undo`: takes back the last change to a kubeconfig.

use crate::cli::UndoArgs;
use crate::commands::shared::call::Call;
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, lock, outer_path, search};
use crate::flows::kubeconfig::history::{self, Step, Way};

/// Takes it back, or brings it back.
pub fn run(call: &Call<'_>, args: &UndoArgs) -> Result<()> {
    let world = call.world;
    let way = if args.redo { Way::Redo } else { Way::Undo };
    let explicit = call.globals.kubeconfig.as_deref();
    // In a shell of ours `use` changes its isolated kubeconfig, `add` the files outside.
    let mut paths = search(world, explicit);
    paths.extend(outer_path(world, explicit).into_iter().filter(|path| !paths.contains(path)).collect::<Vec<_>>());
    let nothing = || {
        let what = if args.redo { "nothing has been taken back" } else { "there is no change of eksso to take back" };
        let list: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        Error::new(Kind::NotFound, format!("{what} in {}", list.join(", ")))
    };
    let step = Step::find(world, way, &paths)?.ok_or_else(nothing)?;
    if args.write.dry_run {
        world.terminal.data(&call.painted(&step.diff, world.terminal.stdout_is_terminal()))?;
    } else if !call.globals.quiet {
        call.show_diff(&step.diff);
    }
    if step.foreign && !args.force {
        let flag = if args.redo { "undo --redo --force" } else { "undo --force" };
        return Err(Error::new(
            Kind::LocalState,
            "another program has changed the kubeconfig since; nothing was changed",
        )
        .cause("this would take that back too")
        .hint(format!("eksso {flag}")));
    }
    if args.write.dry_run {
        return Ok(());
    }
    let what = step.what().to_owned();
    let question = if args.redo { "Bring back" } else { "Take back" };
    for name in &step.switches_to {
        let entry = Kubeconfigs::open(world, explicit)?.context(name);
        if let Some(identity) = entry.and_then(|entry| entry.identity) {
            call.about(About::context(name, Some(&identity), None));
            world.policy()?.context(name, &identity.role)?;
        }
    }
    if (!call.interactive() || args.yes) && !step.switches_to.is_empty() {
        let settings = call.settings()?;
        let guarded = step.switches_to.iter().filter(|name| settings.config.guard(name).confirm).cloned();
        call.pass_guards(guarded.map(About::named), args.yes, "Switch to")?;
    }
    if call.interactive() && !args.yes && !call.confirm(&format!("{question} `{what}`?"))? {
        return Err(Error::new(Kind::Interrupted, "nothing was changed"));
    }
    let locks = lock(world, &step.paths())?;
    if let Some((_, error)) = locks.unlocked.into_iter().next() {
        return Err(error);
    }
    let _ring = history::lock(world)?;
    // Once more under the locks: what was shown is what is done.
    let again = Step::find(world, way, &paths)?.filter(|again| again.is(&step));
    let again = again.ok_or_else(|| {
        Error::new(Kind::LocalState, "the kubeconfig has just been changed; nothing was changed now").hint("eksso undo")
    })?;
    again.make(world)?;
    let done = if args.redo {
        format!("Brought back `{what}`.")
    } else {
        format!("Took back `{what}`; `eksso undo --redo` brings it back.")
    };
    call.voice.say(world, &done);
    Ok(())
}
