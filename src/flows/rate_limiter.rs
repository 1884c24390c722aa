//! Calls to a portal, paced: every process of this machine takes its turns from one file.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clients::failure::{Failure, FailureKind};
use crate::domain::token_bucket::TokenBucket;
use crate::ports::World;

/// Who holds the file does so for a fraction of a millisecond.
const PATIENCE: Duration = Duration::from_secs(1);
const MAX_STATE: u64 = 4096;
/// How often a call is refused for coming too fast before that is its answer: half a minute, as the pauses double.
const REFUSALS: u32 = 5;
/// How often a call fails for another reason that may pass.
const FAILURES: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// The turns of one portal.
pub struct RateLimiter<'w> {
    world: &'w World,
    name: String,
    /// What counts where the file cannot be used.
    own: RefCell<Option<TokenBucket>>,
}

impl<'w> RateLimiter<'w> {
    /// The turns called `name`.
    pub fn new(world: &'w World, name: String) -> Self {
        Self { world, name, own: RefCell::new(None) }
    }

    /// Calls when it is our turn, and again where that may help: slower after a refusal for coming too fast, after a pause
    /// when nobody answered.
    pub async fn call<T>(&self, ask: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
        let (mut refusals, mut failures) = (0, 0);
        loop {
            let wait = self.change(TokenBucket::take);
            if let Ok(wait) = Duration::try_from(wait)
                && !wait.is_zero()
            {
                self.world.clock.sleep(wait).await;
            }
            match ask().await {
                Err(failure) if failure.kind == FailureKind::Throttled && refusals < REFUSALS => {
                    let doubled = SignedDuration::from_secs(1 << refusals);
                    let pause = failure.retry_after.unwrap_or(doubled).min(LONGEST_PAUSE);
                    self.change(|pace, now| pace.slow(now, pause));
                    refusals += 1;
                }
                Err(failure)
                    if matches!(failure.kind, FailureKind::Server | FailureKind::Network) && failures < FAILURES =>
                {
                    self.world.clock.sleep(FIRST_PAUSE * 2u32.pow(failures)).await;
                    // Waiting a third time for what does not answer would keep everybody too long.
                    failures += if failure.is_silence() { FAILURES } else { 1 };
                }
                answer => return answer,
            }
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut TokenBucket, Timestamp) -> R) -> R {
        let files = &self.world.files;
        let path = self.path();
        let lock =
            files.lock(&self.world.folders.state.join("locks").join(format!("{}.pace", self.name)), PATIENCE).ok();
        let now = self.world.clock.now();
        let read = || serde_json::from_slice(&files.read(&path, MAX_STATE).ok()??).ok();
        let stored = lock.as_ref().and_then(|_| read()).or_else(|| self.own.take());
        let mut pace = stored.unwrap_or_else(|| TokenBucket::new(now));
        let result = change(&mut pace, now);
        if let (Some(_), Ok(json)) = (&lock, serde_json::to_vec(&pace)) {
            _ = files.write_fleeting(&path, &json);
        }
        self.own.replace(Some(pace));
        result
    }

    fn path(&self) -> PathBuf {
        self.world.folders.state.join("pace").join(&self.name)
    }
}
