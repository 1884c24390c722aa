//! `eksso import`: contexts of the AWS CLI and others, taken over.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::ImportArgs;
use crate::commands::shared::call::Call;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::change::{Change, Mode};
use crate::flows::kubeconfig::import::{imports, wanted};
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

#[derive(Debug, Serialize)]
struct ImportRow {
    context: String,
    imported: bool,
    session: Option<String>,
    account_id: Option<String>,
    role: Option<String>,
    region: Option<String>,
    cluster: Option<String>,
    reason: Option<String>,
}

impl Row for ImportRow {
    const HEADINGS: &'static [&'static str] = &["CONTEXT", "ACCOUNT", "ROLE", "CLUSTER"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let cell = |field: &'_ Option<String>| Cow::from(field.clone().unwrap_or_else(|| "-".to_owned()));
        vec![Cow::from(&self.context), cell(&self.account_id), cell(&self.role), cell(&self.cluster)]
    }

    fn name(&self) -> String {
        self.context.clone()
    }
}

/// Takes them over.
pub fn run(call: &Call<'_>, args: &ImportArgs) -> Result<()> {
    let world = call.world;
    let settings = call.settings()?;
    let command = call.plugin_command(args.absolute_command)?;
    let mode = if args.write.dry_run { Mode::DryRun } else { Mode::WriteAndShow };
    let change = Change { mode, ..call.change("import", args.write, true) };
    let (found, outcome) = change.make(world, |files| {
        let names = wanted(files, &args.contexts)?;
        let found = imports(world, &settings, files, &names, call.globals.session.as_deref(), &command);
        Ok((found.iter().flat_map(|import| import.edits.clone()).collect(), found))
    })?;
    let mut rows = Vec::new();
    for import in &found {
        for context in &import.contexts {
            let identity = import.identity.as_ref().ok();
            rows.push(ImportRow {
                context: context.clone(),
                imported: identity.is_some(),
                session: identity.map(|i| i.session.to_string()),
                account_id: identity.map(|i| i.account.to_string()),
                role: identity.map(|i| i.role.to_string()),
                region: identity.map(|i| i.region.to_string()),
                cluster: identity.map(|i| i.cluster.to_string()),
                reason: import.identity.as_ref().err().map(ToString::to_string),
            });
        }
    }
    let left: Vec<&ImportRow> = rows.iter().filter(|row| !row.imported).collect();
    for row in &left {
        let reason = row.reason.as_deref().unwrap_or_default();
        call.voice.warn(world, &format!("`{}` stays as it is: {reason}", row.context));
    }
    if args.write.dry_run {
        call.is_dry(args.write, &outcome)?;
        return Ok(());
    }
    if rows.is_empty() {
        call.voice.say(world, "No context here was made by the AWS CLI or aws-iam-authenticator; nothing was changed.");
        return show_rows(call, &rows);
    }
    if left.len() == rows.len() {
        return Err(Error::new(Kind::NotFound, "no context could be taken over; nothing was changed")
            .hint("give its profile in ~/.aws/config sso_account_id and sso_role_name, or use eksso add"));
    }
    if !call.globals.quiet {
        call.show_diff(&outcome.diff);
    }
    let taken: Vec<ImportRow> = rows.into_iter().filter(|row| row.imported).collect();
    call.voice.say(world, &format!("Took over {}; `eksso undo` takes it back:", count(taken.len(), "context")));
    show_rows(call, &taken)
}

fn show_rows(call: &Call<'_>, rows: &[ImportRow]) -> Result<()> {
    match call.output() {
        Output::Table => show(call.world, Output::Name, rows),
        output => show(call.world, output, rows),
    }
}
