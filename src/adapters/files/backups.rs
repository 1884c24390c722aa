//! What a user's file held, kept under a private path of ours.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::adapters::files::error::file_error;
use crate::adapters::files::held::patiently;
use crate::adapters::files::paths::{is_absent, is_same, names, no_folder, parent, private_folder, regular, resolve};
use crate::adapters::files::replace::put;
use crate::domain::text::ContentDigest;
use crate::error::Result;

pub fn keep(path: &Path, at: &Path) -> Result<Option<String>> {
    let failed = |error: io::Error| file_error("keep a copy of", path, &error);
    let target = resolve(path).map_err(failed)?;
    let look = || match fs::metadata(&target) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    };
    let Some(mut metadata) = look()? else { return Ok(None) };
    regular(path, &metadata)?;
    if names(&metadata) > 1 {
        part_from_all(parent(parent(at)), &metadata)?;
        let Some(parted) = look()? else { return Ok(None) };
        metadata = parted;
    }
    private_folder(parent(at)).map_err(|error| no_folder(at, &error))?;
    // `replace` gives the path a new file, so that the old one may live on under our name: no copy of 10 MB. A file
    // that has other names already could be changed through them.
    if !cfg!(unix) || names(&metadata) > 1 || fs::hard_link(&target, at).is_err() {
        let mut content = Vec::new();
        patiently(&target, || File::open(&target))
            .and_then(|mut file| file.read_to_end(&mut content))
            .map_err(failed)?;
        put(at, &content, None, true).map_err(|failed| file_error("write", at, &failed.error))?;
    }
    digest(at).map(Some).map_err(failed)
}

/// Makes copies of what kept copies of a ring share with a file. A process that was killed between keeping it and replacing it
/// leaves them as one: whoever wrote to the one would write to the other.
fn part_from_all(ring: &Path, file: &fs::Metadata) -> Result<()> {
    let of = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let kept = of(ring).flat_map(|folder| of(&folder).collect::<Vec<_>>());
    let mut shared = kept.filter(|kept| fs::symlink_metadata(kept).is_ok_and(|kept| is_same(&kept, file)));
    shared.try_for_each(|kept| part_from(&kept))
}

pub fn part_from(own: &Path) -> Result<()> {
    let failed = |error: io::Error| file_error("write", own, &error);
    match fs::metadata(own) {
        Ok(metadata) if names(&metadata) > 1 => {}
        Err(error) if !is_absent(&error) => return Err(failed(error)),
        _ => return Ok(()),
    }
    let content = fs::read(own).map_err(failed)?;
    put(own, &content, None, true).map_err(|failed| file_error("write", own, &failed.error))
}

/// The digest of a file, read piece by piece.
fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut digest) = (File::open(path)?, ContentDigest::default());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digest.finish()),
            read => digest.add(&piece[..read]),
        }
    }
}
