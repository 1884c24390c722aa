//! The folder of a generated set. What was written is kept as digests beside it, so that a file that a person changed since is
//! told from one that access.toml changed: the first is never overwritten unasked.

use std::collections::{BTreeMap, BTreeSet};
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
    /// Those of what is being written: a run that was stopped half-way has left some of it, which nobody changed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    begun: BTreeMap<String, String>,
}

impl Manifest {
    /// Whether a file is as a run wrote it.
    fn wrote(&self, path: &str, text: &str) -> bool {
        let digest = digest(text);
        [&self.files, &self.begun].iter().any(|all| all.get(path) == Some(&digest))
    }
}

/// Compares a folder with what it is to hold.
pub fn compare(world: &World, folder: &Path, files: &BTreeMap<String, String>, kinds: Kinds) -> Result<Vec<Item>> {
    compare_in(&*world.files.within(folder), folder, files, kinds)
}

fn compare_in(within: &dyn Folder, folder: &Path, files: &BTreeMap<String, String>, kinds: Kinds) -> Result<Vec<Item>> {
    let manifest = manifest(within, folder)?;
    let mut items = Vec::new();
    for (path, new) in files {
        let old = text(within, path)?;
        let state = match &old {
            None => State::New,
            Some(old) if old == new => State::Same,
            Some(old) if manifest.wrote(path, old) => State::Updated,
            Some(_) => State::Changed,
        };
        items.push(Item { path: path.clone(), state, old, new: Some(new.clone()) });
    }
    let known: BTreeSet<&String> = manifest.files.keys().chain(manifest.begun.keys()).collect();
    for path in known.into_iter().filter(|path| !files.contains_key(*path)) {
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
            let state = if manifest.wrote(path, &old) { State::Removed } else { State::Changed };
            items.push(Item { path: path.clone(), state, old: Some(old), new: None });
        }
    }
    Ok(items)
}

/// Makes the folder hold it.
pub fn write(world: &World, folder: &Path, items: &[Item]) -> Result<()> {
    write_in(&*world.files.within(folder), folder, items)
}

fn write_in(within: &dyn Folder, folder: &Path, items: &[Item]) -> Result<()> {
    let mut manifest = manifest(within, folder)?;
    // Before the first file: a run that is stopped must not make the next one take its files for a person's.
    for item in items.iter().filter(|item| [State::Updated, State::Removed, State::Same].contains(&item.state)) {
        manifest.files.extend(item.old.as_ref().map(|old| (item.path.clone(), digest(old))));
    }
    let begun = items.iter().filter(|item| item.state != State::Same);
    manifest.begun = begun.filter_map(|item| Some((item.path.clone(), digest(item.new.as_ref()?)))).collect();
    if !manifest.begun.is_empty() {
        keep(within, &manifest)?;
    }
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
    manifest.begun.clear();
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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// A folder in memory whose disk is full after some writes.
    #[derive(Default)]
    struct Full {
        files: RefCell<BTreeMap<String, Vec<u8>>>,
        left: Cell<usize>,
    }

    impl Folder for Full {
        fn read(&self, path: &str, _: u64) -> Result<Option<Vec<u8>>> {
            Ok(self.files.borrow().get(path).cloned())
        }

        fn write(&self, path: &str, content: &[u8]) -> Result<()> {
            let left = self.left.get().checked_sub(1).ok_or_else(|| Error::new(Kind::LocalState, "full"))?;
            self.left.set(left);
            self.files.borrow_mut().insert(path.to_owned(), content.to_vec());
            Ok(())
        }

        fn remove(&self, path: &str) -> Result<()> {
            self.files.borrow_mut().remove(path);
            Ok(())
        }
    }

    #[test]
    fn files_of_a_run_that_was_stopped_are_never_taken_for_a_persons() {
        const ALL: Kinds = Kinds { terraform: true, cloudformation: true, kubernetes: true };
        let set = |names: &[&str], text: &str| -> BTreeMap<String, String> {
            names.iter().map(|name| ((*name).to_owned(), format!("{name} {text}"))).collect()
        };
        let first = set(&["README.md", "terraform/a", "terraform/b"], "1");
        let second = set(&["README.md", "terraform/a", "kubernetes/c"], "2");
        let third = set(&["README.md", "terraform/b", "kubernetes/d"], "3");
        let write = |folder: &Full, files: &BTreeMap<String, String>, left: usize| {
            folder.left.set(left);
            let items = compare_in(folder, Path::new("out"), files, ALL).expect("compared");
            assert!(items.iter().all(|item| item.state != State::Changed), "{left}: {items:?}");
            write_in(folder, Path::new("out"), &items).is_ok()
        };
        for (stopped, again) in (0..6).flat_map(|stopped| (0..6).map(move |again| (stopped, again))) {
            let folder = Full::default();
            write(&folder, &first, stopped);
            write(&folder, &second, again);
            assert!(write(&folder, &third, 100), "{stopped} {again}");
            let held: BTreeMap<String, String> = folder
                .files
                .borrow()
                .iter()
                .filter(|(path, _)| *path != MANIFEST)
                .map(|(path, text)| (path.clone(), String::from_utf8(text.clone()).expect("text")))
                .collect();
            assert_eq!(held, third, "{stopped} {again}");
            let list = folder.files.borrow()[MANIFEST].clone();
            assert!(!String::from_utf8(list).expect("text").contains("begun"));
        }
        // What a person changed is still theirs.
        let folder = Full::default();
        assert!(write(&folder, &first, 100));
        folder.files.borrow_mut().insert("terraform/a".into(), b"mine".to_vec());
        let items = compare_in(&folder, Path::new("out"), &second, ALL).expect("compared");
        let state = |path: &str| items.iter().find(|item| item.path == path).expect("an item").state;
        assert_eq!((state("terraform/a"), state("README.md")), (State::Changed, State::Updated));
    }
}
