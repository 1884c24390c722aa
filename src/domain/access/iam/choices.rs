//! Questions with choices. A key that is [`Key::Free`] is one that the caller chooses, and [`Resource::Some`] is a resource that it
//! chooses: the evaluation is done for each value that a policy mentions, for one that none mentions and for none, so that the answer
//! is that of the usual evaluation for the best choice. [`Grant::given`] tells the choice.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::iam::condition::{Context, Key};
use crate::domain::access::iam::decision::{Decision, Doubt, Grant, Resource};
use crate::domain::access::iam::document::{Condition, Document, Effect, Only, Order, Statement, Test};
use crate::domain::access::iam::pattern::{Filled, Pattern, Reading};

/// What stands for a value that no policy mentions.
const OTHER: &str = "eksso-other";

/// One request with all choices made.
pub struct Asked<'a> {
    /// `eks:CreateCluster`
    pub action: &'a str,
    /// On what.
    pub resource: &'a str,
    /// Its keys.
    pub context: &'a Context,
    /// The keys that were free.
    pub free: &'a [String],
}

/// Whether a statement is about an action, by its Action or its NotAction.
pub fn is_about(statement: &Statement, action: &str) -> bool {
    let named = statement.actions.named().iter().any(|pattern| Pattern::wild(pattern).matches_in_any_case(action));
    named == matches!(statement.actions, Only::These(_))
}

/// A value to try; `None` for leaving the key out.
struct Choice {
    value: Option<String>,
    /// Whether it is worth telling: not for a value that no policy mentions.
    told: bool,
}

/// Judges each choice of keys and resource, and answers with the best one, or the worst one where every resource must
/// be allowed.
pub fn search(
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
