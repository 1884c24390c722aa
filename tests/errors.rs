//! Errors for programs: one object with `-o json`, and what services call a request that failed.

use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};
use serde_json::Value;

/// The one object of stderr.
fn object(err: &str) -> Value {
    assert_eq!(err.lines().count(), 1, "{err}");
    serde_json::from_str(err).unwrap_or_else(|error| panic!("{error}: {err}"))
}

#[test]
fn with_json_an_error_is_one_object_on_stderr() {
    let desk = Desk::configured(World::small());
    for (args, code, kind) in [
        (&["roles", "-o", "json"][..], 3, "sign_in_needed"),
        (&["use", "nope", "-o", "json"], 5, "not_found"),
        (&["roles", "--session", "nobody", "-o", "json"], 5, "not_found"),
    ] {
        let outcome = desk.run(args);
        let error = object(&outcome.err);
        assert_eq!((outcome.code, error["kind"].as_str(), outcome.out.as_str()), (code, Some(kind), ""), "{error}");
        assert_eq!(error["exit_code"], code);
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty() && !text.contains("error:")), "{error}");
        assert!(error["hints"].is_array() && error.as_object().expect("an object").len() == 6, "{error}");
    }
    let error = object(&desk.run(&["roles", "-o", "json"]).err);
    assert!(error["hints"].as_array().expect("hints").contains(&"eksso login corp".into()), "{error}");
    // A command line that cannot be read, too.
    for args in [&["roels", "-o", "json"][..], &["roles", "--accuont=x", "--output=json"], &["-ojson", "use", "--nope"]]
    {
        let outcome = desk.run(args);
        let error = object(&outcome.err);
        assert_eq!((outcome.code, error["kind"].as_str()), (2, Some("usage")), "{error}");
        assert!(error["message"].as_str().expect("text").contains('\''), "{error}");
    }
    assert!(
        desk.run(&["exec", "x", "--", "y", "-o", "json"]).err.starts_with("eksso: error: "),
        "the command's own words"
    );
}

#[test]
fn an_error_for_programs_moves_no_cursor_where_a_person_sees_it() {
    let desk = Desk::configured(World::small());
    let name = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\r\nb";
    for args in [&["use", name, "-o", "json"][..], &["roles", "--session", name, "-o", "json"], &["-ojson", name]] {
        let told = desk.run(args);
        let is_plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(told.err.chars().all(is_plain), "{:?}", told.err);
        let message = object(&told.err)["message"].as_str().expect("text").to_owned();
        assert!(message.contains("31m"), "{message:?}");
    }
}

#[test]
fn what_the_service_calls_the_request_is_told_where_somebody_wants_to_know() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        let operation = desk.operation("credentials");
        let failed = |more: &[&str]| {
            desk.simulator.fault(operation, 9, Fault::Error(403, "AccessDenied", r#"{"message":"no \u001b[2J"}"#));
            let args = ["credentials", "--account=111122223333", "--role=EKSAdmin"];
            let outcome = desk.run(&[&args, more].concat());
            desk.simulator.clear_faults();
            _ = std::fs::remove_dir_all(desk.path(".cache/eksso/failures"));
            assert_ne!(outcome.code, 0);
            outcome.err
        };
        let error = object(&failed(&["-o", "json"]));
        let id = error["request_id"].as_str().unwrap_or_else(|| panic!("{error}")).to_owned();
        assert!(id.starts_with("req-"), "{id}");
        assert!(error["cause"].as_str().is_some(), "{error}");
        assert!(failed(&["-v"]).contains("\n  request id: req-"));
        assert!(!failed(&[]).contains("request id"));
    }
}

#[test]
fn an_error_about_the_command_line_names_all_that_it_is_about() {
    let desk = Desk::new();
    let message = |args: &[&str]| object(&desk.run(args).err)["message"].as_str().expect("text").to_owned();
    assert_eq!(
        message(&["rename", "-o", "json"]),
        "the following required arguments were not provided: <CONTEXT>, <NAME>"
    );
    let said = message(&["init", "ksh", "-o", "json"]);
    assert!(said.starts_with("invalid value 'ksh' for '<SHELL>' [possible values: bash, "), "{said}");
    assert_eq!(message(&["exec", "a", "--list", "-o", "json", "--", "b"]).lines().count(), 1);
}
