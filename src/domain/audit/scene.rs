//! What rules look at: the facts, what follows from them, and `access.toml`, with the ways from one to the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::domain::access::facts::{AccessEntry, Account, Binding, Cluster, Fact, Facts, IamRole, RbacRole, Source};
use crate::domain::access::grant::{Grant, Life, MappedBy, PrincipalKind, Right, WayIn};
use crate::domain::access::{AuthMode, Listed, Policy};
use crate::domain::audit::access_file::{AccessFile, Level};
use crate::domain::audit::finding::reference;
use crate::domain::ids::{AccountId, ClusterName};
use crate::domain::role_arn::{Principal, permission_set};
use crate::domain::text::shell_word;

/// All that rules judge by.
pub struct Scene<'a> {
    /// What was read.
    pub facts: &'a Facts,
    /// What follows.
    pub grants: &'a [Grant],
    /// What the reviewed file says; empty where there is none.
    pub file: &'a AccessFile,
    /// The present.
    pub now: Timestamp,
    /// The mappings of people and pipelines: what is not AWS's own and not for machines (access.md 2.9).
    pub humans: Vec<Human<'a>>,
    /// Roles by account and name; IAM tells names apart by their letters, whatever their case.
    roles: HashMap<(&'a str, String), &'a IamRole>,
}

/// A mapping of people or a pipeline.
pub struct Human<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The mapping and what follows from it.
    pub grant: &'a Grant,
    /// What its people are meant to be able to do.
    pub level: Level,
    /// The tier of `access.toml` that names the role.
    pub tier: Option<&'a str>,
    /// What that file is called.
    pub file: &'a str,
}

/// What is known of a role that something names.
#[derive(Debug, Clone, Copy)]
pub enum Looked<'a, T> {
    /// It is there.
    Found(&'a T),
    /// It is not, and the list is complete.
    Gone,
    /// Nobody could look; why.
    Unknown(&'a str),
}

/// A role that a cluster lets people in with, and where: rules about the role itself say so once.
pub struct HumanRole<'a> {
    /// The role.
    pub role: &'a IamRole,
    /// Its account.
    pub account: &'a str,
    /// Its mappings.
    pub humans: Vec<&'a Human<'a>>,
}

/// A role of Kubernetes that a mapping has, by a binding.
pub struct Held<'a> {
    /// The right.
    pub right: &'a Right,
    /// The role's own text; `None` where it is gone.
    pub role: Option<&'a RbacRole>,
    /// The binding.
    pub binding: &'a Binding,
}

impl Held<'_> {
    /// Whether it holds in the whole cluster.
    pub fn is_cluster_wide(&self) -> bool {
        self.binding.namespace.is_empty()
    }

    /// Whether it is a role that Kubernetes or EKS made: what is too much in it is mended at the binding.
    pub fn is_of_the_system(&self) -> bool {
        let name = self.binding.role.as_str();
        let own = name == "cluster-admin" || name.starts_with("system:") || name.starts_with("eks:");
        self.is_built_in() || (self.binding.role_kind == "ClusterRole" && own)
    }

    /// Whether it is Kubernetes' own `edit` or `admin`, whose reach into a namespace is known and meant.
    pub fn is_built_in(&self) -> bool {
        self.binding.role_kind == "ClusterRole" && ["edit", "admin", "view"].contains(&self.binding.role.as_str())
    }
}

impl<'a> Scene<'a> {
    /// Puts it together.
    pub fn new(facts: &'a Facts, grants: &'a [Grant], file: &'a AccessFile, now: Timestamp) -> Self {
        let of = |(id, account): (&'a AccountId, &'a Account)| {
            let roles = account.roles.get().into_iter().flatten();
            roles.filter_map(move |role| {
                let name = Principal::parse(&role.arn)?.name.to_ascii_lowercase();
                Some(((id.as_str(), name), role))
            })
        };
        let roles = facts.accounts.iter().flat_map(of).collect();
        let clusters: BTreeMap<_, &Cluster> =
            facts.clusters.iter().map(|cluster| (reference(cluster), cluster)).collect();
        let humans = grants.iter().filter(|grant| is_human(grant)).filter_map(|grant| {
            let cluster = *clusters.get(&grant.cluster)?;
            let counts = |mode: AuthMode| match grant.mapped_by {
                MappedBy::AwsAuth => mode.has_config_map(),
                _ => mode.has_entries(),
            };
            if !mode(cluster).is_none_or(counts) || is_outranked(cluster, grant) {
                return None;
            }
            let tier = role_name(&grant.principal).and_then(|name| file.tier_of(name, cluster));
            let level = tier.map_or_else(|| by_mapping(grant), |(_, tier)| tier.level);
            Some(Human { cluster, grant, level, tier: tier.map(|(name, _)| name), file: file.called() })
        });
        let humans = humans.collect();
        Self { facts, grants, file, now, humans, roles }
    }

    /// A role by its account and name, whatever its path.
    pub fn role_named(&self, account: &str, name: &str) -> Looked<'a, IamRole> {
        // An account's id as it stands in an ARN is one of twelve digits, or the ARN is none.
        let Some((id, known)) = account.parse::<AccountId>().ok().and_then(|id| self.facts.accounts.get_key_value(&id))
        else {
            return Looked::Unknown("that account was not read");
        };
        if let Some(role) = self.roles.get(&(id.as_str(), name.to_ascii_lowercase())) {
            return Looked::Found(role);
        }
        known.roles.missing().map_or(Looked::Gone, Looked::Unknown)
    }

    /// The role that an ARN names.
    pub fn role(&self, arn: &str) -> Looked<'a, IamRole> {
        match Principal::parse(arn) {
            Some(found) => self.role_named(found.account, found.name),
            None => Looked::Unknown("that is no role"),
        }
    }

    /// Who said which roles an account has.
    pub fn roles_source(&self, account: &str) -> Option<&'a Source> {
        let account = self.facts.accounts.get(&account.parse::<AccountId>().ok()?)?;
        account.roles.source.as_ref()
    }

    /// The roles behind the mappings of people, each once; and those whose account could not be read, with the reason.
    pub fn human_roles(&self) -> (Vec<HumanRole<'_>>, Vec<(&Human<'a>, &'a str)>) {
        let (mut roles, mut unread): (BTreeMap<&str, HumanRole<'_>>, Vec<_>) = Default::default();
        for human in &self.humans {
            let arn = human.grant.principal.as_str();
            let Some(parsed) = Principal::parse(arn) else { continue };
            match self.role_named(parsed.account, parsed.name) {
                Looked::Found(role) => {
                    let new = || HumanRole { role, account: parsed.account, humans: Vec::new() };
                    roles.entry(role.arn.as_str()).or_insert_with(new).humans.push(human);
                }
                Looked::Unknown(why) => unread.push((human, why)),
                // The rules on dead entries say so.
                Looked::Gone => {}
            }
        }
        (roles.into_values().collect(), unread)
    }

    /// Whether the role of a mapping is gone: what is assigned to it or may be done with it is then nobody's.
    pub fn is_gone(&self, human: &Human<'_>) -> bool {
        matches!(self.role(&human.grant.principal), Looked::Gone)
    }

    /// The mappings of people in a cluster.
    pub fn humans_of<'s>(&'s self, cluster: &'s Cluster) -> impl Iterator<Item = &'s Human<'a>> {
        self.humans.iter().filter(move |human| std::ptr::eq(human.cluster, cluster))
    }

    /// All mappings of a cluster.
    pub fn grants_of(&self, cluster: &Cluster) -> impl Iterator<Item = &'a Grant> {
        let cluster = reference(cluster);
        self.grants.iter().filter(move |grant| grant.cluster == cluster)
    }
}

/// Where a cluster looks for who may come in, where that is known.
pub fn mode(cluster: &Cluster) -> Option<AuthMode> {
    cluster.settings.get().and_then(|settings| settings.mode)
}

/// `--region eu-west-1 --cluster-name prod`: `aws eks` calls the name `cluster-name` or `name`.
pub fn arguments(cluster: &Cluster, option: &str) -> String {
    format!("--region {} --{option} {}", cluster.region, cluster.name)
}

/// A command of kubectl for a cluster. The context stands as `CONTEXT-OF-CLUSTER`, as nobody knows what people call it: without one
/// the command would change whatever cluster is the current one.
pub fn kubectl(cluster: &Cluster, words: &str) -> String {
    format!("kubectl --context {} {words}", context_of(&cluster.name))
}

/// What stands for the context of a cluster.
pub fn context_of(cluster: &ClusterName) -> String {
    format!("CONTEXT-OF-{cluster}")
}

/// The role of a binding.
pub fn role_of<'c>(cluster: &'c Cluster, binding: &Binding) -> Option<&'c RbacRole> {
    let (list, namespace) = match binding.role_kind.as_str() {
        "Role" => (&cluster.roles.namespaced, binding.namespace.as_str()),
        _ => (&cluster.roles.cluster, ""),
    };
    list.get()?.iter().find(|role| role.name == binding.role && role.namespace == namespace)
}

/// All bindings of a cluster, as far as they could be read.
pub fn all_bindings(cluster: &Cluster) -> impl Iterator<Item = &Binding> {
    [&cluster.bindings.cluster, &cluster.bindings.namespaced].into_iter().filter_map(Fact::get).flatten()
}

/// Why roles and bindings are not all known; `None` where they are.
pub fn rbac_missing(cluster: &Cluster) -> Option<&str> {
    let Cluster { roles, bindings, .. } = cluster;
    let bindings = [bindings.cluster.missing(), bindings.namespaced.missing()];
    bindings.into_iter().chain([roles.cluster.missing(), roles.namespaced.missing()]).flatten().next()
}

/// Who said which roles and bindings there are.
pub fn rbac_sources(cluster: &Cluster) -> impl Iterator<Item = &Source> {
    let Cluster { roles, bindings, .. } = cluster;
    let bindings = [&bindings.cluster.source, &bindings.namespaced.source];
    bindings.into_iter().chain([&roles.cluster.source, &roles.namespaced.source]).flatten()
}

/// Who said which access entries there are and what they hold, of one of them.
pub fn entry_sources<'c>(cluster: &'c Cluster, principal: &str) -> impl Iterator<Item = &'c Source> {
    let entry = cluster.entries.get().into_iter().flatten().find(|entry| entry.principal == principal);
    let details = entry.and_then(|entry| entry.details.source.as_ref());
    let policies = entry.and_then(|entry| entry.policies.source.as_ref());
    cluster.entries.source.iter().chain(details).chain(policies)
}

impl<'a> Human<'a> {
    /// Its policies of a name.
    pub fn policies(&self, name: &str) -> impl Iterator<Item = &'a Policy> {
        let name = format!("AmazonEKS{name}Policy");
        self.grant.policies.iter().filter(move |policy| policy.name == name)
    }

    /// The roles of Kubernetes that it has by what is its own: bindings of everybody are left out, as they have a rule of their own.
    pub fn held(&self) -> Result<Vec<Held<'a>>, &'a str> {
        let rights = match &self.grant.rights {
            Listed::Seen(rights) => rights,
            Listed::Hidden(why) => return Err(why),
            Listed::Unasked => return Err("roles and bindings were not read"),
        };
        let cluster = self.cluster;
        Ok(rights
            .iter()
            .filter(|right| !right.subject.starts_with("system:"))
            .filter_map(|right| {
                let is = |binding: &&Binding| {
                    let namespace = right.namespaces.first().map_or("", String::as_str);
                    binding.name == right.binding && binding.namespace == namespace && binding.role == right.role
                };
                let binding = all_bindings(cluster).find(is)?;
                Some(Held { right, role: role_of(cluster, binding), binding })
            })
            .collect())
    }

    /// Whether it is a line of nodes.
    pub fn is_of_nodes(&self) -> bool {
        self.grant.kind == PrincipalKind::Node
    }

    /// Whether it is meant to administer the cluster.
    pub fn is_admin(&self) -> bool {
        matches!(self.level, Level::ClusterAdmin | Level::BreakGlass)
    }

    /// Its tier in words, with where that is from: every finding that judges by it says so.
    pub fn tier_words(&self) -> String {
        match self.tier {
            Some(tier) => format!("tier {tier} of {}", self.file),
            None => {
                let (tier, file) = (self.level.name(), self.file);
                format!("tier {tier} by its mapping, as {file} does not name it for this cluster")
            }
        }
    }

    /// The permission set behind it.
    pub fn set(&self) -> Option<&'a str> {
        Principal::parse(&self.grant.principal).and_then(|found| permission_set(found.name))
    }

    /// Whether an access entry makes it.
    pub fn is_entry(&self) -> bool {
        self.grant.mapped_by == MappedBy::AccessEntry
    }

    /// `aws eks VERB --region R --cluster-name C --principal-arn A`
    pub fn entry_command(&self, verb: &str) -> String {
        self.command_for(verb, &self.grant.principal)
    }

    /// The same for another principal in its place.
    pub fn command_for(&self, verb: &str, principal: &str) -> String {
        let arguments = arguments(self.cluster, "cluster-name");
        format!("aws eks {verb} {arguments} --principal-arn {}", shell_word(principal))
    }

    /// The command that gives a policy, or its scope anew; in the whole cluster without namespaces.
    pub fn associate(&self, principal: &str, policy: &str, namespaces: &[&str]) -> String {
        let scope = match namespaces {
            [] => "type=cluster".to_owned(),
            _ => format!("type=namespace,namespaces={}", namespaces.join(",")),
        };
        let command = self.command_for("associate-access-policy", principal);
        format!("{command} --policy-arn {} --access-scope {}", self.policy_arn(policy), shell_word(&scope))
    }

    /// The command that takes a policy away.
    pub fn disassociate(&self, policy: &str) -> String {
        format!("{} --policy-arn {}", self.entry_command("disassociate-access-policy"), self.policy_arn(policy))
    }

    fn policy_arn(&self, policy: &str) -> String {
        let partition = self.cluster.region.partition().arn();
        format!("arn:{partition}:eks::aws:cluster-access-policy/{}", shell_word(policy))
    }
}

impl HumanRole<'_> {
    /// Where it lets in: `prod and staging`.
    pub fn clusters(&self) -> String {
        let names: BTreeSet<&str> = self.humans.iter().map(|human| human.cluster.name.as_str()).collect();
        listing(&names.into_iter().collect::<Vec<_>>())
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        Principal::parse(&self.role.arn).map_or(self.role.arn.as_str(), |found| found.name)
    }
}

/// `a`, `a and b`, `a, b and c`; of many the first five, and how many more.
pub fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] if names.len() <= 6 => format!("{} and {last}", most.join(", ")),
        _ => format!("{} and {} more", names[..5].join(", "), names.len() - 5),
    }
}

/// The name that `access.toml` knows a role by: its permission set's, else its own.
pub fn role_name(arn: &str) -> Option<&str> {
    let found = Principal::parse(arn)?;
    Some(permission_set(found.name).unwrap_or(found.name))
}

/// Whether an access entry of the same role counts in place of a line. The line's own rule says so.
fn is_outranked(cluster: &Cluster, grant: &Grant) -> bool {
    let same = |entry: &AccessEntry| canonical(&entry.principal) == canonical(&grant.principal);
    let is_dead_line = grant.mapped_by == MappedBy::AwsAuth && matches!(grant.life, Life::Dead(_));
    is_dead_line && cluster.entries.get().into_iter().flatten().any(same)
}

/// An ARN as the authenticator compares it: without its path, in small letters.
pub fn canonical(arn: &str) -> String {
    let arn = arn.to_ascii_lowercase();
    match Principal::parse(&arn) {
        Some(parsed) => format!("{}:{}:{}", parsed.partition, parsed.account, parsed.name),
        None => arn,
    }
}

fn is_human(grant: &Grant) -> bool {
    let is_list = matches!(grant.mapped_by, MappedBy::AccessEntry | MappedBy::AwsAuth);
    // A line of nodes that gives more than nodes get is for machines by its name alone, and not AWS's own.
    is_list && !grant.aws_own && grant.kind != PrincipalKind::Service
}

/// What a mapping alone says of its people. Break-glass is never guessed. Source: access.md 3, "Tier without access.toml".
fn by_mapping(grant: &Grant) -> Level {
    let has = |name: &str| grant.policies.iter().any(|policy| policy.name == name);
    let bound =
        |name: &str| matches!(&grant.rights, Listed::Seen(rights) if rights.iter().any(|right| right.role == name));
    let pipeline = |ways: &Vec<WayIn>| {
        let oidc = |way: &WayIn| matches!(way, WayIn::Oidc(_));
        let person = |way: &WayIn| matches!(way, WayIn::Saml(_) | WayIn::IdentityCenter(_) | WayIn::AccessManager(_));
        ways.iter().any(oidc) && !ways.iter().any(person)
    };
    if matches!(&grant.ways_in, Listed::Seen(ways) if pipeline(ways)) {
        return Level::Ci;
    }
    if has("AmazonEKSClusterAdminPolicy") || grant.groups.iter().any(|group| group == "system:masters") {
        return Level::ClusterAdmin;
    }
    let by_policy = has("AmazonEKSAdminPolicy") || has("AmazonEKSEditPolicy");
    let works = by_policy || ["cluster-admin", "admin", "edit"].into_iter().any(bound);
    if works { Level::Developer } else { Level::Viewer }
}
