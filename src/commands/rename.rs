//! `eksso rename`: gives a context another name.

use crate::cli::RenameArgs;
use crate::commands::shared::call::Call;
use crate::domain::kubeconfig::{Edit, List};
use crate::error::{Error, Result};
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
    let what = format!("rename {old} {new}");
    let change = call.change(&what, args.write, true);
    let ((), outcome) = change.make(world, |files: &Kubeconfigs| {
        files.require(old, "rename")?;
        if files.has(new) && new != old {
            let error = Error::usage(format!("there is a context `{new}` already; nothing was changed"));
            return Err(error.hint("choose another name, or remove that one with `eksso rm`"));
        }
        let mut edits = vec![Edit::Rename(List::Contexts, old.to_owned(), new.to_owned())];
        if files.current().as_deref() == Some(old) {
            edits.push(Edit::CurrentContext(new.to_owned()));
        }
        files.note_rename(world, change.mode, old, new);
        Ok((edits, ()))
    })?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    Previous::context(world).rename(old, new)?;
    Frecency::rename(world, old, new);
    call.voice.say(world, &format!("Renamed `{old}` to `{new}`."));
    Ok(())
}
