//! Several processes that look for the same thing share one search: the first one looks, the others wait, show its progress
//! and go on from what it found.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::text::digest;
use crate::flows::discovery::index::{Loaded, load};
use crate::flows::discovery::progress::{Progress, Step};
use crate::flows::discovery::search::{Depth, Search, Watch};
use crate::flows::locks::{Waited, wait_unless};
use crate::ports::World;

/// Longer than the largest search takes; then each looks for itself.
const LONGEST: Duration = Duration::from_secs(20 * 60);
/// A search that tells nothing for so long was stopped (Ctrl-Z): nobody waits for it.
const STALLED: SignedDuration = SignedDuration::from_secs(10);
const MAX_TOLD: u64 = 4096;

/// What a search tells those who wait for it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Told {
    /// What it sees is of this moment or later.
    since: Timestamp,
    /// When it was still at work.
    at: Timestamp,
    progress: Progress,
}

impl Search<'_> {
    /// Takes the turn, waiting for a search under way and taking over what it found. What cannot be shared (a read-only
    /// home) costs requests, nothing else.
    pub(super) async fn take_turn(&self, watch: Watch<'_>) {
        // Asking the clusters themselves leaves nothing that another search could use.
        if self.depth == Depth::Verified || self.is_all_fresh() {
            return;
        }
        let (world, name) = (self.world, self.flight_name());
        let began = self.now();
        let show = || {
            let told = told(world, &name).filter(|told| told.at >= began);
            if let Some(told) = told {
                self.progress.set(told.progress);
                watch(self, Step::Account);
            }
            let heard = told.map_or(began, |told| told.at);
            (self.now().duration_since(heard) > STALLED).then_some(())
        };
        match wait_unless(world, &name, "looking for the same", LONGEST, show).await {
            Ok(Waited::Held(guard)) => _ = self.turn.replace(Some(guard)),
            Ok(_) => {}
            Err(_) => return,
        }
        self.progress.set(Progress::default());
        if let Some(told) = told(world, &name).filter(|told| told.at >= self.began)
            && let Loaded::Index(index) = load(world, &self.handle.session)
        {
            self.index.replace(index.as_of(self.now(), self.handle.session.origin(), &self.chained));
            self.memory.set(self.memory.get().shared(told.since));
        }
        self.tell();
    }

    /// Tells how far the search is, while it has the turn.
    pub(super) fn tell(&self) {
        if self.turn.borrow().is_none() {
            return;
        }
        let told = Told { since: self.since(), at: self.now(), progress: self.progress.get() };
        if let Ok(json) = serde_json::to_vec(&told) {
            // Those who wait do so without words then.
            _ = self.found.keep(&path(self.world, &self.flight_name()), &json);
        }
    }

    /// Whether nothing needs to be asked.
    pub fn is_all_fresh(&self) -> bool {
        let index = self.index.borrow();
        index.accounts_at.is_some_and(|at| at >= self.since())
            && index.matching(self.filter).all(|(_, seen)| self.fresh_in(seen).is_some())
    }

    /// The same for all that look for the same thing as the same session.
    fn flight_name(&self) -> String {
        let wanted = format!("{} {:?} {:?}", self.filter.key(), self.regions, self.depth);
        format!("{}.search.{}", self.handle.session.file_name(), &digest(&wanted)[..16])
    }
}

fn told(world: &World, name: &str) -> Option<Told> {
    let bytes = world.files.read(&path(world, name), MAX_TOLD).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn path(world: &World, name: &str) -> PathBuf {
    world.folders.cache.join("searches").join(name)
}
