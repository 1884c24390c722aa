//! Whether a request is allowed: policies of an identity, its boundary, service control policies by level, trust
//! policies. An explicit Deny wins; each layer must allow; what is not known makes the answer unknown only where it
//! matters. Source: IAM user guide, "Policy evaluation logic".
//!
//! Questions with choices. A key that is [`Key::Free`] is one that the caller chooses, and [`Resource::Some`] is a
//! resource that it chooses: the evaluation is done for each value that a policy mentions, for one that none mentions
//! and for none, so that the answer is that of the usual evaluation for the best choice. [`Grant::given`] tells the
//! choice, [`Grant::narrowed_by`] the conditions on free keys that took part.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::access::iam::condition::{Context, Key, Truth, holds};
use crate::domain::access::iam::document::{Condition, Document, Effect, Only, Order, Principal, Statement, Test};
use crate::domain::access::iam::pattern::{Filled, Pattern, Reading};
use crate::domain::ids::AccountId;

/// What stands for a value that no policy mentions.
const OTHER: &str = "eksso-other";

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
    fn rank(&self) -> u8 {
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

/// Whether an identity may do something.
pub fn may(identity: &Identity, request: &Request) -> Decision {
    let context = identity.context.clone().and(&request.context);
    let context = with_resource_account(context, identity, &request.resource);
    let documents = documents_of(identity);
    search(&documents, &request.action, &request.resource, &context, |asked| {
        let own = Layers::of(identity, asked);
        own.decide(&[], &[Some(own.identity.best(|_| true)), own.boundary_grant()], Vec::new())
    })
}

/// Whether a caller may have a role, by the role's trust policy and, where it is an identity of AWS, by its own
/// policies. Within an account a trust policy that names the caller suffices, one that names the account leaves it to
/// the caller's policies; across accounts both must allow.
pub fn may_assume(role: &str, trust: &Named, caller: &Caller<'_>, context: &Context) -> Decision {
    let (identity, context) = match caller {
        Caller::Aws { identity: Some(identity), .. } => (Some(*identity), identity.context.clone().and(context)),
        _ => (None, context.clone()),
    };
    let mut documents = identity.map(documents_of).unwrap_or_default();
    documents.push(&trust.document);
    search(&documents, caller.action(), &Resource::One(role.to_owned()), &context, |asked| {
        let trusted = Layer::of("its trust policy", [trust], asked, Some(caller));
        let Caller::Aws { arn, .. } = caller else {
            return Layers::default().decide(&[&trusted], &[Some(trusted.best(|_| true))], Vec::new());
        };
        let own = identity.map(|identity| Layers::of(identity, asked));
        let at_home = account_of(arn).is_some() && account_of(arn) == account_of(role);
        let judge = |standing: Standing| {
            let grant = trusted.best(|own| own == standing);
            let needs_identity = !at_home || standing == Standing::Account;
            match &own {
                Some(own) => {
                    let identity = needs_identity.then(|| own.identity.best(|_| true));
                    let boundary = if at_home && standing == Standing::Itself { None } else { own.boundary_grant() };
                    own.decide(&[&trusted], &[Some(grant), identity, boundary], Vec::new())
                }
                None => {
                    // A denial of its own policies is not known either, but nobody would name a caller to whom it is
                    // denied.
                    let doubts = if needs_identity { vec![Doubt::Caller((*arn).to_owned())] } else { Vec::new() };
                    Layers::default().decide(&[&trusted], &[Some(grant)], doubts)
                }
            }
        };
        let all = [Standing::Itself, Standing::Role, Standing::Account];
        let named = all.into_iter().filter(|standing| trusted.best(|own| own == *standing).1.is_some());
        best_of(named.map(judge)).unwrap_or_else(|| judge(Standing::Account))
    })
}

/// The better one, the first of equals.
fn best_of(all: impl IntoIterator<Item = Decision>) -> Option<Decision> {
    all.into_iter().reduce(|a, b| if b.rank() > a.rank() { b } else { a })
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

fn documents_of(identity: &Identity) -> Vec<&Document> {
    let controls = match &identity.controls {
        Controls::Levels(levels) => levels.as_slice(),
        Controls::NotBound | Controls::Hidden(_) => &[],
    };
    let named = identity.policies.iter().chain(&identity.boundary).chain(controls.iter().flatten());
    named.map(|named| &named.document).collect()
}

/// `aws:ResourceAccount` and `aws:RequestedRegion` follow from the resource, unless the asker says otherwise.
fn with_resource_account(context: Context, identity: &Identity, resource: &Resource) -> Context {
    let (Resource::One(arn) | Resource::Some(arn) | Resource::Every(arn)) = resource;
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let account = if account.is_empty() { identity.account.as_str() } else { account };
    let mut context = context;
    let unsaid = |context: &Context, key: &str| *context.get(key) == Key::Unknown;
    if !account.contains('*') && unsaid(&context, "aws:ResourceAccount") {
        context = context.is("aws:ResourceAccount", account);
    }
    if !region.is_empty() && !region.contains('*') && unsaid(&context, "aws:RequestedRegion") {
        context = context.is("aws:RequestedRegion", region);
    }
    context
}

/// One request with all choices made.
struct Asked<'a> {
    action: &'a str,
    resource: &'a str,
    context: &'a Context,
    /// The keys that were free.
    free: &'a [String],
}

/// How a trust policy names a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// A user, a session, a provider or a service by its name: neither boundary nor policies of its own must allow
    /// within the account.
    Itself,
    /// The role, or anybody: the boundary must allow, too.
    Role,
    /// The account: its policies must allow, too.
    Account,
}

/// A statement that allows.
struct Found {
    by: By,
    standing: Standing,
    doubts: Vec<Doubt>,
    narrowed_by: Vec<Narrowing>,
}

/// What the policies of one layer say.
#[derive(Default)]
struct Layer {
    name: String,
    denied: Option<By>,
    may_deny: Vec<Doubt>,
    avoided: Vec<Narrowing>,
    found: Vec<Found>,
}

impl Layer {
    fn of<'n>(
        name: &str,
        policies: impl IntoIterator<Item = &'n Named>,
        asked: &Asked<'_>,
        caller: Option<&Caller<'_>>,
    ) -> Self {
        let mut layer = Self { name: name.to_owned(), ..Self::default() };
        for policy in policies {
            let variables = policy.document.variables;
            for (index, statement) in policy.document.statements.iter().enumerate() {
                layer.add(policy, index, statement, variables, asked, caller);
            }
        }
        layer
    }

    fn add(
        &mut self,
        policy: &Named,
        index: usize,
        statement: &Statement,
        variables: bool,
        asked: &Asked<'_>,
        caller: Option<&Caller<'_>>,
    ) {
        if !is_about(statement, asked.action) {
            return;
        }
        let by = || By {
            policy: policy.name.clone(),
            statement: if statement.sid.is_empty() {
                format!("statement {}", index + 1)
            } else {
                statement.sid.clone()
            },
        };
        let mut doubts = Vec::new();
        let mut doubt = |on: String| doubts.push(Doubt::Statement { by: by(), on });
        let standing = match caller {
            None => Standing::Account,
            Some(caller) => match names(statement, caller) {
                None => return,
                Some((standing, sure)) => {
                    if !sure {
                        doubt("how NotPrincipal counts an account".into());
                    }
                    standing
                }
            },
        };
        match on_resource(statement, asked, variables) {
            Truth::No => return,
            Truth::Maybe(on) => doubt(on),
            Truth::Yes => {}
        }
        let on_free = |condition: &&Condition| asked.free.iter().any(|key| condition.is_on(key));
        let narrowings = || {
            let conditions = statement.conditions.iter().filter(on_free).cloned();
            conditions.map(|condition| Narrowing { by: by(), effect: statement.effect, condition }).collect::<Vec<_>>()
        };
        let mut held = true;
        for condition in &statement.conditions {
            match holds(condition, asked.context, variables) {
                Truth::No => held = false,
                Truth::Maybe(on) => doubt(on),
                Truth::Yes => {}
            }
        }
        match statement.effect {
            Effect::Allow if held => {
                self.found.push(Found { by: by(), standing, doubts, narrowed_by: narrowings() });
            }
            Effect::Allow => {}
            Effect::Deny if !held => self.avoided.extend(narrowings()),
            Effect::Deny if doubts.is_empty() => {
                self.denied.get_or_insert_with(by);
            }
            Effect::Deny => self.may_deny.extend(doubts),
        }
    }

    /// The statement that allows most surely and freely, and the layer's name.
    fn best(&self, standing: impl Fn(Standing) -> bool) -> (&str, Option<&Found>) {
        let fitting = self.found.iter().filter(|found| standing(found.standing));
        (&self.name, fitting.min_by_key(|found| (found.doubts.len(), found.narrowed_by.len())))
    }
}

/// The layers over an identity.
#[derive(Default)]
struct Layers {
    identity: Layer,
    boundary: Option<Layer>,
    levels: Vec<Layer>,
    hidden: Option<Doubt>,
}

type Needed<'f> = (&'f str, Option<&'f Found>);

impl Layers {
    fn of(identity: &Identity, asked: &Asked<'_>) -> Self {
        let (levels, hidden) = match &identity.controls {
            Controls::NotBound => (Vec::new(), None),
            Controls::Hidden(why) => (Vec::new(), Some(Doubt::Controls(why.clone()))),
            Controls::Levels(levels) => {
                let level = |level: &Vec<Named>| Layer::of("the service control policies", level, asked, None);
                (levels.iter().map(level).collect(), None)
            }
        };
        Self {
            identity: Layer::of("its policies", &identity.policies, asked, None),
            boundary: identity.boundary.as_ref().map(|boundary| Layer::of("its boundary", [boundary], asked, None)),
            levels,
            hidden,
        }
    }

    fn boundary_grant(&self) -> Option<Needed<'_>> {
        self.boundary.as_ref().map(|boundary| boundary.best(|_| true))
    }

    /// A denial anywhere counts; what is needed must be found, and so must a statement in each level of control.
    fn decide(&self, more: &[&Layer], needed: &[Option<Needed<'_>>], doubts: Vec<Doubt>) -> Decision {
        let own = std::iter::once(&self.identity).chain(&self.boundary).chain(&self.levels);
        let all: Vec<&Layer> = more.iter().copied().chain(own).collect();
        if let Some(by) = all.iter().find_map(|layer| layer.denied.clone()) {
            return Decision::Denied(by);
        }
        let levels = self.levels.iter().map(|level| level.best(|_| true));
        let mut grant = Grant::default();
        let mut why = doubts;
        for (name, found) in needed.iter().flatten().copied().chain(levels) {
            let Some(found) = found else { return Decision::NotAllowed(name.to_owned()) };
            grant.by.push(found.by.clone());
            grant.narrowed_by.extend(found.narrowed_by.iter().cloned());
            why.extend(found.doubts.iter().cloned());
        }
        for layer in all {
            grant.narrowed_by.extend(layer.avoided.iter().cloned());
            why.extend(layer.may_deny.iter().cloned());
        }
        why.extend(self.hidden.clone());
        if why.is_empty() { Decision::Allowed(grant) } else { Decision::Unknown { why, at_most: grant } }
    }
}

fn is_about(statement: &Statement, action: &str) -> bool {
    let named = statement.actions.named().iter().any(|pattern| Pattern::wild(pattern).matches_in_any_case(action));
    named == matches!(statement.actions, Only::These(_))
}

fn on_resource(statement: &Statement, asked: &Asked<'_>, variables: bool) -> Truth {
    let Some(resources) = &statement.resources else { return Truth::Yes };
    let mut unknown = None;
    let mut hit = false;
    for text in resources.named() {
        match asked.context.fill_resource(text, variables) {
            Filled::Pattern(pattern) => hit |= pattern.matches_resource(asked.resource),
            Filled::Nothing => {}
            Filled::Unknown(key) => unknown = Some(key),
        }
    }
    match unknown {
        Some(key) if !hit => Truth::Maybe(key),
        _ => (hit == matches!(resources, Only::These(_))).into(),
    }
}

/// How a statement of a trust policy names a caller, and whether that is sure; `None` where it does not.
fn names(statement: &Statement, caller: &Caller<'_>) -> Option<(Standing, bool)> {
    let best = |named: &[Principal]| named.iter().filter_map(|principal| standing(principal, caller)).min();
    match statement.principals.as_ref()? {
        Only::These(named) => best(named).map(|standing| (standing, true)),
        Only::AllBut(named) => match best(named) {
            None => Some((Standing::Role, true)),
            // Whether an account that is excepted excepts its roles and users, AWS does not say clearly.
            Some(Standing::Account) => Some((Standing::Role, false)),
            Some(_) => None,
        },
    }
}

fn standing(principal: &Principal, caller: &Caller<'_>) -> Option<Standing> {
    match (principal, caller) {
        (Principal::Anyone, _) => Some(Standing::Role),
        (Principal::Federated(named), Caller::Saml(own) | Caller::Oidc(own)) => {
            (named == own).then_some(Standing::Itself)
        }
        (Principal::Service(named), Caller::Service(own)) => (named == own).then_some(Standing::Itself),
        (Principal::Aws(named), Caller::Aws { arn, session, .. }) => {
            let account = account_of(arn)?;
            if named == arn {
                let is_role = arn.split(':').nth(5).is_some_and(|resource| resource.starts_with("role/"));
                Some(if is_role { Standing::Role } else { Standing::Itself })
            } else if account_named(named) == Some(account) {
                Some(Standing::Account)
            } else {
                (session_arn(arn, (*session)?)? == *named).then_some(Standing::Itself)
            }
        }
        _ => None,
    }
}

/// The account that a principal names as a whole: its root or its bare id.
pub fn account_named(principal: &str) -> Option<&str> {
    let bare = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if bare(principal) {
        return Some(principal);
    }
    let parts: Vec<&str> = principal.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] if bare(account) => Some(account),
        _ => None,
    }
}

fn session_arn(role: &str, session: &str) -> Option<String> {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return None };
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"))
}

/// A value to try; `None` for leaving the key out.
struct Choice {
    value: Option<String>,
    /// Whether it is worth telling: not for a value that no policy mentions.
    told: bool,
}

/// Judges each choice of keys and resource, and answers with the best one, or the worst one where every resource must
/// be allowed.
fn search(
    documents: &[&Document],
    action: &str,
    resource: &Resource,
    context: &Context,
    judge: impl Fn(&Asked<'_>) -> Decision,
) -> Decision {
    let relevant: Vec<(&Statement, bool)> = documents
        .iter()
        .flat_map(|document| document.statements.iter().map(|statement| (statement, document.variables)))
        .filter(|(statement, _)| is_about(statement, action))
        .collect();
    // Without a statement that allows, no choice helps.
    let hopeful = relevant.iter().any(|(statement, _)| statement.effect == Effect::Allow);
    let keys = if hopeful { choices(&relevant, context) } else { Vec::new() };
    let free: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
    let resources = resources(&relevant, resource, context);
    let every = matches!(resource, Resource::Every(_));
    // Small policies are tried in full; the work is bounded for those that no person writes.
    let size: usize = relevant.iter().map(|(statement, _)| weight(statement)).sum();
    let mut left = (5_000_000 / size.max(1)).clamp(64, 20_000);
    let mut answer: Option<Decision> = None;
    for (resource, told) in &resources {
        let mut best: Option<Decision> = None;
        let mut at = vec![0; keys.len()];
        loop {
            if left == 0 {
                let found = best.take().filter(|best| best.rank() >= 1);
                best = Some(
                    found.unwrap_or_else(|| Decision::Unknown { why: vec![Doubt::Choices], at_most: Grant::default() }),
                );
                break;
            }
            left -= 1;
            let mut chosen = context.clone();
            let mut given = Vec::new();
            if *told {
                given.push(("resource".to_owned(), Some(resource.clone())));
            }
            for ((key, choices), at) in keys.iter().zip(&at) {
                let choice = &choices[*at];
                chosen = chosen.key(key, choice.value.clone().map_or(Key::Absent, |value| Key::Is(vec![value])));
                if choice.told {
                    given.push((key.clone(), choice.value.clone()));
                }
            }
            let asked = Asked { action, resource, context: &chosen, free: &free };
            let mut decision = judge(&asked);
            if let Decision::Allowed(grant) | Decision::Unknown { at_most: grant, .. } = &mut decision {
                grant.given = given;
            }
            let done = decision.rank() == 2;
            if best.as_ref().is_none_or(|best| decision.rank() > best.rank()) {
                best = Some(decision);
            }
            if done || !step(&mut at, &keys) {
                break;
            }
        }
        let Some(best) = best else { continue };
        let stop = best.rank() == if every { 0 } else { 2 };
        let better = |known: &Decision| if every { best.rank() < known.rank() } else { best.rank() > known.rank() };
        if answer.as_ref().is_none_or(better) {
            answer = Some(best);
        }
        if stop {
            break;
        }
    }
    answer.unwrap_or_else(|| Decision::NotAllowed("any policy".into()))
}

/// The next choice, the last key going round first.
fn step(at: &mut [usize], keys: &[(String, Vec<Choice>)]) -> bool {
    for (at, (_, choices)) in at.iter_mut().zip(keys).rev() {
        *at += 1;
        if *at < choices.len() {
            return true;
        }
        *at = 0;
    }
    false
}

fn weight(statement: &Statement) -> usize {
    let resources = statement.resources.as_ref().map_or(&[][..], Only::named);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    64 + resources.iter().chain(values).map(String::len).sum::<usize>()
}

/// Keys that variables of a text ask for.
fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split([',', '}']).next()).map(str::trim)
}

/// The free keys that matter, each with the values that make a difference. A key that a variable stands for is left
/// out: which value would fit cannot be told from the policies, so that what depends on it stays unknown.
fn choices(relevant: &[(&Statement, bool)], context: &Context) -> Vec<(String, Vec<Choice>)> {
    let mut conditions: BTreeMap<String, Vec<(&Condition, bool)>> = BTreeMap::new();
    let mut in_variables = BTreeSet::new();
    for (statement, variables) in relevant {
        for condition in statement.conditions.iter().filter(|condition| *context.get(&condition.key) == Key::Free) {
            conditions.entry(condition.key.to_ascii_lowercase()).or_default().push((condition, *variables));
        }
        let resources = statement.resources.as_ref().map_or(&[][..], Only::named);
        let texts = resources.iter().chain(statement.conditions.iter().flat_map(|condition| &condition.values));
        let named = texts.filter(|_| *variables).flat_map(|text| variables_in(text));
        in_variables.extend(named.map(str::to_ascii_lowercase));
    }
    conditions.retain(|key, _| !in_variables.contains(key));
    conditions.into_iter().map(|(key, conditions)| (key, values_worth_trying(&conditions, context))).collect()
}

fn values_worth_trying(conditions: &[(&Condition, bool)], context: &Context) -> Vec<Choice> {
    let tests: Vec<Test> = conditions.iter().map(|(condition, _)| condition.operator.test).collect();
    let mut values: Vec<Choice> = Vec::new();
    let mut known = BTreeSet::new();
    let mut add = |value: Option<String>, told: bool| {
        if known.insert(value.clone()) {
            values.push(Choice { value, told });
        }
    };
    if tests.contains(&Test::Bool) {
        add(Some("true".into()), true);
        add(Some("false".into()), true);
    } else if tests.contains(&Test::Arn) {
        add(Some(format!("arn:aws:iam::000000000000:role/{OTHER}")), false);
    } else if tests.contains(&Test::Ip) {
        // Documentation addresses: nobody allows or denies them alone.
        add(Some("192.0.2.1".into()), false);
    } else {
        add(Some(OTHER.into()), false);
    }
    for (condition, variables) in conditions {
        for value in &condition.values {
            let wildcards = matches!(condition.operator.test, Test::StringLike | Test::Arn);
            let Filled::Pattern(pattern) = context.fill(value, Reading { wildcards, variables: *variables }) else {
                continue;
            };
            let text = pattern.example(OTHER);
            match condition.operator.test {
                Test::Null | Test::Unknown => {}
                Test::Numeric(_) | Test::Date(_) if condition.operator.test != Test::Numeric(Order::Same) => {
                    for near in near(&text) {
                        add(Some(near), true);
                    }
                    add(Some(text), true);
                }
                Test::Ip => add(Some(text.split('/').next().unwrap_or_default().to_owned()), true),
                _ => add(Some(text), true),
            }
        }
    }
    add(None, true);
    values
}

/// Values before and after a number or a time: an order tells them apart.
fn near(text: &str) -> Vec<String> {
    if let Ok(number) = text.parse::<f64>() {
        return vec![(number - 1.0).to_string(), (number + 1.0).to_string()];
    }
    let time = text.parse::<jiff::Timestamp>().ok();
    let moved = |seconds| time.and_then(|time| time.checked_add(jiff::SignedDuration::from_secs(seconds)).ok());
    [moved(-1), moved(1)].into_iter().flatten().map(|time| time.to_string()).collect()
}

/// The resources to judge, and whether it is worth telling which: one that no policy mentions comes first.
fn resources(relevant: &[(&Statement, bool)], resource: &Resource, context: &Context) -> Vec<(String, bool)> {
    let pattern = match resource {
        Resource::One(arn) => return vec![(arn.clone(), false)],
        Resource::Some(pattern) | Resource::Every(pattern) => Pattern::wild(pattern),
    };
    let mut all = vec![(pattern.example(OTHER), false)];
    let mut seen = BTreeSet::from([pattern.example(OTHER)]);
    for (statement, variables) in relevant {
        for text in statement.resources.as_ref().map_or(&[][..], Only::named) {
            let Filled::Pattern(named) = context.fill_resource(text, *variables) else {
                continue;
            };
            let Some(common) = named.common_resource(&pattern, OTHER) else { continue };
            if seen.insert(common.clone()) {
                all.push((common, true));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::iam::document::parse;

    const ROLE: &str = "arn:aws:iam::111122223333:role/Dev";

    fn named(name: &str, statements: &str) -> Named {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
        Named { name: name.into(), document: parse(&text).expect("a policy") }
    }

    fn identity(statements: &str) -> Identity {
        let context =
            Context::new().unknown("aws:*").is("aws:PrincipalArn", ROLE).is("aws:PrincipalAccount", "111122223333");
        Identity {
            arn: ROLE.into(),
            account: "111122223333".parse().expect("an id"),
            policies: vec![named("own", statements)],
            boundary: None,
            controls: Controls::NotBound,
            context,
        }
    }

    fn grant(decision: Decision) -> Grant {
        match decision {
            Decision::Allowed(grant) => grant,
            other => panic!("{other:?}"),
        }
    }

    const ALL: &str = r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]"#;

    #[test]
    fn a_denial_wins_and_says_which_statement_it_is() {
        let own = identity(
            r#"[{"Effect":"Allow","Action":"eks:*","Resource":"*"},
                {"Sid":"No","Effect":"Deny","Action":"EKS:createcluster","Resource":"*"}]"#,
        );
        let by = By { policy: "own".into(), statement: "No".into() };
        assert_eq!(may(&own, &Request::new("eks:CreateCluster", "*")), Decision::Denied(by));
        let allowed = grant(may(&own, &Request::new("eks:ListClusters", "*")));
        assert_eq!(allowed.by, [By { policy: "own".into(), statement: "statement 1".into() }]);
        assert_eq!(may(&own, &Request::new("iam:GetRole", ROLE)), Decision::NotAllowed("its policies".into()));
    }

    #[test]
    fn hidden_control_policies_make_unknown_what_would_be_allowed_and_nothing_else() {
        let mut own = identity(r#"[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]"#);
        own.controls = Controls::Hidden("AccessDenied".into());
        let answer = may(&own, &Request::new("eks:ListClusters", "*"));
        assert!(matches!(&answer, Decision::Unknown { why, .. } if why == &[Doubt::Controls("AccessDenied".into())]));
        assert!(answer.granted().is_some());
        assert!(matches!(may(&own, &Request::new("iam:GetRole", ROLE)), Decision::NotAllowed(_)));
    }

    #[test]
    fn each_level_of_control_policies_must_allow() {
        let mut own = identity(ALL);
        let eks = || named("eks only", r#"[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]"#);
        let all = || named("FullAWSAccess", ALL);
        own.controls = Controls::Levels(vec![vec![all()], vec![eks(), all()], vec![eks()]]);
        assert_eq!(grant(may(&own, &Request::new("eks:ListClusters", "*"))).by.len(), 4);
        let answer = may(&own, &Request::new("iam:GetRole", ROLE));
        assert_eq!(answer, Decision::NotAllowed("the service control policies".into()));
    }

    #[test]
    fn a_condition_on_what_is_not_known_is_neither_allowed_nor_denied() {
        let own = identity(
            r#"[{"Effect":"Allow","Action":"eks:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]"#,
        );
        let answer = may(&own, &Request::new("eks:ListClusters", "*"));
        let Decision::Unknown { why, .. } = &answer else { panic!("{answer:?}") };
        assert_eq!(why[0].to_string(), "own, statement 1 depends on aws:SourceIp, which is not known");
        assert!(answer.granted().is_none());
        let mut known = Request::new("eks:ListClusters", "*");
        known.context = Context::new().is("aws:SourceIp", "10.1.2.3");
        grant(may(&own, &known));
    }

    #[test]
    fn what_the_caller_chooses_is_chosen_well_and_told() {
        let own = identity(
            r#"[{"Sid":"Some","Effect":"Allow","Action":"eks:AssociateAccessPolicy","Resource":"arn:aws:eks:*:*:access-entry/prod/*",
                 "Condition":{"ArnEquals":{"eks:policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}}},
                {"Sid":"Never","Effect":"Deny","Action":"eks:*","Resource":"*","Condition":{"StringEquals":{"eks:accessScope":"cluster"}}}]"#,
        );
        let entries =
            |cluster: &str| Resource::Some(format!("arn:aws:eks:eu-west-1:111122223333:access-entry/{cluster}/*"));
        let granted = grant(may(&own, &Request::of_choice("eks:AssociateAccessPolicy", entries("prod"))));
        let view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy".to_owned();
        assert_eq!(granted.given, [("eks:policyarn".to_owned(), Some(view))]);
        let keys: Vec<_> = granted.narrowed_by.iter().map(|narrowing| narrowing.condition.key.as_str()).collect();
        assert_eq!(keys, ["eks:policyArn", "eks:accessScope"]);
        let admin = Request::of_choice("eks:AssociateAccessPolicy", entries("prod"));
        let admin = Request {
            context: admin
                .context
                .is("eks:policyArn", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"),
            ..admin
        };
        assert!(matches!(may(&own, &admin), Decision::NotAllowed(_)));
        let other = Request::of_choice("eks:AssociateAccessPolicy", entries("test"));
        assert!(matches!(may(&own, &other), Decision::NotAllowed(_)));
    }

    #[test]
    fn some_resource_and_every_resource_are_different_questions() {
        let own = identity(
            r#"[{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/eks/*"},
                {"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},
                {"Effect":"Deny","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/eks/*"}]"#,
        );
        let ask = |action: &str, resource| may(&own, &Request::of_choice(action, resource));
        let roles = "arn:aws:iam::111122223333:role/*".to_owned();
        let some = grant(ask("iam:PassRole", Resource::Some(roles.clone())));
        assert!(some.given[0].1.as_deref().is_some_and(|role| role.starts_with("arn:aws:iam::111122223333:role/eks/")));
        assert!(matches!(ask("iam:PassRole", Resource::Every(roles.clone())), Decision::NotAllowed(_)));
        assert!(grant(ask("sts:AssumeRole", Resource::Some(roles.clone()))).given.is_empty());
        assert!(matches!(ask("sts:AssumeRole", Resource::Every(roles.clone())), Decision::Denied(_)));
        grant(ask("sts:AssumeRole", Resource::Every("arn:aws:iam::111122223333:role/web/*".into())));
    }

    #[test]
    fn a_trust_policy_lets_in_whom_it_names_and_leaves_an_account_to_its_own_policies() {
        let trusts = |principal: &str| {
            named("trust", &format!(r#"[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]"#))
        };
        let (nothing, all) = (identity("[]"), identity(ALL));
        let target = "arn:aws:iam::111122223333:role/Admin";
        let foreign = "arn:aws:iam::444455556666:role/Admin";
        let ask = |role: &str, principal: &str, identity| {
            let caller = Caller::Aws { arn: ROLE, session: None, identity };
            may_assume(role, &trusts(principal), &caller, &Context::new())
        };
        let root = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
        let by_name = r#"{"AWS":"arn:aws:iam::111122223333:role/Dev"}"#;
        assert_eq!(ask(target, root, Some(&nothing)), Decision::NotAllowed("its policies".into()));
        assert_eq!(grant(ask(target, root, Some(&all))).by.len(), 2);
        assert_eq!(grant(ask(target, r#"{"AWS":"111122223333"}"#, Some(&all))).by.len(), 2);
        grant(ask(target, by_name, Some(&nothing)));
        grant(ask(target, by_name, None));
        assert!(matches!(ask(target, root, None), Decision::Unknown { .. }));
        assert!(matches!(ask(foreign, by_name, Some(&nothing)), Decision::NotAllowed(_)));
        grant(ask(foreign, by_name, Some(&all)));
        assert!(matches!(ask(foreign, by_name, None), Decision::Unknown { .. }));
    }
}
