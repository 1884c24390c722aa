//! Opens the person's browser without letting it write to our streams.

use std::env;

use crate::ports::Browser;

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
    fn open(&self, url: &str) -> bool {
        has_display() && webbrowser::open(url).is_ok()
    }
}

/// Without a display a text browser would take over the terminal.
fn has_display() -> bool {
    !cfg!(target_os = "linux") || any_set(&["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"])
}

fn any_set(names: &[&str]) -> bool {
    names.iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
