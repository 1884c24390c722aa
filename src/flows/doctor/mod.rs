//! Why it does not work: the checks, each bounded in time, those of the network side by side.
//!
//! They do what kubectl's next call would do, a renewal of the sign-in included, and nothing else: nobody is signed in or
//! asked, and no setting or kubeconfig is written.

mod base;
mod local;
mod network;
mod organisation;

use futures_util::future;
use jiff::{SignedDuration, Timestamp};

pub use crate::flows::doctor::base::{Context, Examined, Patient};

use crate::domain::doctor::{Check, Finding, Status};
use crate::domain::lifetime::in_words;
use crate::flows::doctor::base::{failed, no_keyring, not_checked, of_error};
use crate::flows::locks;
use crate::flows::sign_in::back_off::back_off;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::World;

/// Looks at everything.
pub async fn examine(world: &World, patient: &Patient<'_>) -> Examined {
    let mut found = Examined::default();
    found.name("home", world.folders.home.display().to_string());
    found.findings.extend(local::settings(world, patient));
    found.findings.extend(organisation::policy(world, patient.settings));
    found.findings.extend(organisation::settings(world).await);
    found.findings.extend(organisation::trail(world, patient.settings));
    found.findings.push(local::kubeconfig(world, patient).await);
    let context = patient.context.and_then(|context| context.as_ref().ok());
    if let Some(context) = context {
        names_of(&mut found, context);
    }
    found.findings.extend(local::exec_entry(world, context));
    found.findings.extend(local::end(world, context));
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
    let reached = network::endpoints(world, aws, session, region);
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
        crate::domain::settings::keyring::Backend::Plaintext => {
            let fix = match world.env.var("EKSSO_KEYRING") {
                Some(_) => "unset EKSSO_KEYRING, which goes before config.toml, then sign in again",
                None => "set `keyring = \"auto\"` in config.toml, then sign in again",
            };
            Finding::new(Check::Keyring, Status::Warning, "`plaintext`: secrets lie readable in files, as chosen")
                .fix(fix)
        }
        _ => Finding::new(Check::Keyring, Status::Ok, fact),
    });
    if let Err(error) = handle.check() {
        let finding = failed(Check::SignIn, &error);
        // A portal of another region shows an error in the browser, and the sign-in just is not approved.
        let portal = session.portal_region().filter(|_| back_off(world, session).is_some());
        found.findings.push(match portal {
            Some(region) => finding.fix(format!(
                "if the browser showed an error: set `region` of [sessions.{}] in config.toml, now {region}, to that of your Identity \
                 Center instance",
                session.name
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

/// `for another 50 min`, or that it has ended.
fn until(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    match left.is_positive() {
        true => format!("for another {}", in_words(left)),
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
