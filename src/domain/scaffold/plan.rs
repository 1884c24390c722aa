//! What `access.toml` comes to: roles in accounts and what each of them gets in each cluster. What AWS would refuse only when it
//! is applied, long after `validate` and `plan` were content, is refused here, with line and key.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::audit::access_file::{
    AccessFile, BoundRole, FileError, GroupBinding, Level, OrganizationGuard, PlannedCluster, Tier,
};
use crate::domain::ids::{AccountId, Region};
use crate::domain::partition::Partition;
use crate::domain::scaffold::okta::{OKTA_GROUP, checked_okta_group, saml_audience};
use crate::domain::scaffold::role::{Made, Role, SETS, Statements};
use crate::domain::scaffold::values::{
    checked_namespace, checked_oidc, is_application, is_file_name, is_text, own_statements,
};
use crate::domain::text::near_misses;

/// An hour, where the file names none: what permission sets and roles have by themselves.
const SESSION: Duration = Duration::from_secs(3600);
const ROLE_PATH: &str = "/eks/";
/// Of a permission set's name. Source: sso-admin `PermissionSetName`.
const MAX_SET_NAME: usize = 32;
/// Entries that a cluster takes. Source: access.md 4.4.
const MAX_ENTRIES: usize = 3000;

/// The group of the auditor, which every cluster's own file binds.
pub const AUDITORS: &str = "eksso-auditors";
/// How a group begins that `from-live` could not name and somebody has to: as one of the directory it would be waited for in vain.
pub const UNNAMED: &str = "TODO: groups of ";

/// The whole, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The partition that everything is in.
    pub partition: Partition,
    /// The account that administers Identity Center.
    pub account: Option<AccountId>,
    /// Identity Center's region.
    pub region: Option<Region>,
    /// The path of roles that are made.
    pub role_path: String,
    /// How Okta's groups are named.
    pub okta_group: String,
    /// The clusters by their names in the file.
    pub clusters: BTreeMap<String, PlannedCluster>,
    /// The roles, by name.
    pub roles: Vec<Role>,
    /// What groups of tiers are bound to besides their tier's `rbac`.
    pub bindings: Vec<GroupBinding>,
    /// Who is exempt from the guard, if there is to be one.
    pub guard: Option<OrganizationGuard>,
}

/// Groups that are bound to a role in a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound<'p> {
    /// The tier that says so by its `rbac`; none for `[[bindings]]`.
    pub tier: Option<&'p str>,
    /// The groups.
    pub groups: &'p [String],
    /// The role.
    pub role: BoundRole,
    /// Where; empty for the whole cluster.
    pub namespaces: &'p [String],
    /// The line that says so.
    pub line: usize,
}

impl Bound<'_> {
    /// The role and where it holds: `view in web, shop`, `Role pods in web`.
    pub fn words(&self) -> String {
        let of = if self.role.kind() == "Role" { "Role " } else { "" };
        format!("{of}{} in {}", self.role.name(), scope(self.namespaces))
    }
}

/// Namespaces in words.
pub fn scope(namespaces: &[String]) -> String {
    if namespaces.is_empty() { "the whole cluster".to_owned() } else { namespaces.join(", ") }
}

impl Plan {
    /// Makes the plan; `own` holds the texts of the files that `iam_file` names.
    pub fn of(file: &AccessFile, own: &BTreeMap<String, String>) -> Result<Self, FileError> {
        let at = |line: usize, message: String| FileError { line: Some(line), message };
        let making = &file.making;
        let in_making = |message: String| at(making.line, format!("[scaffold]: {message}"));
        let Some(first) = file.clusters.values().next() else {
            let message = "there is no [clusters.…]: nothing can be made".to_owned();
            return Err(FileError { line: None, message });
        };
        let partition = first.region.partition();
        for (key, cluster) in &file.clusters {
            let wrong = |message: String| at(cluster.line, format!("[clusters.{key}]: {message}"));
            if !is_file_name(key) {
                return Err(wrong(
                    "the name in this file becomes a folder's: 1 to 64 letters, digits, `-` and `_`, starting with a letter or \
                     digit; say `cluster = \"…\"` for another name in EKS"
                        .to_owned(),
                ));
            }
            if cluster.region.partition() != partition {
                return Err(wrong(format!(
                    "`region` is in another partition than {}: accounts, Identity Center and ARNs are apart there; write a file \
                     for each",
                    first.region
                )));
            }
            if file.clusters.keys().any(|other| other != key && other.eq_ignore_ascii_case(key)) {
                return Err(wrong(
                    "another name differs from it in capitals only, and both become folders, which some file systems take for one"
                        .to_owned(),
                ));
            }
            let same = |other: &&PlannedCluster| {
                (&other.account, &other.region, &other.name) == (&cluster.account, &cluster.region, &cluster.name)
            };
            if file.clusters.values().filter(same).count() > 1 {
                return Err(wrong("the same cluster stands in this file twice".to_owned()));
            }
        }
        let saml = making.saml_provider.as_deref();
        if let Some(name) = saml {
            let arn = format!("arn:aws:iam::{}:saml-provider/{name}", first.account);
            arn.parse::<crate::domain::ids::ProviderArn>()
                .map_err(|_| in_making("`saml_provider`: 1 to 128 letters, digits, `.`, `_` and `-`".to_owned()))?;
            if saml_audience(partition, None).is_none() {
                return Err(in_making(format!(
                    "`saml_provider`: how people sign in by SAML in the partition {} is not known",
                    partition.arn()
                )));
            }
        }
        let okta_group = making.okta_group.clone().unwrap_or_else(|| OKTA_GROUP.to_owned());
        checked_okta_group(&okta_group).map_err(in_making)?;
        if let Some(arn) = &making.access_manager {
            if saml.is_some() {
                return Err(in_making("`saml_provider` and `access_manager` exclude each other".to_owned()));
            }
            if !is_application(arn, partition) {
                return Err(in_making(format!(
                    "`access_manager` is `{arn}`; it is the ARN of an application: arn:{}:account-access:REGION:ACCOUNT:application/ID",
                    partition.arn()
                )));
            }
        }
        let role_path = making.role_path.clone().unwrap_or_else(|| ROLE_PATH.to_owned());
        let is_path = |path: &str| {
            path.len() > 2
                && path.len() <= 512
                && path.starts_with('/')
                && path.ends_with('/')
                && !path.contains("//")
                && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+=,.@-".contains(&byte))
        };
        if !is_path(&role_path) || role_path.starts_with("/aws-") {
            return Err(in_making(format!(
                "`role_path` is `{role_path}`; it starts and ends with a slash, such as `/eks/`, and is none of AWS's own"
            )));
        }
        let mut roles: Vec<Role> = Vec::new();
        for (name, tier) in &file.tiers {
            let wrong = |message: String| at(tier.line, format!("[tiers.{name}]: {message}"));
            for role in roles_of(name, tier, saml, file, own).map_err(wrong)? {
                if let Some(other) = roles.iter().find(|other| other.name.eq_ignore_ascii_case(&role.name)) {
                    return Err(wrong(format!("`roles`: `{}` is in the tier `{}`, too", role.name, other.tier)));
                }
                roles.push(role);
            }
        }
        roles.sort_by(|left, right| left.name.cmp(&right.name));
        for (key, cluster) in &file.clusters {
            let entries = roles.iter().filter(|role| role.enters() && role.clusters.contains(key)).count();
            if entries > MAX_ENTRIES {
                return Err(at(
                    cluster.line,
                    format!("[clusters.{key}]: {entries} entries; a cluster takes {MAX_ENTRIES}"),
                ));
            }
        }
        let mut bindings = file.bindings.clone();
        for binding in &mut bindings {
            checked_binding(binding, &roles).map_err(|message| at(binding.line, format!("[[bindings]]: {message}")))?;
        }
        if let Some(guard) = &file.guard {
            checked_guard(guard, &roles).map_err(|message| at(guard.line, format!("[guard]: {message}")))?;
        }
        let (account, region) = (making.account.clone(), making.region.clone());
        if region.as_ref().is_some_and(|region| region.partition() != partition) {
            return Err(in_making("`region` is in another partition than the clusters".to_owned()));
        }
        let (clusters, guard) = (file.clusters.clone(), file.guard.clone());
        Ok(Self { partition, account, region, role_path, okta_group, clusters, roles, bindings, guard })
    }

    /// The accounts with their clusters.
    pub fn accounts(&self) -> BTreeMap<&AccountId, Vec<(&str, &PlannedCluster)>> {
        let mut found: BTreeMap<&AccountId, Vec<(&str, &PlannedCluster)>> = BTreeMap::new();
        for (key, cluster) in &self.clusters {
            found.entry(&cluster.account).or_default().push((key, cluster));
        }
        found
    }

    /// The clusters of a role, of one account or of all.
    pub fn clusters_of(&self, role: &Role, account: Option<&AccountId>) -> Vec<(&str, &PlannedCluster)> {
        let is = |(key, cluster): &(&String, &PlannedCluster)| {
            role.clusters.contains(*key) && account.is_none_or(|account| cluster.account == *account)
        };
        self.clusters.iter().filter(is).map(|(key, cluster)| (key.as_str(), cluster)).collect()
    }

    /// The roles that get something in an account.
    pub fn roles_in(&self, account: &AccountId) -> Vec<&Role> {
        self.roles.iter().filter(|role| !self.clusters_of(role, Some(account)).is_empty()).collect()
    }

    /// What groups are bound to in a cluster. Roles of one tier say the same, which stands there once.
    pub fn bound_in(&self, key: &str) -> Vec<Bound<'_>> {
        let is_here = |clusters: &[String]| clusters.iter().any(|own| own == key);
        let mut found: Vec<Bound<'_>> = Vec::new();
        for role in self.roles.iter().filter(|role| is_here(&role.clusters)) {
            let Some(rbac) = &role.rbac else { continue };
            let bound = Bound {
                tier: Some(&role.tier),
                groups: &role.groups,
                role: BoundRole::Cluster(rbac.clone()),
                namespaces: &role.namespaces,
                line: role.line,
            };
            if !found.contains(&bound) {
                found.push(bound);
            }
        }
        let more = self.bindings.iter().filter(|binding| is_here(&binding.clusters)).map(|binding| Bound {
            tier: None,
            groups: &binding.groups,
            role: binding.role.clone(),
            namespaces: &binding.namespaces,
            line: binding.line,
        });
        found.extend(more);
        found
    }

    /// The ARN of a role as policies name it, with wildcards; for `Made::Elsewhere` any path.
    pub fn role_pattern(&self, role: &Role, account: &str) -> String {
        let path = match role.made {
            // Regions other than us-east-1 stand in the path.
            Made::Set => "aws-reserved/sso.amazonaws.com*/",
            Made::Okta(_) | Made::Entitled(_) | Made::Runner(_) => self.role_path.trim_start_matches('/'),
            Made::Elsewhere => "",
        };
        format!("arn:{}:iam::{account}:role/{path}{}", self.partition.arn(), role.name_pattern())
    }
}

fn roles_of(
    name: &str,
    tier: &Tier,
    saml: Option<&str>,
    file: &AccessFile,
    own: &BTreeMap<String, String>,
) -> Result<Vec<Role>, String> {
    if !is_file_name(name) {
        return Err(
            "a tier's name has 1 to 64 letters, digits, `-` and `_`, starting with a letter or digit".to_owned()
        );
    }
    if tier.roles.is_empty() {
        return Err("`roles` is missing: it names the permission sets or roles to make".to_owned());
    }
    if tier.clusters.is_empty() {
        return Err("`clusters` is missing: the tier would get nothing".to_owned());
    }
    if tier.made_elsewhere && (tier.oidc.is_some() || !tier.people.is_empty()) {
        return Err("`made_elsewhere` is for roles that are not made here: `people` and `oidc_provider` say whom a made role trusts".to_owned());
    }
    let made = match (&tier.oidc, tier.people.is_empty(), saml) {
        (Some(_), false, _) => return Err("`people` and `oidc_provider` exclude each other".to_owned()),
        (Some(oidc), true, _) => Made::Runner(checked_oidc(oidc)?),
        (None, true, _) if tier.level == Level::Ci || tier.made_elsewhere => Made::Elsewhere,
        (None, true, _) => {
            return Err(
                "`people` is missing: a permission set that nobody is assigned makes no role, and access entries need \
                        one; name a group, which may be empty"
                    .to_owned(),
            );
        }
        (None, false, Some(saml)) => Made::Okta(saml.to_owned()),
        (None, false, None) => file.making.access_manager.clone().map_or(Made::Set, Made::Entitled),
    };
    for group in &tier.people {
        is_text(group, 1024).map_err(|why| format!("`people`: {why}"))?;
        if group.starts_with(UNNAMED) {
            return Err(format!(
                "`people`: `{group}` is to be filled in: name the groups of the directory that get it; one may be empty"
            ));
        }
    }
    for group in &tier.groups {
        is_text(group, 253).map_err(|why| format!("`kubernetes_groups`: {why}"))?;
    }
    for role in &tier.roles {
        let role = role.as_str();
        if made == Made::Set && role.len() > MAX_SET_NAME {
            return Err(format!(
                "`roles`: `{role}` has {} characters; a permission set's name has {MAX_SET_NAME}",
                role.len()
            ));
        }
        let in_groups = role.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if matches!(made, Made::Okta(_)) && !in_groups {
            return Err(format!(
                "`roles`: `{role}`: Okta's groups `aws#ALIAS#ROLE#ACCOUNT` take letters, digits, `_` and `-` in a role's name"
            ));
        }
        // Who reads the name of a permission set's role looks for where that begins.
        if role.contains("AWSReservedSSO_") {
            return Err(format!(
                "`roles`: `{role}`: the names that Identity Center makes begin with AWSReservedSSO_; name the permission set"
            ));
        }
    }
    let has_config_map_only =
        tier.clusters.iter().find(|key| file.clusters.get(*key).is_some_and(|cluster| !cluster.mode.has_entries()));
    if let (Some(access), Some(cluster)) = (&tier.access, has_config_map_only) {
        return Err(format!(
            "`access = \"{access}\"` needs access entries, and [clusters.{cluster}] has `mode = \"CONFIG_MAP\"`; give \
             `kubernetes_groups` with `rbac`, or switch the cluster's mode first"
        ));
    }
    for namespace in &tier.namespaces {
        checked_namespace(namespace, tier.rbac.is_some())?;
    }
    if !tier.namespaces.is_empty() && tier.access.is_none() && tier.rbac.is_none() {
        return Err("`namespaces` narrows `access` or `rbac`, and there is neither".to_owned());
    }
    if tier.access.as_deref() == Some("ClusterAdmin") && !tier.namespaces.is_empty() {
        return Err(
            "`access = \"ClusterAdmin\"` with `namespaces`: say `Admin`, which is meant for namespaces".to_owned()
        );
    }
    if let Some(rbac) = &tier.rbac {
        checked_role_name("rbac", rbac)?;
    }
    let statements = match (&tier.iam, &tier.iam_file) {
        (Some(name), _) => {
            let known = SETS.iter().find(|(known, _)| known == name).map(|(_, set)| *set);
            Statements::Set(known.ok_or_else(|| {
                let near = near_misses(name, SETS.iter().map(|(name, _)| *name));
                let hint = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                format!("`iam`: there is no statement set `{name}`{hint}")
            })?)
        }
        (None, Some(path)) => own_statements(own.get(path).map(String::as_str))
            .map(Statements::Own)
            .map_err(|why| format!("`iam_file`: {path}: {why}"))?,
        (None, None) => Statements::None,
    };
    let role = |role: &crate::domain::ids::RoleName| Role {
        name: role.as_str().to_owned(),
        tier: name.to_owned(),
        level: tier.level,
        people: once(&tier.people),
        session: tier.session.unwrap_or(SESSION),
        made: made.clone(),
        statements: statements.clone(),
        clusters: tier.clusters.clone(),
        access: tier.access.clone(),
        groups: once(&tier.groups),
        rbac: tier.rbac.clone(),
        namespaces: once(&tier.namespaces),
        line: tier.line,
    };
    Ok(tier.roles.iter().map(role).collect())
}

/// A list without repetition, in its order: an assignment, a subject, a scope that is there twice is refused or waits for itself.
fn once(list: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::with_capacity(list.len());
    for text in list {
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}

/// The name of a role of Kubernetes. Source: Kubernetes' validation of path segment names.
fn checked_role_name(key: &str, name: &str) -> Result<(), String> {
    is_text(name, 253).map_err(|why| format!("`{key}`: {why}"))?;
    match name.contains(['/', '%']) || name == "." || name == ".." {
        true => Err(format!("`{key}`: `{name}` is no name of a role of Kubernetes")),
        false => Ok(()),
    }
}

/// Checks what is bound besides, and takes out what is listed twice.
fn checked_binding(binding: &mut GroupBinding, roles: &[Role]) -> Result<(), String> {
    let GroupBinding { groups, role, clusters, namespaces, .. } = binding;
    for group in groups.iter() {
        is_text(group, 253).map_err(|why| format!("`groups`: {why}"))?;
        let has = |key: &String| roles.iter().any(|role| role.groups.contains(group) && role.clusters.contains(key));
        if let Some(key) = clusters.iter().find(|key| group != AUDITORS && !has(key)) {
            let all = roles.iter().flat_map(|role| role.groups.iter().map(String::as_str));
            let hint =
                near_misses(group, all).first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("`groups` names `{group}`, which no tier of the cluster {key} has{hint}"));
        }
    }
    checked_role_name(if role.kind() == "Role" { "role" } else { "rbac" }, role.name())?;
    for namespace in namespaces.iter() {
        checked_namespace(namespace, true)?;
    }
    (*groups, *clusters, *namespaces) = (once(groups), once(clusters), once(namespaces));
    Ok(())
}

fn checked_guard(guard: &OrganizationGuard, roles: &[Role]) -> Result<(), String> {
    let named = guard.access_pipeline.iter().map(|role| ("access_pipeline", role));
    for (key, role) in named.chain(guard.cluster_pipeline.iter().map(|role| ("cluster_pipeline", role))) {
        let rest = role.strip_prefix("role/").unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "/_+=,.@-".contains(c);
        if rest.is_empty() || !rest.chars().all(is_part) || rest.ends_with('/') || rest.starts_with('/') {
            return Err(format!("`{key}`: write `{role}` as role/PATH/NAME, without wildcards"));
        }
    }
    if guard.access_pipeline.is_empty() {
        return Err(
            "`access_pipeline` names nobody: the guard would lock everybody out who applies access entries".to_owned()
        );
    }
    if guard.cluster_pipeline.is_empty() {
        return Err("`cluster_pipeline` names nobody: nobody could make clusters any more".to_owned());
    }
    if !roles.iter().any(|role| role.level == Level::BreakGlass) {
        return Err("there is no [tiers.break-glass]: nobody could mend access when the pipeline fails".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTERS: &str = "[clusters.payments]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n\n[clusters.old]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\nmode = \"CONFIG_MAP\"\n\n";

    fn plan(rest: &str) -> Result<Plan, FileError> {
        let own = [
            (
                "own.json".to_owned(),
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#
                    .to_owned(),
            ),
            ("old.json".to_owned(), r#"{"Statement":[]}"#.to_owned()),
        ];
        Plan::of(&AccessFile::parse(&format!("{CLUSTERS}{rest}")).expect("a file"), &own.into())
    }

    fn tier(keys: &str) -> String {
        format!(
            "[tiers.developer]\nroles = [\"EKSDeveloper\"]\npeople = [\"EKS Developers\"]\nclusters = [\"payments\"]\n{keys}"
        )
    }

    #[test]
    fn sessions_are_written_as_identity_center_reads_them() {
        for (session, iso) in [("1h", "PT1H"), ("8h", "PT8H"), ("90m", "PT1H30M"), ("12h", "PT12H")] {
            let plan = plan(&tier(&format!("session = \"{session}\"\n"))).expect("a plan");
            assert_eq!(plan.roles[0].iso_session(), iso);
        }
    }

    #[test]
    fn a_file_of_ones_own_gives_its_statements() {
        let plan = plan(&tier("iam_file = \"own.json\"\n")).expect("a plan");
        assert!(matches!(&plan.roles[0].statements, Statements::Own(own) if own[0]["Action"] == "s3:GetObject"));
    }

    #[test]
    fn what_aws_would_refuse_when_it_is_applied_is_refused_with_line_and_key() {
        let guard = "[guard]\naccess_pipeline = [\"role/eks-platform/access\"]\ncluster_pipeline = [\"role/eks-platform/make\"]\n";
        for (line, words, rest) in [
            (10, "`roles` is missing", "[tiers.developer]\npeople = [\"a\"]\nclusters = [\"payments\"]\n".to_owned()),
            (10, "`clusters` is missing", "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"a\"]\n".to_owned()),
            (10, "`people` is missing", "[tiers.viewer]\nroles = [\"V\"]\nclusters = [\"payments\"]\n".to_owned()),
            (10, "`people`: `EKS ` is empty", "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"EKS \"]\nclusters = [\"payments\"]\n".to_owned()),
            (10, "is to be filled in", "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"TODO: groups of V\"]\nclusters = [\"payments\"]\n".to_owned()),
            (10, "has 33 characters", format!("[tiers.viewer]\nroles = [\"{}\"]\npeople = [\"a\"]\nclusters = [\"payments\"]\n", "V".repeat(33))),
            (10, "name the permission set", "[tiers.viewer]\nroles = [\"x.AWSReservedSSO_V\"]\npeople = [\"a\"]\nclusters = [\"payments\"]\n".to_owned()),
            (10, "mode = \"CONFIG_MAP\"", "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"a\"]\nclusters = [\"old\"]\naccess = \"View\"\n".to_owned()),
            (10, "`namespaces`: `Pay`", tier("access = \"Edit\"\nnamespaces = [\"Pay\"]\n")),
            (10, "`namespaces`: `*` means all", tier("access = \"Edit\"\nnamespaces = [\"*\"]\n")),
            (10, "takes no `*`", tier("kubernetes_groups = [\"g\"]\nrbac = \"edit\"\nnamespaces = [\"a-*\"]\n")),
            (10, "there is neither", tier("namespaces = [\"a\"]\n")),
            (10, "say `Admin`", tier("access = \"ClusterAdmin\"\nnamespaces = [\"a\"]\n")),
            (10, "did you mean `developer`?", tier("iam = \"develper\"\n")),
            (10, "there is no such file", tier("iam_file = \"nowhere.json\"\n")),
            (10, "its `Version`", tier("iam_file = \"old.json\"\n")),
            (10, "`made_elsewhere` is for roles", tier("made_elsewhere = true\n")),
            (10, "is none of AWS's own", format!("[scaffold]\nrole_path = \"/eks\"\n\n{}", tier(""))),
            (10, "`okta_group`", format!("[scaffold]\nokta_group = \"aws#{{role}}{{account}}\"\n\n{}", tier(""))),
            (10, "exclude each other", format!("[scaffold]\nsaml_provider = \"Okta\"\naccess_manager = \"x\"\n\n{}", tier(""))),
            (10, "it is the ARN of an application", format!("[scaffold]\naccess_manager = \"arn:aws:sso:::application/x\"\n\n{}", tier(""))),
            (10, "partition", format!("[scaffold]\nregion = \"cn-north-1\"\n\n{}", tier(""))),
            (10, "lets nearly everybody in", "[tiers.ci]\nroles = [\"ci\"]\nclusters = [\"payments\"]\noidc_provider = \"token.actions.githubusercontent.com\"\noidc_subjects = [\"repo:*\"]\n".to_owned()),
            (10, "names nobody", format!("[guard]\n\n{}", tier(""))),
            (10, "there is no [tiers.break-glass]", format!("{guard}\n{}", tier(""))),
            (15, "is in the tier `developer`, too", format!("{}\n[tiers.other]\nroles = [\"eksDeveloper\"]\npeople = [\"a\"]\nclusters = [\"payments\"]\n", tier(""))),
            (10, "letters, digits, `_` and `-`", "[tiers.viewer]\nroles = [\"a.b\"]\npeople = [\"a\"]\nclusters = [\"payments\"]\n[scaffold]\nsaml_provider = \"Okta\"\n".to_owned()),
            (10, "{{resolve:", "[tiers.viewer]\nroles = [\"a\"]\npeople = [\"{{resolve:ssm:x}}\"]\nclusters = [\"payments\"]\n".to_owned()),
            (10, "becomes a folder's", "[clusters.\"../x\"]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\ncluster = \"x\"\n".to_owned()),
            (10, "twice", "[clusters.again]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\ncluster = \"payments\"\n".to_owned()),
            (10, "another partition", "[clusters.cn]\naccount = \"222222222222\"\nregion = \"cn-north-1\"\n".to_owned()),
        ] {
            let error = plan(&rest).expect_err(words);
            assert!(error.message.contains(words), "{words}: {error}");
            // The cluster that is found first is the one told of.
            let lines = if ["twice", "another partition"].contains(&words) { vec![1, 5, 10] } else { vec![line] };
            assert!(lines.contains(&error.line.expect("a line")), "{words}: {error}");
        }
    }
}
