//! Whose credentials a call is about, as arguments, a profile or a context name it.

use jiff::Timestamp;

use crate::cli::{CredentialsArgs, WhoArgs};
use crate::commands::shared::call::{Call, block_on};
use crate::domain::ids::{AccountId, ClusterName, Namespace, Region, RoleArn, RoleName};
use crate::domain::kubeconfig::ContextEntry;
use crate::domain::lifetime::whole_second;
use crate::domain::role_arn::Principal;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::session::Session;
use crate::domain::settings::aws_config::AssumeOptions;
use crate::domain::settings::sink::Sink;
use crate::domain::trail::{About, Line};
use crate::error::{Error, Kind, Result};
use crate::flows::access::namespaces::{Seen, namespaces};
use crate::flows::access::verify::Address;
use crate::flows::credentials::{Assume, Cached, Wanted, cached, permit, role_credentials};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::elevation::{permit_end, way_out};
use crate::flows::settings::Settings;
use crate::flows::trail;

/// How credentials are handed out, unless somebody says otherwise.
const EVENT: &str = "credentials";

/// A role and the way to it.
pub struct Who {
    /// Where to sign in.
    pub session: Session,
    /// The account of the role.
    pub account: AccountId,
    /// The role.
    pub role: RoleName,
    /// Another role that is assumed from there.
    pub assume: Option<RoleArn>,
    /// What a profile wants to be sent then.
    pub options: AssumeOptions,
    /// The region that comes with it: a profile's, or a context's.
    pub region: Option<Region>,
    /// When the use of the role ends, where a context gives it an end.
    pub until: Option<Timestamp>,
    /// What the audit trail calls it that they are asked for.
    pub event: &'static str,
    /// The context that was named.
    pub context: Option<String>,
    /// The cluster that they are for.
    pub cluster: Option<ClusterName>,
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
                options: profile.options,
                region: profile.region,
                until: None,
                event: EVENT,
                context: None,
                cluster: None,
            }));
        }
        let (Some(account), Some(role)) = (&args.account, &args.role) else { return Ok(None) };
        let (account, role) = (account.parse()?, role.parse()?);
        let session = match &call.globals.session {
            // As a kubeconfig or a profile has it: who reads the error has typed no name.
            Some(name) => settings.session(call.world, &name.parse()?)?,
            None => settings.require(call.world, None)?,
        };
        Ok(Some(Self {
            session,
            account,
            role,
            assume,
            options: AssumeOptions::NONE,
            region: None,
            until: None,
            event: EVENT,
            context: None,
            cluster: None,
        }))
    }

    /// As a context of ours has it: the named one, else the current one.
    pub fn of_context(call: &Call<'_>, settings: &Settings, args: &CredentialsArgs) -> Result<Self> {
        let files = Kubeconfigs::open_for(call.world, call.globals.kubeconfig.as_deref(), args.context.as_deref())?;
        let name = args.context.clone().or_else(|| files.current()).ok_or_else(|| {
            Error::usage("whose credentials? there is no current context")
                .hint("eksso credentials CONTEXT")
                .hint("eksso credentials --account ID --role ROLE")
        })?;
        let entry = files.require(&name, "credentials")?;
        call.hold_to_session(&name, entry.identity.as_ref())?;
        let mut who = Self::of_entry(call, settings, entry)?;
        let guarded = settings.config.guard(&name).confirm.then(|| name.clone());
        call.pass_guards(guarded.map(About::named), args.yes, "Print the credentials of")?;
        who.assume = args.who.assume_role.as_deref().map(str::parse).transpose()?.or(who.assume);
        Ok(who)
    }

    /// As a context that was read has it.
    pub fn of_entry(call: &Call<'_>, settings: &Settings, entry: ContextEntry) -> Result<Self> {
        let ContextEntry { name, identity, until, .. } = entry;
        let identity = identity.ok_or_else(|| {
            Error::usage(format!("the context `{name}` was not written by eksso, so its role is not known"))
                .hint("eksso credentials --account ID --role ROLE")
        })?;
        call.about(About::context(&name, Some(&identity), None));
        call.world.policy()?.context(&name, &identity.role)?;
        let who = Self {
            session: settings.session(call.world, &identity.session)?,
            account: identity.account,
            role: identity.role,
            assume: identity.assume,
            options: AssumeOptions::NONE,
            region: Some(identity.region),
            until,
            event: EVENT,
            context: Some(name.clone()),
            cluster: Some(identity.cluster),
        };
        who.check_end(call, &name)?;
        Ok(who)
    }

    /// Refuses a use that has ended, or that ends later than the policy of this machine allows.
    fn check_end(&self, call: &Call<'_>, name: &str) -> Result<()> {
        match self.until.filter(|until| *until <= call.world.clock.now()) {
            None => self.until.map_or(Ok(()), |until| permit_end(call.world, until)),
            Some(until) => {
                Err(Error::new(Kind::Denied, format!("the use of `{name}` ended at {}", whole_second(until)))
                    .hint(way_out(call.world, call.globals.kubeconfig.as_deref(), |entry| entry.name == name)))
            }
        }
    }

    /// The account that its credentials are of: another one's, where it assumes a role there.
    pub fn account(&self) -> &str {
        let assumed = self.assume.as_ref().and_then(|arn| Principal::parse(arn.as_str()));
        assumed.map_or(self.account.as_str(), |arn| arn.account)
    }

    /// The region to work in: the one that comes with the role, else the one that its session is at home in.
    pub fn home(&self) -> Region {
        self.region.clone().unwrap_or_else(|| self.session.home())
    }

    /// Its credentials, from the cache or new, to be handed out: where there is an audit trail, its line is written first.
    /// Never asks for a sign-in, terminal or not: the caller did not ask to be asked.
    pub fn credentials(&self, call: &Call<'_>, settings: &Settings, region: &Region) -> Result<RoleCredentials> {
        self.credentials_or(call, settings, region, Err)
    }

    /// The same, where a person may be asked for a sign-in: `sign_in` gets the error that says that one is needed, and answers
    /// whether there is one now.
    pub fn credentials_or(
        &self,
        call: &Call<'_>,
        settings: &Settings,
        region: &Region,
        sign_in: impl FnOnce(Error) -> Result<()>,
    ) -> Result<RoleCredentials> {
        let found = match self.obtained(call, settings, region) {
            Err(needed) if needed.kind() == Kind::SignInNeeded => {
                sign_in(needed).and_then(|()| self.obtained(call, settings, region))
            }
            found => found,
        };
        self.handed_out(call, settings, region, found)
    }

    /// Refuses what may not be used here, and writes the line of the audit trail, where there is one: before somebody is led
    /// to where the role is handed out by others.
    pub fn led_to(&self, call: &Call<'_>, settings: &Settings, event: &'static str) -> Result<()> {
        let (sink, permitted) = (settings.config.trail, self.permitted(call, &self.wanted(&self.home())));
        if sink != Sink::Off {
            let line = self.line(call, &self.home(), event, permitted.as_ref().map(|()| None));
            match &permitted {
                Ok(()) => call.record(sink, &line)?,
                Err(_) => call.record_failure(sink, &line),
            }
        }
        permitted
    }

    /// Writes the line of the audit trail, where there is one, before anything is handed out.
    fn handed_out(
        &self,
        call: &Call<'_>,
        settings: &Settings,
        region: &Region,
        found: Result<RoleCredentials>,
    ) -> Result<RoleCredentials> {
        let sink = settings.config.trail;
        if sink == Sink::Off {
            return found;
        }
        let key = found.as_ref().map(|found| Some(found.access_key_id.clone()));
        let line = self.line(call, region, self.event, key);
        match found {
            Ok(found) => call.record(sink, &line).map(|()| found),
            // Nothing is handed out, and why is what the caller is to know.
            Err(error) => {
                call.record_failure(sink, &line);
                Err(error)
            }
        }
    }

    /// What the audit trail says of it.
    fn line(&self, call: &Call<'_>, region: &Region, event: &str, key: Result<Option<String>, &Error>) -> Line {
        let result = key.as_ref().map(|_| ()).map_err(|error| error.kind());
        Line { access_key_id: key.ok().flatten(), ..trail::line(call.world, event, &self.about(region), result) }
    }

    /// What it is about, for the audit trail.
    pub fn about(&self, region: &Region) -> About {
        About {
            context: self.context.clone(),
            account_id: Some(self.account.to_string()),
            role: Some(self.role.to_string()),
            assumed_role: self.assume.as_ref().map(RoleArn::to_string),
            region: Some(region.to_string()),
            cluster: self.cluster.as_ref().map(ClusterName::to_string),
            ..About::session(&self.session.name)
        }
    }

    fn obtained(&self, call: &Call<'_>, settings: &Settings, region: &Region) -> Result<RoleCredentials> {
        let (keyring, wanted) = (call.silent_keyring(settings)?, self.wanted(region));
        self.permitted(call, &wanted)?;
        let cache = call.world.keyrings.sealed(keyring, &self.session);
        // Before a runtime is started for what needs none.
        if let Cached::Fresh(found) = cached(call.world, cache.as_ref(), &wanted) {
            return Ok(found);
        }
        let handle = call.open_silently(self.session.clone(), keyring)?;
        block_on(role_credentials(call.world, cache.as_ref(), &handle, &wanted))
    }

    /// The same for a program that asks again and again while it runs: never beyond the end of the use. It is given up when
    /// `stop` ends, but for what would be lost by that.
    pub async fn now(
        &self,
        call: &Call<'_>,
        settings: &Settings,
        stop: impl Future<Output = ()>,
    ) -> Result<RoleCredentials> {
        let region = self.home();
        let found = self.obtained_now(call, settings, &region, stop).await;
        self.handed_out(call, settings, &region, found)
    }

    async fn obtained_now(
        &self,
        call: &Call<'_>,
        settings: &Settings,
        region: &Region,
        stop: impl Future<Output = ()>,
    ) -> Result<RoleCredentials> {
        self.check_end(call, self.role.as_str())?;
        let (keyring, wanted) = (call.silent_keyring(settings)?, self.wanted(region));
        self.permitted(call, &wanted)?;
        let cache = call.world.keyrings.sealed(keyring, &self.session);
        let handle = call.open_silently(self.session.clone(), keyring)?;
        let work = Box::pin(role_credentials(call.world, cache.as_ref(), &handle, &wanted));
        let mut found = handle.until(stop, work).await.unwrap_or_else(|| Err(Error::interrupted()))?;
        found.expires_at = self.until.map_or(found.expires_at, |until| until.min(found.expires_at));
        Ok(found)
    }

    /// Refuses what the machine's policy rules out: the place of the sign-in, or a role on the way.
    fn permitted(&self, call: &Call<'_>, wanted: &Wanted<'_>) -> Result<()> {
        call.world.policy()?.session(&self.session)?;
        permit(call.world, wanted)
    }

    /// The namespaces that their role sees in the cluster at an address. Nobody is asked to sign in, and nothing is handed out.
    pub fn namespaces(
        &self,
        call: &Call<'_>,
        settings: &Settings,
        address: &Address,
        named: Option<&Namespace>,
    ) -> Result<Seen> {
        let region = self.home();
        let (keyring, wanted) = (call.silent_keyring(settings)?, self.wanted(&region));
        self.permitted(call, &wanted)?;
        let cache = call.world.keyrings.sealed(keyring, &self.session);
        let handle = call.open_silently(self.session.clone(), keyring)?;
        block_on(async {
            Ok(namespaces(call.world, cache.as_ref(), &handle, (&wanted, &region), address, named).await)
        })
    }

    fn wanted<'a>(&'a self, region: &'a Region) -> Wanted<'a> {
        let assume = self.assume.as_ref().map(|arn| Assume { arn, region, options: &self.options });
        Wanted { account: &self.account, role: &self.role, assume }
    }
}
