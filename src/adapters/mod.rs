//! The real outside world, one small adapter for each port.
#![allow(clippy::disallowed_methods, reason = "this is where files, environment and streams are touched")]

mod browser;
mod clock;
mod console;
mod dumps;
mod env;
mod files;
mod foreground;
mod interrupt;
mod job;
mod key_copies;
mod keyboard;
mod keyrings;
mod policy;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod pow;
mod process_ids;
mod processes;
mod screen;
mod sealed_cache;
mod terminal;
mod trail;

pub use browser::SystemBrowser;
pub use clock::SystemClock;
pub use dumps::forbid_dumps;
pub use env::ProcessEnv;
pub use files::{DiskFiles, release_locks_on_panic};
pub use interrupt::{SystemSignals, end_on_interrupt};
pub use keyrings::{SystemKeyrings, use_session_keyring};
pub use policy::PolicyFile;
pub use processes::SystemProcesses;
pub use terminal::ProcessTerminal;
pub use trail::SystemTrail;

use std::cell::OnceCell;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::secret::Secret;
use crate::ports::{Env, Folders, World};

/// The world of this process; `None` for a user without a home folder.
pub fn world() -> Option<World> {
    // Only a debug build, as tests start it, listens to this: no release can be told to look for keys elsewhere.
    if cfg!(debug_assertions) && std::env::var_os("EKSSO_TEST_SESSION_KEYRING").is_some() {
        use_session_keyring();
    }
    console::take_escape_sequences();
    let own = |base: Option<PathBuf>| base.map(|folder| folder.join("eksso"));
    let folders = Folders {
        home: dirs::home_dir()?,
        config: own(dirs::config_dir())?,
        cache: own(dirs::cache_dir())?,
        state: own(dirs::state_dir().or_else(dirs::data_local_dir))?,
        runtime: PathBuf::new(),
    };
    let folders = Folders { runtime: own(dirs::runtime_dir()).unwrap_or_else(|| folders.cache.join("run")), ..folders };
    let policy = policy::policy();
    let keyrings = SystemKeyrings {
        // Where there is no good one, no command runs.
        policy: policy.as_ref().map(Arc::clone).unwrap_or_default(),
        state: folders.state.clone(),
        cache: folders.cache.clone(),
        passphrase: ProcessEnv.var("EKSSO_PASSPHRASE").map(Secret::new).map_or_else(OnceCell::new, OnceCell::from),
        // A person may have to type a password into a desktop dialog; a background caller must not hang.
        patience: Duration::from_secs(if io::stderr().is_terminal() { 60 } else { 5 }),
    };
    Some(World {
        env: Box::new(ProcessEnv),
        clock: Arc::new(SystemClock),
        files: Box::new(DiskFiles),
        keyrings: Box::new(keyrings),
        terminal: Box::new(ProcessTerminal::default()),
        browser: Box::new(SystemBrowser),
        signals: Box::new(SystemSignals),
        processes: Box::new(SystemProcesses),
        trail: Box::new(SystemTrail::new(&folders.state)),
        folders,
        policy,
    })
}
