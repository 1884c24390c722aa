//! Whether a cluster lets a role in, and as whom, from what could be seen of it. Source of the rules: protocols.md D.1, E.4.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::domain::access::admission::{Admission, AuthMode, Entry, Judgement, Listed, Policy, Review};
use crate::domain::chained_role::ChainedRole;
use crate::domain::ids::{AccountId, RoleArn, RoleName};
use crate::domain::partition::Partition;
use crate::domain::role_arn::{Origin, Principal};

/// What counts as the same moment: two answers of one cluster this near tell of the same cluster, STS and clock.
const MOMENT: SignedDuration = SignedDuration::from_mins(2);
const TWINS: &str = "several live roles of permission sets of that name in the account (several Identity Center instances, at \
                     one time or another), and which of them is yours was not told; --role with its name asks";
/// Types of access entries that are for machines. Source: access.md 2.3.
const NODES: [&str; 6] = ["EC2_LINUX", "EC2_WINDOWS", "EC2", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX"];

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// An access entry.
    AccessEntry,
    /// A line of `aws-auth`.
    AwsAuth,
    /// The cluster itself.
    Review,
}

impl Evidence {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::AccessEntry => "an access entry",
            Self::AwsAuth => "a line of aws-auth",
            Self::Review => "the cluster itself",
        }
    }
}

/// How far it was checked that an entry is of the role as it is now, and not of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The cluster itself let the role in.
    Cluster,
    /// The name of the IAM role behind it now is the entry's. A permission set's role gets a new suffix when it is made anew,
    /// and `aws-auth` compares nothing but the ARN: this is certain.
    IamRole,
    /// The names are one. An access entry is bound to the very role, so that one of a role that was deleted and made again
    /// under its old name is dead, which no list shows. Source: EKS user guide, creating-access-entries.
    Name,
    /// Which IAM role stands behind the permission set now is not known.
    Unchecked,
}

/// What a cluster knows a role as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The Kubernetes user, `{{SessionName}}` unfilled; empty where it could not be seen.
    pub user: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// Its access policies.
    pub policies: Vec<Policy>,
    /// Where this comes from.
    pub by: Evidence,
    /// How far it is known to be of the role as it is now.
    pub check: Check,
}

/// Whether a role is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, as this.
    Mapped(Mapping),
    /// No, and why.
    NotMapped(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// What one list says.
enum Answer {
    Mapped(Mapping),
    /// It names the role, and that keeps it out: no other list is asked.
    Refused(String),
    /// It does not name the role as it is now; why, or nothing where the list does not count.
    Absent(String),
    Unknown(String),
}

/// Whose admission is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The cluster's partition.
    pub partition: Partition,
    /// The account of the role.
    pub account: &'a AccountId,
    /// The permission set, or the role's own name.
    pub role: &'a RoleName,
    /// The role's ARN, where it is assumed from an assigned one.
    pub assumed: Option<&'a RoleArn>,
    /// Who made the IAM role.
    pub origin: Origin,
    /// What a permission set's IAM role may be called now: one name where it is known, none where nothing is, several where
    /// the account has roles of several sets of that name.
    pub iam_roles: &'a [String],
}

impl<'a> Subject<'a> {
    /// A role that is assumed from an assigned one, as a cluster of that partition sees it: an IAM role under its own name.
    pub fn assumed(partition: Partition, ChainedRole { account, name: role, arn, .. }: &'a ChainedRole) -> Self {
        Self { partition, account, role, assumed: Some(arn), origin: Origin::Plain, iam_roles: &[] }
    }
}

impl Subject<'_> {
    /// Whether an access entry's ARN may be of this role, present or past. EKS takes ARNs literally.
    pub fn concerns_entry(&self, arn: &str) -> bool {
        self.entry_name(arn).is_some()
    }

    /// The name of the IAM role that an access entry is for, if it may be this role.
    fn entry_name<'e>(&self, arn: &'e str) -> Option<&'e str> {
        // Most are of another role, as the end of an ARN tells already.
        if !self.origin.may_end_as(arn, self.role.as_str()) {
            return None;
        }
        let found = Principal::parse(arn)?;
        let is_own = found.partition == self.partition.arn()
            && found.account == self.account.as_str()
            && self.origin.is_name_of(found.name, self.role.as_str());
        is_own.then_some(found.name)
    }

    /// Whether the principal of a line of `aws-auth` may be of this role, present or past, or of its whole account.
    pub fn concerns_line(&self, principal: &str) -> bool {
        self.is_own_account(principal) || self.line_name(principal).is_some()
    }

    fn is_own_account(&self, principal: &str) -> bool {
        principal == self.account.as_str()
    }

    /// The name of the role that a line names, and whether it has a path, if the line may be of this role.
    fn line_name(&self, principal: &str) -> Option<(String, bool)> {
        let arn = principal.to_ascii_lowercase();
        let found = Principal::parse(&arn)?;
        let is_own = found.partition == self.partition.arn()
            && found.account == self.account.as_str()
            && self.origin.is_name_of_in_any_case(found.name, self.role.as_str());
        is_own.then(|| (found.name.to_owned(), !found.path.is_empty()))
    }

    /// Whether anything is known of what its IAM role is called now.
    fn is_known(&self) -> bool {
        self.origin == Origin::Plain || !self.iam_roles.is_empty()
    }

    /// Whether other live roles are of a permission set of that name, too.
    fn has_twins(&self) -> bool {
        self.origin == Origin::PermissionSet && self.iam_roles.len() > 1
    }

    /// Whether its IAM role may have a name now.
    fn may_be(&self, is: impl Fn(&str) -> bool) -> bool {
        match self.origin {
            Origin::Plain => is(self.role.as_str()),
            Origin::PermissionSet => self.iam_roles.iter().any(|name| is(name)),
        }
    }

    fn among_entries(&self, entries: &Listed<Vec<Entry>>) -> Answer {
        let entries = match entries {
            Listed::Unasked => return Answer::Unknown("its access entries were not looked at".to_owned()),
            Listed::Hidden(why) => return Answer::Unknown(why.clone()),
            Listed::Seen(entries) => entries,
        };
        let mut own = entries.iter().filter_map(|entry| Some((entry, self.entry_name(&entry.principal)?)));
        let Some(first) = own.next() else { return Answer::Absent("no access entry names it".to_owned()) };
        let rest: Vec<(&Entry, &str)> = own.collect();
        if !self.is_known() {
            return match rest.as_slice() {
                [] => first.0.answer(Evidence::AccessEntry, Check::Unchecked),
                _ => Answer::Unknown("several access entries are of this permission set".to_owned()),
            };
        }
        let check = if self.origin == Origin::Plain { Check::Name } else { Check::IamRole };
        let mut live = std::iter::once(&first).chain(&rest).filter(|(_, name)| self.may_be(|present| *name == present));
        match (live.next(), live.next()) {
            (Some(_), _) if self.has_twins() => Answer::Unknown(format!("an access entry names one of {TWINS}")),
            (Some((only, _)), None) => only.answer(Evidence::AccessEntry, check),
            (None, _) => Answer::Absent(format!(
                "its access entry is dead: it is of an earlier role of that permission set, {}",
                first.1
            )),
            // IAM has one role of a name whatever its path, so one of them at most is alive.
            (Some(_), Some(_)) => Answer::Unknown("several access entries name it, with different paths".to_owned()),
        }
    }

    /// A line matches only without a path, whatever its case. The caller has the last of several lines with one ARN only.
    fn among_lines(&self, lines: &Listed<Vec<Entry>>, unread: &[String], ignored: &[String]) -> Answer {
        let lines = match lines {
            Listed::Unasked => return Answer::Unknown("aws-auth was not looked at".to_owned()),
            Listed::Hidden(why) => return Answer::Unknown(why.clone()),
            Listed::Seen(lines) => lines,
        };
        let own = lines.iter().filter_map(|line| Some((line, self.line_name(&line.principal)?)));
        let (useless, useful): (Vec<_>, Vec<_>) = own.partition(|(_, (_, has_path))| *has_path);
        let is_live = |name: &str| self.may_be(|present| name.eq_ignore_ascii_case(present));
        match useful.as_slice() {
            useful if self.is_known() => match useful.iter().find(|(_, (name, _))| is_live(name)) {
                Some(_) if self.has_twins() => {
                    return Answer::Unknown(format!("a line of aws-auth names one of {TWINS}"));
                }
                Some((line, _)) => return line.answer(Evidence::AwsAuth, Check::IamRole),
                None => {}
            },
            [] => {}
            [(only, _)] => return only.answer(Evidence::AwsAuth, Check::Unchecked),
            _ => return Answer::Unknown("several lines of aws-auth are of this permission set".to_owned()),
        }
        if let Some(whole) = lines.iter().find(|line| self.is_own_account(&line.principal)) {
            return whole.answer(Evidence::AwsAuth, Check::IamRole);
        }
        if let Some(why) = unread.first() {
            return Answer::Unknown(why.clone());
        }
        Answer::Absent(match (useful.is_empty(), useless.is_empty()) {
            (false, _) => "its line in aws-auth is of an earlier role of that permission set".to_owned(),
            (true, false) => "its line in aws-auth has a path in the ARN, and such a line never matches".to_owned(),
            (true, true) => {
                let ignored = ignored.iter().map(|key| format!("; {key}"));
                std::iter::once("aws-auth does not name it".to_owned()).chain(ignored).collect()
            }
        })
    }
}

impl Entry {
    /// Whether it can let a person in. `{{EC2PrivateDNSName}}` can be filled in for an instance only, and a mapping that
    /// cannot be filled in is refused (aws-iam-authenticator `pkg/server/server.go`, renderTemplate).
    pub fn is_for_nodes(&self) -> bool {
        let template = |text: &String| text.contains("{{EC2PrivateDNSName}}");
        self.kind.as_deref().is_some_and(|kind| NODES.contains(&kind))
            || template(&self.user)
            || self.groups.iter().any(template)
    }

    /// What it says of a role that it is certainly of, as far as it can be one's.
    fn answer(&self, by: Evidence, check: Check) -> Answer {
        let what = by.words();
        if let Some(why) = &self.unread {
            return Answer::Unknown(format!("{what} names it, but cannot be read: {why}"));
        }
        if self.is_for_nodes() {
            return Answer::Refused(format!("{what} names it for nodes, and lets no person in"));
        }
        if let Some(kind) = &self.kind {
            return Answer::Unknown(format!("{what} names it, of the type {kind}, which eksso does not know"));
        }
        let (user, groups, policies) = (self.user.clone(), self.groups.clone(), self.policies.clone());
        Answer::Mapped(Mapping { user, groups, policies, by, check })
    }
}

impl Admission {
    /// The principals that its lists name, as they stand there.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        fn of(list: &Listed<Vec<Entry>>) -> &[Entry] {
            if let Listed::Seen(entries) = list { entries } else { &[] }
        }
        let entries = of(&self.entries).iter().chain(of(&self.config_map));
        entries.map(|entry| entry.principal.as_str())
    }

    /// Whether some list names the permission set, so that it counts which IAM role stands behind it now.
    pub fn names_set_of(&self, subject: &Subject<'_>) -> bool {
        let has = |list: &Listed<Vec<Entry>>, is_own: &dyn Fn(&Entry) -> bool| matches!(list, Listed::Seen(entries) if entries.iter().any(is_own));
        subject.origin == Origin::PermissionSet
            && (has(&self.entries, &|entry| subject.concerns_entry(&entry.principal))
                || has(&self.config_map, &|line| subject.line_name(&line.principal).is_some()))
    }

    /// Decides for one role. What the cluster said itself counts more than any list; a cluster that was to be asked and could
    /// not is unknown, whatever its lists say.
    pub fn verdict(&self, mode: Option<AuthMode>, subject: &Subject<'_>) -> Verdict {
        let listed = self.listed(mode, subject);
        let review = match subject.assumed {
            Some(arn) => self.assumed_reviews.get(arn),
            None => self.reviews.get(subject.role),
        };
        match review {
            Some((_, Review::Known(user, groups))) => {
                let (mut user, mut groups, mut policies) = (user.clone(), groups.clone(), Vec::new());
                if let Verdict::Mapped(mapping) = listed {
                    policies = mapping.policies;
                    if user.is_empty() && groups.is_empty() {
                        (user, groups) = (mapping.user, mapping.groups);
                    }
                }
                Verdict::Mapped(Mapping { user, groups, policies, by: Evidence::Review, check: Check::Cluster })
            }
            Some((at, Review::Refused(judgement))) => self.refused(*at, judgement, listed),
            Some((_, Review::Unreachable(why))) => Verdict::Unknown(match listed {
                Verdict::Unknown(_) => format!("it could not be asked: {why}"),
                known => format!("it could not be asked: {why}; its lists say {}: {}", known.word(), known.reason()),
            }),
            None => listed,
        }
    }

    /// What a 401 means. Beside a list that names the role it has several reasons: an earlier role of that name, an entry
    /// that is seconds old, STS throttled or out of the cluster's reach, another cluster at that address, a bad token.
    fn refused(&self, at: Timestamp, judgement: &Judgement, listed: Verdict) -> Verdict {
        let let_in = |(then, review): &(Timestamp, Review)| {
            matches!(review, Review::Known(..)) && at.duration_since(*then).abs() < MOMENT
        };
        let others = self.reviews.values().chain(self.assumed_reviews.values()).any(let_in);
        let bad = matches!(judgement, Judgement::Bad(_));
        match listed {
            Verdict::NotMapped(why) if why.is_empty() => Verdict::NotMapped("the cluster refused it (401)".to_owned()),
            Verdict::NotMapped(why) => Verdict::NotMapped(why),
            Verdict::Mapped(mapping) => {
                let line = if mapping.by == Evidence::AwsAuth { "a line of aws-auth" } else { "an entry" };
                let what = format!("refused (401) although {line} names it");
                if others && !bad {
                    return Verdict::NotMapped(format!(
                        "{what}, while another role got in: it is of an earlier role of the same name, or seconds old"
                    ));
                }
                Verdict::Unknown(format!("{what}: {}", judgement.words()))
            }
            Verdict::Unknown(_) if !bad && (others || *judgement == Judgement::Good) => {
                Verdict::NotMapped("the cluster refused it (401)".to_owned())
            }
            Verdict::Unknown(_) => Verdict::Unknown(format!("refused (401): {}", judgement.words())),
        }
    }

    /// What the lists alone say.
    pub fn listed(&self, mode: Option<AuthMode>, subject: &Subject<'_>) -> Verdict {
        let nothing = || Answer::Absent(String::new());
        let by_entry =
            if mode.is_none_or(AuthMode::has_entries) { subject.among_entries(&self.entries) } else { nothing() };
        let by_line = match mode.is_none_or(AuthMode::has_config_map) {
            true => subject.among_lines(&self.config_map, &self.unread_lines, &self.ignored_keys),
            false => nothing(),
        };
        match (by_entry, by_line) {
            (Answer::Mapped(mapping), _) => Verdict::Mapped(mapping),
            // An entry overrides a line of the same ARN. Source: EKS user guide, migrating-access-entries.
            (Answer::Refused(why), _) => Verdict::NotMapped(why),
            (_, Answer::Mapped(mapping)) => Verdict::Mapped(mapping),
            (Answer::Unknown(why), _) | (_, Answer::Unknown(why)) => Verdict::Unknown(why),
            (_, Answer::Refused(why)) => Verdict::NotMapped(why),
            (Answer::Absent(entry), Answer::Absent(line)) => {
                let why = match (entry.is_empty(), line.is_empty()) {
                    (true, _) => line,
                    (_, true) => entry,
                    _ => format!("{entry}; {line}"),
                };
                // The role that made the cluster is in no list. Source: EKS user guide, auth-configmap.
                if mode == Some(AuthMode::ConfigMap) {
                    return Verdict::Unknown(format!(
                        "{why}; the role that made the cluster needs no line: --verify asks"
                    ));
                }
                Verdict::NotMapped(why)
            }
        }
    }

    /// Drops what is no fact: answers that could not be had, and refusals that a list contradicts or that nothing proves.
    /// Answers whether the rest may be kept.
    pub fn settle(
        &mut self,
        now: Timestamp,
        mode: Option<AuthMode>,
        (partition, account, origin): (Partition, &AccountId, Origin),
    ) -> bool {
        let reviews = std::mem::take(&mut self.reviews);
        let is_fact = |role: &RoleName, (at, review): &(Timestamp, Review)| {
            let subject = Subject { partition, account, role, assumed: None, origin, iam_roles: &[] };
            *at <= now
                && match review {
                    Review::Known(..) => true,
                    Review::Refused(Judgement::Good) => !matches!(self.listed(mode, &subject), Verdict::Mapped(_)),
                    Review::Refused(_) | Review::Unreachable(_) => false,
                }
        };
        let reviews = reviews.into_iter().filter(|(role, review)| is_fact(role, review)).collect();
        self.reviews = reviews;
        // What is assumed is offered where a list names it: a refusal would contradict that.
        self.assumed_reviews.retain(|_, (at, review)| *at <= now && matches!(review, Review::Known(..)));
        !self.passing
    }
}

impl Mapping {
    /// Whether it is certain that this is of the role as it is now.
    pub fn is_checked(&self) -> bool {
        matches!(self.check, Check::Cluster | Check::IamRole)
    }

    /// What the role is there, in a few words: policies with where they hold, then groups, else the user.
    pub fn summary(&self) -> String {
        fn words(policy: &Policy) -> Cow<'_, str> {
            let name = policy.name.strip_prefix("AmazonEKS").unwrap_or(&policy.name);
            let name = name.strip_suffix("Policy").unwrap_or(name);
            match policy.namespaces.as_slice() {
                [] => Cow::Borrowed(name),
                namespaces => Cow::Owned(format!("{name} in {}", namespaces.join(","))),
            }
        }
        let policies = self.policies.iter().map(words);
        // Everybody who comes in is in this one.
        let groups = self.groups.iter().filter(|group| *group != "system:authenticated").map(Cow::from);
        let mut all = String::new();
        for one in policies.chain(groups) {
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(&one);
        }
        if all.is_empty() { self.user.clone() } else { all }
    }
}

impl Verdict {
    /// What the role is let in as.
    pub fn mapping(&self) -> Option<&Mapping> {
        if let Self::Mapped(mapping) = self { Some(mapping) } else { None }
    }

    /// `yes`, `no` or `unknown`, and `yes?` where it is not certain that the entry is of the role as it is now.
    pub fn table_word(&self) -> &'static str {
        match self {
            Self::Mapped(mapping) if !mapping.is_checked() => "yes?",
            other => other.word(),
        }
    }

    /// `yes`, `no` or `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Mapped(_) => "yes",
            Self::NotMapped(_) => "no",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What it is as, or why not.
    pub fn reason(&self) -> String {
        match self {
            Self::Mapped(mapping) => mapping.summary(),
            Self::NotMapped(why) | Self::Unknown(why) => why.clone(),
        }
    }
}
