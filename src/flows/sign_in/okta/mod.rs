//! Okta straight into AWS: device sign-in → web SSO token → SAML response → AssumeRoleWithSAML.
//!
//! One response serves all roles while it lives, in this process and, sealed, in all others.

mod durations;
mod explain;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use crate::clients::aws::sts::assume_with_saml;
use crate::clients::failure::{Failure, FailureKind};
use crate::clients::okta::{Okta as Client, Opened, SignedIn};
use crate::domain::assignments::{Account, App, Page, SamlRole};
use crate::domain::ids::{AccountId, OktaId, RoleName};
use crate::domain::lifetime::fresh;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::SecretString;
use crate::domain::session::{Flow, OktaOrg};
use crate::domain::sign_in::saml::{Assertion, MAX_RESPONSE};
use crate::domain::sign_in::tokens::{Extra, OktaExtra, SsoTokens};
use crate::error::{Error, Kind, Result};
use crate::flows::sign_in::base::{SessionHandle, SignInProvider, Work, already_ended, not_assigned};
use crate::flows::sign_in::found::Found;
use crate::flows::sign_in::okta::durations::Durations;
use crate::flows::sign_in::screen::{SignInError, SignInScreen};
use crate::flows::single_flight::single_flight;

/// A response this near its end is not begun with.
const ASSERTION_AHEAD: SignedDuration = SignedDuration::from_secs(30);
/// How long a response without an end is taken for good.
const UNDATED: SignedDuration = SignedDuration::from_mins(1);

/// An org, and the response that was last had from it.
pub(in crate::flows::sign_in) struct Okta {
    org: OktaOrg,
    client: OnceCell<Client>,
    held: RefCell<Option<Rc<Held>>>,
}

/// A SAML response, of one sign-in.
struct Held {
    signed_in_at: Timestamp,
    response: SecretString,
    assertion: Assertion,
    expires_at: Timestamp,
}

impl Held {
    fn read(response: SecretString, signed_in_at: Timestamp, now: Timestamp) -> Result<Self> {
        let assertion = Assertion::read(&response).map_err(|why| explain::unreadable(&why))?;
        let expires_at = assertion.expires_at.unwrap_or(now + UNDATED);
        Ok(Self { signed_in_at, response, assertion, expires_at })
    }
}

impl SignInProvider for Okta {
    fn authorize<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        screen: &'a dyn SignInScreen,
        flow: Option<Flow>,
        before: Option<&'a SsoTokens>,
    ) -> Work<'a, Result<SsoTokens, SignInError>> {
        Box::pin(async move {
            if flow == Some(Flow::Pkce) {
                return Err(
                    Error::usage("Okta sign-ins use the device flow only: web SSO tokens come with no other").into()
                );
            }
            let client = self.client(handle)?;
            self.check_org(client).await?;
            let code = match client.start(true).await {
                // Not every client may have a refresh token.
                Err(failure) if failure.is(&["invalid_scope"]) => client.start(false).await,
                code => code,
            };
            let code = code.map_err(|failure| explain::not_started(&self.org, failure))?;
            let clock = &handle.world.clock;
            let poll = async || {
                let answer = client.poll(&code.device_code, clock.now()).await;
                answer.map_err(|failure| explain::not_started(&self.org, failure))
            };
            let signed_in = handle.approved(screen, &code, None, poll).await?;
            let (access_token, refresh_token) =
                (signed_in.granted.access_token.clone(), signed_in.granted.refresh_token.clone());
            let led = self.leads_on(handle, client, screen, signed_in, before).await;
            if led.is_err() {
                // Nobody keeps these: a sign-in that leads nowhere must not live on at Okta. What cannot be revoked ends there.
                if let Some(refresh_token) = &refresh_token {
                    _ = client.revoke(refresh_token, "refresh_token").await;
                }
                _ = client.revoke(&access_token, "access_token").await;
            }
            led
        })
    }

    fn redeem<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        tokens: &'a SsoTokens,
        refresh_token: &'a SecretString,
        now: Timestamp,
    ) -> Work<'a, Result<SsoTokens, Failure>> {
        Box::pin(async move {
            let client = self.client(handle).map_err(|error| Failure::unasked("Okta", error))?;
            let scope = tokens.okta().and_then(|extra| extra.scope.as_deref());
            let SignedIn { granted, id_token, .. } = client.refresh(refresh_token, scope, now).await?;
            let mut extra = tokens.extra.clone();
            if let (Extra::Okta(extra), Some(id_token)) = (&mut extra, id_token) {
                extra.id_token = id_token;
            }
            Ok(tokens.renewed(granted, extra))
        })
    }

    fn revoke<'a>(&'a self, handle: &'a SessionHandle<'_>, tokens: &'a SsoTokens) -> Work<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.held.take();
            let client = self.client(handle).map_err(|error| Failure::unasked("Okta", error))?;
            if let Some(refresh_token) = &tokens.refresh_token {
                client.revoke(refresh_token, "refresh_token").await.or_else(already_ended)?;
            }
            if tokens.access_token.expose().is_empty() {
                return Ok(());
            }
            client.revoke(&tokens.access_token, "access_token").await.or_else(already_ended)
        })
    }

    fn check<'a>(&'a self, handle: &'a SessionHandle<'_>) -> Work<'a, Result<()>> {
        Box::pin(async move {
            let tokens = handle.tokens().await?;
            self.fresh_response(handle, &tokens).await.map(|_| ())
        })
    }

    fn accounts<'a>(&'a self, handle: &'a SessionHandle<'_>, _: Option<String>) -> Work<'a, Result<Page<Account>>> {
        Box::pin(async move {
            let held = self.response(handle).await?;
            let accounts: BTreeMap<&AccountId, &SamlRole> =
                self.roles_of(&held.assertion)?.into_iter().map(|role| (&role.account, role)).collect();
            let entry = |(id, role): (&AccountId, &SamlRole)| {
                let name = self.org.account_names.get(id).cloned().unwrap_or_else(|| id.to_string());
                Account { id: id.clone(), name, partition: Some(role.partition) }
            };
            Ok(Page { entries: accounts.into_iter().map(entry).collect(), next: None })
        })
    }

    fn roles<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        account: &'a AccountId,
        _: Option<String>,
    ) -> Work<'a, Result<Page<RoleName>>> {
        Box::pin(async move {
            let held = self.response(handle).await?;
            let roles = self.roles_of(&held.assertion)?.into_iter().filter(|role| role.account == *account);
            let entries: BTreeSet<RoleName> = roles.map(|role| role.role.clone()).collect();
            Ok(Page { entries: entries.into_iter().collect(), next: None })
        })
    }

    fn credentials<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        account: &'a AccountId,
        role: &'a RoleName,
    ) -> Work<'a, Result<RoleCredentials>> {
        Box::pin(async move {
            let held = self.response(handle).await?;
            let done = match self.assume(handle, &held, account, role).await {
                Err(refused) if refused.0.as_ref().is_some_and(explain::is_expired) => {
                    // It ended on the way, or by AWS's clock.
                    let held = self.fresh_response(handle, &handle.tokens().await?).await?;
                    self.assume(handle, &held, account, role).await
                }
                done => done,
            };
            done.map_err(|refused| refused.1)
        })
    }

    fn ended_by(&self) -> &'static str {
        "Okta ended it, or you signed out there"
    }
}

/// A failure as it came, where one did, and as it is told.
struct Refused(Option<Failure>, Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(None, error)
    }
}

impl Okta {
    pub fn new(org: OktaOrg) -> Self {
        Self { org, client: OnceCell::new(), held: RefCell::new(None) }
    }

    fn client(&self, handle: &SessionHandle<'_>) -> Result<&Client> {
        let aws = handle.aws()?;
        Ok(self.client.get_or_init(|| Client::new(aws, &self.org)))
    }

    /// Classic orgs know no web SSO tokens, and what is no org answers anything.
    async fn check_org(&self, client: &Client) -> Result<()> {
        match client.pipeline().await {
            Ok(pipeline) if pipeline == "v1" => Err(explain::classic(&self.org)),
            Ok(_) => Ok(()),
            Err(failure) => Err(explain::no_org(&self.org, failure)),
        }
    }

    /// Follows a new sign-in to its app and into AWS, once.
    async fn leads_on(
        &self,
        handle: &SessionHandle<'_>,
        client: &Client,
        screen: &dyn SignInScreen,
        SignedIn { granted, id_token, scope }: SignedIn,
        before: Option<&SsoTokens>,
    ) -> Result<SsoTokens, SignInError> {
        let clock = &handle.world.clock;
        let id_token = id_token.ok_or_else(|| explain::no_id_token(&self.org))?;
        let app = self.choose(handle, client, screen, &granted.access_token, before).await?;
        let extra = OktaExtra { id_token, app_id: app.clone(), scope, user: None };
        let tokens = SsoTokens::new(&handle.session, granted, clock.now(), Extra::Okta(extra));
        // What is wrong with the way into AWS is told now, to the person who can see to it.
        match self.fetch(handle, &tokens, true).await {
            Ok(held) => {
                self.note(&held, screen)?;
                let tokens = held.assertion.user.iter().fold(tokens, |tokens, user| named(&tokens, user));
                self.keep(handle, &app, Rc::new(held));
                Ok(tokens)
            }
            // The sign-in is good all the same, and what it leads to can be had later.
            Err(refused) if refused.0.as_ref().is_some_and(explain::passes) => Ok(tokens),
            Err(refused) => Err(refused.1.into()),
        }
    }

    /// The AWS app: the configured one, the only one, the one chosen before, or the one the person chooses now.
    async fn choose(
        &self,
        handle: &SessionHandle<'_>,
        client: &Client,
        screen: &dyn SignInScreen,
        access_token: &SecretString,
        before: Option<&SsoTokens>,
    ) -> Result<OktaId> {
        if let Some(app) = &self.org.app_id {
            return Ok(app.clone());
        }
        let mut apps = client.apps(access_token).await;
        if apps.as_ref().is_err_and(explain::passes) {
            // The person has approved already: what passes is asked for once more.
            sleep(Duration::from_secs(1)).await;
            apps = client.apps(access_token).await;
        }
        let apps = apps.map_err(|failure| explain::no_apps(&self.org, failure))?;
        let chosen = before.and_then(SsoTokens::okta).map(|extra| &extra.app_id);
        let place = |app: &OktaId| apps.iter().position(|known| known.id == *app);
        let at = match (apps.as_slice(), chosen.and_then(place)) {
            ([], _) => return Err(explain::none_of_aws(&self.org)),
            ([_], _) => 0,
            (_, Some(again)) => again,
            (several, None) => handle.asking(|| screen.choose_app(several))?,
        };
        let app: Option<&App> = apps.get(at);
        app.map(|app| app.id.clone()).ok_or_else(|| explain::none_of_aws(&self.org))
    }

    /// Says what of an assertion is of no use.
    fn note(&self, held: &Held, screen: &dyn SignInScreen) -> Result<()> {
        let assertion = &held.assertion;
        let used = self.roles_of(assertion)?.len();
        if assertion.is_encrypted {
            screen.note("Only AWS can read this org's assertions; the roles are those of config.toml.");
            return Ok(());
        }
        let elsewhere = assertion.roles.len() - used;
        if elsewhere > 0 {
            screen.note(&format!(
                "Left out: roles in other partitions ({elsewhere}); `partitions` in config.toml names those that are wanted."
            ));
        }
        if assertion.left_out > 0 {
            screen.note(&format!(
                "Left out: values of Okta's Role attribute that name no role ({}).",
                assertion.left_out
            ));
        }
        Ok(())
    }

    /// The roles that may be used: the assertion's, or the configured ones where only AWS can read it.
    fn roles_of<'a>(&'a self, assertion: &'a Assertion) -> Result<Vec<&'a SamlRole>> {
        let all = if assertion.is_encrypted { &self.org.roles } else { &assertion.roles };
        let wanted: Vec<&SamlRole> = all.iter().filter(|role| self.org.partitions.contains(&role.partition)).collect();
        if wanted.is_empty() { Err(explain::no_roles(&self.org, assertion)) } else { Ok(wanted) }
    }

    /// A response that lives: the one at hand, the sealed one, or a new one, got by one process for all.
    async fn response(&self, handle: &SessionHandle<'_>) -> Result<Rc<Held>> {
        let world = handle.world;
        // Somebody else may have signed in since it was got: it is the other one's.
        let signed_in_at = handle.signed_in_at()?;
        let lives = |held: &Rc<Held>| {
            held.signed_in_at == signed_in_at && fresh(held.expires_at, world.clock.now(), ASSERTION_AHEAD)
        };
        if let Some(held) = self.held.borrow().clone().filter(lives) {
            return Ok(held);
        }
        let tokens = handle.tokens().await?;
        let app = self.app_of(handle, &tokens)?;
        let at_hand = || self.held.borrow().clone().filter(lives);
        let look = || at_hand().or_else(|| self.sealed(handle, &app, tokens.signed_in_at).filter(lives));
        let name = format!("{}.response", handle.session.file_name());
        let held = match look() {
            Some(held) => held,
            None => single_flight(world, &name, look, None, self.fresh_response(handle, &tokens)).await?,
        };
        self.held.replace(Some(held.clone()));
        Ok(held)
    }

    /// A new response, kept for all.
    async fn fresh_response(&self, handle: &SessionHandle<'_>, tokens: &SsoTokens) -> Result<Rc<Held>> {
        let held = Rc::new(self.fetch(handle, tokens, false).await.map_err(|refused| refused.1)?);
        self.keep(handle, &self.app_of(handle, tokens)?, held.clone());
        if let (Some(user), None) = (&held.assertion.user, tokens.user()) {
            // Who signed in was not known while Okta could not be reached.
            handle.amend(tokens, |stored| named(stored, user)).await?;
        }
        Ok(held)
    }

    /// The app of a sign-in.
    fn app_of(&self, handle: &SessionHandle<'_>, tokens: &SsoTokens) -> Result<OktaId> {
        tokens.okta().map(|extra| extra.app_id.clone()).ok_or_else(|| handle.nobody())
    }

    /// Exchanges the sign-in, opens the page, reads the response. A sign-in that is `new` is not stored yet: there is nothing
    /// to renew.
    async fn fetch(&self, handle: &SessionHandle<'_>, first: &SsoTokens, new: bool) -> Result<Held, Refused> {
        let (client, app) = (self.client(handle)?, self.app_of(handle, first)?);
        let refusals = Cell::new(0);
        let ask = async |tokens: &SsoTokens| {
            let Some(extra) = tokens.okta() else { return Ok(Err(handle.nobody().into())) };
            let turn = async || {
                let token = client.exchange(&tokens.access_token, &extra.id_token, &app).await?;
                client.page(&token).await
            };
            match handle.rate_limiter.call(turn).await {
                Ok(opened) => Ok(Ok(opened)),
                Err(failure) if explain::is_over(&failure) => {
                    refusals.set(refusals.get() + 1);
                    Err(Failure { kind: FailureKind::Unauthorized, ..failure })
                }
                Err(failure) => {
                    let error = explain::not_exchanged(handle, &self.org, &app, first, failure.clone());
                    Ok(Err(Refused(Some(failure), error)))
                }
            }
        };
        let opened = match new {
            true => ask(first).await.map_err(|failure| explain::not_taken(&failure)),
            false => handle.call(ask).await,
        };
        let opened = match opened {
            Err(error) if error.kind() == Kind::SignInNeeded => {
                let is_over = refusals.get() > 1 || refusals.get() == 1 && first.refresh_token.is_none();
                if is_over {
                    // So that nobody goes on to call this a sign-in, or asks Okta again.
                    let now = handle.world.clock.now();
                    handle.amend(first, |stored| stored.over(now)).await?;
                }
                return Err(error.into());
            }
            opened => opened??,
        };
        match opened {
            Opened::Response(response) => Ok(Held::read(response, first.signed_in_at, handle.world.clock.now())?),
            Opened::Else(words) => Err(explain::no_response(&self.org, &words).into()),
        }
    }

    fn sealed(&self, handle: &SessionHandle<'_>, app: &OktaId, signed_in_at: Timestamp) -> Option<Rc<Held>> {
        let response = handle.cache.read(&sealed_key(app, signed_in_at))?;
        Held::read(response, signed_in_at, handle.world.clock.now()).ok().map(Rc::new)
    }

    fn keep(&self, handle: &SessionHandle<'_>, app: &OktaId, held: Rc<Held>) {
        // One that AWS would not take, or that says no end, is of no use to others.
        if held.response.expose().len() <= MAX_RESPONSE
            && held.assertion.expires_at.is_some()
            && let Some(key) = handle.sealing()
        {
            // What cannot be kept costs the next call a request, not this one its result.
            _ = handle.cache.write(&sealed_key(app, held.signed_in_at), &held.response, &key);
        }
        self.held.replace(Some(held));
    }

    async fn assume(
        &self,
        handle: &SessionHandle<'_>,
        held: &Held,
        account: &AccountId,
        role: &RoleName,
    ) -> Result<RoleCredentials, Refused> {
        let roles = self.roles_of(&held.assertion)?;
        let found = roles.into_iter().find(|known| known.account == *account && known.role == *role);
        let found = found.ok_or_else(|| {
            not_assigned(account, role)
                .cause(format!("Okta's assertion does not name it ({})", self.org.url))
                .hint("eksso roles  # shows what you are assigned; your Okta groups decide about it")
        })?;
        if held.response.expose().len() > MAX_RESPONSE {
            return Err(explain::too_large(held.response.expose().len(), held.assertion.roles.len()).into());
        }
        let region = self.org.region(found.partition);
        let (known, keeper) = (Durations::load(handle), Found::new(handle));
        let mut refused = None;
        for seconds in known.to_try(&found.arn, handle.world.clock.now()) {
            match assume_with_saml(handle.aws()?, &region, found, &held.response, seconds).await {
                Ok(credentials) => {
                    known.remember(handle, &keeper, &found.arn, seconds);
                    return Ok(credentials);
                }
                Err(failure) => {
                    let is_too_long = explain::is_too_long(&failure);
                    let error = explain::not_assumed(found, &region, &held.assertion, &failure);
                    refused = Some(Refused(Some(failure), error));
                    if !is_too_long {
                        break;
                    }
                }
            }
        }
        Err(refused.unwrap_or_else(|| not_assigned(account, role).into()))
    }
}

/// The same sign-in, and who it is.
fn named(tokens: &SsoTokens, user: &str) -> SsoTokens {
    let mut named = tokens.clone();
    if let Extra::Okta(extra) = &mut named.extra {
        extra.user = Some(user.to_owned());
    }
    named
}

fn sealed_key(app: &OktaId, signed_in_at: Timestamp) -> String {
    format!("SAML response {app} {signed_in_at}")
}
