//! Writing a kubeconfig: what may not be written, besides how any file of the user's is.

use std::path::Path;

use crate::domain::kubeconfig::{MAX_BYTES, secrets};
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::in_place::{self, Before};
use crate::ports::World;

/// Writes a user's kubeconfig, as [`in_place::write`] does.
pub fn write(world: &World, path: &Path, content: &str, before: &Before<'_>) -> Result<()> {
    fits(path, content)?;
    takes_no_secret(world, path, content)?;
    in_place::write(world, path, content, before)
}

/// One limit for reading and writing: what would be too large to be read again is not written.
pub fn fits(path: &Path, content: &str) -> Result<()> {
    if content.len() as u64 <= MAX_BYTES {
        return Ok(());
    }
    Err(Error::new(
        Kind::LocalState,
        format!("{} would be larger than {} MiB; nothing was changed", path.display(), MAX_BYTES >> 20),
    )
    .hint("put some of its contexts into another file, and both into KUBECONFIG"))
}

/// A file that others may write, and so read, takes no secret that it did not hold.
fn takes_no_secret(world: &World, path: &Path, content: &str) -> Result<()> {
    if !world.files.is_shared(path) {
        return Ok(());
    }
    let now = text(world, path)?.unwrap_or_default();
    if secrets(content).is_subset(&secrets(&now)) {
        return Ok(());
    }
    Err(Error::new(Kind::LocalState, format!("{} can be written by others; nothing was changed", path.display()))
        .cause("this change would put a secret into it that is not there now")
        .hint(format!("chmod 600 {}", shell_word(&path.display().to_string()))))
}

fn text(world: &World, path: &Path) -> Result<Option<String>> {
    let content = world.files.read(path, MAX_BYTES)?;
    Ok(content.map(|content| String::from_utf8_lossy(&content).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_to_be_read_again_is_not_written() {
        let path = Path::new("/k");
        let limit = 64 << 20;
        assert!(fits(path, &" ".repeat(limit)).is_ok());
        let error = fits(path, &" ".repeat(limit + 1)).expect_err("too large");
        assert_eq!(error.fact(), "/k would be larger than 64 MiB; nothing was changed");
    }
}
