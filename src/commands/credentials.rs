//! `eksso credentials`: AWS credentials of a role for other programs, and whose they are, which `eksso token` asks too.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::{CredentialFormat, CredentialsArgs};
use crate::commands::shared::call::Call;
use crate::commands::shared::who::Who;
use crate::domain::ids::RoleArn;
use crate::domain::lifetime::whole_second;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString, secret_json};
use crate::domain::text::shell_word;
use crate::error::Result;

/// Prints them last, when all has succeeded.
pub fn run(call: &Call<'_>, args: &CredentialsArgs) -> Result<()> {
    let settings = call.settings()?;
    let who = match Who::from_args(call, &settings, &args.who)? {
        Some(who) => who,
        None => Who::of_context(call, &settings, args)?,
    };
    let region = who.home();
    let mut found = who.credentials(call, &settings, &region)?;
    // Whoever asks again at that moment is refused then.
    found.expires_at = who.until.map_or(found.expires_at, |until| until.min(found.expires_at));
    let text = match args.format {
        CredentialFormat::Process => process(&found),
        CredentialFormat::Env => env(&found),
        CredentialFormat::Json => json(&who, &found),
    };
    call.world.terminal.secret(&text)
}

/// What `credential_process` wants. Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
fn process(found: &RoleCredentials) -> SecretString {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Process<'a> {
        version: u8,
        access_key_id: &'a str,
        secret_access_key: &'a str,
        session_token: &'a str,
        expiration: Timestamp,
    }
    line(&Process {
        version: 1,
        access_key_id: &found.access_key_id,
        secret_access_key: found.secret_access_key.expose(),
        session_token: found.session_token.expose(),
        expiration: whole_second(found.expires_at),
    })
}

fn json(who: &Who, found: &RoleCredentials) -> SecretString {
    #[derive(Serialize)]
    struct Json<'a> {
        session: &'a str,
        account_id: &'a str,
        role: &'a str,
        assumed_role: Option<&'a str>,
        access_key_id: &'a str,
        secret_access_key: &'a str,
        session_token: &'a str,
        expires_at: Timestamp,
    }
    line(&Json {
        session: who.session.name.as_str(),
        account_id: who.account.as_str(),
        role: who.role.as_str(),
        assumed_role: who.assume.as_ref().map(RoleArn::as_str),
        access_key_id: &found.access_key_id,
        secret_access_key: found.secret_access_key.expose(),
        session_token: found.session_token.expose(),
        expires_at: whole_second(found.expires_at),
    })
}

/// Lines to eval. AWS_CREDENTIAL_EXPIRATION is what other credential tools set beside the three.
fn env(found: &RoleCredentials) -> SecretString {
    let mut text = String::with_capacity(8 << 10);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", found.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", found.secret_access_key.expose()),
        ("AWS_SESSION_TOKEN", found.session_token.expose()),
        ("AWS_CREDENTIAL_EXPIRATION", &whole_second(found.expires_at).to_string()),
    ] {
        text.extend(["export ", name, "=", &shell_word(value), "\n"]);
    }
    Secret::new(text)
}

/// JSON with its line end, in a buffer that is wiped like the first.
fn line(value: &impl Serialize) -> SecretString {
    let json = secret_json(value);
    let mut text = String::with_capacity(json.expose().len() + 1);
    text.extend([json.expose(), "\n"]);
    Secret::new(text)
}
