//! `~/.aws/config` as a file that others own: read whole, written under a lock of ours, and taken back once.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::flows::settings::{MAX_AWS_CONFIG, aws_config_path, aws_credentials_path};
use crate::ports::World;

/// Writing takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);
const FOLDER: &str = "aws-config";
const MAX_RECORD: u64 = 64 << 10;

/// The last change, as it is kept beside the text before it.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    path: PathBuf,
    /// Digest of the text before; absent where there was no file.
    before: Option<String>,
    after: String,
}

/// The file as it was read.
pub struct AwsConfig {
    /// Where it is, whether it exists or not.
    pub path: PathBuf,
    /// Its text; `None` where there is no file.
    pub text: Option<String>,
}

impl AwsConfig {
    /// Reads it.
    pub fn read(world: &World) -> Result<Self> {
        let path = aws_config_path(world);
        let bytes = world.files.read(&path, MAX_AWS_CONFIG)?;
        let not_text =
            |_| Error::new(Kind::LocalState, format!("{} is not UTF-8 text, so it is not changed", path.display()));
        let text = bytes.map(|bytes| String::from_utf8(bytes).map_err(not_text)).transpose()?;
        Ok(Self { path, text })
    }

    /// Writes another text in its place, if it is still what was read; the old one is kept.
    pub fn write(&self, world: &World, after: &str) -> Result<()> {
        let folder = world.folders.state.join(FOLDER);
        let _lock = world.files.lock(&folder.join("lock"), LOCK_WAIT)?;
        let kept = world.files.keep(&self.path, &folder.join("before"))?;
        if kept != self.text.as_deref().map(digest) {
            return Err(changed_meanwhile(&self.path).hint("try again"));
        }
        let record = Record { path: self.path.clone(), before: kept, after: digest(after) };
        let json = serde_json::to_vec(&record).map_err(|error| Error::new(Kind::Failed, "no record").cause(error))?;
        world.files.write_private(&folder.join("change.json"), &json)?;
        world.files.replace(&self.path, after.as_bytes())
    }
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
        let folder = world.folders.state.join(FOLDER);
        let Some(json) = world.files.read(&folder.join("change.json"), MAX_RECORD)? else { return Ok(None) };
        let record: Record = serde_json::from_slice(&json).map_err(|error| {
            Error::new(Kind::LocalState, "the record of the last change cannot be read").cause(error)
        })?;
        let now = AwsConfig::read(world)?;
        if record.path != now.path {
            return Ok(None);
        }
        let before = match &record.before {
            None => None,
            Some(known) => {
                let bytes = world.files.read(&folder.join("before"), MAX_AWS_CONFIG)?.unwrap_or_default();
                let text = String::from_utf8(bytes).ok().filter(|text| digest(text) == *known);
                Some(text.ok_or_else(|| Error::new(Kind::LocalState, "the text before the last change is lost"))?)
            }
        };
        Ok(Some(Self { record, now, before }))
    }

    /// Takes it back, byte for byte, unless somebody has changed the file since.
    pub fn make(&self, world: &World) -> Result<()> {
        let folder = world.folders.state.join(FOLDER);
        let _lock = world.files.lock(&folder.join("lock"), LOCK_WAIT)?;
        let now = AwsConfig::read(world)?;
        if now.text.as_deref().map(digest).as_ref() != Some(&self.record.after) {
            return Err(changed_meanwhile(&now.path).cause("taking ours back would take that back, too"));
        }
        match &self.before {
            Some(before) => world.files.replace(&now.path, before.as_bytes())?,
            None => _ = world.files.remove(&now.path)?,
        }
        world.files.remove(&folder.join("change.json"))?;
        world.files.remove(&folder.join("before")).map(|_| ())
    }
}

fn changed_meanwhile(path: &std::path::Path) -> Error {
    let fact = format!("{} has been changed by another program; nothing was changed now", path.display());
    Error::new(Kind::LocalState, fact)
}

/// The text of the file of plain keys (`~/.aws/credentials`), whose profiles win over those of the same name.
pub fn credentials_text(world: &World) -> Result<(PathBuf, String)> {
    let path = aws_credentials_path(world);
    let bytes = world.files.read(&path, MAX_AWS_CONFIG)?.unwrap_or_default();
    Ok((path, String::from_utf8_lossy(&bytes).into_owned()))
}
