//! What `-` goes back to.

use std::path::PathBuf;

use crate::domain::text::digest;
use crate::error::Result;
use crate::ports::World;

/// What `-` goes back to: the context, or the namespace of a context, that was current before.
pub struct Previous<'w> {
    world: &'w World,
    file: PathBuf,
}

impl<'w> Previous<'w> {
    /// The context.
    pub fn context(world: &'w World) -> Self {
        Self { world, file: world.folders.state.join("previous-context") }
    }

    /// The namespace of a context.
    pub fn namespace(world: &'w World, context: &str) -> Self {
        let name = digest(context);
        Self { world, file: world.folders.state.join("previous-namespace").join(name) }
    }

    /// Its name, if there is one.
    pub fn get(&self) -> Result<Option<String>> {
        let bytes = self.world.files.read(&self.file, 1 << 16)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(|name| name.trim_end_matches('\n').to_owned()))
    }

    /// Remembers what was left, unless nothing was. The switch is made by then: what cannot be remembered costs the way
    /// back by `-`, and no more.
    pub fn set(&self, left: Option<&str>, now: &str) -> Result<()> {
        let Some(left) = left.filter(|left| *left != now) else { return Ok(()) };
        let written = self.world.files.write_private(&self.file, format!("{left}\n").as_bytes());
        match written {
            Err(_) if !self.world.files.is_writable(&self.world.folders.state) => Ok(()),
            written => written,
        }
    }
}
