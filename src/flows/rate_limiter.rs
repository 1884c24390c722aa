//! Calls to a service, evenly spaced. A portal has one budget for a person, so every process of this machine takes its turns
//! from one file; other services are spaced within the process.

use std::cell::RefCell;
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

/// The turns of one service.
pub struct RateLimiter<'w> {
    world: &'w World,
    /// The file that processes share; none for turns of this process alone.
    name: Option<String>,
    /// What counts where there is no file, or it cannot be used.
    own: RefCell<Option<TokenBucket>>,
}

impl<'w> RateLimiter<'w> {
    /// The turns called `name`, which all processes share.
    pub fn new(world: &'w World, name: String) -> Self {
        Self { world, name: Some(name), own: RefCell::new(None) }
    }

    /// Turns of this process alone, so many a second at most.
    pub fn within_process(world: &'w World, rate: f64) -> Self {
        let own = TokenBucket::with_rate(world.clock.now(), rate);
        Self { world, name: None, own: RefCell::new(Some(own)) }
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
                    self.change(|bucket, now| bucket.slow(now, pause));
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
        // On disk the buckets keep their old folder and locks, so that two versions of eksso share one budget.
        let path = self.name.as_ref().map(|name| self.world.folders.state.join("pace").join(name));
        let locks = self.world.folders.state.join("locks");
        let lock = self.name.as_ref().and_then(|name| files.lock(&locks.join(format!("{name}.pace")), PATIENCE).ok());
        let shared = path.as_ref().filter(|_| lock.is_some());
        let now = self.world.clock.now();
        let stored = shared.and_then(|path| serde_json::from_slice(&files.read(path, MAX_STATE).ok()??).ok());
        let mut bucket = stored.or_else(|| self.own.take()).unwrap_or_else(|| TokenBucket::new(now));
        let result = change(&mut bucket, now);
        if let (Some(path), Ok(json)) = (shared, serde_json::to_vec(&bucket)) {
            _ = files.write_fleeting(path, &json);
        }
        self.own.replace(Some(bucket));
        result
    }
}
