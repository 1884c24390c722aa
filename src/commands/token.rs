//! `eksso token`: kubectl's exec plugin. Warm, it reads three small files (the settings, the register of sign-ins, the sealed
//! credentials) and a key; no network, no lock, no thread, no runtime. A test counts (tests/kill.rs). Whether a person is at hand
//! is asked only once a sign-in is needed.

use crate::cli::TokenArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::offer;
use crate::commands::shared::who::Who;
use crate::domain::api_version::ApiVersion;
use crate::domain::credentials::eks_token::{self, HostKind, TokenError};
use crate::domain::credentials::exec_credential::{self, version_asked};
use crate::domain::identity::Identity;
use crate::domain::ids::{ClusterId, ClusterName, Region};
use crate::domain::kubeconfig::ContextEntry;
use crate::domain::lifetime::whole_second;
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::elevation::{permit_end, way_out};
use crate::flows::trail::bounded;

use jiff::Timestamp;

/// Prints the credential last, when all has succeeded.
pub fn run(call: &Call<'_>, args: &TokenArgs) -> Result<()> {
    let now = call.world.clock.now();
    if let Some(until) = args.until {
        let refused = if until <= now { Err(ended(call, args, until)) } else { permit_end(call.world, until) };
        refused.inspect_err(|_| note(call, args))?;
    }
    let cluster: ClusterName = args.cluster.parse()?;
    let cluster_id = args.cluster_id.as_deref().map(str::parse::<ClusterId>).transpose()?;
    let region = args.region.as_deref().map(str::parse::<Region>).transpose()?;
    let env = &call.world.env;
    let instead = args.exec_api_version.map_or(ApiVersion::default(), ApiVersion::from);
    let version = version_asked(env.var("KUBERNETES_EXEC_INFO").as_deref(), instead).map_err(|error| {
        Error::usage(error.to_string())
            .hint("set `apiVersion: client.authentication.k8s.io/v1beta1` in the kubeconfig's exec")
    })?;
    let host = HostKind::from_env(|name| env.var(name)).map_err(Error::usage)?;
    let settings = call.settings()?;
    let mut who = Who::from_args(call, &settings, &args.who)?
        .ok_or_else(|| Error::usage("whose token? name --account and --role, or --profile"))?;
    (who.event, who.cluster) = ("token", Some(cluster.clone()));
    let region = region.or_else(|| who.region.clone()).ok_or_else(|| {
        Error::usage("the profile names no region").hint("add --region REGION: the region of the cluster")
    })?;
    let credentials =
        who.credentials_or(call, &settings, &region, |needed| offer::sign_in(call, &settings, &who.session, needed))?;
    let signed_for = cluster_id.as_ref().map_or(cluster.as_str(), ClusterId::as_str);
    let token = eks_token::make(&credentials, &region, signed_for, host, call.world.clock.now()).map_err(explain)?;
    let expires_at = args.until.map_or(token.expires_at, |until| until.min(token.expires_at));
    let reply = exec_credential::render(version, &token.text, expires_at);
    call.world.terminal.secret(&reply)
}

/// Notes for the audit trail who is refused before the settings were needed.
fn note(call: &Call<'_>, args: &TokenArgs) {
    let who = call.settings().and_then(|settings| Who::from_args(call, &settings, &args.who));
    let Ok(Some(who)) = who else { return };
    let region = args.region.as_deref().and_then(|region| region.parse().ok()).unwrap_or_else(|| who.home());
    call.about(About { cluster: Some(bounded(&args.cluster)), ..who.about(&region) });
}

/// The use of a role that was taken with an end is over.
fn ended(call: &Call<'_>, args: &TokenArgs, until: Timestamp) -> Error {
    let role = args.who.role.as_ref().map_or_else(String::new, |role| format!(" of the role `{role}`"));
    let fact = format!("the use{role} ended at {}, as it was asked for", whole_second(until));
    let is_it = |entry: &ContextEntry| {
        let asked = |identity: &Identity| {
            args.who.role.as_deref() == Some(identity.role.as_str()) && identity.cluster.as_str() == args.cluster
        };
        entry.until == Some(until) && entry.identity.as_ref().is_some_and(asked)
    };
    Error::new(Kind::Denied, fact).hint(way_out(call.world, call.globals.kubeconfig.as_deref(), is_it))
}

fn explain(error: TokenError) -> Error {
    let told = Error::new(Kind::Failed, error.to_string());
    match error {
        TokenError::TooLarge(_) => told
            .cause("the role's session token is too long: session policies, many session tags or a long source identity do that")
            .hint("ask your administrators for fewer attributes: for access control in IAM Identity Center, PrincipalTag in Okta"),
        TokenError::Signing(_) => told,
    }
}
