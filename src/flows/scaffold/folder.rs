//! The folder of a generated set. What was written is kept as digests beside it, so that a file that a person changed since is
//! told from one that access.toml changed: the first is never overwritten unasked.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::domain::scaffold::kinds::Kinds;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::ports::{Folder, World};

const MANIFEST: &str = ".eksso-scaffold.json";
const MAX_FILE: u64 = 16 << 20;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is none yet.
    New,
    /// It is as it should be.
    Same,
    /// It is as it was written, and is written anew.
    Updated,
    /// It is as it was written, and is not made any more.
    Removed,
    /// A person changed it, or it was there before.
    Changed,
}

/// A file of the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its path below the folder, with slashes.
    pub path: String,
    /// What becomes of it.
    pub state: State,
    /// What it holds.
    pub old: Option<String>,
    /// What it is to hold; `None` for one that goes away.
    pub new: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    /// The SHA-256 digests of what was written.
    files: BTreeMap<String, String>,
}

/// Compares a folder with what it is to hold.
pub fn compare(world: &World, folder: &Path, files: &BTreeMap<String, String>, kinds: Kinds) -> Result<Vec<Item>> {
    let within = &*world.files.within(folder);
    let manifest = manifest(within, folder)?;
    let mut items = Vec::new();
    for (path, new) in files {
        let old = text(within, path)?;
        let state = match &old {
            None => State::New,
            Some(old) if old == new => State::Same,
            Some(old) if manifest.files.get(path) == Some(&digest(old)) => State::Updated,
            Some(_) => State::Changed,
        };
        items.push(Item { path: path.clone(), state, old, new: Some(new.clone()) });
    }
    for (path, written) in manifest.files.iter().filter(|(path, _)| !files.contains_key(*path)) {
        let made = [
            (kinds.terraform, "terraform/"),
            (kinds.cloudformation, "cloudformation/"),
            (kinds.kubernetes, "kubernetes/"),
        ];
        let is_made = made.iter().any(|(made, start)| *made && path.starts_with(start));
        // The list is a file that anybody may have edited: it never leads out of the folder.
        let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_made || !is_inside {
            continue;
        }
        if let Some(old) = text(within, path)? {
            let state = if digest(&old) == *written { State::Removed } else { State::Changed };
            items.push(Item { path: path.clone(), state, old: Some(old), new: None });
        }
    }
    Ok(items)
}

/// Makes the folder hold it.
pub fn write(world: &World, folder: &Path, items: &[Item]) -> Result<()> {
    let within = &*world.files.within(folder);
    let mut manifest = manifest(within, folder)?;
    for item in items {
        match &item.new {
            Some(new) => {
                if item.state != State::Same {
                    within.write(&item.path, new.as_bytes())?;
                }
                manifest.files.insert(item.path.clone(), digest(new));
            }
            None => {
                within.remove(&item.path)?;
                manifest.files.remove(&item.path);
            }
        }
    }
    keep(within, &manifest)
}

fn keep(within: &dyn Folder, manifest: &Manifest) -> Result<()> {
    let new = serde_json::to_string_pretty(manifest)
        .map_err(|error| Error::new(Kind::Failed, "the list of files could not be written").cause(error))?;
    let new = format!("{new}\n");
    if text(within, MANIFEST)?.as_deref() == Some(new.as_str()) {
        return Ok(());
    }
    within.write(MANIFEST, new.as_bytes())
}

fn manifest(within: &dyn Folder, folder: &Path) -> Result<Manifest> {
    let Some(text) = text(within, MANIFEST)? else { return Ok(Manifest::default()) };
    serde_json::from_str(&text).map_err(|error| {
        let path = folder.join(MANIFEST);
        Error::new(
            Kind::LocalState,
            format!("{} cannot be read, and with it which files were changed since", path.display()),
        )
        .cause(error)
        .hint("restore it from version control, or write to another folder")
    })
}

fn text(within: &dyn Folder, path: &str) -> Result<Option<String>> {
    let bytes = within.read(path, MAX_FILE)?;
    // What is no text is not what was written.
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
