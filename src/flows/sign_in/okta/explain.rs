//! What Okta and AWS say no with on the way through SAML, as people can act on it. Source: protocols.md G.2, G.3.

use jiff::SignedDuration;

use crate::clients::failure::{Failure, FailureKind};
use crate::domain::assignments::SamlRole;
use crate::domain::ids::{OktaId, Region};
use crate::domain::session::OktaOrg;
use crate::domain::sign_in::saml::{Assertion, MAX_RESPONSE, Unreadable};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind};
use crate::flows::clock::set_the_clock;
use crate::flows::sign_in::base::SessionHandle;

const APP_GRANTS: &str = "Okta admins: Applications, the native app of eksso, General, Grant type";
/// After a sign-in as young as this, another one gives nothing that it did not give.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(2);

fn says(failure: &Failure, words: &str) -> bool {
    failure.reason.to_lowercase().contains(words)
}

/// A Classic org.
pub fn classic(org: &OktaOrg) -> Error {
    Error::new(Kind::Failed, format!("{} is an Okta Classic org, which eksso cannot sign in to", org.url))
        .cause("web SSO tokens need Okta Identity Engine")
        .hint("Okta upgrades orgs on request; until then, saml2aws and gimme-aws-creds know Classic orgs")
}

/// Something that is no org, or does not answer like one.
pub fn no_org(org: &OktaOrg, failure: Failure) -> Error {
    match failure.kind {
        FailureKind::Nonsense | FailureKind::NotFound => {
            Error::new(Kind::Failed, format!("{} does not answer like an Okta org", org.url)).answer(&failure).hint(
                "use the address at which people sign in, such as https://example.okta.com, not the one with `-admin`",
            )
        }
        _ => failed(org, failure),
    }
}

/// A device authorization that was refused, at its begin or while it was polled.
pub fn not_started(org: &OktaOrg, failure: Failure) -> Error {
    let client = &org.client_id;
    let error = |fact: String| Error::new(Kind::Failed, fact).answer(&failure);
    if failure.is(&["invalid_client", "E0000012"]) || says(&failure, "'client_id'") {
        return error(format!("Okta does not know the client `{client}`, or it is not active"))
            .hint("check client_id: the Client ID of the OIDC native app that stands for eksso");
    }
    if failure.is(&["unauthorized_client"]) {
        return error(format!("the client `{client}` may not use the device flow"))
            .hint(format!("{APP_GRANTS}: Device Authorization"));
    }
    if failure.is(&["invalid_scope"]) {
        return error(format!("the client `{client}` lacks a scope"))
            .hint("Okta admins: the native app of eksso, Okta API Scopes: grant okta.apps.sso, okta.apps.read and okta.users.read.self");
    }
    if wants_dpop(&failure) {
        return no_dpop(org, &failure);
    }
    if is_unassigned(&failure) {
        return Error::new(Kind::Denied, format!("Okta has not assigned the client `{client}` to you")).answer(&failure).hint(
            "Okta admins: Applications, the native app of eksso, Assignments: assign it to you, or to a group of yours",
        );
    }
    if failure.is(&["access_denied"]) || says(&failure, "policy evaluation failed") {
        return Error::new(Kind::Denied, "a policy of Okta does not let you sign in with this client")
            .answer(&failure)
            .hint("Okta admins: the native app's authentication policy decides; System Log says which rule");
    }
    no_org(org, failure)
}

/// Whether the client must prove that it holds a key (RFC 9449), which eksso does not.
fn wants_dpop(failure: &Failure) -> bool {
    failure.is(&["invalid_dpop_proof", "use_dpop_nonce"]) || says(failure, "dpop")
}

fn no_dpop(org: &OktaOrg, failure: &Failure) -> Error {
    Error::new(Kind::Failed, format!("the client `{}` wants proof of possession (DPoP) with its tokens", org.client_id))
        .answer(failure)
        .hint(
            "Okta admins: the native app must not require DPoP: General, Client Credentials, Proof of possession: off",
        )
}

fn is_unassigned(failure: &Failure) -> bool {
    failure.is(&["access_denied"]) && says(failure, "not assigned")
}

/// A sign-in that says nothing about the person.
pub fn no_id_token(org: &OktaOrg) -> Error {
    Error::new(Kind::Failed, format!("Okta gave no id_token to the client `{}`", org.client_id))
        .hint("Okta admins: it must be an OIDC app, and the scope openid must be granted")
}

/// A list of apps that could not be had.
pub fn no_apps(org: &OktaOrg, failure: Failure) -> Error {
    if failure.is(&["insufficient_scope", "E0000006"]) || failure.kind == FailureKind::Forbidden {
        return Error::new(Kind::Denied, "Okta does not let eksso list your AWS apps")
            .answer(&failure)
            .hint(
                "Okta admins: the native app of eksso, Okta API Scopes: grant okta.users.read.self and okta.apps.read",
            )
            .hint(format!(
                "or name the AWS app: eksso login --okta {} --client-id {} --app-id ID, or `app_id` in config.toml",
                org.url, org.client_id
            ));
    }
    failed(org, failure)
}

/// Nobody gave the person an AWS app.
pub fn none_of_aws(org: &OktaOrg) -> Error {
    Error::new(Kind::Denied, format!("none of your apps at {} is AWS Account Federation", org.url))
        .hint("ask your Okta admins to assign it to you")
        .hint("if AWS opens from your dashboard as IAM Identity Center: eksso login --start-url https://YOUR-PORTAL.awsapps.com/start --sso-region REGION")
}

/// Whether a refused exchange means that the person's session at Okta is over, or its tokens are too old: each refused
/// grant that nothing else is known of.
pub fn is_over(failure: &Failure) -> bool {
    let refused = failure.is(&["invalid_grant"]) || failure.kind == FailureKind::Unauthorized;
    refused
        && !failure.is(&["invalid_client"])
        && !wants_dpop(failure)
        && !wants_assurance(failure)
        && !is_about_the_app(failure)
}

/// The same, when the person has just signed in.
pub fn not_taken(failure: &Failure) -> Error {
    Error::new(Kind::Denied, "Okta does not take the sign-in that was just made for the AWS app")
        .answer(failure)
        .hint("try again; if that is of no help, your Okta admins find the reason in the System Log")
}

fn wants_assurance(failure: &Failure) -> bool {
    says(failure, "assurance")
}

fn is_about_the_app(failure: &Failure) -> bool {
    failure.is(&["invalid_target"]) || says(failure, "web_sso_token") || says(failure, "audience")
}

/// An exchange, or the page after it, that was refused for another reason.
pub fn not_exchanged(
    handle: &SessionHandle<'_>,
    org: &OktaOrg,
    app: &OktaId,
    tokens: &SsoTokens,
    failure: Failure,
) -> Error {
    let (session, client) = (&handle.session, &org.client_id);
    let denied = |fact: String| Error::new(Kind::Denied, fact).answer(&failure);
    if wants_assurance(&failure) {
        let age = handle.world.clock.now().duration_since(tokens.signed_in_at);
        if age > JUST_NOW {
            let why = "the AWS app wants a fresher or stronger sign-in than this one";
            return handle.sign_in_needed(why).answer(&failure).hint(format!("{} --force", session.login_command()));
        }
        // Okta says the same of a device that it was told nothing of.
        return denied(format!("the policy of the AWS app `{app}` wants a stronger sign-in than Okta asked you for"))
            .hint("Okta admins: give the native app of eksso the authentication policy of the AWS app, or a stronger one")
            .hint("its rule must not ask for a device state (the device flow shows no device), nor for a new sign-in every time");
    }
    if failure.is(&["unauthorized_client", "unsupported_grant_type"]) {
        return denied(format!("the client `{client}` may not exchange tokens"))
            .hint(format!("{APP_GRANTS}: Token Exchange"));
    }
    if wants_dpop(&failure) {
        return no_dpop(org, &failure);
    }
    if is_unassigned(&failure) {
        return denied(format!("Okta has not assigned the AWS app `{app}`, or the client `{client}`, to you"))
            .hint("Okta admins: Applications, Assignments of both apps: assign them to you, or to a group of yours");
    }
    if failure.is(&["access_denied"]) || says(&failure, "policy evaluation failed") {
        return denied(format!("the policy of the AWS app `{app}` does not let you in"))
            .hint("Okta admins: System Log says which rule of the AWS app's authentication policy it was");
    }
    if is_about_the_app(&failure) {
        return denied(format!("the AWS app `{app}` does not take sign-ins of the client `{client}`"))
            .hint(format!("Okta admins: the AWS app, Sign On, Allowed Web SSO Client: {client}"))
            .hint("check app_id: the end of the AWS app's address in the admin console");
    }
    if failure.is(&["invalid_client"]) {
        return not_started(org, failure);
    }
    failed(org, failure)
}

/// Something else in place of the page with the SAML response.
pub fn no_response(org: &OktaOrg, instead: &str) -> Error {
    Error::new(Kind::Denied, format!("the page that {} opened for AWS holds no SAML response", org.url))
        .cause(instead)
        .hint("open the AWS app in your Okta dashboard: what it asks for there (another factor, a managed device, terms) eksso cannot answer")
}

/// A response that is none.
pub fn unreadable(why: &Unreadable) -> Error {
    let error = Error::new(Kind::Failed, "Okta's SAML response cannot be read").cause(why);
    match why {
        Unreadable::NoAssertion(_) => error.hint("Okta admins: System Log says why the AWS app made no assertion"),
        _ => error.hint("a proxy of the network may have changed the page"),
    }
}

/// Nothing to be used.
pub fn no_roles(org: &OktaOrg, assertion: &Assertion) -> Error {
    if assertion.is_encrypted {
        return Error::new(
            Kind::Failed,
            "this org's assertions are encrypted: only AWS can read which roles are yours",
        )
        .cause("config.toml names none")
        .hint("add to the session in config.toml: roles = [\"ROLE_ARN,SAML_PROVIDER_ARN\"]");
    }
    if assertion.roles.is_empty() {
        let error = Error::new(Kind::Denied, "Okta's assertion names no AWS role of yours");
        return match assertion.left_out {
            0 => error,
            n => error.cause(format!("values of its Role attribute that name none: {n}")),
        }
        .hint("ask your Okta admins for the groups that carry roles, or for the app's Role settings");
    }
    let mut partitions: Vec<&str> = assertion.roles.iter().map(|role| role.partition.arn()).collect();
    partitions.dedup();
    let wanted: Vec<&str> = org.partitions.iter().map(|partition| partition.arn()).collect();
    let quoted: Vec<String> = partitions.iter().map(|name| format!("\"{name}\"")).collect();
    Error::new(
        Kind::Denied,
        format!("all your roles are in {}, and none in {}", partitions.join(", "), wanted.join(", ")),
    )
    .hint(format!("add to the session in config.toml: partitions = [{}]", quoted.join(", ")))
}

/// More roles than AWS takes.
pub fn too_large(size: usize, roles: usize) -> Error {
    Error::new(Kind::Failed, format!("Okta's assertion is too large for AWS: {size} characters of {MAX_RESPONSE}"))
        .cause(format!("it names {roles} roles"))
        .hint("Okta admins: narrow the app's group filter, or part the roles among several AWS apps")
}

/// Whether a role was asked for longer than it lets itself be had.
pub fn is_too_long(failure: &Failure) -> bool {
    failure.is(&["ValidationError", "ValidationException"]) && says(failure, "durationseconds")
}

/// Whether AWS took the assertion for one that has ended.
pub fn is_expired(failure: &Failure) -> bool {
    failure.is(&["ExpiredTokenException", "ExpiredToken"])
}

/// AssumeRoleWithSAML, refused.
pub fn not_assumed(role: &SamlRole, region: &Region, assertion: &Assertion, failure: &Failure) -> Error {
    let (arn, provider) = (&role.arn, &role.provider);
    let denied = |fact: String| Error::new(Kind::Denied, fact).answer(failure);
    match failure.code.as_deref() {
        Some("AccessDenied" | "AccessDeniedException") => denied(format!("AWS does not let {provider} give you {arn}")).hint(
            "its trust policy must allow sts:AssumeRoleWithSAML to that provider, for SAML:aud = https://signin.aws.amazon.com/saml; \
             with session tags, sts:TagSession too",
        ),
        Some("InvalidIdentityToken" | "InvalidIdentityTokenException") => {
            let foreign = assertion.audience.as_deref().filter(|audience| !audience.starts_with("urn:amazon:webservices"));
            let error = denied(format!("AWS does not take Okta's assertion for {provider}"));
            let error = foreign.into_iter().fold(error, |error, audience| error.cause(format!("it is made for `{audience}`")));
            error.hint("AWS admins: the provider's metadata must be those of this Okta app, and be renewed when its certificate is")
        }
        Some("IDPRejectedClaim" | "IDPRejectedClaimException") => denied(format!("AWS rejects what Okta says of you for {arn}"))
            .hint("sign out of Okta in the browser, then eksso login --force"),
        Some("ExpiredTokenException" | "ExpiredToken") => {
            Error::new(Kind::LocalState, "Okta's assertion had ended when AWS saw it").answer(failure).hint(set_the_clock())
        }
        Some("RegionDisabledException") => denied(format!("STS is off in {region} for account {}", role.account))
            .hint("put a region that is on first in `regions` of config.toml"),
        Some("PackedPolicyTooLarge" | "PackedPolicyTooLargeException") => {
            denied(format!("the session tags in Okta's assertion are too much for {arn}")).hint("Okta admins: send fewer or shorter PrincipalTag attributes")
        }
        _ => failure.clone().into(),
    }
}

/// Whether a failure passes by itself.
pub fn passes(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Network | FailureKind::Server | FailureKind::Throttled)
}

/// Any other failure of Okta.
fn failed(org: &OktaOrg, failure: Failure) -> Error {
    match failure.kind {
        FailureKind::Network => Error::new(Kind::Unavailable, format!("{} cannot be reached", org.url))
            .answer(&failure)
            .hint("check the name of the org, the network and HTTPS_PROXY"),
        FailureKind::Server => Error::new(Kind::Unavailable, "Okta has a problem of its own")
            .answer(&failure)
            .hint("try again in a while; https://status.okta.com shows known problems"),
        _ => failure.into(),
    }
}
