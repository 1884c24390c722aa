//! A terminal (tmux): the picker, questions for a passphrase, and shells of eksso give it back as it was.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

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

/// The program that a shell runs.
fn child(shell: &str) -> Pid {
    let shell = shell.trim();
    let path = format!("/proc/{shell}/task/{shell}/children");
    let children = std::fs::read_to_string(path).expect("a shell");
    let only = children.split_whitespace().next().expect("a child").parse().expect("a number");
    Pid::from_raw(only).expect("a process")
}

fn signal(process: Pid, signal: Signal) {
    kill_process(process, signal).expect("a process");
}

/// Compares a screen with the one that is kept as text.
fn keep_screen(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
    let port = |line: &str| match line.find("https://127.0.0.1:") {
        Some(at) => format!("{}https://127.0.0.1:PORT", &line[..at]),
        // How long it took to come here is another time another number.
        None if line.starts_with("used ") && line.contains(" s ago") => "used 0 s ago".to_owned(),
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
        // Where the cursor is depends on which row came first.
        tmux(&["send-keys", "-t", "t", "Home"]);
        sleep(Duration::from_millis(300));
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
        signal(child(&tmux(&["display-message", "-p", "-t", "t", "#{pane_pid}"])), Signal::TERM);
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
    let screen = type_and_see(&forget, "CODE=7");
    let words: Vec<&str> = screen.split_whitespace().collect();
    assert!(words.join(" ").contains("nobody may be asked"), "{screen}");
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
    assert_eq!(files(), 2, "the kubeconfig, and what the shell starts with");
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

/// A tmux session with a shell in it.
pub struct Pane<'d> {
    desk: &'d Desk,
    socket: PathBuf,
    _server: Server,
}

impl<'d> Pane<'d> {
    pub fn open(desk: &'d Desk, columns: u16) -> Self {
        // A server that is told to end still answers at its socket for a moment: each has one of its own.
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        let socket = desk.path(&format!("tmux-{}", OPENED.fetch_add(1, Ordering::Relaxed)));
        let pane = Self { desk, socket: socket.clone(), _server: Server(socket) };
        pane.tmux(&["new-session", "-d", "-s", "t", "-x", &columns.to_string(), "-y", "24", "sh"]);
        pane.type_line("PS1='ready> '; clear");
        pane.see(&["ready>"]);
        pane
    }

    pub fn tmux(&self, args: &[&str]) -> String {
        good(at(self.desk, Path::new("tmux")).arg("-S").arg(&self.socket).args(["-f", "/dev/null"]).args(args))
    }

    pub fn type_line(&self, line: &str) {
        self.tmux(&["send-keys", "-t", "t", line, "Enter"]);
    }

    /// Types text, and no Enter.
    pub fn type_keys(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "t", "-l", text]);
    }

    pub fn key(&self, key: &str) {
        self.tmux(&["send-keys", "-t", "t", key]);
    }

    pub fn see(&self, words: &[&str]) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = self.tmux(&["capture-pane", "-p", "-t", "t"]);
            if words.iter().all(|word| screen.contains(word)) {
                return screen;
            }
            assert!(Instant::now() < deadline, "waiting for {words:?}:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until something is not on the screen any more.
    pub fn see_without(&self, word: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.tmux(&["capture-pane", "-p", "-t", "t"]).contains(word) {
            assert!(Instant::now() < deadline, "waiting for the end of {word}:\n{}", self.state());
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the last line that is not empty begins so (a prompt on the right may end it).
    pub fn see_last(&self, words: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self
            .tmux(&["capture-pane", "-p", "-t", "t"])
            .trim_end()
            .lines()
            .last()
            .is_none_or(|line| !line.starts_with(words))
        {
            assert!(Instant::now() < deadline, "waiting for a line `{words}`:\n{}", self.state());
            sleep(Duration::from_millis(50));
        }
    }

    /// Does something, and waits until the screen or the cursor is another one and stays so for a moment.
    pub fn after(&self, act: impl FnOnce()) {
        let (before, start) = (self.state(), Instant::now());
        act();
        let (mut seen, mut since) = (before.clone(), Instant::now());
        while seen == before || since.elapsed() < Duration::from_millis(400) {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing changed:\n{seen}");
            sleep(Duration::from_millis(50));
            let now = self.state();
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
        }
    }

    /// The screen and where the cursor is.
    fn state(&self) -> String {
        let cursor = self.tmux(&["display-message", "-p", "-t", "t", "#{cursor_x},#{cursor_y}"]);
        format!("{}{cursor}", self.tmux(&["capture-pane", "-p", "-t", "t"]))
    }

    /// The program in front.
    fn program(&self) -> Pid {
        child(&self.tmux(&["display-message", "-p", "-t", "t", "#{pane_pid}"]))
    }

    /// Whether the terminal is as a shell wants it: lines are edited, and what is typed shows.
    fn is_given_back(&self) {
        self.type_line("clear; echo lines=$(stty -a | grep -c -- ' icanon') echo=$(stty -a | grep -c -- ' echo ')");
        self.see(&["lines=1 echo=1", "ready>"]);
    }
}

#[test]
#[ignore = "real part: tmux"]
fn a_picker_that_is_stopped_gives_the_terminal_back_and_takes_it_again() {
    let desk = Desk::signed_in();
    let pane = Pane::open(&desk, 100);
    for how in ["Ctrl-Z", "SIGTSTP"] {
        pane.type_line("clear; eksso add");
        pane.see(&["> ", "6/6"]);
        pane.key("stag");
        pane.see(&["> stag", "/6"]);
        match how {
            "Ctrl-Z" => pane.key("C-z"),
            _ => signal(pane.program(), Signal::TSTP),
        }
        let shell = pane.see(&["Stopped", "ready>"]);
        assert!(!shell.contains("Tab mark"), "the screen is the shell's: {shell}");
        pane.is_given_back();
        pane.type_line("fg");
        pane.see(&["> stag", "/6", "Tab mark"]);
        // Raw again: a key counts without Enter.
        pane.key("BSpace");
        pane.see(&["> sta", "/6"]);
        pane.key("Escape");
        pane.see(&["nothing was chosen", "ready>"]);
        pane.is_given_back();
    }
    // One that nobody can catch: what others did to the terminal meanwhile is set right.
    pane.type_line("clear; eksso add");
    pane.see(&["> ", "6/6"]);
    let picker = pane.program();
    signal(picker, Signal::STOP);
    pane.see(&["Stopped"]);
    // The shell reads from a terminal that is still raw: there Enter is no end of a line.
    pane.key("fg");
    pane.key("C-j");
    sleep(Duration::from_millis(500));
    pane.key("prod");
    pane.see(&["> prod"]);
    pane.key("C-c");
    pane.see(&["interrupted", "ready>"]);
    pane.is_given_back();
}

#[test]
#[ignore = "real part: tmux"]
fn who_leaves_a_question_or_a_sign_in_is_told_so_on_a_line_of_its_own() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let guards = "[contexts.\"*\"]\nconfirm = true\n";
    desk.write(".config/eksso/config.toml", &format!("{}{guards}", desk.config()));
    desk.write(".kube/config", "contexts:\n- name: prod\n  context: {cluster: c, user: u}\n");
    let pane = Pane::open(&desk, 100);
    for (command, shown) in [("eksso use prod", "[y/N]"), ("eksso login --no-browser", "Ctrl-C gives up.")] {
        for key in ["C-c", "C-d"] {
            if key == "C-d" && command.contains("login") {
                continue;
            }
            pane.type_line(&format!("clear; {command}; echo code=$?"));
            pane.see(&[shown]);
            pane.key(key);
            let screen = pane.see(&["code=130", "ready>"]);
            assert!(screen.lines().any(|line| line.trim_end() == "eksso: interrupted"), "{key}: {screen}");
            assert!(screen.lines().any(|line| line.trim_end() == "code=130"), "{key}: {screen}");
        }
    }
}

#[test]
#[ignore = "real part: tmux"]
fn what_is_pasted_and_what_the_terminal_replies_chooses_nothing() {
    let desk = Desk::signed_in();
    let pane = Pane::open(&desk, 100);
    pane.type_line("clear; eksso add");
    pane.see(&["> ", "6/6"]);
    pane.tmux(&["set-buffer", "prod\nweb\n"]);
    pane.tmux(&["paste-buffer", "-p", "-t", "t"]);
    pane.see(&["> prod web", "/6", "Tab mark"]);
    pane.key("C-u");
    pane.see(&["6/6"]);
    // As tmux pastes for programs that do not ask to be told.
    pane.tmux(&["paste-buffer", "-t", "t"]);
    pane.see(&["> prod web", "/6", "Tab mark"]);
    pane.key("C-u");
    pane.see(&["6/6"]);
    // ESC ] 11;rgb:1e1e/… BEL, then a letter.
    let reply = "1b 5d 31 31 3b 72 67 62 3a 31 65 31 65 2f 31 65 31 65 2f 31 65 31 65 07 73";
    pane.tmux(&[&["send-keys", "-t", "t", "-H"][..], &reply.split(' ').collect::<Vec<_>>()].concat());
    pane.see(&["> s\n", "/6"]);
    pane.key("Escape");
    pane.see(&["nothing was chosen", "ready>"]);
}

#[test]
#[ignore = "real part: tmux"]
fn a_picker_whose_terminal_vanishes_ends_at_once() {
    let desk = Desk::signed_in();
    let pane = Pane::open(&desk, 100);
    // Nobody tells it: as under nohup.
    pane.type_line("clear; (trap '' HUP; exec eksso add)");
    pane.see(&["> ", "6/6"]);
    let picker = pane.program();
    let path = format!("/proc/{}", picker.as_raw_nonzero());
    pane.tmux(&["kill-server"]);
    let began = Instant::now();
    while Path::new(&path).exists() {
        let dead = std::fs::read_to_string(format!("{path}/stat")).is_ok_and(|stat| stat.contains(") Z "));
        if dead {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "it still runs");
        sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "real part: tmux"]
fn the_namespace_is_picked_on_a_terminal_and_printed_into_a_pipe() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--use"]).ok();
    let pane = Pane::open(&desk, 100);
    pane.type_line("clear; eksso ns");
    let screen = pane.see(&["Which namespace?", "default", "current", "kube-system", "2/2"]);
    assert!(screen.find("default") < screen.find("kube-system"), "{screen}");
    pane.key("kube");
    pane.see(&["> kube", "1/2"]);
    pane.key("Enter");
    pane.see(&["Namespace `kube-system` in", "ready>"]);
    pane.is_given_back();
    pane.type_line("clear; eksso ns | cat; eksso ns kube-sytem; echo code=$?");
    pane.see(&["kube-system", "has no namespace `kube-sytem`", "hint: eksso ns kube-system", "code=5"]);
    pane.type_line("clear; eksso logout; eksso ns later; echo code=$?");
    pane.see(&["Whether the cluster has `later` is not known", "code=0"]);
}

#[test]
#[ignore = "real part: tmux"]
fn words_that_fit_several_contexts_open_the_picker_with_them_in_narrow_and_wide_terminals() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    for columns in [60, 100] {
        let pane = Pane::open(&desk, columns);
        let current = || desk.run(&["use", "-c"]);
        pane.type_line("clear; eksso use prod web");
        let screen = pane.see(&["> prod web", "Production/web:EKSViewer"]);
        keep_screen(&format!("use-{columns}x24"), &screen);
        // What is typed on narrows it down; the cursor is on the first that fits.
        pane.type_keys(" view");
        let screen = pane.see(&["> prod web view", "1/"]);
        assert!(!screen.contains("EKSAdmin"), "{screen}");
        pane.key("Enter");
        pane.see(&["Switched to", "ready>"]);
        assert_eq!(current().ok().out.trim(), "Production/web:EKSViewer");
        // One that fits alone needs no picker; leaving it switches nothing.
        pane.type_line("clear; eksso use prod web admin");
        pane.see(&["Switched to", "EKSAdmin", "ready>"]);
        pane.type_line("clear; eksso use prod; echo code=$?");
        pane.see(&["> prod", "Production/web:EKSViewer"]);
        pane.key("Escape");
        pane.see(&["code=130", "ready>"]);
        assert_eq!(current().ok().out.trim(), "Production/web:EKSAdmin");
        pane.is_given_back();
        // What exec would run in, one name a line, whatever the width.
        pane.type_line("clear; eksso exec --list 'Production/web:*'");
        let screen = pane.see(&["Production/web:EKSViewer", "ready>"]);
        let lines: Vec<&str> =
            screen.lines().map(str::trim_end).filter(|line| line.starts_with("Production/")).collect();
        assert_eq!(lines, ["Production/web:EKSAdmin", "Production/web:EKSViewer"], "{screen}");
    }
}

#[test]
#[ignore = "real part: tmux, strace"]
fn a_passphrase_is_asked_for_once_nothing_that_is_typed_is_shown_and_ctrl_c_gives_the_terminal_back() {
    let mut desk = Desk::configured(World::small());
    desk.set("EKSSO_KEYRING", "passphrase");
    let pane = Pane::open(&desk, 100);
    let calls = desk.path("calls");
    pane.type_line(&format!("strace -f -e trace=write,ioctl -o {} eksso login; echo code=$?", calls.display()));
    pane.see(&["passphrase of the eksso keyring:"]);
    pane.key("C-c");
    pane.see(&["code=130"]);
    let calls = std::fs::read_to_string(calls).expect("calls");
    let at = |word: &str| calls.find(word).unwrap_or_else(|| panic!("`{word}` is not in: {calls}"));
    assert!(at("TCSETS") < at("passphrase of the eksso"), "{calls}");
    pane.type_line("stty -a | grep -o ' echo ' ; stty -a | grep -o ' icanon ' && echo mode=fine");
    pane.see(&["mode=fine"]);
}
