//! `eksso access snapshot` and `eksso access diff`: who may do what, over time.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;

use crate::cli::{DiffArgs, SnapshotArgs};
use crate::commands::access::reading::Reading;
use crate::commands::shared::call::Call;
use crate::commands::shared::new_file::NewFile;
use crate::domain::access::grant::ClusterRef;
use crate::domain::access::snapshot::{Blind, Change, Difference, Holder, Item, Snapshot, Unseeing, compare};
use crate::domain::access::words::short;
use crate::domain::identity::cluster_arn;
use crate::domain::ids::AccountId;
use crate::error::{Error, Kind, Result};
use crate::ui::fitting::GivingWay;
use crate::ui::lines::room_for_data;
use crate::ui::say::count;
use crate::ui::sections::Sections;
use crate::ui::table::{Output, Row, show};

/// Snapshots of the largest organisations are a few dozen megabytes.
const MOST: u64 = 512 << 20;
/// Lines on stderr, without -v.
const TOLD: usize = 5;

/// Something that somebody gained or lost. The fields are stable.
#[derive(Debug, Serialize)]
struct DiffRow {
    /// `gained`, `lost`, `unknown`.
    change: &'static str,
    /// `user`, `group`, `principal`; empty for lists of a cluster, and for clusters, that could not be read.
    who_kind: String,
    who: String,
    /// The directory's id; the ARN of a principal.
    who_id: String,
    /// For a person: the groups that brought it.
    through: Vec<String>,
    account_id: String,
    account_name: String,
    region: String,
    cluster: String,
    arn: String,
    role: String,
    /// Whether to be let in at all is among it.
    admission: bool,
    /// Rights: access policies, and what bindings give.
    rights: Vec<String>,
    /// Kubernetes groups.
    groups: Vec<String>,
    /// Kubernetes users.
    users: Vec<String>,
    /// For a principal: who can become it.
    ways_in: Vec<String>,
    why: Option<String>,
}

impl DiffRow {
    fn new(difference: &Difference, name: &str) -> Self {
        let Difference { change, cluster, holder, role, why, items, name: who, through } = difference;
        let (who_kind, who_id) = match holder {
            Holder::Person(kind, id) => (kind.clone(), id.clone()),
            Holder::Principal(arn) => ("principal".to_owned(), arn.clone()),
        };
        let of = |pick: fn(&Item) -> Option<&String>| items.iter().filter_map(pick).cloned().collect();
        Self {
            change: change.word(),
            who_kind,
            who: who.clone(),
            who_id,
            through: through.iter().cloned().collect(),
            account_id: cluster.account.to_string(),
            account_name: name.to_owned(),
            region: cluster.region.to_string(),
            cluster: cluster.name.to_string(),
            arn: cluster_arn(&cluster.account, &cluster.region, &cluster.name),
            role: role.clone(),
            admission: items.contains(&Item::Admission),
            rights: of(|item| match item {
                Item::Policy(name) | Item::Bound(name) => Some(name),
                _ => None,
            }),
            groups: of(|item| if let Item::Group(name) = item { Some(name) } else { None }),
            users: of(|item| if let Item::User(name) = item { Some(name) } else { None }),
            ways_in: of(|item| if let Item::WayIn(name) = item { Some(name) } else { None }),
            why: Some(why.clone()).filter(|why| !why.is_empty()),
        }
    }
}

impl DiffRow {
    /// What could not be compared: nobody knows of whom, or of what.
    fn unseen(blind: &Blind, name: &str) -> Self {
        let Blind { cluster, principal, role, .. } = blind;
        let of = |text: fn(&ClusterRef) -> String| cluster.as_ref().map(text).unwrap_or_default();
        Self {
            change: Change::Unknown.word(),
            who_kind: if principal.is_empty() { "" } else { "principal" }.to_owned(),
            who: principal.clone(),
            who_id: principal.clone(),
            through: Vec::new(),
            account_id: of(|cluster| cluster.account.to_string()),
            account_name: name.to_owned(),
            region: of(|cluster| cluster.region.to_string()),
            cluster: of(|cluster| cluster.name.to_string()),
            arn: of(|cluster| cluster_arn(&cluster.account, &cluster.region, &cluster.name)),
            role: role.clone(),
            admission: false,
            rights: Vec::new(),
            groups: Vec::new(),
            users: Vec::new(),
            ways_in: Vec::new(),
            why: Some(format!("{}: {}", unseen_by(blind.by), unseen_words(blind))),
        }
    }
}

impl Row for DiffRow {
    const HEADINGS: &'static [&'static str] = &[];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn name(&self) -> String {
        self.who.clone()
    }
}

/// Keeps it in a file.
pub fn snapshot(call: &Call<'_>, args: &SnapshotArgs) -> Result<()> {
    let file = NewFile::new(call, &args.file)?;
    let reading = Reading::take(call, &args.which)?;
    let snapshot = Snapshot::new(&reading.session, call.world.clock.now(), &reading.facts, &reading.grants);
    let text = snapshot
        .to_json()
        .map_err(|error| Error::new(Kind::Failed, "the snapshot could not be written as JSON").cause(error))?;
    file.write(&text)?;
    let (grants, clusters) = (count(reading.grants.len(), "mapping"), count(snapshot.clusters.len(), "cluster"));
    call.voice.say(call.world, &format!("Wrote {}: {grants} of {clusters}.", file.shown()));
    reading.tell_gaps(call);
    Ok(())
}

/// Shows what changed between two.
pub fn diff(call: &Call<'_>, args: &DiffArgs) -> Result<u8> {
    let (old, new) = (read(call, &args.old)?, read(call, &args.new)?);
    if old.taken > new.taken {
        let fact = format!("{} is of {}, and later than the other, of {}", args.old.display(), old.taken, new.taken);
        call.voice.warn(call.world, &format!("{fact}: the earlier one is named first"));
    }
    let compared = compare(&old, &new);
    let name_of = |account: &AccountId| {
        [&new, &old].map(|of| of.account_name(account)).into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    };
    let rows: Vec<DiffRow> =
        compared.differences.iter().map(|row| DiffRow::new(row, name_of(&row.cluster.account))).collect();
    match call.output() {
        Output::Table => table(call, &rows)?,
        // No row would be read as no change.
        Output::Json => {
            let unseen = compared.blind.iter().map(|blind| {
                let name = blind.cluster.as_ref().map_or("", |cluster| name_of(&cluster.account));
                DiffRow::unseen(blind, name)
            });
            let unseen: Vec<DiffRow> = unseen.collect();
            show(call.world, Output::Json, rows.iter().chain(&unseen).collect::<Vec<_>>())?;
        }
        output => show(call.world, output, &rows)?,
    }
    tell_blind(call, &compared.blind);
    let of = |change: &str| rows.iter().filter(|row| row.change == change).count();
    let (differ, unknown) = (rows.len() - of("unknown"), of("unknown") + compared.blind.len());
    if rows.is_empty() && compared.blind.is_empty() {
        call.voice.say(call.world, "Nobody gained or lost anything.");
    }
    Ok(match (args.exit_code, differ, unknown) {
        (false, ..) | (true, 0, 0) => 0,
        (true, 0, _) => Kind::Unavailable.code(),
        (true, ..) => Kind::Denied.code(),
    })
}

fn read(call: &Call<'_>, file: &Path) -> Result<Snapshot> {
    let missing = || Error::new(Kind::NotFound, format!("there is no file {}", file.display()));
    let text = call.world.files.read(file, MOST)?.ok_or_else(|| missing().hint("eksso access snapshot FILE"))?;
    Snapshot::from_json(&text).map_err(|why| {
        Error::new(Kind::Failed, format!("{} is no snapshot that can be compared", file.display()))
            .cause(why)
            .hint("eksso access snapshot FILE  # writes one")
    })
}

/// A section for each kind of change. Members whose group gained or lost the very same are counted with it.
fn table(call: &Call<'_>, rows: &[DiffRow]) -> Result<()> {
    let is_same = |member: &DiffRow, group: &DiffRow| {
        group.who_kind == "group"
            && member.who_kind == "user"
            && member.through == [group.who.clone()]
            && (member.change, &member.arn, &member.role, &member.rights, member.admission)
                == (group.change, &group.arn, &group.role, &group.rights, group.admission)
    };
    let groups: Vec<&DiffRow> = rows.iter().filter(|row| row.who_kind == "group").collect();
    let mut sections = Vec::new();
    let mut whys = std::collections::BTreeMap::new();
    for (change, title) in [(Change::Gained, "GAINED"), (Change::Lost, "LOST"), (Change::Unknown, "UNKNOWN")] {
        let of = rows.iter().filter(|row| row.change == change.word());
        let own = of.filter(|row| !groups.iter().any(|group| is_same(row, group)));
        let lines: Vec<Vec<String>> = own
            .map(|row| {
                if let Some(why) = &row.why {
                    *whys.entry(why.clone()).or_insert(0) += 1;
                }
                let members = rows.iter().filter(|member| is_same(member, row)).count();
                let who = match (row.who_kind.as_str(), members) {
                    ("principal", _) => format!("({}) {}", principal_word(&row.who_id), row.role),
                    (_, 0) => row.who.clone(),
                    (_, members) => format!("{} ({members})", row.who),
                };
                let place = if row.account_name.is_empty() { &row.account_id } else { &row.account_name };
                vec![who, format!("{place}/{}", row.cluster), row.role.clone(), what(row)]
            })
            .collect();
        if !lines.is_empty() {
            sections.push((title.to_owned(), lines));
        }
    }
    let terminal = &call.world.terminal;
    let room = room_for_data(call.world);
    let way = GivingWay { first: &[], last: "WHAT" };
    let (text, was_cut) = Sections { headings: &["WHO", "CLUSTER", "ROLE", "WHAT"], sections }.fitted(room, way);
    terminal.data(&text)?;
    was_cut.words().iter().for_each(|line| call.voice.say(call.world, line));
    for (why, times) in whys {
        call.voice.say(call.world, &format!("{}: {why}", count(times, "row")));
    }
    Ok(())
}

/// What an ARN is of.
fn principal_word(arn: &str) -> &'static str {
    match arn.splitn(6, ':').nth(5).and_then(|resource| resource.split('/').next()) {
        Some("role") => "role",
        Some("user") => "IAM user",
        _ => "principal",
    }
}

fn what(row: &DiffRow) -> String {
    let admission = row.admission.then(|| "let in".to_owned());
    let rights = row.rights.iter().map(|right| short(right));
    let groups = row.groups.iter().map(|group| format!("group {group}"));
    let users = row.users.iter().map(|user| format!("user {user}"));
    let ways = row.ways_in.iter().map(|way| format!("way in: {way}"));
    admission.into_iter().chain(rights).chain(groups).chain(users).chain(ways).collect::<Vec<_>>().join(", ")
}

/// Who could not see something.
fn unseen_by(by: Unseeing) -> &'static str {
    match by {
        Unseeing::Both => "could be read in neither snapshot",
        Unseeing::Earlier => "could not be read in the earlier snapshot",
        Unseeing::Later => "could not be read in the later snapshot",
    }
}

/// What could not be compared: `rights of EKSDeveloper in 111122223333/web: WHY`.
fn unseen_words(Blind { cluster, role, what, why, .. }: &Blind) -> String {
    let of = if role.is_empty() { String::new() } else { format!(" of {role}") };
    let place = cluster.as_ref().map(|cluster| format!(" in {}/{}", cluster.account, cluster.name)).unwrap_or_default();
    format!("{what}{of}{place}: {why}")
}

/// Says what could not be compared, as one of the two, or neither, saw it.
fn tell_blind(call: &Call<'_>, blind: &[Blind]) {
    let most = if call.voice.verbose > 0 { usize::MAX } else { TOLD };
    for by in [Unseeing::Earlier, Unseeing::Later, Unseeing::Both] {
        let of: Vec<&Blind> = blind.iter().filter(|blind| blind.by == by).collect();
        if of.is_empty() {
            continue;
        }
        let (things, were) = (count(of.len(), "thing"), if of.len() == 1 { "was" } else { "were" });
        let line = format!("{things} {}, and {were} not compared; what changed there is unknown:", unseen_by(by));
        call.voice.warn(call.world, &line);
        of.iter().take(most).for_each(|blind| call.voice.warn(call.world, &unseen_words(blind)));
        if let Some(more) = of.len().checked_sub(most).filter(|more| *more > 0) {
            call.voice.warn(call.world, &format!("{more} more; -v tells each"));
        }
    }
}
