//! Okta's SAML responses: how they are read and shared, and the roles and credentials that come of them.

use super::okta::{TOKEN, okta, signed_in, with_line};
use crate::support::Desk;
use eksso_simulator::{Fault, World};

#[test]
fn a_role_with_a_path_is_asked_for_by_its_arn_and_its_provider() {
    let desk = signed_in(okta());
    desk.run(&TOKEN).ok();
    let state = desk.simulator.state();
    let request = state.requests.iter().find(|request| request.operation == "AssumeRoleWithSAML").expect("a request");
    let body = request.body.replace("%3A", ":").replace("%2F", "/");
    assert!(body.contains("RoleArn=arn:aws:iam::111122223333:role/eks/EKSAdmin&"), "{body}");
    assert!(body.contains("PrincipalArn=arn:aws:iam::111122223333:saml-provider/Okta&"), "{body}");
}

#[test]
fn one_response_serves_all_roles_in_all_processes_while_it_lives() {
    let desk = signed_in(okta());
    for (account, role) in [("111122223333", "EKSAdmin"), ("111122223333", "EKSViewer"), ("444455556666", "EKSAdmin")] {
        desk.run(&["credentials", "--account", account, "--role", role]).ok();
    }
    assert_eq!((desk.simulator.count("OktaSso"), desk.simulator.count("AssumeRoleWithSAML")), (1, 3));
    // It has ended: one more, and nobody is asked.
    desk.simulator.advance(400);
    desk.run(&["credentials", "--account=444455556666", "--role=Billing"]).ok();
    assert_eq!((desk.simulator.count("OktaSso"), desk.simulator.count("OktaDeviceAuthorize")), (2, 1));
    // Near its end it is not begun with.
    desk.simulator.advance(280);
    desk.simulator.state().requests.clear();
    desk.run(&["roles", "--refresh"]).ok();
    assert_eq!(desk.simulator.count("OktaSso"), 1);
}

#[test]
fn twenty_roles_at_once_share_one_response() {
    let mut world = okta();
    let roles: Vec<String> = (0..20).map(|n| format!("Role{n}")).collect();
    world.accounts[0].roles.clone_from(&roles);
    world.role_max = roles.iter().map(|role| (role.clone(), 43200)).collect();
    let desk = signed_in(world);
    desk.simulator.state().requests.clear();
    // The response of the sign-in is gone.
    std::fs::remove_dir_all(desk.path(".cache")).expect("the cache");
    let start = |role: &String| {
        let mut command = crate::process::eksso(&desk);
        command.args(["credentials", "--account=111122223333", "--role", role]).stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::piped()).spawn().expect("started")
    };
    let children: Vec<_> = roles.iter().map(start).collect();
    for child in children {
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!((desk.simulator.count("OktaSso"), desk.simulator.count("AssumeRoleWithSAML")), (1, 20));
}

#[test]
fn responses_are_read_however_they_are_written() {
    type Change = fn(&mut World);
    let changes: [(&str, Change); 7] = [
        ("role first", |world| world.okta.shape.role_first = true),
        ("blanks", |world| world.okta.shape.blanks = true),
        ("prefix saml", |world| world.okta.shape.prefix = "saml".into()),
        ("no prefix", |world| world.okta.shape.prefix = String::new()),
        ("single quotes", |world| world.okta.shape.single_quotes = true),
        ("value first", |world| world.okta.shape.value_first = true),
        ("by way of other pages", |world| world.okta.redirects = 3),
    ];
    for (name, change) in changes {
        let mut world = okta();
        change(&mut world);
        let desk = Desk::configured(world);
        let login = desk.run(&["login"]);
        assert_eq!(login.code, 0, "{name}: {}", login.err);
        let roles = desk.run(&["roles", "-o", "name"]);
        assert_eq!(roles.out.lines().count(), 4, "{name}: {}", roles.err);
        let token = desk.run(&TOKEN);
        assert_eq!(token.code, 0, "{name}: {}", token.err);
    }
}

#[test]
fn odd_role_values_are_left_out_and_told_and_cannot_move_the_cursor() {
    let mut world = okta();
    world.okta.shape.odd_names = true;
    let desk = Desk::configured(world);
    let login = desk.run(&["login"]);
    let roles = desk.run(&["roles"]);
    for said in [&login.err, &roles.out, &roles.err] {
        assert!(!said.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{said:?}");
    }
    // Control characters are no characters of XML: then all of it is refused, in words.
    match login.code {
        0 => assert!(login.err.contains("Left out"), "{}", login.err),
        _ => assert!(login.code == 1 && login.err.contains("SAML response cannot be read"), "{}", login.err),
    }
}

#[test]
fn many_roles_are_listed_and_too_many_for_aws_are_told() {
    let mut world = okta();
    world.okta.shape.extra_roles = 300;
    let desk = signed_in(world);
    assert_eq!(desk.run(&["roles", "-o", "name"]).ok().out.lines().count(), 304);
    desk.run(&TOKEN).ok();
    let mut world = okta();
    world.okta.shape.extra_roles = 5000;
    let desk = signed_in(world);
    assert_eq!(desk.run(&["roles", "-o", "name"]).ok().out.lines().count(), 5004);
    desk.run(&TOKEN).fails(1, &["too large for AWS", "5004 roles", "group filter"]);
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 0);
}

#[test]
fn roles_of_other_partitions_are_wanted_only_where_the_settings_say_so() {
    let mut world = okta();
    world.okta.shape.partition = Some("aws-us-gov".into());
    for cluster in &mut world.clusters {
        cluster.region = "us-gov-west-1".into();
    }
    let desk = Desk::configured(world);
    desk.run(&["login"])
        .fails(4, &["all your roles are in aws-us-gov, and none in aws", "partitions = [\"aws-us-gov\"]"]);
    desk.simulator.advance(3600);
    let config = desk.config().replace("\"eu-west-1\", \"us-east-1\"", "\"us-gov-west-1\", \"eu-west-1\"");
    desk.write(".config/eksso/config.toml", &format!("{config}partitions = [\"aws-us-gov\", \"aws\"]\n"));
    desk.run(&["login"]).ok();
    let clusters = desk.run(&["clusters", "-o", "json"]).ok();
    let found = clusters.json();
    assert!(found.as_array().is_some_and(|rows| !rows.is_empty()), "{}", clusters.err);
    for row in found.as_array().expect("rows") {
        assert_eq!(
            (row["region"].as_str(), row["mapped"].as_str() != Some("unknown")),
            (Some("us-gov-west-1"), true),
            "{row}"
        );
    }
    // No role is taken to a region of another partition.
    let state = desk.simulator.state();
    let signed =
        state.requests.iter().flat_map(|request| &request.headers).filter(|(_, value)| value.starts_with("AWS4"));
    assert!(signed.clone().count() > 0 && signed.clone().all(|(_, value)| value.contains("/us-gov-west-1/")));
}

#[test]
fn an_encrypted_assertion_is_told_and_roles_of_the_settings_serve() {
    let mut world = okta();
    world.okta.shape.encrypted = true;
    let desk = Desk::configured(world);
    desk.run(&["login"]).fails(1, &["only AWS can read", "roles = [\"ROLE_ARN,SAML_PROVIDER_ARN\"]"]);
    desk.simulator.advance(3600);
    with_line(
        &desk,
        "roles = [\"arn:aws:iam::111122223333:role/eks/EKSAdmin,arn:aws:iam::111122223333:saml-provider/Okta\"]",
    );
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("the roles are those of config.toml"), "{}", login.err);
    assert_eq!(desk.run(&["roles", "-o", "name"]).ok().out, "111122223333/EKSAdmin\n");
    desk.run(&TOKEN).ok();
    desk.run(&["credentials", "--account=111122223333", "--role=EKSViewer"])
        .fails(4, &["you are not assigned the role"]);
}

#[test]
fn a_duration_over_the_roles_maximum_is_lowered_once_and_remembered() {
    let mut world = okta();
    world.okta.shape.session_ends = None;
    world.role_max = vec![("EKSAdmin".into(), 14400)];
    let desk = signed_in(world);
    let end = |desk: &Desk| -> i64 {
        let credentials = desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin", "--format=json"]).ok();
        let end: jiff::Timestamp = credentials.json()["expires_at"].as_str().expect("text").parse().expect("a time");
        end.as_second() - desk.simulator.state().now()
    };
    let life = end(&desk);
    assert!((14_390..=14_400).contains(&life), "{life}");
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 4, "12, 8, 6 and 4 hours");
    desk.simulator.advance(14_000);
    assert!((14_390..=14_400).contains(&end(&desk)));
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 5, "the maximum was remembered");
    // After a week it is tried again: it may have been raised.
    desk.simulator.state().world.role_max = vec![("EKSAdmin".into(), 28800)];
    desk.simulator.advance(8 * 24 * 3600);
    assert!((28_790..=28_800).contains(&end(&desk)));
}

#[test]
fn what_the_assertion_says_of_the_console_bounds_nothing() {
    let mut world = okta();
    world.okta.shape.session_duration = Some(900);
    let desk = signed_in(world);
    desk.run(&TOKEN).ok();
    assert!(desk.simulator.state().requests.iter().any(|request| request.body.contains("DurationSeconds=43200")));
}

#[test]
fn an_assertion_that_ended_on_the_way_is_fetched_once_more() {
    let desk = signed_in(okta());
    let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>ExpiredTokenException</Code><Message>simulated</Message></Error></ErrorResponse>";
    desk.fault("credentials", 1, Fault::Error(400, "", body));
    desk.run(&TOKEN).ok();
    assert_eq!(desk.simulator.count("OktaSso"), 2);
    let mut world = okta();
    world.okta.shape.expired = true;
    let desk = signed_in(world);
    desk.run(&TOKEN).fails(7, &["had ended when AWS saw it", "clock"]);
}

#[test]
fn a_role_may_be_assumed_from_an_okta_role_under_the_users_own_name() {
    let desk = signed_in(okta());
    let arn = "arn:aws:iam::444455556666:role/Deploy";
    desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin", "--assume-role", arn]).ok();
    assert_eq!(desk.simulator.count("AssumeRole"), 1);
}
