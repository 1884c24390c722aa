//! The kernel's keyring: without a Secret Service it serves; where it is forbidden, a passphrase does.

use std::path::Path;
use std::process::Stdio;

use super::parts::{at, good, on_a_bus, said};
use crate::support::Desk;
use eksso_simulator::World;

#[test]
#[ignore = "real part: kernel keyring (keyutils)"]
fn without_a_secret_service_the_kernel_keyring_serves() {
    let desk = Desk::configured(World::small());
    let session = format!("kernel-{}", std::process::id());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    let script = format!(
        "eksso login && eksso roles && eksso status -o json && eksso logout; echo CODE $?; keyctl search @s user 'eksso:session/{session}'"
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

/// Runs a script as another user, whose kernel keyring has the quota that root's has not.
fn as_nobody(desk: &Desk, script: &str) -> std::process::Output {
    let home = desk.home.path().display().to_string();
    // One of its own for each test: the quota counts all keys of a user.
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let user = (61_000 + std::process::id() % 1000 * 4 + next).to_string();
    let owned = std::process::Command::new("chown").args(["-R", &format!("{user}:{user}"), &home]).status();
    let owned = owned.expect("chown");
    assert!(owned.success(), "the tests of the kernel keyring's quota run as root");
    let mut command = at(desk, Path::new("/usr/bin/setpriv"));
    command.args(["--reuid", &user, "--regid", &user, "--clear-groups", "--", "/usr/bin/keyctl", "session", "-"]);
    // As pam_keyinit does at a login.
    let script = format!("keyctl link @u @s; {script}");
    // That user is nobody's: the keyring that eksso takes by itself is meant here.
    command.args(["bash", "-c", &script]).env("EKSSO_KEYRING", "keyutils").env_remove("EKSSO_TEST_SESSION_KEYRING");
    command.stdin(Stdio::null()).output().expect("setpriv")
}

#[test]
#[ignore = "real part: kernel keyring (keyutils, setpriv)"]
fn the_quota_of_a_user_is_no_limit_as_the_kernel_holds_a_key_only() {
    let desk = Desk::configured(World::small());
    let session = format!("quota-{}", std::process::id());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    let script = format!(
        "keyctl padd user filler-{session} @u < <(head -c 19000 /dev/zero | tr '\\0' x) >/dev/null && \
         eksso login && eksso roles -o name && \
         keyctl print $(keyctl search @u user 'eksso:session/{session}') | wc -c && \
         eksso logout && keyctl unlink $(keyctl search @u user filler-{session}) @u; echo CODE $?"
    );
    let output = as_nobody(&desk, &script);
    let said = said(&output);
    assert!(said.contains("CODE 0") && said.contains("Signed out"), "{said}");
    assert!(said.lines().any(|line| line.trim() == "44"), "32 bytes in base64 and a line end: {said}");
}

#[test]
#[ignore = "real part: kernel keyring (keyutils, setpriv)"]
fn after_a_reboot_the_orphan_file_goes_and_it_is_said_that_nothing_could_be_revoked() {
    let desk = Desk::configured(World::small());
    let session = format!("reboot-{}", std::process::id());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    let script = format!(
        "eksso login -q && ls $HOME/.local/state/eksso/secrets/keyutils | wc -l && \
         keyctl unlink $(keyctl search @u user 'eksso:session/{session}') @u && \
         touch -d '1 hour ago' $HOME/.local/state/eksso/secrets/keyutils/* && eksso roles; echo CODE $?; ls $HOME/.local/state/eksso/secrets/keyutils | wc -l; eksso login -q; eksso logout; echo CODE $?"
    );
    let output = as_nobody(&desk, &script);
    let said = said(&output);
    assert!(said.contains("CODE 3") && said.contains("it could not be revoked"), "{said}");
    assert!(said.contains("CODE 0"), "{said}");
    let counts: Vec<&str> = said.lines().map(str::trim).filter(|line| ["0", "1"].contains(line)).collect();
    assert_eq!(counts, ["1", "0"], "{said}");
}

/// A person who uses eksso runs the tests: their item is in `@u`, and stays there.
#[test]
#[ignore = "real part: kernel keyring (keyutils)"]
fn what_the_person_who_runs_the_tests_keeps_is_neither_seen_nor_touched() {
    let session = format!("mine-{}", std::process::id());
    let item = format!("eksso:session/{session}");
    // A login session, which has the keyring of its user at hand.
    let keyctl = |line: &str| {
        let line = format!("keyctl link @u @s && keyctl {line}");
        good(std::process::Command::new("keyctl").args(["session", "-", "sh", "-c", &line]))
    };
    let key = keyctl(&format!("add user {item} precious @u"));
    let desk = Desk::configured(World::small());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    let shell = |line: &str| said(&at(&desk, Path::new("sh")).args(["-c", line]).output().expect("sh"));
    let words = [
        desk.run(&["login"]).ok().err,
        desk.run(&["logout"]).ok().err,
        shell("eksso login && eksso logout && eksso logout --all; echo CODE $?"),
    ];
    let kept = keyctl(&format!("print {}", key.trim()));
    keyctl(&format!("unlink {} @u", key.trim()));
    assert!(kept.contains("precious"), "{kept}");
    assert!(words[2].contains("CODE 0") && !words.concat().contains("keyutils"), "{words:?}");
}

/// A process of eksso that strace slows down at certain system calls.
fn slowed(desk: &Desk, inject: &str, args: &[&str]) -> std::process::Child {
    let mut command = at(desk, Path::new("/usr/bin/strace"));
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={inject}")]);
    let command = command.arg(env!("CARGO_BIN_EXE_eksso")).args(args).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("strace: run tests/run")
}

#[track_caller]
fn ends_well(child: std::process::Child) {
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
#[ignore = "real part: kernel keyring (keyutils), strace"]
fn processes_that_meet_while_the_first_file_of_the_kernel_keyring_gets_its_key_lose_nothing() {
    let mut desk = Desk::configured(World::small());
    desk.set("EKSSO_KEYRING", "keyutils");
    let files = || std::fs::read_dir(desk.path(".local/state/eksso/secrets/keyutils")).map_or(0, |all| all.count());
    // The file is there, and its key comes more than a second later.
    let slow = "add_key:delay_enter=1500000";
    let mut first = slowed(&desk, slow, &["login"]);
    let second = slowed(&desk, slow, &["login"]);
    let mut looks = 0;
    while first.try_wait().expect("a child").is_none() {
        if desk.count("poll") > 0 && files() > 0 {
            // Neither a reader nor another sign-in takes the file for an orphan of the last boot.
            desk.run(&["status"]).ok();
            looks += 1;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    ends_well(first);
    ends_well(second);
    assert!(looks > 2, "{looks}");
    let token = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
    good(at(&desk, Path::new("eksso")).args(token));
    assert_eq!((desk.count("start"), files()), (1, 1), "one sign-in, and nothing left of probes");
    desk.run(&["logout"]).ok();
}

#[test]
#[ignore = "real part: strace"]
fn processes_that_try_a_keyring_at_once_see_their_own_items_only() {
    let desk = Desk::configured(World::small());
    let lab = desk.config().replace("regions", "#").replace("corp", "lab");
    desk.write(".config/eksso/config.toml", &format!("{}{lab}", desk.config()));
    let probes = || {
        let probe = |(path, content): &(std::path::PathBuf, Vec<u8>)| {
            path.to_string_lossy().contains("/secrets/") && content.starts_with(b"eksso tries")
        };
        desk.files().iter().filter(|file| probe(file)).count()
    };
    // Between storing what it tries with and reading it again.
    let slow = slowed(&desk, "rename,renameat,renameat2:delay_exit=1500000", &["login", "corp"]);
    while probes() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    desk.run(&["login", "lab"]).ok();
    ends_well(slow);
    assert_eq!(probes(), 0);
    for session in ["corp", "lab"] {
        desk.run(&["--session", session, "roles"]).ok();
    }
}
