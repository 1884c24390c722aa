//! `eksso rm`: contexts, with the users and the clusters that nothing else needs.

use crate::cli::RmArgs;
use crate::commands::shared::call::Call;
use crate::error::{Error, Result};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, matching};
use crate::flows::kubeconfig::elevation::{Ended, given_up};

/// Removes them.
pub fn run(call: &Call<'_>, args: &RmArgs) -> Result<()> {
    let world = call.world;
    let patterns = match args.contexts.as_slice() {
        [] => {
            let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
            let nobody =
                || Error::usage("which context is to be removed? there is nobody to ask").hint("eksso rm CONTEXT");
            vec![call.pick_context_among(&files, files.names().into_iter().map(str::to_owned).collect(), nobody)?]
        }
        named => named.to_vec(),
    };
    let what = format!("rm {}", patterns.join(" "));
    let change = call.change(&what, args.write, true);
    let ((removal, current, shadowed, back), outcome) = change.make_with(
        world,
        |files| matching(files, &patterns, "rm").is_ok(),
        |files| {
            let names: Vec<String> = call.matching(files, &patterns, "rm")?.into_iter().map(str::to_owned).collect();
            if let Some(current) =
                files.current().filter(|current| names.contains(current) && files.holders(current) > 1)
            {
                // Never switch implicitly: the name would mean another cluster from now on, and it is the current one.
                return Err(Error::usage(format!(
                    "`{current}` is the current context, and another file of KUBECONFIG holds one of that name"
                ))
                .cause("removing it would make kubectl go there; nothing was changed")
                .hint("eksso use CONTEXT  # switches first"));
            }
            let removal = files.whole_removal(&names)?;
            let shadowed: Vec<String> = names.iter().filter(|name| files.holders(name) > 1).cloned().collect();
            // An elevation that is given up is back where its end would lead to.
            let back = given_up(files, &names)?;
            let mut edits = removal.edits.clone();
            edits.extend(back.as_ref().and_then(Ended::edit));
            Ok((edits, (removal, files.current(), shadowed, back)))
        },
    )?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    for name in &removal.contexts {
        call.voice.say(world, &format!("Removed `{name}`."));
    }
    for (list, names) in [("user", &removal.users), ("cluster", &removal.clusters)] {
        match names.as_slice() {
            [] => {}
            [one] => call.voice.say(world, &format!("Its {list} `{one}` went with it: nothing else used it.")),
            more => call.voice.say(world, &format!("{} {list}s went with them: nothing else used them.", more.len())),
        }
    }
    for name in &shadowed {
        let warning =
            format!("another file of KUBECONFIG holds a context `{name}`, too: that is what the name means now");
        call.voice.warn(world, &warning);
    }
    if let Some(back) = &back {
        call.voice.say(world, &back.words());
        back.follow(world, &change.paths(world));
    } else if let Some(current) =
        current.filter(|current| removal.contexts.contains(current) && !shadowed.contains(current))
    {
        call.voice.warn(world, &format!("`{current}` was the current context; `eksso use` chooses another"));
    }
    // Where the backup could not be made, a warning said so.
    if outcome.warnings.is_empty() {
        call.voice.say(world, "`eksso undo` brings it back.");
    }
    Ok(())
}
