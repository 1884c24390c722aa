//! `eksso rename`: gives a context another name.

use crate::cli::RenameArgs;
use crate::commands::shared::call::Call;
use crate::domain::kubeconfig::{Edit, List, follows};
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::frecency::Frecency;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::previous::Previous;

/// Renames it; where it is the current one, it stays that.
pub fn run(call: &Call<'_>, args: &RenameArgs) -> Result<()> {
    let (world, old, new) = (call.world, args.context.as_str(), args.name.as_str());
    let refused = |why: &str| Err(Error::usage(format!("`{new}` cannot be a context's name: {why}")));
    if new.is_empty() || new.chars().any(char::is_control) {
        return refused("it is empty, or holds control characters");
    }
    if new.starts_with('-') {
        return refused("`eksso use` would take it for an option");
    }
    if new == old {
        return Err(Error::usage(format!("`{old}` is its name already")));
    }
    let config = call.settings()?.config;
    let policy = world.policy()?;
    call.about(About::context(old, None, None));
    if policy.guard(old) != policy.guard(new) {
        let fact = format!("the policy of this machine says of `{old}` what it does not say of `{new}`");
        return Err(Error::new(Kind::Denied, fact)
            .cause(format!("its `contexts` go by name: {}", policy.place().unwrap_or_default()))
            .hint("choose a name that it treats alike"));
    }
    if config.guard(old).confirm && !config.guard(new).confirm && !args.write.dry_run {
        call.pass_guards(
            [About::named(old.to_owned())],
            args.yes,
            &format!("Give the name `{new}`, which is not asked about, to"),
        )?;
    } else if config.guard(old) != config.guard(new) {
        let warning = format!("what [contexts] of config.toml says of `{old}` is not what it says of `{new}`");
        call.voice.warn(world, &warning);
    }
    let what = format!("rename {old} {new}");
    let change = call.change(&what, args.write, true);
    let (shadowed, outcome) = change.make_with(
        world,
        |files| files.has(old),
        |files: &Kubeconfigs| {
            call.hold_to_session(old, files.require(old, "rename")?.identity.as_ref())?;
            if files.has(new) {
                let error = Error::usage(format!("there is a context `{new}` already; nothing was changed"));
                return Err(error.hint("choose another name, or remove that one with `eksso rm`"));
            }
            let current = files.current();
            if current.as_deref() == Some(new) {
                // Never switch implicitly: the current context names something that is not there.
                let error =
                    Error::usage(format!("`{new}` is the current context, which is not there; nothing was changed"));
                return Err(error
                    .cause("the new name would make it the current one")
                    .hint("eksso use CONTEXT  # switches first"));
            }
            let mut edits = vec![Edit::Rename(List::Contexts, old.to_owned(), new.to_owned())];
            if current.as_deref() == Some(old) {
                edits.push(Edit::CurrentContext(new.to_owned()));
            }
            // One with an end goes back to it under its new name.
            for name in files.names().into_iter().filter(|name| *name != old) {
                let Some(mut body) = files.body(List::Contexts, name)? else { continue };
                if follows(&mut body, old, new) {
                    edits.push(Edit::Put(List::Contexts, name.to_owned(), body));
                }
            }
            files.note_rename(world, change.mode, old, new);
            Ok((edits, files.holders(old) > 1))
        },
    )?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    Previous::context(world, &change.paths(world)).rename(old, new);
    Frecency::rename(world, old, new);
    call.voice.say(world, &format!("Renamed `{old}` to `{new}`."));
    if shadowed {
        let warning =
            format!("another file of KUBECONFIG holds a context `{old}`, too: that is what the name means now");
        call.voice.warn(world, &warning);
    }
    Ok(())
}
