//! The sign-in that `token` offers where kubectl sits at a terminal: to a person who can be asked there, once, and to nobody else.

use eksso::adapters::DiskFiles;
use eksso::ports::Files;
use eksso_simulator::World;

use crate::support::{Desk, POLICY, both};

const TOKEN: [&str; 9] = [
    "token",
    "--session",
    "corp",
    "--account=111122223333",
    "--role",
    "EKSAdmin",
    "--region=eu-west-1",
    "--cluster",
    "web",
];
const QUESTION: &str = "Sign in to corp (";

/// A desk where nobody is signed in, and kubectl sits at a terminal in front of a person who answers so.
fn in_front(world: World, answers: &[&str]) -> Desk {
    let mut desk = Desk::configured(world);
    desk.set(
        "KUBERNETES_EXEC_INFO",
        r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true}}"#,
    );
    desk.set("NO_COLOR", "1");
    let mut person = desk.person();
    (person.present, person.hears, person.at_hand, person.browser) = (true, true, true, true);
    person.answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
    drop(person);
    desk
}

#[test]
fn who_says_y_is_signed_in_as_by_login_and_kubectl_gets_its_token() {
    for desk in both().map(|world| in_front(world, &["y"])) {
        let given = desk.run(&TOKEN).ok();
        assert_eq!(given.json()["kind"], "ExecCredential", "{}", given.out);
        assert_eq!(given.err.matches(QUESTION).count(), 1, "{}", given.err);
        assert!(given.err.contains(") now? [y/N]") && given.err.contains("Signed in to `corp`"), "{}", given.err);
        assert!(!given.out.contains("Sign in"), "stdout is kubectl's: {}", given.out);
        assert_eq!((desk.count("start"), desk.person().pages.len()), (1, 1));
        // From then on there is nothing to ask.
        let next = desk.run(&TOKEN).ok();
        assert_eq!(next.err, "");
        // A sign-in that ends is offered anew, though the person was asked before.
        desk.run(&["logout"]).ok();
        desk.person().answers = vec!["yes".to_owned()];
        assert!(desk.run(&TOKEN).ok().err.contains(QUESTION));
    }
}

#[test]
fn any_other_answer_and_none_is_a_no_that_holds_for_all_calls_of_that_program() {
    for answer in [Some("n"), Some(""), Some("Y es"), Some("yy"), None] {
        let desk = in_front(World::small(), &Vec::from_iter(answer));
        let refused = desk.run(&TOKEN).fails(3, &[QUESTION, "hint: eksso login corp"]);
        assert_eq!(refused.out, "");
        assert_eq!(refused.err.contains("nobody answered within 30 s"), answer.is_none(), "{}", refused.err);
        assert_eq!((desk.count("start"), desk.person().pages.len()), (0, 0));
        // kubectl calls its plugin several times: by the same program nobody is asked again, however late it is.
        desk.person().answers = vec!["y".to_owned()];
        for minutes in [0, 2] {
            desk.simulator.advance(minutes * 60);
            let again = desk.run(&TOKEN).fails(3, &["hint: eksso login corp"]);
            assert!(!again.err.contains("[y/N]"), "{}", again.err);
        }
    }
}

#[test]
fn nobody_is_asked_where_a_person_might_not_see_the_question_or_it_is_turned_off() {
    let quiet = |desk: &Desk, args: &[&str]| {
        let refused = desk.run(args).fails(3, &["hint: eksso login corp"]);
        assert!(!refused.err.contains("[y/N]"), "{}", refused.err);
    };
    let asked = |desk: &Desk| desk.run(&TOKEN).fails(3, &["[y/N]"]);
    // Another program draws on the terminal, or this one is in the background.
    let desk = in_front(World::small(), &["y"]);
    desk.person().at_hand = false;
    quiet(&desk, &TOKEN);
    // No terminal at all: an IDE, cron.
    desk.person().present = false;
    quiet(&desk, &TOKEN);
    let info = |spec: &str| format!(r#"{{"apiVersion":"client.authentication.k8s.io/v1","spec":{spec}}}"#);
    // kubectl needs its stdin itself, an older client says nothing, and one that is none.
    for spec in [r#"{"interactive":false}"#, "{}", r#"{"interactive":"true"}"#] {
        let mut desk = in_front(World::small(), &["y"]);
        desk.set("KUBERNETES_EXEC_INFO", &info(spec));
        quiet(&desk, &TOKEN);
    }
    let mut desk = in_front(World::small(), &["y"]);
    desk.env.remove("KUBERNETES_EXEC_INFO");
    quiet(&desk, &TOKEN);
    // Turned off, in each of the ways.
    let desk = in_front(World::small(), &["y"]);
    quiet(&desk, &[&["--no-input"], &TOKEN[..]].concat());
    let mut desk = in_front(World::small(), &["y"]);
    desk.set("EKSSO_NO_INPUT", "1");
    quiet(&desk, &TOKEN);
    let desk = in_front(World::small(), &["y"]);
    desk.write(".config/eksso/config.toml", &format!("offer_sign_in = false\n{}", desk.config()));
    quiet(&desk, &TOKEN);
    let desk = in_front(World::small(), &["y"]);
    desk.write(POLICY, "offer_sign_in = false\n");
    quiet(&desk, &TOKEN);
    // An organisation may turn it off, and a person on again.
    let desk = in_front(World::small(), &[]);
    desk.write(".config/eksso/managed.toml", "offer_sign_in = false\n");
    quiet(&desk, &TOKEN);
    desk.write(".config/eksso/config.toml", &format!("offer_sign_in = true\n{}", desk.config()));
    asked(&desk);
    // The same person at other commands for programs: those never ask.
    let desk = in_front(World::small(), &["y"]);
    quiet(&desk, &["credentials", "--account=111122223333", "--role=EKSAdmin"]);
}

#[test]
fn while_one_process_asks_the_others_neither_ask_nor_wait() {
    let desk = in_front(World::small(), &[]);
    desk.run(&TOKEN).fails(3, &[QUESTION]);
    let locks = desk.files().into_iter().map(|(path, _)| path);
    let lock = locks.into_iter().find(|path| path.extension().is_some_and(|ext| ext == "offer")).expect("a lock");
    let notes: Vec<_> =
        desk.files().into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "asked")).collect();
    assert_eq!(notes.len(), 1);
    std::fs::remove_file(&notes[0].0).expect("a note");
    let held = DiskFiles.try_lock(&lock, "asking").expect("a lock").expect("free");
    let began = std::time::Instant::now();
    let refused = desk.run(&TOKEN).fails(3, &["hint: eksso login corp"]);
    assert!(!refused.err.contains("[y/N]") && began.elapsed().as_secs() < 2, "{}", refused.err);
    drop(held);
    desk.run(&TOKEN).fails(3, &[QUESTION]);
}

#[test]
fn the_audit_trail_has_the_sign_in_and_then_the_token_and_no_refusal_that_nobody_got() {
    let desk = in_front(World::small(), &["y"]);
    desk.write(".config/eksso/config.toml", &format!("trail = \"file\"\n{}", desk.config()));
    desk.run(&TOKEN).ok();
    let lines = desk.run(&["log", "-o", "json"]).ok().json();
    let line = |line: &serde_json::Value| format!("{} {}", line["event"], line["result"]);
    let mut events: Vec<String> = lines.as_array().expect("lines").iter().map(line).collect();
    events.sort();
    assert_eq!(events, ["\"sign_in\" \"ok\"", "\"token\" \"ok\""]);
}

#[test]
fn a_sign_in_that_comes_to_nothing_is_told_and_not_offered_to_that_program_again() {
    let desk = in_front(World { approve: false, ..World::small() }, &["y", "y"]);
    let refused = desk.run(&TOKEN).fails(3, &["nobody approved", "eksso login corp"]);
    assert_eq!(refused.out, "");
    let again = desk.run(&TOKEN).fails(3, &["hint: eksso login corp"]);
    assert!(!again.err.contains("[y/N]"), "{}", again.err);
}

#[test]
fn who_signed_in_elsewhere_while_the_question_stood_there_is_not_signed_in_again_by_any_answer() {
    for answer in [Some("y"), Some("n"), None] {
        for world in both() {
            let desk = in_front(world, &Vec::from_iter(answer));
            desk.person().present = false;
            desk.run(&["login"]).ok();
            let item = desk.item();
            std::fs::remove_file(&item.0).expect("a file");
            let began = desk.count("start");
            let mut person = desk.person();
            (person.present, person.writes, person.pages) = (true, Some(item), Vec::new());
            drop(person);
            let given = desk.run(&TOKEN).ok();
            assert!(given.err.contains(QUESTION) && !given.err.contains("Signed in"), "{}", given.err);
            assert_eq!(given.json()["kind"], "ExecCredential");
            assert_eq!((desk.count("start"), desk.person().pages.len()), (began, 0), "{answer:?}");
        }
    }
}

#[test]
fn a_question_without_an_answer_says_what_became_of_it_and_not_that_time_ran_out() {
    for (answer, words) in [
        ("^D", "the question was left without an answer"),
        ("^Z", "another program took the terminal before there was"),
    ] {
        let desk = in_front(World::small(), &[answer]);
        let refused = desk.run(&TOKEN).fails(3, &[QUESTION, words, "hint: eksso login corp"]);
        assert!(!refused.err.contains("nobody answered"), "{}", refused.err);
        assert_eq!(desk.count("start"), 0);
    }
}
