//! The sign-in that is offered where a real kubectl sits at a terminal (tmux), and nowhere else.

use std::time::{Duration, Instant};

use super::parts::part;
use super::terminal::Pane;
use crate::support::Desk;
use eksso_simulator::World;

const QUESTION: &str = "Sign in to corp (127.0.0.1) now? [y/N]";

/// A desk with a current context, and nobody signed in; and the path of kubectl.
fn signed_out(kubectl: &str) -> (Desk, String) {
    let desk = Desk::signed_in_to(World::small());
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--use"]).ok();
    desk.run(&["logout"]).ok();
    desk.simulator.state().requests.clear();
    (desk, part(kubectl).display().to_string())
}

/// All that a pane has shown, also what has gone out of sight; long lines in one piece.
fn shown(pane: &Pane<'_>) -> String {
    pane.tmux(&["capture-pane", "-p", "-J", "-S", "-", "-t", "t"])
}

/// How often the question stands there. What a shell says of codes is called `ended` here: the page of a sign-in has `user_code=`.
fn asked(pane: &Pane<'_>) -> usize {
    shown(pane).matches("now? [y/N]").count()
}

#[test]
#[ignore = "real part: kubectl, tmux"]
fn kubectl_at_a_terminal_goes_on_after_y_and_asks_once_for_a_no() {
    for kubectl in ["kubectl-1.35", "kubectl-older"] {
        let (desk, kubectl) = signed_out(kubectl);
        let pane = Pane::open(&desk, 100);
        // What is typed before the question is there answers nothing.
        pane.type_line(&format!("clear; sleep 2; {kubectl} get namespaces; echo ended=$?"));
        pane.type_line("y");
        pane.see(&[QUESTION]);
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(desk.count("start"), 0, "{}", shown(&pane));
        pane.type_line("n");
        pane.see(&["ended=1"]);
        let screen = shown(&pane);
        assert!(screen.contains("hint: eksso login corp"), "{screen}");
        assert_eq!(asked(&pane), 1, "kubectl calls its plugin again and again: {screen}");
        // For the next minute that no is everybody's.
        pane.type_line(&format!("clear; {kubectl} get namespaces; echo again=$?"));
        pane.see(&["again=1"]);
        assert_eq!((asked(&pane), desk.count("start")), (0, 0));
        let note = desk.files().into_iter().find(|(path, _)| path.extension().is_some_and(|e| e == "asked"));
        std::fs::remove_file(note.expect("a note").0).expect("a file");
        // Its stdout may be another program's.
        pane.type_line(&format!("clear; {kubectl} get namespaces | cat; echo then=$?"));
        pane.see(&[QUESTION]);
        pane.type_line("y");
        pane.see(&["kube-system", "Signed in to `corp`", "then=0"]);
        assert_eq!(desk.count("start"), 1);
        pane.type_line(&format!("clear; {kubectl} get namespaces; echo last=$?"));
        pane.see(&["kube-system", "last=0"]);
        assert_eq!(asked(&pane), 0, "{}", shown(&pane));
    }
}

#[test]
#[ignore = "real part: kubectl, tmux, watch"]
fn nobody_is_asked_on_a_terminal_that_a_program_has_taken_nor_in_the_background_nor_where_kubectl_reads() {
    let (desk, kubectl) = signed_out("kubectl-1.35");
    let pane = Pane::open(&desk, 100);
    let hint = "hint: eksso login corp";
    let quiet = |line: &str, words: &[&str]| {
        pane.type_line(&format!("clear; {line}"));
        pane.see(words);
        assert_eq!((asked(&pane), desk.count("start")), (0, 0), "{line}: {}", shown(&pane));
    };
    quiet(&format!("watch -n 1 {kubectl} get namespaces"), &["Every 1.0s", hint]);
    pane.key("C-c");
    pane.see(&["ready>"]);
    // As full-screen programs have it.
    for (mode, code) in [("-icanon -echo", "a"), ("-icanon", "b"), ("-echo", "c")] {
        quiet(
            &format!("stty {mode}; {kubectl} get namespaces; code=$?; stty sane; echo {code}=$code"),
            &[hint, &format!("{code}=1")],
        );
    }
    quiet(&format!("{kubectl} get namespaces & wait; echo background=done"), &[hint, "background=done"]);
    quiet(&format!("{kubectl} get namespaces </dev/null; echo null=$?"), &[hint, "null=1"]);
    quiet(&format!("echo '{{}}' | {kubectl} apply -f -; echo piped=$?"), &["piped=1"]);
    // A terminal as well, and yet what is typed is for kubectl.
    for (number, flags) in ["-f -", "-Rf-", "-f /dev/stdin"].iter().enumerate() {
        pane.type_line(&format!("clear; {kubectl} apply --validate=false {flags}; echo typed{number}=$?"));
        pane.type_line("{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
        pane.key("C-d");
        pane.see(&[hint, &format!("typed{number}=1")]);
        assert_eq!(asked(&pane), 0, "{flags}: {}", shown(&pane));
    }
    quiet(&format!("{kubectl} get namespaces 2>\"$HOME/errors\"; echo unseen=$?"), &["unseen=1"]);
    quiet(&format!("EKSSO_NO_INPUT=1 {kubectl} get namespaces; echo off=$?"), &[hint, "off=1"]);
    // And where all of that is not so, it is asked: the desk is as in the other test.
    pane.type_line(&format!("clear; {kubectl} get namespaces; echo ended=$?"));
    pane.see(&[QUESTION]);
    // A program that takes the terminal now, as one behind a pipe may, ends the wait.
    let taken = Instant::now();
    let tty = pane.tmux(&["display-message", "-p", "-t", "t", "#{pane_tty}"]);
    super::parts::good(std::process::Command::new("stty").args(["-F", tty.trim(), "-icanon"]));
    pane.see(&["ended=1"]);
    assert!(taken.elapsed() < Duration::from_secs(10));
    let screen = shown(&pane);
    assert!(screen.contains("another program took the terminal"), "{screen}");
    assert_eq!(desk.count("start"), 0);
}

#[test]
#[ignore = "real part: kubectl, tmux"]
fn of_twenty_at_once_one_asks_and_the_others_do_not_wait() {
    let (desk, kubectl) = signed_out("kubectl-1.35");
    let pane = Pane::open(&desk, 100);
    // No jobs of a shell's own, which would be in the background.
    let all = format!(
        "for i in $(seq 20); do {kubectl} get namespaces </dev/tty >out.$i 2>/dev/tty && echo fine >done.$i || echo refused >done.$i & done; wait"
    );
    let script = desk.write("all", &all).display().to_string();
    let home = desk.home.path().display().to_string();
    pane.type_line(&format!("cd {home}; clear; sh {script}; echo ended=$?"));
    let ended = |with: &str| (1..=20).filter(|i| desk.read(&format!("done.{i}")).trim() == with).count();
    let began = Instant::now();
    while ended("refused") < 19 {
        assert!(began.elapsed() < Duration::from_secs(25), "{} refused:\n{}", ended("refused"), shown(&pane));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!((asked(&pane), desk.count("start")), (1, 0), "{}", shown(&pane));
    pane.type_line("y");
    pane.see(&["ended=0"]);
    assert_eq!((ended("fine"), ended("refused"), desk.count("start")), (1, 19, 1));
    assert!((1..=20).any(|i| desk.read(&format!("out.{i}")).contains("kube-system")));
}
