//! `eksso doctor`: why it does not work, and what to do.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::json;
use serde_yaml::Value;

use crate::cli::DoctorArgs;
use crate::commands::shared::address::address;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::new_file::NewFile;
use crate::domain::doctor::redact::Redactor;
use crate::domain::doctor::{Finding, Status};
use crate::domain::kubeconfig::{ContextEntry, List, plugin_of};
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::doctor::{Context, Examined, Patient, examine};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, search};
use crate::ui::lines::{advice, prose, room_for_data};
use crate::ui::table::{Output, Row, show};

#[derive(Debug, Serialize)]
struct DoctorRow<'f> {
    /// The check's stable name.
    check: &'static str,
    /// What it is, in words.
    title: &'static str,
    /// `ok`, `warning`, `failed`, `not checked`
    status: Status,
    /// What was seen.
    fact: &'f str,
    /// What to do; commands where there are any.
    fix: &'f [String],
}

impl<'f> DoctorRow<'f> {
    fn new(finding: &'f Finding) -> Self {
        let Finding { check, status, fact, fixes } = finding;
        Self { check: check.id(), title: check.title(), status: *status, fact, fix: fixes }
    }
}

impl Row for DoctorRow<'_> {
    const HEADINGS: &'static [&'static str] = &[];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn name(&self) -> String {
        self.check.to_owned()
    }
}

/// Examines, and says what was found.
pub fn run(call: &Call<'_>, args: &DoctorArgs) -> Result<u8> {
    let world = call.world;
    let report = args.bundle.as_deref().map(|file| NewFile::new(call, file)).transpose()?;
    let files = Kubeconfigs::open_for(world, call.globals.kubeconfig.as_deref(), args.context.as_deref());
    let (files, read) = match files {
        Ok(files) => (Some(files), Ok(())),
        Err(error) => (None, Err(error)),
    };
    let name = args.context.clone().or_else(|| files.as_ref()?.current());
    let context = files.as_ref().zip(name).map(|(files, name)| context(call, files, &name));
    if let Some(Ok(Context { name, identity: Some(identity), .. })) = &context {
        // To examine another session than the one that was asked for would answer another question.
        call.hold_to_session(name, Some(identity))?;
    }
    let settings = call.settings();
    let known = context.as_ref().and_then(|context| context.as_ref().ok()?.identity.as_ref());
    let session = settings.as_ref().ok().and_then(|settings| match known {
        Some(identity) => Some(settings.session(world, &identity.session)),
        None => settings.choose(world, call.globals.session.as_deref()).transpose(),
    });
    let keyring = settings.as_ref().ok().map(|settings| call.silent_keyring(settings));
    let patient = Patient {
        kubeconfigs: search(world, call.globals.kubeconfig.as_deref()),
        read: &read,
        context: context.as_ref(),
        settings: &settings,
        session: session.as_ref(),
        keyring: keyring.as_ref(),
    };
    let mut found = block_on(async { Ok(examine(world, &patient).await) })?;
    for fix in found.findings.iter_mut().flat_map(|finding| &mut finding.fixes) {
        *fix = call.voice.called.words(fix).into_owned();
    }
    match call.output() {
        Output::Table => world.terminal.data(&words(&found.findings, room_for_data(world)))?,
        form => show(world, form, found.findings.iter().map(DoctorRow::new))?,
    }
    if let Some(file) = &report {
        let mut names: Vec<_> = args.context.iter().map(|name| ("context", name.clone())).collect();
        names.extend(files.iter().flat_map(Kubeconfigs::contexts).flat_map(names_of));
        let sessions = settings.as_ref().ok().and_then(|settings| settings.sessions(world).ok()).unwrap_or_default();
        names.extend(sessions.iter().map(|session| ("session", session.name.to_string())));
        bundle(call, file, &found, &names)?;
    }
    Ok(u8::from(found.findings.iter().any(|finding| finding.status == Status::Failed)))
}

/// A context with what it names.
fn context(call: &Call<'_>, files: &Kubeconfigs, name: &str) -> Result<Context> {
    let identity = files.require(name, "doctor")?.identity;
    let body = files.meaning(List::Contexts, name)?.unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let user = text("user").map(|user| files.meaning(List::Users, user)).transpose()?.flatten();
    let id = user.as_ref().and_then(plugin_of).and_then(|plugin| plugin.cluster_id);
    let signed_for = id.or_else(|| identity.as_ref().map(|identity| identity.cluster.to_string()));
    let address = address(call.world, files, text("cluster").unwrap_or_default(), signed_for.unwrap_or_default());
    Ok(Context { name: name.to_owned(), identity, user, namespace: text("namespace").map(str::to_owned), address })
}

/// A check a paragraph: facts and commands are too long for columns.
fn words(findings: &[Finding], room: Option<usize>) -> String {
    let mut text = String::new();
    for Finding { check, status, fact, fixes } in findings {
        prose(&mut text, &format!("{:12}", status.word()), &format!("{}: {fact}", check.title()), room);
        for fix in fixes {
            let mut lines = fix.lines();
            advice(&mut text, "            fix: ", lines.next().unwrap_or_default(), room);
            // The lines of a file are pasted as they are.
            lines.for_each(|line| text.push_str(&format!("                 {}\n", escape(line))));
        }
    }
    let count = |wanted: Status| findings.iter().filter(|finding| finding.status == wanted).count();
    let (failed, warnings, unchecked) = (count(Status::Failed), count(Status::Warning), count(Status::NotChecked));
    text.push_str(&format!("{failed} failed, {warnings} with a warning, {unchecked} not checked\n"));
    text
}

/// What a context tells: errors offer other contexts than the one that was asked for, too.
fn names_of(context: ContextEntry) -> Vec<(&'static str, String)> {
    let mut names = vec![("context", context.name)];
    if let Some(identity) = context.identity {
        names.extend([
            ("session", identity.session.to_string()),
            ("account", identity.account.to_string()),
            ("role", identity.role.to_string()),
            ("cluster", identity.cluster.to_string()),
        ]);
    }
    names
}

/// Writes the report: names are placeholders, the same one for the same name.
fn bundle(call: &Call<'_>, file: &NewFile<'_>, found: &Examined, names: &[(&'static str, String)]) -> Result<()> {
    let mut redactor = Redactor::new(&[names, &found.names].concat());
    let rows: Vec<_> = found
        .findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check.id(),
                "status": finding.status.word(),
                "fact": redactor.text(&finding.fact),
                "fix": finding.fixes.iter().map(|fix| redactor.text(fix)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let report = json!({
        "eksso": env!("CARGO_PKG_VERSION"),
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "at": call.world.clock.now().strftime("%FT%H:%MZ").to_string(),
        "checks": rows,
    });
    let text = serde_json::to_string_pretty(&report)
        .map_err(|error| Error::new(Kind::Failed, "the report could not be written as JSON").cause(error))?;
    file.write(&format!("{text}\n"))?;
    let line = format!("Wrote {}: names are replaced, but read it before you send it.", file.shown());
    call.voice.say(call.world, &line);
    Ok(())
}
