//! `eksso profiles`: `credential_process` profiles in `~/.aws/config`, and what of that file is not ours.

use crate::process::eksso;
use crate::support::{Desk, both};

const OTHERS: &str = "# mine\r\n[default]\r\n   region=us-east-1  \r\n; aws_secret_access_key = x\r\n\r\n[profile  odd]\r\n\
    aws_secret_access_key : canary-of-the-user\r\ncli_history = enabled";

const ADMIN: &str = "[profile Production/EKSAdmin]\n# written by eksso profiles\n\
    credential_process = eksso credentials --session corp --account 111122223333 --role EKSAdmin\nregion = eu-west-1\n";

#[test]
fn each_role_has_a_profile_that_asks_eksso() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        let name = if desk.is_okta() { "111122223333" } else { "Production" };
        let done = desk.run(&["profiles", "--account=111122223333", "--role=EKSAdmin"]).ok();
        assert!(done.err.contains("1 profile in ") && done.err.contains("1 of them new"), "{}", done.err);
        assert_eq!(done.out, "");
        assert_eq!(desk.read(".aws/config"), ADMIN.replace("Production", name));
        let again = desk.run(&["profiles", "--account=111122223333", "--role=EKSAdmin"]).ok();
        assert!(again.err.contains("0 of them new, 0 updated") && !again.err.contains("--undo"), "{}", again.err);
        desk.run(&["profiles", "--role=EKS*"]).ok();
        assert!(desk.read(".aws/config").matches("[profile ").count() > 2);
        // What it calls gives the role's credentials.
        let process = ["credentials", "--session", "corp", "--account", "111122223333", "--role", "EKSAdmin"];
        assert_eq!(desk.run(&process).ok().json()["Version"], 1);
        desk.run(&["profiles", "--role=Nope*"]).fails(5, &["role"]);
    }
}

#[test]
fn the_rest_of_the_file_keeps_every_byte_and_undo_brings_all_of_it_back() {
    let desk = Desk::signed_in();
    desk.write(".aws/config", OTHERS);
    let dry = desk.run(&["profiles", "--role=EKS*", "--dry-run"]).ok();
    assert!(dry.out.contains("+[profile Production/EKSAdmin]") && !dry.out.contains("canary"), "{}", dry.out);
    assert_eq!(desk.read(".aws/config"), OTHERS);
    desk.run(&["profiles", "--role=EKS*"]).ok();
    let written = desk.read(".aws/config");
    assert!(written.starts_with(OTHERS) && written.contains("\r\n[profile Production/EKSAdmin]\r\n"), "{written}");
    assert!(!written.replace("\r\n", "").contains('\n'), "the line ends of the file");
    let dry = desk.run(&["profiles", "--undo", "--dry-run"]).ok();
    assert!(dry.out.contains("-[profile Production/EKSAdmin]"), "{}", dry.out);
    desk.run(&["profiles", "--undo"]).ok();
    assert_eq!(desk.read(".aws/config"), OTHERS);
    desk.run(&["profiles", "--undo"]).fails(5, &["no change of eksso to take back"]);
    // Where there was no file, there is none again.
    std::fs::remove_file(desk.path(".aws/config")).expect("removed");
    desk.run(&["profiles", "--role=EKS*"]).ok();
    desk.run(&["profiles", "--undo"]).ok();
    assert!(!desk.path(".aws/config").exists());
    // Not over what somebody did since.
    desk.run(&["profiles", "--role=EKS*"]).ok();
    let edited = desk.read(".aws/config") + "[profile later]\n";
    desk.write(".aws/config", &edited);
    desk.run(&["profiles", "--undo"]).fails(7, &["changed by another program"]);
    assert_eq!(desk.read(".aws/config"), edited);
}

#[cfg(unix)]
#[test]
fn links_and_modes_stay_and_a_new_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| path.metadata().expect("there").permissions().mode() & 0o777;
    let mut desk = Desk::signed_in();
    desk.run(&["profiles", "--role=EKSAdmin"]).ok();
    assert_eq!(mode(&desk.path(".aws/config")), 0o600);
    let real = desk.write("dotfiles/aws", "[default]\n");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o644)).expect("mode");
    let link = desk.path("link");
    std::os::unix::fs::symlink(&real, &link).expect("a link");
    let name = link.display().to_string();
    desk.set("AWS_CONFIG_FILE", &name).run(&["profiles", "--role=EKSAdmin"]).ok();
    assert!(link.is_symlink() && mode(&real) == 0o644);
    assert!(std::fs::read_to_string(real).expect("text").starts_with("[default]\n\n[profile "));
}

#[test]
fn names_come_from_the_template_and_are_nobody_elses() {
    let desk = Desk::signed_in();
    let config = desk.config();
    let with = |line: &str| desk.write(".config/eksso/config.toml", &format!("{line}\n{config}"));
    with("profile_name = \"{session}.{account_name|lower}.{role|replace:EKS:}\"");
    desk.run(&["profiles", "--role=EKSAdmin", "--account=Production"]).ok();
    assert!(desk.read(".aws/config").contains("[profile corp.production.Admin]"));
    // The template changed: with --prune the former name goes.
    with("profile_name = \"{account_id}/{role}\"");
    desk.run(&["profiles", "--role=EKSAdmin", "--account=Production", "--prune"]).fails(2, &["nobody to ask", "--yes"]);
    desk.run(&["profiles", "--role=EKSAdmin", "--account=Production", "--prune", "--yes"]).ok();
    assert_eq!(desk.read(".aws/config"), ADMIN.replace("Production/", "111122223333/").as_str());
    desk.write(".aws/config", "[profile 111122223333/EKSAdmin]\noutput = json\n");
    let left = desk.run(&["profiles", "--role=EKSAdmin", "--account=Production"]).ok();
    assert!(left.err.contains("`111122223333/EKSAdmin` is a profile of yours"), "{}", left.err);
    assert_eq!(desk.read(".aws/config"), "[profile 111122223333/EKSAdmin]\noutput = json\n");
    desk.write(".aws/config", "");
    desk.write(".aws/credentials", "[111122223333/EKSAdmin]\naws_access_key_id = AKIA\n");
    let warned = desk.run(&["profiles", "--role=EKSAdmin", "--account=Production"]).ok();
    assert!(warned.err.contains("which wins over its profile"), "{}", warned.err);
    with("profile_name = \"{role}\"");
    desk.run(&["profiles", "--role=EKSAdmin"])
        .fails(2, &["two roles would have the profile `EKSAdmin`", "profile_name"]);
    with("profile_name = \"{cluster}\"");
    desk.run(&["profiles"]).fails(2, &["no field `cluster`", "{account_name}"]);
}

#[test]
fn prune_takes_what_is_certainly_gone_and_no_more() {
    let desk = Desk::signed_in();
    desk.run(&["profiles", "--role=EKS*"]).ok();
    let all = desk.read(".aws/config");
    let foreign = all.clone() + "\n[profile other]\n# written by eksso profiles\ncredential_process = vault read\n";
    desk.write(".aws/config", &foreign);
    desk.run(&["profiles", "--role=EKS*", "--prune"]).ok();
    assert_eq!(desk.read(".aws/config"), foreign, "nothing is gone");
    let mut state = desk.simulator.state();
    let production = state.world.accounts.iter_mut().find(|account| account.id == "111122223333").expect("an account");
    production.roles.retain(|role| role != "EKSViewer");
    drop(state);
    let done = desk.run(&["profiles", "--role=EKS*", "--prune"]).ok();
    assert!(done.err.contains("Removed `Production/EKSViewer`."), "{}", done.err);
    let left = desk.read(".aws/config");
    assert!(!left.contains("Production/EKSViewer") && left.contains("[profile other]"), "{left}");
    assert!(left.contains("[profile Production/EKSAdmin]"), "{left}");
    // What could not be looked at is not gone.
    desk.fault("roles", 9, eksso_simulator::Fault::Error(500, "InternalServerException", "{}"));
    let failed = desk.run(&["profiles", "--role=EKS*", "--prune", "--yes"]);
    assert_ne!(failed.code, 0);
    assert_eq!(desk.read(".aws/config"), left);
}

#[cfg(unix)]
#[test]
fn a_write_that_fails_leaves_the_change_before_it_to_be_taken_back() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::signed_in();
    let path = desk.write(".aws/config", OTHERS);
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode");
    desk.run(&["profiles", "--role=EKSAdmin"]).ok();
    let first = desk.read(".aws/config");
    mode(0o400);
    desk.run(&["profiles", "--role=EKS*"]).fails(7, &["read-only"]);
    mode(0o600);
    assert_eq!(desk.read(".aws/config"), first);
    // One that was cut off before it was noted down as done is found all the same.
    desk.run(&["profiles", "--role=EKS*"]).ok();
    let record = |name: &str| {
        let found = desk.files().into_iter().find(|(path, _)| path.ends_with(name)).map(|(path, _)| path);
        found.unwrap_or_else(|| panic!("{name} is not there"))
    };
    let done = record("change.json");
    std::fs::rename(&done, done.with_file_name("begun.json")).expect("renamed");
    desk.run(&["profiles", "--undo"]).ok();
    assert_eq!(desk.read(".aws/config"), first);
    desk.write(".aws/config", OTHERS);
    desk.run(&["profiles", "--role=EKSAdmin"]).ok();
    let again = desk.read(".aws/config");
    mode(0o400);
    desk.run(&["profiles", "--role=EKS*"]).fails(7, &["read-only"]);
    mode(0o600);
    assert_eq!(desk.read(".aws/config"), again);
    desk.run(&["profiles", "--undo"]).ok();
    assert_eq!(desk.read(".aws/config"), OTHERS);
}

#[cfg(unix)]
#[test]
fn a_file_with_several_names_keeps_them_all() {
    let desk = Desk::signed_in();
    let path = desk.write(".aws/config", OTHERS);
    std::fs::hard_link(&path, desk.path("other-name")).expect("a link");
    desk.run(&["profiles", "--role=EKSAdmin"]).ok();
    let written = desk.read(".aws/config");
    assert!(written.starts_with(OTHERS) && written.len() > OTHERS.len());
    assert_eq!(desk.read("other-name"), written);
    desk.run(&["profiles", "--undo"]).ok();
    assert_eq!((desk.read(".aws/config"), desk.read("other-name")), (OTHERS.to_owned(), OTHERS.to_owned()));
    assert!(desk.files().iter().all(|(path, _)| !path.to_string_lossy().contains("kubeconfig-writing/")));
}

#[test]
fn each_file_has_an_undo_of_its_own() {
    let mut desk = Desk::signed_in();
    desk.run(&["profiles", "--role=EKSAdmin"]).ok();
    let other = desk.write("other", OTHERS).display().to_string();
    desk.set("AWS_CONFIG_FILE", &other).run(&["profiles", "--undo"]).fails(5, &["no change of eksso"]);
    desk.run(&["profiles", "--role=EKSViewer"]).ok();
    desk.env.remove("AWS_CONFIG_FILE");
    desk.run(&["profiles", "--undo"]).ok();
    assert!(!desk.path(".aws/config").exists());
    assert!(desk.read("other").contains("EKSViewer"));
    desk.set("AWS_CONFIG_FILE", &other).run(&["profiles", "--undo"]).ok();
    assert_eq!(desk.read("other"), OTHERS);
}

#[test]
fn a_command_with_credentials_of_one_role_writes_no_profiles_into_the_file_that_goes_with_it() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    for words in [&["--role=EKS*"][..], &["--undo"], &["--role=EKS*", "--dry-run"]] {
        let own = ["exec", "--aws", "Production/web:EKSViewer", "--", env!("CARGO_BIN_EXE_eksso"), "profiles"];
        let mut command = eksso(&desk);
        let done = command.env("XDG_RUNTIME_DIR", desk.path("run")).args(own).args(words).output().expect("started");
        let err = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{err}");
        assert!(err.contains("a file of eksso's own") && err.contains("env -u AWS_CONFIG_FILE"), "{err}");
    }
}

#[test]
fn no_secret_of_others_is_shown_in_a_diff_and_no_profile_is_without_a_name() {
    let desk = Desk::signed_in();
    desk.write(
        ".aws/config",
        "[profile x]\naws_secret_access_key =\n  canary-1\n  more: canary-2\n# canary-3\ncredential_process = vault canary-4",
    );
    let dry = desk.run(&["profiles", "--role=EKSAdmin", "--dry-run"]).ok();
    assert!(dry.out.contains("+[profile Production/EKSAdmin]") && dry.out.contains("[redacted]"), "{}", dry.out);
    assert!(!dry.out.contains("canary"), "{}", dry.out);
    let config = desk.config();
    desk.write(
        ".config/eksso/config.toml",
        &format!("profile_name = \"{{account_name|replace:Production:}}\"\n{config}"),
    );
    desk.run(&["profiles", "--role=EKSAdmin", "--account=Production"])
        .fails(2, &["the profile of EKSAdmin in 111122223333 would have no name", "profile_name"]);
    assert!(!desk.read(".aws/config").contains("[profile ]"));
}
