//! The authorization code flow with PKCE (RFC 7636, RFC 8252): the proof, the page to open, the way back.
//!
//! Names and order as the AWS CLI v2 sends them; mind `scopes`, plural, and the redirect URI that is registered without a
//! port and used with one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::secret::{Secret, SecretString};
use crate::domain::text::hex;

/// The path a browser comes back to.
pub const CALLBACK_PATH: &str = "/oauth/callback";
/// What is registered; the port is added for each sign-in.
pub const REGISTERED_REDIRECT: &str = "http://127.0.0.1/oauth/callback";

/// Proves that whoever redeems the code is who asked for it.
#[derive(Debug)]
pub struct Proof {
    /// Ours until the code is redeemed.
    pub verifier: SecretString,
    /// Base64url of its SHA-256.
    pub challenge: String,
    /// Ties the way back to this sign-in.
    pub state: String,
}

impl Proof {
    /// Makes one of random bytes: 48 become a verifier of 64 characters, 16 a state in the shape of a UUID.
    pub fn new(random: &[u8; 64]) -> Self {
        let verifier = Secret::new(URL_SAFE_NO_PAD.encode(&random[..48]));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()));
        let hex = hex(&random[48..]);
        let state = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        Self { verifier, challenge, state }
    }
}

/// The page to open in the browser.
pub fn authorize_url(endpoint: &str, client_id: &str, redirect_uri: &str, proof: &Proof, scope: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", &proof.state)
        .append_pair("code_challenge_method", "S256")
        .append_pair("scopes", scope)
        .append_pair("code_challenge", &proof.challenge)
        .finish();
    format!("{}/authorize?{query}", endpoint.trim_end_matches('/'))
}

/// How the sign-in in the browser ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// With a code to redeem.
    Code(SecretString),
    /// With a refusal, in the service's words.
    Refused(String),
}

/// What a request to the listener is answered with.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// It ends the wait.
    Arrived(Arrival),
    /// It is not about this sign-in: another path, another state, something missing.
    Stranger(u16),
}

/// Reads a request line. Only a GET of the callback with our state counts, whatever else it carries.
pub fn read_request(method: &str, target: &str, state: &str) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != CALLBACK_PATH {
        return Reply::Stranger(404);
    }
    if method != "GET" {
        return Reply::Stranger(405);
    }
    let find = |name: &str| {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        values.next().map(|(_, value)| Zeroizing::new(value.into_owned())).filter(|value| !value.is_empty())
    };
    if find("state").is_none_or(|given| *given != state) {
        return Reply::Stranger(400);
    }
    match (find("error"), find("code")) {
        (Some(error), _) => {
            let told = find("error_description").map(|words| format!(": {}", *words)).unwrap_or_default();
            Reply::Arrived(Arrival::Refused(format!("{}{told}", *error)))
        }
        (None, Some(code)) => Reply::Arrived(Arrival::Code(Secret::new(code.to_string()))),
        (None, None) => Reply::Stranger(400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_that_of_rfc_7636() {
        let proof = Proof::new(&[0xfb; 64]);
        assert_eq!(proof.verifier.expose().len(), 64);
        assert_eq!(proof.state, "fbfbfbfb-fbfb-fbfb-fbfb-fbfbfbfbfbfb");
        // Appendix B of the RFC.
        let digest = Sha256::digest(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(URL_SAFE_NO_PAD.encode(digest), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_page_is_what_the_aws_cli_opens() {
        let mut proof = Proof::new(&[0; 64]);
        (proof.state, proof.challenge) = ("st".into(), "ch".into());
        let (endpoint, back) = ("https://oidc.eu-west-1.amazonaws.com", "http://127.0.0.1:4711/oauth/callback");
        assert_eq!(
            authorize_url(endpoint, "id", back, &proof, "sso:account:access"),
            "https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code&client_id=id\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback&state=st&code_challenge_method=S256\
             &scopes=sso%3Aaccount%3Aaccess&code_challenge=ch"
        );
    }

    #[test]
    fn only_the_callback_with_our_state_counts() {
        let read = |method: &str, target: &str| read_request(method, target, "st");
        assert_eq!(read("GET", "/favicon.ico"), Reply::Stranger(404));
        assert_eq!(read("OPTIONS", "/oauth/callback?code=c&state=st"), Reply::Stranger(405));
        assert_eq!(read("HEAD", "/oauth/callback?code=c&state=st"), Reply::Stranger(405));
        for query in ["", "?code=c", "?code=c&state=other", "?error=x&state=other", "?state=st", "?code=&state=st"] {
            assert_eq!(read("GET", &format!("/oauth/callback{query}")), Reply::Stranger(400), "{query}");
        }
        assert_eq!(read("GET", "/oauth/callback?code=c%2B1&state=st"), Reply::Arrived(Arrival::Code("c+1".into())));
        let refused = Reply::Arrived(Arrival::Refused("access_denied: no thanks".into()));
        assert_eq!(read("GET", "/oauth/callback?error=access_denied&error_description=no+thanks&state=st"), refused);
    }
}
