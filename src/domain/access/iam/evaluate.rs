//! Whether a request is allowed: policies of an identity, its boundary, service control policies by level, trust
//! policies. An explicit Deny wins; each layer must allow; what is not known makes the answer unknown only where it
//! matters. What the caller chooses is tried in turn: see [`choices`](crate::domain::access::iam::choices).
//! Source: IAM user guide, "Policy evaluation logic".

pub use crate::domain::access::iam::decision::{
    By, Caller, Controls, Decision, Doubt, Grant, Identity, Named, Narrowing, Request, Resource,
};

use crate::domain::access::iam::choices::{Asked, is_about, search};
use crate::domain::access::iam::condition::{Context, Key, Truth, holds};
use crate::domain::access::iam::document::{Condition, Document, Effect, Only, Principal, Statement};
use crate::domain::access::iam::pattern::Filled;

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
