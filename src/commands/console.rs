//! `eksso console`: the AWS console at a cluster's page, as a context's role.

use crate::cli::ConsoleArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::who::Who;
use crate::domain::browser::BrowserCommand;
use crate::domain::credentials::console::cluster_page;
use crate::domain::identity::Identity;
use crate::domain::secret::SecretString;
use crate::domain::session::Session;
use crate::domain::text::shell_word;
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};
use crate::flows::credentials::console::{address, lead};
use crate::flows::discovery::index::{Loaded, load};
use crate::flows::kubeconfig::contexts::Kubeconfigs;

/// Opens it, or prints where it is.
pub fn run(call: &Call<'_>, args: &ConsoleArgs) -> Result<()> {
    let (world, settings) = (call.world, call.settings()?);
    let files = Kubeconfigs::open_for(world, call.globals.kubeconfig.as_deref(), args.context.as_deref())?;
    let name = args.context.clone().or_else(|| files.current()).ok_or_else(|| {
        Error::new(Kind::NotFound, "there is no current context").hint("eksso console CONTEXT").hint("eksso use")
    })?;
    // A browser opens only because a person at a terminal asked for it.
    if !args.print && !call.interactive() {
        return Err(Error::usage("there is nobody at a terminal to open a browser for")
            .hint(format!("eksso console --print {}  # prints the address", shell_word(&name))));
    }
    let entry = files.require(&name, "console")?;
    call.hold_to_session(&name, entry.identity.as_ref())?;
    let identity = entry.identity.clone().ok_or_else(|| {
        Error::usage(format!("the context `{name}` was not written by eksso, so its role is not known"))
            .hint("eksso import --dry-run  # shows whether it can be taken over")
    })?;
    let (who, until) = (Who::of_entry(call, &settings, entry.clone())?, entry.until);
    let page = cluster_page(&identity.region, &identity.cluster).ok_or_else(|| {
        let partition = identity.region.partition().arn();
        Error::new(Kind::Failed, format!("the address of the console of the partition `{partition}` is not known"))
    })?;
    let guarded = settings.config.guard(&name).confirm.then(|| name.clone());
    call.pass_guards(guarded.map(About::named), args.yes, "Open the AWS console of")?;
    if until.is_some() {
        call.voice.warn(world, "the console's session does not end with the use of the role");
    }
    let link = match identity.assume {
        None => who.session.console_link(&identity.account, &identity.role, &page),
        Some(_) => None,
    };
    if link.is_some() {
        who.led_to(call, &settings, "console")?;
    }
    let browser = Browser { call, command: command(call, &who.session, &identity) };
    match link {
        Some(link) if args.print => world.terminal.data(&format!("{link}\n")),
        Some(link) => browser.open(&link),
        None => {
            let credentials = who.credentials(call, &settings, &identity.region)?;
            let handle = call.open(who.session.clone(), call.silent_keyring(&settings)?)?;
            block_on(async {
                let address = address(&handle, &identity.region, &credentials, &page).await?;
                if args.print {
                    return world.terminal.secret(&SecretString::new(format!("{}\n", address.expose())));
                }
                lead(world, &address, |page| browser.open(page)).await
            })
        }
    }
}

/// The browser of a session, for one account and role.
struct Browser<'c, 'w> {
    call: &'c Call<'w>,
    command: Option<BrowserCommand>,
}

impl Browser<'_, '_> {
    fn open(&self, page: &str) -> Result<()> {
        self.call.world.browser.open(page, self.command.as_ref()).map_err(|why| {
            Error::new(Kind::Failed, format!("no browser could be opened: {why}"))
                .hint("eksso console --print CONTEXT  # prints the address")
        })?;
        self.call.voice.say(self.call.world, "A browser was opened.");
        Ok(())
    }
}

/// The session's command, with the account as people call it, as far as that was seen.
fn command(call: &Call<'_>, session: &Session, identity: &Identity) -> Option<BrowserCommand> {
    let command = session.browser()?;
    let known = match load(call.world, session) {
        Loaded::Index(index) => index.accounts.get(&identity.account).map(|account| account.name.clone()),
        Loaded::Nothing | Loaded::Corrupt => None,
    };
    let account = known.unwrap_or_else(|| identity.account.to_string());
    Some(command.of(&account, identity.role.as_str()))
}
