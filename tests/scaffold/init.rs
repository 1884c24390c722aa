//! The file that people begin with.

use crate::support::Desk;

#[test]
fn on_a_terminal_what_no_flag_says_is_asked_for_until_it_can_be_used() {
    let desk = Desk::new();
    desk.person().present = true;
    desk.person().answers = ["eu-central-1", "44", "444444444444", "", "Okta"].map(str::to_owned).to_vec();
    let file = desk.path("asked.toml");
    let path = file.to_str().expect("a path");
    let outcome = desk.run(&["scaffold", "init", path]).ok();
    assert!(outcome.err.contains("12 digits"), "{}", outcome.err);
    let text = desk.read("asked.toml");
    for words in
        ["saml_provider = \"Okta\"", "account = \"444444444444\"", "region = \"eu-central-1\"", "[clusters.payments]"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    desk.run(&["scaffold", "check", "--file", path]).ok();
    // Flags for all: nothing is left to ask.
    desk.person().answers = vec!["never".into()];
    let other = desk.path("flags.toml");
    let flags = ["--account", "444444444444", "--region", "eu-west-1", "--cluster", "web", "--okta", "Okta"];
    desk.run(&[&["scaffold", "init", other.to_str().expect("a path")][..], &flags[..]].concat()).ok();
    assert_eq!(desk.person().answers, ["never"]);
    // Nor is anybody asked who may not be.
    let quiet = desk.path("quiet.toml");
    desk.run(&["scaffold", "init", "--no-input", quiet.to_str().expect("a path")]).ok();
    assert_eq!(desk.person().answers, ["never"]);
}

#[test]
fn who_answers_none_has_no_provider_of_that_name() {
    for word in ["none", "None", "no", "-", ""] {
        let desk = Desk::new();
        desk.person().present = true;
        desk.person().answers = ["", "", "", word].map(str::to_owned).to_vec();
        let file = desk.path("asked.toml");
        desk.run(&["scaffold", "init", file.to_str().expect("a path")]).ok();
        let text = desk.read("asked.toml");
        assert!(!text.contains("saml_provider = \"n") && !text.contains("saml_provider = \"-"), "{word}: {text}");
        assert!(text.contains("people come by IAM Identity Center"), "{word}: {text}");
        assert!(desk.person().answers.is_empty(), "{word}: it was asked");
    }
}
