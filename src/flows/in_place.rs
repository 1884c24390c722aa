//! Writing a user's file, a kubeconfig or `~/.aws/config`, also where it cannot be replaced by another: bind mounts, files
//! with several names, files of somebody else. Both texts are kept, synced, and a marker names them, until the write is on
//! the disk; whoever comes next finds the marker after a crash and puts the old text back.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::text::{digest, digest_of, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ports::{Seen, World};

/// The largest file that is written.
pub const MAX_BYTES: u64 = 64 << 20;
/// The folder of the markers, in that of our state. Its name is of the time when kubeconfigs alone were written so: what an
/// older eksso left there is made good, too.
const FOLDER: &str = "kubeconfig-writing";
/// What a disk writes at once or not at all.
const SECTOR: usize = 512;

/// A write that was begun.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    path: PathBuf,
    /// The files with the text before and after.
    old: PathBuf,
    new: PathBuf,
}

/// What a user's file held before it is written.
#[derive(Debug)]
pub struct Before<'b> {
    /// How it looked before it was read for the last time.
    pub seen: Option<Seen>,
    /// Where what it held is kept, maybe as a second name of it, and the digest of that. Without it there is no writing in place.
    pub backup: Option<(&'b Path, &'b str)>,
}

/// Writes a user's file, if it is still as it was: as a new file in the place of the old one, else in place.
pub fn write(world: &World, path: &Path, content: &str, before: &Before<'_>) -> Result<()> {
    let Before { seen, backup } = before;
    if world.files.try_replace(path, content.as_bytes(), seen.as_ref(), backup.map(|(backup, _)| backup))? {
        return Ok(());
    }
    let Some((backup, before)) = *backup else {
        return Err(Error::new(Kind::LocalState, format!("{} cannot be written safely", path.display()))
            .cause("it can only be written in place, and for that its old content must be kept in our state folder")
            .hint(format!("make {} writable", shell_word(&world.folders.state.display().to_string()))));
    };
    world.files.part_from(backup)?;
    let marker = marker(world, path);
    let kept = Marker { path: path.to_owned(), old: backup.to_owned(), new: marker.with_extension("new") };
    world.files.write_private(&kept.new, content.as_bytes())?;
    let json = serde_json::to_vec(&kept)
        .map_err(|error| Error::new(Kind::LocalState, "the write cannot be noted down").cause(error))?;
    world.files.write_private(&marker, &json)?;
    let written = world.files.overwrite(path, content.as_bytes(), before);
    match written {
        Ok(()) => finish(world, &marker, &kept.new),
        Err(error) => {
            // The old text comes back now, where that is possible, or with the next call.
            recover(world, &[path.to_owned()])?;
            Err(error)
        }
    }
}

/// Whether a write of one of these files was begun and is not known to be over.
pub fn is_unfinished(world: &World, paths: &[PathBuf]) -> Result<bool> {
    let known = world.files.list(&world.folders.state.join(FOLDER))?;
    Ok(paths.iter().any(|path| known.contains(&marker(world, path))))
}

/// Makes good what a crash left of writes of these files, whose locks the caller holds.
pub fn recover(world: &World, paths: &[PathBuf]) -> Result<()> {
    if !is_unfinished(world, paths)? {
        return Ok(());
    }
    for path in paths {
        let marker = marker(world, path);
        let Some(content) = world.files.read(&marker, 1 << 16)? else { continue };
        let Ok(kept) = serde_json::from_slice::<Marker>(&content) else {
            // It was not whole yet, so the write had not begun.
            world.files.remove(&marker)?;
            continue;
        };
        let bytes = |path: &Path| world.files.read(path, MAX_BYTES);
        let (now, old, new) = (bytes(&kept.path)?, bytes(&kept.old)?, bytes(&kept.new)?);
        if let (Some(now), Some(old), Some(new)) = (now, old, new)
            && now != old
            && now != new
            && is_mixture(&now, &old, &new)
        {
            world.files.overwrite(&kept.path, &old, &digest_of(&now))?;
        }
        finish(world, &marker, &kept.new)?;
    }
    Ok(())
}

fn finish(world: &World, marker: &Path, new: &Path) -> Result<()> {
    world.files.remove(marker)?;
    world.files.remove(new).map(|_| ())
}

/// Whether a content is what an interrupted write leaves: each piece the old one, the new one, or space that was reserved.
/// Anything else was written by somebody who came later, and stays.
fn is_mixture(now: &[u8], old: &[u8], new: &[u8]) -> bool {
    let piece = |text: &[u8], at: usize| text.get(at..text.len().min(at + SECTOR)).map(<[u8]>::to_vec);
    now.chunks(SECTOR).enumerate().all(|(number, chunk)| {
        let at = number * SECTOR;
        // Space that was reserved behind what was written.
        let chunk = &chunk[..chunk.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
        let starts = |text: &[u8]| piece(text, at).is_some_and(|piece| piece.starts_with(chunk));
        // A process that is killed stops at any byte.
        let turns = || {
            let (old, new) = (piece(old, at).unwrap_or_default(), piece(new, at).unwrap_or_default());
            let same = chunk.iter().zip(&new).take_while(|(now, new)| now == new).count();
            old.get(same..).is_some_and(|rest| rest.starts_with(&chunk[same..]))
        };
        starts(old) || starts(new) || turns() || chunk.is_empty()
    })
}

fn marker(world: &World, path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    world.folders.state.join(FOLDER).join(digest(&path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_is_told_from_what_somebody_else_wrote() {
        let (old, new) = ("a".repeat(2000), "b".repeat(2600));
        let reserved = format!("{old}{}", "\0".repeat(600));
        assert!(is_mixture(reserved.as_bytes(), old.as_bytes(), new.as_bytes()), "only the size reached the disk");
        for cut in [0, 1, 511, 512, 1999, 2000, 2599] {
            let rest = old.get(cut..).unwrap_or_default();
            assert!(is_mixture(format!("{}{rest}", &new[..cut]).as_bytes(), old.as_bytes(), new.as_bytes()), "{cut}");
        }
        // Power cuts keep sectors in any order, and reserved space without content.
        let torn = [&old.as_bytes()[..512], &new.as_bytes()[512..1024], &[0; 512]].concat();
        assert!(is_mixture(&torn, old.as_bytes(), new.as_bytes()));
        assert!(!is_mixture(b"contexts: []\n", old.as_bytes(), new.as_bytes()));
        assert!(!is_mixture(format!("{old}{old}").as_bytes(), old.as_bytes(), new.as_bytes()));
    }
}
