//! What the doctor finds: each scenario of the README's "When something is wrong", and the checks beside them.

use eksso_simulator::{Cluster, Fault, Mapping, MappingKind, World};
use serde_json::Value;

use crate::support::{Desk, POLICY, both};

const WEB: &str = "Production/web:EKSAdmin";

impl Desk {
    /// With contexts for all there is, and a kubectl and an eksso on PATH.
    pub(super) fn healthy(world: World) -> Self {
        let mut desk = Self::signed_in_to(world);
        desk.run(&["add", "--account=*", "--role=*", "--region=*", "--cluster=*", "--unmapped"]).ok();
        desk.script("bin/kubectl", r#"echo '{"clientVersion":{"gitVersion":"v1.35.4"}}'"#);
        let own = desk.script("bin/eksso", "exit 9").display().to_string();
        let path = desk.path("bin").display().to_string();
        desk.set("PATH", &path).set("EKSSO_TEST_PROGRAM", &own);
        desk
    }

    /// A context that is let in: an Okta org gives accounts no names.
    pub(super) fn web(&self) -> &'static str {
        if self.is_okta() { "111122223333/web:EKSAdmin" } else { WEB }
    }

    /// A program of a line for the shell.
    fn script(&self, name: &str, line: &str) -> std::path::PathBuf {
        let path = self.write(name, &format!("#!/bin/sh\n{line}\n"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        path
    }

    /// The rows, and the exit code.
    fn doctor(&self, args: &[&str]) -> (Vec<Value>, u8) {
        let outcome = self.run(&[&["doctor", "-o", "json"], args].concat());
        (outcome.json().as_array().expect("rows").clone(), outcome.code)
    }

    /// A check's row has this status, and these words in its fact and its fixes; what fails, fails the call.
    #[track_caller]
    fn finds(&self, args: &[&str], check: &str, status: &str, words: &[&str]) -> Vec<Value> {
        let (rows, code) = self.doctor(args);
        let is_it = |row: &&Value| row["check"] == check && row["status"] == status;
        let said: Vec<String> =
            rows.iter().filter(is_it).map(|row| format!("{}\n{}", row["fact"], row["fix"])).collect();
        let all = serde_json::to_string_pretty(&rows).expect("JSON");
        assert!(!said.is_empty(), "no row `{check}` is {status}: {all}");
        for word in words {
            assert!(said.iter().any(|said| said.contains(word)), "`{word}` is not in {said:?}");
        }
        let failed = rows.iter().any(|row| row["status"] == "failed");
        assert_eq!(code, u8::from(failed), "{all}");
        for row in rows.iter().filter(|row| row["status"] == "failed") {
            assert!(!row["fix"].as_array().expect("a list").is_empty(), "{row} comes without a fix");
        }
        rows
    }
}

#[test]
fn a_healthy_context_passes_every_check_and_nothing_is_written_or_asked() {
    for world in both() {
        let desk = Desk::healthy(world);
        let (sign_ins, before) =
            (desk.count("start"), (desk.read(".kube/config"), desk.read(".config/eksso/config.toml")));
        let (rows, code) = desk.doctor(&[desk.web()]);
        let all = serde_json::to_string_pretty(&rows).expect("JSON");
        assert_eq!(code, 0, "{all}");
        for row in &rows {
            // The plain-text keyring of the tests is the one thing to warn of.
            let expected = if row["check"] == "keyring" { "warning" } else { "ok" };
            assert_eq!(row["status"], expected, "{row}");
        }
        for check in [
            "settings",
            "kubeconfig",
            "exec-entry",
            "path",
            "kubectl",
            "plugin-policy",
            "environment",
            "keyring",
            "sign-in",
            "proxy",
            "endpoint",
            "clock",
            "role",
            "token",
            "cluster",
            "mapping",
        ] {
            assert!(rows.iter().any(|row| row["check"] == check), "{check}: {all}");
        }
        assert!(all.contains("lets it in as `eksadmin:jane-example.com`"), "{all}");
        assert_eq!((desk.read(".kube/config"), desk.read(".config/eksso/config.toml")), before);
        assert_eq!(desk.count("start"), sign_ins, "nobody was signed in");
        let words = desk.run(&["doctor", desk.web()]).ok().out;
        assert!(words.contains("ok          clock: within 1 s"), "{words}");
        assert!(words.ends_with("0 failed, 1 with a warning, 0 not checked\n"), "{words}");
        let secrets = desk.simulator.state().secrets.clone();
        assert!(!secrets.iter().any(|secret| (all.clone() + &words).contains(secret.as_str())));
    }
}

#[test]
fn without_a_session_or_a_context_what_can_be_checked_is() {
    let desk = Desk::new();
    let rows = desk.finds(&[], "sign-in", "failed", &["there is no session yet", "eksso login --start-url"]);
    assert!(rows.iter().any(|row| row["check"] == "environment"));
    let desk = Desk::signed_in();
    let rows = desk.finds(&[], "kubeconfig", "not checked", &["no current context", "eksso add"]);
    assert!(rows.iter().any(|row| row["check"] == "endpoint" && row["status"] == "ok"));
    assert!(rows.iter().any(|row| row["check"] == "sign-in" && row["status"] == "ok"));
    desk.finds(&["nope"], "kubeconfig", "failed", &["no context `nope`"]);
}

#[test]
fn a_sign_in_that_nobody_approved_is_told_with_the_region_to_check() {
    let desk = Desk::configured(World { approve: false, code_life: 30, ..World::small() });
    desk.run(&["login"]).fails(3, &["nobody approved"]);
    desk.finds(
        &[],
        "sign-in",
        "failed",
        &["was not approved in time", "`region` of [sessions.corp]", "eksso login corp"],
    );
}

#[test]
fn a_session_that_the_provider_has_ended_is_no_sign_in_whatever_the_keyring_says() {
    for world in both() {
        let desk = Desk::healthy(world);
        desk.age_tokens();
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        desk.end_session();
        desk.finds(&[desk.web()], "sign-in", "failed", &["sign-in needed for session `corp`", "eksso login corp"]);
    }
}

#[test]
fn what_okta_refuses_is_told_with_its_fix() {
    let refused = |change: fn(&mut World), words: &[&str]| {
        let desk = Desk::healthy(World::okta());
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        change(&mut desk.simulator.state().world);
        let (rows, code) = desk.doctor(&[desk.web()]);
        let all = serde_json::to_string(&rows).expect("JSON");
        assert_eq!(code, 1, "{all}");
        for word in words {
            assert!(all.contains(word), "`{word}` is not in {all}");
        }
    };
    refused(
        |world| {
            let text = "The target application's assurance requirements are not met by the 'subject_token'.";
            world.okta.refusal = Some(text.to_owned());
        },
        &["wants a stronger sign-in", "authentication policy"],
    );
    refused(
        |world| world.okta.shape.html = Some("<title>Set up multifactor</title>".into()),
        &["holds no SAML response", "dashboard"],
    );
}

#[test]
fn an_address_of_okta_with_admin_is_told_as_the_line_of_the_settings() {
    let desk = Desk::new();
    let config =
        "[sessions.corp]\nprovider = \"okta\"\norg_url = \"https://corp-admin.okta.com\"\nclient_id = \"0oaclient\"\n";
    desk.write(".config/eksso/config.toml", config);
    desk.finds(&[], "settings", "failed", &["config.toml cannot be used", "without `-admin`", "correct that line"]);
}

#[test]
fn a_keyring_that_is_not_there_is_told_with_the_choices() {
    let mut desk = Desk::healthy(World::small());
    desk.set("EKSSO_KEYRING", "secret-service").set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    desk.finds(
        &[WEB],
        "keyring",
        "failed",
        &["Secret Service keyring is not here", "EKSSO_KEYRING=keyutils eksso login"],
    );
    let token = ["token", "--account=111122223333", "--role=EKSViewer", "--region=eu-west-1", "--cluster=web"];
    desk.run(&token).fails(7, &["Secret Service keyring is not here", "EKSSO_KEYRING", "keyutils"]);
}

#[test]
fn tokens_in_another_keyring_are_told_by_the_name_of_the_one_that_was_looked_into() {
    let mut desk = Desk::healthy(World::small());
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "another one");
    desk.finds(
        &[WEB],
        "sign-in",
        "failed",
        &["nobody is signed in, as far as the `passphrase` keyring knows", "eksso login"],
    );
}

#[cfg(unix)]
#[test]
fn an_eksso_that_is_not_found_or_is_another_one_is_told() {
    let mut desk = Desk::healthy(World::small());
    let own = desk.path("bin").display().to_string();
    desk.set("PATH", "/nowhere");
    desk.finds(&[WEB], "path", "failed", &["no `eksso` on PATH", "eksso add --absolute-command"]);
    desk.finds(&[WEB], "kubectl", "warning", &["no `kubectl` on PATH"]);
    desk.script("old/eksso", "echo 'eksso 0.0.1'");
    let old = desk.path("old").display().to_string();
    desk.set("PATH", &format!("{old}:{own}"));
    desk.finds(&[WEB], "path", "warning", &["old/eksso, which is eksso 0.0.1"]);
    desk.set("PATH", &format!("{own}:{old}"));
    desk.finds(&[WEB], "path", "warning", &["further ones on PATH: ", "old/eksso"]);
    desk.script("old/eksso", "echo something else");
    desk.set("PATH", &old);
    desk.finds(&[WEB], "path", "failed", &["does not answer as eksso does"]);
    desk.set("PATH", "/nowhere");
    desk.run(&["add", "--account=*", "--role=*", "--region=*", "--cluster=*", "--unmapped", "--absolute-command"]).ok();
    desk.finds(&[WEB], "path", "ok", &["is this eksso"]);
    std::fs::remove_file(desk.path("bin/eksso")).expect("a file");
    desk.finds(&[WEB], "path", "failed", &["which the context names, is not there", "eksso sync"]);
}

#[test]
fn a_lock_that_a_crash_left_is_named_and_so_is_a_line_that_cannot_be_read() {
    let desk = Desk::healthy(World::small());
    desk.write(".kube/config.lock", "");
    desk.finds(&[WEB], "kubeconfig", "failed", &["locked by another program", "rm ", ".kube/config.lock"]);
    assert!(desk.path(".kube/config.lock").exists(), "nothing is removed");
    std::fs::remove_file(desk.path(".kube/config.lock")).expect("a lock");
    desk.write(".kube/config", "apiVersion: v1\ncontexts:\n- name: [\n");
    desk.finds(&[], "kubeconfig", "failed", &["line ", "column "]);
}

#[test]
fn another_process_that_keeps_the_session_is_named_and_what_a_killed_one_left_is_not() {
    use eksso::adapters::DiskFiles;
    use eksso::ports::Files;
    let desk = Desk::healthy(World::small());
    let locks = std::fs::read_dir(desk.path(".local/state/eksso/locks")).expect("locks");
    let paths: Vec<_> = locks.flatten().map(|entry| entry.path()).collect();
    let lock = paths.iter().find(|path| path.extension().is_some_and(|ending| ending == "sign-in")).expect("a lock");
    let held = DiskFiles.try_lock(lock, "signing in").expect("a lock").expect("free");
    let (pid, text) = (std::process::id(), std::fs::read_to_string(lock).expect("its words"));
    desk.finds(
        &[WEB],
        "lock",
        "warning",
        &[&format!("process {pid} has been signing in since"), &format!("kill {pid}")],
    );
    drop(held);
    std::fs::write(lock, text).expect("what a kill leaves");
    let (rows, _) = desk.doctor(&[WEB]);
    assert!(!rows.iter().any(|row| row["check"] == "lock"), "{rows:?}");
}

#[test]
fn an_entry_that_is_damaged_or_somebody_elses_is_told() {
    let desk = Desk::healthy(World::small());
    let good = desk.read(".kube/config");
    let with = |from: &str, to: &str| _ = desk.write(".kube/config", &good.replace(from, to));
    with("client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1alpha1");
    desk.finds(&[WEB], "exec-entry", "failed", &["v1alpha1", "eksso sync"]);
    with("command: eksso", "command: aws");
    desk.finds(&[WEB], "exec-entry", "failed", &["runs `aws`, not eksso", "eksso import --dry-run"]);
    with("--role", "--rule");
    desk.finds(&[WEB], "exec-entry", "failed", &["runs `eksso`"]);
}

#[test]
fn a_role_whose_end_has_come_is_told_whatever_else_is_right() {
    let desk = Desk::healthy(World::small());
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    desk.run(&["use", "--role=EKSAdmin", "--for=30m"]).ok();
    desk.finds(&[], "end", "ok", &["the role's use ends at 20"]);
    desk.simulator.advance(31 * 60);
    let rows = desk.finds(&[], "end", "failed", &["kubectl gets no token", "eksso status"]);
    assert!(rows.iter().all(|row| row["check"] == "end" || row["status"] != "failed"), "{rows:?}");
}

#[test]
fn a_plain_keyring_is_mended_where_it_was_chosen_and_settings_that_are_not_there_are_no_file() {
    let desk = Desk::new();
    desk.finds(&[], "settings", "ok", &["there is no", "config.toml: defaults"]);
    let mut desk = Desk::healthy(World::small());
    desk.finds(&[WEB], "keyring", "warning", &["unset EKSSO_KEYRING"]);
    desk.env.remove("EKSSO_KEYRING");
    desk.write(".config/eksso/config.toml", &format!("keyring = \"plaintext\"\n{}", desk.config()));
    desk.finds(&[WEB], "keyring", "warning", &["set `keyring = ", "in config.toml"]);
}

#[test]
fn a_mapping_that_refuses_and_a_cluster_out_of_reach_are_told_apart() {
    let mut world = World::small();
    let mut stale = Cluster::new("111122223333", "eu-west-1", "stale", &["EKSViewer"]);
    stale.mappings.push(Mapping::new("EKSAdmin", MappingKind::StaleEntry));
    world.clusters.push(stale);
    world.cluster_ports = world.clusters.len();
    world.clusters.push(Cluster::new("111122223333", "eu-west-1", "zzz", &["EKSAdmin"]));
    let desk = Desk::healthy(world);
    let rows = desk.finds(
        &["Production/stale:EKSAdmin"],
        "mapping",
        "failed",
        &["does not know this role (401)", "STS takes its token"],
    );
    assert!(rows.iter().any(|row| row["check"] == "token" && row["status"] == "ok"), "{rows:?}");
    desk.finds(
        &["Production/batch:EKSViewer"],
        "mapping",
        "failed",
        &["no access entry names it", "clusters --verify"],
    );
    desk.finds(&["Production/zzz:EKSAdmin"], "cluster", "failed", &["`zzz` cannot be reached", "VPN"]);
    let config = desk.read(".kube/config");
    let server = config.lines().find(|line| line.trim().starts_with("server:")).expect("a server").trim().to_owned();
    desk.write(".kube/config", &config.replace(&server, "server: https://10.255.255.1"));
    let (rows, _) = desk.doctor(&[WEB]);
    let all = serde_json::to_string(&rows).expect("JSON");
    assert!(
        !config.contains("10.255") && (all.contains("its address is a private one") || !all.contains("10.255")),
        "{all}"
    );
}

#[test]
fn a_certificate_that_is_not_trusted_and_an_endpoint_out_of_reach_are_told() {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    desk.env.remove("AWS_CA_BUNDLE");
    desk.finds(&[], "endpoint", "failed", &["not trusted here", "AWS_CA_BUNDLE"]);
    desk.set("HTTPS_PROXY", "http://127.0.0.1:1");
    desk.finds(&[], "endpoint", "failed", &["cannot be reached", "HTTPS_PROXY"]);
    desk.finds(&[], "clock", "not checked", &["nobody answered"]);
    desk.set("HTTPS_PROXY", "gopher://x");
    desk.finds(&[], "proxy", "failed", &["HTTPS_PROXY is not a proxy's URL"]);
}

#[test]
fn a_clock_that_is_wrong_is_told_before_aws_refuses() {
    let desk = Desk::healthy(World::small());
    desk.simulator.state().date_skew = 600;
    desk.finds(&[WEB], "clock", "failed", &["10 min behind AWS's", "set the clock:"]);
}

#[test]
fn a_token_that_is_too_large_is_told() {
    let desk = Desk::healthy(World { session_token_padding: 3000, ..World::small() });
    desk.finds(&[WEB], "token", "failed", &["takes at most 4096"]);
}

#[test]
fn a_role_that_is_not_assigned_any_more_is_told_with_a_new_sign_in() {
    let desk = Desk::healthy(World::small());
    _ = std::fs::remove_dir_all(desk.path(".cache"));
    desk.simulator.fault(
        "GetRoleCredentials",
        9,
        Fault::Error(403, "ForbiddenException", r#"{"message":"No access"}"#),
    );
    desk.finds(&[WEB], "role", "failed", &["not assigned the role `EKSAdmin`", "eksso login corp --force"]);
}

#[test]
fn variables_that_mislead_other_tools_are_warned_of_and_change_nothing_here() {
    let mut desk = Desk::healthy(World::small());
    desk.set("AWS_ACCESS_KEY_ID", "AKIACANARY").set("AWS_PROFILE", "other");
    let rows = desk.finds(
        &[WEB],
        "environment",
        "warning",
        &["AWS_ACCESS_KEY_ID, AWS_PROFILE", "unset AWS_ACCESS_KEY_ID AWS_PROFILE"],
    );
    assert!(rows.iter().any(|row| row["check"] == "mapping" && row["status"] == "ok"));
    assert!(!serde_json::to_string(&rows).expect("JSON").contains("AKIACANARY"));
}

#[cfg(unix)]
#[test]
fn a_policy_that_forbids_the_plugin_is_told_with_the_lines_that_allow_it() {
    let mut desk = Desk::healthy(World::small());
    desk.write(".kube/kuberc", "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- name: aws\n");
    desk.finds(&[WEB], "plugin-policy", "failed", &["`eksso` is not in it", "- name: eksso"]);
    desk.script("bin/kubectl", r#"echo '{"clientVersion":{"gitVersion":"v1.36.1"}}'"#);
    desk.finds(&[WEB], "plugin-policy", "failed", &["- command: eksso"]);
    desk.write(".kube/kuberc", "credentialPluginPolicy: DenyAll\n");
    desk.finds(&[WEB], "plugin-policy", "failed", &["forbids kubectl all plugins"]);
    desk.set("KUBERC", "off");
    desk.finds(&[WEB], "plugin-policy", "ok", &["switched off"]);
    desk.script("bin/kubectl", "exec sleep 60");
    desk.finds(&[WEB], "kubectl", "failed", &["does not answer within 5 s"]);
}

#[test]
fn the_policy_is_told_with_what_it_refuses_of_the_settings() {
    let desk = Desk::healthy(World::small());
    let rows = desk.doctor(&[WEB]).0;
    assert!(
        !rows.iter().any(|row| ["policy", "organisation", "trail"].contains(&row["check"].as_str().expect("a name")))
    );
    desk.write(POLICY, "longest_elevation = \"1h\"\nnever_roles = [\"*Root\"]\n");
    let place = desk.path(POLICY).display().to_string();
    desk.finds(&[WEB], "policy", "ok", &[&format!("{place} is in force: longest_elevation, never_roles")]);
    desk.write(POLICY, "keyrings = [\"passphrase\"]\nstart_urls = []\n");
    let words = ["refuses what the settings say: keyring, sessions.corp.start_url", "eksso config check"];
    desk.finds(&[WEB], "policy", "warning", &words);
    desk.finds(
        &[WEB],
        "keyring",
        "failed",
        &["the `plaintext` keyring may not be used", &format!("`keyrings` in {place}")],
    );
}

#[cfg(unix)]
#[test]
fn the_organisations_settings_that_others_may_change_are_told_with_what_ends_that() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::healthy(World::small());
    let file = desk.write("org.toml", "regions = [\"eu-west-1\"]\n");
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    desk.run(&["setup", &file.display().to_string()]).ok();
    desk.person().present = false;
    desk.finds(&[WEB], "organisation", "ok", &[", fixed"]);
    let own = desk.path(".config/eksso/managed.toml");
    let mended = |words: &str| {
        let rows = desk.finds(&[WEB], "organisation", "warning", &["others may change", words]);
        let row = rows.iter().find(|row| row["check"] == "organisation").expect("a row");
        let fix = row["fix"][0].as_str().expect("a fix");
        assert!(std::process::Command::new("sh").args(["-c", fix]).status().expect("sh").success(), "{fix}");
    };
    for place in [own.clone(), desk.path(".config/eksso")] {
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o777)).expect("a mode");
        mended(&format!("{} can be written by others (mode 0777)", place.display()));
        desk.finds(&[WEB], "organisation", "ok", &[", fixed"]);
    }
    std::fs::rename(&own, desk.path("elsewhere")).expect("renamed");
    std::os::unix::fs::symlink(desk.path("elsewhere"), &own).expect("a link");
    mended(&format!("{} is a link", own.display()));
    std::fs::rename(desk.path("elsewhere"), &own).expect("renamed");
    desk.finds(&[WEB], "organisation", "ok", &[", fixed"]);
}

#[cfg(unix)]
#[test]
fn a_trail_that_takes_no_line_is_told_before_it_keeps_credentials_back() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::healthy(World::small());
    let trail = |sink: &str| {
        desk.write(".config/eksso/config.toml", &format!("trail = \"{sink}\"\n{}", desk.config()));
    };
    trail("file");
    desk.finds(&[WEB], "trail", "ok", &["0 KiB in 0 files"]);
    assert!(!desk.files().iter().any(|(path, _)| path.ends_with("jsonl")), "nothing is written");
    desk.run(&["login", "--force"]).ok();
    desk.finds(&[WEB], "trail", "ok", &["takes its lines: 1 KiB in 1 files, kept for 90 days"]);
    let folder = desk.path(".local/state/eksso/trail");
    let file = std::fs::read_dir(&folder).expect("a folder").flatten().next().expect("a file").path();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    desk.finds(&[WEB], "trail", "warning", &["can be written by others", "chmod go-w"]);
    // What is shown mends it.
    let mended = |words: &[&str]| {
        let rows = desk.finds(&[WEB], "trail", "warning", words);
        let row = rows.iter().find(|row| row["check"] == "trail").expect("a row");
        let fix = row["fix"][0].as_str().expect("a fix");
        assert!(std::process::Command::new("sh").args(["-c", fix]).status().expect("sh").success(), "{fix}");
        desk.finds(&[WEB], "trail", "ok", &["takes its lines"]);
    };
    mended(&["can be written by others (mode 0666)"]);
    for folder in [folder.clone(), desk.path(".local/state/eksso")] {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).expect("a mode");
        mended(&[&format!("{} can be written by others (mode 0777)", folder.display())]);
    }
    let elsewhere = desk.path("elsewhere");
    std::fs::rename(&folder, &elsewhere).expect("renamed");
    std::os::unix::fs::symlink(&elsewhere, &folder).expect("a link");
    mended(&[&format!("{} is a link", folder.display())]);
    desk.run(&["login", "--force"]).ok();
    std::fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink(elsewhere.join("lines"), &file).expect("a link");
    let failed = desk.finds(&[WEB], "trail", "failed", &["cannot write", "such as a link"]);
    let row = failed.iter().find(|row| row["check"] == "trail").expect("a row");
    assert!(row["fix"][0].as_str().expect("a fix").starts_with(&format!("mv {}", file.display())), "{row}");
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("a folder in its place");
    desk.finds(&[WEB], "trail", "failed", &["cannot write", "eksso config show trail"]);
    std::fs::remove_dir(&file).expect("removed");
    for (sink, socket) in [("journald", "run/journal"), ("syslog", "run/log")] {
        trail(sink);
        desk.finds(&[WEB], "trail", "failed", &[&format!("{sink} cannot be written to")]);
        std::fs::create_dir_all(desk.path("run")).expect("a folder");
        let _receiver = std::os::unix::net::UnixDatagram::bind(desk.path(socket)).expect("a socket");
        desk.finds(&[WEB], "trail", "ok", &[&format!("`{sink}` takes its lines")]);
    }
}
