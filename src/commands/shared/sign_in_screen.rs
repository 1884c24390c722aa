//! What a sign-in shows to the person at the terminal, and what it asks them.

use jiff::Timestamp;

use crate::commands::shared::call::Call;
use crate::domain::assignments::App;
use crate::domain::browser::BrowserCommand;
use crate::domain::sign_in::device::DeviceCode;
use crate::domain::text::escape;
use crate::domain::url::is_safe_url;
use crate::error::{Error, Result};
use crate::flows::sign_in::screen::SignInScreen;
use crate::ui::qr;
use crate::ui::say::until;

/// The terminal of a call.
pub struct Screen<'a> {
    pub call: &'a Call<'a>,
    /// Whether a browser may be opened.
    pub browser: bool,
    /// The command that opens it, where the session has one of its own.
    pub command: Option<BrowserCommand>,
}

impl Screen<'_> {
    /// Opens a page, where that may be done; says so where it cannot.
    fn open(&self, url: &str) -> bool {
        if !self.browser {
            return false;
        }
        let opened = self.call.world.browser.open(url, self.command.as_ref());
        if let Err(why) = &opened {
            self.call.voice.say(self.call.world, &format!("No browser could be opened: {why}."));
        }
        opened.is_ok()
    }
}

impl SignInScreen for Screen<'_> {
    fn attended(&self) -> bool {
        self.call.interactive()
    }

    fn obstacle(&self) -> Option<String> {
        self.call.world.browser.obstacle().map(str::to_owned)
    }

    fn show_page(&self, url: &str) -> bool {
        let (world, voice) = (self.call.world, &self.call.voice);
        if self.browser && !self.open(url) {
            return false;
        }
        let how = if self.browser { "A browser was opened; if it was not, open" } else { "Open, on this machine," };
        // Even with -q: without these words nobody could sign in.
        world.terminal.words(&format!("{how} this page:\n    {}\n", escape(url)));
        voice.say(world, "Waiting for your approval; Ctrl-C gives up.");
        true
    }

    fn falling_back(&self, why: &str) {
        self.call.voice.say(self.call.world, &format!("Using the device flow: {why}."));
    }

    fn show_code(&self, code: &DeviceCode) {
        let terminal = &self.call.world.terminal;
        // The QR code comes first: in a small terminal it would push the code to compare out of sight.
        if self.call.interactive() {
            terminal.words(&qr::render(&code.verification_uri_complete, terminal.width()).unwrap_or_default());
        }
        // Even with -q: without these words nobody could sign in.
        terminal.words(&format!(
            "Open this page and check that it shows the code {}:\n    {}\n",
            escape(&code.user_code),
            escape(&code.verification_uri_complete)
        ));
        let safe = is_safe_url(&code.verification_uri_complete);
        let opened = safe && self.open(&code.verification_uri_complete);
        let how = if opened { "A browser was opened. " } else { "" };
        self.call.voice.say(self.call.world, &format!("{how}Waiting for your approval; Ctrl-C gives up."));
    }

    fn queueing(&self) {
        self.call.voice.say(self.call.world, "Another eksso is signing in to this session; waiting for it …");
    }

    fn retrying(&self) {
        self.call.voice.detail(self.call.world, "the sign-in service does not answer; trying again");
    }

    fn silence(&self, end: Timestamp) {
        let world = self.call.world;
        let line = format!(
            "The sign-in service does not answer. It is asked again {}, until the code ends; what you approve meanwhile counts.",
            until(end, world.clock.now())
        );
        self.call.voice.say(world, &line);
    }

    fn choose_app(&self, apps: &[App]) -> Result<usize> {
        let terminal = &self.call.world.terminal;
        let lines =
            apps.iter().enumerate().map(|(at, app)| format!("  {}  {} ({})\n", at + 1, escape(&app.label), app.id));
        let list: String = lines.collect();
        if !self.call.interactive() {
            let names: Vec<String> = apps.iter().map(|app| format!("{} = `{}`", app.id, app.label)).collect();
            return Err(Error::usage(
                "you have several AWS apps in Okta, and there is nobody to ask which one is meant",
            )
            .cause(names.join(", "))
            .hint("name one: `app_id = \"…\"` in config.toml, or --app-id with --okta"));
        }
        terminal.words(&format!("You have several AWS apps in Okta:\n{list}"));
        for _ in 0..3 {
            let answer = terminal.ask(&format!("Which one? [1-{}]", apps.len()))?;
            let answer = answer.trim();
            let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let at =
                number.filter(|at| *at < apps.len()).or_else(|| apps.iter().position(|app| app.id.as_str() == answer));
            if let Some(at) = at {
                return Ok(at);
            }
        }
        Err(Error::usage("that is none of them")
            .hint("name one: `app_id = \"…\"` in config.toml, or --app-id with --okta"))
    }

    fn note(&self, words: &str) {
        self.call.voice.say(self.call.world, words);
    }
}
