//! What is kept of a sign-in belongs to that sign-in, is never lost on the way, and waits for nobody before its time.

use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
const ROLES: [&str; 1] = ["roles"];

/// The files that hold something sealed.
fn sealed(desk: &Desk) -> Vec<std::path::PathBuf> {
    let files = desk.files().into_iter().map(|(path, _)| path);
    files.filter(|path| path.to_string_lossy().contains("/eksso/sealed/")).collect()
}

#[test]
fn a_sign_in_adopted_from_the_aws_cli_is_served_nothing_of_the_person_before() {
    let desk = Desk::signed_in();
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    let theirs: Vec<_> =
        desk.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("/.aws/")).collect();
    // Another person signs in here and uses a role; then the first one's sign-in is taken over from the AWS CLI.
    desk.run(&["login", "--force"]).ok();
    desk.run(&TOKEN).ok();
    let (path, _) = desk.item();
    std::fs::remove_file(path).expect("an item");
    theirs.iter().for_each(|(path, content)| std::fs::write(path, content).expect("a file"));
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    let before = desk.count("credentials");
    desk.run(&["login"]).ok();
    desk.person().present = false;
    desk.run(&TOKEN).ok();
    assert_eq!(desk.count("credentials"), before + 1, "nothing comes from the cache of another sign-in");
}

#[test]
fn a_sign_in_in_a_second_keyring_is_served_nothing_of_the_first() {
    for world in both() {
        let mut desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "x");
        desk.run(&TOKEN).fails(3, &["nobody is signed in"]);
        desk.run(&["login"]).ok();
        desk.run(&TOKEN).ok();
        assert_eq!(desk.count("credentials"), 2);
    }
}

#[test]
fn what_the_clean_up_left_behind_opens_for_nobody() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        let left: Vec<_> =
            sealed(&desk).into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect();
        desk.run(&["logout"]).ok();
        assert_eq!(sealed(&desk), Vec::<std::path::PathBuf>::new());
        left.iter().for_each(|(path, content)| std::fs::write(path, content).expect("a file"));
        desk.run(&TOKEN).fails(3, &["nobody is signed in"]);
        desk.run(&["login"]).ok();
        left.iter().for_each(|(path, content)| std::fs::write(path, content).expect("a file"));
        desk.run(&TOKEN).ok();
        assert_eq!(desk.count("credentials"), 2);
    }
}

#[test]
fn an_item_of_eksso_0_1_0_goes_on_and_gets_a_key() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        let (path, item) = desk.item();
        let mut old: serde_json::Value = serde_json::from_str(&item).expect("JSON");
        old["version"] = 1.into();
        old.as_object_mut().expect("an object").remove("sign_in");
        std::fs::remove_dir_all(desk.path(".local/state/eksso/sessions")).expect("the register");
        std::fs::write(&path, old.to_string()).expect("a file");
        assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], true);
        desk.run(&TOKEN).ok();
        desk.run(&TOKEN).ok();
        assert_eq!(desk.count("credentials"), 1, "sealed with the key that the item has now");
        let new: serde_json::Value = serde_json::from_str(&desk.item().1).expect("JSON");
        assert!(new["sign_in"]["id"].is_string());
        assert_eq!(new["refresh_token"], old["refresh_token"]);
        desk.run(&["logout"]).ok();
        assert_eq!(desk.count("start"), 1);
    }
}

#[test]
fn a_lost_state_folder_costs_requests_not_the_sign_in() {
    let desk = Desk::signed_in();
    desk.run(&TOKEN).ok();
    std::fs::remove_dir_all(desk.path(".local/state/eksso/sessions")).expect("the register");
    desk.run(&TOKEN).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(desk.count("credentials"), 2);
}

#[test]
fn a_newer_register_is_left_alone() {
    let desk = Desk::signed_in();
    let files = desk.files();
    let (path, _) = files.iter().find(|(path, _)| path.to_string_lossy().contains("/sessions/")).expect("a register");
    let newer = "{\"version\":9,\"from\":\"the future\"}";
    std::fs::write(path, newer).expect("a file");
    desk.run(&["login", "--force"]).fails(7, &["a newer eksso has signed in to session `corp`"]);
    assert_eq!(std::fs::read_to_string(path).expect("a file"), newer);
}

/// A command whose process can write no file: as on a full disk.
#[cfg(unix)]
fn on_a_full_disk(desk: &Desk, args: &[&str]) -> std::process::Output {
    let mut shell = std::process::Command::new("sh");
    shell.env_clear().envs(&desk.env).env("HOME", desk.home.path()).env("PATH", "/usr/bin:/bin");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_eksso")]).args(args);
    shell.stdin(std::process::Stdio::null()).output().expect("run")
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_nobody_is_asked_to_approve_and_no_refresh_token_is_spent() {
    for world in both() {
        let desk = Desk::configured(world.clone());
        let login = on_a_full_disk(&desk, &["login"]);
        assert_eq!(login.status.code(), Some(7), "{}", String::from_utf8_lossy(&login.stderr));
        assert_eq!(desk.count("start"), 0);
        desk.run(&["login"]).ok();
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10);
        let (path, item) = desk.item();
        let mut item: serde_json::Value = serde_json::from_str(&item).expect("JSON");
        item["expires_at"] = soon.to_string().into();
        std::fs::write(path, item.to_string()).expect("a file");
        let early = on_a_full_disk(&desk, &TOKEN);
        assert_eq!(early.status.code(), Some(0), "{}", String::from_utf8_lossy(&early.stderr));
        desk.age_tokens();
        let refused = on_a_full_disk(&desk, &["roles"]);
        let err = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(7), "{err}");
        assert!(err.contains("the sign-in is not renewed"), "{err}");
        desk.run(&ROLES).ok();
        assert_eq!(desk.count("start"), 1);
    }
}

#[cfg(unix)]
#[test]
fn renewed_tokens_that_the_keyring_does_not_take_are_set_aside_and_serve() {
    for world in both() {
        let desk = Desk::signed_in_to(World { rotate: true, ..world });
        let (path, item) = desk.item();
        desk.age_tokens();
        let aged = desk.item().1;
        desk.fault("renew", 1, Fault::Late(Duration::from_millis(1500)));
        let mut child = eksso(&desk).args(TOKEN).stdout(std::process::Stdio::null()).spawn().expect("started");
        let renews =
            |desk: &Desk| desk.simulator.state().requests.iter().filter(|r| r.body.contains("refresh_token")).count();
        while renews(&desk) == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        // While the reply is on its way the keyring breaks: a folder stands where the item was.
        std::fs::remove_file(&path).expect("an item");
        std::fs::create_dir(&path).expect("a folder");
        assert!(child.wait().expect("ended").code().is_some());
        std::fs::remove_dir(&path).expect("a folder");
        std::fs::write(&path, aged).expect("a file");
        // Nothing of it may come from what is cached.
        desk.run(&["credentials", "--account=444455556666", "--role=EKSAdmin", "--format=json"]).ok();
        assert_eq!(renews(&desk), 1, "the renewed tokens were not lost: {item}");
        let secrets = desk.simulator.state().secrets.clone();
        for (file, content) in desk.files().into_iter().filter(|(file, _)| *file != path) {
            let text = String::from_utf8_lossy(&content).into_owned();
            assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "in clear: {}", file.display());
        }
        a_refused_sign_out_leaves_the_last_tokens(&desk, Fault::Error(400, "InvalidRequestException", "{}"));
    }
}

/// A sign-out that fails at the provider leaves the tokens to the next one, which ends what lives.
fn a_refused_sign_out_leaves_the_last_tokens(desk: &Desk, fault: Fault) {
    desk.fault("sign out", 9, fault);
    desk.run(&["logout"]).fails(1, &["goes on at its provider"]);
    assert!(desk.simulator.state().can_be_renewed());
    desk.simulator.clear_faults();
    desk.run(&["logout"]).ok();
    assert!(!desk.simulator.state().can_be_renewed());
}

/// Revoking at a portal takes a live access token, and a dead one is renewed for it.
#[test]
fn a_sign_out_that_renews_and_then_fails_leaves_the_renewed_tokens_to_the_next_one() {
    let desk = Desk::signed_in_to(World { rotate: true, ..World::small() });
    desk.age_tokens();
    a_refused_sign_out_leaves_the_last_tokens(&desk, Fault::Error(500, "InternalServerException", "{}"));
}

/// The person's desktop keyring is not there over SSH.
#[test]
fn a_sign_out_without_its_keyring_does_what_needs_none() {
    let desk = Desk::signed_in();
    desk.run(&TOKEN).ok();
    let register =
        desk.files().into_iter().find(|(path, _)| path.parent().is_some_and(|folder| folder.ends_with("sessions")));
    let (path, content) = register.expect("a register");
    let text = String::from_utf8(content).expect("text");
    // A keyring that this system does not have, and that is nobody's.
    let elsewhere = if cfg!(windows) { "\"keychain\"" } else { "\"wincred\"" };
    std::fs::write(&path, text.replace("\"plaintext\"", elsewhere)).expect("a file");
    desk.run(&["logout"]).fails(1, &["all others are done"]);
    assert!(!desk.read(path.to_str().expect("text")).contains("\"id\""), "nothing sealed opens any more");
}

#[test]
fn credentials_that_are_still_good_wait_no_longer_than_a_second_for_new_ones() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        desk.simulator.advance(3600 - 600);
        desk.fault("credentials", 9, Fault::Hang);
        desk.fault("roles", 9, Fault::Hang);
        for round in 0..3 {
            let began = Instant::now();
            desk.run(&TOKEN).ok();
            let limit = if round == 0 { Duration::from_secs(15) } else { Duration::from_secs(1) };
            assert!(began.elapsed() < limit, "round {round}: {:?}", began.elapsed());
        }
        let tried = desk.count("credentials") + desk.count("roles");
        desk.simulator.advance(301);
        desk.run(&TOKEN).ok();
        assert!(desk.count("credentials") + desk.count("roles") > tried, "after five minutes it is tried again");
    }
}

#[test]
fn a_renewal_that_failed_early_is_let_alone_for_five_minutes() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.simulator.advance(3600 - 800);
        desk.fault("renew", 99, Fault::Error(500, "InternalServerException", "{}"));
        desk.run(&["roles", "--refresh"]).ok();
        let tried = desk.count("renew");
        desk.run(&["roles", "--refresh"]).ok();
        assert_eq!(desk.count("renew"), tried);
        desk.simulator.advance(301);
        desk.run(&["roles", "--refresh"]).ok();
        assert!(desk.count("renew") > tried);
    }
}

#[cfg(unix)]
#[test]
fn all_share_the_failure_of_the_one_renewal() {
    let desk = Desk::signed_in();
    desk.simulator.advance(7200);
    let refused = || Fault::Error(400, "UnauthorizedClientException", r#"{"error":"unauthorized_client"}"#);
    desk.simulator.fault("CreateToken", 1, Fault::Delay(Duration::from_millis(800)));
    desk.simulator.fault("CreateToken", 99, refused());
    desk.simulator.state().forget_refresh_tokens();
    let start = |_| eksso(&desk).args(TOKEN).stderr(std::process::Stdio::piped()).spawn().expect("started");
    let children: Vec<_> = (0..30).map(start).collect();
    for child in children {
        let out = child.wait_with_output().expect("ended");
        assert_eq!(out.status.code(), Some(3), "{}", String::from_utf8_lossy(&out.stderr));
    }
    assert!(
        desk.simulator.count("CreateToken") <= 3,
        "one sign-in, one renewal: {}",
        desk.simulator.count("CreateToken")
    );
}

#[test]
fn only_files_that_eksso_wrote_for_this_sign_in_are_shared_into_or_removed() {
    let desk = Desk::configured(World::small());
    let url = format!("{}/start", desk.simulator.url());
    desk.write(
        ".aws/config",
        &format!(
            "[sso-session other-name]\nsso_start_url = {url}/\nsso_region = eu-west-1\n\
             [profile legacy]\nsso_start_url = {url}#/\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n"
        ),
    );
    let name = |key: &str| format!(".aws/sso/cache/{}", eksso::domain::sign_in::aws_cli::cache_file(key));
    let theirs = format!(
        "{{\"startUrl\":\"{url}\",\"region\":\"eu-west-1\",\"accessToken\":\"theirs\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}}"
    );
    desk.write(&name(&format!("{url}#/")), &theirs);
    desk.run(&["login", "corp", "--share-with-aws-cli"]).ok().fails(0, &["left alone"]);
    assert_eq!(desk.read(&name(&format!("{url}#/"))), theirs, "no refresh token, and still not ours");
    assert!(desk.read(&name("other-name")).contains("accessToken"), "a session of another name for this portal");
    desk.run(&["logout", "corp"]).ok();
    assert_eq!(desk.read(&name(&format!("{url}#/"))), theirs);
    assert!(!desk.path(&name("other-name")).exists());
}

#[test]
fn the_kernels_copy_has_a_limit_or_is_switched_off() {
    let desk = Desk::signed_in();
    let config = desk.read(".config/eksso/config.toml");
    for (value, good) in [("off", true), ("30m", true), ("12h", true), ("forever", false), ("0s", false), ("", false)] {
        desk.write(".config/eksso/config.toml", &format!("kernel_key_cache = \"{value}\"\n{config}"));
        match good {
            true => _ = desk.run(&TOKEN).ok(),
            false => _ = desk.run(&TOKEN).fails(2, &["kernel_key_cache", "line 1"]),
        }
    }
}

#[cfg(unix)]
#[test]
fn a_cache_that_cannot_be_read_keeps_no_sign_out_from_telling_the_provider() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        let folder = desk.path(".cache/eksso/sealed");
        std::fs::remove_dir_all(&folder).expect("a folder");
        // A link to itself cannot be read by anybody, root included.
        std::os::unix::fs::symlink(&folder, &folder).expect("a link");
        desk.run(&["logout"]).fails(1, &["cannot read", "one step of signing out was not possible"]);
        assert!(desk.count("sign out") > 0, "the provider was told");
        desk.run(&ROLES).fails(3, &["nobody is signed in"]);
        std::fs::remove_file(&folder).expect("a link");
        desk.run(&["logout"]).ok();
    }
}

#[test]
fn what_one_session_leaves_does_not_keep_logout_all_from_the_others() {
    let desk = Desk::signed_in();
    let lab = desk.config().replace("regions", "#").replace("corp", "lab");
    desk.write(".config/eksso/config.toml", &format!("{}{lab}", desk.config()));
    desk.run(&["login", "lab"]).ok();
    // The first of the two keeps its lock; the second is ended all the same.
    let (path, item) = desk.item();
    let other =
        desk.files().into_iter().find(|(file, content)| *file != path && content.starts_with(b"{\"version\":2"));
    let (other, _) = other.expect("two items");
    std::fs::remove_file(&path).expect("an item");
    std::fs::create_dir(&path).expect("a folder where the item was");
    desk.run(&["logout", "--all"]).fails(1, &["is a folder", "could not be told"]);
    assert!(!other.exists(), "{item}");
    assert_eq!(desk.simulator.count("Logout"), 1);
}

#[test]
fn an_item_that_the_keyring_lost_is_told_from_a_sign_in_that_never_was() {
    let desk = Desk::signed_in();
    std::fs::remove_file(desk.item().0).expect("an item");
    desk.run(&ROLES).fails(3, &["nobody is signed in, as far as the `plaintext` keyring knows"]);
    desk.run(&["logout"]).ok();
    assert!(
        !desk.files().iter().any(|(path, _)| path.to_string_lossy().contains("/sessions/")),
        "the register is clean"
    );
}
