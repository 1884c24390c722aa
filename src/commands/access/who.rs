//! `--who`: what a person, a group or a role reaches; and what is left to do when somebody leaves.

use std::borrow::Cow;

use jiff::SignedDuration;
use serde::Serialize;

use crate::commands::access::form::Form;
use crate::commands::access::reading::Reading;
use crate::commands::access::table;
use crate::commands::shared::call::Call;
use crate::domain::access::facts::Assignee;
use crate::domain::access::flat::Flat;
use crate::domain::access::grant::{Grant, WayIn};
use crate::domain::access::who_can::answer::{Found, Living, OffBoarding, OtherWay, Reach, Revoke, Standing};
use crate::domain::access::who_can::reach;
use crate::domain::text::{near_misses, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ui::lines::{advice, room_for_data, words};
use crate::ui::say::{count, span};
use crate::ui::table::{Output, Row, show};

/// What is reached, what lives on, what to revoke, which other ways there are. The fields are stable; a field that a kind does
/// not have is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "item")]
enum WhoRow {
    Reach {
        #[serde(flatten)]
        grant: Box<Flat>,
        /// The steps from who is asked about to the role.
        by: Vec<String>,
        /// Whether the last step only may be.
        maybe: bool,
    },
    Living {
        what: String,
        /// The longest time that it lasts, where that is known.
        seconds: Option<u32>,
    },
    Revoke {
        what: String,
        /// A line for a shell; `null` where AWS has no command for it.
        command: Option<String>,
    },
    OtherWay {
        #[serde(flatten)]
        grant: Box<Flat>,
        way: Option<String>,
        is_named_alike: bool,
    },
}

impl Row for WhoRow {
    const HEADINGS: &'static [&'static str] = &[];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn name(&self) -> String {
        match self {
            Self::Reach { grant, .. } | Self::OtherWay { grant, .. } => grant.principal.clone(),
            Self::Living { what, .. } | Self::Revoke { what, .. } => what.clone(),
        }
    }
}

/// Answers `--who`: what is reached, in the form that is asked for.
pub fn run(call: &Call<'_>, reading: &Reading, who: &str, form: Form<'_>) -> Result<()> {
    let reach = reach(&reading.facts, &reading.grants, who);
    if reach.found.is_empty() && reach.off_boarding.is_none() {
        return Err(nobody(call, reading, who));
    }
    let grants: Vec<&Grant> = reach.grants.iter().map(|reached| reached.grant).collect();
    if grants.is_empty() {
        call.voice.say(call.world, &format!("`{who}` reaches no cluster, as far as was read."));
    }
    match form {
        Form::Table => {
            let room = room_for_data(call.world);
            call.world.terminal.data(&heading(&reach, who, room))?;
            table::write(call, reading, &grants)?;
            call.world.terminal.data(&steps(reading, &reach, room))?;
            if let Some(off) = &reach.off_boarding {
                call.world.terminal.data(&leaving(reading, off, room))?;
            }
        }
        Form::Listing(Output::Json) => show(call.world, Output::Json, rows(reading, &reach))?,
        other => other.write(call, reading, &grants, &format!("What {who} reaches"))?,
    }
    if !reach.gaps.is_empty() {
        call.voice.warn(
            call.world,
            &format!("{} could not be read, so there may be more, or less:", count(reach.gaps.len(), "thing")),
        );
        for gap in reach.gaps.iter().take(if call.voice.verbose > 0 { usize::MAX } else { 8 }) {
            let at = gap.cluster.as_ref().map(|at| format!(" of {}/{}", at.account, at.name)).unwrap_or_default();
            call.voice.warn(call.world, &format!("{}{at}: {}", gap.what, gap.why));
        }
    }
    if !reach.found.is_empty() {
        return Ok(());
    }
    // What may still be open to somebody who was taken out of the directory stands above; a name that is mistyped must not pass
    // for somebody who reaches nothing.
    let error = Error::new(Kind::NotFound, format!("no directory that was read knows `{who}`"))
        .cause("they were taken out of it, or the name is mistyped");
    Err(with_likely(error, reading, who))
}

/// Who may have been meant.
fn likely<'r>(reading: &'r Reading, who: &str) -> Vec<&'r str> {
    let people = reading.facts.directories.iter().flat_map(|directory| {
        let users = directory.users.get().into_iter().flatten().map(|user| user.name.as_str());
        let groups = directory.groups.get().into_iter().flatten().map(|group| group.name.as_str());
        users.chain(groups)
    });
    let mut known: Vec<&str> = people.chain(reading.grants.iter().map(Grant::role)).collect();
    known.sort_unstable();
    known.dedup();
    near_misses(who, known)
}

/// Nobody is known by that word: what could not be read, and who may have been meant.
fn nobody(call: &Call<'_>, reading: &Reading, who: &str) -> Error {
    // What could not be read may know them; it is no cause that is known.
    reading.tell_gaps(call);
    with_likely(Error::new(Kind::NotFound, format!("nobody and nothing is known as `{who}`")), reading, who)
}

/// With who may have been meant.
fn with_likely(error: Error, reading: &Reading, who: &str) -> Error {
    match likely(reading, who).as_slice() {
        [] => error.hint("eksso access  # lists who is known"),
        near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}

/// What the word names.
fn heading(reach: &Reach<'_>, who: &str, room: Option<usize>) -> String {
    let mut out = String::new();
    for found in &reach.found {
        let line = match found {
            Found::Person { name, id, enabled } => {
                let state = match enabled {
                    Some(true) => "may sign in",
                    Some(false) => "disabled in the directory",
                    None => "whether they may sign in is unknown",
                };
                format!("{name}: a user of the directory ({id}), {state}")
            }
            Found::Group { name, id } => format!("{name}: a group of the directory ({id})"),
            Found::PermissionSet { name } => format!("{name}: a permission set"),
            Found::Principal { arn } => format!("{arn}: an IAM principal"),
        };
        out.push_str(&words("", &line, room));
    }
    if reach.off_boarding.as_ref().is_some_and(|off| off.standing == Standing::Absent) {
        out.push_str(&words("", &format!("{who}: no directory that could be read knows it"), room));
    }
    out
}

/// By which steps each cluster is reached, once for each way.
fn steps(reading: &Reading, reach: &Reach<'_>, room: Option<usize>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for reached in reach.grants.iter().filter(|reached| !reached.by.is_empty()) {
        let maybe = if reached.maybe { " (the account's own policies decide)" } else { "" };
        let line = format!("{} → {}{maybe}", reached.by.join(" → "), reading.cluster_line(&reached.grant.cluster));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let mut out = String::new();
    section(&mut out, "by", lines, |out, line| out.push_str(&words(MARGIN, line, room)));
    out
}

/// What stands below a heading.
const MARGIN: &str = "  ";

/// A heading with what stands below it; nothing where that is nothing.
fn section<T>(out: &mut String, title: &str, found: Vec<T>, put: impl Fn(&mut String, &T)) {
    if !found.is_empty() {
        out.push_str(&format!("\n{title}\n"));
        found.iter().for_each(|found| put(out, found));
    }
}

/// What is left when somebody leaves.
fn leaving(reading: &Reading, off: &OffBoarding<'_>, room: Option<usize>) -> String {
    let mut out = String::new();
    let put = |out: &mut String, line: &String| out.push_str(&words(MARGIN, line, room));
    section(&mut out, "may still live", off.living.iter().map(|living| living_words(living).0).collect(), put);
    let revoke = off.revoke.iter().map(|revoke| revoke_words(reading, revoke)).collect();
    section(&mut out, "to revoke", revoke, |out, (what, command)| {
        advice(out, MARGIN, &format!("# {what}"), room);
        command.iter().for_each(|command| advice(out, MARGIN, command, room));
    });
    let line = |way: &OtherWay<'_>| {
        let alike = if way.is_named_alike { ": named like them" } else { "" };
        format!("{} → {}{alike}", way_words(way), reading.cluster_line(&way.grant.cluster))
    };
    let other = off.other_ways.iter().map(line).collect();
    section(&mut out, "ways in that do not pass the directory", other, put);
    out
}

fn way_words(way: &OtherWay<'_>) -> String {
    match &way.way {
        Some(found) => format!("{}: {}", way.grant.principal, WayIn::words(found)),
        None => format!("{}: who can become it is unknown", way.grant.principal),
    }
}

/// What may live on, and for how many seconds at most where that is known.
fn living_words(living: &Living) -> (String, Option<u32>) {
    let time = |seconds: &u32| span(SignedDuration::from_secs(i64::from(*seconds)));
    match living {
        Living::PortalSession { instance } => {
            let words = format!(
                "the portal session of {instance}: as long as its administrators set it; eksso cannot read that"
            );
            (words, None)
        }
        Living::RoleSession { account, role, seconds, exact } => {
            let most = if *exact { "at most" } else { "its own setting could not be read: at most" };
            let whose = match role.as_str() {
                "" => "sessions of roles that they took".to_owned(),
                role => format!("sessions of {role} in {account}"),
            };
            (format!("{whose}: {most} {}", time(seconds)), Some(*seconds))
        }
        Living::ClusterToken { seconds } => (format!("tokens for clusters: at most {}", time(seconds)), Some(*seconds)),
    }
}

/// What to take away, and the command that does it; words of services are quoted for a shell.
fn revoke_words(reading: &Reading, revoke: &Revoke) -> (String, Option<String>) {
    let word = |text: &str| shell_word(text).into_owned();
    let region = |of: &str| {
        let mut directories = reading.facts.directories.iter();
        let found = directories.find(|directory| directory.instance == of || directory.store == of);
        found
            .filter(|found| !found.region.is_empty())
            .map(|found| format!(" --region {}", word(&found.region)))
            .unwrap_or_default()
    };
    let principal = |assignee: &Assignee| match assignee {
        Assignee::User(id) => ("USER", id.clone()),
        Assignee::Group(id) => ("GROUP", id.clone()),
    };
    match revoke {
        Revoke::PortalSessions { store, user } => {
            let id = if user.is_empty() { String::new() } else { format!(" ({user})") };
            (
                format!(
                    "their portal sessions in {store}{id}: in the console of Identity Center, Users, Active sessions"
                ),
                None,
            )
        }
        Revoke::Membership { store, group, group_name, user } => {
            let (store_word, at) = (word(store), region(store));
            let member = word(&format!("UserId={user}"));
            let id = format!(
                "aws identitystore get-group-membership-id{at} --identity-store-id {store_word} --group-id {} --member-id {member} \
                 --query MembershipId --output text",
                word(group)
            );
            (
                format!("member of the group {group_name}"),
                Some(format!(
                    "aws identitystore delete-group-membership{at} --identity-store-id {store_word} --membership-id \"$({id})\""
                )),
            )
        }
        Revoke::Assignment { instance, set, set_name, account, assignee } => {
            let (kind, id) = principal(assignee);
            (
                format!("{set_name} in {account}, assigned to the {} {id}", kind.to_lowercase()),
                Some(format!(
                    "aws sso-admin delete-account-assignment{} --instance-arn {} --permission-set-arn {} --target-type AWS_ACCOUNT \
                     --target-id {} --principal-type {kind} --principal-id {}",
                    region(instance),
                    word(instance),
                    word(set),
                    word(account),
                    word(&id)
                )),
            )
        }
        Revoke::Entitlement { role_arn, assignee } => {
            let (kind, id) = principal(assignee);
            (
                format!(
                    "the entitlement of the {} {id} to {role_arn}, in the account access manager",
                    kind.to_lowercase()
                ),
                None,
            )
        }
        Revoke::Binding { cluster, namespace, binding, user } => {
            // Whoever pastes it names the context: in another cluster the binding of that name is another one.
            let edit = match namespace.as_str() {
                "" => format!("kubectl --context CONTEXT edit clusterrolebinding {}", word(binding)),
                namespace => {
                    format!("kubectl --context CONTEXT -n {} edit rolebinding {}", word(namespace), word(binding))
                }
            };
            (format!("the subject {user} of the binding {binding} in {}", reading.cluster_line(cluster)), Some(edit))
        }
    }
}

/// All of it as rows.
fn rows(reading: &Reading, reach: &Reach<'_>) -> Vec<WhoRow> {
    let flat = |grant: &Grant| Box::new(Flat::new(&reading.session, reading.account_name(grant), grant));
    let reached = reach.grants.iter().map(|reached| {
        // What a binding gives to another person's session is none of theirs.
        let own = Grant { rights: reached.rights.clone(), ..reached.grant.clone() };
        WhoRow::Reach { grant: flat(&own), by: reached.by.clone(), maybe: reached.maybe }
    });
    let off = reach.off_boarding.iter();
    let living = off.clone().flat_map(|off| &off.living).map(|living| {
        let (what, seconds) = living_words(living);
        WhoRow::Living { what, seconds }
    });
    let revoke = off.clone().flat_map(|off| &off.revoke).map(|revoke| {
        let (what, command) = revoke_words(reading, revoke);
        WhoRow::Revoke { what, command }
    });
    let other = off.flat_map(|off| &off.other_ways).map(|way| WhoRow::OtherWay {
        grant: flat(way.grant),
        way: way.way.as_ref().map(WayIn::words),
        is_named_alike: way.is_named_alike,
    });
    reached.chain(living).chain(revoke).chain(other).collect()
}
