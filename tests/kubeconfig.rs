//! The editor of kubeconfigs, on generated ones: the meaning is as wanted, the rest of the text as it was.

use eksso::domain::kubeconfig::{Document, Edit, List};
use proptest::prelude::*;
use serde_yaml::Value;

fn body(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

#[test]
fn awkward_but_valid_files_are_edited_or_refused_never_damaged() {
    let put = [Edit::Put(List::Users, "new".into(), body("{token: abc}")), Edit::CurrentContext("yes".into())];
    for text in [
        "",
        "\n\n# only comments\n",
        "---\n",
        "{}",
        "apiVersion: v1\nusers: null\ncurrent-context:\n",
        "users: ~\ncurrent-context: ''",
        "users:\n    - name: a\n      user:\n        token: |\n          x\n          y\n\n\n# end\n",
        "users:\n- user: {}\n  name: a\n-   name: b\n    user: {token: t}\ncurrent-context: a\n...\n",
        "users: [{name: a, user: {}}, {name: new, user: {token: old}}]\n",
        "users: [\n]\nkind: Config",
        "\u{feff}kind: Config\nusers:\n- name: ü\n  user: {token: \"ß\"}\n",
        "base: &b\n  token: t\nusers:\n- name: a\n  user: *b\n- name: new\n  user:\n    <<: *b\n",
        "  users:\n  - name: a\n    user: {}\n  kind: Config\n",
    ] {
        let document = Document::parse(text.to_owned()).expect(text);
        match document.apply(&put) {
            Ok(edited) => {
                let again = Document::parse(edited.clone()).unwrap_or_else(|p| panic!("{p}: {edited}"));
                assert_eq!(again.current_context(), Some("yes"), "{edited}");
                assert_eq!(again.body(List::Users, "new"), Some(&body("{token: abc}")), "{edited}");
                assert_eq!(again.apply(&put).expect("no change"), edited);
            }
            Err(problem) => {
                assert!(problem.at.is_some() || problem.message.contains("edited safely"), "{text:?}: {problem}");
            }
        }
    }
}

#[test]
fn broken_files_are_refused_with_their_place() {
    for (text, word) in [
        ("users:\n- name: a\n  user: {}\n- name: a\n  user: {}\n", "two entries named `a`"),
        ("users: {}\n", "not a list"),
        ("users:\n- user: {}\n", "no name"),
        ("- a\n", "not a mapping"),
        ("a: 1\na: 2\n", "duplicate"),
        ("users:\n\t- name: a\n", "line"),
        ("kind: Config\nusers:\n- name: [\n", "line"),
        ("a: 1\n---\nb: 2\n", "document"),
    ] {
        let problem = Document::parse(text.to_owned()).expect_err(text).to_string();
        assert!(problem.contains(word), "{text:?}: {problem}");
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_but_never_a_panic(text in "[\\PC\\n\\t:{}\\[\\],&*#'\"|>-]{0,200}") {
        if let Ok(document) = Document::parse(text) {
            _ = document.apply(&[Edit::Put(List::Contexts, "x".into(), body("{user: u}")), Edit::CurrentContext("x".into())]);
        }
    }

    #[test]
    fn names_of_every_kind_survive(names in proptest::collection::hash_set("\\PC{1,20}", 1..5), current in "\\PC{1,20}") {
        let edits: Vec<Edit> = names.iter().map(|name| Edit::Put(List::Contexts, name.clone(), body("{user: u}")))
            .chain([Edit::CurrentContext(current.clone())]).collect();
        for start in ["", "kind: Config # keep\ncontexts:\n- name: first\n  context: {}\n", "{\"kind\":\"Config\"}"] {
            let Ok(edited) = Document::parse(start.to_owned()).expect("valid").apply(&edits) else {
                // Refusing is allowed for names that no two YAML parsers agree on; losing is not.
                prop_assert!(names.iter().chain([&current]).any(|name| !name.chars().all(|c| c.is_ascii_graphic())));
                continue;
            };
            let again = Document::parse(edited.clone()).expect("valid");
            for name in &names {
                prop_assert!(again.body(List::Contexts, name).is_some(), "{name:?} in {edited}");
            }
            prop_assert_eq!(again.current_context(), Some(current.as_str()));
            prop_assert!(!start.contains('#') || edited.contains("kind: Config # keep\n"));
        }
    }
}
