//! The environment this process was started with.

use std::path::PathBuf;

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
        std::env::current_exe()
            .map_err(|error| Error::new(Kind::Failed, "the path of this program cannot be found").cause(error))
    }
}
