//! `eksso credentials`, roles assumed from others, profiles, the AWS CLI's token cache, and clocks that are wrong.

use crate::support::Desk;
use eksso_simulator::{Cluster, World};

const DEPLOY: &str = "arn:aws:iam::444455556666:role/Deploy";
const ADMIN: [&str; 3] = ["credentials", "--account=111122223333", "--role=EKSAdmin"];

fn with(args: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [args, more].concat()
}

/// A desk whose STS is the simulator too.
fn signed_in(world: World) -> Desk {
    let mut desk = Desk::configured(world);
    let url = desk.simulator.url().to_owned();
    desk.set("AWS_ENDPOINT_URL_STS", &url);
    desk.run(&["login"]).ok();
    desk
}

#[test]
fn credentials_come_in_three_forms_from_one_request() {
    let desk = signed_in(World::small());
    let process = desk.run(&ADMIN).ok();
    let reply = process.json();
    assert_eq!((reply["Version"].as_i64(), process.out.lines().count()), (Some(1), 1));
    let key = reply["AccessKeyId"].as_str().expect("a key").to_owned();
    let issued =
        desk.simulator.state().issued().find(|(known, _)| **known == key).map(|(_, i)| i.clone()).expect("issued");
    assert_eq!(reply["SecretAccessKey"], issued.secret.as_str());
    assert_eq!(reply["SessionToken"], issued.token.as_str());
    let end: jiff::Timestamp = reply["Expiration"].as_str().expect("a time").parse().expect("RFC 3339");
    assert_eq!(end.as_second(), issued.ends);
    let env = desk.run(&with(&ADMIN, &["--format", "env"])).ok().out;
    assert!(env.starts_with(&format!("export AWS_ACCESS_KEY_ID={key}\nexport AWS_SECRET_ACCESS_KEY=")), "{env}");
    let json = desk.run(&with(&ADMIN, &["--format", "json"])).ok().json();
    assert_eq!((json["session"].as_str(), json["role"].as_str()), (Some("corp"), Some("EKSAdmin")));
    assert_eq!(desk.simulator.count("GetRoleCredentials"), 1);
}

#[test]
fn a_context_names_its_own_credentials() {
    let desk = signed_in(World::small());
    desk.run(&["credentials"]).fails(2, &["no current context"]);
    desk.run(&["add", "--account=Production", "--role=EKSViewer", "--cluster=web", "--region=eu-west-1"]).ok();
    let named = desk.run(&["credentials", "Production/web:EKSViewer", "--format", "json"]).ok().json();
    assert_eq!(named["role"], "EKSViewer");
    desk.run(&["credentials", "Production/web:EKSViewr"]).fails(5, &["eksso credentials Production/web:EKSViewer"]);
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    assert_eq!(desk.run(&["credentials", "--format", "json"]).ok().json()["role"], "EKSViewer");
    desk.run(&["credentials", "x", "--account=111122223333", "--role=EKSAdmin"]).fails(2, &["cannot be used with"]);
    desk.run(&["credentials", "--account=111122223333"]).fails(2, &["--role"]);
}

#[test]
fn nobody_is_asked_and_nothing_printed_when_a_sign_in_is_needed() {
    let desk = Desk::configured(World::small());
    desk.person().present = true;
    assert_eq!(desk.run(&ADMIN).fails(3, &["eksso login corp"]).out, "");
}

#[test]
fn another_role_is_assumed_under_the_users_own_name_and_cached() {
    let mut world = World::small();
    world.clusters.push(Cluster::new("444455556666", "eu-west-1", "deploy", &["Deploy"]));
    let desk = signed_in(world);
    let token = [
        "token",
        "--account=111122223333",
        "--role=EKSAdmin",
        "--assume-role",
        DEPLOY,
        "--cluster=deploy",
        "--region=eu-west-1",
    ];
    for _ in 0..2 {
        let reply = desk.run(&token).ok().json();
        let text = reply["status"]["token"].as_str().expect("a token");
        let user = desk.simulator.authenticate("444455556666", "eu-west-1", "deploy", text).expect("accepted");
        assert_eq!(user["username"], "deploy:jane-example.com");
    }
    let counts = ["AssumeRole", "GetCallerIdentity", "GetRoleCredentials"].map(|name| desk.simulator.count(name));
    assert_eq!(counts, [1, 1, 1]);
    desk.run(&["credentials", "--account=111122223333", "--role=EKSViewer", "--assume-role", DEPLOY])
        .fails(4, &["`EKSViewer` may not assume", "trust policy"]);
    desk.run(&with(&ADMIN, &["--assume-role", "Deploy"])).fails(2, &["role ARN"]);
    desk.run(&["logout"]).ok();
    desk.run(&token).fails(3, &["eksso login corp"]);
}

#[test]
fn profiles_name_session_account_role_and_region() {
    let desk = signed_in(World::small());
    let profiles = format!(
        "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\nregion = eu-west-1\n\
         [sso-session corp]\nsso_start_url = {0}/start\nsso_region = eu-west-1\n\
         [profile legacy]\nsso_start_url = {0}/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = EKSViewer\n\
         [profile deploy]\nrole_arn = {DEPLOY}\nsource_profile = dev\n\
         [profile self]\ncredential_process = eksso credentials --profile self\n",
        desk.simulator.url()
    );
    desk.write(".aws/config", &profiles);
    let reply = desk.run(&["token", "--cluster=web", "--profile=dev"]).ok().json();
    let token = reply["status"]["token"].as_str().expect("a token");
    desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).expect("accepted");
    desk.run(&["token", "--cluster=web", "--profile=legacy"]).fails(2, &["names no region", "--region"]);
    let legacy = desk.run(&["credentials", "--profile=legacy", "--format=json"]).ok().json();
    assert_eq!(legacy["role"], "EKSViewer");
    let deploy = desk.run(&["credentials", "--profile=deploy", "--format=json"]).ok().json();
    assert_eq!(deploy["assumed_role"], DEPLOY);
    desk.run(&["credentials", "--profile=self"]).fails(2, &["eksso itself", "round in a circle"]);
    desk.run(&["credentials", "--profile=legcay"]).fails(2, &["did you mean `legacy`"]);
}

#[test]
fn a_sign_in_shared_with_the_aws_cli_follows_renewals_and_ends_with_logout() {
    let desk = Desk::configured(World::small());
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    let folder = desk.path(".aws/sso/cache");
    let tokens = || -> Vec<serde_json::Value> {
        let files = std::fs::read_dir(&folder).map(|dir| dir.flatten().collect::<Vec<_>>()).unwrap_or_default();
        files
            .iter()
            .map(|file| serde_json::from_slice(&std::fs::read(file.path()).expect("a file")).expect("JSON"))
            .collect()
    };
    let first = tokens();
    assert_eq!(first.len(), 2, "for the session's name and for its start URL");
    assert!(first[0].get("refreshToken").is_none() && first[0].get("clientSecret").is_none());
    #[cfg(unix)]
    for file in std::fs::read_dir(&folder).expect("a folder").flatten() {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().expect("metadata").permissions().mode() & 0o777, 0o600);
    }
    desk.simulator.advance(7200);
    desk.run(&["roles"]).ok();
    assert_ne!(tokens()[0]["accessToken"], first[0]["accessToken"], "renewed with ours");
    desk.run(&["logout"]).ok();
    assert!(tokens().is_empty());
    // Signed in already: sharing needs no second sign-in.
    desk.run(&["login"]).ok();
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    assert_eq!((tokens().len(), desk.simulator.count("StartDeviceAuthorization")), (2, 2));
}

#[test]
fn a_sign_in_of_the_aws_cli_is_offered_and_never_taken_silently() {
    let desk = Desk::configured(World::small());
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    // As if the AWS CLI had signed in and eksso never had.
    std::fs::remove_dir_all(desk.path(".local")).expect("the state");
    desk.run(&["roles"]).fails(3, &["eksso login corp"]);
    desk.person().present = true;
    desk.person().answers = vec!["n".into()];
    desk.run(&["login"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 2);
    std::fs::remove_dir_all(desk.path(".local")).expect("the state");
    desk.person().answers = vec!["y".into()];
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("The AWS CLI is signed in to this portal for another"), "{}", login.err);
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 2);
    desk.person().present = false;
    desk.run(&["roles"]).ok();
    desk.simulator.advance(3600);
    desk.run(&["roles"]).fails(3, &["the sign-in has ended"]);
}

#[test]
fn a_clock_that_is_wrong_is_noticed_and_explained() {
    let desk = signed_in(World::small());
    for (skew, words) in [(600, "10 min behind AWS's"), (-7200, "120 min ahead of AWS's")] {
        desk.simulator.state().date_skew = skew;
        let refused = desk.run(&ADMIN).fails(7, &["this machine's clock is", words, "set the clock:"]);
        assert_eq!(refused.out, "");
    }
    desk.simulator.state().date_skew = 200;
    desk.run(&ADMIN).ok();
}

fn cli_files(desk: &Desk) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(desk.path(".aws/sso/cache"))
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.sort();
    files
}

#[test]
fn sharing_goes_on_over_new_sign_ins_until_logout() {
    let desk = Desk::configured(World::small());
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    let content = || std::fs::read_to_string(&cli_files(&desk)[0]).expect("a file");
    let first = content();
    desk.run(&["login", "--force"]).ok();
    let second = content();
    assert_ne!(second, first, "the new token is there");
    // The portal ends the session; the person signs in the next day.
    desk.simulator.state().end_session();
    desk.simulator.advance(7200);
    desk.run(&["roles"]).fails(3, &["the sign-in has ended"]);
    desk.run(&["login"]).ok();
    assert_ne!(content(), second);
    desk.run(&["logout"]).ok();
    assert!(cli_files(&desk).is_empty());
}

#[test]
fn a_sign_in_of_the_aws_cli_itself_is_never_overwritten() {
    let desk = Desk::configured(World::small());
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    let own = format!(
        r#"{{"startUrl":"{}/start","region":"eu-west-1","accessToken":"theirs","expiresAt":"2099-01-01T00:00:00Z","refreshToken":"theirs"}}"#,
        desk.simulator.url()
    );
    for file in cli_files(&desk) {
        std::fs::write(file, &own).expect("a file");
    }
    desk.simulator.advance(7200);
    desk.run(&["roles"]).ok();
    let told = desk.run(&["login", "--share-with-aws-cli"]).ok();
    assert!(told.err.contains("The AWS CLI has a sign-in of its own"), "{}", told.err);
    desk.run(&["logout"]).ok();
    assert_eq!(cli_files(&desk).len(), 2);
    for file in cli_files(&desk) {
        assert_eq!(std::fs::read_to_string(file).expect("a file"), own);
    }
}

#[test]
fn a_borrowed_sign_in_is_given_back_by_logout_not_revoked() {
    let desk = Desk::configured(World::small());
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    std::fs::remove_dir_all(desk.path(".local")).expect("the state");
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    desk.run(&["login"]).ok();
    desk.person().present = false;
    let logout = desk.run(&["logout"]).ok();
    assert!(logout.err.contains("Signed out of `corp`"), "{}", logout.err);
    assert_eq!((desk.simulator.count("Logout"), cli_files(&desk).len()), (0, 2));
}

#[test]
fn a_sign_in_made_elsewhere_during_the_question_is_not_overwritten_by_the_borrowed_one() {
    let desk = Desk::configured(World::small());
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    let item = desk.files().into_iter().find(|(_, content)| content.starts_with(b"{\"version\":2")).expect("an item");
    let text = String::from_utf8(item.1).expect("text");
    std::fs::remove_file(&item.0).expect("removed");
    {
        let mut person = desk.person();
        (person.present, person.answers) = (true, vec!["y".into()]);
        person.writes = Some((item.0.clone(), text.clone()));
    }
    desk.run(&["login"]).ok();
    assert_eq!(std::fs::read_to_string(&item.0).expect("a file"), text);
}
