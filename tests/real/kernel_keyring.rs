//! The kernel's keyring: without a Secret Service it serves; where it is forbidden, a passphrase does.

use std::path::Path;
use std::process::Stdio;

use super::parts::{at, on_a_bus, said};
use crate::support::Desk;
use eksso_simulator::World;

#[test]
#[ignore = "real part: kernel keyring (keyutils)"]
fn without_a_secret_service_the_kernel_keyring_serves() {
    let desk = Desk::configured(World::small());
    let session = format!("kernel-{}", std::process::id());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    let script = format!(
        "eksso login && eksso roles && eksso status -o json && eksso logout; echo CODE $?; keyctl search @u user 'eksso:session/{session}'"
    );
    let output = on_a_bus(&desk, false, &script);
    let said = said(&output);
    assert!(said.contains("\"keyring\": \"keyutils\"") && said.contains("CODE 0"), "{said}");
    assert!(!output.status.success(), "the item is gone after logout: {said}");
}

#[test]
#[ignore = "real part: seccomp (python3-seccomp)"]
fn where_a_container_forbids_the_kernel_keyring_the_choices_are_named_and_a_passphrase_works() {
    let desk = Desk::configured(World::small());
    let jail = "import errno, os, seccomp, sys\n\
        filter = seccomp.SyscallFilter(defaction=seccomp.ALLOW)\n\
        for call in ('add_key', 'keyctl', 'request_key'): filter.add_rule(seccomp.ERRNO(errno.EPERM), call)\n\
        filter.load()\nos.execvp(sys.argv[1], sys.argv[1:])\n";
    let jailed = |args: &[&str], keyring: &str| {
        let mut command = at(&desk, Path::new("/usr/bin/python3"));
        command
            .args(["-c", jail, "eksso"])
            .args(args)
            .env("EKSSO_KEYRING", keyring)
            .env("EKSSO_PASSPHRASE", "open sesame");
        command.stdin(Stdio::null()).output().expect("python3-seccomp")
    };
    let refused = jailed(&["login"], "auto");
    let words = said(&refused);
    assert_eq!(refused.status.code(), Some(7), "{words}");
    for word in
        ["no keyring can be used here", "the kernel keyring cannot be used here", "keyutils, passphrase, plaintext"]
    {
        assert!(words.contains(word), "{word}: {words}");
    }
    let token = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
    for args in [&["login"][..], &token, &token, &["logout"]] {
        let output = jailed(args, "passphrase");
        assert!(output.status.success(), "{args:?}: {}", said(&output));
    }
    assert_eq!(
        desk.simulator.count("GetRoleCredentials"),
        1,
        "the sealed cache works without the kernel's copy of its key"
    );
}
