//! One file a command: arguments → flow → words. What they share is a `Call`.

mod add;
mod clusters;
mod credentials;
mod generate;
mod login;
mod logout;
mod roles;
mod status;
mod token;
mod r#use;

use std::future::Future;

use crate::cli::{ClusterFilter, Color, Command, Globals, RoleFilter};
use crate::clients::aws::Aws;
use crate::domain::filter::{Filter, Glob};
use crate::domain::session::Session;
use crate::error::{Error, Kind, Result};
use crate::flows::session::Access;
use crate::flows::settings::Settings;
use crate::ports::{Keyring, World};
use crate::ui::say::Voice;
use crate::ui::table::Output;

/// One call of the program: the world, the global options, and how it speaks.
pub struct Call<'w> {
    world: &'w World,
    globals: Globals,
    voice: Voice,
}

impl<'w> Call<'w> {
    /// Prepares a call.
    pub fn new(world: &'w World, globals: Globals) -> Self {
        let voice = Voice { quiet: globals.quiet, verbose: globals.verbose };
        Self { world, globals, voice }
    }

    /// Runs a command.
    pub fn run(&self, command: &Command) -> Result<()> {
        self.dispatch(command).map_err(|error| match error.kind() {
            Kind::Unavailable => self.with_endpoints(error),
            _ => error,
        })
    }

    /// An unreachable service may be one that the environment names.
    fn with_endpoints(&self, error: Error) -> Error {
        let set = Aws::ENDPOINTS.iter().filter_map(|name| Some((name, self.world.env.var(name)?)));
        set.fold(error, |error, (name, url)| error.hint(format!("{name} is set to {url}")))
    }

    fn dispatch(&self, command: &Command) -> Result<()> {
        match command {
            Command::Token(args) => token::run(self, args),
            Command::Credentials(args) => credentials::run(self, args),
            Command::Login(args) => login::run(self, args),
            Command::Logout(args) => logout::run(self, args),
            Command::Status => status::run(self),
            Command::Roles(args) => roles::run(self, args),
            Command::Clusters(args) => clusters::run(self, args),
            Command::Add(args) => add::run(self, args),
            Command::Use(args) => r#use::run(self, args),
            Command::Completions(args) => generate::completions(self, args),
            Command::Man(args) => generate::man(self, args),
        }
    }

    fn settings(&self) -> Result<Settings> {
        Settings::load(self.world, self.globals.config.as_deref(), false)
    }

    fn keyring(&self, settings: &Settings) -> Result<Keyring> {
        Ok(Keyring { ask: self.interactive(), ..self.silent_keyring(settings)? })
    }

    /// The same for calls that never ask: they need not look for a terminal either.
    fn silent_keyring(&self, settings: &Settings) -> Result<Keyring> {
        let backend = settings.backend(self.world, self.globals.keyring.as_deref())?;
        Ok(Keyring { backend, ask: false })
    }

    fn output(&self) -> Output {
        self.globals.output.into()
    }

    /// Whether a person may be asked.
    fn interactive(&self) -> bool {
        !self.globals.no_input && self.world.env.var("EKSSO_NO_INPUT").is_none() && self.world.terminal.is_interactive()
    }

    fn access(&self, session: Session, keyring: Keyring) -> Result<Access<'w>> {
        let access = Access::new(self.world, session, self.world.keyrings.open(keyring)?);
        let (session, keyring) = (&access.session, access.keyring().name());
        let detail =
            format!("session `{}`: {} in {}; keyring {keyring}", session.name, session.start_url, session.region);
        self.voice.detail(self.world, &detail);
        Ok(access)
    }

    fn progress(&self, line: &str) {
        self.voice.progress(self.world, line);
    }
}

/// Whether errors are shown in colour.
pub fn color(world: &World, choice: Color) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => world.terminal.stderr_is_terminal() && world.env.var("NO_COLOR").is_none(),
    }
}

/// Runs asynchronous work to its end.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::LocalState, "the asynchronous runtime cannot start").cause(error))?;
    runtime.block_on(work)
}

fn globs(patterns: &[String]) -> Vec<Glob> {
    patterns.iter().map(|pattern| Glob::new(pattern)).collect()
}

impl From<&RoleFilter> for Filter {
    fn from(args: &RoleFilter) -> Self {
        Self { accounts: globs(&args.account), roles: globs(&args.role), ..Self::default() }
    }
}

impl From<&ClusterFilter> for Filter {
    fn from(args: &ClusterFilter) -> Self {
        Self { regions: globs(&args.region), clusters: globs(&args.cluster), ..Self::from(&args.roles) }
    }
}
