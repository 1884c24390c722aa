//! Bad input of every kind: no panic, nothing lost, a code and a reason each.

use crate::support::Desk;
use eksso_simulator::{Fault, World};

const ADD_WEB: [&str; 5] = ["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];

fn refused_kubeconfig(content: &[u8], words: &[&str]) {
    let desk = Desk::signed_in();
    let path = desk.write(".kube/config", "");
    std::fs::write(&path, content).expect("a file");
    for args in [&ADD_WEB[..], &["use", "x"]] {
        desk.run(args).fails(7, words).fails(7, &["nothing was changed"]);
        assert!(std::fs::read(&path).expect("a file") == content, "the file changed");
    }
}

#[test]
fn a_half_written_kubeconfig_is_refused_untouched() {
    refused_kubeconfig(
        b"apiVersion: v1\nclusters:\n- cluster:\n    server: \"https://exa",
        &["line 4", "kubectl config view"],
    );
}

#[test]
fn a_kubeconfig_that_is_not_utf8_is_refused_untouched() {
    refused_kubeconfig(b"apiVersion: v1\n# \xff\xfe\n", &["not UTF-8"]);
}

#[test]
fn an_empty_kubeconfig_is_a_new_one() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "");
    desk.run(&ADD_WEB).ok();
    assert_eq!(desk.kubeconfig()["kind"], "Config");
}

#[test]
fn a_kubeconfig_of_70_mb_is_refused_untouched() {
    let desk = Desk::signed_in();
    let path = desk.write(".kube/config", &"# filler\n".repeat(70 << 20 >> 3));
    desk.run(&ADD_WEB).fails(7, &["larger than 64 MiB"]);
    assert!(path.metadata().expect("metadata").len() > 70 << 20);
}

#[cfg(unix)]
#[test]
fn a_read_only_kubeconfig_is_respected() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::signed_in();
    let path = desk.write(".kube/config", "apiVersion: v1\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).expect("mode");
    desk.run(&ADD_WEB).fails(7, &["is read-only; nothing was changed", "chmod u+w"]);
    assert_eq!(desk.read(".kube/config"), "apiVersion: v1\n");
}

#[test]
fn a_folder_in_place_of_the_kubeconfig_is_told() {
    let desk = Desk::signed_in();
    std::fs::create_dir_all(desk.path(".kube/config")).expect("folder");
    desk.run(&ADD_WEB).fails(7, &["is a folder, not a file"]);
}

#[test]
fn a_start_url_that_is_not_https_is_refused() {
    let desk = Desk::new();
    for url in ["http://corp.awsapps.com/start", "corp.awsapps.com/start", "javascript:alert(1)", "https://"] {
        desk.run(&["login", "--start-url", url, "--sso-region", "eu-west-1"]).fails(2, &["start URL", "https"]);
    }
    desk.run(&["login", "--start-url", "https://x.awsapps.com/start", "--sso-region", "Frankfurt"])
        .fails(2, &["region"]);
    desk.run(&["login", "--start-url", "https://x.awsapps.com/start"]).fails(2, &["--sso-region"]);
}

fn strange_answer(fault: &Fault, words: &[&str]) {
    let desk = Desk::signed_in();
    desk.simulator.fault("ListAccounts", 9, fault.clone());
    desk.run(&["roles"]).fails(6, words);
    desk.simulator.fault("RegisterClient", 9, fault.clone());
    desk.simulator.fault("StartDeviceAuthorization", 9, fault.clone());
    desk.run(&["login", "--force"]).fails(6, words);
}

#[test]
fn a_server_that_answers_html_is_told_from_aws() {
    strange_answer(&Fault::Html, &["makes no sense", "text/html", "sign-in page of the network"]);
}

#[test]
fn half_a_json_is_no_answer() {
    strange_answer(&Fault::HalfJson, &["makes no sense"]);
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    strange_answer(
        &Fault::Redirect("https://evil.example/".into()),
        &["makes no sense", "redirect to https://evil.example/"],
    );
}

#[test]
fn ten_megabytes_are_not_read() {
    let desk = Desk::signed_in();
    desk.simulator.fault("ListAccounts", 9, Fault::Huge);
    desk.run(&["roles"]).fails(6, &[]);
}

#[test]
fn a_body_that_is_cut_is_a_network_problem() {
    let desk = Desk::signed_in();
    desk.simulator.fault("ListAccounts", 9, Fault::CutBody);
    desk.run(&["roles"]).fails(6, &[]);
}

#[test]
fn a_server_that_is_down_is_tried_again_and_then_told() {
    let desk = Desk::signed_in();
    desk.simulator.fault("ListAccounts", 9, Fault::Error(503, "ServiceUnavailableException", "{}"));
    desk.run(&["roles"]).fails(6, &["problem of its own"]);
    assert_eq!(desk.simulator.count("ListAccounts"), 3);
}

#[cfg(unix)]
#[test]
fn a_home_that_cannot_be_written_names_the_folder_and_the_remedy() {
    let desk = Desk::configured(World::small());
    desk.write(".local/state/eksso/locks", "a file where a folder should be");
    desk.run(&["login"]).fails(7, &["cannot create the folder", "check HOME"]);
}

#[test]
fn nobody_listens_there() {
    let mut desk = Desk::configured(World::small());
    desk.set("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:9");
    desk.run(&["login"]).fails(
        6,
        &[
            "cannot be reached",
            "cause: http://127.0.0.1:9: ",
            "check the network",
            "AWS_ENDPOINT_URL_SSO_OIDC is set to http://127.0.0.1:9",
        ],
    );
    // Others have nothing to do with it.
    assert_eq!(desk.run(&["login"]).err.matches("AWS_ENDPOINT_URL_").count(), 1);
    desk.set("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc.example.com");
    desk.run(&["login"]).fails(2, &["AWS_ENDPOINT_URL_SSO_OIDC is not an https URL"]);
}

#[test]
fn a_ca_bundle_that_is_none_is_told() {
    let mut desk = Desk::configured(World::small());
    for (content, word) in [
        ("nonsense", "no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a file of PEM"),
    ] {
        let path = desk.write("bundle.pem", content);
        desk.set("AWS_CA_BUNDLE", path.to_str().expect("text"));
        desk.run(&["login"]).fails(7, &["AWS_CA_BUNDLE", word]);
    }
    desk.set("AWS_CA_BUNDLE", "/nowhere.pem");
    desk.run(&["login"]).fails(7, &["there is no such file"]);
}

#[test]
fn a_keyring_that_is_not_known_or_not_here_is_told() {
    let desk = Desk::configured(World::small());
    desk.run(&["--keyring", "vault", "login"]).fails(2, &["`vault` is no keyring", "secret-service"]);
    desk.run(&["--keyring", if cfg!(windows) { "keychain" } else { "wincred" }, "login"])
        .fails(7, &["on this system", "EKSSO_KEYRING"]);
    desk.run(&["--keyring", "passphrase", "login"]).fails(7, &["EKSSO_PASSPHRASE"]);
}

#[test]
fn the_passphrase_keyring_opens_with_its_passphrase_only() {
    let mut desk = Desk::configured(World::small());
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "correct horse");
    desk.run(&["login"]).ok();
    desk.run(&["roles"]).ok();
    desk.set("EKSSO_PASSPHRASE", "wrong");
    desk.run(&["roles"]).fails(7, &["does not open the keyring"]);
}
