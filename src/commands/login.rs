//! `eksso login`: finds or makes the session, signs in, and for a newcomer goes on to `add`.

use std::str::FromStr;

use super::{Call, add, block_on};
use crate::cli::{AddArgs, ClusterFilter, LoginArgs, LookArgs, RoleFilter, WriteArgs};
use crate::clients::aws::Aws;
use crate::clients::aws::oidc::DeviceCode;
use crate::domain::ids::{Invalid, Region, SessionName};
use crate::domain::session::{Flow, Session};
use crate::domain::text::escape;
use crate::domain::url::{StartUrl, is_safe_url};
use crate::error::{Error, Kind, Result};
use crate::flows::aws_cli;
use crate::flows::contexts::Kubeconfigs;
use crate::flows::session::Access;
use crate::flows::settings::Settings;
use crate::flows::sign_in::SignInScreen;
use crate::ui::{qr, say};

/// Signs in.
pub fn run(call: &Call<'_>, args: &LoginArgs) -> Result<()> {
    let settings = Settings::load(call.world, call.globals.config.as_deref(), true)?;
    let (session, new) = session(call, args, &settings)?;
    let access = call.access(session, call.keyring(&settings)?)?;
    let session = &access.session;
    let world = call.world;
    if !args.force && block_on(already(&access))? {
        if new {
            block_on(settings.save(world, session))?;
        }
        let until = access.stored()?.map(|tokens| say::until(tokens.expires_at, world.clock.now())).unwrap_or_default();
        call.voice.say(world, &format!("Already signed in to `{}` ({until}); --force signs in anew.", session.name));
        return share(call, args, &access);
    }
    if !args.force && offer(call, &access)? {
        if new {
            block_on(settings.save(world, session))?;
        }
        return Ok(());
    }
    let screen = Screen { call, browser: call.interactive() && !args.no_browser };
    let tokens = block_on(access.sign_in(&screen, args.flow.map(Flow::from)))?;
    if new {
        block_on(settings.save(world, session))?;
        let known = settings.sessions(world)?;
        let twin = known.iter().find(|other| other.start_url == session.start_url);
        let twin = twin.map(|other| format!(" (`{}` is the same portal, region {})", other.name, other.region));
        let place = settings.path.display();
        call.voice.say(world, &format!("Saved as session `{}` in {place}{}.", session.name, twin.unwrap_or_default()));
    }
    let kept = if tokens.refreshable(world.clock.now()) { ", renewed by itself while the portal allows" } else { "" };
    let until = say::until(tokens.expires_at, world.clock.now());
    call.voice.say(world, &format!("Signed in to `{}` {until}{kept}.", session.name));
    share(call, args, &access)?;
    if call.interactive() && !has_context(call, session)? {
        call.voice.say(world, "There is no context for this session yet; looking for clusters …");
        let everything = ClusterFilter {
            roles: RoleFilter { account: Vec::new(), role: Vec::new() },
            region: Vec::new(),
            cluster: Vec::new(),
        };
        let add = AddArgs {
            look: LookArgs::default(),
            filter: everything,
            switch: false,
            yes: false,
            write: WriteArgs::default(),
            absolute_command: false,
        };
        if !matches!(add::with(call, &add, &settings, &access)?, add::Added::Written) {
            call.voice.say(world, "No context was written; `eksso add` does that at any time.");
        }
    }
    Ok(())
}

/// Shares the sign-in with the AWS CLI, if that is wanted.
fn share(call: &Call<'_>, args: &LoginArgs, access: &Access<'_>) -> Result<()> {
    if args.share_with_aws_cli {
        if !block_on(access.share())? {
            call.voice.say(
                call.world,
                "The AWS CLI has a sign-in of its own, which is left alone; `aws sso logout` ends it.",
            );
            return Ok(());
        }
        call.voice.say(
            call.world,
            "The AWS CLI and SDKs are signed in too, while the access token lives (~/.aws/sso/cache).",
        );
    }
    Ok(())
}

/// Offers a sign-in that the AWS CLI has; never takes it by itself.
fn offer(call: &Call<'_>, access: &Access<'_>) -> Result<bool> {
    let world = call.world;
    let Some(found) = call.interactive().then(|| aws_cli::found(world, &access.session)).flatten() else {
        return Ok(false);
    };
    let until = say::until(found.expires_at, world.clock.now());
    let question = format!("The AWS CLI is signed in to this portal {until}. Use its sign-in until then? [y/N]");
    if !matches!(world.terminal.ask(&question)?.to_lowercase().as_str(), "y" | "yes") {
        return Ok(false);
    }
    block_on(access.adopt(found))?;
    let name = &access.session.name;
    if !block_on(already(access))? {
        call.voice.say(world, "The portal no longer knows that sign-in.");
        return Ok(false);
    }
    call.voice
        .say(world, &format!("Signed in to `{name}` {until}; `eksso login --force` for a sign-in that renews itself."));
    Ok(true)
}

/// The session the call is about, and whether it is to be saved.
fn session(call: &Call<'_>, args: &LoginArgs, settings: &Settings) -> Result<(Session, bool)> {
    let name = args.name.as_deref().or(call.globals.session.as_deref());
    let flow = args.flow.map(Flow::from).unwrap_or_default();
    let new = |start_url, region| NewPortal { start_url, region, flow };
    if let Some(url) = &args.start_url {
        let url: StartUrl = url.parse()?;
        let region = match &args.sso_region {
            Some(region) => region.parse()?,
            None => found_region(call, &url)?,
        };
        return made(call, settings, name, new(url, region));
    }
    if let Some(session) = settings.choose(call.world, name)? {
        return Ok((session, false));
    }
    if !call.interactive() {
        return settings.require(call.world, name).map(|session| (session, false));
    }
    let words = "There is no session yet. Signing in takes two things that your administrators can tell you:\n\
                 the start URL of the AWS access portal, and the region of IAM Identity Center.\n";
    call.world.terminal.words(words);
    let url: StartUrl = ask(call, "Start URL (https://….awsapps.com/start):")?;
    let region: Region = ask(call, "Region (such as eu-west-1):")?;
    made(call, settings, name, new(url, region))
}

/// What a person said of a portal, before it has a name.
struct NewPortal {
    start_url: StartUrl,
    region: Region,
    flow: Flow,
}

impl NewPortal {
    fn named(self, name: SessionName) -> Session {
        Session { flow: self.flow, ..Session::new(name, self.start_url, self.region) }
    }
}

/// The region of a portal whose start URL was given alone: its host, or where it redirects to, may name it.
fn found_region(call: &Call<'_>, url: &StartUrl) -> Result<Region> {
    let world = call.world;
    let aws = Aws::new(world.env.as_ref(), world.files.as_ref(), world.clock.clone())?;
    block_on(aws.portal(url))?.1.ok_or_else(|| {
        Error::usage(format!("the region of {url} cannot be told from its name"))
            .hint("add --sso-region REGION: the region of the IAM Identity Center instance")
    })
}

/// Asks until the answer is one, three times at most.
fn ask<T: FromStr<Err = Invalid>>(call: &Call<'_>, question: &str) -> Result<T> {
    for _ in 0..2 {
        match call.world.terminal.ask(question)?.parse() {
            Ok(answer) => return Ok(answer),
            Err(invalid) => call.world.terminal.words(&format!("  {}\n", escape(&invalid.to_string()))),
        }
    }
    Ok(call.world.terminal.ask(question)?.parse()?)
}

/// A session for a start URL: the one that has it already, else a new one under a name that is free.
fn made(call: &Call<'_>, settings: &Settings, name: Option<&str>, new: NewPortal) -> Result<(Session, bool)> {
    let known = settings.sessions(call.world)?;
    let same = |session: &&Session| session.start_url == new.start_url && session.region == new.region;
    if let Some(name) = name {
        let name: SessionName = name.parse()?;
        return match known.iter().find(|session| session.name == name) {
            Some(session) if same(&session) => Ok((session.clone(), false)),
            Some(session) => Err(Error::usage(format!(
                "the session `{name}` has another start URL or region: {} in {}",
                session.start_url, session.region
            ))
            .hint(format!("name the new one differently, or change `{name}` in {}", settings.path.display()))),
            None => Ok((new.named(name), true)),
        };
    }
    if let Some(session) = known.iter().find(same) {
        return Ok((session.clone(), false));
    }
    let host = new.start_url.host().split('.').next().unwrap_or_default();
    let base = if host.is_empty() || host.bytes().all(|b| b.is_ascii_digit()) { "sso" } else { host };
    let free = |name: &String| known.iter().all(|session| session.name.as_str() != name);
    let name = std::iter::once(base.to_owned()).chain((2..).map(|n| format!("{base}-{n}"))).find(free);
    Ok((new.named(name.unwrap_or_default().parse()?), true))
}

/// Whether the stored sign-in is still good, in the portal's own eyes.
async fn already(access: &Access<'_>) -> Result<bool> {
    match access.call(async |portal, token| portal.check(token).await).await {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == Kind::SignInNeeded => Ok(false),
        Err(error) => Err(error),
    }
}

fn has_context(call: &Call<'_>, session: &Session) -> Result<bool> {
    let contexts = Kubeconfigs::open(call.world, call.globals.kubeconfig.as_deref())?.contexts();
    Ok(contexts.iter().any(|context| context.identity.as_ref().is_some_and(|id| id.session == session.name)))
}

struct Screen<'a> {
    call: &'a Call<'a>,
    browser: bool,
}

impl SignInScreen for Screen<'_> {
    fn attended(&self) -> bool {
        self.call.interactive()
    }

    fn obstacle(&self) -> Option<String> {
        self.call.world.browser.obstacle().map(str::to_owned)
    }

    fn show_page(&self, url: &str) -> bool {
        let (world, voice) = (self.call.world, self.call.voice);
        if self.browser && !world.browser.open(url) {
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
        let opened = self.browser && safe && self.call.world.browser.open(&code.verification_uri_complete);
        let how = if opened { "A browser was opened. " } else { "" };
        self.call.voice.say(self.call.world, &format!("{how}Waiting for your approval; Ctrl-C gives up."));
    }

    fn queueing(&self) {
        self.call.voice.say(self.call.world, "Another eksso is signing in to this session; waiting for it …");
    }

    fn retrying(&self) {
        self.call.voice.detail(self.call.world, "the sign-in service does not answer; trying again");
    }
}
