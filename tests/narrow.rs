//! What a person reads on a narrow terminal: lines that fit, broken between words, with nothing left out of them.

use std::collections::HashSet;

use eksso_simulator::World;

use crate::scaffold::seeds::WHOLE;
use crate::support::{Desk, Outcome};

const COLUMNS: usize = 60;

/// What a command line shows in a file, and at a terminal of that many columns.
fn both(desk: &Desk, args: &[&str]) -> (Outcome, Outcome) {
    let show = |is_terminal: bool| {
        let mut person = desk.person();
        (person.reads, person.hears, person.columns) = (is_terminal, is_terminal, COLUMNS);
        drop(person);
        let mut shown = desk.run(&[args, &["--color", "never"]].concat());
        // How long something took is another time another number.
        shown.out = shown.out.replace(|sign: char| sign.is_ascii_digit(), "0").replace(" 00 ", " 0 ");
        shown
    };
    (show(false), show(true))
}

/// Each line fits; each of its words is one of the whole text, and all of the text is there.
#[track_caller]
fn fits(whole: &str, narrow: &str) {
    let known: HashSet<&str> = whole.split_whitespace().collect();
    let longest = known.iter().map(|word| word.chars().count()).max().unwrap_or_default();
    for line in narrow.lines() {
        let width = line.chars().count();
        // An argument that no line has room for is one word all the same.
        let is_long_word = line.trim_end_matches(" \\").split_whitespace().count() == 1;
        assert!(
            width <= COLUMNS || is_long_word && width <= longest + COLUMNS / 2,
            "{width} columns: {line}\n{narrow}"
        );
        for word in line.split_whitespace().filter(|word| !["\\", "#"].contains(word)) {
            // What no line has room for is cut.
            let is_part = || known.iter().any(|known| known.chars().count() > COLUMNS / 2 && known.contains(word));
            assert!(known.contains(word) || is_part(), "`{word}` of {line}\n{narrow}\n{whole}");
        }
    }
    let letters =
        |text: &str| text.chars().filter(|sign| !sign.is_whitespace() && !"\\#".contains(*sign)).collect::<String>();
    assert_eq!(letters(narrow), letters(whole), "{narrow}\n{whole}");
    assert!(whole.lines().any(|line| line.chars().count() > COLUMNS), "nothing was to be wrapped: {whole}");
}

#[test]
fn findings_of_the_doctor_and_of_the_audit_paths_and_what_to_do_fit_a_narrow_terminal() {
    let desk = Desk::signed_in_to(World::practice());
    desk.run(&["add", "--account=*", "--role=*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    for args in [&["doctor"][..], &["access", "--who-can", "get", "secrets"]] {
        let (whole, narrow) = both(&desk, args);
        assert_eq!(whole.code, narrow.code, "{args:?}: {}", narrow.err);
        fits(&whole.out, &narrow.out);
    }
    let (whole, narrow) = both(&Desk::signed_in(), &["audit", "--refresh"]);
    assert_eq!((whole.code, narrow.code), (4, 4), "{}", narrow.err);
    fits(&whole.out, &narrow.out);
    fits(&whole.err, &narrow.err);
    // What a token may becomes lines.
    let (_, narrow) = both(&desk, &["whoami", "Production/payments:SecurityAudit"]);
    assert!(narrow.out.lines().all(|line| line.chars().count() <= COLUMNS), "{}", narrow.out);
    assert!(narrow.out.contains("\n  get,list,watch pods\n"), "{}", narrow.out);
    // The table of what somebody reaches has columns of its own, which are cut.
    let (_, narrow) = both(&desk, &["access", "--who", "jane@example.com"]);
    let is_command = |line: &&str| line.ends_with(" \\") || line.starts_with("    ");
    let too_long: Vec<&str> =
        narrow.out.lines().filter(|line| line.chars().count() > COLUMNS).filter(|line| !is_command(line)).collect();
    assert!(too_long.is_empty(), "{too_long:?}\n{}", narrow.out);
}

#[test]
fn a_command_to_paste_is_whole_on_a_narrow_terminal() {
    let desk = Desk::signed_in();
    let (whole, narrow) = both(&desk, &["doctor"]);
    let fix = |text: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| Some(line.split_once("fix: ")?.1.to_owned()))
            .filter(|fix| fix.starts_with("eksso "))
            .collect()
    };
    assert!(!fix(&whole.out).is_empty() && fix(&whole.out) == fix(&narrow.out), "{}\n{}", whole.out, narrow.out);
}

#[test]
fn words_and_errors_fit_a_narrow_terminal() {
    let desk = Desk::new();
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]}"#;
    desk.write("own.json", all);
    let file = desk.write("access.toml", &WHOLE.replacen("iam = \"developer\"", "iam_file = \"own.json\"", 1));
    let (whole, narrow) = both(&desk, &["scaffold", "check", "--file", file.to_str().expect("a path")]);
    assert_eq!((whole.code, narrow.code), (4, 4), "{}", narrow.err);
    // The suffix that it supposes roles to have is part of what other tests in this process call secrets.
    let others = |text: &str| {
        let warnings = text
            .split("eksso: warning: ")
            .filter(|warning| !warning.contains("/aws-reserved/") && !warning.contains("[redacted]"));
        warnings.collect::<Vec<_>>().join("eksso: warning: ")
    };
    fits(&others(&whole.err), &others(&narrow.err));
    assert!(narrow.out.lines().all(|line| line.chars().count() <= COLUMNS), "{}", narrow.out);
    let desk = Desk::new();
    let (whole, narrow) = both(&desk, &["login", "--no-input"]);
    assert_ne!(narrow.code, 0, "{}", narrow.out);
    fits(&whole.err, &narrow.err);
    assert!(narrow.err.lines().skip(1).all(|line| line.starts_with("  ")), "{}", narrow.err);
}
