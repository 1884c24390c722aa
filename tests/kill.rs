//! Killed at any moment: strace delivers SIGKILL at the n-th system call of signing in, renewing, filling the cache and
//! signing out, n spread over all of them. Whatever is left behind, the next call works.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::World;

/// Kills for each of the four operations, and where Okta is behind it: what both share is killed often enough.
const POINTS: usize = 125;
const POINTS_OKTA: usize = 50;
const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

/// A desk whose processes lose no time: nobody is waited for, and one CA is trusted instead of all of this machine's.
fn quick(world: World) -> Desk {
    let mut desk = Desk::configured(World { interval: 0, ..world });
    let bundle =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.pem", desk.simulator.url().replace([':', '/'], "-")));
    std::fs::write(&bundle, desk.simulator.ca_pem()).expect("a file");
    desk.set("AWS_CA_BUNDLE", &bundle.display().to_string());
    desk
}

/// The command under strace, with options of its own.
fn traced(desk: &Desk, options: &[&str], args: &[&str]) -> Command {
    let plain = eksso(desk);
    let mut command = Command::new("strace");
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-f", "-qq"]).args(options).arg(env!("CARGO_BIN_EXE_eksso")).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How many system calls it makes when nobody kills it.
fn calls(desk: &Desk, args: &[&str]) -> usize {
    let log = desk.path("strace.log");
    let status = traced(desk, &["-o", &log.display().to_string()], args).status().expect("strace: run tests/run");
    assert!(status.success(), "{args:?}");
    let calls = desk.read("strace.log").lines().count();
    std::fs::remove_file(log).expect("removed");
    calls
}

fn killed_at(desk: &Desk, call: usize, args: &[&str]) {
    let inject = format!("inject=all:signal=KILL:when={call}");
    _ = traced(desk, &["-o", "/dev/null", "-e", &inject], args).status().expect("strace: run tests/run");
}

/// Every file is whole: items of the plain keyring and notes are JSON or a key, and no lock file holds anything.
fn whole(desk: &Desk, context: &str) {
    for (path, content) in desk.files() {
        let (name, text) = (path.to_string_lossy().into_owned(), String::from_utf8_lossy(&content).into_owned());
        let unfinished = name.contains("/.eksso-");
        if name.contains("/secrets/plaintext/") && !unfinished {
            let json = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|item| item.is_object());
            // Of a look whether a sign-in can be stored.
            let probe = text.starts_with("eksso tries whether");
            assert!(json || probe || text.len() == 43, "{context}: {name}: {text}");
        }
        // A lock says who held it when it was killed.
        let words = text.is_empty() || text.starts_with("{\"version\":1,\"process\":");
        assert!(!name.contains("/locks/") || words, "{context}: {name}: {text}");
    }
}

/// For each point: prepare, kill, check, recover.
fn at_every_point(desk: &Desk, args: &[&str], prepare: impl Fn(), recover: impl Fn(&str, usize)) {
    prepare();
    let total = calls(desk, args);
    let points = if desk.is_okta() { POINTS_OKTA } else { POINTS };
    for point in 0..points {
        let call = 1 + point * total / points;
        prepare();
        killed_at(desk, call, args);
        let context = format!("{args:?} killed at call {call} of {total}");
        whole(desk, &context);
        recover(&context, call);
    }
}

#[test]
#[ignore = "real part: strace"]
fn a_sign_in_killed_at_any_moment_leaves_a_machine_that_can_sign_in() {
    for world in both() {
        let desk = quick(world);
        let prepare = || {
            desk.run(&["logout"]);
        };
        at_every_point(&desk, &["login", "-q"], prepare, |context, _| {
            let login = desk.run(&["login"]);
            assert_eq!(login.code, 0, "{context}: {}", login.err);
            let token = desk.run(&TOKEN);
            assert_eq!(token.code, 0, "{context}: {}", token.err);
        });
    }
}

#[test]
#[ignore = "real part: strace"]
fn filling_the_cache_killed_at_any_moment_costs_one_more_request_at_most() {
    for world in both() {
        let desk = quick(world);
        desk.run(&["login"]).ok();
        let prepare = || {
            _ = std::fs::remove_dir_all(desk.path(".cache"));
            desk.simulator.state().requests.clear();
        };
        at_every_point(&desk, &TOKEN, prepare, |context, _| {
            let token = desk.run(&TOKEN);
            assert_eq!(token.code, 0, "{context}: {}", token.err);
            assert!(desk.count("credentials") <= 2 && desk.count("roles") <= 2, "{context}");
        });
    }
}

/// Between the moment the portal has spent the old refresh token and the moment the new one is on disk lie the way of the
/// reply and one write: nothing that a program can do about SIGKILL. Outside of that window nothing may be lost.
#[test]
#[ignore = "real part: strace"]
fn a_renewal_killed_at_any_moment_loses_nothing_that_had_been_written() {
    for world in both() {
        let desk = quick(world);
        let lost = std::cell::RefCell::new(Vec::new());
        let item = || {
            let is_item = |path: &Path| path.to_string_lossy().contains("/secrets/plaintext/");
            desk.files().into_iter().find(|(path, _)| is_item(path))
        };
        let prepare = || {
            desk.run(&["login", "--force"]).ok();
            desk.age_tokens();
            _ = std::fs::remove_dir_all(desk.path(".cache"));
            desk.simulator.state().requests.clear();
        };
        let before = std::cell::RefCell::new(None);
        let prepare = || {
            prepare();
            before.replace(item());
        };
        at_every_point(&desk, &TOKEN, prepare, |context, call| {
            let renewed = desk.count("renew") > 0;
            let written = item() != *before.borrow();
            let token = desk.run(&TOKEN);
            match token.code {
                0 => {}
                3 if renewed && !written => lost.borrow_mut().push(call),
                _ => panic!("{context}: {}", token.err),
            }
        });
        let lost = lost.into_inner();
        println!("refresh tokens lost with the reply on its way or in the one write: at calls {lost:?}");
        assert!(lost.len() <= POINTS / 5, "the window is too wide: {lost:?}");
    }
}

/// Signals that a program can do something about, at system calls spread over all of them: nothing that the provider gave is
/// lost to one of them, wherever it comes.
#[test]
#[ignore = "real part: strace"]
fn a_renewal_and_a_sign_in_that_are_told_to_end_at_any_moment_lose_nothing_that_was_given() {
    for world in both() {
        let desk = quick(world);
        let points = if desk.is_okta() { 6 } else { 14 };
        let forget = || {
            _ = std::fs::remove_dir_all(desk.path(".cache"));
            _ = std::fs::remove_dir_all(desk.path(".local/state/eksso/sign-ins"));
            desk.simulator.state().requests.clear();
        };
        let aged = || {
            desk.run(&["login", "--force"]).ok();
            desk.age_tokens();
            forget();
        };
        let nobody = || {
            desk.run(&["logout"]);
            forget();
        };
        for (args, given) in [(&TOKEN[..], "renew"), (&["login", "-q"], "poll")] {
            let prepare = || if given == "renew" { aged() } else { nobody() };
            prepare();
            let total = calls(&desk, args);
            for (signal, at) in
                ["HUP", "QUIT", "TERM"].into_iter().flat_map(|signal| (0..points).map(move |at| (signal, at)))
            {
                prepare();
                let call = 1 + at * total / points;
                let inject = format!("inject=all:signal={signal}:when={call}");
                _ = traced(&desk, &["-o", "/dev/null", "-e", &inject], args).status().expect("strace: run tests/run");
                let context = format!("{args:?}, {signal} at call {call} of {total}");
                whole(&desk, &context);
                let (asked, started) = (desk.count(given), desk.count("start"));
                if given == "renew" || asked > 0 {
                    let token = desk.run(&TOKEN);
                    assert_eq!(token.code, 0, "{context}: {}", token.err);
                    assert_eq!(desk.count("start"), started, "{context}: somebody had to sign in again");
                    // What was given is there: it is not asked for again.
                    assert!(asked == 0 || desk.count(given) == asked, "{context}");
                }
            }
        }
    }
}

/// The window itself: the portal has answered, and writing what it gave takes a while.
#[test]
#[ignore = "real part: strace"]
fn no_signal_comes_between_the_answer_and_the_store() {
    for world in both() {
        let desk = quick(world);
        desk.run(&["login"]).ok();
        for (signal, code) in [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)] {
            desk.age_tokens();
            _ = std::fs::remove_dir_all(desk.path(".cache"));
            let before = desk.count("renew");
            let slow = ["-o", "/dev/null", "-e", "inject=fsync:delay_enter=300000"];
            let mut child = traced(&desk, &slow, &TOKEN).spawn().expect("strace: run tests/run");
            let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
            while desk.count("renew") == before {
                assert!(std::time::Instant::now() < until, "no renewal");
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            let children = format!("/proc/{0}/task/{0}/children", child.id());
            let traced = std::fs::read_to_string(children).expect("the children of strace");
            for _ in 0..3 {
                std::thread::sleep(std::time::Duration::from_millis(60));
                _ = Command::new("kill").args([&format!("-{signal}"), traced.trim()]).stderr(Stdio::null()).status();
            }
            assert_eq!(child.wait().expect("ended").code(), Some(code), "{signal}");
            desk.run(&TOKEN).ok();
            assert_eq!((desk.count("renew"), desk.count("start")), (before + 1, 1), "{signal}");
        }
    }
}

#[test]
#[ignore = "real part: strace"]
fn a_sign_out_killed_at_any_moment_can_be_repeated_and_then_leaves_no_secret() {
    for world in both() {
        let desk = quick(world);
        let prepare = || {
            desk.run(&["login", "--force"]).ok();
            desk.run(&TOKEN).ok();
        };
        at_every_point(&desk, &["logout", "-q"], prepare, |context, _| {
            let logout = desk.run(&["logout"]);
            assert_eq!(logout.code, 0, "{context}: {}", logout.err);
            let secrets = desk.simulator.state().secrets.clone();
            for (path, content) in desk.files() {
                let text = String::from_utf8_lossy(&content).into_owned();
                let leaked = secrets.iter().any(|secret| text.contains(secret.as_str()));
                assert!(!leaked, "{context}: {}", path.display());
            }
            desk.simulator.state().secrets.clear();
            assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], false, "{context}");
        });
    }
}

#[test]
#[ignore = "real part: strace"]
fn a_warm_token_uses_no_thread_no_socket_and_no_lock() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        let log = desk.path("strace.log");
        let args = [&TOKEN[..], &["--session=corp"]].concat();
        let status = traced(&desk, &["-o", &log.display().to_string()], &args).status().expect("strace: run tests/run");
        assert!(status.success());
        let text = desk.read("strace.log");
        let made = |name: &str| text.lines().filter(|line| line.contains(&format!(" {name}("))).count();
        for name in [
            "clone",
            "clone3",
            "fork",
            "vfork",
            "socket",
            "connect",
            "flock",
            "epoll_create1",
            "eventfd2",
            "rename",
            "mkdir",
        ] {
            assert_eq!(made(name), 0, "{name}:\n{text}");
        }
        let home = desk.home.path().display().to_string();
        let opened: Vec<&str> = text.lines().filter(|line| line.contains(" openat(") && line.contains(&home)).collect();
        assert_eq!(opened.len(), 5, "settings, the organisation's, register, credentials, key: {opened:?}");
        // Where the machine has no policy, looking for one is a call for it and one for its folder, which could be a link that
        // leads nowhere. (/etc is looked at, too.)
        let looks: Vec<&str> = text.lines().filter(|line| line.contains("/etc/eksso")).collect();
        let [look, folder] = looks[..] else { panic!("looks for a policy: {looks:?}") };
        assert!(look.contains(" openat(") && look.contains("ENOENT"), "{look}");
        assert!(!folder.contains(" openat(") && folder.contains("ENOENT"), "{folder}");
        assert!(text.lines().count() < 130, "{text}");
    }
}

/// Who asked, and a line: the parent's id, its program, opening, making sure that it is a file, writing, closing.
#[cfg(unix)]
#[test]
#[ignore = "real part: strace"]
fn the_audit_trail_costs_a_warm_token_six_calls_at_most() {
    use std::os::unix::net::UnixDatagram;
    let desk = quick(World::small());
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    let args = [&TOKEN[..], &["--session=corp"]].concat();
    // The standard library of a debug build asks whether a file is open before it closes it.
    let calls = || {
        let log = desk.path("strace.log").display().to_string();
        let status = traced(&desk, &["-e", "trace=!fcntl", "-o", &log], &args).status().expect("strace: run tests/run");
        assert!(status.success());
        desk.read("strace.log").lines().count()
    };
    let without = calls();
    desk.write(".config/eksso/config.toml", &format!("trail = \"file\"\n{}", desk.config()));
    desk.run(&TOKEN).ok();
    let with = calls();
    assert!((without + 1..=without + 6).contains(&with), "{without} without, {with} with a trail in files");
    // To the system log, where this machine has one that takes it.
    if UnixDatagram::unbound().and_then(|own| own.connect("/dev/log")).is_ok() {
        desk.write(".config/eksso/config.toml", &format!("trail = \"syslog\"\n{}", desk.config()));
        let with = calls();
        assert!(with <= without + 5, "{without} without, {with} with a trail in the system log");
    }
}

#[test]
#[ignore = "real part: strace"]
fn a_prompt_reads_two_files_of_the_users_and_uses_no_socket_no_lock_and_no_keyring() {
    let desk = quick(World::small());
    desk.write(".kube/config", "current-context: c\ncontexts:\n- name: c\n  context: {cluster: c, user: u}\n");
    let log = desk.path("strace.log");
    let mut command = traced(&desk, &["-o", &log.display().to_string()], &["prompt"]);
    assert!(command.status().expect("strace: run tests/run").success());
    let text = desk.read("strace.log");
    for name in
        ["clone", "clone3", "fork", "vfork", "socket", "connect", "flock", "keyctl", "rename", "mkdir", "unlink"]
    {
        assert!(!text.contains(&format!(" {name}(")), "{name}:\n{text}");
    }
    let home = desk.home.path().display().to_string();
    let opened: Vec<&str> = text.lines().filter(|line| line.contains(" openat(") && line.contains(&home)).collect();
    assert_eq!(opened.len(), 3, "kubeconfig, settings, and whether there are an organisation's: {opened:?}");
    assert!(!text.contains("O_CREAT") && !text.contains("O_RDWR"), "{text}");
}

/// Who signs out or in meanwhile is noticed all the same: a changed register has another stamp, and a register that has just
/// been written has none.
#[test]
#[ignore = "real part: strace"]
fn a_cold_token_reads_the_register_once_and_again_only_when_it_has_changed() {
    for world in both() {
        let desk = quick(world);
        desk.run(&["login", "--force"]).ok();
        let log = desk.path("strace.log");
        std::thread::sleep(std::time::Duration::from_secs(4));
        let status =
            traced(&desk, &["-o", &log.display().to_string()], &TOKEN).status().expect("strace: run tests/run");
        assert!(status.success());
        let text = desk.read("strace.log");
        let reads = text.lines().filter(|line| line.contains("openat(") && line.contains("/eksso/sessions/"));
        // The sealed cache looks for itself before it opens something; with Okta that is the SAML response of the sign-in.
        assert_eq!(reads.count(), 1 + usize::from(desk.is_okta()), "{text}");
    }
}

/// 500 points in all: half while switching, half while undoing.
/// The AWS CLI and editors take no lock: what they write while eksso waits for the disk is there afterwards.
#[test]
#[ignore = "real part: strace"]
fn what_others_write_while_a_change_goes_to_the_disk_is_not_lost() {
    let text =
        "contexts:\n- name: a\n  context: {cluster: c}\n- name: b\n  context: {cluster: c}\ncurrent-context: a\n";
    for wait in 1..=4 {
        for replaces in [false, true] {
            let desk = Desk::new();
            let file = desk.write(".kube/config", text);
            let delay = format!("inject=fsync:delay_enter=1500000:when={wait}");
            let options = ["-o", "/dev/null", "-e", &delay];
            let mut child = traced(&desk, &options, &["use", "b", "-q"]).spawn().expect("strace: run tests/run");
            // What is there by then: the backup, its record, the new file under another name, and under its own.
            let ring = desk.path(".local/state/eksso/kubeconfig-backups/00000001");
            let is_beside = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(".eksso-");
            let is_reached = || match wait {
                1 => ring.join("0.before").exists(),
                2 => ring.join("change.json").exists(),
                3 => std::fs::read_dir(desk.path(".kube")).expect("the folder").flatten().any(is_beside),
                _ => desk.read(".kube/config").contains("current-context: b"),
            };
            let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
            while !is_reached() {
                assert!(std::time::Instant::now() < until, "{wait}: not reached");
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            // The lock file begins as such a one, too.
            std::thread::sleep(std::time::Duration::from_millis(200));
            let now = format!("{}# theirs\n", std::fs::read_to_string(&file).expect("text"));
            if replaces {
                let other = desk.write(".kube/other", &now);
                std::fs::rename(other, &file).expect("replaced");
            } else {
                std::fs::write(&file, now).expect("written");
            }
            let code = child.wait().expect("ended").code();
            let after = desk.read(".kube/config");
            assert!(after.ends_with("# theirs\n"), "{wait} {replaces} {code:?}: {after}");
            assert_eq!(
                (code == Some(0), code),
                (wait == 4, Some(if wait == 4 { 0 } else { 7 })),
                "{wait} {replaces}: {after}"
            );
            assert_eq!(wait == 4, after.contains("current-context: b"), "{wait} {replaces}: {after}");
            desk.run(&["use", "b"]).ok();
            assert!(desk.read(".kube/config").ends_with("current-context: b\n# theirs\n"), "{wait} {replaces}");
        }
    }
}

#[test]
#[ignore = "real part: strace"]
fn a_switch_killed_at_any_moment_leaves_the_old_or_the_new_file_and_no_lock() {
    let desk = Desk::new();
    let contexts: String =
        (0..40).map(|n| format!("- name: c{n}\n  context:\n    cluster: k\n    user: u\n")).collect();
    let old = format!("# mine\napiVersion: v1\ncontexts:\n{contexts}current-context: c1 # now\n");
    let new = old.replace("c1 # now", "c2 # now");
    let file = |context: &str| {
        let text = desk.read(".kube/config");
        assert!(text == old || text == new, "{context}: neither the old nor the new file:\n{text}");
        text
    };
    for (args, from, to) in [(["use", "-q", "c2"], &old, &new), (["undo", "-q", "--yes"], &new, &old)] {
        let prepare = || {
            desk.write(".kube/config", &old);
            if from == &new {
                desk.run(&["use", "c2"]).ok();
            }
        };
        prepare();
        let total = calls(&desk, &args);
        for point in 0..2 * POINTS {
            prepare();
            let call = 1 + point * total / (2 * POINTS);
            killed_at(&desk, call, &args);
            let context = format!("{args:?} killed at call {call} of {total}");
            let done = file(&context) == *to;
            // Whatever was left behind, the next call works, and so does taking back.
            let next = desk.run(&["use", "c3"]);
            assert_eq!(next.code, 0, "{context}: {}", next.err);
            let back = desk.run(&["undo", "--yes"]);
            assert_eq!(back.code, 0, "{context}: {}", back.err);
            assert_eq!(file(&context) == *to, done, "{context}");
        }
    }
    let left: Vec<_> = desk.files().into_iter().map(|(path, _)| path).filter(|path| path.ends_with(".lock")).collect();
    assert!(left.is_empty(), "{left:?}");
}
