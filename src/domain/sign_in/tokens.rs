//! What a sign-in gives: kept as one item in the keyring, good for one place only.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::ids::OktaId;
use crate::domain::lifetime::{fresh, renewal_lead};
use crate::domain::secret::{SecretString, secret_json};
use crate::domain::session::{Flow, Provider, Session};
use crate::domain::sign_in::sealing_key::SealingKey;

/// The OAuth client that eksso is towards a portal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Registration {
    /// Public part.
    pub client_id: String,
    /// Secret part.
    pub client_secret: SecretString,
    /// When the service forgets the client (about 90 days).
    pub expires_at: Timestamp,
    /// What the client was registered for; it may not be used for the other.
    #[serde(default)]
    pub flow: Flow,
}

/// Tokens as they come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Bearer token.
    pub access_token: SecretString,
    /// When it came.
    pub granted_at: Timestamp,
    /// Its end.
    pub expires_at: Timestamp,
    /// A new refresh token, if one was given.
    pub refresh_token: Option<SecretString>,
}

/// The tokens of one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoTokens {
    /// Bearer token.
    pub access_token: SecretString,
    /// When the access token came. Absent in items that eksso 0.1.0 wrote.
    pub granted_at: Option<Timestamp>,
    /// End of the access token (about an hour); not the end of the session.
    pub expires_at: Timestamp,
    /// Renews the access token until the session at the provider ends. Absent where the client may have none.
    pub refresh_token: Option<SecretString>,
    /// When the person signed in: renewals keep it, so that a sign-in can be told from one.
    pub signed_in_at: Timestamp,
    /// Seals the role credentials of this very sign-in. Absent in items that eksso 0.1.0 wrote, until they are stored anew.
    pub sealing: Option<SealingKey>,
    /// What only this kind of provider gives.
    pub extra: Extra,
    /// The place these tokens belong to; a session that was pointed elsewhere must not use them.
    place: String,
}

/// What only one kind of provider gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// IAM Identity Center.
    IdentityCenter {
        /// The client the tokens were given to.
        registration: Registration,
        /// Whether the access token is also kept where the AWS CLI looks for it.
        shared: bool,
    },
    /// Okta.
    Okta(OktaExtra),
}

/// What only Okta gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OktaExtra {
    /// Who signed in, for the exchange into a web SSO token.
    pub id_token: SecretString,
    /// The AWS app they are for: configured, chosen, or the only one.
    pub app_id: OktaId,
    /// What was granted: a renewal must not ask for more.
    pub scope: Option<String>,
    /// RoleSessionName of the assertion: who the person is to AWS and to Kubernetes.
    pub user: Option<String>,
}

impl SsoTokens {
    /// Ties fresh tokens to the session that got them.
    pub fn new(session: &Session, granted: Granted, signed_in_at: Timestamp, extra: Extra) -> Self {
        let Granted { access_token, granted_at, expires_at, refresh_token } = granted;
        let (granted_at, place) = (Some(granted_at), session.place());
        Self { access_token, granted_at, expires_at, refresh_token, signed_in_at, sealing: None, extra, place }
    }

    /// The same sign-in with a new access token; without a new refresh token the old one stays good.
    #[must_use]
    pub fn renewed(&self, granted: Granted, extra: Extra) -> Self {
        let Granted { access_token, granted_at, expires_at, refresh_token } = granted;
        let (granted_at, refresh_token) = (Some(granted_at), refresh_token.or_else(|| self.refresh_token.clone()));
        Self { access_token, granted_at, expires_at, refresh_token, extra, ..self.clone() }
    }

    /// The same sign-in, with the key that seals what is got with it.
    #[must_use]
    pub fn sealed_with(mut self, key: SealingKey) -> Self {
        self.sealing = Some(key);
        self
    }

    /// What is left when the provider has ended the session: what the next sign-in can make use of.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> Self {
        Self { access_token: "".into(), expires_at: now, refresh_token: None, ..self.clone() }
    }

    /// Tokens that the AWS CLI signed in for: good until their end, and not ours to revoke.
    pub fn borrowed(session: &Session, access_token: SecretString, expires_at: Timestamp, now: Timestamp) -> Self {
        let registration = Registration {
            client_id: String::new(),
            client_secret: "".into(),
            expires_at: Timestamp::UNIX_EPOCH,
            flow: Flow::Device,
        };
        let granted = Granted { access_token, granted_at: now, expires_at, refresh_token: None };
        Self::new(session, granted, now, Extra::IdentityCenter { registration, shared: false })
    }

    /// Whether another program signed in for these.
    pub fn is_borrowed(&self) -> bool {
        self.registration().is_some_and(|client| client.client_id.is_empty())
    }

    /// The client they were given to, where that is one that ends.
    pub fn registration(&self) -> Option<&Registration> {
        if let Extra::IdentityCenter { registration, .. } = &self.extra { Some(registration) } else { None }
    }

    /// Whether the access token is also kept where the AWS CLI looks for it.
    pub fn shared(&self) -> bool {
        matches!(self.extra, Extra::IdentityCenter { shared: true, .. })
    }

    /// The same, shared with the AWS CLI or not.
    #[must_use]
    pub fn sharing(mut self, wanted: bool) -> Self {
        if let Extra::IdentityCenter { shared, .. } = &mut self.extra {
            *shared = wanted;
        }
        self
    }

    /// What only Okta gives.
    pub fn okta(&self) -> Option<&OktaExtra> {
        if let Extra::Okta(extra) = &self.extra { Some(extra) } else { None }
    }

    /// Who signed in, where the provider said so.
    pub fn user(&self) -> Option<&str> {
        self.okta()?.user.as_deref()
    }

    /// Whether they serve a session: those of one app do not serve another.
    pub fn serve(&self, session: &Session) -> bool {
        let wanted = session.okta().and_then(|org| org.app_id.as_ref());
        wanted.is_none_or(|wanted| self.okta().is_some_and(|extra| extra.app_id == *wanted))
    }

    /// Whether the access token may be had anew without a person: there is a refresh token and its client is known.
    pub fn refreshable(&self, now: Timestamp) -> bool {
        let known = |client: &Registration| fresh(client.expires_at, now, SignedDuration::ZERO);
        self.refresh_token.is_some() && self.registration().is_none_or(known)
    }

    /// Whether the access token is good and not to be renewed yet.
    pub fn fresh(&self, now: Timestamp) -> bool {
        fresh(self.expires_at, now, renewal_lead(self.granted_at, self.expires_at))
    }

    /// Whether these can still lead to a good access token without a person.
    pub fn usable(&self, now: Timestamp) -> bool {
        self.refresh_token.is_some() || fresh(self.expires_at, now, SignedDuration::ZERO)
    }

    /// Reads a keyring item; anything that is not a current item of this very place is as good as absent.
    pub fn from_item(item: &SecretString, session: &Session) -> Option<Self> {
        #[derive(Deserialize)]
        struct Item {
            place: String,
            access_token: SecretString,
            granted_at: Option<Timestamp>,
            expires_at: Timestamp,
            refresh_token: Option<SecretString>,
            #[serde(default)]
            signed_in_at: Timestamp,
            registration: Option<Registration>,
            #[serde(default)]
            shared: bool,
            id_token: Option<SecretString>,
            app_id: Option<OktaId>,
            scope: Option<String>,
            user: Option<String>,
            sign_in: Option<Parts>,
        }
        #[derive(Deserialize)]
        struct Parts {
            id: String,
            key: SecretString,
        }
        let item: Item = serde_json::from_str(item.expose()).ok()?;
        let Item { place, access_token, granted_at, expires_at, refresh_token, signed_in_at, .. } = item;
        let extra = match session.provider {
            Provider::IdentityCenter(_) => {
                Extra::IdentityCenter { registration: item.registration?, shared: item.shared }
            }
            Provider::Okta(_) => Extra::Okta(OktaExtra {
                id_token: item.id_token?,
                app_id: item.app_id?,
                scope: item.scope,
                user: item.user,
            }),
        };
        let sealing = item.sign_in.and_then(|Parts { id, key }| SealingKey::from_parts(id, key));
        let tokens = Self { access_token, granted_at, expires_at, refresh_token, signed_in_at, sealing, extra, place };
        (tokens.place == session.place()).then_some(tokens)
    }

    /// The keyring item: JSON.
    pub fn to_item(&self) -> SecretString {
        #[derive(Serialize, Default)]
        struct Item<'a> {
            version: u8,
            place: &'a str,
            access_token: &'a str,
            granted_at: Option<Timestamp>,
            expires_at: Timestamp,
            refresh_token: Option<&'a str>,
            signed_in_at: Timestamp,
            #[serde(skip_serializing_if = "Option::is_none")]
            registration: Option<Client<'a>>,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            shared: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            id_token: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            app_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            scope: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            user: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            sign_in: Option<Parts<'a>>,
        }
        #[derive(Serialize)]
        struct Parts<'a> {
            id: &'a str,
            key: &'a str,
        }
        #[derive(Serialize)]
        struct Client<'a> {
            client_id: &'a str,
            client_secret: &'a str,
            expires_at: Timestamp,
            flow: Flow,
        }
        let common = Item {
            version: 2,
            place: &self.place,
            access_token: self.access_token.expose(),
            granted_at: self.granted_at,
            expires_at: self.expires_at,
            refresh_token: self.refresh_token.as_ref().map(|token| token.expose().as_str()),
            signed_in_at: self.signed_in_at,
            sign_in: self.sealing.as_ref().map(|own| Parts { id: &own.id, key: own.key.expose() }),
            ..Item::default()
        };
        secret_json(&match &self.extra {
            Extra::IdentityCenter { registration, shared } => Item {
                registration: Some(Client {
                    client_id: &registration.client_id,
                    client_secret: registration.client_secret.expose(),
                    expires_at: registration.expires_at,
                    flow: registration.flow,
                }),
                shared: *shared,
                ..common
            },
            Extra::Okta(OktaExtra { id_token, app_id, scope, user }) => Item {
                id_token: Some(id_token.expose()),
                app_id: Some(app_id.as_str()),
                scope: scope.as_deref(),
                user: user.as_deref(),
                ..common
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::OktaOrg;

    fn session(url: &str) -> Session {
        Session::new("corp".parse().expect("name"), url.parse().expect("url"), "eu-west-1".parse().expect("region"))
    }

    fn org(client: &str, app: Option<&str>) -> Session {
        let url = "https://corp.okta.com".parse().expect("url");
        let app_id = app.map(|app| app.parse().expect("id"));
        let org = OktaOrg { app_id, ..OktaOrg::new(url, client.parse().expect("id")) };
        Session { name: "corp".parse().expect("name"), provider: Provider::Okta(org), is_saved: true }
    }

    fn granted(at: Timestamp) -> Granted {
        Granted { access_token: "at".into(), granted_at: at, expires_at: at, refresh_token: Some("rt".into()) }
    }

    #[test]
    fn tokens_survive_the_keyring_and_belong_to_one_place() {
        let at = Timestamp::from_second(1_800_000_000).expect("time");
        let registration =
            Registration { client_id: "id".into(), client_secret: "cs".into(), expires_at: at, flow: Flow::Pkce };
        let here = session("https://corp.awsapps.com/start");
        let key = SealingKey::new(&zeroize::Zeroizing::new([1; crate::domain::sign_in::sealing_key::RANDOM]));
        let tokens = SsoTokens::new(&here, granted(at), at, Extra::IdentityCenter { registration, shared: true });
        let tokens = tokens.sealed_with(key);
        let item = tokens.to_item();
        assert_eq!(SsoTokens::from_item(&item, &here), Some(tokens));
        assert_eq!(SsoTokens::from_item(&item, &session("https://other.awsapps.com/start")), None);
        assert_eq!(SsoTokens::from_item(&item, &org("0oa1", None)), None);
        assert_eq!(SsoTokens::from_item(&"{".into(), &here), None);
    }

    #[test]
    fn okta_tokens_belong_to_one_org_client_and_app() {
        let at = Timestamp::from_second(1_800_000_000).expect("time");
        let here = org("0oa1", Some("0oaA"));
        let extra = OktaExtra {
            id_token: "it".into(),
            app_id: "0oaA".parse().expect("id"),
            scope: Some("openid".into()),
            user: Some("jane".into()),
        };
        let tokens = SsoTokens::new(&here, granted(at), at, Extra::Okta(extra));
        let item = tokens.to_item();
        assert_eq!(SsoTokens::from_item(&item, &here), Some(tokens.clone()));
        assert_eq!(SsoTokens::from_item(&item, &org("0oa2", Some("0oaA"))), None);
        assert!(tokens.serve(&here) && tokens.serve(&org("0oa1", None)) && !tokens.serve(&org("0oa1", Some("0oaB"))));
        assert!(tokens.refreshable(at) && !tokens.over(at).usable(at));
        assert!(!format!("{tokens:?}").contains("rt\""), "{tokens:?}");
    }
}
