//! What only others can tell: endpoints, the provider, STS, the cluster.

use std::future::Future;
use std::time::Duration;

use futures_util::future;

use crate::clients::aws::Aws;
use crate::clients::failure::FailureKind;
use crate::clients::kube::is_private;
use crate::domain::access::answers::Refusal;
use crate::domain::access::{Judgement, Verdict};
use crate::domain::doctor::{Check, Finding, Status};
use crate::domain::endpoints::Service;
use crate::domain::identity::Identity;
use crate::domain::ids::Region;
use crate::domain::lifetime::in_words;
use crate::domain::session::Session;
use crate::domain::settings::aws_config::AssumeOptions;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::Address;
use crate::flows::access::whoami::{Whoami, refused, whoami};
use crate::flows::clock::check_clock;
use crate::flows::credentials::{Assume, Wanted, role_credentials};
use crate::flows::doctor::base::{Context, failed, namespace, needs_person, not_checked, of_error};
use crate::flows::endpoints;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::World;

/// How long each of the questions to a provider, to STS or to a cluster may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// What the environment says of the network; what makes no sense there was an error before.
pub(super) fn settings(world: &World) -> Finding {
    const NAMES: [&str; 8] = [
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "AWS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
    ];
    let set = NAMES.into_iter().filter(|name| world.env.var(name).is_some()).map(str::to_owned);
    let named: Vec<String> = set.chain(endpoints::named(world).map(|(name, _)| name.to_owned())).collect();
    let fact = match named.is_empty() {
        true => "nothing is set: straight to AWS, with this machine's certificates".to_owned(),
        false => format!("set and honoured: {}", named.join(", ")),
    };
    Finding::new(Check::Proxy, Status::Ok, fact)
}

/// The endpoints that the session and the context's region need, side by side.
pub(super) async fn endpoints(world: &World, aws: &Aws, session: &Session, region: Option<&Region>) -> Vec<Finding> {
    let portal = session.portal_region();
    let mut wanted = vec![("sign-in page".to_owned(), session.address().to_owned(), true)];
    if let Some(home) = portal {
        wanted.push((format!("sign-in service in {home}"), aws.url(Service::SsoOidc, home), true));
        wanted.push((format!("portal in {home}"), aws.url(Service::Sso, home), true));
    }
    if let Some(region) = region {
        wanted.push((format!("STS in {region}"), aws.url(Service::Sts, region), true));
        // Searches need it; kubectl does not.
        wanted.push((format!("EKS in {region}"), aws.url(Service::Eks, region), false));
    }
    let asked = wanted.iter().map(async |(what, url, needed)| {
        let began = world.clock.monotonic();
        let worst = if *needed { Status::Failed } else { Status::Warning };
        match aws.reach(url).await {
            Ok(()) => {
                let took = world.clock.monotonic().saturating_sub(began);
                let fact = format!("{what} ({url}) answers within {} ms", took.as_millis());
                Finding::new(Check::Endpoint, Status::Ok, fact)
            }
            Err(failure) => {
                let untrusted = failure.kind == FailureKind::Untrusted;
                let verb = if untrusted { "shows a certificate that is not trusted here" } else { "cannot be reached" };
                // The address stands in front of it already.
                let why = failure.to_string();
                let why = why.strip_prefix(&format!("{}: ", url.trim_end_matches('/'))).unwrap_or(&why);
                let finding = Finding::new(Check::Endpoint, worst, format!("{what} ({url}) {verb}: {why}"));
                match untrusted {
                    true => finding.fix("export AWS_CA_BUNDLE=/path/to/the/network's/ca.pem"),
                    false => finding.fix("check the network, HTTPS_PROXY, and that the region is right"),
                }
            }
        }
    });
    future::join_all(asked).await
}

/// The clock, if anybody said what time it is.
pub(super) fn clock(aws: &Aws, answered: bool) -> Finding {
    if !answered {
        return not_checked(Check::Clock, "nobody answered who knows the time");
    }
    match check_clock(aws.ahead()) {
        Ok(()) => {
            let seconds = aws.ahead().abs().as_secs();
            Finding::new(Check::Clock, Status::Ok, format!("within {} s of the answers' dates", seconds.max(1)))
        }
        Err(error) => failed(Check::Clock, &error),
    }
}

/// What became of the person's sign-in, role, token and mapping.
#[derive(Default)]
pub(super) struct Person {
    /// The sign-in, where the provider knows better than the keyring.
    pub sign_in: Option<Finding>,
    pub findings: Vec<Finding>,
    pub names: Vec<(&'static str, String)>,
}

const STEPS: [Check; 4] = [Check::Role, Check::Token, Check::Cluster, Check::Mapping];

impl Person {
    /// Nobody is signed in.
    pub(super) fn nobody(context: Option<&Context>) -> Self {
        let mut person = Self::default();
        person.skip(0, if context.is_some() { "nobody is signed in" } else { "there is no context" });
        person
    }

    fn skip(&mut self, from: usize, why: &str) {
        self.findings.extend(STEPS[from..].iter().map(|check| not_checked(*check, why)));
    }
}

/// Gives a question up after a time, but for a renewal under way.
async fn bounded<T>(handle: &SessionHandle<'_>, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = || Err(Error::new(Kind::Unavailable, format!("no answer within {} s", PATIENCE.as_secs())));
    handle.within(PATIENCE, Box::pin(work)).await.unwrap_or_else(late)
}

/// Goes from the person to what the cluster makes of the role, as far as it leads.
pub(super) async fn person(world: &World, handle: &SessionHandle<'_>, context: Option<&Context>) -> Person {
    let mut person = Person::default();
    if let Err(error) = bounded(handle, handle.verify()).await {
        let ended = needs_person(&error);
        person.sign_in = Some(of_error(Check::SignIn, if ended { Status::Failed } else { Status::Warning }, &error));
        if ended {
            person.skip(0, "the sign-in has ended");
            return person;
        }
    }
    let Some(context) = context else {
        person.skip(0, "there is no context");
        return person;
    };
    let Some(identity) = &context.identity else {
        person.skip(0, "the context is not eksso's");
        return person;
    };
    let (account, role, region) = (&identity.account, &identity.role, &identity.region);
    let assume = identity.assume.as_ref().map(|arn| Assume { arn, region, options: &AssumeOptions::NONE });
    let wanted = Wanted { account, role, assume };
    let credentials = match bounded(handle, role_credentials(world, handle.cache(), handle, &wanted)).await {
        Ok(credentials) => credentials,
        Err(error) => {
            let finding = failed(Check::Role, &error);
            // A permission set that is newer than the sign-in is not in it.
            let finding = match error.kind() {
                Kind::Denied => finding.fix(format!("{} --force", handle.session.login_command())),
                _ => finding,
            };
            person.findings.push(finding);
            person.skip(1, "there are no credentials of the role");
            return person;
        }
    };
    let left = in_words(credentials.expires_at.duration_since(world.clock.now()));
    person.findings.push(Finding::new(Check::Role, Status::Ok, format!("good for another {left}")));
    let address = match &context.address {
        Ok(address) => address,
        Err(error) => {
            person.skip(1, "the cluster's address is not known");
            person.findings.retain(|finding| finding.check != Check::Cluster);
            person.findings.push(failed(Check::Cluster, error));
            return person;
        }
    };
    let aws = match handle.aws() {
        Ok(aws) => aws,
        Err(error) => {
            person.findings.push(failed(Check::Token, &error));
            person.skip(2, "there is no token");
            return person;
        }
    };
    let visit = match address.open(world, aws, region, &credentials) {
        Ok(visit) => visit,
        Err(error) => {
            let finding = failed(Check::Token, &error);
            person.findings.push(finding.fix("shorten the session tags that your provider sends"));
            person.skip(2, "there is no token");
            return person;
        }
    };
    let asked = async {
        let namespace = namespace(context)?;
        bounded(handle, whoami(world, handle.cache(), handle, identity, address, &namespace)).await
    };
    let ((judgement, iam_role), asked) = future::join(visit.judge(), asked).await;
    person.names.extend(iam_role.clone().map(|role| ("iam-role", role)));
    person.findings.push(match judgement {
        Judgement::Good => {
            let role = iam_role.map(|role| format!(" as the IAM role {role}")).unwrap_or_default();
            Finding::new(Check::Token, Status::Ok, format!("made, and taken by STS{role}"))
        }
        Judgement::Bad(code) => {
            let fact = format!("STS refuses it: {code}");
            Finding::new(Check::Token, Status::Failed, fact).fix(format!("{} --force", handle.session.login_command()))
        }
        Judgement::Silent(why) => not_checked(Check::Token, &format!("made, but STS did not say: {why}")),
    });
    match asked {
        Ok(found) => {
            // By way of a proxy, names are its business.
            let is_far = matches!(found.user, Err(Refusal::Unreachable(_) | Refusal::Failed(_)))
                && address.route.proxy.is_none();
            let private = if is_far { is_private(&address.endpoint).await } else { Some(false) };
            cluster(&mut person, &found, identity, address, context);
            let row = person.findings.iter_mut().find(|finding| finding.check == Check::Cluster);
            if let (Some(row), Some(words)) = (row, private_words(private)) {
                row.fact.push_str(words);
            }
        }
        Err(error) => {
            person.findings.push(failed(Check::Cluster, &error));
            person.skip(3, "the cluster could not be asked");
        }
    }
    person
}

/// What the cluster's own answer, or its lists where it cannot be asked, make of the role.
fn cluster(person: &mut Person, found: &Whoami, identity: &Identity, address: &Address, context: &Context) {
    let (name, endpoint) = (identity.cluster.as_str(), &address.endpoint);
    person.names.push(("user", found.caller.session.clone()));
    person.names.push(("iam-role", found.caller.role.clone()));
    let way = match (&address.route.proxy, &address.route.server_name) {
        (None, None) => "",
        (Some(_), None) => " through its proxy-url",
        (None, Some(_)) => " under its tls-server-name",
        (Some(_), Some(_)) => " through its proxy-url, under its tls-server-name",
    };
    let error = found.user.as_ref().err().and_then(|refusal| refused(refusal, &found.verdict, name));
    if let (Err(Refusal::Unreachable(_) | Refusal::Failed(_) | Refusal::Untrusted(_)), Some(error)) =
        (&found.user, &error)
    {
        let row = failed(Check::Cluster, error);
        let fact = format!("{endpoint}{way}: {}", row.fact);
        person.findings.push(Finding { fact, ..row });
        let fact = format!("the cluster could not be asked; its lists: {}", found.listed.reason());
        person.findings.push(not_checked(Check::Mapping, &fact));
        return;
    }
    person.findings.push(Finding::new(Check::Cluster, Status::Ok, format!("{endpoint} answers{way}")));
    let mapping = match (&found.user, error) {
        (_, Some(error)) => {
            let admin = "ask for an access entry, or `eksso use --role ROLE` with a role that is mapped";
            failed(Check::Mapping, &error).fix(admin)
        }
        (Ok(user), None) => {
            person.names.push(("user", user.username.clone()));
            let own = user.groups.iter().filter(|group| !group.starts_with("system:"));
            person.names.extend(own.map(|group| ("group", group.clone())));
            let fact = format!("`{}` lets it in as `{}`; {}", context.name, user.username, by(&found.listed));
            Finding::new(Check::Mapping, Status::Ok, fact)
        }
        (Err(_), None) => {
            let fact = format!("let in, though the cluster does not say as whom; {}", by(&found.listed));
            Finding::new(Check::Mapping, Status::Ok, fact)
        }
    };
    person.findings.push(mapping);
}

/// What a cluster's name tells of where it is.
fn private_words(private: Option<bool>) -> Option<&'static str> {
    match private {
        Some(true) => Some("; its address is a private one, so it is reached from inside its network only"),
        Some(false) => None,
        None => Some("; its name is not known here, as that of a private endpoint is outside of its network"),
    }
}

fn by(listed: &Verdict) -> String {
    match listed.mapping() {
        Some(mapping) => format!("mapped by {}", mapping.by.words()),
        None => "no list that this role may read names it".to_owned(),
    }
}
