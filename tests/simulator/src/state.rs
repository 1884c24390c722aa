//! What the simulator remembers: registrations, sign-ins, tokens, credentials, and every request that was made.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::fault::{Fault, Planned};
use crate::okta::Memory;
use crate::saml::Signer;
use crate::world::{Account, Cluster, World};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The operation, such as `ListClusters`; the path where there is no name for it.
    pub operation: String,
    /// Path and query.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// A device authorization.
#[derive(Debug, Clone)]
pub(crate) struct SignIn {
    pub user_code: String,
    pub ends: i64,
    pub interval: i64,
    pub last_poll: Option<i64>,
    pub decision: Option<bool>,
}

/// A registered client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub secret: String,
    pub ends: i64,
    /// Empty for clients of the device flow.
    pub redirect_uris: Vec<String>,
}

/// An authorization code that was not redeemed yet.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub client: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub ends: i64,
}

/// Role credentials that were handed out.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The secret key.
    pub secret: String,
    /// The session token.
    pub token: String,
    /// The account.
    pub account: String,
    /// The permission set, or the role that was assumed.
    pub role: String,
    /// The role as IAM knows it.
    pub iam_role: String,
    /// Unix seconds.
    pub ends: i64,
    /// Whether another role's credentials asked for these.
    pub chained: bool,
}

/// Everything that changes while the simulator runs.
#[derive(Debug)]
pub struct State {
    /// The world; tests may change it at any time.
    pub world: World,
    /// Every request, oldest first.
    pub requests: Vec<Recorded>,
    /// Seconds the simulator's clock is ahead of the machine's.
    pub offset: i64,
    /// Seconds the `Date` of answers is ahead of that clock.
    pub date_skew: i64,
    /// Every secret that was ever handed out.
    pub secrets: Vec<String>,
    /// How many calls were refused because they came too fast.
    pub throttled: usize,
    pub(crate) faults: Vec<Planned>,
    /// Portal calls that are left, and when that was.
    pub(crate) bucket: Option<(f64, Instant)>,
    pub(crate) clients: HashMap<String, Client>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) sign_ins: HashMap<String, SignIn>,
    pub(crate) access_tokens: HashMap<String, i64>,
    pub(crate) refresh_tokens: HashMap<String, bool>,
    pub(crate) issued: HashMap<String, Issued>,
    /// Sign-in tokens of the console, each with its role.
    pub(crate) sign_in_tokens: HashMap<String, String>,
    /// What the Okta org remembers.
    pub(crate) okta: Memory,
}

/// The state with what never changes.
#[derive(Debug)]
pub(crate) struct Shared {
    pub url: String,
    /// Where each cluster answers, by its key.
    pub endpoints: Vec<(String, String)>,
    pub ca_pem: String,
    /// The key of the Okta org.
    pub signer: Signer,
    state: Mutex<State>,
}

impl Shared {
    pub fn new(url: String, endpoints: Vec<(String, String)>, ca_pem: String, world: World) -> Self {
        let state = State {
            world,
            requests: Vec::new(),
            offset: 0,
            date_skew: 0,
            secrets: Vec::new(),
            throttled: 0,
            faults: Vec::new(),
            bucket: None,
            clients: HashMap::new(),
            codes: HashMap::new(),
            sign_ins: HashMap::new(),
            access_tokens: HashMap::new(),
            refresh_tokens: HashMap::new(),
            issued: HashMap::new(),
            sign_in_tokens: HashMap::new(),
            okta: Memory::default(),
        };
        let signer = Signer::new();
        Self { url, endpoints, ca_pem, signer, state: Mutex::new(state) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed while it looked at the state must not fail the others.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The simulator's time, in Unix seconds.
    pub fn now(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
        i64::try_from(now).expect("a clock before the end of time") + self.offset
    }

    /// The user codes that wait for a person.
    pub fn waiting(&self) -> Vec<String> {
        let open = self.sign_ins.values().filter(|sign_in| sign_in.decision.is_none());
        open.map(|sign_in| sign_in.user_code.clone()).collect()
    }

    /// Role credentials that were handed out, by access key.
    pub fn issued(&self) -> impl Iterator<Item = (&String, &Issued)> {
        self.issued.iter()
    }

    /// Ends all access tokens, as an administrator would.
    pub fn revoke_access_tokens(&mut self) {
        self.access_tokens.clear();
        self.okta.tokens.clear();
    }

    /// Ends all role credentials that were handed out: AWS knows them no more.
    pub fn revoke_role_credentials(&mut self) {
        self.issued.clear();
    }

    /// Nothing can be renewed any more; access tokens stay good.
    pub fn forget_refresh_tokens(&mut self) {
        self.refresh_tokens.clear();
        self.okta.refresh_tokens.clear();
    }

    /// Ends the Okta session behind all tokens issued so far: they lead to no app and are not renewed any more.
    pub fn end_okta_session(&mut self) {
        self.okta.refresh_tokens.clear();
        self.okta.tokens.values_mut().for_each(|token| token.session = false);
    }

    /// Whether a session lives on: somebody may hold a refresh token for it.
    pub fn can_be_renewed(&self) -> bool {
        self.refresh_tokens.values().any(|unspent| *unspent) || !self.okta.refresh_tokens.is_empty()
    }

    /// Ends the portal session: nothing can be renewed.
    pub fn end_session(&mut self) {
        self.access_tokens.clear();
        self.refresh_tokens.clear();
    }

    pub(crate) fn decide(&mut self, user_code: &str, approve: bool) -> bool {
        let wanted = user_code.trim().to_uppercase();
        let found =
            self.sign_ins.values_mut().find(|sign_in| sign_in.user_code == wanted && sign_in.decision.is_none());
        found.map(|sign_in| sign_in.decision = Some(approve)).is_some()
    }

    /// A poll of a device authorization: whether it may go on, or the OAuth error that answers it.
    pub(crate) fn poll(&mut self, code: &str) -> Result<(), &'static str> {
        let (now, approve) = (self.now(), self.world.approve);
        let sign_in = self.sign_ins.get_mut(code).ok_or("invalid_grant")?;
        if now >= sign_in.ends {
            return Err("expired_token");
        }
        let early = sign_in.last_poll.is_some_and(|last| now - last < sign_in.interval - 1);
        let first = sign_in.last_poll.replace(now).is_none();
        if early {
            sign_in.interval += 5;
            return Err("slow_down");
        }
        if approve && (!first || sign_in.interval == 0) && sign_in.decision.is_none() {
            sign_in.decision = Some(true);
        }
        match sign_in.decision {
            None => Err("authorization_pending"),
            Some(false) => Err("access_denied"),
            Some(true) => {
                self.sign_ins.remove(code);
                Ok(())
            }
        }
    }

    /// A new secret, remembered for the search for leaks.
    pub(crate) fn secret(&mut self, kind: &str, padding: usize) -> String {
        let secret = format!("{kind}{}{}", random(20), "x".repeat(padding));
        self.secrets.push(secret.clone());
        secret
    }

    /// The fault that is due for a request; `text` is its target and its Authorization header.
    pub(crate) fn due_fault(&mut self, operation: &str, text: &str) -> Option<Fault> {
        let mut due = None;
        for planned in self.faults.iter_mut().filter(|planned| planned.concerns(operation, text)) {
            if planned.is_due(due.is_none()) {
                due = due.or_else(|| Some(planned.fault.clone()));
            }
        }
        due
    }

    /// Whether the portal takes one more call now: a bucket of as many calls as it takes in a second.
    pub(crate) fn within_rate(&mut self) -> bool {
        let Some(rate) = self.world.portal_rate.map(f64::from) else { return true };
        let now = Instant::now();
        let (left, then) = self.bucket.unwrap_or((rate, now));
        let left = (left + now.duration_since(then).as_secs_f64() * rate).min(rate);
        let within = left >= 1.0;
        self.bucket = Some((if within { left - 1.0 } else { left }, now));
        self.throttled += usize::from(!within);
        within
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.world.accounts.iter().find(|account| account.id == id)
    }

    pub(crate) fn cluster(&self, account: &str, region: &str, name: &str) -> Option<&Cluster> {
        self.world.clusters.iter().find(|c| c.account == account && c.region == region && c.name == name)
    }
}

/// FNV-1a.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// So many random bytes, as hex.
pub(crate) fn random(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).expect("random numbers");
    buffer.iter().map(|byte| format!("{byte:02x}")).collect()
}
