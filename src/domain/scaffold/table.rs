//! The truth table: who may do what, by evaluation of the generated documents, beside what the tier promises. A reviewer sees it
//! before anything is applied.

use serde_json::Value;

use crate::domain::access::iam::condition::Context;
use crate::domain::access::iam::document::parse;
use crate::domain::access::iam::evaluate::{Controls, Decision, Doubt, Identity, Named, Request, may};
use crate::domain::audit::access_file::{Level, PlannedCluster};
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::policies::{boundary, document, guard, is_bounded, statements};
use crate::domain::scaffold::role::{Made, Role, Set, Statements};

/// A question of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// What it is called.
    pub name: &'static str,
    /// The action.
    pub action: &'static str,
    /// Its keys; `{account}`, `{partition}` and `{path}` are filled in.
    pub keys: &'static [(&'static str, &'static str)],
    /// The resource: `*`, or what stands behind the account with `{cluster}` filled in; from `role/` on an IAM one.
    pub on: &'static str,
    /// Which sets promise it.
    promised: &'static [Set],
}

const ADMINS: &[Set] = &[Set::ClusterAdmin, Set::BreakGlass];
const LISTING: &[Set] = &[
    Set::ClusterAdmin,
    Set::BreakGlass,
    Set::AccessAdmin,
    Set::Auditor,
    Set::Developer,
    Set::Viewer,
    Set::ViewerConsole,
];
const REACHING: &[Set] = &[
    Set::ClusterAdmin,
    Set::BreakGlass,
    Set::AccessAdmin,
    Set::Auditor,
    Set::Developer,
    Set::Viewer,
    Set::ViewerConsole,
    Set::Ci,
];
const LOOKING: &[Set] = &[Set::ClusterAdmin, Set::BreakGlass, Set::AccessAdmin, Set::Auditor];
const GRANTING: &[Set] = &[Set::AccessAdmin, Set::BreakGlass];
const POLICY: &str = "arn:{partition}:eks::aws:cluster-access-policy/";
const ENTRY: &str = "access-entry/{cluster}/role/{account}/Somebody/0";

/// The one question that IAM does not answer: whether the file gives a way in, by an access entry or a line of aws-auth.
pub const ENTER: Question = ask("get into the cluster", "", "*", &[], &[]);

/// The questions to IAM, the same for each role and each of its clusters. Source: the table of access.md 5.3.
pub const QUESTIONS: [Question; 25] = [
    ask("list clusters", "eks:ListClusters", "*", &[], LISTING),
    ask("describe the cluster", "eks:DescribeCluster", "cluster/{cluster}", &[], REACHING),
    ask("describe another cluster", "eks:DescribeCluster", "cluster/eksso-other", &[], LOOKING),
    ask("make a cluster", "eks:CreateCluster", "*", &[("eks:authenticationMode", "API")], &[]),
    ask("register a cluster", "eks:RegisterCluster", "*", &[], &[]),
    ask("delete the cluster", "eks:DeleteCluster", "cluster/{cluster}", &[], &[]),
    ask("upgrade the cluster", "eks:UpdateClusterVersion", "cluster/{cluster}", &[], ADMINS),
    ask("upgrade another cluster", "eks:UpdateClusterVersion", "cluster/eksso-other", &[], &[]),
    ask(
        "open aws-auth",
        "eks:UpdateClusterConfig",
        "cluster/{cluster}",
        &[("eks:authenticationMode", "API_AND_CONFIG_MAP")],
        &[],
    ),
    ask(
        "switch to mode API",
        "eks:UpdateClusterConfig",
        "cluster/{cluster}",
        &[("eks:authenticationMode", "API")],
        ADMINS,
    ),
    ask(
        "turn the audit log off",
        "eks:UpdateClusterConfig",
        "cluster/{cluster}",
        &[("eks:loggingType/audit", "false")],
        &[],
    ),
    ask(
        "make an entry for a role of single sign-on",
        "eks:CreateAccessEntry",
        "cluster/{cluster}",
        &[
            (
                "eks:principalArn",
                "arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef",
            ),
            ("eks:accessEntryType", "STANDARD"),
        ],
        GRANTING,
    ),
    ask(
        "make an entry for a user",
        "eks:CreateAccessEntry",
        "cluster/{cluster}",
        &[("eks:principalArn", "arn:{partition}:iam::{account}:user/jane"), ("eks:accessEntryType", "STANDARD")],
        &[Set::BreakGlass],
    ),
    ask("change an entry", "eks:UpdateAccessEntry", ENTRY, &[], GRANTING),
    ask(
        "give ClusterAdmin",
        "eks:AssociateAccessPolicy",
        ENTRY,
        &[("eks:policyArn", "{policy}AmazonEKSClusterAdminPolicy"), ("eks:accessScope", "cluster")],
        &[Set::BreakGlass],
    ),
    ask(
        "give Edit in a namespace",
        "eks:AssociateAccessPolicy",
        ENTRY,
        &[("eks:policyArn", "{policy}AmazonEKSEditPolicy"), ("eks:accessScope", "namespace")],
        GRANTING,
    ),
    ask(
        "give Edit in the whole cluster",
        "eks:AssociateAccessPolicy",
        ENTRY,
        &[("eks:policyArn", "{policy}AmazonEKSEditPolicy"), ("eks:accessScope", "cluster")],
        &[Set::BreakGlass],
    ),
    ask("see somebody's entry", "eks:DescribeAccessEntry", ENTRY, &[], LOOKING),
    ask("give a pod a role", "eks:CreatePodIdentityAssociation", "cluster/{cluster}", &[], &[]),
    ask("add an identity provider", "eks:AssociateIdentityProviderConfig", "cluster/{cluster}", &[], &[]),
    ask("add a capability", "eks:CreateCapability", "cluster/{cluster}", &[], &[]),
    ask(
        "see objects in the console",
        "eks:AccessKubernetesApi",
        "cluster/{cluster}",
        &[],
        &[Set::ClusterAdmin, Set::BreakGlass, Set::ViewerConsole],
    ),
    ask("change objects in the console", "eks:MutateViaKubernetesApi", "cluster/{cluster}", &[], ADMINS),
    ask("pass any role", "iam:PassRole", "role/Admin", &[("iam:PassedToService", "eks.amazonaws.com")], &[]),
    ask(
        "pass a node role",
        "iam:PassRole",
        "role{path}{cluster}/node",
        &[("iam:PassedToService", "ec2.amazonaws.com")],
        ADMINS,
    ),
];

const fn ask(
    name: &'static str,
    action: &'static str,
    on: &'static str,
    keys: &'static [(&'static str, &'static str)],
    promised: &'static [Set],
) -> Question {
    Question { name, action, keys, on, promised }
}

/// What the documents say to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is allowed.
    Yes,
    /// It is allowed where a condition on the caller's circumstances holds: the keys.
    Sometimes(String),
    /// It is not allowed.
    No,
    /// They do not say; why.
    Unknown(String),
}

/// Keys of how, when and from where a request is made: whoever has the role meets a condition on them at some time.
/// Source: IAM user guide, "AWS global condition context keys".
const CIRCUMSTANCES: [&str; 14] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:Referer",
    "aws:SecureTransport",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:VpcSourceIp",
    "aws:ViaAWSService",
];
const ELSEWHERE: &str = "the role is made elsewhere: what else AWS lets its people do is not in this file";
const NO_IAM: &str = "no `iam`: what AWS lets its people do is not in this file";

impl Answer {
    /// Of a role's documents, as the evaluation of them decided.
    fn of(role: &Role, decision: &Decision) -> Self {
        if role.statements == Statements::None {
            return Self::Unknown(NO_IAM.to_owned());
        }
        match decision {
            Decision::Allowed(_) => Self::Yes,
            Decision::Denied(_) => Self::No,
            // What is not allowed here may be allowed by the policies that it has besides.
            Decision::NotAllowed(_) if role.made == Made::Elsewhere => Self::Unknown(ELSEWHERE.to_owned()),
            Decision::NotAllowed(_) => Self::No,
            Decision::Unknown { why, .. } => {
                let circumstance = |doubt: &Doubt| match doubt {
                    Doubt::Statement { on, .. } => {
                        CIRCUMSTANCES.iter().find(|key| key.eq_ignore_ascii_case(on)).copied()
                    }
                    _ => None,
                };
                let listed = |mut all: Vec<String>| {
                    all.sort();
                    all.dedup();
                    all.join(", ")
                };
                let keys: Option<Vec<String>> =
                    why.iter().map(|doubt| circumstance(doubt).map(str::to_owned)).collect();
                match (&role.statements, keys) {
                    (Statements::Own(_), Some(keys)) => Self::Sometimes(listed(keys)),
                    _ => Self::Unknown(listed(why.iter().map(ToString::to_string).collect())),
                }
            }
        }
    }
}

/// An answer to a question, for one role in one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'p> {
    /// The role.
    pub role: &'p Role,
    /// The cluster's name in the file.
    pub cluster: &'p str,
    /// What was asked.
    pub question: Question,
    /// What the documents say.
    pub answer: Answer,
    /// What the tier promises.
    pub promised: bool,
}

impl Line<'_> {
    /// Whether more is allowed than is promised, or less; statements of one's own may leave out what they like, which says nothing of the way
    /// into a cluster.
    pub fn is_wrong(&self) -> bool {
        let may_lack = matches!(self.role.statements, Statements::Own(_)) && self.question != ENTER;
        match self.answer {
            Answer::Yes | Answer::Sometimes(_) => !self.promised,
            Answer::No => self.promised && !may_lack,
            Answer::Unknown(_) => false,
        }
    }

    /// Why it is not known whether it is as promised.
    pub fn unknown(&self) -> Option<String> {
        match &self.answer {
            Answer::Unknown(why) => Some(why.clone()),
            Answer::Sometimes(keys) if self.promised => Some(format!("it depends on {keys}")),
            _ => None,
        }
    }

    /// Whether it is allowed; `None` where that is not known, or so at times only.
    pub fn allowed(&self) -> Option<bool> {
        match self.answer {
            Answer::Yes => Some(true),
            Answer::No => Some(false),
            Answer::Sometimes(_) | Answer::Unknown(_) => None,
        }
    }
}

impl Question {
    /// The request: action, resource and keys.
    pub fn request(
        &self,
        plan: &Plan,
        cluster: &PlannedCluster,
    ) -> (&'static str, String, Vec<(&'static str, String)>) {
        let fill = |text: &str| {
            text.replace("{policy}", POLICY)
                .replace("{partition}", plan.partition.arn())
                .replace("{account}", cluster.account.as_str())
                .replace("{cluster}", cluster.name.as_str())
                .replace("{path}", &plan.role_path)
        };
        let on = fill(self.on);
        let (partition, account) = (plan.partition.arn(), &cluster.account);
        let resource = match on.as_str() {
            "*" => on,
            role if role.starts_with("role/") => format!("arn:{partition}:iam::{account}:{role}"),
            other => format!("arn:{partition}:eks:{}:{account}:{other}", cluster.region),
        };
        (self.action, resource, self.keys.iter().map(|(key, value)| (*key, fill(value))).collect())
    }
}

/// An example of a role's ARN.
pub fn role_arn(plan: &Plan, role: &Role, cluster: &PlannedCluster) -> String {
    let pattern = plan.role_pattern(role, cluster.account.as_str());
    match role.made {
        Made::Set => {
            pattern.replace("sso.amazonaws.com*", "sso.amazonaws.com").replace("????????????????", "0123456789abcdef")
        }
        _ => pattern,
    }
}

/// A role with its documents, as the evaluator takes them. What AWS gives it besides is not known here.
pub fn identity(plan: &Plan, role: &Role, cluster: &PlannedCluster) -> Result<Identity, String> {
    let arn = role_arn(plan, role, cluster);
    let account = (role.made != Made::Set).then_some(&cluster.account);
    let named =
        |name: &str, value: &Value| parse(&value.to_string()).map(|document| Named { name: name.to_owned(), document });
    let policies = vec![named(&role.name, &document(&statements(plan, role, account)))?];
    let bound = is_bounded(role).then(|| boundary(plan, &cluster.account));
    let boundary = bound.map(|value| named("boundary", &value)).transpose()?;
    let controls = match guard(plan) {
        Some(guard) => {
            let all = document(&[serde_json::json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]);
            Controls::Levels(vec![vec![named("everything", &all)?, named("guard", &guard)?]])
        }
        None => Controls::NotBound,
    };
    // How and from where somebody asks, and tags, are not known: a condition on them is neither true nor false.
    let context = Context::new()
        .unknown("aws:*")
        .is("aws:PrincipalArn", &arn)
        .is("aws:PrincipalAccount", cluster.account.as_str())
        .is("aws:PrincipalIsAWSService", "false");
    Ok(Identity { arn, account: cluster.account.clone(), policies, boundary, controls, context })
}

/// The set that people of a level usually have.
fn usual(level: Level) -> Set {
    match level {
        Level::Viewer => Set::ViewerConsole,
        Level::Developer | Level::NamespaceAdmin => Set::Developer,
        Level::Ci => Set::Ci,
        Level::ClusterAdmin => Set::ClusterAdmin,
        Level::AccessAdmin => Set::AccessAdmin,
        Level::BreakGlass => Set::BreakGlass,
    }
}

/// Whether people of a role's level are meant to have the answer yes to a question, whatever set they have. A tier with a name
/// of its own says by that set that it is for breaking the glass, where it is the clusters' administrator anyway.
fn is_for(role: &Role, question: &Question) -> bool {
    const ALL: [Set; 5] = [Set::Viewer, Set::ViewerConsole, Set::Auditor, Set::Developer, Set::Ci];
    let own = match role.level {
        Level::ClusterAdmin
            if role.statements == Statements::Set(Set::BreakGlass) && Level::named(&role.tier).is_none() =>
        {
            Some(Set::BreakGlass)
        }
        Level::Viewer | Level::Developer | Level::Ci | Level::NamespaceAdmin => None,
        Level::ClusterAdmin | Level::AccessAdmin | Level::BreakGlass => Some(usual(role.level)),
    };
    ALL.into_iter().chain(own).any(|set| question.promised.contains(&set))
}

/// Whether it is there to hand out access, which takes no way into clusters.
fn hands_out(role: &Role) -> bool {
    role.level == Level::AccessAdmin || role.statements == Statements::Set(Set::AccessAdmin)
}

/// The whole table.
pub fn table(plan: &Plan) -> Result<Vec<Line<'_>>, String> {
    let mut lines = Vec::new();
    for role in &plan.roles {
        for (key, cluster) in plan.clusters_of(role, None) {
            let who = identity(plan, role, cluster)?;
            let answer = if role.enters() { Answer::Yes } else { Answer::No };
            // That somebody gets in who need not is judged by the rules of `audit`, which see what that gives.
            let promised = role.enters() || !hands_out(role);
            lines.push(Line { role, cluster: key, question: ENTER, answer, promised });
            for question in QUESTIONS {
                let (action, resource, keys) = question.request(plan, cluster);
                let mut request = Request::new(action, &resource);
                if action.starts_with("eks:") {
                    request.context = request.context.is("aws:RequestedRegion", cluster.region.as_str());
                }
                for (key, value) in keys {
                    request.context = request.context.is(key, &value);
                }
                let answer = Answer::of(role, &may(&who, &request));
                let promised = match role.statements {
                    // A set that is beyond what its tier is for promises nothing of that.
                    Statements::Set(set) => question.promised.contains(&set) && is_for(role, &question),
                    Statements::None => false,
                    Statements::Own(_) => question.promised.contains(&usual(role.level)),
                };
                lines.push(Line { role, cluster: key, question, answer, promised });
            }
        }
    }
    Ok(lines)
}
