//! Asking AWS: as the role that was answered last, else as the others in turn; in turns; and not at all where nothing answers.

use std::rc::Rc;

use crate::clients::aws::eks::Eks;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::access::Listed;
use crate::domain::access::facts::{Fact, Source};
use crate::domain::ids::{AccountId, Region};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::{Error, Kind};
use crate::flows::access::gather::base::{Gather, Unit};
use crate::flows::access::gather::looker::Looker;
use crate::flows::access::gather::lookers::SILENT;
use crate::flows::rate_limiter::RateLimiter;

/// Calls a second. EKS publishes no rate for reads (access.md 1.9), IAM and Organizations none that may be relied on; each
/// refusal slows them down.
const EKS_RATE: f64 = 40.0;
const IAM_RATE: f64 = 15.0;
const ORGANIZATIONS_RATE: f64 = 5.0;
const OTHER_RATE: f64 = 10.0;

/// A service at one of its places, which has a rate of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'p> {
    /// EKS of an account and region.
    Eks(&'p AccountId, &'p Region),
    /// IAM of an account.
    Iam(&'p AccountId),
    /// Identity Center and its directory: one budget for both, and for the portal.
    IdentityCenter(&'p Region),
    /// Organizations.
    Organizations,
    /// The account access manager.
    AccountAccess(&'p AccountId),
}

impl Place<'_> {
    /// What is silent, if it is: an endpoint, whoever asks.
    fn endpoint(self) -> String {
        match self {
            Self::Eks(_, region) => format!("EKS in {region}"),
            Self::Iam(_) => "IAM".to_owned(),
            Self::IdentityCenter(region) => format!("Identity Center in {region}"),
            Self::Organizations => "Organizations".to_owned(),
            Self::AccountAccess(_) => "the account access manager".to_owned(),
        }
    }

    /// What is said of one that gives no answer of use.
    fn outage(self, failure: &Failure) -> String {
        let what = if failure.kind == FailureKind::Server { "has a problem of its own" } else { "did not answer" };
        format!("{} {what}: {failure}", self.endpoint())
    }

    /// Its rate limiter's name, and calls a second.
    fn rate_limit(self) -> (String, f64) {
        match self {
            Self::Eks(account, region) => (format!("eks {account} {region}"), EKS_RATE),
            Self::Iam(account) => (format!("iam {account}"), IAM_RATE),
            Self::IdentityCenter(region) => (format!("sso {region}"), OTHER_RATE),
            Self::Organizations => ("organizations".to_owned(), ORGANIZATIONS_RATE),
            Self::AccountAccess(account) => (format!("account-access {account}"), OTHER_RATE),
        }
    }
}

impl<'a> Gather<'a> {
    /// Asks something in an account. A role that is denied it gives way to the next one.
    pub(super) async fn ask<T>(
        &self,
        unit: &Unit,
        account: &AccountId,
        action: &'static str,
        place: Place<'_>,
        ask: impl AsyncFn(&RoleCredentials) -> Result<T, Failure>,
    ) -> Fact<T> {
        let mut refused = None;
        let lookers = match self.lookers.of(account).await {
            Ok(lookers) => lookers,
            Err(error) => return Fact { answer: self.hidden(unit, error), source: None },
        };
        if lookers.is_empty() {
            let why = format!("no role that may be used to look is yours in account {account}");
            return Fact { answer: Listed::Hidden(why), source: None };
        }
        let key = (account.clone(), action);
        let first = self.luck.borrow().get(&key).copied().unwrap_or_default();
        let order = std::iter::once(first).chain((0..lookers.len()).filter(|number| *number != first));
        for number in order {
            let Some(looker) = lookers.get(number) else { continue };
            let source = || self.source(action, looker);
            let credentials = match self.lookers.credentials(looker).await {
                Ok(credentials) => credentials,
                Err(error) => {
                    let answer = self.hidden(unit, error);
                    refused = refused.or(Some(Fact { answer, source: Some(source()) }));
                    continue;
                }
            };
            match self.call(looker, place, credentials, &ask).await {
                Ok(answer) => {
                    self.luck.borrow_mut().insert(key, number);
                    return Fact::seen(answer, source());
                }
                Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized) => {
                    refused = refused.or(Some(Fact::hidden(failure.to_string(), source())));
                }
                Err(failure) => {
                    // What is out of order now may answer later; what is refused for what it is, is not asked again soon.
                    if !matches!(failure.kind, FailureKind::Refused | FailureKind::NotFound) {
                        unit.spoil();
                    }
                    return Fact::hidden(failure.to_string(), source());
                }
            }
        }
        refused.unwrap_or_default()
    }

    /// Like `ask`, where the absence of what is asked about is an answer, too.
    pub(super) async fn ask_of<T>(
        &self,
        unit: &Unit,
        account: &AccountId,
        action: &'static str,
        place: Place<'_>,
        ask: impl AsyncFn(&RoleCredentials) -> Result<T, Failure>,
    ) -> Option<Fact<T>> {
        let found = self
            .ask(unit, account, action, place, async |credentials| match ask(credentials).await {
                Ok(found) => Ok(Some(found)),
                Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
                Err(failure) => Err(failure),
            })
            .await;
        match found.answer {
            Listed::Seen(None) => None,
            Listed::Seen(Some(answer)) => Some(Fact { answer: Listed::Seen(answer), source: found.source }),
            Listed::Hidden(why) => Some(Fact { answer: Listed::Hidden(why), source: found.source }),
            Listed::Unasked => Some(Fact::default()),
        }
    }

    /// One call as one role: in turn, and with other credentials where those from the cache are dead.
    async fn call<T>(
        &self,
        looker: &Looker,
        place: Place<'_>,
        credentials: RoleCredentials,
        ask: &impl AsyncFn(&RoleCredentials) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let limiter = self.limiter(place);
        let once = async |credentials: &RoleCredentials| {
            let endpoint = place.endpoint();
            let known = self.silent.borrow().get(&endpoint).filter(|(times, _)| *times >= SILENT).cloned();
            if let Some((_, failure)) = known {
                return Err(failure);
            }
            let mut answer = limiter
                .call(async || {
                    let _turn = self.calls.acquire().await;
                    ask(credentials).await
                })
                .await;
            let mut silent = self.silent.borrow_mut();
            match &mut answer {
                Err(failure) if failure.is_outage() => {
                    self.unreached.borrow_mut().get_or_insert_with(|| failure.clone().into());
                    // One cause has one wording, whoever meets it and whoever is not asked for it.
                    failure.reason = place.outage(failure);
                    failure.code = None;
                    let times = silent.get(&endpoint).map_or(0, |(times, _)| *times);
                    silent.insert(endpoint, (times + 1, failure.clone()));
                }
                _ => {
                    self.answered.set(true);
                    silent.remove(&endpoint);
                }
            }
            answer
        };
        match once(&credentials).await {
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                match self.lookers.renewed(looker, &credentials).await {
                    Some(Ok(renewed)) => once(&renewed).await,
                    _ => Err(failure),
                }
            }
            answer => answer,
        }
    }

    fn hidden<T>(&self, unit: &Unit, error: Error) -> Listed<T> {
        Listed::Hidden(self.why(unit, error))
    }

    /// Why something cannot be seen; what ends the whole is noted.
    pub(super) fn why(&self, unit: &Unit, error: Error) -> String {
        let words = error.to_string();
        match error.kind() {
            Kind::SignInNeeded | Kind::Interrupted | Kind::LocalState => {
                self.fatal.borrow_mut().get_or_insert(error);
            }
            Kind::Unavailable => {
                unit.spoil();
                self.unreached.borrow_mut().get_or_insert(error);
            }
            _ => {}
        }
        words
    }

    pub(super) fn source(&self, call: &str, looker: &Looker) -> Source {
        Source { call: call.to_owned(), by: looker.name(), at: self.world.clock.now() }
    }

    fn limiter(&self, place: Place<'_>) -> Rc<RateLimiter<'a>> {
        let (name, rate) = place.rate_limit();
        let mut limiters = self.limiters.borrow_mut();
        let made = limiters.entry(name).or_insert_with(|| {
            Rc::new(match place {
                // Identity Center counts all its calls together, also the portal's and those of other processes.
                Place::IdentityCenter(_) => RateLimiter::new(self.world, self.scope.rate_limiter.clone()),
                _ => RateLimiter::within_process(self.world, rate),
            })
        });
        Rc::clone(made)
    }

    /// The client of a region as a role: making one costs more than a call's worth of work.
    pub(super) fn eks_client(&self, region: &Region, credentials: &RoleCredentials) -> Rc<Eks> {
        let key = (credentials.access_key_id.clone(), region.clone());
        let mut clients = self.eks.borrow_mut();
        Rc::clone(clients.entry(key).or_insert_with(|| Rc::new(Eks::new(self.aws, region, credentials))))
    }
}
