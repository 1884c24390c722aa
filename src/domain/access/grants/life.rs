//! Whether a mapping lets anybody in: what its list and IAM say together. Source: access.md 2.11.

use jiff::Timestamp;

use crate::domain::access::facts::Source;
use crate::domain::access::grant::Life;
use crate::domain::access::grants::index::Index;
use crate::domain::access::grants::principal::{Iam, Sort};

/// What was found of a mapping's principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there, or there is nothing to be looked for: a whole account, an identity provider.
    There,
    /// IAM does not have it.
    Gone,
    /// IAM does not have it, but another role of the same permission set, of this name.
    OtherSuffix(String),
    /// It was made after the access entry, which is bound to the one before. Changed since: whether a change binds an entry anew is not
    /// known.
    Remade {
        /// Whether the entry was changed after the principal was made.
        is_changed_since: bool,
    },
    /// A line that the authenticator can never match; why.
    NeverMatches(&'static str),
    /// A line whose principal has an access entry.
    Outranked,
    /// A line of `aws-auth` whose principal is there, where the access entries could not be read: one of them may count instead; why.
    MayBeOutranked(String),
    /// IAM was read before the list that names the principal, which it does not have: it may have been made in between.
    ReadBefore,
    /// IAM could not be read; why.
    Unreadable(String),
}

impl Found {
    /// What follows.
    pub fn life(&self) -> Life {
        match self {
            Self::There => Life::Alive,
            Self::Gone => Life::Dead("its principal is not in IAM".to_owned()),
            Self::OtherSuffix(present) => Life::Dead(format!("it is of an earlier role of that permission set; now it is {present}")),
            Self::Remade { is_changed_since: false } => {
                Life::Dead("its principal was deleted and made again under the same name".to_owned())
            }
            Self::Remade { is_changed_since: true } => Life::Unknown(
                "likely dead: its principal was deleted and made again under the same name, and the entry was changed since"
                    .to_owned(),
            ),
            Self::NeverMatches(why) => Life::Dead((*why).to_owned()),
            Self::Outranked => Life::Dead("an access entry of the same principal counts instead".to_owned()),
            Self::MayBeOutranked(why) => Life::Unknown(why.clone()),
            Self::ReadBefore => Life::Unknown(
                "its principal is not in IAM, which was read before the list that names it: --refresh reads both".to_owned(),
            ),
            Self::Unreadable(why) => Life::Unknown(format!("its account's IAM could not be read: {why}")),
        }
    }
}

/// Of the principal of an access entry, which EKS takes literally and binds to the very one that was there when it was made.
///
/// `listed` says when the entries were read.
pub fn of_entry(
    index: &Index<'_>,
    arn: &str,
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
    listed: Option<&Source>,
) -> Found {
    let Some(iam) = Iam::parse(arn) else { return Found::Unreadable("no IAM role or user has such an ARN".to_owned()) };
    let made = match iam.sort {
        Sort::Role => index.role(arn).filter(|role| role.arn == arn).map(|role| role.created),
        Sort::User if iam.name == "root" => return Found::There,
        Sort::User => index.user(arn).filter(|user| user.arn == arn).map(|user| user.created),
    };
    match (made, created) {
        (Some(Some(made)), Some(created)) if made > created => {
            Found::Remade { is_changed_since: modified.is_some_and(|modified| modified > made) }
        }
        (Some(_), _) => Found::There,
        // EKS makes no entry for a principal that is not there: one that IAM does not have later is gone.
        (None, created) => absent(index, &iam, created.or(listed.map(|source| source.at))),
    }
}

/// Of the principal of a line of `aws-auth`, which is compared by its ARN alone: it is as good as the one of that name now.
///
/// `listed` says when the lines were read.
pub fn of_line(index: &Index<'_>, arn: &str, listed: Option<&Source>) -> Found {
    let Some(iam) = Iam::parse(arn) else {
        return Found::NeverMatches("no IAM role or user has such an ARN, and a line of another kind never matches");
    };
    let is_there = match iam.sort {
        Sort::Role if !iam.path.is_empty() => {
            return Found::NeverMatches("its line has a path in the role's ARN, and such a line never matches");
        }
        Sort::Role => index.role(arn).is_some(),
        Sort::User => iam.name == "root" || index.user(arn).is_some(),
    };
    if is_there { Found::There } else { absent(index, &iam, listed.map(|source| source.at)) }
}

/// Nothing of that ARN was found among what was listed. That is no proof where the principal may have been made since: clusters and
/// accounts are kept apart for minutes, so that an account may have been read before a cluster that names a role of it.
fn absent(index: &Index<'_>, iam: &Iam<'_>, named: Option<Timestamp>) -> Found {
    if let Err(why) = index.is_listed(iam) {
        return Found::Unreadable(why);
    }
    let read = index.source(iam).map(|source| source.at);
    if let (Some(named), Some(read)) = (named, read)
        && named > read
    {
        return Found::ReadBefore;
    }
    let present = iam.set().and_then(|set| index.roles_of_set(iam.account, set).iter().find(|name| **name != iam.name));
    present.map_or(Found::Gone, |name| Found::OtherSuffix((*name).to_owned()))
}
