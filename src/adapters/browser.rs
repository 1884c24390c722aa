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
        // Without a display a text browser would take over the terminal.
        let displays = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
        (cfg!(target_os = "linux") && !any_set(&displays)).then_some("there is no display for a browser here")
    }

    fn open(&self, url: &str) -> bool {
        self.obstacle().is_none() && webbrowser::open(url).is_ok()
    }
}

fn any_set(names: &[&str]) -> bool {
    names.iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
