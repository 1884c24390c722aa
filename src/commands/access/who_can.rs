//! `--who-can`: who may do something, and by which path.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::AccessArgs;
use crate::commands::access::reading::Reading;
use crate::commands::shared::call::Call;
use crate::domain::access::grant::{ClusterRef, Grant, Life, MappedBy, PrincipalKind};
use crate::domain::access::who_can::answer::{Answer, Other, Path, WhoCan};
use crate::domain::access::who_can::{Question, who_can};
use crate::domain::identity::cluster_arn;
use crate::domain::ids::Namespace;
use crate::error::{Error, Result};
use crate::ui::lines::{prose, room_for_data};
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

/// An answer for one mapping, or for a subject of bindings that no mapping reaches. The fields are stable.
#[derive(Debug, Serialize)]
struct CanRow {
    session: String,
    account_id: String,
    account_name: String,
    region: String,
    cluster: String,
    arn: String,
    /// `mapping`, `service_account`, `user`, `group`.
    kind: &'static str,
    /// The permission set or principal; the service account as `NAMESPACE/NAME`; the user or group.
    role: String,
    principal: String,
    people: String,
    /// `alive`, `dead`, `unknown`; `null` for what is no mapping.
    state: Option<&'static str>,
    /// `yes`, `partly`, `no`, `unknown`.
    can: &'static str,
    why: Option<String>,
    paths: Vec<String>,
}

impl Row for CanRow {
    const HEADINGS: &'static [&'static str] = &[];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn name(&self) -> String {
        if self.principal.is_empty() { self.role.clone() } else { self.principal.clone() }
    }
}

/// Answers `--who-can VERB RESOURCE`.
pub fn run(call: &Call<'_>, args: &AccessArgs, verb: &str, resource: &str) -> Result<()> {
    if let Some(namespace) = &args.namespace {
        namespace.parse::<Namespace>()?;
    }
    let question =
        Question::parse(verb, resource, args.namespace.as_deref(), args.name.as_deref()).map_err(Error::usage)?;
    let reading = Reading::take(call, &args.which)?;
    let answer = who_can(&reading.facts, &reading.grants, &question);
    let rows: Vec<CanRow> = answer
        .rows
        .iter()
        .map(|row| of_grant(&reading, row.grant, &row.answer))
        .chain(answer.others.iter().map(|other| of_other(&reading, other)))
        .collect();
    let asked = asked(args, verb, resource);
    match call.output() {
        Output::Table => {
            let text = words((&reading, room_for_data(call.world)), &answer, &rows, &asked);
            call.world.terminal.data(&text)?;
        }
        Output::Name => {
            let able: Vec<&CanRow> = rows.iter().filter(|row| ["yes", "partly"].contains(&row.can)).collect();
            show(call.world, Output::Name, &able)?;
        }
        output => show(call.world, output, &rows)?,
    }
    tell(call, &reading, &answer, &rows);
    Ok(())
}

fn asked(args: &AccessArgs, verb: &str, resource: &str) -> String {
    let name = args.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let namespace = args.namespace.as_ref().map(|namespace| format!(" in namespace {namespace}")).unwrap_or_default();
    format!("{verb} {resource}{name}{namespace}")
}

fn of_grant(reading: &Reading, grant: &Grant, answer: &Answer) -> CanRow {
    let (can, why, paths): (_, Option<String>, &[Path]) = match answer {
        Answer::Yes(paths) => ("yes", None, paths),
        Answer::Partly(paths) => ("partly", None, paths),
        Answer::No(why) => ("no", why.clone(), &[]),
        Answer::Unknown { why, at_least } => ("unknown", Some(why.clone()), at_least),
    };
    CanRow {
        session: reading.session.clone(),
        account_id: grant.cluster.account.to_string(),
        account_name: reading.account_name(grant).to_owned(),
        region: grant.cluster.region.to_string(),
        cluster: grant.cluster.name.to_string(),
        arn: grant.cluster_arn(),
        kind: "mapping",
        role: grant.role().to_owned(),
        principal: grant.principal.clone(),
        people: grant.who(),
        state: Some(grant.life.word()),
        can,
        why,
        paths: paths.iter().map(|path| format!("{} → {}", beginning(grant), end(grant, path))).collect(),
    }
}

fn of_other(reading: &Reading, other: &Other) -> CanRow {
    let at = &other.cluster;
    let kind = match other.kind.as_str() {
        "ServiceAccount" => "service_account",
        "User" => "user",
        _ => "group",
    };
    let name =
        if other.namespace.is_empty() { other.name.clone() } else { format!("{}/{}", other.namespace, other.name) };
    let path = |path: &Path| format!("{} {name} → {}", other.kind, given(path));
    CanRow {
        session: reading.session.clone(),
        account_id: at.account.to_string(),
        account_name: reading.name_of(&at.account).to_owned(),
        region: at.region.to_string(),
        cluster: at.name.to_string(),
        arn: cluster_arn(&at.account, &at.region, &at.name),
        kind,
        principal: String::new(),
        people: String::new(),
        state: None,
        can: if other.all { "yes" } else { "partly" },
        why: None,
        paths: other.paths.iter().map(path).collect(),
        role: name,
    }
}

/// From the people to the mapping: `EKS Developers (12) → permission set EKSDeveloper → access entry`.
fn beginning(grant: &Grant) -> String {
    let role = match &grant.kind {
        PrincipalKind::PermissionSet { set } => format!("permission set {set}"),
        PrincipalKind::Creator => "the cluster's creator".to_owned(),
        _ => grant.principal.clone(),
    };
    let mapping = match grant.mapped_by {
        MappedBy::AccessEntry => "access entry",
        MappedBy::AwsAuth => "aws-auth",
        MappedBy::Creation => "made the cluster",
        MappedBy::IdentityProvider => "identity provider",
    };
    match grant.who().as_str() {
        "-" => format!("{role} → {mapping}"),
        "?" => format!("(people unknown) → {role} → {mapping}"),
        who => format!("{who} → {role} → {mapping}"),
    }
}

/// From the mapping to the right: `group developers → binding devs → edit in web`.
fn end(grant: &Grant, path: &Path) -> String {
    let right = &path.right;
    match right.subject.as_str() {
        "" => given(path),
        subject if subject == grant.user || path.session.is_some() => format!("user {subject} → {}", given(path)),
        subject => format!("group {subject} → {}", given(path)),
    }
}

fn given(path: &Path) -> String {
    let Path { right, names, session } = path;
    let mut words = match (right.binding.as_str(), right.subject.as_str()) {
        ("", "") => format!("access policy {}", right.role),
        ("", _) => right.role.clone(),
        (binding, _) => format!("binding {binding} → {}", right.role),
    };
    if !right.namespaces.is_empty() {
        words.push_str(&format!(" in {}", right.namespaces.join(", ")));
    }
    if !names.is_empty() {
        words.push_str(&format!(", only {}", names.join(", ")));
    }
    if let Some(session) = session {
        words.push_str(&format!(", only in the session of {session}"));
    }
    words
}

/// For people: what each cluster answers, paths whole. `room`: the columns of the terminal.
fn words((reading, room): (&Reading, Option<usize>), answer: &WhoCan<'_>, rows: &[CanRow], asked: &str) -> String {
    let mut out = String::new();
    let mut put = |start: &str, text: &str| prose(&mut out, start, text, room);
    for cluster in &reading.facts.clusters {
        let arn = cluster_arn(&cluster.account, &cluster.region, &cluster.name);
        let own: Vec<&CanRow> = rows.iter().filter(|row| row.arn == arn).collect();
        let name = reading.name_of(&cluster.account);
        let name = if name.is_empty() { cluster.account.as_str() } else { name };
        put("", &format!("{name}/{} ({}): {asked}", cluster.name, cluster.region));
        for can in ["yes", "partly"] {
            for row in own.iter().filter(|row| row.can == can) {
                let dead = if row.state == Some("dead") { " (dead: it lets nobody in)" } else { "" };
                row.paths.iter().for_each(|path| put(&format!("  {can:<8}"), &format!("{path}{dead}")));
            }
        }
        for row in own.iter().filter(|row| row.can == "unknown") {
            put("  unknown ", &format!("{}: {}", row.role, row.why.as_deref().unwrap_or_default()));
            row.paths.iter().for_each(|path| put("          ", &format!("at least in part: {path}")));
        }
        let no = own.iter().filter(|row| row.can == "no").count();
        if no > 0 {
            put("  no      ", &count(no, "mapping"));
        }
        let is_here =
            |at: &ClusterRef| (&at.account, &at.region, &at.name) == (&cluster.account, &cluster.region, &cluster.name);
        for gap in answer.gaps.iter().filter(|gap| gap.cluster.as_ref().is_some_and(is_here)) {
            put("  unknown ", &format!("{}: {}", gap.what, gap.why));
        }
    }
    out
}

/// Says what was taken for granted, and how much is unknown.
fn tell(call: &Call<'_>, reading: &Reading, answer: &WhoCan<'_>, rows: &[CanRow]) {
    answer.notes.iter().for_each(|note| call.voice.say(call.world, &format!("Note: {note}.")));
    let of = |can: &str| rows.iter().filter(|row| row.can == can).count();
    let dead = reading.grants.iter().filter(|grant| matches!(grant.life, Life::Dead(_))).count();
    let mut line = format!("{} yes, {} partly, {} no, {} unknown", of("yes"), of("partly"), of("no"), of("unknown"));
    if dead > 0 {
        line.push_str(&format!("; {} dead", count(dead, "mapping")));
    }
    call.voice.say(call.world, &format!("{line}."));
    if !answer.gaps.is_empty() {
        let gaps = count(answer.gaps.len(), "thing");
        call.voice.warn(call.world, &format!("{gaps} could not be read, so more may be able to:"));
        for gap in answer.gaps.iter().take(if call.voice.verbose > 0 { usize::MAX } else { 8 }) {
            let at = gap.cluster.as_ref().map(|at| format!(" of {}/{}", at.account, at.name)).unwrap_or_default();
            call.voice.warn(call.world, &format!("{}{at}: {}", gap.what, gap.why));
        }
    }
}
