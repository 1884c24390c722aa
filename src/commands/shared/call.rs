//! One call of the program: what every command needs of the world, the settings and the person.

use crate::cli::{ClusterFilter, Color, Globals, OutputArg};
use crate::commands::shared::trail::TrailEntry;
use crate::domain::filter::{Filter, Glob};
use crate::domain::identity::Identity;
use crate::domain::kubeconfig::PLUGIN;
use crate::domain::session::Session;
use crate::domain::settings::sink::Sink;
use crate::domain::text::{escape, near_misses};
use crate::domain::trail::{About, Line};
use crate::error::{Error, Kind, Result};
use crate::flows::endpoints;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::isolated::taken_away;
use crate::flows::settings::Settings;
use crate::flows::settings::environment::{no_color, no_input};
use crate::flows::sign_in;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{Keyring, World};
use crate::ui::say::Voice;
use crate::ui::table::Output;
use std::cell::RefCell;
use std::future::Future;
use tokio::runtime::Runtime;

/// One call of the program: the world, the global options, and how it speaks.
pub struct Call<'w> {
    /// The outside.
    pub world: &'w World,
    /// The global options.
    pub globals: Globals,
    /// How much it says.
    pub voice: Voice,
    /// What the audit trail is to know of it.
    pub noted: TrailEntry,
}

impl<'w> Call<'w> {
    /// Prepares a call.
    pub fn new(world: &'w World, globals: Globals) -> Self {
        let voice = Voice { quiet: globals.quiet, verbose: globals.verbose, called: globals.called() };
        Self { world, globals, voice, noted: TrailEntry::default() }
    }

    /// An unreachable service may be one that the environment names.
    pub fn with_endpoints(&self, error: Error) -> Error {
        match endpoints::named_for(self.world, &error) {
            Some((name, url)) => error.hint(format!("{name} is set to {url}")),
            None => error,
        }
    }

    /// Where people of an organisation ask for help, as the settings say.
    pub fn with_help(&self, error: Error) -> Error {
        let Ok(settings) = self.settings() else { return error };
        let help = &settings.config.help;
        match (error.kind(), &help.denied, &help.sign_in) {
            (Kind::Denied, Some(denied), _) => error.hint(format!("ask for access here: {}", denied.as_str())),
            (Kind::SignInNeeded, _, Some(sign_in)) => error.hint(format!("help with signing in: {}", sign_in.as_str())),
            _ => error,
        }
    }

    /// The settings.
    pub fn settings(&self) -> Result<Settings> {
        Settings::load(self.world, self.globals.config.as_deref(), false)
    }

    /// The keyring that is wanted; it may ask where a person is there.
    pub fn keyring(&self, settings: &Settings) -> Result<Keyring> {
        Ok(Keyring { ask: self.interactive(), ..self.silent_keyring(settings)? })
    }

    /// The same for calls that never ask: they need not look for a terminal either.
    pub fn silent_keyring(&self, settings: &Settings) -> Result<Keyring> {
        let backend = settings.backend(self.world, self.globals.keyring.as_deref())?;
        Ok(Keyring { backend, ask: false, kernel_copy: settings.config.kernel_key_cache.0, ends: false })
    }

    /// The keyring to end sign-ins in, also one that the policy of this machine does not allow.
    pub fn ending_keyring(&self, settings: &Settings) -> Result<Keyring> {
        let backend = settings.any_backend(self.world, self.globals.keyring.as_deref())?;
        let kernel_copy = settings.config.kernel_key_cache.0;
        Ok(Keyring { backend, ask: self.interactive(), kernel_copy, ends: true })
    }

    /// What is meant: the flags, the filter of config.toml that they name, and the accounts that config.toml skips.
    pub fn filter(&self, settings: &Settings, args: &ClusterFilter) -> Result<Filter> {
        let saved = args.roles.saved.as_deref().map(|name| {
            settings.config.filter(name).ok_or_else(|| {
                let error = Error::new(Kind::NotFound, format!("config.toml has no [filters.{name}]"));
                match near_misses(name, settings.config.filter_names()).as_slice() {
                    [] => error.hint(format!("add it to {}", settings.path.display())),
                    near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
                }
            })
        });
        let saved = saved.transpose()?.unwrap_or_default();
        let given = |texts: &[String], saved: Vec<Glob>| if texts.is_empty() { saved } else { globs(texts) };
        Ok(Filter {
            accounts: given(&args.roles.account, saved.accounts),
            roles: given(&args.roles.role, saved.roles),
            regions: given(&args.region, saved.regions),
            clusters: given(&args.cluster, saved.clusters),
            tags: if args.tag.is_empty() { saved.tags } else { args.tag.clone() },
            skipped: settings.config.discovery.skip_accounts.clone(),
            below: RefCell::default(),
        })
    }

    /// The form of lists.
    pub fn output(&self) -> Output {
        self.globals.output.into()
    }

    /// Whether a person may be asked.
    pub fn interactive(&self) -> bool {
        !self.globals.no_input && no_input(self.world).is_none() && self.world.terminal.is_interactive()
    }

    /// A session with its keyring; asks nobody anything.
    pub fn open(&self, session: Session, keyring: Keyring) -> Result<SessionHandle<'w>> {
        self.told(sign_in::open(self.world, session, keyring, !self.voice.quiet)?)
    }

    /// The same to look at a sign-in or to end it, also one that the policy of this machine does not allow.
    pub fn open_any(&self, session: Session, keyring: Keyring) -> Result<SessionHandle<'w>> {
        self.told(sign_in::open_any(self.world, session, keyring, !self.voice.quiet)?)
    }

    /// The same for calls of other programs, which get no words on stderr but errors.
    pub fn open_silently(&self, session: Session, keyring: Keyring) -> Result<SessionHandle<'w>> {
        self.told(sign_in::open(self.world, session, keyring, false)?)
    }

    fn told(&self, handle: SessionHandle<'w>) -> Result<SessionHandle<'w>> {
        let (session, keyring) = (&handle.session, handle.keyring().name());
        let detail = format!("session `{}`: {}; keyring {keyring}", session.name, session.place());
        self.voice.detail(self.world, &detail);
        Ok(handle)
    }

    /// Asks the person a question that only `y` or `yes` answers with yes.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        let answer = self.world.terminal.ask(&format!("{} [y/N]", escape(question)))?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Says what the call is about from now on, for the audit trail.
    pub fn about(&self, about: About) {
        self.noted.about(about);
    }

    /// Writes a line of the audit trail.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn record(&self, sink: Sink, line: &Line) -> Result<()> {
        self.noted.record(self.world, sink, line)
    }

    /// Writes the line of what failed: the failure stands, and who reads the trail is told that its line is missing.
    pub fn record_failure(&self, sink: Sink, line: &Line) {
        self.told_if_lost(self.record(sink, line));
    }

    /// Writes the line of a refusal, where there is a trail and no line yet. Other errors than refusals have none.
    pub fn refused(&self, error: &Error) {
        if error.kind() == Kind::Denied {
            self.told_if_lost(self.noted.refused(self.world, || self.sink(), |name| self.identity(name), Kind::Denied));
        }
    }

    /// Who reads the trail must not take a refusal that is missing there for one that never was.
    pub(in crate::commands::shared) fn told_if_lost(&self, noted: Result<()>) {
        if let Err(error) = noted {
            self.voice.warn(self.world, &error.to_string());
        }
    }

    /// What a context stands for, as far as the kubeconfig can be read: outside of a shell of eksso's, or in it.
    pub(in crate::commands::shared) fn identity(&self, name: &str) -> Option<Identity> {
        let explicit = self.globals.kubeconfig.as_deref();
        let outer = Kubeconfigs::open_outer(self.world, explicit).ok().and_then(|files| files.context(name)?.identity);
        outer.or_else(|| Kubeconfigs::open(self.world, explicit).ok()?.context(name)?.identity)
    }

    pub(in crate::commands::shared) fn sink(&self) -> Sink {
        self.settings().map_or(Sink::Off, |settings| settings.config.trail)
    }

    /// What kubectl is to run.
    pub fn plugin_command(&self, absolute: bool) -> Result<String> {
        if !absolute {
            return Ok(if self.globals.as_plugin { PLUGIN } else { "eksso" }.to_owned());
        }
        let program = self.world.env.program()?;
        program
            .into_os_string()
            .into_string()
            .map_err(|_| Error::new(Kind::LocalState, "the path of eksso is not UTF-8 text"))
    }
}

impl Call<'_> {
    /// Warns where kubectl does not use the context that this shell was opened for.
    pub fn warn_if_taken_away(&self) {
        let taken = taken_away(self.world).filter(|_| self.globals.kubeconfig.is_none());
        if let Some(error) = taken {
            let hints = error.hints().concat();
            self.voice.warn(self.world, &format!("{error}; to have it back: {hints}"));
        }
    }
}

/// Whether errors are shown in colour.
pub fn color(world: &World, choice: Color) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => world.terminal.stderr_is_terminal() && no_color(world).is_none(),
    }
}

/// Runs asynchronous work to its end.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(work)
}

/// What runs asynchronous work, for commands that do more than one piece of it.
pub fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::LocalState, "the asynchronous runtime cannot start").cause(error))
}

fn globs(patterns: &[String]) -> Vec<Glob> {
    patterns.iter().map(|pattern| Glob::new(pattern)).collect()
}

impl From<OutputArg> for Output {
    fn from(arg: OutputArg) -> Self {
        match arg {
            // Forms of one command alone are that command's to write; `commands::run` refuses them elsewhere.
            OutputArg::Table | OutputArg::Csv | OutputArg::Sarif => Self::Table,
            OutputArg::Json => Self::Json,
            OutputArg::Name => Self::Name,
        }
    }
}
