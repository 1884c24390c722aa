//! The audit trail: writing its lines, reading them, removing what is old.
//!
//! The files are one a day, and only ever appended to, by one call of the system for each line: writers wait for nobody, none
//! moves a file from under another, and a killed one costs at most its own line, before it has handed anything out.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::domain::settings::sink::Sink;
use crate::domain::trail::{About, Line, Lines, read};
use crate::error::{Kind, Result};
use crate::ports::{Exposure, World};

/// How long the files are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// More of a day is not read.
const MAX_DAY: u64 = 1 << 29;

/// The longest text of a field: a line is to be written at once.
const MAX_TEXT: usize = 256;

/// A line about now, by this process, without who signed in and the id of what was handed out.
pub fn line(world: &World, event: &str, about: &About, result: Result<(), Kind>) -> Line {
    let (process, program) = world.processes.parent();
    let process = Some(process).filter(|process| *process != 0);
    Line {
        time: world.clock.now(),
        event: event.to_owned(),
        result: result.map_or_else(word, |()| "ok").to_owned(),
        session: about.session.clone(),
        user: None,
        context: about.context.as_deref().map(bounded),
        account_id: about.account_id.clone(),
        role: about.role.as_deref().map(bounded),
        assumed_role: about.assumed_role.as_deref().map(bounded),
        region: about.region.clone(),
        cluster: about.cluster.clone(),
        access_key_id: None,
        parent: program.map(|program| bounded(&program)),
        parent_process: process,
    }
}

/// A text of bounded length.
pub fn bounded(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Usage => "usage",
        Kind::SignInNeeded => "sign_in_needed",
        Kind::Denied | Kind::Guarded => "denied",
        Kind::NotFound => "not_found",
        Kind::Unavailable => "unavailable",
        Kind::LocalState => "local_state",
        Kind::Interrupted => "interrupted",
        Kind::Failed | Kind::NoProgram | Kind::NotRunnable => "failed",
    }
}

/// Appends a line. Whoever hands something out does so behind this: what the trail does not take is not handed out.
///
/// # Errors
/// It cannot be written.
pub fn record(world: &World, sink: Sink, line: &Line) -> Result<()> {
    match sink {
        Sink::Off => Ok(()),
        sink => world.trail.append(sink, &line.day(), &line.to_text()).map_err(|error| {
            error
                .cause("the audit trail is on, and nothing is handed out without its line")
                .hint("eksso config show trail")
        }),
    }
}

/// What the files hold.
#[derive(Debug, Default)]
pub struct Found {
    /// The lines, by their time.
    pub lines: Vec<Line>,
    /// How many were cut short while they were written.
    pub torn: usize,
    /// File and number of lines that cannot be read for any other reason.
    pub unread: Vec<String>,
}

/// The lines of the files, from the day of a moment on; what is old is removed first.
///
/// # Errors
/// A file cannot be read.
pub fn lines(world: &World, since: Option<Timestamp>) -> Result<Found> {
    sweep(world);
    let first = since.map(|since| since.strftime("%F").to_string());
    let mut all = Found::default();
    for (day, path) in files(world)? {
        if first.as_ref().is_some_and(|first| day < *first) {
            continue;
        }
        let bytes = world.trail.read(&day, MAX_DAY)?;
        let Lines { lines, torn, unread } = read(&String::from_utf8_lossy(&bytes));
        all.lines.extend(lines);
        all.torn += torn;
        all.unread.extend(unread.into_iter().map(|number| format!("{}:{number}", path.display())));
    }
    // Who began first may have written second.
    all.lines.sort_by_key(|line| line.time);
    Ok(all)
}

/// The day of now, as files are named.
pub fn today(world: &World) -> String {
    world.clock.now().strftime("%F").to_string()
}

/// What is kept of the trail in files.
#[derive(Debug, Default)]
pub struct Kept {
    /// How many there are.
    pub files: usize,
    /// How much they hold.
    pub bytes: u64,
    /// The first of them, or of their folders, that others may put something else in the place of.
    pub exposed: Option<(PathBuf, Exposure)>,
}

/// Looks at the files.
///
/// # Errors
/// One cannot be read, or is no file.
pub fn kept(world: &World) -> Result<Kept> {
    let exposed = |path: PathBuf| world.files.exposure(&path).map(|exposure| (path, exposure));
    // Who keeps eksso's folder elsewhere, behind a link, has chosen the place.
    let above = exposed(world.folders.state.clone()).filter(|(_, exposure)| *exposure != Exposure::Link);
    let exposed_folder = above.or_else(|| exposed(world.folders.state.join("trail")));
    let mut kept = Kept { exposed: exposed_folder, ..Kept::default() };
    for (day, path) in files(world)? {
        kept.files += 1;
        kept.bytes += world.trail.size(&day)?;
        kept.exposed = kept.exposed.or_else(|| exposed(path));
    }
    Ok(kept)
}

/// Whether there are files of the trail, whatever they hold.
pub fn exists(world: &World) -> bool {
    files(world).is_ok_and(|files| !files.is_empty())
}

/// Removes the files of days long gone; what cannot be removed now is so next time.
pub fn sweep(world: &World) {
    let Ok(oldest) = world.clock.now().checked_sub(KEPT) else { return };
    let oldest = oldest.strftime("%F").to_string();
    for (_, path) in files(world).unwrap_or_default().into_iter().filter(|(day, _)| *day < oldest) {
        _ = world.files.remove_own(&path);
    }
}

/// The files with their days, in order.
fn files(world: &World) -> Result<Vec<(String, PathBuf)>> {
    let day = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?.to_owned();
        let is_day = name.len() == 10 && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        is_day.then_some((name, path))
    };
    let mut files: Vec<_> = world.files.list(&world.folders.state.join("trail"))?.into_iter().filter_map(day).collect();
    files.sort();
    Ok(files)
}
