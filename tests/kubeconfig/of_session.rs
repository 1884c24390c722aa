//! `--session` with a context: a context has its session, and another one's name is refused.

use super::desk::{current, desk_with_all, names};
use crate::support::Desk;

const ADMIN: &str = "Staging/web:EKSAdmin";

/// A second session is known.
fn two_sessions() -> Desk {
    let desk = desk_with_all();
    let other = "\n[sessions.sandbox]\nstart_url = \"https://sandbox.awsapps.com/start\"\nregion = \"eu-west-1\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}{other}", desk.config()));
    desk.run(&["use", ADMIN]).ok();
    desk
}

#[test]
fn a_context_of_another_session_than_the_one_that_is_named_is_refused_by_every_command() {
    let desk = two_sessions();
    let (asked, before) = (desk.simulator.total(), desk.read(".kube/config"));
    for args in [
        &["use", "Production/web:EKSViewer"][..],
        &["use", "--role", "EKSViewer"],
        &["use", "-n", "team"],
        &["ns", "team"],
        &["exec", ADMIN, "--", "true"],
        &["exec", ADMIN, "--list"],
        &["shell", ADMIN],
        &["env", ADMIN],
        &["env"],
        &["whoami", ADMIN],
        &["whoami"],
        &["doctor", ADMIN],
        &["doctor"],
        &["console", "--print", ADMIN],
        &["console", "--print"],
        &["credentials", ADMIN],
        &["credentials"],
        &["rename", ADMIN, "mine"],
        &["rm", ADMIN],
        &["export", ADMIN],
    ] {
        let with = |session| [&["--session", session][..], args].concat();
        let other = desk.run(&with("sandbox"));
        assert_eq!(other.code, 2, "{args:?}: {}{}", other.out, other.err);
        assert!(other.err.contains("is of the session `corp`, not of `sandbox`"), "{args:?}: {}", other.err);
        let none = desk.run(&with("nosuch"));
        assert_eq!(none.code, 5, "{args:?}: {}{}", none.out, none.err);
        assert!(none.err.contains("there is no session `nosuch`"), "{args:?}: {}", none.err);
    }
    assert_eq!(desk.read(".kube/config"), before);
    assert_eq!(desk.simulator.total(), asked, "nobody was asked anything");
    desk.run(&["--session", "corp", "use", "Production/web:EKSViewer"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSViewer");
    desk.run(&["--session", "corp", "exec", ADMIN, "--", "true"]).ok();
}

/// It stands for a whole shell, where contexts of other sessions are used, too.
#[test]
fn a_session_of_the_environment_refuses_no_context() {
    let mut desk = two_sessions();
    desk.set("EKSSO_SESSION", "sandbox");
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    desk.run(&["exec", ADMIN, "--", "true"]).ok();
}

#[test]
fn of_what_a_glob_means_the_contexts_of_the_named_session_are_taken() {
    let desk = two_sessions();
    let all = names(&desk);
    let listed = |session: &str| desk.run(&["--session", session, "exec", "*", "--list"]);
    assert_eq!(listed("corp").ok().out.lines().count(), all.len());
    listed("sandbox").fails(2, &["not of `sandbox`"]);
    desk.run(&["--session", "sandbox", "rm", "*"]).fails(2, &["not of `sandbox`"]);
    assert_eq!(names(&desk), all);
}
