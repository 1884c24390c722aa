//! What the kubeconfig files were before each change, so that it can be taken back: a ring of the last changes for each
//! list of kubeconfig files. Isolated kubeconfigs have lists of their own, which end with them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::kubeconfig::{Document, MAX_BYTES, diff};
use crate::domain::text::digest_of;
use crate::error::{Error, Kind, Result};
use crate::flows::in_place::{self, Before};
use crate::flows::kubeconfig::write::{fits, write};
use crate::ports::{ScopeGuard, World};

/// How many changes of one list of files can be taken back, and for how long.
const RING: usize = 20;
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
const FOLDER: &str = "kubeconfig-backups";
const RECORD: &str = "change.json";
const MAX_RECORD: u64 = 1 << 20;
/// Writing takes milliseconds, of 10 MB some tens of them.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// A change, as it is kept on disk beside the contents of its files.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    version: u32,
    /// What was done, in the words of the command line.
    what: String,
    files: Vec<FileRecord>,
    /// Whether it has been taken back.
    undone: bool,
    /// The kubeconfig files of the call. Before 0.2 not noted down: then those that it changed.
    #[serde(default)]
    list: Vec<PathBuf>,
    /// When it was made. Before 0.2 not noted down: then from when it is first looked at.
    #[serde(default)]
    at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FileRecord {
    path: PathBuf,
    /// Digest of the content before; absent where there was no file.
    before: Option<String>,
    after: Option<String>,
}

/// A file's content before and after a change.
pub struct Edited<'e> {
    /// As the user names it.
    pub path: &'e Path,
    /// The digest of what it held; `None` where there was no file.
    pub before: Option<String>,
    /// The digest of what it is to hold.
    pub after: String,
    /// What it is to hold.
    pub text: &'e str,
}

/// Keeps the files as they are, then writes them. When a write fails, those before it are put back. Answers what could not
/// be done beside it.
pub fn replace(world: &World, what: &str, list: &[PathBuf], edited: &[Edited<'_>]) -> Result<Option<String>> {
    edited.iter().try_for_each(|file| fits(file.path, file.text))?;
    let ring = world.folders.state.join(FOLDER);
    let changed = |file: &Edited<'_>| {
        Error::new(Kind::LocalState, "another program has just changed the kubeconfig; nothing was changed")
            .cause(file.path.display())
            .hint("try again")
    };
    let seen: Vec<_> = edited.iter().map(|file| world.files.seen(file.path)).collect();
    if !world.files.is_writable(&ring) {
        for (file, seen) in edited.iter().zip(seen) {
            if world.files.read(file.path, MAX_BYTES)?.map(|now| digest_of(&now)) != file.before {
                return Err(changed(file));
            }
            write(world, file.path, file.text, &Before { seen, backup: None })?;
        }
        return Ok(Some(format!("{} cannot be written, so `eksso undo` cannot take this back", ring.display())));
    }
    let _ring = lock(world)?;
    let known = folders(world)?;
    let number = known.last().map_or(1, |(number, _)| number + 1);
    let folder = ring.join(format!("{number:08}"));
    let files = edited
        .iter()
        .map(|file| FileRecord {
            path: absolute(file.path),
            before: file.before.clone(),
            after: Some(file.after.clone()),
        })
        .collect();
    let list: Vec<PathBuf> = list.iter().map(|path| absolute(path)).collect();
    let record = Record { version: 1, what: what.to_owned(), files, undone: false, list, at: Some(world.clock.now()) };
    let mut written = 0;
    let mut write = || {
        for (place, file) in edited.iter().enumerate() {
            // `aws eks update-kubeconfig` takes no lock.
            if world.files.keep(file.path, &before(&folder, place))? != file.before {
                return Err(changed(file));
            }
        }
        save(world, &folder, &record)?;
        for (place, (file, seen)) in edited.iter().zip(&seen).enumerate() {
            let backup = before(&folder, place);
            let backup = file.before.as_deref().map(|before| (backup.as_path(), before));
            write(world, file.path, file.text, &Before { seen: seen.clone(), backup })?;
            written += 1;
        }
        Ok(())
    };
    if let Err(error) = write() {
        for (place, file) in record.files.iter().enumerate().take(written) {
            put(world, &file.path, &before(&folder, place), file.before.is_some(), &after(&folder, place))?;
        }
        // A write in place that could not be put right yet needs its old text.
        let paths: Vec<PathBuf> = record.files.iter().map(|file| file.path.clone()).collect();
        if !in_place::is_unfinished(world, &paths).unwrap_or(true) {
            world.files.remove_folder(&folder)?;
        }
        return Err(error);
    }
    make_room(world, &known, &record)?;
    Ok(None)
}

/// What was taken back cannot be brought back over a new change of the same files; the oldest changes of a list make room,
/// and all end in time. Isolated kubeconfigs of shells that have ended have nothing to be taken back.
fn make_room(world: &World, known: &[(u64, PathBuf)], new: &Record) -> Result<()> {
    let (now, mut left) = (world.clock.now(), RING - 1);
    for (_, folder) in known.iter().rev() {
        let Some(mut record) = read(world, folder) else {
            // Without a record: left by a killed process. What only cannot be read, or is of a newer eksso, stays its time.
            if matches!(world.files.read(&folder.join(RECORD), MAX_RECORD), Ok(None)) {
                world.files.remove_folder(folder)?;
            }
            continue;
        };
        let shares = |file: &FileRecord| new.files.iter().any(|other| other.path == file.path);
        let is_private = |file: &FileRecord| file.path.starts_with(&world.folders.runtime);
        let gone = |file: &FileRecord| is_private(file) && matches!(world.files.read(&file.path, MAX_BYTES), Ok(None));
        let of_list = record.list() == new.list();
        let old = record.at.is_some_and(|at| now.duration_since(at) > KEPT);
        let overtaken = record.undone && record.files.iter().any(shares);
        if overtaken || old || record.files.iter().all(gone) || (of_list && left == 0) {
            world.files.remove_folder(folder)?;
            continue;
        }
        left -= usize::from(of_list);
        if record.at.is_none() {
            record.at = Some(now);
            save(world, folder, &record)?;
        }
    }
    Ok(())
}

impl Record {
    fn list(&self) -> Vec<&Path> {
        let files = self.files.iter().map(|file| file.path.as_path());
        if self.list.is_empty() { files.collect() } else { self.list.iter().map(PathBuf::as_path).collect() }
    }
}

/// Holds the rings: changes of different kubeconfigs hold different locks of kubectl's.
pub fn lock(world: &World) -> Result<Box<dyn ScopeGuard>> {
    world.files.lock(&world.folders.state.join("locks").join(FOLDER), LOCK_WAIT)
}

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Takes the last change back.
    Undo,
    /// Brings back the one taken back last.
    Redo,
}

/// A step that can be made.
pub struct Step {
    folder: PathBuf,
    record: Record,
    way: Way,
    /// Newer changes that turned out to be taken back already: by hand, or by an undo that was killed at its end.
    settled: Vec<(PathBuf, Record)>,
    /// What the step will do to the files, without secrets.
    pub diff: String,
    /// The digests of what the files hold and are to hold.
    seen: Vec<(Option<String>, Option<String>)>,
    /// Whether somebody else changed a file since, so that this step would undo that too.
    pub foreign: bool,
    /// The contexts that it makes the current ones of their files.
    pub switches_to: Vec<String>,
}

impl Step {
    /// What is taken back or brought back.
    pub fn what(&self) -> &str {
        &self.record.what
    }

    /// Whether another look found the same step to be made on the same contents.
    pub fn is(&self, other: &Self) -> bool {
        self.folder == other.folder && self.seen == other.seen
    }

    /// The files that change.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.record.files.iter().map(|file| file.path.clone()).collect()
    }

    /// The step that can be made on these files; the caller holds their locks and the ring by the time it makes it.
    pub fn find(world: &World, way: Way, paths: &[PathBuf]) -> Result<Option<Self>> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| absolute(path)).collect();
        let mut folders = folders(world)?;
        if way == Way::Undo {
            folders.reverse();
        }
        let mut settled = Vec::new();
        for (_, folder) in folders {
            let Some(record) = read(world, &folder) else { continue };
            let ours = record.files.iter().all(|file| paths.contains(&file.path));
            if !ours || record.undone != (way == Way::Redo) {
                continue;
            }
            let step = Self {
                folder,
                record,
                way,
                settled: Vec::new(),
                diff: String::new(),
                seen: Vec::new(),
                foreign: false,
                switches_to: Vec::new(),
            };
            let step = step.look(world)?;
            if !step.seen.is_empty() {
                return Ok(Some(Self { settled, ..step }));
            }
            settled.push((step.folder, step.record));
        }
        Ok(None)
    }

    /// Compares the files with what they were and are to be.
    fn look(mut self, world: &World) -> Result<Self> {
        for (place, file) in self.record.files.iter().enumerate() {
            let now = text(world, &file.path)?;
            let (expected, wanted) = match self.way {
                Way::Undo => (&file.after, &file.before),
                Way::Redo => (&file.before, &file.after),
            };
            let then = if wanted.is_some() { text(world, &self.kept(place))? } else { None };
            // A change that a killed process never made has nothing to take back: what it kept is the living file.
            if now == then {
                continue;
            }
            if then.as_deref().map(|text| digest_of(text.as_bytes())) != *wanted {
                return Err(Error::new(Kind::LocalState, format!("`{}` cannot be taken back", self.record.what))
                    .cause(format!("{} is not what was kept there", self.kept(place).display()))
                    .hint("look at the backups in that folder and beside it; newer changes can be made as ever"));
            }
            self.foreign |= now.as_deref().map(|text| digest_of(text.as_bytes())) != *expected;
            self.seen.push((now.as_deref().map(|text| digest_of(text.as_bytes())), wanted.clone()));
            let current = |text: &Option<String>| Document::parse(text.clone()?).ok()?.current_context();
            let (was, next) = (current(&now), current(&then));
            self.switches_to.extend(next.filter(|next| Some(next) != was.as_ref()));
            self.diff.push_str(&diff(&file.path.display().to_string(), now.as_deref(), then.as_deref()));
        }
        Ok(self)
    }

    fn kept(&self, place: usize) -> PathBuf {
        match self.way {
            Way::Undo => before(&self.folder, place),
            Way::Redo => after(&self.folder, place),
        }
    }

    /// Makes the step. What the files hold now is kept first, foreign changes included, so that the way back brings all
    /// of it; a step that was killed half-way is gone on with.
    pub fn make(mut self, world: &World) -> Result<()> {
        let wanted = |file: &FileRecord, way| if way == Way::Undo { file.before.clone() } else { file.after.clone() };
        let mut to_do = Vec::new();
        for place in 0..self.record.files.len() {
            let (way, file) = (self.way, &self.record.files[place]);
            let now = text(world, &file.path)?.map(|text| digest_of(text.as_bytes()));
            if now == wanted(file, way) {
                continue;
            }
            let way_back = if way == Way::Undo { after(&self.folder, place) } else { before(&self.folder, place) };
            world.files.remove(&way_back)?;
            let kept = world.files.keep(&file.path, &way_back)?;
            let file = &mut self.record.files[place];
            *(if way == Way::Undo { &mut file.after } else { &mut file.before }) = kept;
            to_do.push(place);
        }
        save(world, &self.folder, &self.record)?;
        for place in to_do {
            let file = &self.record.files[place];
            let way_back = if self.way == Way::Undo { after(&self.folder, place) } else { before(&self.folder, place) };
            put(world, &file.path, &self.kept(place), wanted(file, self.way).is_some(), &way_back)?;
        }
        self.record.undone = self.way == Way::Undo;
        for (folder, mut record) in self.settled {
            record.undone = self.way == Way::Undo;
            save(world, &folder, &record)?;
        }
        save(world, &self.folder, &self.record)
    }
}

/// Makes a file what it was; `backup` keeps what it is now.
fn put(world: &World, path: &Path, kept: &Path, there: bool, backup: &Path) -> Result<()> {
    if !there {
        return world.files.remove(path).map(|_| ());
    }
    let gone = || Error::new(Kind::LocalState, "a backup is gone; nothing was changed").cause(kept.display());
    let content = text(world, kept)?.ok_or_else(gone)?;
    let seen = world.files.seen(path);
    let now = match world.files.read(path, MAX_BYTES)? {
        Some(now) => {
            let now = digest_of(&now);
            if world.files.read(backup, MAX_BYTES)?.is_none_or(|kept| digest_of(&kept) != now) {
                world.files.remove(backup)?;
                world.files.keep(path, backup)?;
            }
            Some(now)
        }
        None => None,
    };
    write(world, path, &content, &Before { seen, backup: now.as_deref().map(|now| (backup, now)) })
}

/// Whether eksso wrote this text there last, so that it is all of it.
pub fn wrote(world: &World, path: &Path, text: &str) -> bool {
    let (path, folders) = (absolute(path), folders(world).unwrap_or_default());
    let last = folders.iter().rev().find_map(|(_, folder)| {
        let record = read(world, folder)?;
        let file = record.files.into_iter().find(|file| file.path == path)?;
        Some(if record.undone { file.before } else { file.after })
    });
    last.flatten().is_some_and(|last| last == digest_of(text.as_bytes()))
}

/// As it is called from every folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn before(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("{place}.before"))
}

fn after(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("{place}.after"))
}

fn text(world: &World, path: &Path) -> Result<Option<String>> {
    let content = world.files.read(path, MAX_BYTES)?;
    Ok(content.map(|content| String::from_utf8_lossy(&content).into_owned()))
}

/// The folders of the ring, oldest first.
fn folders(world: &World) -> Result<Vec<(u64, PathBuf)>> {
    let all = world.files.list(&world.folders.state.join(FOLDER))?;
    // Larger numbers are not of ours.
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok().map(u64::from);
    let mut numbered: Vec<(u64, PathBuf)> = all.into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    numbered.sort();
    Ok(numbered)
}

/// A record; `None` for what a killed process left before it was whole.
fn read(world: &World, folder: &Path) -> Option<Record> {
    let content = world.files.read(&folder.join(RECORD), MAX_RECORD).ok()??;
    serde_json::from_slice(&content).ok().filter(|record: &Record| record.version == 1)
}

fn save(world: &World, folder: &Path, record: &Record) -> Result<()> {
    let json = serde_json::to_vec(record)
        .map_err(|error| Error::new(Kind::LocalState, "the change cannot be noted down").cause(error))?;
    world.files.write_private(&folder.join(RECORD), &json)
}
