//! Opens the person's browser without letting it write to our streams, read our terminal, be ended by its signals, or see our
//! secrets.

use std::env;
use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::domain::browser::BrowserCommand;
use crate::ports::Browser;

/// Secrets of ours that a browser has no use for, and that every page's process would inherit.
const SECRETS: [&str; 1] = ["EKSSO_PASSPHRASE"];
/// Who opens pages ends soon, and a browser that was started itself stays; what stays for this long has started.
const START: Duration = Duration::from_millis(1500);

/// The browser of the desktop, or of BROWSER.
#[derive(Debug)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn obstacle(&self) -> Option<&'static str> {
        if any_set(&["SSH_CONNECTION", "SSH_TTY"]) {
            return Some("this is an SSH session: a browser would open on another machine");
        }
        (!has_display()).then_some("there is no display for a browser here")
    }

    /// Also in an SSH session: editors set BROWSER there to one on the person's own machine.
    fn open(&self, url: &str, own: Option<&BrowserCommand>) -> Result<(), String> {
        if let Some(own) = own {
            return started(&own.open(url));
        }
        if !has_display() {
            return Err("there is no display for a browser here".to_owned());
        }
        if cfg!(target_os = "macos") || cfg!(windows) && !any_set(&SECRETS) {
            return webbrowser::open(url).map_err(|error| error.to_string());
        }
        let candidates = candidates();
        let tried: Vec<String> = candidates.iter().map_while(|command| started(&command.open(url)).err()).collect();
        match tried.as_slice() {
            [] if candidates.is_empty() => Err("there is none".to_owned()),
            tried if tried.len() < candidates.len() => Ok(()),
            tried => Err(tried.join(", ")),
        }
    }
}

/// What opens pages here, the best first: BROWSER, then Windows's browser under WSL, then the desktop's.
fn candidates() -> Vec<BrowserCommand> {
    let named = env::var("BROWSER").unwrap_or_default();
    let usual: &[&str] = match () {
        // The way without a shell that keeps `&` in a URL as it is.
        () if cfg!(windows) => &["rundll32 url.dll,FileProtocolHandler"],
        () if is_wsl() => &["wslview", "xdg-open"],
        () => &["xdg-open", "gio open", "x-www-browser"],
    };
    named.split(':').chain(usual.iter().copied()).filter_map(|command| command.parse().ok()).collect()
}

/// Starts a program; an error is what became of one that could not be started or that failed at once.
fn started(words: &[String]) -> Result<(), String> {
    let [program, arguments @ ..] = words else { return Err("the command is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for secret in SECRETS {
        command.env_remove(secret);
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // Ctrl-C at our terminal must not end the person's browser.
        command.process_group(0);
    }
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("`{program}` is not there"),
        _ => format!("`{program}`: {error}"),
    })?;
    let deadline = Instant::now() + START;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("`{program}` failed ({status})")),
            Ok(None) if Instant::now() < deadline => sleep(Duration::from_millis(10)),
            Ok(None) | Err(_) => return Ok(()),
        }
    }
}

/// Without a display a text browser would take over the terminal.
fn has_display() -> bool {
    !cfg!(target_os = "linux") || any_set(&["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"]) || is_wsl()
}

/// Also in a container, or after `sudo`, which take the variable away.
fn is_wsl() -> bool {
    let kernel = || fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    cfg!(target_os = "linux") && (any_set(&["WSL_DISTRO_NAME"]) || kernel().to_lowercase().contains("microsoft"))
}

fn any_set(names: &[&str]) -> bool {
    names.iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_opened_is_told_and_what_stays_is_open() {
        let open =
            |command: &str| SystemBrowser.open("https://example.com/?a=1&b=2", Some(&command.parse().expect("words")));
        assert_eq!(open("/nowhere/browser -P work"), Err("`/nowhere/browser` is not there".to_owned()));
        assert!(open("false").expect_err("failed").starts_with("`false` failed ("));
        assert_eq!(open("true"), Ok(()));
        // The page is one word, whatever a shell would make of it.
        assert_eq!(open("test https://example.com/?a=1&b=2 ="), Ok(()));
        let began = Instant::now();
        assert_eq!(open("sh -c 'sleep 30'"), Ok(()));
        assert!(began.elapsed() < START * 4);
    }
}
