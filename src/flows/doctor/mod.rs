//! Why it does not work: the checks, each bounded in time, those of the network side by side.
//!
//! They do what kubectl's next call would do, a renewal of the sign-in included, and nothing else: nobody is signed in or
//! asked, and no setting or kubeconfig is written.

mod local;
mod network;

use std::path::{Path, PathBuf};

use futures_util::future;
use jiff::{SignedDuration, Timestamp};
use serde_yaml::Value;

use crate::domain::doctor::{Check, Finding, Status};
use crate::domain::identity::Identity;
use crate::domain::ids::Namespace;
use crate::domain::session::Session;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::Address;
use crate::flows::locks;
use crate::flows::settings::Settings;
use crate::flows::sign_in::back_off::back_off;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{Keyring, World};

/// A context, as kubectl reads it.
pub struct Context {
    /// Its name.
    pub name: String,
    /// What it stands for, where it is ours.
    pub identity: Option<Identity>,
    /// Its user.
    pub user: Option<Value>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its cluster's address.
    pub address: Result<Address>,
}

/// What is examined.
pub struct Patient<'p> {
    /// The kubeconfig files.
    pub kubeconfigs: Vec<PathBuf>,
    /// What they could be read as.
    pub read: &'p Result<()>,
    /// The context that was named, or the current one; none where there is no current one.
    pub context: Option<&'p Result<Context>>,
    /// The settings.
    pub settings: &'p Result<Settings>,
    /// The session that the context needs, or that is the usual one; none where there is none yet.
    pub session: Option<&'p Result<Session>>,
    /// The keyring that is wanted.
    pub keyring: Option<&'p Result<Keyring>>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Examined {
    /// The checks in order.
    pub findings: Vec<Finding>,
    /// Names that came up, by kind: what a report for strangers must not hold.
    pub names: Vec<(&'static str, String)>,
}

impl Examined {
    fn name(&mut self, kind: &'static str, text: impl Into<String>) {
        self.names.push((kind, text.into()));
    }
}

/// A finding of what an error says.
fn of_error(check: Check, status: Status, error: &Error) -> Finding {
    let fact = std::iter::once(error.fact()).chain(error.causes().iter().map(String::as_str));
    let found = Finding::new(check, status, fact.collect::<Vec<_>>().join(": "));
    error.hints().iter().fold(found, Finding::fix)
}

fn failed(check: Check, error: &Error) -> Finding {
    of_error(check, Status::Failed, error)
}

/// The same of a keyring, whose other choices are always an answer.
fn no_keyring(error: &Error) -> Finding {
    let finding = failed(Check::Keyring, error);
    match finding.fixes.is_empty() {
        true => finding
            .fix("EKSSO_KEYRING=keyutils eksso login  # the kernel's, gone at a reboot")
            .fix("EKSSO_KEYRING=passphrase eksso login"),
        false => finding,
    }
}

fn not_checked(check: Check, why: &str) -> Finding {
    Finding::new(check, Status::NotChecked, why)
}

/// Looks at everything.
pub async fn examine(world: &World, patient: &Patient<'_>) -> Examined {
    let mut found = Examined::default();
    found.name("home", world.folders.home.display().to_string());
    found.findings.extend(local::settings(patient));
    found.findings.push(local::kubeconfig(world, patient).await);
    let context = patient.context.and_then(|context| context.as_ref().ok());
    if let Some(context) = context {
        names_of(&mut found, context);
    }
    found.findings.extend(local::exec_entry(world, context));
    let minor = local::kubectl(world, &mut found.findings);
    found.findings.extend(local::plugin_policy(world, context, minor));
    found.findings.push(local::environment(world));
    sessions(world, patient, context, &mut found).await;
    found
}

fn names_of(found: &mut Examined, context: &Context) {
    found.name("context", &context.name);
    if let Some(identity) = &context.identity {
        found.name("session", identity.session.as_str());
        found.name("account", identity.account.as_str());
        found.name("role", identity.role.as_str());
        found.name("cluster", identity.cluster.as_str());
        found.names.extend(identity.assume.as_ref().map(|arn| ("arn", arn.as_str().to_owned())));
    }
    found.names.extend(context.namespace.clone().map(|name| ("namespace", name)));
    if let Ok(address) = &context.address {
        let host = address.endpoint.trim_start_matches("https://").trim_end_matches('/');
        found.names.push(("endpoint", host.to_owned()));
        found.names.push(("cluster", address.signed_for.clone()));
        found.names.extend(address.route.proxy.clone().map(|proxy| ("proxy", proxy)));
        found.names.extend(address.route.server_name.clone().map(|name| ("host", name)));
    }
}

/// What needs a session: the keyring, the sign-in, the network, the role, the cluster.
async fn sessions(world: &World, patient: &Patient<'_>, context: Option<&Context>, found: &mut Examined) {
    const REST: [Check; 6] = [Check::SignIn, Check::Endpoint, Check::Clock, Check::Role, Check::Token, Check::Cluster];
    let none = |found: &mut Examined, why: &str| {
        found.findings.extend(REST.iter().map(|check| not_checked(*check, why)));
    };
    let (session, keyring) = match (patient.session, patient.keyring) {
        (Some(Ok(session)), Some(Ok(keyring))) => (session, *keyring),
        (Some(Err(error)), _) => {
            found.findings.push(failed(Check::SignIn, error));
            return;
        }
        (_, Some(Err(error))) => {
            found.findings.push(no_keyring(error));
            return none(found, "there is no keyring to look into");
        }
        (None, _) if patient.settings.is_ok() => {
            let hint = "eksso login --start-url https://YOUR-PORTAL.awsapps.com/start --sso-region REGION";
            let found_none = Finding::new(Check::SignIn, Status::Failed, "there is no session yet");
            found.findings.push(found_none.fix(hint));
            return;
        }
        _ => return none(found, "the settings cannot be read"),
    };
    found.name("session", session.name.as_str());
    found.name("url", session.address());
    let handle = match crate::flows::sign_in::open(world, session.clone(), keyring, false) {
        Ok(handle) => handle,
        Err(error) => {
            found.findings.push(no_keyring(&error));
            return none(found, "the keyring cannot be opened");
        }
    };
    let signed_in = local_sign_in(world, &handle, found);
    found.findings.extend(local::kernel_key(keyring, handle.keyring()));
    found.findings.extend(lock(world, &handle));
    let aws = match handle.aws() {
        Ok(aws) => aws,
        Err(error) => {
            found.findings.push(failed(Check::Proxy, &error));
            return none(found, "the settings of the network make no sense");
        }
    };
    found.findings.push(network::settings(world));
    let region = context.and_then(|context| context.identity.as_ref()).map(|identity| &identity.region);
    let reached = network::endpoints(aws, session, region);
    let person = async {
        match signed_in {
            true => network::person(world, &handle, context).await,
            false => network::Person::nobody(context),
        }
    };
    let (reached, person) = future::join(reached, person).await;
    let answered = reached.iter().any(|finding| finding.status == Status::Ok);
    found.findings.extend(reached);
    found.findings.push(network::clock(aws, answered));
    // What only the provider knows takes the place of what the keyring says.
    if let Some(ended) = person.sign_in {
        let own = found.findings.iter_mut().find(|finding| finding.check == Check::SignIn);
        if let Some(own) = own {
            *own = ended;
        }
    }
    found.findings.extend(person.findings);
    found.names.extend(person.names);
}

/// The sign-in as the keyring knows it. Answers whether it can be used.
fn local_sign_in(world: &World, handle: &SessionHandle<'_>, found: &mut Examined) -> bool {
    let now = world.clock.now();
    let (session, backend) = (&handle.session, handle.keyring());
    let tokens = match handle.stored() {
        Ok(tokens) => tokens,
        Err(error) => {
            found.findings.push(no_keyring(&error));
            found.findings.push(not_checked(Check::SignIn, "the keyring cannot be read"));
            return false;
        }
    };
    let fact = format!("`{}` can be read", backend.name());
    found.findings.push(match backend {
        crate::domain::settings::config::Backend::Plaintext => {
            Finding::new(Check::Keyring, Status::Warning, "`plaintext`: secrets lie readable in files, as chosen")
                .fix("set `keyring = \"auto\"` in config.toml, then sign in again")
        }
        _ => Finding::new(Check::Keyring, Status::Ok, fact),
    });
    if let Err(error) = handle.check() {
        let finding = failed(Check::SignIn, &error);
        // A portal of another region shows an error in the browser, and the sign-in just is not approved.
        let portal = session.identity_center().filter(|_| back_off(world, session).is_some());
        found.findings.push(match portal {
            Some(portal) => finding.fix(format!(
                "if the browser showed an error: set `region` of [sessions.{}] in config.toml, now {}, to that of your Identity \
                 Center instance",
                session.name, portal.region
            )),
            None => finding,
        });
        return false;
    }
    let Some(tokens) = tokens else { return false };
    found.names.extend(tokens.user().map(|user| ("user", user.to_owned())));
    let who = tokens.user().map(|user| format!(" as {user}")).unwrap_or_default();
    let mut fact = format!(
        "signed in{who} with session `{}` ({}); its access token is good {}",
        session.name,
        session.provider_name(),
        until(tokens.expires_at, now)
    );
    let mut status = Status::Ok;
    let mut fixes = Vec::new();
    match (tokens.refreshable(now), tokens.registration()) {
        (true, Some(registration)) => {
            fact.push_str(&format!(", and renewed until {} at the latest", registration.expires_at.strftime("%F")));
            if registration.expires_at.duration_since(now) < SignedDuration::from_hours(7 * 24) {
                status = Status::Warning;
                fact.push_str(": the registration of this machine ends within the week");
                fixes.push(format!("{} --force", session.login_command()));
            }
        }
        (true, None) => fact.push_str(", and renewed without you"),
        (false, _) => {
            status = Status::Warning;
            fact.push_str(", and cannot be renewed");
            fixes.push(format!("{} --force", session.login_command()));
        }
    }
    if let Some(back_off) = back_off(world, session) {
        fact.push_str(&format!("; the last sign-in {}", back_off.why));
    }
    let finding = Finding::new(Check::SignIn, status, fact);
    found.findings.push(fixes.into_iter().fold(finding, Finding::fix));
    true
}

/// `until 14:05 UTC`, or that it has ended.
fn until(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    match left.is_positive() {
        true => format!("for another {} min", left.as_mins()),
        false => "no longer".to_owned(),
    }
}

/// Another process that keeps the session's lock.
fn lock(world: &World, handle: &SessionHandle<'_>) -> Option<Finding> {
    let own = handle.session.file_name();
    let names = [own.clone(), format!("{own}.sign-in")];
    let held = |name: &String| Some((name.clone(), locks::holder(world, name)?.stopped));
    let (name, stopped) = names.iter().find_map(held)?;
    let error = locks::busy(world, &name, &format!("session `{}`", handle.session.name));
    // One that works is done in a moment; one that is stopped never.
    Some(of_error(Check::Lock, if stopped { Status::Failed } else { Status::Warning }, &error))
}

/// The namespace to ask for, where the context's own is none.
fn namespace(context: &Context) -> Result<Namespace> {
    context.namespace.as_deref().unwrap_or("default").parse().map_err(Error::from)
}

/// Whether an error says that only a person can help.
fn needs_person(error: &Error) -> bool {
    error.kind() == Kind::SignInNeeded
}

/// The lock that kubectl makes beside a kubeconfig.
fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
