//! A trust policy read as the ways in that it opens.

use crate::domain::access::grant::WayIn;
use crate::domain::access::iam::document::{Condition, Document, Effect, Only, Principal, Statement, Test, parse};
use crate::domain::access::iam::evaluate::account_named;
use crate::domain::access::iam::pattern::Pattern;
use crate::domain::role_arn::{Principal as Role, permission_set};

/// A trust policy, and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The policy.
    pub document: Document,
    /// What its Allow statements open. Whether a Deny closes one again is for
    /// [`may_assume`](crate::domain::access::iam::evaluate::may_assume) to say.
    pub ways: Vec<Way>,
    /// Unique ids of principals that were deleted (`AROA…`, `AIDA…`): they let nobody in.
    pub dangling: Vec<String>,
    /// Whether a statement denies anything.
    pub denies: bool,
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Who comes in.
    pub way: WayIn,
    /// The principal as written; `*` for everybody, empty for all but those of a NotPrincipal.
    pub principal: String,
    /// The statement's Sid, or `statement 2`.
    pub statement: String,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// Reads a role's trust policy.
///
/// # Errors
/// Why the document cannot be read.
pub fn read(role: &str, text: &str) -> Result<Trust, String> {
    let document = parse(text).map_err(|why| format!("the trust policy of {role} could not be read: {why}"))?;
    let mut trust = Trust {
        ways: Vec::new(),
        dangling: Vec::new(),
        denies: false,
        document: Document { variables: false, statements: Vec::new() },
    };
    for (index, statement) in document.statements.iter().enumerate() {
        if statement.effect == Effect::Deny {
            trust.denies = true;
            continue;
        }
        let name = if statement.sid.is_empty() { format!("statement {}", index + 1) } else { statement.sid.clone() };
        match &statement.principals {
            Some(Only::These(named)) => {
                for principal in named {
                    trust.add(role, statement, &name, principal);
                }
            }
            Some(Only::AllBut(_)) if allows(statement, "sts:AssumeRole") => {
                trust.ways.push(Way::new(WayIn::Anyone, "", statement, &name));
            }
            _ => {}
        }
    }
    trust.document = document;
    Ok(trust)
}

fn allows(statement: &Statement, action: &str) -> bool {
    let named = statement.actions.named().iter().any(|pattern| Pattern::wild(pattern).matches_in_any_case(action));
    named == matches!(statement.actions, Only::These(_))
}

impl Trust {
    fn add(&mut self, role: &str, statement: &Statement, name: &str, principal: &Principal) {
        let (way, written, action) = match principal {
            Principal::Anyone => (WayIn::Anyone, "*", "sts:AssumeRole"),
            Principal::Aws(id) if is_unique_id(id) => {
                if allows(statement, "sts:AssumeRole") {
                    self.dangling.push(id.clone());
                }
                return;
            }
            Principal::Aws(named) => match account_named(named) {
                Some(account) => (WayIn::Account(account.to_owned()), named.as_str(), "sts:AssumeRole"),
                None => (WayIn::Principal(named.clone()), named.as_str(), "sts:AssumeRole"),
            },
            Principal::Federated(provider) => match provider.split_once(":saml-provider/") {
                Some((_, name)) => {
                    let set = Role::parse(role)
                        .and_then(|role| permission_set(role.name))
                        .filter(|_| name.starts_with("AWSSSO_"));
                    let way =
                        set.map_or_else(|| WayIn::Saml(provider.clone()), |set| WayIn::IdentityCenter(set.to_owned()));
                    (way, provider.as_str(), "sts:AssumeRoleWithSAML")
                }
                None => {
                    let issuer = provider.split_once(":oidc-provider/").map_or(provider.as_str(), |(_, issuer)| issuer);
                    (WayIn::Oidc(issuer.to_owned()), provider.as_str(), "sts:AssumeRoleWithWebIdentity")
                }
            },
            Principal::Service(service) if service == "account-access.amazonaws.com" => {
                let way = Way::new(WayIn::Anyone, service, statement, name);
                let application = way.values("aws:SourceArn").first().map_or(service.clone(), |arn| (*arn).to_owned());
                (WayIn::AccessManager(application), service.as_str(), "sts:AssumeRole")
            }
            Principal::Service(service) => (WayIn::Service(service.clone()), service.as_str(), "sts:AssumeRole"),
            Principal::Canonical(_) => return,
        };
        // `sts:TagSession` and the like are no ways in by themselves.
        let all = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];
        let open = if way == WayIn::Anyone {
            all.iter().any(|action| allows(statement, action))
        } else {
            allows(statement, action)
        };
        if open {
            self.ways.push(Way::new(way, written, statement, name));
        }
    }
}

impl Way {
    fn new(way: WayIn, principal: &str, statement: &Statement, name: &str) -> Self {
        Self {
            way,
            principal: principal.to_owned(),
            statement: name.to_owned(),
            conditions: statement.conditions.clone(),
        }
    }

    /// The conditions on a key.
    pub fn on<'w>(&'w self, key: &'w str) -> impl Iterator<Item = &'w Condition> {
        self.conditions.iter().filter(move |condition| condition.is_on(key))
    }

    /// The values of which the key must have one: of conditions that demand a value.
    pub fn values(&self, key: &str) -> Vec<&str> {
        let demanding =
            self.conditions.iter().filter(|condition| condition.is_on(key) && condition.operator.demands_a_value());
        demanding.flat_map(|condition| condition.values.iter().map(String::as_str)).collect()
    }

    /// Whether a condition on that key really lets in fewer: it demands a value, and not just any. A key that ends in
    /// `*` stands for a family.
    pub fn is_narrowed_by(&self, key: &str) -> bool {
        let is_on = |condition: &Condition| match key.strip_suffix('*') {
            Some(start) => condition.key.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start)),
            None => condition.is_on(key),
        };
        self.conditions.iter().any(|condition| {
            let any = |value: &String| self.is_met_by_any(condition, value);
            is_on(condition) && condition.operator.demands_a_value() && !condition.values.iter().any(any)
        })
    }

    /// Whether a value can be had by any of those whom the principal names. Where it names everybody, a stranger brings an account, an
    /// organization, role names, paths and tags of his own: only a fixed account or organization keeps him out. Where it names an account, a
    /// pattern over all its roles keeps nobody out.
    fn is_met_by_any(&self, condition: &Condition, value: &str) -> bool {
        let free = |text: &str| text.contains(['*', '?']);
        if value.chars().all(|character| "*?:".contains(character)) {
            return true;
        }
        let parts: Vec<&str> = value.splitn(6, ':').collect();
        let (key, is_arn) = (condition.key.to_ascii_lowercase(), condition.operator.test == Test::Arn);
        // A wildcard in text runs over colons, and a role's path may hold them: what stands before the account must then be fixed, too.
        let has_free_account = || match parts.get(4) {
            None => true,
            Some(account) if is_arn => free(account),
            Some(_) => parts.iter().take(5).any(|part| free(part)),
        };
        match (&self.way, key.as_str()) {
            (WayIn::Anyone, "aws:principalarn") => has_free_account(),
            (WayIn::Anyone, "aws:sourcearn") => parts.get(4).is_none_or(|account| free(account)),
            (WayIn::Anyone, "aws:principalaccount" | "aws:sourceaccount" | "aws:principalorgid") => free(value),
            (WayIn::Anyone, "aws:principalorgpaths") => value.split('/').next().is_none_or(free),
            (WayIn::Anyone, _) => key.starts_with("aws:principaltag/"),
            (WayIn::Account(_), "aws:principalarn") => {
                let name = parts.get(5).copied().unwrap_or("*");
                let name = name.strip_prefix("role/").or_else(|| name.strip_prefix("user/")).unwrap_or(name);
                name.chars().all(|character| "*?/".contains(character))
            }
            _ => false,
        }
    }

    /// The audiences that a SAML assertion must have one of; empty where none is demanded.
    pub fn saml_audiences(&self) -> Vec<&str> {
        self.values("SAML:aud")
    }

    /// The subjects that an OIDC token must have one of; empty where none is demanded.
    pub fn oidc_subjects(&self) -> Vec<&str> {
        match &self.way {
            WayIn::Oidc(issuer) => self.values(&format!("{issuer}:sub")),
            _ => Vec::new(),
        }
    }

    /// The audiences that an OIDC token must have one of.
    pub fn oidc_audiences(&self) -> Vec<&str> {
        match &self.way {
            WayIn::Oidc(issuer) => self.values(&format!("{issuer}:aud")),
            _ => Vec::new(),
        }
    }
}

/// What IAM puts into a trust policy in place of a principal that was deleted.
fn is_unique_id(principal: &str) -> bool {
    principal.starts_with("AROA") || principal.starts_with("AIDA")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/Dev";
    const SSO: &str =
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_Ops_0123456789abcdef";

    fn ways(role: &str, statement: &str) -> Trust {
        read(role, &format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)).expect("a trust policy")
    }

    #[test]
    fn each_kind_of_principal_is_a_way_in_of_its_own() {
        let provider = "arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE";
        for (role, action, principal, way) in [
            (
                SSO,
                "sts:AssumeRoleWithSAML",
                format!(r#"{{"Federated":"{provider}"}}"#),
                WayIn::IdentityCenter("Dev_Ops".into()),
            ),
            (ROLE, "sts:AssumeRoleWithSAML", format!(r#"{{"Federated":"{provider}"}}"#), WayIn::Saml(provider.into())),
            (
                ROLE,
                "sts:AssumeRoleWithWebIdentity",
                r#"{"Federated":"arn:aws:iam::1:oidc-provider/host/path"}"#.into(),
                WayIn::Oidc("host/path".into()),
            ),
            (
                ROLE,
                "sts:AssumeRoleWithWebIdentity",
                r#"{"Federated":"accounts.google.com"}"#.into(),
                WayIn::Oidc("accounts.google.com".into()),
            ),
            (
                ROLE,
                "sts:AssumeRole",
                r#"{"AWS":"arn:aws:iam::111122223333:root"}"#.into(),
                WayIn::Account("111122223333".into()),
            ),
            (ROLE, "sts:AssumeRole", r#"{"AWS":"444455556666"}"#.into(), WayIn::Account("444455556666".into())),
            (
                ROLE,
                "sts:AssumeRole",
                r#"{"AWS":"arn:aws:iam::111122223333:user/x"}"#.into(),
                WayIn::Principal("arn:aws:iam::111122223333:user/x".into()),
            ),
            (
                ROLE,
                "sts:AssumeRole",
                r#"{"AWS":"arn:aws:sts::1:assumed-role/a/b"}"#.into(),
                WayIn::Principal("arn:aws:sts::1:assumed-role/a/b".into()),
            ),
            (ROLE, "sts:*", r#""*""#.into(), WayIn::Anyone),
            (ROLE, "*", r#"{"AWS":["*"]}"#.into(), WayIn::Anyone),
            (
                ROLE,
                "sts:AssumeRole",
                r#"{"Service":"ec2.amazonaws.com"}"#.into(),
                WayIn::Service("ec2.amazonaws.com".into()),
            ),
            (
                ROLE,
                "sts:AssumeRole",
                r#"{"Service":"account-access.amazonaws.com"}"#.into(),
                WayIn::AccessManager("account-access.amazonaws.com".into()),
            ),
        ] {
            let trust = ways(
                role,
                &format!(r#"{{"Effect":"Allow","Action":["sts:TagSession","{action}"],"Principal":{principal}}}"#),
            );
            let found: Vec<_> = trust.ways.into_iter().map(|found| found.way).collect();
            assert_eq!(found, [way], "{principal}");
        }
    }

    #[test]
    fn what_lets_nobody_in_is_no_way_in() {
        let trust = ways(
            ROLE,
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"AROAEXAMPLEEXAMPLE123","Federated":"arn:aws:iam::1:saml-provider/x"}},
               {"Effect":"Allow","Action":"sts:TagSession","Principal":{"AWS":"444455556666"}},
               {"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"}}"#,
        );
        assert_eq!(
            (trust.ways.as_slice(), trust.dangling.as_slice(), trust.denies),
            (&[][..], &["AROAEXAMPLEEXAMPLE123".to_owned()][..], true)
        );
        let but = ways(ROLE, r#"{"Effect":"Allow","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"444455556666"}}"#);
        assert_eq!(but.ways[0].way, WayIn::Anyone);
        assert!(
            read(ROLE, "{")
                .expect_err("none")
                .starts_with("the trust policy of arn:aws:iam::111122223333:role/Dev could not be read")
        );
    }

    #[test]
    fn a_way_in_is_narrowed_by_what_demands_a_value() {
        let narrowed = |condition: &str, key: &str| {
            let trust = ways(
                ROLE,
                &format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Condition":{condition}}}"#),
            );
            trust.ways[0].is_narrowed_by(key)
        };
        assert!(narrowed(r#"{"StringEquals":{"AWS:principalorgid":"o-1"}}"#, "aws:PrincipalOrgID"));
        // A stranger tags his own role as he likes.
        assert!(!narrowed(r#"{"StringLike":{"aws:PrincipalTag/team":"web"}}"#, "aws:PrincipalTag/*"));
        assert!(narrowed(r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-1/*"}}"#, "aws:PrincipalOrgPaths"));
        for condition in [
            r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
            r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
            r#"{"StringLike":{"aws:PrincipalOrgID":["o-1","*"]}}"#,
            r#"{"Null":{"aws:PrincipalOrgID":"false"}}"#,
            r#"{"StringEquals":{"aws:PrincipalArn":"x"}}"#,
        ] {
            assert!(!narrowed(condition, "aws:PrincipalOrgID"), "{condition}");
        }
    }

    #[test]
    fn a_pattern_narrows_by_what_the_principal_leaves_open() {
        let narrowed = |principal: &str, operator: &str, key: &str, value: &str| {
            let trust = ways(
                ROLE,
                &format!(
                    r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{principal}"}},"Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}"#
                ),
            );
            trust.ways[0].is_narrowed_by(key)
        };
        let arn = |value: &str| format!("arn:aws:iam::{value}");
        for (principal, operator, key, value, expected) in [
            (
                "*",
                "ArnLike",
                "aws:PrincipalArn",
                arn("*:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_*"),
                false,
            ),
            ("*", "ArnLike", "aws:PrincipalArn", arn("11112222333?:role/x"), false),
            ("*", "ArnLike", "aws:PrincipalArn", arn("111122223333:role/*"), true),
            ("*", "ArnLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/x".into(), true),
            ("*", "StringLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/x".into(), false),
            ("*", "StringLike", "aws:PrincipalArn", "arn:aws:iam*role/x".into(), false),
            ("*", "StringLike", "aws:PrincipalAccount", "1111*".into(), false),
            ("*", "StringLike", "aws:PrincipalOrgID", "o-*".into(), false),
            ("*", "StringLike", "aws:PrincipalOrgPaths", "o-*/r-1/*".into(), false),
            ("*", "StringLike", "aws:PrincipalOrgPaths", "o-1/*".into(), true),
            ("*", "StringLike", "aws:SourceArn", "arn:aws:s3:::bucket".into(), true),
            ("111122223333", "ArnLike", "aws:PrincipalArn", arn("111122223333:role/*"), false),
            ("111122223333", "ArnLike", "aws:PrincipalArn", arn("111122223333:*"), false),
            ("111122223333", "ArnLike", "aws:PrincipalArn", arn("111122223333:role/**/*"), false),
            ("111122223333", "ArnLike", "aws:PrincipalArn", arn("*:role/Deploy"), true),
            ("111122223333", "StringEquals", "aws:PrincipalTag/team", "web".into(), true),
        ] {
            assert_eq!(narrowed(principal, operator, key, &value), expected, "{principal} {operator} {key} {value}");
        }
    }

    #[test]
    fn audiences_and_subjects_are_told_whatever_the_case_of_their_keys() {
        let saml = ways(
            ROLE,
            r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"arn:aws:iam::1:saml-provider/x"},
                "Condition":{"StringEquals":{"saml:AUD":["https://a","https://b"]}}}"#,
        );
        assert_eq!(saml.ways[0].saml_audiences(), ["https://a", "https://b"]);
        let oidc = ways(
            ROLE,
            r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::1:oidc-provider/h"},
                "Condition":{"StringLike":{"H:sub":"repo:*"},"StringEqualsIfExists":{"h:aud":"x"}}}"#,
        );
        assert_eq!((oidc.ways[0].oidc_subjects(), oidc.ways[0].oidc_audiences()), (vec!["repo:*"], vec![]));
    }
}
