//! `eksso add`: choose cluster × role pairs, describe them, write their contexts.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::AddArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::pairs::{Choosing, Gathered, Wish, chosen_pairs};
use crate::commands::shared::sessions::SessionErrors;
use crate::domain::identity::cluster_arn;
use crate::domain::ids::SessionName;
use crate::domain::kubeconfig::Edit;
use crate::domain::text::shell_word;
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::found::Found;
use crate::flows::kubeconfig::change::{Added, additions};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::previous::Previous;
use crate::flows::settings::Settings;
use crate::flows::sign_in::base::SessionHandle;
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

#[derive(Debug, Serialize)]
struct ContextRow {
    context: String,
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    region: String,
    cluster: String,
    arn: String,
}

impl Row for ContextRow {
    const HEADINGS: &'static [&'static str] = &["CONTEXT", "ACCOUNT", "REGION", "CLUSTER", "ROLE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [&self.context, &self.account_name, &self.region, &self.cluster, &self.role].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        self.context.clone()
    }
}

/// Adds contexts.
pub fn run(call: &Call<'_>, args: &AddArgs) -> Result<()> {
    let settings = call.settings()?;
    let (handles, errors) = call.sessions(&settings, args.filter.roles.all_sessions)?;
    match with(call, args, &settings, &handles, &errors)? {
        Ending::Written => errors.finish(true),
        Ending::Left => Err(Error::new(Kind::Interrupted, "nothing was chosen; nothing was written")),
        Ending::Nothing => {
            errors.finish(false)?;
            Err(Error::new(Kind::NotFound, "no cluster matches; nothing was written")
                .hint("eksso clusters  # lists what your roles can see"))
        }
    }
}

/// How adding ended, short of an error.
pub enum Ending {
    /// Contexts were written.
    Written,
    /// The person left the picker.
    Left,
    /// There was nothing to choose from.
    Nothing,
}

/// The same with the sessions at hand.
pub fn with(
    call: &Call<'_>,
    args: &AddArgs,
    settings: &Settings,
    handles: &[SessionHandle<'_>],
    errors: &SessionErrors,
) -> Result<Ending> {
    let filter = call.filter(settings, &args.filter)?;
    let (look, absolute_command) = (args.look, args.absolute_command);
    let wish = Wish { filter: &filter, look, absolute_command, choosing: Choosing::Asking, prune: false };
    let gathered = chosen_pairs(call, settings, (handles, errors), &wish)?;
    let Some(Gathered { usable, new, .. }) = gathered else { return Ok(Ending::Left) };
    if new.is_empty() {
        return Ok(Ending::Nothing);
    }
    if args.switch && !args.write.dry_run {
        // The first of them becomes current, under a name that is known by now.
        let files = Kubeconfigs::open_outer(call.world, call.globals.kubeconfig.as_deref())?;
        let names = additions(call.world, &files, &settings.config, new.clone())?.names;
        let first = names.into_iter().next();
        if let (Some(name), Some((new, _))) = (&first, new.first()) {
            call.about(About::context(name, Some(&new.identity), None));
            call.world.policy()?.context(name, &new.identity.role)?;
        }
        let first = first.filter(|name| settings.config.guard(name).confirm);
        call.pass_guards(first.map(About::named), args.yes, "Switch to")?;
    }
    let change = call.change("add", args.write, true);
    let ((names, kept, left, target), outcome) = change.make(call.world, |files| {
        let added = additions(call.world, files, &settings.config, new)?;
        added.note(call.world, files, change.mode);
        let Added { mut edits, names, kept, .. } = added;
        if let (true, Some(first)) = (args.switch, names.first()) {
            edits.push(Edit::CurrentContext(first.clone()));
        }
        Ok((edits, (names, kept, files.current(), files.target().display().to_string())))
    })?;
    kept.iter().for_each(|line| call.voice.say(call.world, line));
    if call.is_dry(args.write, &outcome)? {
        return Ok(Ending::Written);
    }
    if let (true, Some(first)) = (args.switch, names.first()) {
        Previous::context(call.world, &change.paths(call.world)).set(left.as_deref(), first);
    }
    show_result(call, &usable, &names, &target, outcome.changed, args.switch)?;
    Ok(Ending::Written)
}

fn show_result(
    call: &Call<'_>,
    chosen: &[(SessionName, Found)],
    names: &[String],
    target: &str,
    changed: bool,
    switched: bool,
) -> Result<()> {
    let rows: Vec<ContextRow> = chosen
        .iter()
        .zip(names)
        .map(|((session, found), name)| ContextRow {
            context: name.clone(),
            session: session.to_string(),
            account_id: found.account.id.to_string(),
            account_name: found.account.name.clone(),
            role: found.role.to_string(),
            region: found.region.to_string(),
            cluster: found.cluster.to_string(),
            arn: cluster_arn(&found.account.id, &found.region, &found.cluster),
        })
        .collect();
    if call.output() != Output::Table {
        return show(call.world, call.output(), &rows);
    }
    let contexts = count(names.len(), "context");
    let done =
        if changed { format!("Wrote {contexts} to {target}:") } else { format!("{contexts} in {target} already:") };
    call.voice.say(call.world, &done);
    show(call.world, Output::Name, &rows)?;
    let next = match names {
        [first, ..] if switched => format!("Switched to `{first}`; try: kubectl get namespaces"),
        [only] => format!("Switch with: eksso use {}", shell_word(only)),
        _ => "Switch with: eksso use".to_owned(),
    };
    call.voice.say(call.world, &next);
    Ok(())
}
