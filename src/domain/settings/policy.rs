//! What the administrators of a machine decided for everybody who uses eksso on it: `policy.toml`. A rule that is not written
//! binds nobody; one that is written goes before flags, environment and settings.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};

use crate::domain::filter::Glob;
use crate::domain::ids::{RoleArn, RoleName};
use crate::domain::session::{Flow, Session};
use crate::domain::settings::config::{Config, GuardTable, Offer, guard_of};
use crate::domain::settings::guard::Guard;
use crate::domain::settings::keyring::{Backend, KernelCopy};
use crate::domain::settings::layers::{self, Origin};
use crate::domain::settings::reading::{ConfigError, located, parsed_list_option};
use crate::domain::settings::sink::Sink;
use crate::domain::text;
use crate::domain::url::{OrgUrl, Origin as Endpoint, StartUrl};

/// What lists say of a role that may not be used.
pub const NEVER_USED: &str = "never_roles forbids it";

/// The rules of a machine, and where they are written.
#[derive(Debug, Default)]
pub struct Policy {
    place: Option<String>,
    rules: Rules,
    written: toml::Table,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    /// The access portals that may be signed in to, and no others. Without wildcards: a star would match a `/`, too.
    #[serde(default, deserialize_with = "parsed_list_option")]
    start_urls: Option<Vec<StartUrl>>,
    /// The same for Okta orgs.
    #[serde(default, deserialize_with = "parsed_list_option")]
    org_urls: Option<Vec<OrgUrl>>,
    /// The endpoints that AWS_ENDPOINT_URL_… variables may name beside AWS's own, in place of those of config.toml.
    #[serde(default, deserialize_with = "parsed_list_option")]
    endpoints: Option<Vec<Endpoint>>,
    /// How one signs in to IAM Identity Center.
    #[serde(default)]
    flow: Option<Flow>,
    /// Where secrets may be kept.
    #[serde(default, deserialize_with = "keyrings")]
    keyrings: Option<Vec<Backend>>,
    /// Whether the access token may be written where the AWS CLI looks, in plain text.
    #[serde(default)]
    share_with_aws_cli: Option<bool>,
    /// How long the kernel may keep a copy of a sign-in's key, at most.
    #[serde(default)]
    kernel_key_cache: Option<KernelCopy>,
    /// Roles that are never used, by name.
    #[serde(default)]
    never_roles: Vec<String>,
    /// The longest time that `--for` may name.
    #[serde(default, deserialize_with = "span")]
    longest_elevation: Option<Duration>,
    /// Where the audit trail goes.
    #[serde(default)]
    trail: Option<Sink>,
    /// Whether `token` offers a sign-in where kubectl sits at a terminal.
    #[serde(default)]
    offer_sign_in: Option<Offer>,
    #[serde(default)]
    contexts: BTreeMap<String, GuardTable>,
}

/// What a policy does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was wanted.
    pub fact: String,
    /// The rule, and the file it stands in.
    pub rule: String,
}

impl Policy {
    /// Reads the text of a policy that lies at a place.
    ///
    /// # Errors
    /// Line and key of what is wrong.
    pub fn parse(place: &str, text: &str) -> Result<Self, ConfigError> {
        let rules = toml::from_str(text).map_err(|error| located(text, &error))?;
        let written = toml::from_str(text).map_err(|error| located(text, &error))?;
        Ok(Self { place: Some(place.to_owned()), rules, written })
    }

    /// Where it is written; `None` where there is none.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// The rules that are written, by name. What binds contexts adds to the settings of that name.
    pub fn rules(&self) -> impl Iterator<Item = (String, toml::Value)> {
        let named = layers::settings(&[(Origin::Policy, &self.written)]);
        named.into_iter().filter_map(|setting| Some((setting.key, setting.value?)))
    }

    fn refused(&self, fact: String, rule: &str) -> Refused {
        Refused { fact, rule: format!("`{rule}` in {}", self.place.as_deref().unwrap_or_default()) }
    }

    /// Writes its rules over settings, wherever they come from.
    pub fn bind(&self, config: &mut Config) {
        let rules = &self.rules;
        config.flow = rules.flow.or(config.flow);
        config.kernel_key_cache = KernelCopy(self.kernel_copy(config.kernel_key_cache.0));
        config.trail = rules.trail.unwrap_or(config.trail);
        config.offer_sign_in = rules.offer_sign_in.unwrap_or(config.offer_sign_in);
        if let Some(endpoints) = &rules.endpoints {
            config.endpoints.clone_from(endpoints);
        }
        config.bound.clone_from(&rules.contexts);
        config.discovery.look_with.never(&rules.never_roles);
    }

    /// Whether a session may be used.
    pub fn session(&self, session: &Session) -> Result<(), Refused> {
        let (rule, allowed) = match session.identity_center() {
            Some(portal) => ("start_urls", self.rules.start_urls.as_ref().map(|all| all.contains(&portal.start_url))),
            None => (
                "org_urls",
                self.rules.org_urls.as_ref().map(|all| all.iter().any(|url| url.as_str() == session.address())),
            ),
        };
        match allowed {
            Some(false) => Err(self.refused(format!("this machine may not sign in at {}", session.address()), rule)),
            _ => Ok(()),
        }
    }

    /// Whether a keyring may be used. `auto` stands for those that may.
    pub fn keyring(&self, backend: Backend) -> Result<(), Refused> {
        match &self.rules.keyrings {
            Some(allowed) if backend != Backend::Auto && !allowed.contains(&backend) => {
                Err(self
                    .refused(format!("the `{}` keyring may not be used on this machine", backend.name()), "keyrings"))
            }
            _ => Ok(()),
        }
    }

    /// How one signs in, where that is settled; `asked` is what a flag wants.
    pub fn flow(&self, asked: Option<Flow>) -> Result<Option<Flow>, Refused> {
        match (self.rules.flow, asked) {
            (Some(flow), Some(asked)) if flow != asked => Err(self.refused(
                format!("on this machine one signs in by `{}`, not by `{}`", flow.name(), asked.name()),
                "flow",
            )),
            (flow, _) => Ok(flow),
        }
    }

    /// Whether the access token may be written where the AWS CLI looks.
    pub fn sharing(&self) -> Result<(), Refused> {
        match self.rules.share_with_aws_cli {
            Some(false) => Err(self.refused(
                "sign-ins may not be shared with the AWS CLI on this machine: it keeps them in plain text".to_owned(),
                "share_with_aws_cli",
            )),
            _ => Ok(()),
        }
    }

    /// Whether a role may be used, by its name: a permission set's, or that of an IAM role without its path.
    pub fn role(&self, role: &str) -> Result<(), Refused> {
        let is_never = self.rules.never_roles.iter().any(|pattern| Glob::new(pattern).matches(role));
        if is_never {
            return Err(self.refused(format!("the role `{role}` is never used on this machine"), "never_roles"));
        }
        Ok(())
    }

    /// Whether a role may be used with the one that is assumed from there, as a context stands for them.
    pub fn roles(&self, role: &RoleName, assumed: Option<&RoleArn>) -> Result<(), Refused> {
        self.role(role.as_str())?;
        assumed.map_or(Ok(()), |arn| self.role(arn.name()))
    }

    /// Whether a role may be taken for so long.
    pub fn elevation(&self, span: SignedDuration) -> Result<(), Refused> {
        match self.rules.longest_elevation {
            Some(longest) if span.unsigned_abs() > longest => Err(self.refused(
                format!("a role may be taken for {} at most on this machine", text::duration_text(longest)),
                "longest_elevation",
            )),
            _ => Ok(()),
        }
    }

    /// The endpoints that variables may name, where that is settled.
    pub fn endpoints(&self) -> Option<&[Endpoint]> {
        self.rules.endpoints.as_deref()
    }

    /// How long the kernel keeps a copy of a key, of what is wanted.
    fn kernel_copy(&self, wanted: Option<Duration>) -> Option<Duration> {
        match self.rules.kernel_key_cache {
            Some(KernelCopy(longest)) => wanted.zip(longest).map(|(wanted, longest)| wanted.min(longest)),
            None => wanted,
        }
    }

    /// The care that it asks for a context: no flag takes it away.
    pub fn guard(&self, context: &str) -> Guard {
        guard_of(self.rules.contexts.iter(), context)
    }

    /// Whether a context may be used with a role that was named.
    pub fn context(&self, context: &str, role: &RoleName) -> Result<(), Refused> {
        match self.guard(context).read_only_role {
            Some(only) if only != *role => {
                Err(self
                    .refused(format!("`{context}` is used with the role `{only}` only on this machine"), "contexts"))
            }
            _ => Ok(()),
        }
    }

    /// The rule that makes a context ask first, in words; `None` where none does.
    pub fn asks(&self, context: &str) -> Option<String> {
        self.guard(context).confirm.then(|| self.refused(String::new(), "contexts").rule)
    }
}

/// Keyrings by name. `auto` is none: it stands for those that are listed.
fn keyrings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Backend>>, D::Error> {
    let named: Option<Vec<Backend>> = parsed_list_option(deserializer)?;
    if named.iter().flatten().any(|backend| *backend == Backend::Auto) {
        return Err(de::Error::custom("`auto` is no keyring; `keyrings` takes the names of those that may be used"));
    }
    Ok(named)
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let given = String::deserialize(deserializer)?;
    let bad =
        || de::Error::custom(format!("`{given}` is no time; `longest_elevation` takes such as \"30m\" and \"2h\""));
    text::duration(&given).map(Some).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"start_urls = ["https://corp.awsapps.com/start"]
org_urls = []
endpoints = ["https://vpce-1.sts.eu-west-1.vpce.amazonaws.com"]
flow = "pkce"
keyrings = ["secret-service", "keychain", "wincred"]
share_with_aws_cli = false
kernel_key_cache = "1h"
never_roles = ["*BreakGlass*"]
longest_elevation = "1h"
trail = "syslog"
offer_sign_in = false
[contexts."prod*"]
confirm = true
read_only_role = "EKSViewer"
"#;

    fn policy() -> Policy {
        Policy::parse("/etc/eksso/policy.toml", ALL).expect("a policy")
    }

    #[test]
    fn every_rule_binds_and_names_itself_and_its_file() {
        let policy = policy();
        assert_eq!(policy.rules().count(), 13);
        let rule = |refused: Result<(), Refused>| refused.expect_err("refused").rule;
        let of = |name: &str| format!("`{name}` in /etc/eksso/policy.toml");
        assert_eq!(rule(policy.keyring(Backend::Plaintext)), of("keyrings"));
        assert!(policy.keyring(Backend::Auto).is_ok() && policy.keyring(Backend::Keychain).is_ok());
        assert_eq!(rule(policy.flow(Some(Flow::Device)).map(|_| ())), of("flow"));
        assert_eq!(policy.flow(Some(Flow::Pkce)), Ok(Some(Flow::Pkce)));
        assert_eq!(rule(policy.sharing()), of("share_with_aws_cli"));
        assert_eq!(rule(policy.role("OrgBreakGlassAdmin")), of("never_roles"));
        assert!(policy.role("EKSAdmin").is_ok());
        assert_eq!(rule(policy.elevation(SignedDuration::from_mins(61))), of("longest_elevation"));
        assert!(policy.elevation(SignedDuration::from_mins(60)).is_ok());
        assert_eq!(rule(policy.context("prod/web", &"EKSAdmin".parse().expect("a role"))), of("contexts"));
        assert!(policy.context("prod/web", &"EKSViewer".parse().expect("a role")).is_ok());
        assert!(policy.asks("PROD/web").is_some() && policy.asks("test").is_none());
        let session = |url: &str| {
            let name = "corp".parse().expect("a name");
            Session::new(name, url.parse().expect("a URL"), "eu-west-1".parse().expect("a region"))
        };
        assert_eq!(rule(policy.session(&session("https://corp.awsapps.com.evil.example/start"))), of("start_urls"));
        assert!(policy.session(&session("https://corp.awsapps.com/start/#/")).is_ok());
    }

    #[test]
    fn settings_are_bound_and_nothing_that_they_say_loosens_a_rule() {
        let text = "flow = \"device\"\nkernel_key_cache = \"12h\"\nendpoints = [\"https://sts.evil.example\"]\n\
                    [contexts.\"prod*\"]\nconfirm = false\nread_only_role = \"EKSAdmin\"\n";
        let mut config = Config::parse(text).expect("settings");
        policy().bind(&mut config);
        assert_eq!(config.flow, Some(Flow::Pkce));
        assert_eq!(config.kernel_key_cache.0, Some(Duration::from_secs(3600)));
        assert_eq!((config.trail, config.offer_sign_in), (Sink::Syslog, Offer(false)));
        assert_eq!(config.endpoints.len(), 1);
        assert_eq!(config.endpoints[0].host(), "vpce-1.sts.eu-west-1.vpce.amazonaws.com");
        let guard = config.guard("prod/web");
        assert!(guard.confirm && guard.read_only_role.is_some_and(|role| role.as_str() == "EKSViewer"));
        assert_eq!(config.discovery.look_with.rank("BreakGlass"), None);
        let mut config = Config::parse("kernel_key_cache = \"off\"").expect("settings");
        policy().bind(&mut config);
        assert_eq!(config.kernel_key_cache.0, None, "what is stricter already stays");
        let mut config = Config::parse("trail = \"file\"").expect("settings");
        Policy::default().bind(&mut config);
        assert_eq!((config.flow, config.trail), (None, Sink::File));
    }

    #[test]
    fn mistakes_name_line_and_key() {
        for (text, line, word) in [
            (ALL.replace("flow =", "flows ="), 4, "flows"),
            (ALL.replace("\"pkce\"", "\"browser\""), 4, "browser"),
            (ALL.replace("\"keychain\"", "\"auto\""), 5, "auto"),
            (ALL.replace("https://corp", "http://corp"), 1, "start URL"),
            (ALL.replace("longest_elevation = \"1h\"", "longest_elevation = \"long\""), 9, "long"),
            (ALL.replace("\"syslog\"", "\"cloud\""), 10, "cloud"),
            (ALL.replace("confirm", "confrim"), 13, "confrim"),
        ] {
            let error = Policy::parse("p", &text).expect_err(word);
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.message.contains(word), "{error}");
        }
    }
}
