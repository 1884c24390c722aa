//! The container credentials endpoint: what a program is told of it, who may ask, and what is answered.
//! Source: AWS SDKs and Tools Reference Guide, "Container credential provider".

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::lifetime::whole_second;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString, secret_json};

/// Where the endpoint is.
pub const ENDPOINT_HOST: &str = "127.0.0.1";

/// Variables that give a program another identity than the endpoint's, and win over it in some SDK.
/// A name that ends in `*` stands for all that begin so: SDKs make one for each service.
pub const WINNING: [&str; 19] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCOUNT_ID",
    "AWS_BEARER_TOKEN_*",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_CREDENTIAL_PROFILES_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SDK_LOAD_CONFIG",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// What opens the way to the credentials of one role: a path that nobody guesses, and a token.
#[derive(Debug)]
pub struct Grant {
    /// The path, from its slash on.
    pub path: String,
    /// What the `Authorization` header must say.
    pub token: SecretString,
}

impl Grant {
    /// Makes one of random bytes: 16 become the path, 32 the token.
    pub fn new(random: &[u8; 48]) -> Self {
        let (path, token) = random.split_at(16);
        let token = Secret::new(URL_SAFE_NO_PAD.encode(token));
        Self { path: format!("/{}", URL_SAFE_NO_PAD.encode(path)), token }
    }

    /// Whether this is its token. Digests are compared, so that the time it takes tells nothing of the token.
    fn is_token(&self, given: &str) -> bool {
        Sha256::digest(given.as_bytes()) == Sha256::digest(self.token.expose().as_bytes())
    }
}

/// Which grant a request is let in by; else the status it is refused with.
///
/// # Errors
/// 404 for a path of no grant, 405 for another method, 403 without the grant's token.
pub fn admit(grants: &[Grant], method: &str, target: &str, authorization: Option<&str>) -> Result<usize, u16> {
    let place = grants.iter().position(|grant| grant.path == target).ok_or(404u16)?;
    match authorization {
        _ if method != "GET" => Err(405),
        Some(given) if grants[place].is_token(given) => Ok(place),
        _ => Err(403),
    }
}

/// Whether the kernel's tables of TCP sockets (`/proc/net/tcp` and `tcp6`: a peer may come by `::ffff:127.0.0.1`) say that a
/// connection to a port of ours comes from another user than the one who listens there. Root is nobody else: it may be
/// anybody. Where the tables hold our listener, a peer that they do not hold is another; without tables it is left to the token.
pub fn is_of_another(table: &str, from: u16, port: u16) -> bool {
    // sl local remote state queues timer retransmits uid …; addresses are HEX:PORT. Source: proc_net_tcp(5).
    let rows = table.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().take(8).collect();
        let port = |place: usize| u16::from_str_radix(words.get(place)?.rsplit_once(':')?.1, 16).ok();
        Some((port(1)?, port(2)?, words.get(3)?.to_owned(), words.get(7)?.parse::<u32>().ok()?))
    });
    let (mut theirs, mut ours) = (None, None);
    for (local, remote, state, user) in rows {
        match state {
            // TIME_WAIT belongs to nobody any more, and says 0.
            "06" => {}
            "0A" if local == port => ours = Some(user),
            _ if (local, remote) == (from, port) => theirs = Some(user),
            _ => {}
        }
    }
    ours.is_some_and(|ours| theirs != Some(0) && theirs != Some(ours))
}

/// The answer that carries credentials.
pub fn answer(found: &RoleCredentials, account: &str) -> SecretString {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer<'a> {
        access_key_id: &'a str,
        secret_access_key: &'a str,
        token: &'a str,
        expiration: jiff::Timestamp,
        account_id: &'a str,
    }
    secret_json(&Answer {
        access_key_id: &found.access_key_id,
        secret_access_key: found.secret_access_key.expose(),
        token: found.session_token.expose(),
        expiration: whole_second(found.expires_at),
        account_id: account,
    })
}

/// The answer that says why there are none.
pub fn refusal(code: &str, message: &str) -> SecretString {
    #[derive(Serialize)]
    struct Refusal<'a> {
        code: &'a str,
        message: &'a str,
    }
    secret_json(&Refusal { code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_of_a_path_with_its_own_token_is_let_in() {
        let grants = [Grant::new(&[1; 48]), Grant::new(&[2; 48])];
        let [one, two] = &grants;
        assert!(one.path.len() == 23 && one.token.expose().len() == 43);
        let ask = |method: &str, path: &str, token: Option<&str>| admit(&grants, method, path, token);
        assert_eq!(ask("GET", &two.path, Some(two.token.expose())), Ok(1));
        assert_eq!(ask("GET", &two.path, Some(one.token.expose())), Err(403));
        assert_eq!(ask("GET", &two.path, Some("")), Err(403));
        assert_eq!(ask("GET", &two.path, None), Err(403));
        assert_eq!(ask("POST", &two.path, Some(two.token.expose())), Err(405));
        for path in ["/", "", &format!("{}/", one.path), &format!("{}?x", one.path)] {
            assert_eq!(ask("GET", path, Some(one.token.expose())), Err(404), "{path}");
        }
    }

    #[test]
    fn the_kernel_tells_whose_a_connection_is() {
        let row = |local: &str, remote: &str, state: &str, user: u32| {
            format!(
                "   0: 0100007F:{local} 0100007F:{remote} {state} 00000000:00000000 00:00000000 00000000  {user}        0 1 1 0\n"
            )
        };
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
        let table = |user| {
            [head, &row("1F90", "0000", "0A", 1000), &row("C350", "1F90", "01", user), &row("1F90", "C350", "01", 1000)]
                .concat()
        };
        let (from, port) = (0xC350, 0x1F90);
        assert!(!is_of_another(&table(1000), from, port));
        assert!(!is_of_another(&table(0), from, port), "root");
        assert!(is_of_another(&table(1001), from, port));
        assert!(is_of_another(&table(1000), 1, port), "not in the table");
        assert!(!is_of_another("", from, port));
        let gone = table(1000) + &row("C350", "1F90", "06", 0);
        assert!(!is_of_another(&gone, from, port));
    }
}
