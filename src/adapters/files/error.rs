//! What a failed call says: the path, and what the system answered.

use std::io;
use std::path::Path;

use crate::adapters::files::held::is_held;
use crate::error::{Error, Kind};

/// An error of this machine.
pub fn local(fact: String) -> Error {
    Error::new(Kind::LocalState, fact)
}

/// A change that would undo what another program did meanwhile.
pub fn just_changed(path: &Path) -> Error {
    local("another program has just changed the file; nothing was changed".to_owned())
        .cause(path.display())
        .hint("try again")
}

/// What could not be done to a file, and why.
pub fn file_error(verb: &str, path: &Path, error: &io::Error) -> Error {
    let failed = local(format!("cannot {verb} {}", path.display())).cause(error);
    match is_held(path, error) {
        true => failed.hint("another program may have it open; close it there, then try again"),
        false => failed,
    }
}
