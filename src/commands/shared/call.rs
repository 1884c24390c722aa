//! One call of the program: what every command needs of the world, the settings and the person.

use crate::cli::{ClusterFilter, Color, Globals, OutputArg, WriteArgs};
use crate::commands::shared::noted::Noted;
use crate::domain::filter::{Filter, Glob};
use crate::domain::identity::Identity;
use crate::domain::kubeconfig::PLUGIN;
use crate::domain::session::Session;
use crate::domain::settings::guard::Asking;
use crate::domain::settings::policy::Refused;
use crate::domain::settings::trail::Sink;
use crate::domain::text::{escape, near_misses, shorten, wrap};
use crate::domain::trail::{About, Line};
use crate::error::{Error, Kind, Result};
use crate::flows::endpoints;
use crate::flows::kubeconfig::change::{Change, First, Mode, Outcome};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::elevation::{put_back, would_put_back};
use crate::flows::kubeconfig::isolated::taken_away;
use crate::flows::settings::{Settings, no_color, no_input};
use crate::flows::sign_in;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{Keyring, World};
use crate::ui::say::Voice;
use crate::ui::table::Output;
use std::cell::RefCell;
use std::collections::BTreeSet;
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
    pub noted: Noted,
}

impl<'w> Call<'w> {
    /// Prepares a call.
    pub fn new(world: &'w World, globals: Globals) -> Self {
        let voice = Voice { quiet: globals.quiet, verbose: globals.verbose, called: globals.called() };
        Self { world, globals, voice, noted: Noted::default() }
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

    /// How a kubeconfig is changed.
    pub fn change<'c>(&'c self, what: &'c str, args: WriteArgs, outer: bool) -> Change<'c> {
        let mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
        Change { explicit: self.globals.kubeconfig.as_deref(), what, mode, outer, first: None }
    }

    /// The same for a command that puts back the roles whose end has come: a dry run writes nothing and shows that, too.
    pub fn change_behind_ends<'c>(&'c self, what: &'c str, args: WriteArgs, outer: bool) -> Change<'c> {
        Change { first: args.dry_run.then_some(would_put_back as First), ..self.change(what, args, outer) }
    }

    /// Puts back the roles whose end has come, and says so; answers whether the current context is another one by that. What
    /// cannot be put back is told and stops nobody: kubectl is refused with it as before.
    pub fn put_back(&self, outer: bool) -> bool {
        let change = self.change("the end of a role", WriteArgs::default(), outer);
        let ended = put_back(self.world, change).unwrap_or_else(|error| {
            self.voice.warn(self.world, &error.to_string());
            Vec::new()
        });
        ended.iter().for_each(|ended| self.voice.say(self.world, &ended.words()));
        ended.iter().any(|ended| ended.back.is_some())
    }

    /// Prints the diff of a change that was not made, and what was given up for one that was. Answers whether there was
    /// only that to do.
    pub fn is_dry(&self, args: WriteArgs, outcome: &Outcome) -> Result<bool> {
        outcome.warnings.iter().for_each(|warning| self.voice.warn(self.world, warning));
        if args.dry_run && outcome.changed {
            let diff = self.painted(&outcome.diff, self.world.terminal.stdout_is_terminal());
            self.world.terminal.data(&diff)?;
        } else if args.dry_run {
            self.voice.say(self.world, "Nothing would change.");
        }
        Ok(args.dry_run)
    }

    /// A diff for a terminal, where control characters of files do nothing and certificates end with the line, or for a
    /// file, where all stays as it is.
    pub fn painted(&self, diff: &str, terminal: bool) -> String {
        self.laid_out(diff, terminal, |line, width| vec![shorten(line, width)])
    }

    /// The same where a person is to agree to every character: long lines go on in the next row, and none ends early.
    pub fn painted_whole(&self, diff: &str, terminal: bool) -> String {
        self.laid_out(diff, terminal, wrap)
    }

    fn laid_out(&self, diff: &str, terminal: bool, rows: impl Fn(&str, usize) -> Vec<String>) -> String {
        if !terminal {
            return diff.to_owned();
        }
        let (color, width) = (color(self.world, self.globals.color), self.world.terminal.width().saturating_sub(1));
        let mut out = String::with_capacity(diff.len());
        for line in diff.split_inclusive('\n') {
            let line = escape(line.trim_end_matches(['\n', '\r']));
            let code = match line.as_bytes().first() {
                Some(b'+') => "32",
                Some(b'-') => "31",
                Some(b'@') => "36",
                _ => "0",
            };
            for row in rows(&line, width) {
                out += &if color { format!("\u{1b}[{code}m{row}\u{1b}[0m\n") } else { format!("{row}\n") };
            }
        }
        out
    }

    /// Shows a diff to the person, on stderr.
    pub fn show_diff(&self, diff: &str) {
        self.world.terminal.words(&self.painted(diff, self.world.terminal.stderr_is_terminal()));
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
    fn told_if_lost(&self, noted: Result<()>) {
        if let Err(error) = noted {
            self.voice.warn(self.world, &error.to_string());
        }
    }

    /// What a context stands for, as far as the kubeconfig can be read: outside of a shell of eksso's, or in it.
    fn identity(&self, name: &str) -> Option<Identity> {
        let explicit = self.globals.kubeconfig.as_deref();
        let outer = Kubeconfigs::open_outer(self.world, explicit).ok().and_then(|files| files.context(name)?.identity);
        outer.or_else(|| Kubeconfigs::open(self.world, explicit).ok()?.context(name)?.identity)
    }

    fn sink(&self) -> Sink {
        self.settings().map_or(Sink::Off, |settings| settings.config.trail)
    }

    /// Obeys the guard of contexts: asks the person once for all of them. `yes` answers for the person's own guards, never for
    /// those of the machine's policy.
    pub fn pass_guards(&self, guarded: impl IntoIterator<Item = About>, yes: bool, doing: &str) -> Result<()> {
        self.pass_guards_of(guarded, &[], yes, doing)
    }

    /// The same where the guard of another name asks, too: of the context that was named, which comes to another one.
    pub fn pass_guards_of(
        &self,
        guarded: impl IntoIterator<Item = About>,
        named: &[&str],
        yes: bool,
        doing: &str,
    ) -> Result<()> {
        let policy = self.world.policy()?;
        let mut asked: Vec<About> = guarded.into_iter().collect();
        let rule = |about: &About| about.context.as_deref().and_then(|name| policy.asks(name));
        asked.retain(|about| !yes || rule(about).is_some());
        let names: Vec<String> =
            asked.iter().filter_map(|about| Some(format!("`{}`", about.context.as_ref()?))).collect();
        let list = names.join(", ");
        if asked.is_empty() {
            return Ok(());
        }
        let contexts = asked.iter().filter_map(|about| about.context.as_deref());
        let asking: BTreeSet<Asking> = match self.settings() {
            Ok(settings) => {
                contexts.chain(named.iter().copied()).filter_map(|name| settings.config.asking(name)).collect()
            }
            Err(_) => BTreeSet::new(),
        };
        let reasons = asking.iter().map(Asking::words).collect::<Vec<_>>().join("; ");
        let keep_back = |kind| {
            let noted = self.noted.kept_back(self.world, self.sink(), |name| self.identity(name), &asked, kind);
            self.told_if_lost(noted);
        };
        if !self.interactive() {
            keep_back(Kind::Denied);
            if let Some(rule) = asked.iter().find_map(rule) {
                let fact = format!("{list}: a person is to be asked first, and there is nobody to ask");
                return Err(Refused { fact, rule }.into());
            }
            let says = asking.first().map_or("config.toml says", Asking::says);
            let fact = format!("{list}: {says} to ask first, and there is nobody to ask");
            let error = Error::new(Kind::Guarded, fact);
            let error = if reasons.is_empty() { error } else { error.cause(&reasons) };
            return Err(error.hint("say --yes, if you are sure"));
        }
        let why = if reasons.is_empty() { reasons } else { format!(" {reasons}.") };
        let answer = match self.confirm(&format!("{doing} {list}?{why}")) {
            Ok(true) => return Ok(()),
            Ok(false) => Error::new(Kind::Interrupted, "nothing was done"),
            Err(error) => error,
        };
        keep_back(answer.kind());
        Err(answer)
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
