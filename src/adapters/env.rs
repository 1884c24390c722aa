//! The environment this process was started with.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::ports::Env;

/// The process's own variables.
#[derive(Debug)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn program(&self) -> Result<PathBuf> {
        let own = std::env::current_exe()
            .map_err(|error| Error::new(Kind::Failed, "the path of this program cannot be found").cause(error))?;
        Ok(stable(&own).unwrap_or(own))
    }
}

/// A path of this program that outlives an upgrade: package managers keep each version in a folder of its own, and lead
/// to the present one by a link. The path that was called, where a link is in it; else the first of that name in PATH
/// that is this file.
fn stable(own: &Path) -> Option<PathBuf> {
    let real = own.canonicalize().ok()?;
    let same = |path: &PathBuf| path.canonicalize().is_ok_and(|other| other == real);
    let name = std::env::args_os().next().map(PathBuf::from)?;
    let called = name.components().nth(1).is_some().then(|| std::path::absolute(&name).ok()).flatten();
    if let Some(link) = called.filter(|called| *called != real).filter(same) {
        return Some(link);
    }
    let folders = std::env::var_os("PATH")?;
    let file = name.file_name()?;
    // A relative folder of PATH is one of the folder that this call is made in, as it is to the shell.
    std::env::split_paths(&folders).filter_map(|folder| std::path::absolute(folder.join(file)).ok()).find(same)
}
