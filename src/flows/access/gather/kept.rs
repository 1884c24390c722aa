//! What was read is kept for a while, so that an interrupted reading goes on where it stopped, and a second command need not
//! ask everything again. No secret is in there, but who may do what is nobody else's: the file is the user's alone (0600), of one
//! sign-in, and forgotten after minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::access::facts::{Account, Cluster, Directory, Entitlement, Fact, Organization};
use crate::domain::ids::AccountId;
use crate::domain::session::Session;
use crate::error::Result;
use crate::flows::sign_in::found::Found;
use crate::ports::World;

/// The form of the file. Another one is as good as none.
const VERSION: u32 = 1;
/// In the cache folder.
const FOLDER: &str = "access";
const MAX_KEPT: u64 = 256 << 20;
/// How long what was read is taken for true.
pub const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// For how long an interrupted fresh look is gone on with.
const RESUMED: SignedDuration = SignedDuration::from_mins(15);

/// Something that was read, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct At<T> {
    /// When it was read, UTC.
    pub at: Timestamp,
    /// What was read.
    pub what: T,
}

/// What Identity Center says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct People {
    /// The instances.
    pub directories: Vec<Directory>,
    /// Permission sets whose latest version an account does not have yet.
    pub unprovisioned: BTreeMap<AccountId, Fact<Vec<String>>>,
    /// Who may use which role of an account by the account access manager.
    pub entitlements: BTreeMap<AccountId, Fact<Vec<Entitlement>>>,
}

impl People {
    /// The account that Identity Center turns out to be in, and those that administer it by delegation: who may assign permission
    /// sets is a question of their IAM.
    pub fn owners(&self, organization: &Organization) -> BTreeSet<AccountId> {
        let owners = self.directories.iter().filter_map(|directory| directory.owner.parse().ok());
        let delegated = organization.delegated.get().filter(|_| !self.directories.is_empty());
        owners.chain(delegated.into_iter().flatten().cloned()).collect()
    }
}

/// Where it is kept, and what it is of: another sign-in, or other roles to look with, have nothing to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name of the file.
    pub file: String,
    /// What tells this sign-in and its settings from others.
    pub of: String,
}

/// All that is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    version: u32,
    of: String,
    /// When it was written: nothing in it is younger.
    saved: Option<Timestamp>,
    /// When the look began that was interrupted.
    pub unfinished: Option<Timestamp>,
    /// By account, region and name.
    pub clusters: BTreeMap<String, At<Rc<Cluster>>>,
    /// By id.
    pub accounts: BTreeMap<AccountId, At<Rc<Account>>>,
    /// By what was asked of them.
    pub people: BTreeMap<String, At<People>>,
    /// By what was asked of it.
    pub organizations: BTreeMap<String, At<Organization>>,
    /// By ARN.
    pub aws_policies: BTreeMap<String, At<Fact<String>>>,
}

impl Kept {
    /// What is there and counts. With `anew`, only what an interrupted look of that kind has just read.
    pub fn load(world: &World, owner: &Owner, anew: bool) -> Self {
        let now = world.clock.now();
        sweep(world, now);
        let read = world.files.read(&path(world, &owner.file), MAX_KEPT).ok().flatten();
        let known = read.and_then(|json| serde_json::from_slice::<Self>(&json).ok());
        let known = known.filter(|known| known.version == VERSION && known.of == owner.of);
        let mut kept = known.unwrap_or_default();
        let resumed = kept.unfinished.filter(|began| *began <= now && now.duration_since(*began) < RESUMED);
        let since = if anew { resumed.unwrap_or(now) } else { now - FRESH };
        // A clock that was set back: what is from the future is not believed.
        let counts = |at: Timestamp| at >= since && at <= now;
        kept.clusters.retain(|_, kept| counts(kept.at));
        kept.accounts.retain(|_, kept| counts(kept.at));
        kept.people.retain(|_, kept| counts(kept.at));
        kept.organizations.retain(|_, kept| counts(kept.at));
        kept.aws_policies.retain(|_, kept| counts(kept.at));
        Self { version: VERSION, of: owner.of.clone(), unfinished: resumed.or(Some(now)), ..kept }
    }

    /// Writes it, for a session while the sign-in goes on that it was `found` with. What cannot be kept costs requests later, nothing now.
    pub fn save(&mut self, world: &World, owner: &Owner, found: Option<&Found<'_>>) {
        self.saved = Some(world.clock.now());
        let Ok(json) = serde_json::to_vec(self) else { return };
        let path = path(world, &owner.file);
        _ = match found {
            Some(found) => found.keep(&path, &json),
            None => world.files.write_fleeting(&path, &json),
        };
    }
}

/// Forgets what the session read.
///
/// # Errors
/// The file cannot be removed.
pub fn forget(world: &World, session: &Session) -> Result<()> {
    world.files.remove_own(&path(world, &session.file_name())).map(|_| ())
}

/// Removes files older than their time to live, of any sign-in: who may do what should not lie about longer than it is of
/// use. The cache can be lost at any time, so what goes wrong here does not matter.
fn sweep(world: &World, now: Timestamp) {
    #[derive(Deserialize)]
    struct Saved {
        saved: Option<Timestamp>,
    }
    let files = world.files.list(&world.folders.cache.join(FOLDER)).unwrap_or_default();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let Ok(Some(json)) = world.files.read(file, MAX_KEPT) else { continue };
        let saved = serde_json::from_slice::<Saved>(&json).ok().and_then(|known| known.saved);
        if saved.is_none_or(|saved| now.duration_since(saved) > FRESH) {
            _ = world.files.remove_own(file);
        }
    }
}

fn path(world: &World, file: &str) -> PathBuf {
    world.folders.cache.join(FOLDER).join(format!("{file}.json"))
}
