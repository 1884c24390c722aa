//! `~/.aws/config` as a file that others own: read whole, written under a lock of ours as kubeconfigs are, and taken back
//! once.

use std::path::{Path, PathBuf};
use std::slice;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::flows::in_place::{self, Before};
use crate::flows::settings::aws_files::{MAX_AWS_CONFIG, aws_config_path, aws_credentials_path};
use crate::ports::{ScopeGuard, World};

/// Writing takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);
const FOLDER: &str = "aws-config";
const MAX_RECORD: u64 = 64 << 10;

/// The record of the last change, and that of one that was begun: a write that fails must not cost the change before it, and
/// one that is cut off behind the write must not be without a way back.
const DONE: &str = "change.json";
const BEGUN: &str = "begun.json";
/// The texts before: that of the last change, and that of the one that is being made.
const SLOTS: [&str; 2] = ["before-0", "before-1"];

/// A change, as it is kept beside the text before it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    /// Digest of the text before; absent where there was no file.
    before: Option<String>,
    after: String,
    /// Which of [`SLOTS`] has the text before.
    slot: usize,
}

/// The file as it was read.
pub struct AwsConfig {
    /// Where it is, whether it exists or not.
    pub path: PathBuf,
    /// Its text; `None` where there is no file.
    pub text: Option<String>,
}

impl AwsConfig {
    /// Reads it; a write of ours that was cut off is made good before.
    ///
    /// # Errors
    /// It cannot be read, or is one of our own: a program in `eksso exec --aws` is given a file that ends with it.
    pub fn read(world: &World) -> Result<Self> {
        let path = aws_config_path(world);
        refuse_own(world, &path)?;
        if in_place::is_unfinished(world, slice::from_ref(&path))? {
            let _lock = lock(world, &path)?;
            in_place::recover(world, slice::from_ref(&path))?;
        }
        let bytes = world.files.read(&path, MAX_AWS_CONFIG)?;
        let not_text =
            |_| Error::new(Kind::LocalState, format!("{} is not UTF-8 text, so it is not changed", path.display()));
        let text = bytes.map(|bytes| String::from_utf8(bytes).map_err(not_text)).transpose()?;
        Ok(Self { path, text })
    }

    /// Writes another text in its place, if it is still what was read; the old one is kept.
    pub fn write(&self, world: &World, after: &str) -> Result<()> {
        let (folder, _lock) = (folder(world, &self.path), lock(world, &self.path)?);
        let before = self.text.as_deref().map(digest);
        // A record that cannot be read has nothing that could be taken back.
        let last = last(world, &folder, before.as_deref()).unwrap_or_default();
        let record = Record { before, after: digest(after), slot: last.map_or(0, |last| 1 - last.slot.min(1)) };
        let result = self.replace(world, &folder, after, &record);
        match &result {
            Ok(()) => done(world, &folder, &record),
            // A write in place that could not be put right yet needs its old text.
            Err(_) if in_place::is_unfinished(world, slice::from_ref(&self.path)).unwrap_or(true) => {}
            Err(_) => {
                _ = world.files.remove(&folder.join(BEGUN));
                _ = world.files.remove(&folder.join(SLOTS[record.slot]));
            }
        }
        result
    }

    fn replace(&self, world: &World, folder: &Path, after: &str, record: &Record) -> Result<()> {
        let backup = folder.join(SLOTS[record.slot]);
        let seen = world.files.seen(&self.path);
        if world.files.keep(&self.path, &backup)? != record.before {
            return Err(changed_meanwhile(&self.path).hint("try again"));
        }
        let json = serde_json::to_vec(record).map_err(|error| Error::new(Kind::Failed, "no record").cause(error))?;
        world.files.write_private(&folder.join(BEGUN), &json)?;
        let backup = record.before.as_deref().map(|before| (backup.as_path(), before));
        in_place::write(world, &self.path, after, &Before { seen, backup })
    }
}

/// Makes a change that was written the last one. What fails here is found in the record of what was begun.
fn done(world: &World, folder: &Path, record: &Record) {
    let Ok(json) = serde_json::to_vec(record) else { return };
    if world.files.write_private(&folder.join(DONE), &json).is_ok() {
        _ = world.files.remove(&folder.join(BEGUN));
        _ = world.files.remove(&folder.join(SLOTS[1 - record.slot.min(1)]));
    }
}

/// The last change of a file that holds a text of this digest now.
fn last(world: &World, folder: &Path, now: Option<&str>) -> Result<Option<Record>> {
    let read = |name: &str| -> Result<Option<Record>> {
        let Some(json) = world.files.read(&folder.join(name), MAX_RECORD)? else { return Ok(None) };
        let unreadable =
            |error| Error::new(Kind::LocalState, "the record of the last change cannot be read").cause(error);
        serde_json::from_slice(&json).map(Some).map_err(unreadable)
    };
    match read(BEGUN)? {
        Some(begun) if Some(begun.after.as_str()) == now => Ok(Some(begun)),
        _ => read(DONE),
    }
}

/// Where the changes of a file are kept: each has its own, so that another AWS_CONFIG_FILE takes nothing back of this one.
fn folder(world: &World, path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    world.folders.state.join(FOLDER).join(digest(&path.display().to_string()))
}

fn lock(world: &World, path: &Path) -> Result<Box<dyn ScopeGuard>> {
    world.files.lock(&folder(world, path).join("lock"), LOCK_WAIT)
}

/// Refuses a file that is made for one command and goes with it.
fn refuse_own(world: &World, path: &Path) -> Result<()> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if !path.starts_with(&world.folders.runtime) {
        return Ok(());
    }
    let error =
        Error::usage("here AWS_CONFIG_FILE is a file of eksso's own, which goes with the command that it was made for")
            .cause("`eksso exec --aws` shows the commands in it no profiles of yours");
    Err(if cfg!(windows) { error } else { error.hint("env -u AWS_CONFIG_FILE eksso profiles") })
}

/// The last change, to be taken back.
pub struct Undo {
    record: Record,
    /// The file as it is.
    pub now: AwsConfig,
    /// The text before the change; `None` where there was no file.
    pub before: Option<String>,
}

impl Undo {
    /// Finds it; `None` where there is none.
    pub fn find(world: &World) -> Result<Option<Self>> {
        let now = AwsConfig::read(world)?;
        let folder = folder(world, &now.path);
        let Some(record) = last(world, &folder, now.text.as_deref().map(digest).as_deref())? else { return Ok(None) };
        let before = match &record.before {
            None => None,
            Some(known) => {
                let slot = SLOTS[record.slot.min(1)];
                let bytes = world.files.read(&folder.join(slot), MAX_AWS_CONFIG)?.unwrap_or_default();
                let text = String::from_utf8(bytes).ok().filter(|text| digest(text) == *known);
                Some(text.ok_or_else(|| Error::new(Kind::LocalState, "the text before the last change is lost"))?)
            }
        };
        Ok(Some(Self { record, now, before }))
    }

    /// Takes it back, byte for byte, unless somebody has changed the file since.
    pub fn make(&self, world: &World) -> Result<()> {
        let path = &self.now.path;
        let (folder, _lock) = (folder(world, path), lock(world, path)?);
        let backup = folder.join(SLOTS[1 - self.record.slot.min(1)]);
        let seen = world.files.seen(path);
        let kept = world.files.keep(path, &backup)?;
        if kept.as_ref() != Some(&self.record.after) {
            return Err(changed_meanwhile(path).cause("taking ours back would take that back, too"));
        }
        match &self.before {
            Some(before) => {
                let backup = Some((backup.as_path(), self.record.after.as_str()));
                in_place::write(world, path, before, &Before { seen, backup })?;
            }
            None => _ = world.files.remove(path)?,
        }
        for name in [DONE, BEGUN].iter().chain(&SLOTS) {
            world.files.remove(&folder.join(name))?;
        }
        Ok(())
    }
}

fn changed_meanwhile(path: &Path) -> Error {
    let fact = format!("{} has been changed by another program; nothing was changed now", path.display());
    Error::new(Kind::LocalState, fact)
}

/// The text of the file of plain keys (`~/.aws/credentials`), whose profiles win over those of the same name.
pub fn credentials_text(world: &World) -> Result<(PathBuf, String)> {
    let path = aws_credentials_path(world);
    let bytes = world.files.read(&path, MAX_AWS_CONFIG)?.unwrap_or_default();
    Ok((path, String::from_utf8_lossy(&bytes).into_owned()))
}
