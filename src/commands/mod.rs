//! One file a command: arguments → flow → words. What they share is a `Call`.

mod add;
mod clusters;
mod credentials;
mod env;
mod exec;
mod generate;
mod import;
mod login;
mod logout;
mod ns;
mod roles;
mod shared;
mod status;
mod sync;
mod token;
mod undo;
mod r#use;
mod whoami;

use std::future::Future;

use crate::cli::{ClusterFilter, Color, Command, Globals, RoleFilter, WriteArgs};
use crate::clients::aws::Aws;
use crate::domain::discovery::picker::{self, Picker};
use crate::domain::filter::{Filter, Glob};
use crate::domain::session::Session;
use crate::domain::text::{escape, shorten};
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::frecency::Frecency;
use crate::flows::kubeconfig::change::{Change, Mode, Outcome};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::Settings;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{Keyring, World};
use crate::ui::say::{Voice, span};
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

    /// Runs a command; answers the exit code, which may be another program's.
    pub fn run(&self, command: &Command) -> Result<u8> {
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

    fn dispatch(&self, command: &Command) -> Result<u8> {
        match command {
            Command::Exec(args) => return exec::exec(self, args),
            Command::Shell(args) => return exec::shell(self, args),
            Command::Env(args) => env::run(self, args),
            Command::Sync(args) => sync::run(self, args),
            Command::Ns(args) => ns::run(self, args),
            Command::Import(args) => import::run(self, args),
            Command::Undo(args) => undo::run(self, args),
            Command::Token(args) => token::run(self, args),
            Command::Credentials(args) => credentials::run(self, args),
            Command::Login(args) => login::run(self, args),
            Command::Logout(args) => logout::run(self, args),
            Command::Status => status::run(self),
            Command::Whoami(args) => whoami::run(self, args),
            Command::Roles(args) => roles::run(self, args),
            Command::Clusters(args) => clusters::run(self, args),
            Command::Add(args) => add::run(self, args),
            Command::Use(args) => r#use::run(self, args),
            Command::Completions(args) => generate::completions(self, args),
            Command::Man(args) => generate::man(self, args),
        }
        .map(|()| 0)
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

    fn open(&self, session: Session, keyring: Keyring) -> Result<SessionHandle<'w>> {
        let handle = crate::flows::sign_in::open(self.world, session, keyring)?;
        let (session, keyring) = (&handle.session, handle.keyring().name());
        let detail = format!("session `{}`: {}; keyring {keyring}", session.name, session.place());
        self.voice.detail(self.world, &detail);
        Ok(handle)
    }

    /// How a kubeconfig is changed.
    fn change<'c>(&'c self, what: &'c str, args: WriteArgs, outer: bool) -> Change<'c> {
        let mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
        Change { explicit: self.globals.kubeconfig.as_deref(), what, mode, outer }
    }

    /// Prints the diff of a change that was not made. Answers whether there was only that to do.
    fn is_dry(&self, args: WriteArgs, outcome: &Outcome) -> Result<bool> {
        if args.dry_run && outcome.changed {
            self.world
                .terminal
                .data(self.painted(&outcome.diff, self.world.terminal.stdout_is_terminal()).as_bytes())?;
        } else if args.dry_run {
            self.voice.say(self.world, "Nothing would change.");
        }
        Ok(args.dry_run)
    }

    /// A diff for a terminal, where control characters of files do nothing and certificates end with the line, or for a
    /// file, where all stays as it is.
    fn painted(&self, diff: &str, terminal: bool) -> String {
        if !terminal {
            return diff.to_owned();
        }
        let (color, width) = (color(self.world, self.globals.color), self.world.terminal.width().saturating_sub(1));
        let paint = |line: &str| {
            let line = shorten(&escape(line.trim_end_matches(['\n', '\r'])), width);
            let code = match line.as_bytes().first() {
                Some(b'+') => "32",
                Some(b'-') => "31",
                Some(b'@') => "36",
                _ => "0",
            };
            if color { format!("\u{1b}[{code}m{line}\u{1b}[0m\n") } else { format!("{line}\n") }
        };
        diff.split_inclusive('\n').map(paint).collect()
    }

    /// Shows a diff to the person, on stderr.
    fn show_diff(&self, diff: &str) {
        self.world.terminal.words(&self.painted(diff, self.world.terminal.stderr_is_terminal()));
    }

    /// Asks the person a question that only `y` or `yes` answers with yes.
    fn confirm(&self, question: &str) -> Result<bool> {
        let answer = self.world.terminal.ask(&format!("{} [y/N]", escape(question)))?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Obeys the guard of contexts: asks the person once for all of them.
    fn pass_guards(&self, names: &[String], yes: bool, doing: &str) -> Result<()> {
        let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        if names.is_empty() || yes {
            return Ok(());
        }
        if !self.interactive() {
            return Err(Error::usage(format!("{list}: config.toml says to ask first, and there is nobody to ask"))
                .hint("say --yes, if you are sure"));
        }
        match self.confirm(&format!("{doing} {list}?"))? {
            true => Ok(()),
            false => Err(Error::new(Kind::Interrupted, "nothing was done")),
        }
    }

    /// Lets the person choose a context, the current one first.
    fn pick_context(&self, files: &Kubeconfigs, hint: &str) -> Result<String> {
        let mut names: Vec<String> = files.names().into_iter().map(str::to_owned).collect();
        names.sort();
        if names.is_empty() {
            return Err(Error::new(Kind::NotFound, "there is no context yet").hint("eksso add"));
        }
        if !self.interactive() {
            return Err(Error::usage("which context? there is nobody to ask").hint(hint));
        }
        let (current, used, now) = (files.current(), Frecency::load(self.world), self.world.clock.now());
        let row = |name: &String| picker::Row {
            cells: vec![name.clone()],
            details: used
                .last(name)
                .map(|last| format!("used {} ago", span(now.duration_since(last))))
                .into_iter()
                .collect(),
            // The current one comes first: leaving it as it is takes one key.
            weight: if Some(name) == current.as_ref() { f64::MAX } else { used.weight(name, now) },
            ..picker::Row::default()
        };
        let mut picker = Picker::new(false);
        names.iter().for_each(|name| _ = picker.add(row(name)));
        let picked = block_on(self.pick("Which context?", &shared::pick::SharedPicker::new(picker.into())))?;
        let place = picked.and_then(|picked| picked.first().copied());
        place
            .map(|place| names[place].clone())
            .ok_or_else(|| Error::new(Kind::Interrupted, "nothing was chosen; nothing was changed"))
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
