//! What `eksso access` works on: the facts that were read, the grants that follow, and what could not be read.

use crate::cli::{CredentialsArg, WhichArgs};
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::facts::facts;
use crate::domain::access::aws_auth::parse;
use crate::domain::access::facts::Facts;
use crate::domain::access::gaps::{Unread, unread};
use crate::domain::access::grant::{ClusterRef, Grant};
use crate::domain::access::grants::grants;
use crate::domain::ids::AccountId;
use crate::error::{Error, Kind, Result};
use crate::ui::say::count;

/// Lines about what could not be read, and places in each, without -v.
const TOLD: usize = 8;
const PLACES: usize = 3;

/// A reading.
pub struct Reading {
    /// By whom: the session's name, `environment`, or nothing for several sessions.
    pub session: String,
    /// What was read.
    pub facts: Facts,
    /// What follows.
    pub grants: Vec<Grant>,
    /// What could not be read.
    pub gaps: Vec<Unread>,
}

impl Reading {
    /// Reads what is meant.
    ///
    /// # Errors
    /// Nobody is signed in, or no cluster is there.
    pub fn take(call: &Call<'_>, which: &WhichArgs) -> Result<Self> {
        let session = match (which.facts.credentials, which.facts.filter.roles.all_sessions) {
            (CredentialsArg::Environment, _) => "environment".to_owned(),
            (CredentialsArg::Session, true) => String::new(),
            (CredentialsArg::Session, false) => {
                call.settings()?.require(call.world, call.globals.session.as_deref())?.name.to_string()
            }
        };
        let facts = block_on(facts(call, &which.facts, &which.clusters))?;
        let grants = grants(&facts);
        let reading = Self { session, gaps: unread(&facts), facts, grants };
        for cluster in &reading.facts.clusters {
            for key in cluster.aws_auth.get().into_iter().flat_map(|data| parse(data).ignored) {
                call.voice.warn(call.world, &format!("{}/{}: {key}", cluster.account, cluster.name));
            }
        }
        Ok(reading)
    }

    /// The same for a question about somebody, or about who may do something.
    ///
    /// # Errors
    /// Of no cluster can be read who is let in: "nobody" would be no answer.
    pub fn take_to_ask(call: &Call<'_>, which: &WhichArgs) -> Result<Self> {
        let reading = Self::take(call, which)?;
        reading.check_any()?;
        Ok(reading)
    }

    /// Whether of any cluster could be read who is let in.
    ///
    /// # Errors
    /// It could not.
    pub fn check_any(&self) -> Result<()> {
        let lists = ["clusters", "settings", "access entries", "aws-auth"];
        match self.gaps.iter().find(|gap| lists.contains(&gap.what)) {
            Some(gap) if self.grants.is_empty() => {
                let error = Error::new(Kind::Denied, "of no cluster can be read who is let in").cause(gap.line(PLACES));
                Err(error.hint("eksso audit --print-policy iam  # shows what the role that looks must be allowed"))
            }
            _ => Ok(()),
        }
    }

    /// The name of an account; empty where it is not known.
    pub fn name_of(&self, account: &AccountId) -> &str {
        self.facts.accounts.get(account).map_or("", |account| &account.name)
    }

    /// The name of a grant's account.
    pub fn account_name(&self, grant: &Grant) -> &str {
        self.name_of(&grant.cluster.account)
    }

    /// `Production/web (111122223333, eu-west-1)`
    pub fn cluster_line(&self, cluster: &ClusterRef) -> String {
        let ClusterRef { account, region, name } = cluster;
        match self.name_of(account) {
            "" => format!("{name} ({account}, {region})"),
            known => format!("{known}/{name} ({account}, {region})"),
        }
    }

    /// Of when and by whom it is.
    pub fn made(&self, call: &Call<'_>) -> String {
        let by = match self.session.as_str() {
            "" => "all sessions".to_owned(),
            "environment" => "the credentials of the environment".to_owned(),
            session => format!("session {session}"),
        };
        let now = call.world.clock.now().strftime("%Y-%m-%d %H:%M UTC");
        let clusters = count(self.facts.clusters.len(), "cluster");
        format!("{clusters}, {}, read by {by}, {now}", count(self.grants.len(), "mapping"))
    }

    /// What could not be read, a line each.
    pub fn gap_lines(&self) -> Vec<String> {
        self.gaps.iter().map(|gap| gap.line(usize::MAX)).collect()
    }

    /// Says on stderr what could not be read, and how much that is.
    pub fn tell_gaps(&self, call: &Call<'_>) {
        if self.gaps.is_empty() {
            return;
        }
        let (told, places) = if call.voice.verbose > 0 { (usize::MAX, usize::MAX) } else { (TOLD, PLACES) };
        let kinds = count(self.gaps.len(), "thing");
        call.voice.warn(call.world, &format!("{kinds} could not be read; what follows from it is `?` or unknown:"));
        self.gaps.iter().take(told).for_each(|gap| call.voice.warn(call.world, &gap.line(places)));
        if let Some(more) = self.gaps.len().checked_sub(told).filter(|more| *more > 0) {
            call.voice.warn(call.world, &format!("{more} more; -v tells each"));
        }
    }
}
