//! How long roles may be had for: more than a role's maximum is refused, not cut, so what each of them takes is remembered.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::ids::RoleArn;
use crate::domain::text::digest;
use crate::flows::sign_in::base::SessionHandle;
use crate::flows::sign_in::found::Found;

/// Seconds that roles may allow, tried from the top.
const DURATIONS: [i32; 7] = [43200, 28800, 21600, 14400, 10800, 7200, 3600];
/// How long it is remembered what a role takes.
const SETTLED: SignedDuration = SignedDuration::from_hours(7 * 24);
const MAX_DURATIONS: u64 = 4 << 20;
/// Writing them takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// How long each role lets its credentials live, as far as it was tried.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Durations(BTreeMap<String, (i32, Timestamp)>);

impl Durations {
    fn path(handle: &SessionHandle<'_>) -> PathBuf {
        handle.world.folders.cache.join("durations").join(format!("{}.json", &digest(&handle.session.place())[..32]))
    }

    /// What is remembered. What cannot be read is as good as never tried.
    pub fn load(handle: &SessionHandle<'_>) -> Self {
        let read = || {
            let bytes = handle.world.files.read(&Self::path(handle), MAX_DURATIONS).ok()??;
            serde_json::from_slice(&bytes).ok()
        };
        read().unwrap_or_default()
    }

    /// What to try, in this order: what worked lately and less, else what worked for the other roles of that account, which
    /// are mostly made alike, else everything. What an assertion calls SessionDuration is
    /// the console's, and says nothing of this.
    pub fn to_try(&self, arn: &RoleArn, now: Timestamp) -> impl Iterator<Item = i32> + use<> {
        let lately = |(seconds, at): &(i32, Timestamp)| (now.duration_since(*at) < SETTLED).then_some(*seconds);
        let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
        let alike = self.0.iter().filter(|(other, _)| account(other) == account(arn.as_str()));
        let most = self.0.get(arn.as_str()).and_then(lately);
        let most = most.or_else(|| alike.filter_map(|(_, known)| lately(known)).max()).unwrap_or(i32::MAX);
        DURATIONS.into_iter().filter(move |seconds| *seconds <= most)
    }

    /// Remembers what a role took, while the sign-in goes on that asked.
    pub fn remember(&self, handle: &SessionHandle<'_>, found: &Found<'_>, arn: &RoleArn, seconds: i32) {
        let (world, now) = (handle.world, handle.world.clock.now());
        let known = self.0.get(arn.as_str());
        if known.is_some_and(|(known, at)| *known == seconds && now.duration_since(*at) < SETTLED) {
            return;
        }
        // Others remember other roles at the same moment. What cannot be remembered costs requests.
        let lock = world.folders.state.join("locks").join(format!("{}.durations", handle.session.file_name()));
        let Ok(_lock) = world.files.lock(&lock, LOCK_WAIT) else { return };
        let mut all = Self::load(handle);
        all.0.insert(arn.as_str().to_owned(), (seconds, now));
        if let Ok(json) = serde_json::to_vec(&all) {
            _ = found.keep(&Self::path(handle), &json);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_begin_with_what_is_known_and_go_down() {
        let arn: RoleArn = "arn:aws:iam::111122223333:role/A".parse().expect("an ARN");
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let tries = |known: &Durations, now| known.to_try(&arn, now).collect::<Vec<i32>>();
        assert_eq!(tries(&Durations::default(), now), DURATIONS);
        let known = Durations(BTreeMap::from([(arn.to_string(), (7200, now))]));
        assert_eq!(tries(&known, now), [7200, 3600]);
        assert_eq!(tries(&known, now + SETTLED), DURATIONS);
        let other = "arn:aws:iam::111122223333:role/eks/B".to_owned();
        let elsewhere = "arn:aws:iam::444455556666:role/A".to_owned();
        let known = Durations(BTreeMap::from([(other, (3600, now)), (elsewhere, (14400, now))]));
        assert_eq!(tries(&known, now), [3600], "as the other roles of that account");
        assert_eq!(tries(&known, now + SETTLED), DURATIONS);
    }
}
