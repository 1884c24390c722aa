//! What is asked of the evaluation, and what it answers: who asks with which policies, for what, and whether that is allowed, by
//! which statements and under which conditions.

use std::fmt;

use crate::domain::access::iam::condition::Context;
use crate::domain::access::iam::document::{Condition, Document, Effect};
use crate::domain::ids::AccountId;

/// A policy document with the name it goes by in answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Such as `AdministratorAccess`.
    pub name: String,
    /// What it says.
    pub document: Document,
}

/// A principal with all that limits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The role's or user's ARN, with its path.
    pub arn: String,
    /// Its account.
    pub account: AccountId,
    /// Inline and attached policies, a user's groups' ones too.
    pub policies: Vec<Named>,
    /// The permissions boundary.
    pub boundary: Option<Named>,
    /// Service control policies.
    pub controls: Controls,
    /// What is known of `aws:Principal…` and other keys of each of its requests; a request's own keys go before these.
    pub context: Context,
}

/// The service control policies over an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Controls {
    /// None bind: the management account, a service-linked role, an account outside organizations.
    NotBound,
    /// From the root of the organization down to the account: each level must allow.
    Levels(Vec<Vec<Named>>),
    /// They could not be read; why.
    Hidden(String),
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// This one; `*` for actions that know no resources.
    One(String),
    /// Any of those that a pattern with wildcards matches: one that is allowed suffices.
    Some(String),
    /// All that a pattern matches: each must be allowed.
    Every(String),
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `eks:CreateCluster`
    pub action: String,
    /// On what.
    pub resource: Resource,
    /// Its keys.
    pub context: Context,
}

impl Request {
    /// A request on one resource, without keys of its own.
    pub fn new(action: &str, resource: &str) -> Self {
        Self { action: action.to_owned(), resource: Resource::One(resource.to_owned()), context: Context::new() }
    }

    /// A request whose keys the caller chooses, but those of the principal. Keys that the caller does not choose freely
    /// (where it is, how it signed in) count as not known.
    pub fn of_choice(action: &str, resource: Resource) -> Self {
        let context = Context::new().free("*").unknown("aws:*").free("aws:RequestTag/*").free("aws:TagKeys");
        Self { action: action.to_owned(), resource, context }
    }
}

/// The statement of a policy that decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct By {
    /// The policy's name.
    pub policy: String,
    /// The statement's Sid, or `statement 2`.
    pub statement: String,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.policy, self.statement)
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Allowed(Grant),
    /// A statement denies it.
    Denied(By),
    /// No statement allows it: which layer misses one, such as `its policies` or `its boundary`.
    NotAllowed(String),
    /// It depends on what is not known. Were that in the caller's favour, it would be allowed so.
    Unknown {
        /// What is not known.
        why: Vec<Doubt>,
        /// What would be allowed at most.
        at_most: Grant,
    },
}

impl Decision {
    /// The grant of an answer that is allowed, or is so as far as could be read: only service control policies, which
    /// can but take away, are hidden.
    pub fn granted(&self) -> Option<&Grant> {
        match self {
            Self::Allowed(grant) => Some(grant),
            Self::Unknown { why, at_most } if why.iter().all(|doubt| matches!(doubt, Doubt::Controls(_))) => {
                Some(at_most)
            }
            _ => None,
        }
    }

    /// How good it is for the caller.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Allowed(_) => 2,
            Self::Unknown { .. } => 1,
            Self::Denied(_) | Self::NotAllowed(_) => 0,
        }
    }
}

/// What allows a request, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// The statements that allow it, one a layer.
    pub by: Vec<By>,
    /// Conditions on free keys: those under which it is allowed, and those of denials that the caller gets round.
    pub narrowed_by: Vec<Narrowing>,
    /// The values that the caller has to choose; `None` for leaving the key out. The resource is told under the key
    /// `resource`.
    pub given: Vec<(String, Option<String>)>,
}

/// A condition on a key that the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// Whose it is.
    pub by: By,
    /// Whether the statement allows, or denies.
    pub effect: Effect,
    /// The condition.
    pub condition: Condition,
}

/// Why an answer is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Service control policies could not be read; why.
    Controls(String),
    /// A statement depends on something that is not known: a key, an operator.
    Statement {
        /// Which one.
        by: By,
        /// On what it depends.
        on: String,
    },
    /// The policies of the caller are not known.
    Caller(String),
    /// There are more choices than are tried.
    Choices,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Controls(why) => write!(f, "service control policies could not be read: {why}"),
            Self::Statement { by, on } => write!(f, "{by} depends on {on}, which is not known"),
            Self::Caller(who) => write!(f, "the policies of {who} are not known"),
            Self::Choices => f.write_str("there are more conditions than could be tried"),
        }
    }
}

/// Who asks for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// A role or a user of AWS.
    Aws {
        /// Its ARN, with its path.
        arn: &'a str,
        /// The name of its session, where one is looked for: a trust policy may name it.
        session: Option<&'a str>,
        /// Its policies; `None` where they are not known.
        identity: Option<&'a Identity>,
    },
    /// Whom a SAML provider says; its ARN.
    Saml(&'a str),
    /// Whom an OIDC provider says; its ARN, or the name of one that IAM knows by itself.
    Oidc(&'a str),
    /// An AWS service.
    Service(&'a str),
}

impl Caller<'_> {
    /// The call by which it gets a role.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Aws { .. } | Self::Service(_) => "sts:AssumeRole",
            Self::Saml(_) => "sts:AssumeRoleWithSAML",
            Self::Oidc(_) => "sts:AssumeRoleWithWebIdentity",
        }
    }
}
