//! config.toml and the choice of a session.

use crate::support::Desk;
use eksso_simulator::World;

#[test]
fn an_unknown_key_names_line_and_key() {
    let desk = Desk::configured(World::small());
    desk.write(".config/eksso/config.toml", &format!("# ours\nregoins = []\n{}", desk.config()));
    desk.run(&["status"]).fails(2, &["config.toml cannot be used", "line 2", "regoins"]);
}

#[test]
fn with_several_sessions_one_must_be_named() {
    let mut desk = Desk::configured(World::small());
    let second = "\n[sessions.lab]\nstart_url = \"https://lab.awsapps.com/start\"\nregion = \"us-east-1\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}{second}", desk.config()));
    let several = ["there are several sessions: corp, lab", "hint: eksso --session corp roles --account 'a b'\n"];
    desk.run(&["roles", "--account", "a b"])
        .fails(2, &several)
        .fails(2, &["hint: eksso --session lab roles", "default_session"]);
    let near = ["there is no session `crop`", "the sessions are `corp`, `lab`", "hint: eksso roles --session corp\n"];
    let crop = desk.run(&["roles", "--session", "crop"]).fails(5, &near);
    assert!(!crop.err.contains("eksso login") && !crop.err.contains("--session lab"), "{}", crop.err);
    for args in [&["logout", "nosuch"][..], &["status", "nosuch"], &["clusters", "--session", "nosuch"]] {
        let none = desk.run(args).fails(5, &["the sessions are `corp`, `lab`"]);
        for known in ["corp", "lab"] {
            let line = format!("hint: eksso {}\n", args.join(" ").replace("nosuch", known));
            assert!(none.err.contains(&line), "{line}: {}", none.err);
        }
        assert!(!none.err.contains("eksso login"), "{}", none.err);
    }
    let new = "hint: a new one: eksso login nosuch --start-url URL --sso-region REGION\n";
    desk.run(&["login", "nosuch"]).fails(5, &["hint: eksso login corp\n", new]);
    // The line that a kubeconfig holds was typed by nobody.
    let token =
        ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=R", "--session=crop"];
    desk.run(&token).fails(5, &["the sessions are `corp`, `lab`", "hint: eksso login crop --start-url URL"]);
    desk.set("EKSSO_SESSION", "corp");
    desk.run(&["roles"]).fails(3, &["session `corp`"]);
    desk.run(&["roles", "--session", "lab"]).fails(3, &["session `lab`"]);
    desk.set("EKSSO_SESSION", "");
    desk.write(".config/eksso/config.toml", &format!("default_session = \"lab\"\n{}{second}", desk.config()));
    desk.run(&["roles"]).fails(3, &["session `lab`"]);
}

#[test]
fn a_session_of_ours_wins_over_one_of_the_aws_config() {
    let desk = Desk::configured(World::small());
    desk.write(
        ".aws/config",
        "[sso-session corp]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n",
    );
    let status = desk.run(&["status", "-o", "json"]).ok().json();
    assert_eq!(status.as_array().expect("array").len(), 1);
    assert_eq!(status[0]["region"], "eu-west-1");
}

#[test]
fn context_names_follow_the_template() {
    let desk = Desk::signed_in();
    desk.write(
        ".config/eksso/config.toml",
        &format!("context_name = \"{{role}}@{{cluster}}.{{region}}\"\n{}", desk.config()),
    );
    let added = desk.run(&["add", "--cluster=batch", "--role=EKSAdmin"]).ok();
    assert_eq!(added.out, "EKSAdmin@batch.us-east-1\n");
}

#[test]
fn status_tells_who_until_when_and_where_the_secrets_are() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--use"]).ok();
    let status = desk.run(&["status", "-o", "json"]).ok().json();
    let row = &status[0];
    assert_eq!(
        (row["session"].as_str(), row["signed_in"].as_bool(), row["current"].as_bool()),
        (Some("corp"), Some(true), Some(true))
    );
    assert_eq!((row["keyring"].as_str(), row["role_credentials"].as_u64()), (Some("plaintext"), Some(2)));
    assert!(row["access_token_expires_at"].as_str().expect("text").ends_with('Z'));
    let table = desk.run(&["status"]).ok();
    assert!(
        table.out.contains("corp*")
            && table.err.contains("plain text")
            && table.err.contains("Current context: Production/batch:EKSAdmin")
    );
    assert!(desk.simulator.count("ListAccounts") <= 1, "status asks nobody");
}

#[test]
fn a_settings_file_or_session_that_is_named_must_be_there() {
    let mut desk = Desk::configured(World::small());
    desk.run(&["--config", "/nope.toml", "status"]).fails(5, &["there is no file /nope.toml", "EKSSO_CONFIG"]);
    desk.set("EKSSO_SESSION", "nope");
    desk.run(&["status"]).fails(5, &["there is no session `nope`"]);
    let new = desk.path("new/eksso.toml");
    let url = format!("{}/start", desk.simulator.url());
    let login =
        ["login", "nope", "--start-url", &url, "--sso-region", "eu-west-1", "--config", new.to_str().expect("text")];
    desk.run(&login).ok();
    assert!(new.exists(), "a sign-in makes the file it was told to use");
}

#[test]
fn a_broken_kubeconfig_does_not_hide_who_is_signed_in() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "users: [");
    let status = desk.run(&["status"]).ok();
    assert!(status.out.contains("corp") && status.err.contains("warning:"), "{}{}", status.out, status.err);
}

#[test]
fn the_settings_of_the_readme_are_settings() {
    let readme = include_str!("../../README.md");
    let block = readme.split("```").find(|block| block.contains("default_session = \"corp\"")).expect("a block");
    let desk = Desk::new();
    desk.write(".config/eksso/config.toml", block.trim_start_matches("toml"));
    desk.run(&["status"]).ok();
}
