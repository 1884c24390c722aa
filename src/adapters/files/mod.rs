//! Files on disk: private from birth, replaced whole (temp beside the target, fsync, rename), locked before changed.

mod attributes;
mod backups;
mod error;
mod held;
mod in_place;
mod kubeconfig_locks;
mod lock_text;
mod locks;
mod paths;
mod read;
mod replace;
mod within;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use crate::adapters::files::kubeconfig_locks::release_locks_on_panic;
#[cfg(target_os = "linux")]
pub use crate::adapters::files::paths::age;

pub(in crate::adapters) use crate::adapters::files::error::file_error;
use crate::adapters::files::held::patiently;
pub(in crate::adapters) use crate::adapters::files::in_place::reserve;
use crate::adapters::files::paths::{is_absent, resolve};
pub(in crate::adapters) use crate::adapters::files::paths::{no_folder, private_folder};
use crate::adapters::files::within::Within;
use crate::error::Result;
use crate::ports::{Exposure, Files, Folder, Holder, KubeconfigLocks, ScopeGuard, Seen};

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

    fn any_piece(&self, path: &Path, overlap: usize, is_it: &dyn Fn(&[u8]) -> bool) -> Result<bool> {
        read::any_piece(path, overlap, is_it)
    }

    fn rest(&self, path: &Path) -> bool {
        read::rest(path)
    }

    fn is_restless(&self, path: &Path) -> bool {
        read::is_restless(path)
    }

    fn changeable(&self, path: &Path) -> Result<()> {
        paths::changeable(path)
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

    fn seen(&self, path: &Path) -> Option<Seen> {
        replace::seen(path)
    }

    fn try_replace(&self, path: &Path, content: &[u8], seen: Option<&Seen>, backup: Option<&Path>) -> Result<bool> {
        replace::try_replace(path, content, seen, backup)
    }

    fn within(&self, root: &Path) -> Box<dyn Folder> {
        Box::new(Within(root.to_owned()))
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

    fn exposure(&self, path: &Path) -> Option<Exposure> {
        attributes::exposure(path)
    }

    fn keep(&self, path: &Path, at: &Path) -> Result<Option<String>> {
        backups::keep(path, at)
    }

    fn part_from(&self, own: &Path) -> Result<()> {
        backups::part_from(own)
    }

    fn remove(&self, path: &Path) -> Result<bool> {
        let target = resolve(path).map_err(|error| file_error("remove", path, &error))?;
        self.remove_own(&target)
    }

    fn remove_own(&self, path: &Path) -> Result<bool> {
        match patiently(path, || fs::remove_file(path)) {
            Ok(()) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(file_error("remove", path, &error)),
        }
    }

    fn remove_folder(&self, folder: &Path) -> Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error("remove", folder, &error)),
            _ => Ok(()),
        }
    }

    fn try_lock(&self, path: &Path, doing: &str) -> Result<Option<Box<dyn ScopeGuard>>> {
        locks::try_lock(path, doing)
    }

    fn holder(&self, path: &Path) -> Option<Holder> {
        locks::holder(path)
    }

    fn lock(&self, path: &Path, wait: Duration) -> Result<Box<dyn ScopeGuard>> {
        locks::lock(path, wait)
    }

    fn lock_kubeconfigs(&self, paths: &[PathBuf], wait: Duration) -> Result<KubeconfigLocks> {
        kubeconfig_locks::lock_kubeconfigs(paths, wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that reads a kubeconfig as Go does: FILE_SHARE_READ | FILE_SHARE_WRITE.
    #[cfg(windows)]
    #[test]
    fn a_file_that_another_program_reads_is_replaced_and_removed_when_that_is_done() {
        use std::os::windows::fs::OpenOptionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config");
        fs::write(&path, "old").expect("written");
        let busy = |time: Duration| {
            let file = fs::OpenOptions::new().read(true).share_mode(3).open(&path).expect("opened");
            std::thread::spawn(move || {
                std::thread::sleep(time);
                drop(file);
            })
        };
        let reader = busy(Duration::from_millis(300));
        DiskFiles.replace(&path, b"new").expect("replaced");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        reader.join().expect("done");
        let reader = busy(Duration::from_millis(300));
        assert!(DiskFiles.remove(&path).expect("removed"));
        reader.join().expect("done");
        assert!(!path.exists());
        fs::write(&path, "old").expect("written");
        let reader = busy(Duration::from_secs(4));
        let error = DiskFiles.replace(&path, b"new").expect_err("held for longer").render(false);
        assert!(error.contains("another program may have it open"), "{error}");
        reader.join().expect("done");
        assert_eq!(fs::read(&path).expect("read"), b"old");
    }

    #[test]
    fn what_a_killed_process_left_is_swept_away_and_files_that_are_called_alike_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(7200);
        for name in [".eksso-a1B2c3", ".eksso-scaffold.json", ".eksso-mine"] {
            let file = fs::File::create(folder.path().join(name)).expect("made");
            file.set_modified(long_ago).expect("old");
        }
        DiskFiles.replace(&folder.path().join("config"), b"new").expect("replaced");
        let left = |name: &str| folder.path().join(name).exists();
        assert!(!left(".eksso-a1B2c3") && left(".eksso-scaffold.json") && left(".eksso-mine"));
    }

    #[test]
    fn a_folder_in_the_place_of_a_file_is_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = DiskFiles.read(folder.path(), 10).expect_err("no file").render(false);
        assert!(error.contains("is a folder, not a file"), "{error}");
    }
}
