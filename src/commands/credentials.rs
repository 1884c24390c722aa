//! `eksso credentials`: AWS credentials of a role for other programs, and whose they are, which `eksso token` asks too.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::{CredentialFormat, CredentialsArgs, WhoArgs};
use crate::commands::Call;
use crate::commands::block_on;
use crate::domain::ids::{AccountId, Region, RoleArn, RoleName};
use crate::domain::lifetime::whole_second;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::secret_json;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::session::Session;
use crate::domain::text::shell_word;
use crate::error::{Error, Result};
use crate::flows::credentials::{Cached, Wanted, cached, role_credentials};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::Settings;

/// Prints them last, when all has succeeded.
pub fn run(call: &Call<'_>, args: &CredentialsArgs) -> Result<()> {
    let settings = call.settings()?;
    let who = match Who::from_args(call, &settings, &args.who)? {
        Some(who) => who,
        None => Who::of_context(call, &settings, args)?,
    };
    let region = who.region.clone().unwrap_or_else(|| who.session.home());
    let found = who.credentials(call, &settings, &region)?;
    let text = match args.format {
        CredentialFormat::Process => process(&found),
        CredentialFormat::Env => env(&found),
        CredentialFormat::Json => json(&who, &found),
    };
    call.world.terminal.data(text.expose().as_bytes())
}

/// A role and the way to it.
pub struct Who {
    pub session: Session,
    account: AccountId,
    role: RoleName,
    assume: Option<RoleArn>,
    /// The region that comes with it: a profile's, or a context's.
    pub region: Option<Region>,
}

impl Who {
    /// As the arguments name it; `None` when they name nobody.
    pub fn from_args(call: &Call<'_>, settings: &Settings, args: &WhoArgs) -> Result<Option<Self>> {
        let assume = args.assume_role.as_deref().map(str::parse).transpose()?;
        if let Some(name) = &args.profile {
            let (session, profile) = settings.profile(call.world, name)?;
            if assume.is_some() && profile.assume.is_some() {
                return Err(Error::usage(format!("profile `{name}` assumes a role already; eksso goes one step")));
            }
            let assume = assume.or(profile.assume);
            return Ok(Some(Self {
                session,
                account: profile.account,
                role: profile.role,
                assume,
                region: profile.region,
            }));
        }
        let (Some(account), Some(role)) = (&args.account, &args.role) else { return Ok(None) };
        let (account, role) = (account.parse()?, role.parse()?);
        let session = settings.require(call.world, call.globals.session.as_deref())?;
        Ok(Some(Self { session, account, role, assume, region: None }))
    }

    /// As a context of ours has it: the named one, else the current one.
    fn of_context(call: &Call<'_>, settings: &Settings, args: &CredentialsArgs) -> Result<Self> {
        let files = Kubeconfigs::open(call.world, call.globals.kubeconfig.as_deref())?;
        let name = args.context.clone().or_else(|| files.current()).ok_or_else(|| {
            Error::usage("whose credentials? there is no current context")
                .hint("eksso credentials CONTEXT, or eksso credentials --account ID --role ROLE")
        })?;
        let identity = files.require(&name, "credentials")?.identity.ok_or_else(|| {
            Error::usage(format!("the context `{name}` was not written by eksso, so its role is not known"))
                .hint("eksso credentials --account ID --role ROLE")
        })?;
        Ok(Self {
            session: settings.session(call.world, &identity.session)?,
            account: identity.account,
            role: identity.role,
            assume: args.who.assume_role.as_deref().map(str::parse).transpose()?.or(identity.assume),
            region: Some(identity.region),
        })
    }

    /// Its credentials, from the cache or new. Never asks, terminal or not: the caller did not ask to be asked.
    pub fn credentials(&self, call: &Call<'_>, settings: &Settings, region: &Region) -> Result<RoleCredentials> {
        let keyring = call.silent_keyring(settings)?;
        let assume = self.assume.as_ref().map(|arn| (arn, region));
        let wanted = Wanted { account: &self.account, role: &self.role, assume };
        let cache = call.world.keyrings.sealed(keyring);
        if let Cached::Fresh(found) = cached(call.world, cache.as_ref(), &self.session, &wanted) {
            return Ok(found);
        }
        let handle = call.open(self.session.clone(), keyring)?;
        block_on(role_credentials(call.world, cache.as_ref(), &handle, &wanted))
    }
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
