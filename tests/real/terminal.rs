//! A terminal (tmux): the picker, questions for a passphrase, and shells of eksso give it back as it was.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::parts::{at, good};
use crate::process::eksso;
use crate::support::Desk;
use eksso_simulator::World;

/// Ends the tmux server of a test, however the test ends.
struct Server(PathBuf);

impl Drop for Server {
    fn drop(&mut self) {
        _ = Command::new("tmux").arg("-S").arg(&self.0).arg("kill-server").output();
    }
}

/// Compares a screen with the one that is kept as text.
fn keep_screen(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
    let port = |line: &str| match line.find("https://127.0.0.1:") {
        Some(at) => format!("{}https://127.0.0.1:PORT", &line[..at]),
        None => line.trim_end().to_owned(),
    };
    let seen: String = screen.lines().map(|line| format!("{}\n", port(line))).collect();
    if std::env::var_os("EKSSO_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &seen).expect("a file");
    }
    assert_eq!(seen, std::fs::read_to_string(&path).unwrap_or_default(), "{name}: EKSSO_BLESS=1 keeps a new one");
}

#[test]
#[ignore = "real part: tmux"]
fn the_picker_works_in_a_terminal_and_gives_it_back() {
    let desk = Desk::signed_in();
    let socket = desk.path("tmux");
    let _server = Server(socket.clone());
    let tmux = |args: &[&str]| {
        let mut command = at(&desk, Path::new("tmux"));
        good(command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args))
    };
    let screen_with = |words: &[&str]| {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
            if words.iter().all(|word| screen.contains(word)) {
                return screen;
            }
            assert!(Instant::now() < deadline, "waiting for {words:?}:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    };
    for (columns, lines) in [("80", "24"), ("40", "10"), ("160", "50")] {
        tmux(&["new-session", "-d", "-s", "t", "-x", columns, "-y", lines, "sh"]);
        tmux(&["send-keys", "-t", "t", "PS1='ready> '; clear", "Enter"]);
        screen_with(&["ready>"]);
        tmux(&["send-keys", "-t", "t", "eksso add", "Enter"]);
        screen_with(&["> ", "6/6"]);
        // The search is over when no notice stands behind the title any more.
        let deadline = Instant::now() + Duration::from_secs(30);
        while tmux(&["capture-pane", "-p", "-t", "t"]).contains('[') {
            assert!(Instant::now() < deadline, "the search does not end");
            sleep(Duration::from_millis(50));
        }
        keep_screen(&format!("picker-{columns}x{lines}"), &tmux(&["capture-pane", "-p", "-t", "t"]));
        tmux(&["send-keys", "-t", "t", "stag"]);
        screen_with(&["> stag", "/6"]);
        tmux(&["send-keys", "-t", "t", "Escape"]);
        screen_with(&["nothing was chosen", "ready>"]);
        tmux(&["send-keys", "-t", "t", "clear; eksso add", "Enter"]);
        screen_with(&["6/6"]);
        tmux(&["send-keys", "-t", "t", "C-c"]);
        screen_with(&["interrupted", "ready>"]);
        tmux(&["send-keys", "-t", "t", "clear; echo raw=$(stty -a | grep -c -- ' -icanon')", "Enter"]);
        screen_with(&["raw=0", "ready>"]);
        tmux(&["send-keys", "-t", "t", "clear; eksso add", "Enter"]);
        screen_with(&["6/6"]);
        for key in ["prod web", "Tab", "Tab", "Enter"] {
            tmux(&["send-keys", "-t", "t", key]);
            sleep(Duration::from_millis(100));
        }
        screen_with(&["2 contexts", "Switch with: eksso use"]);
        // A signal from elsewhere gives the terminal back too, and so does a size that changes meanwhile.
        tmux(&["send-keys", "-t", "t", "clear; eksso add; echo code=$?", "Enter"]);
        screen_with(&["6/6"]);
        tmux(&["resize-window", "-t", "t", "-x", "60", "-y", "20"]);
        screen_with(&["6/6", "Tab mark"]);
        good(at(&desk, Path::new("pkill")).args(["-TERM", "-f", "^eksso add"]));
        screen_with(&["code=143"]);
        tmux(&["send-keys", "-t", "t", "clear; echo raw=$(stty -a | grep -c -- ' -icanon')", "Enter"]);
        screen_with(&["raw=0", "ready>"]);
        // So do HUP and QUIT.
        for (signal, code) in [("HUP", "129"), ("QUIT", "131")] {
            tmux(&["send-keys", "-t", "t", "clear; eksso add; echo code=$?", "Enter"]);
            screen_with(&["6/6"]);
            good(at(&desk, Path::new("pkill")).args([&format!("-{signal}"), "-f", "^eksso add"]));
            screen_with(&[&format!("code={code}")]);
            tmux(&["send-keys", "-t", "t", "clear; echo raw=$(stty -a | grep -c -- ' -icanon')", "Enter"]);
            screen_with(&["raw=0", "ready>"]);
        }
        // A terminal that is closed ends it too.
        tmux(&["send-keys", "-t", "t", "clear; exec eksso add", "Enter"]);
        screen_with(&["6/6"]);
        let pane = tmux(&["display-message", "-p", "-t", "t", "#{pane_pid}"]);
        tmux(&["kill-pane", "-t", "t"]);
        let deadline = Instant::now() + Duration::from_secs(5);
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", pane.trim())).unwrap_or_default();
        // Whoever becomes its parent may leave it a zombie.
        while state().rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z")) {
            assert!(Instant::now() < deadline, "the picker outlives its terminal: {}", state());
            sleep(Duration::from_millis(50));
        }
        _ = Command::new("tmux").arg("-S").arg(&socket).arg("kill-server").output();
        sleep(Duration::from_millis(200));
    }
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("contexts").len(), 2);
    assert!(desk.kubeconfig().get("current-context").is_none());
}

#[test]
#[ignore = "real part: tmux"]
fn a_passphrase_is_asked_for_once_and_twice_when_it_is_new_but_never_by_the_plugin() {
    let desk = Desk::configured(World::small());
    let socket = desk.path("tmux");
    let _server = Server(socket.clone());
    let tmux = |args: &[&str]| {
        let mut command = at(&desk, Path::new("tmux"));
        good(command.env("EKSSO_KEYRING", "passphrase").arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args))
    };
    let type_and_see = |keys: &str, words: &str| {
        tmux(&["send-keys", "-t", "t", keys, "Enter"]);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
            if screen.contains(words) {
                return screen;
            }
            assert!(Instant::now() < deadline, "waiting for {words}:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    };
    tmux(&["new-session", "-d", "-s", "t", "-x", "80", "-y", "60", "sh"]);
    type_and_see("PS1='ready> '; unset EKSSO_PASSPHRASE; clear", "ready>");
    type_and_see("eksso login; echo CODE=$?", "passphrase of the eksso keyring:");
    type_and_see("open sesame", "the same again:");
    // Signed in, looking for clusters, and the picker: no third question.
    type_and_see("open sesame", "6/6");
    tmux(&["send-keys", "-t", "t", "Escape"]);
    let screen = type_and_see("", "CODE=0");
    assert!(!screen.contains("open sesame"), "{screen}");
    type_and_see("clear; eksso --no-input roles; echo CODE=$?", "CODE=7");
    let plugin = "eksso token --cluster web --region eu-west-1 --account 111122223333 --role EKSAdmin; echo CODE=$?";
    let forget = format!("clear; rm -r {}; {plugin}", desk.path(".cache/eksso").display());
    assert!(type_and_see(&forget, "CODE=7").replace('\n', "").contains("nobody may be asked"));
    tmux(&["kill-server"]);
}

#[test]
#[ignore = "real part: tmux"]
fn a_shell_of_eksso_keeps_its_terminal_and_cleans_up() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]));
    let socket = desk.path("tmux");
    let _server = Server(socket.clone());
    let tmux = |args: &[&str]| {
        let mut command = at(&desk, Path::new("tmux"));
        command.env("SHELL", "/bin/sh").env("XDG_RUNTIME_DIR", desk.path("run"));
        good(command.arg("-S").arg(&socket).args(args))
    };
    let see = |what: &str| {
        let start = Instant::now();
        loop {
            let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
            if screen.contains(what) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "`{what}` is not on the screen:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    };
    let type_in = |line: &str| tmux(&["send-keys", "-t", "t", line, "Enter"]);
    let files = || std::fs::read_dir(desk.path("run/eksso/kubeconfig")).map_or(0, |all| all.count());
    tmux(&["new-session", "-d", "-s", "t", "-x", "80", "-y", "24", "sh"]);
    type_in("PS1='outer> '; clear");
    see("outer>");
    type_in("eksso shell Production/web:EKSViewer");
    see("`exit` leaves it");
    type_in("PS1='inner> '; echo in=$EKSSO_CONTEXT");
    see("in=Production/web:EKSViewer");
    assert_eq!(files(), 1);
    // Ctrl-C, many times, is for the program in front.
    type_in("sleep 60");
    sleep(Duration::from_millis(300));
    for _ in 0..3 {
        tmux(&["send-keys", "-t", "t", "C-c"]);
        sleep(Duration::from_millis(50));
    }
    type_in("echo still=$((1+1))");
    see("still=2");
    type_in("exit 5");
    see("outer>");
    type_in("echo code=$?");
    see("code=5");
    assert_eq!(files(), 0, "removed with the shell");
    // Several at once: Ctrl-C ends them all, and their files go.
    type_in("clear; eksso exec 'Production/*' -- sleep 60; echo code=$?");
    let start = Instant::now();
    while files() < 4 && start.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_millis(300));
    tmux(&["send-keys", "-t", "t", "C-c"]);
    see("code=130");
    assert_eq!(files(), 0);
}
