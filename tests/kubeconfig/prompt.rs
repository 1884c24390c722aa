//! `eksso prompt`, and what `eksso init` prints.

use super::desk::desk_with_all;
use crate::support::Desk;

fn prompt(desk: &Desk) -> String {
    desk.run(&["prompt"]).ok().out
}

#[test]
fn a_prompt_shows_context_namespace_role_guard_and_what_is_left() {
    let desk = desk_with_all();
    assert_eq!(prompt(&desk), "", "without a current context there is nothing to show");
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    assert_eq!(prompt(&desk), "Production/web:EKSViewer\n");
    desk.run(&["ns", "team", "--force"]).ok();
    let rules = "[contexts.\"Production/*\"]\nconfirm = true\nread_only_role = \"EKSViewer\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{rules}", desk.config()));
    assert_eq!(prompt(&desk), "Production/web:EKSViewer (team) confirm,read-only\n");
    desk.run(&["rename", "Production/web:EKSViewer", "prod", "--yes"]).ok();
    assert_eq!(prompt(&desk), "prod (team) EKSViewer\n", "the name does not tell the role");
    assert_eq!(desk.run(&["prompt", "-o", "name"]).ok().out, "prod\n");
    desk.run(&["use", "prod", "--role=EKSAdmin", "--for=30m", "--yes"]).ok();
    assert!(prompt(&desk).starts_with("Production/web:EKSAdmin confirm 30 min left"), "{}", prompt(&desk));
    let shown = desk.run(&["prompt", "-o", "json"]).ok().json();
    assert_eq!((&shown["role"], &shown["guard"]), (&"EKSAdmin".into(), &"confirm".into()));
    assert!(shown["seconds_left"].as_i64().is_some_and(|left| (1700..=1800).contains(&left)), "{shown}");
    // An end that cannot be read is over: kubectl is given no token.
    let text = desk.read(".kube/config");
    let (above, below) = text.split_once("'--until'\n").expect("an end");
    let (end, rest) = below.split_once('\n').expect("a line");
    let indent = &end[..end.find('-').expect("an item")];
    desk.write(".kube/config", &format!("{above}'--until'\n{indent}- tomorrow\n{rest}"));
    assert_eq!(prompt(&desk), "Production/web:EKSAdmin confirm ended\n");
    desk.write(".kube/config", &text);
    desk.simulator.advance(1800);
    let before = desk.read(".kube/config");
    assert_eq!(prompt(&desk), "Production/web:EKSAdmin confirm ended\n");
    assert_eq!(desk.read(".kube/config"), before, "a prompt changes nothing");
}

#[test]
fn a_prompt_that_cannot_be_made_is_none_and_v_says_why() {
    let desk = Desk::new();
    for text in ["", "a: [", "- 1\n", "current-context: ''\n", "contexts: 7\ncurrent-context: x\n"] {
        desk.write(".kube/config", text);
        let outcome = desk.run(&["prompt"]).ok();
        assert!(outcome.err.is_empty() && (outcome.out.is_empty() || outcome.out == "x\n"), "{text}: {outcome:?}");
    }
    desk.write(".kube/config", "a: [");
    assert!(desk.run(&["prompt", "-v"]).ok().err.contains("config"));
    desk.write(".kube/config", "current-context: c\n");
    desk.write(".config/eksso/config.toml", "nonsense");
    assert_eq!(prompt(&desk), "c\n");
    assert!(desk.run(&["prompt", "-v"]).ok().err.contains("config.toml"));
}

/// `KUBECONFIG=<(…)` is for the command behind it; with nobody at its other end it would be waited for at each prompt.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_read_for_a_prompt_or_a_completion() {
    let desk = Desk::new();
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let pipe = pipe.to_str().expect("a path");
    assert_eq!(desk.run(&["prompt", "--kubeconfig", pipe]).ok().out, "");
    desk.run(&["__complete", "--", "--kubeconfig", pipe, "use"]).ok();
}

#[test]
fn control_characters_in_a_kubeconfig_do_not_reach_a_prompt() {
    let desk = Desk::new();
    desk.write(
        ".kube/config",
        "current-context: \"a\\e[2J\\nb\"\ncontexts:\n- name: \"a\\e[2J\\nb\"\n  context: {namespace: \"n\\r\"}\n",
    );
    assert_eq!(prompt(&desk), "a\\u{1b}[2J\\u{a}b (n\\u{d})\n");
    assert!(!desk.run(&["prompt", "-o", "json"]).ok().out.trim_end().chars().any(char::is_control));
}

#[test]
fn init_shows_the_prompt_only_where_it_was_asked_for() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "nushell"] {
        let plain = desk.run(&["init", shell]).ok().out;
        let prompting = desk.run(&["init", shell, "--prompt"]).ok().out;
        assert!(!plain.contains("eksso prompt") && prompting.contains("eksso prompt"), "{shell}");
        assert!(plain.lines().all(|line| prompting.contains(line)), "{shell}");
    }
    desk.run(&["init", "ksh"]).fails(2, &["bash, zsh, fish, powershell, nushell"]);
}
