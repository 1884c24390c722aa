//! What IAM allows: a table of requests, judged by our evaluator here and by iam-simulate in tests/real. Its rows
//! follow access.md 5.3 and the IAM user guide; the text of PowerUserAccess is that of v12.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eksso::domain::access::facts::{Account, Fact, Facts, IamGroup, IamRole, IamUser, Permissions, Source};
use eksso::domain::access::iam::condition::{Context, Key};
use eksso::domain::access::iam::document::parse;
use eksso::domain::access::iam::effective::{of_role, of_user};
use eksso::domain::access::iam::evaluate::{
    Caller, Controls, Decision, Identity, Named, Request, Resource, may, may_assume,
};
use eksso::domain::access::iam::trust;
use eksso::domain::ids::AccountId;
use proptest::prelude::*;
use serde_json::Value;

/// Where the table lies.
pub fn table_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/access/iam_table.json")
}

/// The table.
pub fn table() -> Value {
    serde_json::from_slice(&std::fs::read(table_file()).expect("the table")).expect("JSON")
}

fn source() -> Source {
    Source {
        call: "iam:GetAccountAuthorizationDetails".into(),
        by: "test".into(),
        at: "2026-11-26T00:00:00Z".parse().expect("a time"),
    }
}

fn seen<T>(value: T) -> Fact<T> {
    Fact::seen(value, source())
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().map(|list| list.iter().map(text).collect()).unwrap_or_default()
}

/// A principal of the table as it would have been read: inline policies, PowerUserAccess attached, groups, boundary,
/// control policies.
fn identity(table: &Value, name: &str) -> Identity {
    let who = &table["principals"][name];
    let arn = text(&who["arn"]).to_owned();
    let account: AccountId = arn.split(':').nth(4).expect("an account").parse().expect("an id");
    let document = |name: &str| table["policies"][name].to_string();
    let mut permissions = Permissions::default();
    for policy in names(&who["policies"]) {
        if policy == "PowerUserAccess" {
            permissions.attached.push("arn:aws:iam::aws:policy/PowerUserAccess".into());
        } else {
            permissions.inline.push((policy.into(), document(policy)));
        }
    }
    let mut facts = Facts::default();
    let power = seen(document("PowerUserAccess"));
    facts.aws_policies.insert("arn:aws:iam::aws:policy/PowerUserAccess".into(), power);
    let mut own = Account::default();
    if let Some(boundary) = who["boundary"].as_str() {
        let arn = format!("arn:aws:iam::{account}:policy/{boundary}");
        own.policies = seen([(arn.clone(), document(boundary))].into());
        permissions.boundary = Some(arn);
    }
    let group = |(name, policies): (&String, &Value)| {
        let inline = names(policies).iter().map(|policy| ((*policy).to_owned(), document(policy))).collect();
        IamGroup { name: name.clone(), permissions: Permissions { inline, ..Permissions::default() } }
    };
    let groups: Vec<IamGroup> =
        who["groups"].as_object().map(|all| all.iter().map(group).collect()).unwrap_or_default();
    let member = groups.iter().map(|group| group.name.clone()).collect();
    own.groups = seen(groups);
    match who["levels"].as_array() {
        Some(levels) => {
            let level = |level: &Value| names(level).into_iter().map(document).collect();
            let levels: Vec<Vec<String>> = levels.iter().map(level).collect();
            facts.organization.control_policies.insert(account.clone(), seen(levels));
        }
        None => facts.organization.management = seen(account.clone()),
    }
    facts.accounts.insert(account.clone(), own);
    let tags: BTreeMap<String, String> = serde_json::from_value(who["tags"].clone()).unwrap_or_default();
    let permissions = seen(permissions);
    let identity = if arn.contains(":user/") {
        of_user(&facts, &account, &IamUser { arn, permissions, groups: member, tags, ..IamUser::default() })
    } else {
        of_role(&facts, &account, &IamRole { arn, permissions, tags, ..IamRole::default() })
    };
    identity.expect("an identity")
}

/// The keys of a row; what it does not name is absent.
fn context(row: &Value) -> Context {
    let mut context = Context::new().key("aws:*", Key::Absent).key("aws:PrincipalTag/*", Key::Absent);
    for (key, value) in row["keys"].as_object().expect("keys") {
        let values = match value {
            Value::String(one) => vec![one.clone()],
            list => names(list).into_iter().map(str::to_owned).collect(),
        };
        context = context.key(key, Key::Is(values));
    }
    context
}

fn judge(table: &Value, row: &Value) -> Decision {
    let (who, on) = (text(&row["who"]), text(&row["on"]));
    let identity = table["principals"].get(who).map(|_| identity(table, who));
    let Some(trusted) = row["trust"].as_str() else {
        let request = Request { context: context(row), ..Request::new(text(&row["action"]), on) };
        return may(&identity.expect("a principal"), &request);
    };
    let document = parse(&table["trusts"][trusted].to_string()).expect("a trust policy");
    let caller = match (&identity, who.split_once(':')) {
        (Some(identity), _) => {
            Caller::Aws { arn: &identity.arn, session: row["session"].as_str(), identity: Some(identity) }
        }
        (None, Some(("saml", arn))) => Caller::Saml(arn),
        (None, Some(("oidc", arn))) => Caller::Oidc(arn),
        (None, Some(("service", name))) => Caller::Service(name),
        _ => panic!("{who} is nobody"),
    };
    assert_eq!(caller.action(), text(&row["action"]), "{row}");
    may_assume(on, &Named { name: trusted.into(), document }, &caller, &context(row))
}

#[test]
fn the_truth_table_of_iam_holds() {
    let table = table();
    let rows = table["rows"].as_array().expect("rows");
    assert!(rows.len() >= 170, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let decision = judge(&table, row);
        let word = match &decision {
            Decision::Allowed(_) => "allowed",
            Decision::Denied(_) => "denied",
            Decision::NotAllowed(_) => "none",
            Decision::Unknown { .. } => "unknown",
        };
        if word != row["is"] {
            wrong.push(format!("{row}\n    {decision:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// An identity with one policy, bound by nothing.
fn with_policy(text: &str) -> Option<Identity> {
    let document = parse(text).ok()?;
    let context = Context::new().unknown("aws:*").is("aws:PrincipalAccount", "111122223333");
    Some(Identity {
        arn: "arn:aws:iam::111122223333:role/Dev".into(),
        account: "111122223333".parse().expect("an id"),
        policies: vec![Named { name: "own".into(), document }],
        boundary: None,
        controls: Controls::NotBound,
        context,
    })
}

fn statement(effect: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"iam:*","Resource":[{resource}],"Condition":{{{condition}}}}}"#)
}

/// Policies that nobody writes: they are answered, and soon. The debug build of the tests is some ten times slower than
/// what users have.
#[test]
fn no_policy_makes_the_answer_late() {
    let stars = format!(r#""arn:aws:iam::111122223333:role/{}b""#, "*a".repeat(10_000));
    let long = format!(r#""arn:aws:iam::111122223333:role/*{}""#, "a".repeat(1_500));
    let many = (0..2_300).map(|number| format!(r#""arn:aws:iam::*:role/*{number}*""#)).collect::<Vec<_>>().join(",");
    let keys = (0..60).map(|key| {
        let values = (0..60).map(|value| format!(r#""v{value}""#)).collect::<Vec<_>>().join(",");
        format!(r#""k{key}":[{values}]"#)
    });
    let keys = format!(r#""ForAllValues:StringNotLike":{{{}}}"#, keys.collect::<Vec<_>>().join(","));
    let variables = format!(r#""arn:aws:iam::111122223333:role/{}""#, "${aws:PrincipalAccount}".repeat(3_000));
    let role = format!("arn:aws:iam::111122223333:role/{}", "a".repeat(1_900));
    for (resource, condition) in [
        (&stars, ""),
        (&long, ""),
        (&many, ""),
        (&variables, ""),
        (&r#""*""#.to_owned(), keys.as_str()),
        (&many, keys.as_str()),
    ] {
        for effect in ["Allow", "Deny"] {
            let all = statement("Allow", r#""*""#, "");
            let text =
                format!(r#"{{"Version":"2012-10-17","Statement":[{all},{}]}}"#, statement(effect, resource, condition));
            let own = with_policy(&text).expect("a policy");
            for resource in [
                Resource::One(role.clone()),
                Resource::Some("arn:aws:iam::*:role/*".into()),
                Resource::Every("arn:aws:iam::*:role/*".into()),
            ] {
                let since = Instant::now();
                may(&own, &Request::of_choice("iam:PassRole", resource));
                let took = since.elapsed();
                assert!(took < Duration::from_secs(10), "{took:?} {}", &text[..200]);
            }
        }
    }
}

#[test]
fn json_that_is_nested_deeply_is_refused() {
    let deep = format!(r#"{{"Statement":{}1{}}}"#, "[".repeat(40_000), "]".repeat(40_000));
    assert!(parse(&deep).expect_err("refused").starts_with("it is not JSON"));
}

/// Short patterns over few letters, so that they meet.
fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[ab*]{0,4}", 1 => "[ab*]{0,2}\\$\\{(k:a|k:b|\\*|aws:SourceIp)\\}[ab*]{0,2}"]
}

fn conditions() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIfExists",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotEquals",
        "Null",
        "Bool",
        "NumericLessThan",
        "IpAddress",
        "ArnLike",
        "DateGreaterThan",
        "Odd",
    ]);
    let key = prop::sample::select(vec!["k:a", "K:B", "aws:SourceIp"]);
    prop::collection::btree_map(operator, (key, "(true|a|b|a\\*|5|10\\.0\\.0\\.0/8|\\$\\{k:a\\}|arn:a:b:c:d:e)"), 0..3)
        .prop_map(|all| {
            let one =
                |(operator, (key, value)): (&str, (&str, String))| format!(r#""{operator}":{{"{key}":"{value}"}}"#);
            all.into_iter().map(one).collect::<Vec<_>>().join(",")
        })
}

fn policy() -> impl Strategy<Value = String> {
    let one =
        (prop::bool::weighted(0.7), pattern(), prop::sample::select(vec!["Resource", "NotResource"]), conditions())
            .prop_map(|(allows, resource, element, condition)| {
                let effect = if allows { "Allow" } else { "Deny" };
                format!(
                    r#"{{"Effect":"{effect}","Action":"s3:*","{element}":"{resource}","Condition":{{{condition}}}}}"#
                )
            });
    prop::collection::vec(one, 1..5)
        .prop_map(|all| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(",")))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn no_text_makes_reading_or_judging_fail(text in "\\PC{0,200}", noise in "[\\[\\]{}\":,*a1]{0,60}") {
        let _ = parse(&text);
        let _ = parse(&format!(r#"{{"Statement":{noise}}}"#));
        let _ = trust::read("arn:aws:iam::111122223333:role/Dev", &format!(r#"{{"Statement":[{{{noise}}}]}}"#));
    }

    /// What is chosen is allowed when it is asked for, and what is allowed is found among the choices.
    #[test]
    fn choices_and_plain_questions_agree(text in policy(), target in "[ab*]{0,3}", resource in "[ab]{0,4}", value in "[ab5]{1,2}") {
        let own = with_policy(&text).expect("a policy");
        let ask = |resource, context: Context| {
            let request = Request::of_choice("s3:GetObject", resource);
            may(&own, &Request { context: request.context.and(&context), ..request })
        };
        let some = ask(Resource::Some(target.clone()), Context::new());
        if let Decision::Allowed(grant) = &some {
            let mut context = Context::new();
            let mut chosen = None;
            for (key, value) in &grant.given {
                match value {
                    Some(value) if key == "resource" => chosen = Some(value.clone()),
                    value => context = context.key(key, value.clone().map_or(Key::Absent, |value| Key::Is(vec![value]))),
                }
            }
            if let Some(chosen) = chosen {
                let again = ask(Resource::One(chosen), context);
                prop_assert!(matches!(again, Decision::Allowed(_)), "{again:?}");
            }
        }
        let every = ask(Resource::Every(target.clone()), Context::new());
        if matches!(every, Decision::Allowed(_)) {
            prop_assert!(matches!(some, Decision::Allowed(_)));
        }
        // A plain request, all its keys given.
        let known = Context::new().is("k:a", &value).is("k:b", "b").is("aws:SourceIp", "10.0.0.1");
        let plain = Request { context: known.clone(), ..Request::new("s3:GetObject", &resource) };
        if matches!(may(&own, &plain), Decision::Allowed(_)) {
            let free = ask(Resource::One(resource.clone()), Context::new().is("aws:SourceIp", "10.0.0.1"));
            // Which value a variable would need is not searched for.
            let honest = matches!(free, Decision::Unknown { .. }) && text.contains("${k:");
            prop_assert!(honest || matches!(free, Decision::Allowed(_)), "{free:?}");
        }
    }
}
