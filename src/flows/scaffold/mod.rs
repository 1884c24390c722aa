//! The reviewed file as a plan, and the folder that the code made of it stands in.

pub mod folder;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::audit::access_file::{AccessFile, FileError};
use crate::domain::scaffold::plan::Plan;
use crate::error::{Error, Kind, Result};
use crate::flows::audit::access_file::access_file;
use crate::ports::World;

/// An IAM document has 10,240 characters at most; blanks do not count.
const MAX_POLICY: u64 = 1 << 18;

/// Reads the file, `access.toml` of this folder if none is named, with the policies that it names beside it.
pub fn plan(world: &World, named: Option<&Path>) -> Result<(PathBuf, Plan)> {
    let (path, _, plan) = file_and_plan(world, named)?;
    Ok((path, plan))
}

/// The same, with the file itself.
pub fn file_and_plan(world: &World, named: Option<&Path>) -> Result<(PathBuf, AccessFile, Plan)> {
    let read = access_file(world, named)?.ok_or_else(|| {
        Error::new(Kind::NotFound, "there is no access.toml in this folder")
            .hint("eksso scaffold init  # writes one; --file names another")
    })?;
    let folder = read.path.parent().map(Path::to_owned).unwrap_or_default();
    let mut own = BTreeMap::new();
    for name in read.file.tiers.values().filter_map(|tier| tier.iam_file.as_ref()) {
        let Some(bytes) = world.files.read(&folder.join(name), MAX_POLICY)? else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            own.insert(name.clone(), text);
        }
    }
    let plan = Plan::of(&read.file, &own).map_err(|error| wrong(&read.path, &error))?;
    Ok((read.path, read.file, plan))
}

/// The file cannot be used.
pub fn wrong(path: &Path, error: &FileError) -> Error {
    Error::usage(format!("{} cannot be used", path.display()))
        .cause(error)
        .hint("correct that line; the README describes the file")
}
