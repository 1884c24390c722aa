//! What eksso wrote into kubeconfigs last, on disk: a file for each kubeconfig, read and written under that one's lock.

use std::path::{Path, PathBuf};

use crate::domain::kubeconfig::Written;
use crate::domain::text::digest;
use crate::ports::World;

const FOLDER: &str = "kubeconfig-written";
const MAX_BYTES: u64 = 64 << 20;

/// What was written into the entries of a kubeconfig. Without a record that can be read, nothing is known.
pub fn load(world: &World, kubeconfig: &Path) -> Written {
    let content = world.files.read(&file(world, kubeconfig), MAX_BYTES).ok().flatten();
    content.and_then(|content| serde_json::from_slice(&content).ok()).unwrap_or_default()
}

/// Keeps it. Without a record, what eksso wrote passes for a person's later on and stays: that is no reason to fail now.
pub fn save(world: &World, kubeconfig: &Path, written: &Written) {
    if let Ok(json) = serde_json::to_vec(written) {
        _ = world.files.write_private(&file(world, kubeconfig), &json);
    }
}

fn file(world: &World, kubeconfig: &Path) -> PathBuf {
    let path = std::path::absolute(kubeconfig).unwrap_or_else(|_| kubeconfig.to_owned());
    world.folders.state.join(FOLDER).join(digest(&path.display().to_string()))
}
