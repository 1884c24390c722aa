//! Which place a sign-in is about: a session that is known, or a new one as the command line or the person names it.

use std::str::FromStr;

use crate::cli::LoginArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::domain::ids::{Invalid, OktaId, Region, SessionName};
use crate::domain::partition::Partition;
use crate::domain::session::{Flow, IdentityCenter, OktaOrg, Provider, Session};
use crate::domain::text::{escape, shell_word};
use crate::domain::url::{OrgUrl, StartUrl, is_okta};
use crate::error::{Error, Kind, Result};
use crate::flows::settings::Settings;
use crate::flows::sign_in::portal;

const PORTAL_LOGIN: &str = "eksso login --start-url https://YOUR-PORTAL.awsapps.com/start --sso-region REGION";

/// The session the call is about, and whether it is to be saved.
pub fn session(call: &Call<'_>, args: &LoginArgs, settings: &Settings) -> Result<(Session, bool)> {
    let name = args.name.as_deref().or(call.globals.session.as_deref());
    let flow = args.flow.map(Flow::from);
    let made_of = |url, region| Provider::IdentityCenter(IdentityCenter { flow, ..IdentityCenter::new(url, region) });
    if let Some(url) = &args.start_url {
        let url: StartUrl = url.parse()?;
        if is_okta(url.as_str()) {
            return Err(okta_as_portal(&url));
        }
        let region = match &args.sso_region {
            Some(region) => region.parse()?,
            None => found_region(call, &url)?,
        };
        return made(call, settings, name, made_of(url, region));
    }
    if let Some(url) = &args.okta {
        let client = args.client_id.as_deref().ok_or_else(|| no_client(url))?;
        let regions = settings.config.regions.clone();
        let org = OktaOrg { regions, ..org(url, client, args)? };
        return made(call, settings, name, Provider::Okta(org));
    }
    let known = settings.choose(call.world, name).map_err(|error| match name {
        Some(name) if error.kind() == Kind::NotFound => {
            error.hint(format!("a new one: eksso login {} --start-url URL --sso-region REGION", shell_word(name)))
        }
        _ => error,
    });
    if let Some(session) = known? {
        return Ok((session, false));
    }
    let legacy = settings.legacy_portals(call.world)?;
    if !call.interactive() {
        return settings.require(call.world, name).map(|session| (session, false)).map_err(|error| {
            match legacy.first() {
                Some(portal) => error.hint(format!(
                    "profile `{}` signs in there: eksso login --start-url {} --sso-region {}",
                    portal.profile, portal.url, portal.region
                )),
                None => error,
            }
        });
    }
    for portal in legacy {
        let place = format!("{} in {}", portal.url, portal.region);
        if call.confirm(&format!("Profile `{}` of the AWS CLI signs in at {place}. Sign in there?", portal.profile))? {
            return made(call, settings, name, made_of(portal.url, portal.region));
        }
    }
    let words = "There is no session yet. Signing in takes two things that your administrators can tell you:\n\
                 the start URL of the AWS access portal, and the region of IAM Identity Center;\n\
                 or, for Okta straight into AWS, the Okta org, and the client id that eksso has there.\n";
    call.world.terminal.words(words);
    let provider = match ask(call, "Start URL (https://….awsapps.com/start), or Okta org (https://….okta.com):")? {
        Where::Portal(url) => made_of(url, ask(call, "Region (such as eu-west-1):")?),
        Where::Org(url) => {
            let org = OktaOrg::new(url, ask(call, "Client id (such as 0oa1b2c3d4e5f6g7h8i9):")?);
            Provider::Okta(OktaOrg { regions: settings.config.regions.clone(), ..org })
        }
    };
    made(call, settings, name, provider)
}

/// What a person typed: a portal or an org.
enum Where {
    Portal(StartUrl),
    Org(OrgUrl),
}

impl FromStr for Where {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if is_okta(text) { text.parse().map(Self::Org) } else { text.parse().map(Self::Portal) }
    }
}

/// The org of `--okta`. What else people take for one is told apart.
fn org(url: &str, client: &str, args: &LoginArgs) -> Result<OktaOrg> {
    if let Ok(portal) = url.parse::<StartUrl>()
        && portal.is_aws()
    {
        return Err(Error::usage(format!("{portal} is an AWS access portal, not an Okta org"))
            .cause("where Okta is the identity provider of IAM Identity Center, one signs in at the portal")
            .hint(format!("eksso login --start-url {portal} --sso-region REGION")));
    }
    let path = url.trim().split("://").last().and_then(|rest| rest.split_once('/')).map(|(_, path)| path);
    let path = path.unwrap_or_default();
    if path.starts_with("oauth2/") {
        return Err(Error::usage(format!("`{url}` is an OIDC issuer, not an Okta org"))
            .cause("clusters that trust Okta itself (associate-identity-provider-config) involve no AWS role")
            .hint(
                "for those: kubectl oidc-login (int128/kubelogin); for AWS roles behind Okta, give the org's URL alone",
            ));
    }
    if path.contains("amazon_aws_sso") {
        return Err(Error::usage("that app of Okta is AWS IAM Identity Center: one signs in at its access portal")
            .hint(PORTAL_LOGIN));
    }
    if let Some(app) = path.split_once("amazon_aws/").and_then(|(_, rest)| rest.split('/').next()) {
        let host = url.split("://").last().and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let app = if app.starts_with("0oa") { format!(" --app-id {app}") } else { String::new() };
        return Err(Error::usage("`--okta` takes the org's URL alone, not an app's")
            .hint(format!("eksso login --okta https://{host} --client-id {client}{app}")));
    }
    let org = OktaOrg::new(url.parse()?, client.parse()?);
    let app_id = args.app_id.as_deref().map(str::parse::<OktaId>).transpose()?;
    let partition = |name: &String| {
        let names = || Partition::ALL.map(Partition::arn).join(", ");
        Partition::from_arn(name)
            .ok_or_else(|| Error::usage(format!("`{name}` is no partition; there are {}", names())))
    };
    let partitions = args.partition.iter().map(partition).collect::<Result<Vec<_>>>()?;
    let partitions = if partitions.is_empty() { org.partitions } else { partitions };
    Ok(OktaOrg { app_id, partitions, ..org })
}

fn no_client(url: &str) -> Error {
    Error::usage("an Okta org alone is not enough: which of its clients is eksso?")
        .cause("it is the Client ID of an OIDC native app that your Okta admins made for command line tools")
        .hint(format!("eksso login --okta {url} --client-id ID"))
}

/// An Okta org given as a start URL may mean two things.
fn okta_as_portal(url: &StartUrl) -> Error {
    Error::usage(format!("{url} is an Okta org, not an AWS access portal"))
        .hint(format!("Okta as identity provider of IAM Identity Center: {PORTAL_LOGIN}"))
        .hint(format!("Okta straight into AWS roles: eksso login --okta https://{} --client-id ID", url.host()))
}

/// The region of a portal whose start URL was given alone: its host, or where it redirects to, may name it.
fn found_region(call: &Call<'_>, url: &StartUrl) -> Result<Region> {
    block_on(portal::region(call.world, url))?.ok_or_else(|| {
        Error::usage(format!("the region of {url} cannot be told from its name"))
            .hint("add --sso-region REGION: the region of the IAM Identity Center instance")
    })
}

/// Asks until the answer is one, three times at most.
fn ask<T: FromStr<Err = Invalid>>(call: &Call<'_>, question: &str) -> Result<T> {
    for _ in 0..2 {
        match call.world.terminal.ask(question)?.parse() {
            Ok(answer) => return Ok(answer),
            Err(invalid) => call.world.terminal.words(&format!("  {}\n", escape(&invalid.to_string()))),
        }
    }
    Ok(call.world.terminal.ask(question)?.parse()?)
}

/// A session for a place: the one that has it already, else a new one under a name that is free.
fn made(call: &Call<'_>, settings: &Settings, name: Option<&str>, provider: Provider) -> Result<(Session, bool)> {
    let known = settings.sessions(call.world)?;
    let named = |name: SessionName| Session { name, provider: provider.clone(), is_saved: false };
    let wanted = named("x".parse()?);
    let same = |session: &&Session| session.place() == wanted.place() && app(session) == app(&wanted);
    if let Some(name) = name {
        let name: SessionName = name.parse()?;
        return match known.iter().find(|session| session.name == name) {
            Some(session) if same(&session) => known_session(session, &wanted, settings),
            Some(session) => {
                Err(Error::usage(format!("the session `{name}` is of another place: {}", session.place()))
                    .hint(format!("name the new one differently, or change `{name}` in {}", settings.path.display())))
            }
            None => Ok((named(name), true)),
        };
    }
    if let Some(session) = known.iter().find(same) {
        return known_session(session, &wanted, settings);
    }
    let label = wanted.host().split('.').next().unwrap_or_default();
    let base = if label.is_empty() || label.bytes().all(|b| b.is_ascii_digit()) { "sso" } else { label }.to_owned();
    let free = |name: &String| known.iter().all(|session| session.name.as_str() != name);
    let name = std::iter::once(base.clone()).chain((2..).map(|n| format!("{base}-{n}"))).find(free);
    Ok((named(name.unwrap_or_default().parse()?), true))
}

/// The app that a session is for, where it names one.
fn app(session: &Session) -> Option<&OktaId> {
    session.okta().and_then(|org| org.app_id.as_ref())
}

/// A session that is there already, unless the command line wants more of it.
fn known_session(session: &Session, wanted: &Session, settings: &Settings) -> Result<(Session, bool)> {
    let lacks = |partition: &Partition| !session.partitions().contains(partition);
    if session.okta().is_some() && wanted.partitions().iter().any(lacks) {
        return Err(Error::usage(format!("the session `{}` is there already, with other partitions", session.name))
            .hint(format!("change `partitions` of `{}` in {}", session.name, settings.path.display())));
    }
    Ok((session.clone(), false))
}
