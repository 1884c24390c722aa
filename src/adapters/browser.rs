//! Opens the person's browser without letting it write to our streams.

use std::env;

use crate::ports::Browser;

/// The browser of the desktop, or of BROWSER.
#[derive(Debug)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, url: &str) -> bool {
        // Without a display a text browser would take over the terminal.
        let displays = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
        if cfg!(target_os = "linux") && displays.iter().all(|name| env::var_os(name).is_none_or(|v| v.is_empty())) {
            return false;
        }
        webbrowser::open(url).is_ok()
    }
}
