//! `~/.aws/config` beside config.toml: where both speak of a session, what is left out, and what is offered.

use crate::support::Desk;
use eksso_simulator::World;

#[test]
fn a_session_that_cannot_be_used_is_named_with_its_line_and_not_dropped() {
    let mut desk = Desk::configured(World::small());
    desk.write("aws/config", "[default]\n\n  [sso-session lab]\n  sso_start_url = https://lab.awsapps.com/start\n");
    desk.set("AWS_CONFIG_FILE", "~/aws/config");
    for args in [&["status"][..], &["login"]] {
        let told = desk.run(args).ok();
        let line = "aws/config, line 3: [sso-session lab] is left out: it has no sso_region";
        assert!(told.err.contains(line), "{}", told.err);
    }
}

#[test]
fn one_name_for_two_places_is_an_error_that_names_both() {
    let desk = Desk::signed_in();
    desk.write(
        ".aws/config",
        "[sso-session corp]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n\
         [profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n",
    );
    let url = desk.simulator.url().to_owned();
    let words = ["two sessions at different places are called `corp`", "https://other.awsapps.com/start", &url];
    desk.run(&["credentials", "--profile", "dev", "--format", "json"]).fails(2, &words);
    // At one place it is one session.
    desk.write(
        ".aws/config",
        &format!(
            "[sso-session corp]\nsso_start_url = {url}/start\nsso_region = EU-WEST-1\n\
             [profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n"
        ),
    );
    desk.run(&["credentials", "--profile", "dev", "--format", "json"]).ok();
}

/// A profile `x` that assumes a role from an assigned one.
fn assuming(desk: &Desk) -> String {
    format!(
        "[profile dev]\nsso_start_url = {}/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\n\
         sso_role_name = EKSAdmin\n[profile x]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = dev\n",
        desk.simulator.url()
    )
}

#[test]
fn what_a_profile_sends_with_its_role_is_sent() {
    let desk = Desk::signed_in();
    let base = assuming(&desk);
    desk.simulator.state().world.external_id = Some("from us".into());
    let args = ["credentials", "--profile", "x", "--format", "json"];
    desk.write(".aws/config", &base);
    desk.run(&args).fails(4, &["may not assume"]);
    desk.write(".aws/config", &format!("{base}external_id = from us\n"));
    desk.run(&args).ok();
    // Other options are another request: what is cached for the one is not for the other.
    desk.simulator.state().world.role_session_name = Some("batch".into());
    desk.write(
        ".aws/config",
        &format!("{base}external_id = from us\nrole_session_name = batch\nduration_seconds = 900\n"),
    );
    let before = desk.simulator.count("AssumeRole");
    desk.run(&args).ok();
    assert_eq!(desk.simulator.count("AssumeRole"), before + 1);
    // Fifteen minutes are not renewed at every call.
    desk.run(&args).ok();
    assert_eq!(desk.simulator.count("AssumeRole"), before + 1);
}

#[test]
fn what_a_profile_asks_for_and_would_not_get_is_refused_by_name() {
    let desk = Desk::signed_in();
    let base = assuming(&desk);
    for (key, value) in [("duration_seconds", "soon"), ("mfa_serial", "m")] {
        desk.write(".aws/config", &format!("{base}{key} = {value}\n"));
        desk.run(&["credentials", "--profile", "x", "--format", "json"]).fails(2, &["`x`", key]);
    }
}

#[test]
fn the_portal_of_an_old_profile_is_offered_by_login() {
    let desk = Desk::with(World::small());
    let url = desk.simulator.url().to_owned();
    desk.write(
        ".aws/config",
        &format!("[profile old]\nsso_start_url = {url}/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n"),
    );
    desk.run(&["login"]).fails(3, &["profile `old` signs in there: eksso login --start-url", &url]);
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    let told = desk.run(&["login"]);
    assert!(
        told.err.contains("Profile `old` of the AWS CLI signs in at") && told.err.contains("Signed in to"),
        "{}",
        told.err
    );
    assert!(desk.read(".config/eksso/config.toml").contains(&url));
}

#[test]
fn blocks_without_a_usable_name_and_lines_that_the_aws_cli_refuses_are_told_with_their_line() {
    let mut desk = Desk::new();
    let block = "sso_start_url = https://lab.awsapps.com/start\nsso_region = eu-west-1\n";
    desk.write(
        "aws/config",
        &format!(
            "key = early\n[sso-session a/b \"q\"]\n{block}[profile x]\nAKIASECRET\nregion = us-east-1\nregion = us-east-2\n= 1\n\
             [unclosed\n[sso-session ok]\n{block}[profile x]\n"
        ),
    );
    let aws = "the AWS CLI refuses the whole file because of this line: ";
    desk.set("AWS_CONFIG_FILE", "~/aws/config");
    for args in [&["status"][..], &["login", "another"]] {
        let done = desk.run(args);
        let words = done.err.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in [
            format!("line 1: {aws}it stands before the first section"),
            "line 2: [sso-session a/b \"q\"] is left out: its name is not one word".to_owned(),
            format!("line 6: {aws}it is neither a header nor `key = value`"),
            format!("line 8: {aws}its key stands twice"),
            format!("line 9: {aws}no key stands in front"),
            format!("line 10: {aws}its bracket is not closed"),
            format!("line 14: {aws}there is such a section further up"),
        ] {
            assert!(words.contains(&line), "{args:?}: {line}: {words}");
        }
        assert!(!words.contains("AKIASECRET"), "{words}");
    }
}
