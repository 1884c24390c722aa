//! What was found with a sign-in and is kept unsealed, such as the index: it ends with the sign-in, also where a search is under
//! way meanwhile.

use std::path::Path;

use crate::error::Result;
use crate::flows::sign_in::base::SessionHandle;
use crate::flows::sign_in::register;

/// The right to keep what is found with the sign-in of the moment.
pub struct Found<'h> {
    handle: &'h SessionHandle<'h>,
    /// Which sign-in it is, as the register calls it.
    of: Option<String>,
}

impl<'h> Found<'h> {
    /// Of the sign-in that is current now.
    pub fn new(handle: &'h SessionHandle<'h>) -> Self {
        Self { handle, of: current(handle) }
    }

    /// Keeps a file, unless the sign-in has ended or another one has taken its place: what a sign-out has removed does not come
    /// back, and nobody is shown what another person found. A sign-out takes the sign-in out of the register before it removes
    /// anything, and both happen under the register's lock.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&self, path: &Path, content: &[u8]) -> Result<()> {
        let (world, session) = (self.handle.world, &self.handle.session);
        // Where there can be no lock, the register is all there is to go by.
        let _lock = register::lock(world, session);
        let now = current(self.handle);
        let key = self.handle.tokens.borrow().as_ref().and_then(|tokens| Some(tokens.sealing.as_ref()?.id.clone()));
        match now == self.of || key.is_some() && now == key {
            true => world.files.write_fleeting(path, content),
            false => Ok(()),
        }
    }
}

fn current(handle: &SessionHandle<'_>) -> Option<String> {
    handle.register.load().find(&handle.session, &[handle.keyring()])?.id.clone()
}
