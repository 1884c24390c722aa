//! Kubeconfigs where the file system is in the way, as another user and in a mount namespace: what kubectl writes there,
//! eksso writes.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use super::parts::{at, good, said};
use crate::process::eksso;
use crate::support::Desk;

const TEXT: &str = "contexts:\n- name: a\n  context: {cluster: c, user: u}\n- name: b\n  context: {cluster: c, user: u}\ncurrent-context: a\n";
/// Somebody who is not root.
const USER: u32 = 65534;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode");
}

/// A home of that user, with eksso to be run as them.
fn home_of_another() -> Desk {
    let desk = Desk::new();
    mode(desk.home.path(), 0o755);
    for folder in [".kube", ".local/state", ".cache", ".config", "run"] {
        std::fs::create_dir_all(desk.path(folder)).expect("a folder");
    }
    for folder in ["", ".kube", ".local", ".local/state", ".cache", ".config", "run"] {
        chown(desk.path(folder), Some(USER), Some(USER)).expect("root");
    }
    desk
}

fn as_user(desk: &Desk, args: &[&str]) -> Command {
    let own = eksso(desk);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(own.get_program()).args(args);
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[test]
#[ignore = "real part: root"]
fn a_file_of_another_owner_and_one_behind_a_link_into_a_closed_folder_are_written_in_place() {
    for shape in ["of another", "behind a link"] {
        let desk = home_of_another();
        let real = match shape {
            "of another" => desk.write(".kube/config", TEXT),
            _ => {
                let real = desk.write("closed/config", TEXT);
                std::os::unix::fs::symlink(&real, desk.path(".kube/config")).expect("a link");
                real
            }
        };
        chown(&real, Some(0), Some(USER)).expect("root");
        mode(&real, 0o664);
        mode(real.parent().expect("a folder"), 0o755);
        let before = real.metadata().expect("there");
        good(&mut as_user(&desk, &["use", "b"]));
        let after = real.metadata().expect("there");
        assert_eq!((after.ino(), after.uid(), after.mode()), (before.ino(), 0, before.mode()), "{shape}");
        assert!(std::fs::read_to_string(&real).expect("text").contains("current-context: b"), "{shape}");
        good(&mut as_user(&desk, &["undo", "-q"]));
        assert_eq!(std::fs::read_to_string(&real).expect("text"), TEXT, "{shape}");
    }
}

/// As with `docker run -v ~/.kube/config:/root/.kube/config`.
#[test]
#[ignore = "real part: root"]
fn a_file_that_is_a_mount_point_is_written_in_place() {
    let desk = Desk::new();
    let real = desk.write("outside/config", TEXT);
    let inner = desk.write(".kube/config", "");
    let own = eksso(&desk);
    let script = "mount --bind \"$1\" \"$2\" && \"$3\" use b && grep -q 'current-context: b' \"$1\" && \"$3\" undo -q && \"$3\" ns team";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-ec", script, "sh"]).arg(&real).arg(&inner).arg(own.get_program());
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    good(&mut command);
    let text = std::fs::read_to_string(&real).expect("text");
    assert_eq!(text, TEXT.replacen("user: u}", "user: u, \"namespace\": \"team\"}", 1));
    assert_eq!(desk.read(".kube/config"), "", "the file below the mount");
    assert!(!desk.path(".kube/config.lock").exists());
}

#[test]
#[ignore = "real part: root"]
fn a_second_file_that_cannot_be_locked_or_written_does_not_block_a_change_of_the_first() {
    let desk = home_of_another();
    let first = desk.write(".kube/config", TEXT);
    chown(&first, Some(USER), Some(USER)).expect("root");
    let second = desk.write("closed/config", "contexts:\n- name: z\n  context: {cluster: c, user: u}\n");
    mode(second.parent().expect("a folder"), 0o755);
    mode(&second, 0o644);
    let both = format!("{}:{}", first.display(), second.display());
    good(as_user(&desk, &["use", "z"]).env("KUBECONFIG", &both));
    assert!(desk.read(".kube/config").contains("current-context: z"));
    // A change of the second is refused, with the reason.
    let output = as_user(&desk, &["ns", "team"]).env("KUBECONFIG", &both).output().expect("started");
    assert_eq!(output.status.code(), Some(7));
    assert!(said(&output).contains("cannot lock") && said(&output).contains("closed/config.lock"), "{}", said(&output));
}

#[test]
#[ignore = "real part: strace"]
fn a_switch_reads_the_kubeconfig_three_times() {
    let desk = Desk::new();
    desk.write(".kube/config", TEXT);
    // One that may still be written is read once more.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let mut traced = at(&desk, Path::new("strace"));
    traced.args(["-fqq", "-e", "trace=openat", "-o"]).arg(desk.path("strace.log")).arg(env!("CARGO_BIN_EXE_eksso"));
    good(traced.args(["use", "b"]));
    let file = format!("{}\"", desk.path(".kube/config").display());
    let opened = desk.read("strace.log").lines().filter(|line| line.contains(&file)).count();
    // For an end that somebody's role has, under the lock, and for the digest of what is kept for `undo`.
    assert_eq!(opened, 3, "{}", desk.read("strace.log"));
}

#[test]
#[ignore = "real part: root (a mount namespace)"]
fn a_full_disk_is_told_by_doctor_before_it_keeps_credentials_back() {
    let desk = Desk::signed_in();
    desk.write(".config/eksso/config.toml", &format!("trail = \"file\"\n{}", desk.config()));
    std::fs::create_dir_all(desk.path(".local/state/eksso/trail")).expect("a folder");
    const TOKEN: &str = "eksso token --cluster=web --region=eu-west-1 --account=111122223333 --role=EKSAdmin";
    // Of a page each, as a file of a tmpfs takes them: one file that fills up, and none at all on a disk that is full.
    for (begin, full) in [
        ("", "head -c 1M /dev/zero >\"$1/full\""),
        (TOKEN, "head -c 1M /dev/zero >\"$1/full\"; head -c 1M /dev/zero >>\"$(ls \"$1\"/*.jsonl)\""),
    ] {
        let script = format!(
            "mount -t tmpfs -o size=16k,mode=700 none \"$1\"; {begin} >/dev/null; eksso doctor -o json || true; {full}; {TOKEN}; echo \"code $?\"; eksso doctor -o json || true"
        );
        let mut command = at(&desk, Path::new("unshare"));
        command.args(["-m", "sh", "-c", &script, "sh"]).arg(desk.path(".local/state/eksso/trail"));
        let output = command.output().expect("started");
        let (words, out) = (said(&output), String::from_utf8_lossy(&output.stdout).into_owned());
        let (before, after) = out.split_once("code 7").unwrap_or_else(|| panic!("{words}"));
        let trail = |text: &str| {
            let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap_or_else(|_| panic!("{words}"));
            rows.into_iter().find(|row| row["check"] == "trail").expect("a row")
        };
        assert_eq!(trail(before)["status"], "ok", "{words}");
        let row = trail(after);
        assert!(
            row["status"] == "failed" && row["fact"].as_str().is_some_and(|fact| fact.contains("cannot write")),
            "{row}"
        );
    }
}

/// As after `sudo eksso`: the trail's folder and its file are root's, and the hints make them the user's again.
#[test]
#[ignore = "real part: root"]
fn a_trail_that_root_made_is_given_back_by_the_commands_that_are_shown() {
    let desk = home_of_another();
    let config = desk.write(".config/eksso/config.toml", &format!("trail = \"file\"\n{}", desk.config()));
    let day = jiff::Timestamp::now().strftime("%F").to_string();
    let file = desk.write(&format!(".local/state/eksso/trail/{day}.jsonl"), "");
    let (folder, state) = (desk.path(".local/state/eksso/trail"), desk.path(".local/state/eksso"));
    for own in [&config, &desk.path(".config/eksso"), &state] {
        chown(own, Some(USER), Some(USER)).expect("root");
    }
    mode(&file, 0o600);
    for folder_mode in [0o755, 0o700] {
        chown(&folder, Some(0), Some(0)).expect("root");
        chown(&file, Some(0), Some(0)).expect("root");
        mode(&folder, folder_mode);
        let output = as_user(&desk, &["doctor", "-o", "json"]).output().expect("started");
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
        let row = rows.iter().find(|row| row["check"] == "trail").expect("a row");
        assert_eq!(row["status"], "failed", "{row}");
        let fixes: Vec<&str> = row["fix"].as_array().expect("a list").iter().filter_map(|fix| fix.as_str()).collect();
        let chowns: Vec<&&str> = fixes.iter().filter(|fix| fix.starts_with("sudo chown 65534 ")).collect();
        assert!(!chowns.is_empty(), "{row}");
        for fix in chowns {
            good(Command::new("sh").args(["-c", fix.trim_start_matches("sudo ")]));
        }
        if folder_mode == 0o700 {
            // What is in a closed folder is seen when that is open.
            chown(&file, Some(USER), Some(USER)).expect("root");
        }
        let output = as_user(&desk, &["log"]).output().expect("started");
        assert!(output.status.success(), "{}", said(&output));
    }
}
