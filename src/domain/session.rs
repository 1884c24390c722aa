//! Sessions: the places where a person signs in, IAM Identity Center or Okta, as far as they differ before anything is asked.

use std::collections::BTreeMap;

use form_urlencoded::byte_serialize;
use serde::{Deserialize, Serialize};

use crate::domain::assignments::SamlRole;
use crate::domain::browser::BrowserCommand;
use crate::domain::ids::{AccountId, OktaId, Region, RoleName, SessionName};
use crate::domain::partition::Partition;
use crate::domain::role_arn::Origin;
use crate::domain::text::{digest, shell_word};
use crate::domain::url::{OrgUrl, StartUrl};

/// How a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// Device authorization: a page and a code, in any browser on any machine.
    #[default]
    Device,
    /// Authorization code with PKCE: a browser on this machine comes back by itself.
    Pkce,
    /// PKCE where a browser can be opened here, else the device flow.
    Auto,
}

impl Flow {
    /// How the settings call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Pkce => "pkce",
            Self::Auto => "auto",
        }
    }
}

/// One sign-in place with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What the user calls it.
    pub name: SessionName,
    /// Where, and how.
    pub provider: Provider,
    /// Whether the settings know it by its name. One that is made for a first sign-in is known only once that has succeeded.
    pub is_saved: bool,
}

/// Where and how a person signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// An access portal of IAM Identity Center.
    IdentityCenter(IdentityCenter),
    /// An Okta org whose app "AWS Account Federation" leads to roles.
    Okta(OktaOrg),
}

/// An access portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityCenter {
    /// Its URL.
    pub start_url: StartUrl,
    /// The region of the Identity Center instance (not of the clusters).
    pub region: Region,
    /// Where Identity Center also runs (several regions), in the order in which they are asked when the first is silent.
    pub fallback_regions: Vec<Region>,
    /// How to sign in, where the settings say so.
    pub flow: Option<Flow>,
    /// Whether the device flow may be used at all: its codes can be phished, and an administrator may forbid it.
    pub device_flow: bool,
    /// The browser that opens its pages, in place of the machine's.
    pub browser: Option<BrowserCommand>,
}

/// An Okta org, and what eksso is to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OktaOrg {
    /// Its URL.
    pub url: OrgUrl,
    /// The OIDC native app that stands for eksso.
    pub client_id: OktaId,
    /// The AWS app; asked for where there are several and none is named.
    pub app_id: Option<OktaId>,
    /// Roles of other partitions are left out.
    pub partitions: Vec<Partition>,
    /// Where STS is asked: the first region of the role's partition.
    pub regions: Vec<Region>,
    /// Roles that are believed where the assertion cannot be read.
    pub roles: Vec<SamlRole>,
    /// What accounts are called: an assertion knows numbers only.
    pub account_names: BTreeMap<AccountId, String>,
    /// The browser that opens its pages, in place of the machine's.
    pub browser: Option<BrowserCommand>,
}

impl IdentityCenter {
    /// A portal to which one signs in as most do.
    pub fn new(start_url: StartUrl, region: Region) -> Self {
        let fallback_regions = Vec::new();
        Self { start_url, region, fallback_regions, flow: None, device_flow: true, browser: None }
    }

    /// How to sign in when the command line does not say.
    pub fn usual_flow(&self) -> Flow {
        match self.flow {
            None | Some(Flow::Device) if !self.device_flow => Flow::Pkce,
            flow => flow.unwrap_or_default(),
        }
    }

    /// The regions to ask, the first first.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        std::iter::once(&self.region).chain(&self.fallback_regions)
    }
}

impl OktaOrg {
    /// An org as most are.
    pub fn new(url: OrgUrl, client_id: OktaId) -> Self {
        let (partitions, regions, roles, account_names) = (vec![Partition::Aws], vec![], vec![], BTreeMap::new());
        Self { url, client_id, app_id: None, partitions, regions, roles, account_names, browser: None }
    }

    /// The region whose STS is asked for roles of a partition.
    pub fn region(&self, partition: Partition) -> Region {
        let own = self.regions.iter().find(|region| region.partition() == partition);
        own.cloned().unwrap_or_else(|| partition.usual_region())
    }
}

impl Session {
    /// A session at an access portal.
    pub fn new(name: SessionName, start_url: StartUrl, region: Region) -> Self {
        Self { name, provider: Provider::IdentityCenter(IdentityCenter::new(start_url, region)), is_saved: true }
    }

    /// The same, with how to sign in where it does not say so itself.
    #[must_use]
    pub fn or_flow(mut self, usual: Option<Flow>) -> Self {
        if let Provider::IdentityCenter(portal) = &mut self.provider {
            portal.flow = portal.flow.or(usual);
        }
        self
    }

    /// The same, with the one way to sign in that is allowed.
    #[must_use]
    pub fn with_flow(mut self, only: Option<Flow>) -> Self {
        if let (Provider::IdentityCenter(portal), Some(flow)) = (&mut self.provider, only) {
            (portal.flow, portal.device_flow) = (Some(flow), flow != Flow::Pkce);
        }
        self
    }

    /// The command that signs in to it, to be pasted. For one that the settings do not know it says what the settings do not.
    pub fn login_command(&self) -> String {
        let usual = self.identity_center().and_then(|portal| portal.flow);
        match (self.is_saved, usual) {
            (true, _) => self.named_login(),
            (false, None) => self.invitation(),
            (false, Some(flow)) => format!("{} --flow {}", self.invitation(), flow.name()),
        }
    }

    fn named_login(&self) -> String {
        format!("eksso login {}", shell_word(self.name.as_str()))
    }

    /// The name of its files, whatever characters its own name has.
    pub fn file_name(&self) -> String {
        digest(self.name.as_str())[..32].to_owned()
    }

    /// The keyring item of its tokens.
    pub fn keyring_item(&self) -> String {
        format!("session/{}", self.name)
    }

    /// What the sealed cache calls its role credentials: a place, and what it is called here.
    pub fn scope(&self) -> String {
        format!("{}\n{}", self.name, self.place())
    }

    /// The portal, where it is one.
    pub fn identity_center(&self) -> Option<&IdentityCenter> {
        if let Provider::IdentityCenter(portal) = &self.provider { Some(portal) } else { None }
    }

    /// The region of the portal, where it is one.
    pub fn portal_region(&self) -> Option<&Region> {
        self.identity_center().map(|portal| &portal.region)
    }

    /// Whether it is the portal at this URL and region.
    pub fn is_portal(&self, start_url: &StartUrl, region: &Region) -> bool {
        self.identity_center().is_some_and(|portal| portal.start_url == *start_url && portal.region == *region)
    }

    /// Whether the AWS CLI can use its sign-ins: it knows portals only.
    pub fn can_share_with_aws_cli(&self) -> bool {
        self.identity_center().is_some()
    }

    /// How to sign in when the command line does not say; `None` where there is one way only.
    pub fn usual_flow(&self) -> Option<Flow> {
        self.identity_center().map(IdentityCenter::usual_flow)
    }

    /// What `Flow::Auto` means: PKCE where a browser can be opened here, or where the device flow is forbidden.
    pub fn auto_flow(&self, browser_opens: bool) -> Flow {
        let pkce = self.identity_center().is_some_and(|portal| browser_opens || !portal.device_flow);
        if pkce { Flow::Pkce } else { Flow::Device }
    }

    /// The link of the access portal to a page of the AWS console as a role; `None` where there is no portal. There is no
    /// secret in it: who opens it signs in there. Source: IAM Identity Center User Guide, "Creating shortcut links to AWS
    /// Management Console destinations".
    pub fn console_link(&self, account: &AccountId, role: &RoleName, page: &str) -> Option<String> {
        let portal = self.identity_center()?.start_url.as_str().trim_end_matches('/');
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let (role, page) = (encoded(role.as_str()), encoded(page));
        Some(format!("{portal}/#/console?account_id={account}&role_name={role}&destination={page}"))
    }

    /// The org, where it is one.
    pub fn okta(&self) -> Option<&OktaOrg> {
        if let Provider::Okta(org) = &self.provider { Some(org) } else { None }
    }

    /// Who makes the IAM roles that its roles are.
    pub fn origin(&self) -> Origin {
        if self.okta().is_some() { Origin::Plain } else { Origin::PermissionSet }
    }

    /// The browser that opens the pages of its sign-ins, in place of the machine's.
    pub fn browser(&self) -> Option<&BrowserCommand> {
        match &self.provider {
            Provider::IdentityCenter(portal) => portal.browser.as_ref(),
            Provider::Okta(org) => org.browser.as_ref(),
        }
    }

    /// How the settings call the way in.
    pub fn provider_name(&self) -> &'static str {
        match self.provider {
            Provider::IdentityCenter(_) => "identity-center",
            Provider::Okta(_) => "okta",
        }
    }

    /// The URL a person knows it by.
    pub fn address(&self) -> &str {
        match &self.provider {
            Provider::IdentityCenter(portal) => portal.start_url.as_str(),
            Provider::Okta(org) => org.url.as_str(),
        }
    }

    /// The host at which one signs in.
    pub fn host(&self) -> &str {
        match &self.provider {
            Provider::IdentityCenter(portal) => portal.start_url.host(),
            Provider::Okta(org) => org.url.host(),
        }
    }

    /// What tells it from other places, in words; secrets and what was found out belong to one place.
    pub fn place(&self) -> String {
        match &self.provider {
            Provider::IdentityCenter(portal) => format!("{} in {}", portal.start_url, portal.region),
            Provider::Okta(org) => format!("{} as {}", org.url, org.client_id),
        }
    }

    /// What a sign-in to it tries. One that failed says nothing of another place, nor of what was corrected since.
    pub fn attempt(&self) -> String {
        match &self.provider {
            Provider::IdentityCenter(_) => self.place(),
            Provider::Okta(org) => {
                let app = org.app_id.as_ref().map_or("any app", OktaId::as_str);
                let partitions = org.partitions.iter().map(|partition| partition.arn()).collect::<Vec<_>>();
                format!("{}, {app}, {}", self.place(), partitions.join(", "))
            }
        }
    }

    /// The command with which somebody whose settings do not know it signs in to it for the first time.
    pub fn invitation(&self) -> String {
        let mut line = self.named_login();
        match &self.provider {
            Provider::IdentityCenter(portal) => {
                let url = shell_word(portal.start_url.as_str());
                line += &format!(" --start-url {url} --sso-region {}", portal.region);
            }
            Provider::Okta(org) => {
                line += &format!(" --okta {} --client-id {}", shell_word(org.url.as_str()), org.client_id);
                line.extend(org.app_id.iter().map(|app| format!(" --app-id {app}")));
                if org.partitions != [Partition::Aws] {
                    line.extend(org.partitions.iter().map(|partition| format!(" --partition {}", partition.arn())));
                }
            }
        }
        line
    }

    /// Whether that command tells all of it that config.toml can say.
    pub fn is_all_in_invitation(&self) -> bool {
        match &self.provider {
            Provider::IdentityCenter(portal) => {
                let is_usual = portal.flow.is_none() && portal.device_flow && portal.browser.is_none();
                is_usual && portal.fallback_regions.is_empty()
            }
            Provider::Okta(org) => org.roles.is_empty() && org.account_names.is_empty() && org.browser.is_none(),
        }
    }

    /// The region whose STS is asked where nothing else names one.
    pub fn home(&self) -> Region {
        match &self.provider {
            Provider::IdentityCenter(portal) => portal.region.clone(),
            Provider::Okta(org) => org.region(org.partitions.first().copied().unwrap_or(Partition::Aws)),
        }
    }

    /// The partitions its roles are in.
    pub fn partitions(&self) -> Vec<Partition> {
        match &self.provider {
            Provider::IdentityCenter(portal) => vec![portal.region.partition()],
            Provider::Okta(org) => org.partitions.clone(),
        }
    }
}

/// What is needed to end a sign-in after its session was changed or removed in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An access portal and its region.
    IdentityCenter {
        /// The start URL.
        start_url: String,
        /// The region.
        region: String,
    },
    /// An org, and the client that eksso is there.
    Okta {
        /// The URL.
        org_url: String,
        /// The client.
        client_id: String,
    },
}

impl Place {
    /// That of a session.
    pub fn of(session: &Session) -> Self {
        match &session.provider {
            Provider::IdentityCenter(portal) => {
                Self::IdentityCenter { start_url: portal.start_url.to_string(), region: portal.region.to_string() }
            }
            Provider::Okta(org) => Self::Okta { org_url: org.url.to_string(), client_id: org.client_id.to_string() },
        }
    }

    /// A session there, with nothing but what is needed to end a sign-in.
    pub fn session(&self, name: &SessionName) -> Option<Session> {
        let provider = match self {
            Self::IdentityCenter { start_url, region } => {
                let (url, region) = (start_url.parse::<StartUrl>().ok()?, region.parse::<Region>().ok()?);
                Provider::IdentityCenter(IdentityCenter::new(url, region))
            }
            Self::Okta { org_url, client_id } => {
                let (url, client) = (org_url.parse::<OrgUrl>().ok()?, client_id.parse::<OktaId>().ok()?);
                Provider::Okta(OktaOrg::new(url, client))
            }
        };
        Some(Session { name: name.clone(), provider, is_saved: false })
    }
}
