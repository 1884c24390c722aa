//! The policy at its real place, in a mount namespace of the test's own: no variable moves it.

use std::path::Path;
use std::process::Command;

use super::parts::{at, good, said};
use crate::support::Desk;

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

/// eksso where /etc is a folder of the desk's.
fn with_etc(desk: &Desk, args: &[&str]) -> Command {
    let mut command = at(desk, Path::new("unshare"));
    let script = format!("mount --bind {} /etc && exec eksso \"$@\"", desk.path("etc").display());
    command.args(["-m", "sh", "-c", &script, "eksso"]).args(args);
    command
}

#[test]
#[ignore = "real part: root (a mount namespace)"]
fn the_policy_of_the_machine_binds_and_no_variable_of_the_user_moves_it() {
    let mut desk = Desk::signed_in();
    std::fs::create_dir_all(desk.path("etc/eksso")).expect("a folder");
    for (name, value) in [
        ("EKSSO_POLICY", "/dev/null"),
        ("EKSSO_CONFIG", &desk.path(".config/eksso/config.toml").display().to_string()),
        ("XDG_CONFIG_DIRS", "/tmp"),
        ("EKSSO_TEST_POLICY", "/dev/null"),
    ] {
        desk.set(name, value);
    }
    good(&mut with_etc(&desk, &TOKEN));
    desk.write("etc/eksso/policy.toml", "start_urls = []\n");
    let refused = with_etc(&desk, &TOKEN).output().expect("started");
    let words = said(&refused);
    assert_eq!(refused.status.code(), Some(4), "{words}");
    assert!(words.contains("`start_urls` in /etc/eksso/policy.toml") && refused.stdout.is_empty(), "{words}");
    // Of a user: refused, and nothing is done.
    good(Command::new("chown").arg("65534").arg(desk.path("etc/eksso/policy.toml")));
    let refused = with_etc(&desk, &TOKEN).output().expect("started");
    assert_eq!(refused.status.code(), Some(7), "{}", said(&refused));
    assert!(said(&refused).contains("belongs to user 65534, and not to user 0"), "{}", said(&refused));
}

/// What a policy costs a warm call: opening, looking at it and at the three folders above it, reading.
#[test]
#[ignore = "real part: root (a mount namespace), strace"]
fn a_policy_costs_a_warm_token_ten_calls_at_most() {
    let desk = Desk::signed_in();
    std::fs::create_dir_all(desk.path("etc/eksso")).expect("a folder");
    let calls = || {
        let mut command = at(&desk, Path::new("unshare"));
        let (etc, log) = (desk.path("etc"), desk.path("strace.log"));
        let script =
            format!("mount --bind {} /etc && exec strace -f -qq -o {} eksso \"$@\"", etc.display(), log.display());
        command.args(["-m", "sh", "-c", &script, "eksso"]).args(TOKEN);
        good(&mut command);
        std::fs::read_to_string(log).expect("a log").lines().count()
    };
    good(&mut with_etc(&desk, &TOKEN));
    let without = calls();
    desk.write("etc/eksso/policy.toml", "never_roles = [\"*BreakGlass*\"]\nflow = \"device\"\n");
    let with = calls();
    assert!(with <= without + 10, "{without} without a policy, {with} with one");
}
