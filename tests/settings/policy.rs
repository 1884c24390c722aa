//! The policy of a machine: it is believed only where nobody but its owner can write, and each rule binds.

use crate::support::{Desk, POLICY, both};
use eksso_simulator::World;

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
const WEB: &str = "Production/web:EKSAdmin";

/// A desk that is signed in and has a context, whose machine then gets a policy.
fn bound(policy: &str) -> Desk {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKS*", "--use"]).ok();
    desk.run(&TOKEN).ok();
    desk.write(POLICY, policy);
    desk
}

/// What a refusal by a rule says.
#[track_caller]
fn refuses(desk: &Desk, args: &[&str], rule: &str) {
    let file = desk.path(POLICY).display().to_string();
    let words = [format!("`{rule}` in {file}"), "the policy of this machine says so".to_owned()];
    let outcome = desk.run(args);
    assert!(outcome.out.is_empty(), "{args:?}: {}", outcome.out);
    outcome.fails(4, &words.each_ref().map(String::as_str));
}

#[test]
fn a_portal_or_an_org_that_is_not_allowed_gives_no_sign_in_and_no_token_and_can_still_be_signed_out_of() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        let rule = if desk.is_okta() { "org_urls" } else { "start_urls" };
        let allowed =
            if desk.is_okta() { desk.simulator.url().to_owned() } else { format!("{}/start", desk.simulator.url()) };
        desk.write(POLICY, &format!("{rule} = [\"{allowed}\"]\n"));
        desk.run(&TOKEN).ok();
        desk.write(POLICY, &format!("{rule} = [\"https://other.example.com\"]\n"));
        let before = desk.simulator.state().requests.len();
        for args in [
            &TOKEN[..],
            &["login"],
            &["login", "--force"],
            &["roles"],
            &["clusters"],
            &["whoami", "--account=111122223333"][..1],
        ] {
            if args[0] != "whoami" {
                refuses(&desk, args, rule);
            }
        }
        assert_eq!(desk.simulator.state().requests.len(), before, "nobody is asked");
        assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], true);
        desk.run(&["logout"]).ok();
        assert!(desk.count("sign out") > 0, "it is revoked");
        // Of the other kind nothing is said.
        let other = if desk.is_okta() { "start_urls" } else { "org_urls" };
        desk.write(POLICY, &format!("{other} = []\n"));
        desk.run(&["login"]).ok();
    }
}

#[test]
fn a_new_start_url_is_refused_before_anything_is_asked_or_saved() {
    let desk = Desk::with(World::small());
    desk.write(POLICY, "start_urls = [\"https://corp.awsapps.com/start\"]\n");
    let url = format!("{}/start", desk.simulator.url());
    refuses(&desk, &["login", "x", "--start-url", &url, "--sso-region", "eu-west-1"], "start_urls");
    assert!(desk.simulator.state().requests.is_empty() && !desk.path(".config/eksso/config.toml").exists());
}

#[test]
fn a_keyring_that_is_not_allowed_is_not_used_whoever_names_it() {
    let mut desk = bound("keyrings = [\"passphrase\"]\n");
    for args in [&TOKEN[..], &["login"], &["status"], &["roles"]] {
        refuses(&desk, args, "keyrings");
    }
    desk.env.remove("EKSSO_KEYRING");
    refuses(&desk, &["--keyring", "plaintext", "login"], "keyrings");
    desk.write(".config/eksso/config.toml", &format!("keyring = \"plaintext\"\n{}", desk.config()));
    refuses(&desk, &TOKEN, "keyrings");
    // `auto` is what is allowed of it: neither of them here.
    desk.write(".config/eksso/config.toml", &desk.config());
    refuses(&desk, &["login"], "keyrings");
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "long enough");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
}

#[test]
fn what_lies_in_a_keyring_that_is_not_allowed_any_more_can_still_be_revoked_and_deleted() {
    for args in [&["logout"][..], &["logout", "corp"], &["logout", "--all"], &["logout", "--force"]] {
        let mut desk = Desk::signed_in();
        let (item, _) = desk.item();
        desk.write(POLICY, "keyrings = [\"passphrase\"]\n");
        refuses(&desk, &TOKEN, "keyrings");
        desk.run(args).ok();
        assert!(desk.count("sign out") == 1 && !item.exists(), "{args:?}: it is revoked, and deleted");
        // Signed out, with a keyring of the settings that is not allowed, and with `auto`, of which nothing is.
        desk.run(args).ok();
        desk.env.remove("EKSSO_KEYRING");
        desk.run(&["logout", "--keyring", "plaintext"]).ok();
        refuses(&desk, &["login"], "keyrings");
    }
}

#[test]
fn the_flow_is_the_policys_and_a_flag_that_says_otherwise_is_refused() {
    let desk = Desk::configured(World::small());
    desk.write(".config/eksso/config.toml", &format!("{}flow = \"device\"\n", desk.config()));
    desk.write(POLICY, "flow = \"pkce\"\n");
    refuses(&desk, &["login", "--flow", "device"], "flow");
    refuses(&desk, &["login", "--flow", "auto"], "flow");
    desk.person().present = true;
    desk.person().browser = true;
    desk.person().follows = true;
    let login = desk.run(&["login"]);
    assert!(login.err.contains("Signed in to `corp`"), "{}", login.err);
    assert_eq!(desk.count("start"), 0);
    assert!(
        !desk.read(".config/eksso/config.toml").contains("pkce"),
        "what the policy says is not written as the person's"
    );
}

#[test]
fn nothing_is_written_in_plain_text_for_the_aws_cli() {
    let desk = bound("share_with_aws_cli = false\n");
    refuses(&desk, &["login", "--share-with-aws-cli"], "share_with_aws_cli");
    assert!(!desk.path(".aws").exists());
    // One that was shared before is not written anew at a renewal.
    std::fs::remove_file(desk.path(POLICY)).expect("removed");
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    std::fs::remove_dir_all(desk.path(".aws")).expect("removed");
    desk.write(POLICY, "share_with_aws_cli = false\n");
    desk.age_tokens();
    std::fs::remove_dir_all(desk.path(".cache")).expect("removed");
    desk.run(&TOKEN).ok();
    assert!(!desk.path(".aws").exists());
}

#[test]
fn endpoints_are_the_policys_and_no_others() {
    let mut desk = Desk::configured(World::small());
    desk.set("AWS_ENDPOINT_URL_SSO", "https://vpce.example.com");
    desk.write(".config/eksso/config.toml", &format!("endpoints = [\"https://vpce.example.com\"]\n{}", desk.config()));
    desk.write(POLICY, "endpoints = [\"https://sts.example.com\"]\n");
    let file = desk.path(POLICY).display().to_string();
    desk.run(&["roles"]).fails(3, &["nobody is signed in"]);
    desk.run(&["login"]).fails(2, &["AWS_ENDPOINT_URL_SSO names vpce.example.com", &file]);
}

#[test]
fn roles_that_are_never_used_give_nothing_under_any_name() {
    let desk = bound("never_roles = [\"*admin\", \"Deploy*\"]\n");
    refuses(&desk, &TOKEN, "never_roles");
    refuses(&desk, &["credentials", WEB], "never_roles");
    refuses(&desk, &["credentials", "--account=111122223333", "--role=EKSAdmin"], "never_roles");
    let viewer = [&TOKEN[..4], &["--role=EKSViewer"]].concat();
    desk.run(&viewer).ok();
    let assumed = [&viewer[..], &["--assume-role=arn:aws:iam::444455556666:role/ci/Deployer"]].concat();
    refuses(&desk, &assumed, "never_roles");
    refuses(&desk, &["use", WEB, "--role", "EKSAdmin"], "never_roles");
    let synced = desk.run(&["sync", "--cluster=*"]);
    assert!(synced.err.contains("left out: the role `EKSAdmin` is never used"), "{}", synced.err);
    assert!(!desk.read(".kube/config").contains("batch:EKSAdmin"));
}

#[test]
fn lists_mark_the_roles_that_are_never_used() {
    let desk = bound("never_roles = [\"EKSAdmin\"]\n");
    let (clusters, roles) = (desk.run(&["clusters"]).ok().out, desk.run(&["roles"]).ok().out);
    for (list, rows) in [(&clusters, 3), (&roles, 2)] {
        let marked: Vec<&str> = list.lines().filter(|line| line.contains("never_roles forbids it")).collect();
        assert!(marked.len() == rows && marked.iter().all(|line| line.contains("EKSAdmin")), "{list}");
    }
    assert!(clusters.contains("  yes, but never_roles forbids it"), "{clusters}");
    for command in ["clusters", "roles"] {
        let rows = desk.run(&[command, "-o", "json"]).ok().json();
        for row in rows.as_array().expect("rows") {
            let rule = row["forbidden_by"].as_str().unwrap_or_default();
            assert_eq!(row["role"] == "EKSAdmin", rule.starts_with("`never_roles` in "), "{row}");
        }
    }
}

#[test]
fn a_role_that_is_never_used_is_refused_at_the_door_of_each_command_and_not_only_by_kubectl() {
    let desk = bound("");
    let warm = desk.run(&["env", WEB, "--shell=bash"]).ok();
    assert!(warm.out.contains("KUBECONFIG"));
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    let before = desk.read(".kube/config");
    desk.write(POLICY, "never_roles = [\"EKSAdmin\"]\n");
    for args in [
        &["use", WEB][..],
        &["use", "-"],
        &["env", WEB, "--shell=bash"],
        &["exec", WEB, "--", "true"],
        &["export", WEB],
        &["profiles", "--role=EKSAdmin"],
        &["profiles", "--role=EKSAdmin", "--dry-run"],
    ] {
        refuses(&desk, args, "never_roles");
    }
    assert_eq!(desk.read(".kube/config"), before);
    assert!(!desk.path(".aws/config").exists());
    let written = desk.run(&["profiles"]).ok();
    assert!(written.err.contains("left out: the role `EKSAdmin` is never used"), "{}", written.err);
    let profiles = desk.read(".aws/config");
    assert!(profiles.contains("EKSViewer") && !profiles.contains("EKSAdmin"), "{profiles}");
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    let handed = desk.run(&["export"]).ok();
    assert!(handed.out.contains("EKSViewer") && !handed.out.contains("EKSAdmin"), "{}", handed.out);
    // The role that is assumed from another counts as well.
    let assumed = desk.read(".kube/config").replace(
        "- EKSViewer\n",
        "- EKSViewer\n      - --assume-role\n      - arn:aws:iam::111122223333:role/ci/EKSAdmin\n",
    );
    assert_ne!(assumed, desk.read(".kube/config"));
    desk.write(".kube/config", &assumed);
    for args in [
        &["use", "Production/web:EKSViewer"][..],
        &["exec", "Production/web:EKSViewer", "--", "true"],
        &["export", "Production/web:EKSViewer"],
    ] {
        refuses(&desk, args, "never_roles");
    }
}

#[test]
fn what_the_policy_keeps_from_looking_is_not_told_of_config_toml_and_no_advice_is_one_that_is_refused() {
    let desk = Desk::signed_in();
    desk.write(POLICY, "never_roles = [\"*\"]\n");
    for args in [&["clusters", "--refresh"][..], &["clusters", "--refresh", "--role=EKSAdmin"]] {
        let refused = desk.run(args).fails(4, &["no cluster can be seen", "`never_roles` in ", "`EKSAdmin`"]);
        for word in ["config.toml", "--role NAME", "none of your roles"] {
            assert!(!refused.err.contains(word), "{word}: {}", refused.err);
        }
    }
}

#[test]
fn the_only_role_of_a_context_is_not_said_to_be_a_preference() {
    let desk = bound("[contexts.\"Production/*\"]\nread_only_role = \"EKSViewer\"\n");
    for args in [&["use", WEB][..], &["exec", WEB, "--", "true"]] {
        let used = desk.run(args).ok();
        assert!(used.err.contains("the only role that the policy of this machine allows"), "{}", used.err);
        assert!(!used.err.contains("--role"), "{}", used.err);
    }
}

#[test]
fn a_role_that_is_never_used_is_not_taken_to_ask_who_somebody_is() {
    let desk = bound("never_roles = [\"EKSAdmin\"]\n");
    refuses(&desk, &["whoami", WEB], "never_roles");
    // Who signed in is asked with a role that may be used, or not at all.
    for (never, taken) in [("EKSViewer", Some("EKSAdmin")), ("*", None)] {
        desk.write(POLICY, &format!("never_roles = [\"{never}\"]\n"));
        desk.simulator.state().requests.clear();
        desk.person().present = true;
        let login = desk.run(&["login", "--force"]).ok();
        desk.person().present = false;
        assert_eq!(login.err.contains(" as jane@example.com"), taken.is_some(), "{}", login.err);
        let state = desk.simulator.state();
        let asked = state.requests.iter().filter(|request| request.operation == "GetRoleCredentials");
        let asked: Vec<_> = asked.map(|request| request.target.contains("role_name=EKSAdmin")).collect();
        assert_eq!(asked, Vec::from_iter(taken.map(|_| true)), "{never}");
    }
}

#[test]
fn what_leads_to_a_role_by_another_way_is_refused_too() {
    let desk = bound("never_roles = [\"EKSAdmin\"]\n");
    refuses(&desk, &["console", WEB, "--print"], "never_roles");
    desk.write(POLICY, "start_urls = []\n");
    refuses(&desk, &["console", WEB, "--print"], "start_urls");
    // A name that binds less, a first switch, and the switch that an undo is.
    let viewer = "Production/web:EKSViewer";
    desk.run(&["use", viewer]).ok();
    desk.run(&["use", WEB]).ok();
    desk.run(&["use", viewer]).ok();
    desk.write(POLICY, "[contexts.\"*:EKSAdmin\"]\nread_only_role = \"EKSViewer\"\n");
    refuses(&desk, &["console", WEB, "--print"], "contexts");
    let renamed = desk.run(&["rename", WEB, "mine"]);
    let words = ["the policy of this machine says of `Production/web:EKSAdmin` what it does not say of `mine`"];
    renamed.fails(4, &[words[0], &desk.path(POLICY).display().to_string()]);
    let before = desk.read(".kube/config");
    refuses(&desk, &["undo", "--yes", "-q"], "contexts");
    let add = ["add", "--use", "--cluster=batch", "--region=us-east-1", "--account=111122223333", "--role=EKSAdmin"];
    refuses(&desk, &add, "contexts");
    assert_eq!(desk.read(".kube/config"), before, "nothing was switched, renamed or written");
}

#[test]
fn an_end_that_somebody_wrote_by_hand_is_no_further_away_than_is_allowed() {
    let desk = bound("longest_elevation = \"30m\"\n");
    let until = |minutes| {
        let end = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
        format!("--until={}", end.strftime("%FT%TZ"))
    };
    let asked = |minutes| {
        let until = until(minutes);
        desk.run(&[&TOKEN[..], &[until.as_str()]].concat())
    };
    asked(30).ok();
    asked(31).fails(4, &["a role may be taken for 30m at most on this machine", "longest_elevation"]);
    // In a kubeconfig, for all that is got by it.
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    let text = desk.read(".kube/config");
    let end = text.split("--until").nth(1).and_then(|rest| rest.split('\'').find(|part| part.starts_with("20")));
    let end = end.or_else(|| text.split("--until").nth(1)?.split(['\n', ' ', '"']).find(|part| part.starts_with("20")));
    let text = text.replace(end.expect("the end"), until(300).trim_start_matches("--until="));
    desk.write(".kube/config", &text);
    refuses(&desk, &["credentials", WEB], "longest_elevation");
    refuses(&desk, &["console", WEB, "--print"], "longest_elevation");
    refuses(&desk, &["exec", "--aws", WEB, "--", "true"], "longest_elevation");
    // Without an end it is no elevation: who must not have a role is kept from it by `never_roles`.
    desk.run(&TOKEN).ok();
}

#[test]
fn a_role_is_taken_for_no_longer_than_is_allowed() {
    let desk = bound("longest_elevation = \"30m\"\n");
    for command in
        [&["use", WEB, "--role", "EKSViewer", "--for", "31m"][..], &["exec", WEB, "--for", "2h", "--", "true"]]
    {
        refuses(&desk, command, "longest_elevation");
    }
    desk.run(&["use", WEB, "--role", "EKSViewer", "--for", "30m"]).ok();
}

#[test]
fn contexts_ask_although_a_flag_answers_and_are_used_with_their_role_only() {
    let desk = bound("[contexts.\"Production/*\"]\nconfirm = true\nread_only_role = \"EKSViewer\"\n");
    let guards = "[contexts.\"Production/*\"]\nconfirm = false\nread_only_role = \"EKSAdmin\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}{guards}", desk.config()));
    for args in [
        &["use", WEB, "--yes"][..],
        &["exec", "--yes", WEB, "--", "true"],
        &["exec", "--yes", WEB, "--role", "EKSAdmin", "--", "true"],
        &["use", "--yes", WEB, "--role", "EKSAdmin"],
        &["credentials", "--yes", WEB],
    ] {
        refuses(&desk, args, "contexts");
    }
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    let used = desk.run(&["use", WEB, "--yes"]).ok();
    assert!(used.err.contains("Switched to `Production/web:EKSViewer`"), "{}", used.err);
    assert!(desk.person().answers.is_empty(), "the person was asked");
    refuses(&desk, &["use", WEB, "--role", "EKSAdmin"], "contexts");
}

#[test]
fn a_policy_that_cannot_be_read_stops_all_commands() {
    let desk = bound("flow = \"device\"\nflwo = 1\n");
    let file = desk.path(POLICY).display().to_string();
    for args in [
        &TOKEN[..],
        &["login"],
        &["logout"],
        &["status"],
        &["use", WEB],
        &["exec", WEB, "--", "true"],
        &["doctor"],
        &["prompt"],
        &["completions", "bash"],
        &["man"],
    ] {
        let stopped = desk.run(args).fails(7, &[&file, "cannot be used, so nothing is done", "line 2", "flwo"]);
        assert!(stopped.out.is_empty(), "{args:?}");
    }
    desk.run(&["--help"]).ok();
    let refused = |what: &str, word: &str| {
        desk.run(&["status"]).fails(7, &[&file, word, "nothing is done"]);
        _ = std::fs::remove_file(&file)
            .or_else(|_| std::fs::remove_dir(&file))
            .map_err(|error| panic!("{what}: {error}"));
    };
    desk.write(POLICY, &"# \n".repeat(400_000));
    refused("large", "larger than 1 MiB");
    std::fs::write(&file, [0xff, 0xfe]).expect("a file");
    refused("no text", "UTF-8");
    std::fs::create_dir(&file).expect("a folder");
    refused("a folder", "no file");
    desk.run(&["status"]).ok();
}

#[cfg(unix)]
mod unix {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_policy_that_others_could_have_written_is_refused() {
        let mut desk = bound("flow = \"device\"\n");
        let file = desk.path(POLICY);
        desk.run(&["status"]).ok();
        let mode = |name: &str, mode| set_permissions(desk.path(name), Permissions::from_mode(mode)).expect("a mode");
        for (name, usual) in [(POLICY, 0o644), ("etc/eksso", 0o755), ("etc", 0o755), ("", 0o700)] {
            for more in [0o020, 0o002] {
                mode(name, usual | more);
                let path = desk.path(name).display().to_string();
                let path = path.trim_end_matches('/');
                desk.run(&TOKEN).fails(7, &["cannot be used", path, "can be written by others", "sudo chmod go-w"]);
                mode(name, usual);
            }
        }
        desk.run(&TOKEN).ok();
        // Sticky folders, too: what lies there can be put there by everybody.
        mode("etc", 0o1777);
        desk.run(&TOKEN).fails(7, &["can be written by others (mode 1777)"]);
        mode("etc", 0o755);
        desk.owner = Some(4711);
        desk.run(&TOKEN).fails(7, &["belongs to user", "and not to user 4711", "sudo chown 4711"]);
        desk.owner = None;
        // Behind a link anybody's file may lie.
        std::fs::rename(&file, desk.path("policy.toml")).expect("moved");
        symlink(desk.path("policy.toml"), &file).expect("a link");
        desk.run(&TOKEN).fails(7, &["cannot be used"]);
        std::fs::remove_file(&file).expect("removed");
        symlink(desk.path("nothing"), &file).expect("a link");
        desk.run(&TOKEN).fails(7, &["cannot be used"]);
        std::fs::remove_dir_all(desk.path("etc")).expect("removed");
        std::fs::create_dir_all(desk.path("elsewhere/eksso")).expect("a folder");
        std::fs::rename(desk.path("policy.toml"), desk.path("elsewhere/eksso/policy.toml")).expect("moved");
        symlink(desk.path("elsewhere"), desk.path("etc")).expect("a link");
        desk.run(&TOKEN).fails(7, &["is no folder, but something else such as a link"]);
    }

    #[test]
    fn a_link_above_the_policy_is_refused_also_where_it_leads_nowhere() {
        for (link, target) in [("etc/eksso", "nothing"), ("etc", "nothing"), ("etc/eksso", "empty")] {
            let desk = Desk::signed_in();
            std::fs::create_dir_all(desk.path("empty")).expect("a folder");
            desk.run(&TOKEN).ok();
            if link != "etc" {
                std::fs::create_dir_all(desk.path("etc")).expect("a folder");
                desk.run(&TOKEN).ok();
            }
            symlink(desk.path(target), desk.path(link)).expect("a link");
            let path = desk.path(link).display().to_string();
            let words =
                ["nothing is done", &format!("{path} is no folder, but something else such as a link"), "ls -ld"];
            assert!(desk.run(&TOKEN).fails(7, &words).out.is_empty());
            // A folder without a policy is none.
            std::fs::remove_file(&path).expect("removed");
            std::fs::create_dir(&path).expect("a folder");
            desk.run(&TOKEN).ok();
        }
    }

    #[test]
    fn a_policy_in_the_place_of_a_folder_that_is_none_is_refused() {
        let desk = bound("flow = \"device\"\n");
        std::fs::remove_dir_all(desk.path("etc")).expect("removed");
        desk.write("etc/eksso", "no folder");
        desk.run(&TOKEN).fails(7, &["cannot be used"]);
    }
}
