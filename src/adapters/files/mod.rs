//! Files on disk: private from birth, replaced whole (temp beside the target, fsync, rename), locked before changed.

mod attributes;
mod backups;
mod failure;
mod in_place;
mod kubeconfig_locks;
mod lock_text;
mod locks;
mod paths;
mod read;
mod replace;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use crate::adapters::files::kubeconfig_locks::release_locks_on_panic;
pub use crate::adapters::files::paths::age;

pub(in crate::adapters) use crate::adapters::files::failure::trouble;
use crate::adapters::files::paths::{is_absent, resolve};
pub(in crate::adapters) use crate::adapters::files::paths::{no_folder, private_folder};
use crate::error::Result;
use crate::ports::{Files, Guard, Holder, KubeconfigLocks};

/// The file system.
#[derive(Debug)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
        read::read(path, limit)
    }

    fn read_settled(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
        read::read_settled(path, limit)
    }

    fn stamp(&self, path: &Path) -> Option<String> {
        read::stamp(path)
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        read::list(folder)
    }

    fn write_private(&self, path: &Path, content: &[u8]) -> Result<()> {
        replace::write_private(path, content)
    }

    fn write_fleeting(&self, path: &Path, content: &[u8]) -> Result<()> {
        replace::write_fleeting(path, content)
    }

    fn replace(&self, path: &Path, content: &[u8]) -> Result<()> {
        replace::replace(path, content)
    }

    fn try_replace(&self, path: &Path, content: &[u8], backup: Option<&Path>) -> Result<bool> {
        replace::try_replace(path, content, backup)
    }

    fn probe(&self, path: &Path) -> Result<()> {
        replace::probe(path)
    }

    fn is_writable(&self, folder: &Path) -> bool {
        replace::is_writable(folder)
    }

    fn overwrite(&self, path: &Path, content: &[u8], before: &str) -> Result<()> {
        in_place::overwrite(path, content, before)
    }

    fn is_shared(&self, path: &Path) -> bool {
        attributes::is_shared(path)
    }

    fn keep(&self, path: &Path, at: &Path) -> Result<Option<String>> {
        backups::keep(path, at)
    }

    fn part_from(&self, own: &Path) -> Result<()> {
        backups::part_from(own)
    }

    fn remove(&self, path: &Path) -> Result<bool> {
        let target = resolve(path).map_err(|error| trouble("remove", path, &error))?;
        match fs::remove_file(target) {
            Ok(()) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(trouble("remove", path, &error)),
        }
    }

    fn remove_folder(&self, folder: &Path) -> Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(trouble("remove", folder, &error)),
            _ => Ok(()),
        }
    }

    fn try_lock(&self, path: &Path, doing: &str) -> Result<Option<Box<dyn Guard>>> {
        locks::try_lock(path, doing)
    }

    fn holder(&self, path: &Path) -> Option<Holder> {
        locks::holder(path)
    }

    fn lock(&self, path: &Path, wait: Duration) -> Result<Box<dyn Guard>> {
        locks::lock(path, wait)
    }

    fn lock_kubeconfigs(&self, paths: &[PathBuf], wait: Duration) -> Result<KubeconfigLocks> {
        kubeconfig_locks::lock_kubeconfigs(paths, wait)
    }
}
