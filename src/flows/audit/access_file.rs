//! Reading `access.toml`.

use std::path::{Path, PathBuf};

use crate::domain::audit::access_file::AccessFile;
use crate::domain::audit::read;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

const MAX_FILE: u64 = 1 << 20;
/// Where it is looked for when no file is named: beside the code that it stands with.
const USUAL: &str = "access.toml";

/// The file that was read.
#[derive(Debug)]
pub struct Read {
    /// Its path, as given.
    pub path: PathBuf,
    /// What it says.
    pub file: AccessFile,
}

/// Reads the named file, which must be there, or that of this folder; `None` where there is none.
pub fn access_file(world: &World, named: Option<&Path>) -> Result<Option<Read>> {
    let path = named.unwrap_or_else(|| Path::new(USUAL)).to_owned();
    let Some(bytes) = world.files.read(&path, MAX_FILE)? else {
        return match named {
            None => Ok(None),
            Some(_) => {
                Err(Error::new(Kind::NotFound, format!("there is no file {}", path.display())).hint("check `--file`"))
            }
        };
    };
    let bad = |cause: String| {
        Error::usage(format!("{} cannot be used", path.display()))
            .cause(cause)
            .hint("correct that line; the README describes the file")
    };
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8 text".to_owned()))?;
    let file = read(&text).map_err(|error| bad(error.to_string()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Some(Read { path, file: AccessFile { name, ..file } }))
}
