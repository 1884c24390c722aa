//! `eksso login` and `logout`, as a person and as a script meet them.

use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

#[test]
fn a_new_start_url_signs_in_and_becomes_a_session() {
    let desk = Desk::new();
    let url = format!("{}/start#/", desk.simulator.url());
    let login = desk.run(&["login", "work", "--start-url", &url, "--sso-region", "eu-west-1"]).ok();
    assert_eq!(login.out, "", "stdout carries data only");
    assert!(login.err.contains("/device?user_code="), "{}", login.err);
    assert!(
        login.err.contains("Signed in to `work` for another 1 h 0 min") || login.err.contains("59 min"),
        "{}",
        login.err
    );
    assert!(desk.read(".config/eksso/config.toml").contains("[sessions.work]"));
    let registered = desk.simulator.state().requests[0].body.clone();
    assert!(registered.contains("sso:account:access"), "{registered}");
    assert_eq!(desk.simulator.count("RegisterClient"), 1);
    #[cfg(unix)]
    for (path, _) in desk.files() {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[test]
fn without_a_name_the_session_is_called_like_the_portals_host() {
    let desk = Desk::new();
    let url = format!("{}/start", desk.simulator.url());
    desk.run(&["login", "--start-url", &url, "--sso-region", "eu-west-1"]).ok();
    assert!(desk.read(".config/eksso/config.toml").contains("[sessions.sso]"), "an address has no name of its own");
    let again = desk.run(&["login", "--start-url", &url, "--sso-region", "eu-west-1"]).ok();
    assert!(again.err.contains("Already signed in"), "{}", again.err);
}

#[test]
fn a_start_url_alone_needs_a_host_that_names_its_region() {
    let desk = Desk::new();
    let url = format!("{}/start", desk.simulator.url());
    desk.run(&["login", "--start-url", &url]).fails(2, &["the region of", "--sso-region"]);
}

#[test]
fn an_sso_session_of_the_aws_config_needs_no_import() {
    let desk = Desk::new();
    let text = format!("[sso-session corp]\nsso_start_url = {}/start\nsso_region = eu-west-1\n", desk.simulator.url());
    desk.write(".aws/config", &text);
    desk.run(&["login", "corp"]).ok();
    assert_eq!(desk.read(".config/eksso/config.toml"), "", "it is not copied");
    assert_eq!(desk.read(".aws/config"), text);
    assert_eq!(desk.run(&["status", "-o", "json"]).json()[0]["signed_in"], true);
}

#[test]
fn on_a_terminal_it_asks_shows_a_qr_code_opens_the_browser_and_goes_on_to_add() {
    let desk = Desk::new();
    {
        let mut person = desk.person();
        person.present = true;
        person.browser = true;
        person.answers = vec![format!("{}/start", desk.simulator.url()), "eu-west-1".into()];
        person.picks = Some("Staging EKSAdmin".into());
    }
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains('█'), "a QR code: {}", login.err);
    let person = desk.person();
    assert_eq!(person.pages.len(), 1);
    assert!(person.offered.len() >= 4, "{:?}", person.offered);
    assert_eq!(login.out, "Staging/web:EKSAdmin\n");
    assert!(desk.kubeconfig().get("current-context").is_none(), "login never switches");
}

#[test]
fn a_sign_in_whose_tokens_are_kept_in_plain_text_says_so() {
    let words = "secrets are kept in plain text, as chosen with the `plaintext` keyring";
    let mut desk = Desk::configured(World::small());
    for args in [&["login"][..], &["login", "--force", "-q"], &["login", "--all", "--force"]] {
        assert!(desk.run(args).ok().err.contains(words), "{args:?}");
    }
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "x");
    assert!(!desk.run(&["login"]).ok().err.contains("plain text"));
}

#[test]
fn no_browser_means_none_and_no_terminal_means_none() {
    let desk = Desk::configured(World::small());
    desk.person().present = true;
    desk.run(&["login", "--no-browser"]).ok();
    assert!(desk.person().pages.is_empty());
    desk.person().present = false;
    desk.run(&["login", "--force"]).ok();
}

#[test]
fn a_first_sign_in_that_came_to_nothing_names_the_command_that_begins_it_again() {
    let desk = Desk::new();
    let url = format!("{}/start", desk.simulator.url());
    desk.simulator.fault("CreateToken", 1, Fault::Error(400, "AccessDeniedException", r#"{"error":"access_denied"}"#));
    let args = ["login", "work", "--start-url", &url, "--sso-region", "eu-west-1"];
    let command = format!("hint: eksso {}\n", args.join(" "));
    desk.run(&args).fails(4, &["denied in the browser", &command]);
    desk.run(&["login", "work"]).fails(5, &["there is no session `work`"]);
    desk.simulator.advance(60);
    desk.run(&args).ok();
}

#[test]
fn without_a_session_and_a_terminal_it_says_what_to_run() {
    Desk::new().run(&["login"]).fails(3, &["there is no session yet", "eksso login --start-url"]);
}

#[test]
fn slow_down_is_obeyed_and_denial_is_told() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let pending = r#"{"error":"slow_down"}"#;
    desk.simulator.fault("CreateToken", 2, Fault::Error(400, "SlowDownException", pending));
    let before = desk.simulator.state().offset;
    // Nobody approves: the code's 10 minutes pass in 1 s + 5 s + 5 s steps.
    desk.run(&["login"]).fails(3, &["nobody approved", "check the SSO region: `eu-west-1`", "eksso login corp"]);
    let passed = desk.simulator.state().offset - before;
    let polls = desk.simulator.count("CreateToken");
    assert!((600..=611).contains(&passed), "{passed}");
    assert!((54..=57).contains(&polls), "one poll every 11 s, not {polls}");
    let desk = Desk::configured(World::small());
    desk.simulator.fault("CreateToken", 1, Fault::Error(400, "AccessDeniedException", r#"{"error":"access_denied"}"#));
    desk.run(&["login"]).fails(4, &["denied in the browser"]);
    assert_eq!(desk.run(&["status", "-o", "json"]).json()[0]["signed_in"], false);
}

#[test]
fn a_service_that_does_not_answer_is_told_once_and_asked_until_the_code_ends() {
    // One or two answers that are lost are no news.
    for (lost, times) in [(2, 0), (10_000, 1)] {
        for world in both() {
            let desk = Desk::configured(World { approve: false, ..world });
            desk.fault("poll", lost, Fault::Error(503, "ServiceUnavailable", "{}"));
            let told = desk.run(&["login"]).fails(3, &["nobody approved"]).err;
            assert_eq!(told.matches("The sign-in service does not answer").count(), times, "{told}");
            assert!(times == 0 || told.contains("asked again for another "), "{told}");
        }
    }
}

#[test]
fn a_clock_that_is_set_while_a_person_is_in_the_browser_neither_ends_nor_prolongs_a_sign_in() {
    const HOUR: i64 = 3600;
    let answer = |name, body| Fault::Error(400, name, body);
    for set in [HOUR, -HOUR] {
        for world in both() {
            let desk = Desk::configured(World { approve: false, ..world });
            desk.person().sets_clock = set;
            // Polls that come at their time: the simulator's clock tells when that was.
            let times = |desk: &Desk| {
                let polls = desk.count("poll");
                (desk.simulator.state().offset, polls)
            };
            // Nobody approves: the code lives for 10 minutes, whatever the clock says.
            desk.fault("poll", 6, answer("SlowDownException", r#"{"error":"slow_down"}"#));
            let before = times(&desk);
            desk.run(&["login"]).fails(3, &["nobody approved"]);
            let (passed, polls) = (times(&desk).0 - before.0, times(&desk).1 - before.1);
            assert!((570..=650).contains(&passed), "{passed} s");
            assert!((18..=28).contains(&polls), "{polls} polls, soon one every half minute");
            // Somebody does, after a few polls.
            desk.simulator.state().world.approve = true;
            desk.fault("poll", 4, answer("AuthorizationPendingException", r#"{"error":"authorization_pending"}"#));
            let before = times(&desk);
            desk.run(&["login"]).ok();
            let (passed, polls) = (times(&desk).0 - before.0, times(&desk).1 - before.1);
            assert!((5..=6).contains(&polls), "{polls} polls");
            assert!((4..=25).contains(&passed), "{polls} polls in {passed} s");
        }
    }
}

#[test]
fn an_oauth_error_without_its_header_is_read_from_the_body() {
    let desk = Desk::configured(World::small());
    desk.simulator.fault("CreateToken", 1, Fault::Error(400, "", r#"{"error":"authorization_pending"}"#));
    desk.run(&["login"]).ok();
}

#[test]
fn a_network_that_fails_while_waiting_does_not_end_the_sign_in() {
    let desk = Desk::configured(World::small());
    desk.simulator.fault("CreateToken", 3, Fault::Error(500, "InternalServerException", r#"{"error":"server_error"}"#));
    desk.run(&["login"]).ok();
}

#[test]
fn a_second_login_does_nothing_until_forced_and_reuses_the_registration() {
    let desk = Desk::signed_in();
    let again = desk.run(&["login"]).ok();
    assert!(again.err.contains("Already signed in to `corp`"), "{}", again.err);
    desk.run(&["login", "--force"]).ok();
    assert_eq!((desk.simulator.count("RegisterClient"), desk.simulator.count("StartDeviceAuthorization")), (1, 2));
}

#[test]
fn a_token_that_the_portal_ended_is_noticed_by_login() {
    let desk = Desk::signed_in();
    desk.simulator.state().end_session();
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("Signed in to `corp`"), "{}", login.err);
}

#[test]
fn a_client_that_the_service_forgot_is_registered_anew() {
    let desk = Desk::signed_in();
    let refusal = Fault::Error(401, "InvalidClientException", r#"{"error":"invalid_client"}"#);
    desk.simulator.fault("StartDeviceAuthorization", 1, refusal);
    desk.run(&["login", "--force"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 2);
}

#[test]
fn logout_revokes_and_leaves_no_secret_behind() {
    let desk = Desk::signed_in();
    desk.run(&["clusters"]).ok();
    let logout = desk.run(&["logout"]).ok();
    assert!(logout.err.contains("Signed out of `corp`; 2 role credentials removed."), "{}", logout.err);
    assert_eq!(desk.simulator.count("Logout"), 1);
    let secrets = desk.simulator.state().secrets.clone();
    for (path, content) in desk.files() {
        let text = String::from_utf8_lossy(&content).into_owned();
        assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{}", path.display());
    }
    assert!(desk.run(&["logout"]).ok().err.contains("was not signed in"));
    desk.run(&["roles"]).fails(3, &["sign-in needed for session `corp`", "eksso login corp"]);
}

#[test]
fn what_the_portal_could_not_be_told_is_said_and_a_later_logout_tells_it() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&["clusters"]).ok();
        let attempts = if desk.is_okta() { 1 } else { 3 };
        desk.fault("sign out", attempts, Fault::Error(503, "ServiceUnavailable", "{}"));
        desk.run(&["logout"]).fails(1, &["a problem of its own", "goes on at its provider", "eksso logout corp"]);
        let status = desk.run(&["status", "-o", "json"]).json();
        assert_eq!((&status[0]["signed_in"], &status[0]["sign_out_unfinished"]), (&false.into(), &true.into()));
        let status = desk.run(&["status"]).ok();
        assert!(status.out.contains("signed out here only"), "{}", status.out);
        assert!(status.err.contains("at its provider the sign-in may go on: eksso logout corp"), "{}", status.err);
        desk.run(&["roles"]).fails(3, &["somebody is signing out, or a sign-out could not be finished"]);
        assert!(desk.files().iter().all(|(path, _)| !path.to_string_lossy().contains("/sealed/")), "role credentials");
        desk.run(&["logout"]).ok();
        desk.run(&["roles"]).fails(3, &["nobody is signed in"]);
        assert!(desk.run(&["logout"]).ok().err.contains("was not signed in"));
    }
}

/// The tokens of an unfinished sign-out go with the next sign-in, so that is the last time that the provider can be told.
#[test]
fn a_sign_in_makes_up_for_a_sign_out_that_the_provider_was_not_told_of() {
    for is_down in [false, true] {
        for world in both() {
            let desk = Desk::signed_in_to(world);
            let attempts = if desk.is_okta() { 1 } else { 3 };
            let faults = if is_down { 99 } else { attempts };
            desk.fault("sign out", faults, Fault::Error(503, "ServiceUnavailable", "{}"));
            desk.run(&["logout"]).fails(1, &["goes on at its provider"]);
            let told = desk.count("sign out");
            let login = desk.run(&["login"]).ok();
            assert!(desk.count("sign out") > told, "{}", login.err);
            let words = login.err.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words.contains("goes on at its provider until it ends by itself"), is_down, "{words}");
            let status = desk.run(&["status", "-o", "json"]).ok().json();
            assert_eq!((&status[0]["signed_in"], &status[0]["sign_out_unfinished"]), (&true.into(), &false.into()));
            // One sign-in in place of another is no sign-out.
            let told = desk.count("sign out");
            desk.run(&["login", "--force"]).ok();
            assert_eq!(desk.count("sign out"), told);
        }
    }
}

#[test]
fn with_force_the_tokens_go_although_nobody_could_be_told() {
    let desk = Desk::signed_in();
    desk.fault("sign out", 99, Fault::Error(503, "ServiceUnavailable", "{}"));
    let logout = desk.run(&["logout", "--force"]).fails(1, &["goes on at its provider", "ends by itself"]);
    assert!(!logout.err.contains("eksso logout"), "a hint that cannot help: {}", logout.err);
    assert_eq!(desk.run(&["status", "-o", "json"]).json()[0]["sign_out_unfinished"], false);
    let secrets = desk.simulator.state().secrets.clone();
    for (path, content) in desk.files() {
        let text = String::from_utf8_lossy(&content).into_owned();
        assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{}", path.display());
    }
}

#[test]
fn a_name_that_is_taken_by_another_portal_is_refused() {
    let desk = Desk::signed_in();
    desk.run(&["login", "corp", "--start-url", "https://other.awsapps.com/start", "--sso-region", "us-east-1"])
        .fails(2, &["the session `corp` is of another place"]);
}

#[test]
fn what_was_written_to_the_settings_while_waiting_is_kept() {
    let desk = Desk::configured(World::small());
    let other = "\n[sessions.lab]\nstart_url = \"https://lab.awsapps.com/start\"\nregion = \"us-east-1\"\n";
    {
        let mut person = desk.person();
        person.present = true;
        person.writes = Some((desk.path(".config/eksso/config.toml"), format!("# edited meanwhile{other}")));
    }
    let url = format!("{}/start", desk.simulator.url());
    desk.run(&["login", "new", "--start-url", &url, "--sso-region", "us-east-1"]).ok();
    let config = desk.read(".config/eksso/config.toml");
    assert!(config.starts_with(&format!("# edited meanwhile{other}")) && config.contains("[sessions.new]"), "{config}");
}

#[test]
fn a_service_that_is_busy_is_not_taken_for_a_wrong_start_url_or_an_ended_session() {
    let slow = || Fault::Error(400, "SlowDownException", r#"{"error":"slow_down"}"#);
    let desk = Desk::configured(World::small());
    desk.simulator.fault("StartDeviceAuthorization", 9, slow());
    desk.run(&["login"]).fails(6, &["limiting our requests"]);
    let desk = Desk::signed_in();
    desk.simulator.advance(7200);
    desk.simulator.fault("CreateToken", 9, slow());
    desk.run(&["roles"]).fails(6, &["limiting our requests"]);
}

#[test]
fn a_forgotten_passphrase_is_a_way_back_not_a_dead_end() {
    let mut desk = Desk::configured(World::small());
    let token = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "the first");
    desk.run(&["login"]).ok();
    desk.run(&["clusters"]).ok();
    desk.set("EKSSO_PASSPHRASE", "the second");
    desk.run(&["login"]).fails(7, &["does not open the keyring"]);
    desk.run(&["login", "--force"]).fails(7, &["eksso logout --force"]);
    desk.run(&["logout", "--force"]).fails(1, &["does not open the keyring", "could not be told"]);
    desk.run(&["login"]).ok();
    desk.run(&token).ok();
    assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], true);
}

#[test]
fn logout_ends_a_session_whose_access_token_is_over_but_that_could_be_renewed() {
    let desk = Desk::signed_in();
    desk.simulator.advance(7200);
    let logout = desk.run(&["logout"]).ok();
    assert!(!logout.err.contains("was not told"), "{}", logout.err);
    assert_eq!(desk.simulator.count("Logout"), 1);
}

#[test]
fn logout_ends_a_session_in_every_keyring_that_holds_it() {
    let mut desk = Desk::signed_in();
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "x");
    desk.run(&["roles"]).fails(3, &["as far as the `passphrase` keyring knows"]);
    desk.run(&["login"]).ok();
    desk.run(&["logout"]).ok();
    assert_eq!(desk.simulator.count("Logout"), 2);
    desk.set("EKSSO_KEYRING", "plaintext");
    desk.run(&["roles"]).fails(3, &["as far as the `plaintext` keyring knows"]);
    assert!(desk.run(&["logout"]).ok().err.contains("`corp` was not signed in."));
    assert!(Desk::new().run(&["logout"]).ok().err.contains("no session to sign out of"));
}

#[test]
fn a_session_that_left_the_settings_or_was_pointed_elsewhere_can_still_be_ended() {
    let desk = Desk::signed_in();
    let config = desk.read(".config/eksso/config.toml");
    desk.write(".config/eksso/config.toml", &config.replace("/start\"", "/elsewhere\""));
    desk.run(&["roles"]).fails(3, &["sign-in needed"]);
    desk.run(&["logout", "corp"]).ok();
    assert_eq!(desk.simulator.count("Logout"), 1);
    desk.write(".config/eksso/config.toml", &config);
    desk.run(&["login"]).ok();
    desk.write(".config/eksso/config.toml", "");
    desk.run(&["logout", "--all"]).ok();
    assert_eq!(desk.simulator.count("Logout"), 2);
}

#[test]
fn one_line_is_said_of_a_session_however_many_keyrings_it_was_signed_in_in() {
    let mut desk = Desk::signed_in();
    desk.set("EKSSO_PASSPHRASE", "x");
    desk.run(&["--keyring", "passphrase", "login"]).ok();
    let logout = desk.run(&["logout"]).ok();
    assert_eq!(logout.err, "Signed out of `corp`.\n");
    assert_eq!(desk.simulator.count("Logout"), 2, "both were revoked");
    assert_eq!(desk.run(&["logout"]).ok().err, "`corp` was not signed in.\n");
}

#[test]
fn a_session_is_forgotten_with_all_that_lies_here_and_what_stays_is_told() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        let lab =
            "\n# the lab\n[sessions.lab]\nstart_url = \"https://lab.awsapps.com/start\"\nregion = \"eu-west-1\"\n";
        let settings = format!("default_session = \"corp\"\n{}{lab}", desk.config());
        desk.write(".config/eksso/config.toml", &settings);
        desk.run(&["add", "--account=*", "--role=EKSAdmin", "--region=*", "--cluster=*", "--unmapped"]).ok();
        desk.run(&["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
        desk.run(&["profiles", "--role=EKSAdmin"]).ok();
        let profiles = desk.read(".aws/config");
        let forgot = desk.run(&["logout", "corp", "--forget"]).ok();
        let name = desk.path(".config/eksso/config.toml").display().to_string();
        for words in [
            "Signed out of `corp`;",
            &format!("Forgot `corp`: it is no longer in {name}, nor is `default_session`."),
            "To make it anew: eksso login corp --",
            "contexts of `corp` stay in ",
            "to remove them: eksso --session corp rm '*'",
            "AWS profiles of `corp` stay in ",
        ] {
            assert!(forgot.err.contains(words), "{words}: {}", forgot.err);
        }
        assert!(desk.count("sign out") > 0, "it was ended at its provider");
        let mistyped = desk.run(&["logout", "lib", "--forget"]).fails(5, &["lab"]);
        assert!(!mistyped.err.contains("--forget"), "{}", mistyped.err);
        let left = desk.read(".config/eksso/config.toml");
        assert!(!left.contains("corp") && left.contains(lab) && left.contains("regions = "), "{left}");
        assert_eq!(desk.read(".aws/config"), profiles);
        // Named after the session or after its place: nothing but locks, which are empty.
        let digest = |text: &str| eksso::domain::text::digest(text)[..32].to_owned();
        let place = if desk.is_okta() {
            format!("{} as 0oaclient", desk.simulator.url())
        } else {
            format!("{}/start in eu-west-1", desk.simulator.url())
        };
        for (path, content) in desk.files() {
            let shown = path.to_string_lossy().into_owned();
            let is_lock = shown.contains("/locks/") && content.is_empty();
            assert!(is_lock || !shown.contains(&digest("corp")) && !shown.contains(&digest(&place)), "{shown}");
            assert!(!shown.contains("/secrets/") && !shown.contains("/sealed/"), "{shown}");
        }
        desk.run(&["--session", "corp", "rm", "*"]).ok();
        assert!(!desk.read(".kube/config").contains("eksso/corp/"));
        desk.run(&["status", "corp"]).fails(5, &["there is no session `corp`"]);
        desk.run(&["logout", "corp", "--forget"]).fails(5, &["there is no session `corp`"]);
    }
}

#[test]
fn a_session_whose_sign_out_is_not_done_is_not_forgotten_and_one_of_others_is_told() {
    let desk = Desk::signed_in();
    desk.simulator.fault("Logout", 9, Fault::Error(500, "InternalServerException", "{}"));
    desk.run(&["logout", "--forget"])
        .fails(1, &["not possible", "`corp` is not forgotten, as its sign-out is not done"])
        .fails(1, &["eksso logout corp --forget\n", "eksso logout corp --forget --force"]);
    assert!(desk.read(".config/eksso/config.toml").contains("[sessions.corp]"));
    desk.simulator.clear_faults();
    let settings = desk.path(".config/eksso/config.toml");
    let asked = desk.simulator.count("Logout");
    let writable = std::fs::metadata(&settings).expect("there").permissions();
    std::fs::set_permissions(&settings, std::os::unix::fs::PermissionsExt::from_mode(0o400)).expect("read-only");
    desk.run(&["logout", "--forget"]).fails(7, &["config.toml is read-only"]);
    assert_eq!(desk.simulator.count("Logout"), asked, "and nobody was signed out");
    std::fs::set_permissions(&settings, writable).expect("as before");
    let block = format!("[sso-session corp]\nsso_start_url = {}/start\nsso_region = eu-west-1\n", desk.simulator.url());
    let path = desk.write(".aws/config", &block).display().to_string();
    let forgot = desk.run(&["logout", "--forget"]).ok();
    assert!(
        forgot.err.contains(&format!("`corp` is still a session: [sso-session corp] in {path} names it")),
        "{}",
        forgot.err
    );
    assert_eq!(desk.read(".aws/config"), block);
    assert!(desk.run(&["logout", "--forget"]).ok().err.contains("Forgot what was kept here of `corp`."));
}

#[test]
fn a_question_is_asked_again_after_a_wrong_answer() {
    let desk = Desk::new();
    {
        let mut person = desk.person();
        person.present = true;
        let url = format!("{}/start", desk.simulator.url());
        person.answers = vec!["foo".into(), url, String::new(), "eu-west-1".into()];
    }
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("`foo` is not a valid start URL"), "{}", login.err);
    assert!(desk.read(".config/eksso/config.toml").contains("region = \"eu-west-1\""));
}

#[test]
fn a_second_name_for_a_portal_is_told() {
    let desk = Desk::signed_in();
    let url = format!("{}/start", desk.simulator.url());
    let login = desk.run(&["login", "--start-url", &url, "--sso-region", "us-east-1"]).ok();
    assert!(
        login.err.contains("Saved as session `sso` in") && login.err.contains(&format!("`corp` is {url} in eu-west-1")),
        "{}",
        login.err
    );
}
