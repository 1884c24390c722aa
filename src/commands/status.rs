//! `eksso status`: what is signed in and until when, without asking AWS.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::cli::StatusArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::sessions::PLAIN_TEXT;
use crate::domain::lifetime::fresh;
use crate::domain::session::Session;
use crate::domain::settings::keyring::Backend;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::domain::text::shell_word;
use crate::error::{Kind, Result};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, is_inside};
use crate::ui::fitting::GivingWay;
use crate::ui::say::until;
use crate::ui::table::{Output, Row};

#[derive(Debug, Serialize)]
struct StatusRow {
    session: String,
    provider: &'static str,
    /// The access portal, or the Okta org.
    start_url: String,
    /// Of the Identity Center instance.
    region: Option<String>,
    signed_in: bool,
    /// Whether a sign-out could not be finished: nothing here uses the sign-in, and at its provider it may go on.
    sign_out_unfinished: bool,
    /// Who signed in, where the provider said so: the session name of the roles.
    user: Option<String>,
    /// Whether it is renewed without a person.
    renewable: bool,
    /// RFC 3339, UTC.
    access_token_expires_at: Option<Timestamp>,
    /// The latest moment a renewal can work; the portal may end the session sooner.
    refreshable_until: Option<Timestamp>,
    /// How many role credentials are cached and alive, and when the last of them ends.
    role_credentials: usize,
    role_credentials_expire_at: Option<Timestamp>,
    keyring: &'static str,
    /// Whether the current kubeconfig context belongs to this session.
    current: bool,
    #[serde(skip)]
    now: Timestamp,
}

impl Row for StatusRow {
    const HEADINGS: &'static [&'static str] =
        &["SESSION", "STATE", "ACCESS TOKEN", "ROLE CREDENTIALS", "START URL", "KEYRING"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let state = match (self.signed_in, self.sign_out_unfinished) {
            (true, _) => "signed in",
            (false, true) => "signed out here only",
            (false, false) => "signed out",
        };
        let user = self.user.as_ref().filter(|_| self.signed_in).map(|user| format!(" as {user}")).unwrap_or_default();
        let kept = if self.renewable { ", renewable" } else { "" };
        let words = |end: Option<Timestamp>| end.map_or_else(|| "-".to_owned(), |end| until(end, self.now));
        let credentials = match self.role_credentials {
            0 => "-".to_owned(),
            n => format!("{n}, {}", words(self.role_credentials_expire_at)),
        };
        let mark = if self.current { "*" } else { "" };
        vec![
            format!("{}{mark}", self.session).into(),
            format!("{state}{user}{kept}").into(),
            words(self.access_token_expires_at).into(),
            credentials.into(),
            self.start_url.as_str().into(),
            self.keyring.into(),
        ]
    }

    fn name(&self) -> String {
        self.session.clone()
    }
}

/// Shows all sessions, or one; for scripts, the exit code says whether it is signed in.
pub fn run(call: &Call<'_>, args: &StatusArgs) -> Result<u8> {
    let settings = call.settings()?;
    let world = call.world;
    let keyring = call.keyring(&settings)?;
    settings.refused_blocks(world)?.iter().for_each(|line| call.voice.warn(world, line));
    let named = args.name.clone().or_else(|| call.globals.session.clone());
    let sessions = match named.or_else(|| world.env.var("EKSSO_SESSION")) {
        Some(name) => vec![settings.require(world, Some(&name))?],
        None if args.check => settings.choose(world, None)?.into_iter().collect(),
        None => settings.sessions(world)?,
    };
    // What is broken in a kubeconfig must not hide who is signed in.
    let open = || Kubeconfigs::open(world, call.globals.kubeconfig.as_deref());
    let kubeconfigs = open().and_then(|_| {
        call.put_back(false);
        open()
    });
    if let Err(error) = &kubeconfigs {
        call.voice.warn(world, &error.to_string());
    }
    call.warn_if_taken_away();
    let files = kubeconfigs.ok();
    let current = files.as_ref().and_then(Kubeconfigs::current);
    let entry = current.as_ref().and_then(|name| files.as_ref()?.context(name));
    let end = entry.as_ref().and_then(|entry| entry.until);
    let mine = entry.and_then(|entry| entry.identity);
    let mut rows = Vec::new();
    for session in &sessions {
        let handle = call.open_any(session.clone(), keyring)?;
        let (tokens, ends) = (handle.stored()?, handle.cache().ends());
        let belongs = mine.as_ref().is_some_and(|identity| identity.session == session.name);
        let row = row(session, tokens.as_ref(), &ends, handle.keyring(), belongs, world.clock.now());
        rows.push(StatusRow { sign_out_unfinished: handle.is_ending(), ..row });
    }
    let signed_in = !rows.is_empty() && rows.iter().all(|row| row.signed_in);
    let code = if args.check && !signed_in { Kind::SignInNeeded.code() } else { 0 };
    if args.check && call.voice.quiet {
        return Ok(code);
    }
    if call.output() == Output::Table {
        if rows.is_empty() {
            call.voice.say(world, "There is no session yet; `eksso login` makes one.");
        }
        if rows.iter().any(|row| row.keyring == Backend::Plaintext.name()) {
            call.voice.warn(world, PLAIN_TEXT);
        }
        for row in rows.iter().filter(|row| row.sign_out_unfinished) {
            let name = shell_word(&row.session);
            let line = format!(
                "`{}`: a sign-out could not be finished; at its provider the sign-in may go on: eksso logout {name}",
                row.session
            );
            call.voice.warn(world, &line);
        }
        let context = current.as_deref().unwrap_or(if files.is_some() { "none" } else { "unknown" });
        // As the kubeconfig has it now: the variables of a shell say what it was opened for.
        let guard = settings.config.guard(context).with_role(mine.as_ref().map(|identity| &identity.role));
        let guard = guard.word().map_or_else(String::new, |word| format!(" ({word})"));
        let end = end.map_or_else(String::new, |end| format!(", {}", until(end, world.clock.now())));
        call.voice.say(world, &format!("Current context: {context}{guard}{end}"));
        let opened = world.env.var("EKSSO_CONTEXT").filter(|opened| opened != context && is_inside(world));
        if let Some(opened) = opened {
            call.voice.say(world, &format!("This shell was opened for: {opened}"));
        }
    }
    let way = GivingWay { first: &["KEYRING", "START URL", "ROLE CREDENTIALS"], last: "STATE" };
    call.list((StatusRow::HEADINGS, way), &rows)?;
    Ok(code)
}

fn row(
    session: &Session,
    tokens: Option<&SsoTokens>,
    ends: &[Timestamp],
    keyring: Backend,
    current: bool,
    now: Timestamp,
) -> StatusRow {
    let alive: Vec<Timestamp> = ends.iter().copied().filter(|end| fresh(*end, now, SignedDuration::ZERO)).collect();
    let renewable = tokens.filter(|tokens| tokens.refreshable(now));
    StatusRow {
        session: session.name.to_string(),
        provider: session.provider_name(),
        start_url: session.address().to_owned(),
        region: session.portal_region().map(ToString::to_string),
        user: tokens.and_then(SsoTokens::user).map(str::to_owned),
        renewable: renewable.is_some(),
        sign_out_unfinished: false,
        signed_in: renewable.is_some() || tokens.is_some_and(|t| fresh(t.expires_at, now, SignedDuration::ZERO)),
        access_token_expires_at: tokens.map(|tokens| tokens.expires_at),
        refreshable_until: renewable.and_then(SsoTokens::registration).map(|client| client.expires_at),
        role_credentials: alive.len(),
        role_credentials_expire_at: alive.into_iter().max(),
        keyring: keyring.name(),
        current,
        now,
    }
}
