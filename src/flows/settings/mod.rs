//! Settings and the sessions they define: `config.toml` first, then the `[sso-session]` blocks of `~/.aws/config`.

pub mod aws_files;
pub mod environment;
pub mod profiles;
pub mod setup;
pub mod shown;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::chained_role::ChainedRole;
use crate::domain::ids::SessionName;
use crate::domain::session::Session;
use crate::domain::settings::aws_config::{self, LegacyPortal, Portal, Profile};
use crate::domain::settings::config::Config;
use crate::domain::settings::keyring::Backend;
use crate::domain::settings::managed::{Managed, parts};
use crate::domain::settings::session_table::{with_session, without_session};
use crate::domain::text::{near_misses, shell_word};
use crate::error::{Error, Kind, Result};
use crate::flows::locks::{busy, wait_for};
use crate::flows::settings::aws_files::{aws_config_text, aws_sessions};
use crate::flows::settings::environment::{MAX_CONFIG, first};
use crate::ports::World;

/// Writing the settings takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// So many sessions are offered in place of one that is not there.
const MEANT: usize = 3;

/// A session of the AWS configuration that is another one under a second name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Double {
    /// Its name there.
    pub name: SessionName,
    /// The session of config.toml that it is.
    pub of: SessionName,
}

/// What the user configured.
#[derive(Debug)]
pub struct Settings {
    /// The file, whether it exists or not.
    pub path: PathBuf,
    /// Its content, over that of the organisation's file, bound by the policy of the machine.
    pub config: Config,
    /// Its text; `None` where there is none.
    text: Option<String>,
    /// The organisation's settings, where some are installed.
    managed: Option<toml::Table>,
}

impl Settings {
    /// Reads `config.toml`, or the file named instead of it. A named file must be there, unless a sign-in may make it.
    ///
    /// # Errors
    /// `Kind::NotFound`: the file that is named is not there. `Kind::Usage`: line and key of what is wrong in it, or in the
    /// organisation's file. `Kind::LocalState`: it cannot be read.
    pub fn load(world: &World, instead: Option<&Path>, may_be_new: bool) -> Result<Self> {
        let (path, is_named) = Self::place(world, instead);
        let text = Self::text(world, &path)?;
        if is_named && !may_be_new && text.is_none() {
            return Err(Error::new(Kind::NotFound, format!("there is no file {}", path.display()))
                .hint("check `--config` and EKSSO_CONFIG"));
        }
        let managed = Self::managed(world)?;
        let mut config = Self::together(world, &path, text.as_deref().unwrap_or_default(), managed.as_ref())?;
        world.policy()?.bind(&mut config);
        Ok(Self { path, config, text, managed })
    }

    /// Whether the file exists.
    pub fn is_there(&self) -> bool {
        self.text.is_some()
    }

    /// Where `config.toml` is, or the file named instead of it; and whether one is named.
    pub fn place(world: &World, instead: Option<&Path>) -> (PathBuf, bool) {
        let named = instead.map(Path::to_owned).or_else(|| world.env.var("EKSSO_CONFIG").map(PathBuf::from));
        let is_named = named.is_some();
        (named.unwrap_or_else(|| world.folders.config.join("config.toml")), is_named)
    }

    /// Where the organisation's settings are.
    pub fn managed_place(world: &World) -> PathBuf {
        world.folders.config.join("managed.toml")
    }

    /// The text of a settings file; `None` where there is none.
    ///
    /// # Errors
    /// `Kind::LocalState`: it cannot be read. `Kind::Usage`: it is not UTF-8 text.
    pub fn text(world: &World, path: &Path) -> Result<Option<String>> {
        Self::bounded(world, path, MAX_CONFIG)
    }

    fn bounded(world: &World, path: &Path, limit: u64) -> Result<Option<String>> {
        let bytes = world.files.read(path, limit)?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| unusable(path, "it is not UTF-8 text"))
    }

    /// The organisation's settings.
    fn managed(world: &World) -> Result<Option<toml::Table>> {
        let path = Self::managed_place(world);
        let Some(file) = Self::text(world, &path)? else { return Ok(None) };
        Managed::parse(parts(&file).0)
            .map(|managed| Some(managed.table))
            .map_err(|error| unusable_managed(world, error))
    }

    /// The settings of a text over the organisation's. What is right alone is not what is wrong with both.
    fn together(world: &World, path: &Path, text: &str, managed: Option<&toml::Table>) -> Result<Config> {
        let config = Config::parse(text).map_err(|error| unusable(path, error))?;
        match managed {
            None => Ok(config),
            Some(managed) => Config::over(text, managed).map_err(|error| unusable_managed(world, error)),
        }
    }

    /// Whether a text would do as settings.
    ///
    /// # Errors
    /// Line and key of what is wrong.
    pub fn checked(world: &World, path: &Path, text: &str) -> Result<()> {
        Self::together(world, path, text, Self::managed(world)?.as_ref()).map(drop)
    }

    /// Writes settings that a person has edited, unless somebody changed the file meanwhile.
    ///
    /// # Errors
    /// `Kind::LocalState`: somebody changed it meanwhile, or it cannot be written.
    pub async fn put(world: &World, path: &Path, before: &str, text: &str) -> Result<()> {
        let Some(_lock) = wait_for(world, "config", "changing the settings", LOCK_WAIT).await? else {
            return Err(busy(world, "config", "the settings"));
        };
        if Self::text(world, path)?.unwrap_or_default() != before {
            let fact = format!("{} was changed meanwhile; nothing was written", path.display());
            return Err(Error::new(Kind::LocalState, fact).hint("eksso config edit"));
        }
        world.files.replace(path, text.as_bytes())
    }

    /// Where secrets are kept: as asked for, else EKSSO_KEYRING, else the configuration.
    ///
    /// # Errors
    /// There is no such keyring, or the policy of this machine does not allow it.
    pub fn backend(&self, world: &World, asked: Option<&str>) -> Result<Backend> {
        let backend = self.any_backend(world, asked)?;
        world.policy()?.keyring(backend)?;
        Ok(backend)
    }

    /// The same, also one that the policy of this machine does not allow.
    ///
    /// # Errors
    /// `Kind::Usage`: there is no such keyring.
    pub fn any_backend(&self, world: &World, asked: Option<&str>) -> Result<Backend> {
        match first(world, asked, "EKSSO_KEYRING") {
            Some((name, _)) => name.parse().map_err(Error::usage),
            None => Ok(self.config.keyring),
        }
    }

    /// All sessions: ours, then those of the AWS configuration with other names.
    ///
    /// # Errors
    /// `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn sessions(&self, world: &World) -> Result<Vec<Session>> {
        let mut sessions: Vec<Session> = self.config.sessions().collect();
        for session in aws_sessions(world)? {
            if sessions.iter().all(|known| known.name != session.name) {
                sessions.push(session.or_flow(self.config.flow));
            }
        }
        Ok(sessions)
    }

    /// The same with each place once: a block of the AWS configuration for a portal that config.toml names is that session.
    ///
    /// # Errors
    /// `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn distinct_sessions(&self, world: &World) -> Result<(Vec<Session>, Vec<Double>)> {
        let own: Vec<Session> = self.config.sessions().collect();
        let (mut kept, mut doubles) = (Vec::new(), Vec::new());
        for session in self.sessions(world)? {
            let same = own.iter().find(|own| own.place() == session.place());
            match same.filter(|_| own.iter().all(|own| own.name != session.name)) {
                Some(of) => doubles.push(Double { name: session.name, of: of.name.clone() }),
                None => kept.push(session),
            }
        }
        Ok((kept, doubles))
    }

    /// The sessions of the AWS configuration that cannot be used and the lines that the AWS CLI refuses, each in a line that names its
    /// place.
    ///
    /// # Errors
    /// `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn refused_blocks(&self, world: &World) -> Result<Vec<String>> {
        let (path, text) = aws_config_text(world)?;
        let line = |refused: aws_config::Refused| {
            let aws_config::Refused { line, what, why } = refused;
            format!("{}, line {line}: {what}: {why}", path.display())
        };
        Ok(aws_config::refused(&text).into_iter().map(line).collect())
    }

    /// The portals of old profiles of the AWS configuration that no session is known for.
    ///
    /// # Errors
    /// `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn legacy_portals(&self, world: &World) -> Result<Vec<LegacyPortal>> {
        let mut portals = aws_config::legacy_portals(&aws_config_text(world)?.1);
        let known = self.sessions(world)?;
        portals.retain(|portal| !known.iter().any(|session| session.is_portal(&portal.url, &portal.region)));
        Ok(portals)
    }

    /// The session of a name; `~/.aws/config` is read only when it is not one of ours.
    ///
    /// # Errors
    /// `Kind::NotFound`: there is no session of that name. `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn session(&self, world: &World, name: &SessionName) -> Result<Session> {
        if let Some(session) = self.config.sessions().find(|session| session.name == *name) {
            return Ok(session);
        }
        let all = self.sessions(world)?;
        all.iter().find(|session| session.name == *name).cloned().ok_or_else(|| {
            let error = Error::new(Kind::NotFound, format!("there is no session `{name}`"));
            let new = format!("eksso login {} --start-url URL --sso-region REGION", shell_word(name.as_str()));
            match names(&all).as_slice() {
                [] => error.hint(new),
                known => error.cause(there_are(known)).hint(new),
            }
        })
    }

    /// The same for a name that a person gave, who may have meant another one: the command line with that one is a hint.
    ///
    /// # Errors
    /// As `session`.
    pub fn named(&self, world: &World, name: &SessionName) -> Result<Session> {
        self.session(world, name).or_else(|error| {
            let all = self.sessions(world)?;
            let known = names(&all);
            if error.kind() != Kind::NotFound || known.is_empty() {
                return Err(error);
            }
            let near = near_misses(name.as_str(), known.iter().copied());
            let meant = if near.is_empty() { &known } else { &near };
            Err(Error::new(Kind::NotFound, error.fact())
                .cause(there_are(&known))
                .again_with(Some(name.as_str()), meant.iter().copied().take(MEANT)))
        })
    }

    /// The session to use: the named one, the default, or the only one. `Ok(None)` when there is none at all.
    ///
    /// # Errors
    /// `Kind::Usage`: there are several, and none is named. `Kind::NotFound`: there is no session of that name.
    pub fn choose(&self, world: &World, name: Option<&str>) -> Result<Option<Session>> {
        let named = first(world, name, "EKSSO_SESSION");
        if let Some(name) =
            named.map(|(name, _)| name.parse()).transpose()?.or_else(|| self.config.default_session.clone())
        {
            return self.named(world, &name).map(Some);
        }
        let mut all = self.sessions(world)?;
        match all.len() {
            0 => Ok(None),
            1 => Ok(all.pop()),
            _ => {
                let names = names(&all);
                let error = Error::usage(format!("there are several sessions: {}", names.join(", ")));
                Err(error
                    .again_with(None, names.into_iter().take(MEANT))
                    .hint(format!("to name none each time, set `default_session` in {}", self.path.display())))
            }
        }
    }

    /// The roles that profiles of `~/.aws/config` assume from roles of a session; each once, as the first profile has it.
    ///
    /// # Errors
    /// `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn chained_roles(&self, world: &World, session: &Session) -> Result<Vec<ChainedRole>> {
        let text = aws_config_text(world)?.1;
        let theirs = aws_config::sessions(&text);
        let is_own = |profile: &Profile| match &profile.portal {
            Portal::Url(url, region) => session.is_portal(url, region),
            // A session of that name that is at another place is another one.
            Portal::Session(name) => {
                let theirs = theirs.iter().rfind(|theirs| theirs.name == *name);
                theirs.map_or(*name == session.name, |theirs| theirs.place() == session.place())
            }
        };
        let own = aws_config::chained(&text).into_iter().filter(is_own);
        let chained = own.filter_map(|profile| ChainedRole::new(profile.account, profile.role, profile.assume?));
        let mut known = HashSet::new();
        Ok(chained.filter(|role| known.insert(role.arn.clone())).collect())
    }

    /// A profile of `~/.aws/config` and the session it signs in to.
    ///
    /// # Errors
    /// `Kind::Usage`: there is no such profile, or it cannot be used. `Kind::NotFound`, `Kind::SignInNeeded`: its session or its portal
    /// is not known.
    pub fn profile(&self, world: &World, name: &str) -> Result<(Session, Profile)> {
        let (path, text) = aws_config_text(world)?;
        let profile = aws_config::profile(&text, name).map_err(|why| {
            let error = Error::usage(why).cause(format!("as {} says", path.display()));
            let names = aws_config::profile_names(&text);
            let known = names.iter().any(|known| known == name);
            match near_misses(name, names.iter().map(String::as_str)).as_slice() {
                near @ [_, ..] if !known => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
                _ => error.hint("name the role with --account and --role"),
            }
        })?;
        let session = match &profile.portal {
            Portal::Session(session) => {
                let ours = self.session(world, session)?;
                let theirs = aws_config::sessions(&text).into_iter().rfind(|theirs| theirs.name == *session);
                if let Some(theirs) = theirs.filter(|theirs| theirs.place() != ours.place()) {
                    return Err(Error::usage(format!("two sessions at different places are called `{session}`"))
                        .cause(format!("{} says {}", self.path.display(), ours.place()))
                        .cause(format!(
                            "{} says {}, and profile `{name}` means that one",
                            path.display(),
                            theirs.place()
                        ))
                        .hint(format!("give the session in {} another name", self.path.display())));
                }
                ours
            }
            Portal::Url(url, region) => {
                let all = self.sessions(world)?;
                let same = all.into_iter().find(|known| known.is_portal(url, region));
                same.ok_or_else(|| {
                    Error::new(Kind::SignInNeeded, format!("no session is known for the portal of profile `{name}`"))
                        .hint(format!("eksso login --start-url {url} --sso-region {region}"))
                })?
            }
        };
        Ok((session, profile))
    }

    /// Like `choose`, for commands that cannot go on without one.
    ///
    /// # Errors
    /// As `choose`; `Kind::SignInNeeded`: there is no session yet.
    pub fn require(&self, world: &World, name: Option<&str>) -> Result<Session> {
        self.choose(world, name)?.ok_or_else(|| {
            Error::new(Kind::SignInNeeded, "there is no session yet")
                .hint("eksso login --start-url https://YOUR-PORTAL.awsapps.com/start --sso-region REGION")
                .hint("for Okta straight into AWS: eksso login --okta https://YOUR-ORG.okta.com --client-id ID")
        })
    }

    /// Adds a session to `config.toml` as it is now: a person may have edited it, and another login added to it, while
    /// this one waited for an approval.
    ///
    /// # Errors
    /// `Kind::Usage`: its name was given to another place meanwhile. `Kind::LocalState`: the file cannot be written.
    pub async fn save(&self, world: &World, session: &Session) -> Result<()> {
        let Some(_lock) = wait_for(world, "config", "changing the settings", LOCK_WAIT).await? else {
            return Err(busy(world, "config", "the settings"));
        };
        let now = Self::load(world, Some(&self.path), true)?;
        if let Some(other) = now.config.sessions().find(|other| other.name == session.name) {
            let taken = format!("a session `{}` for another place was added meanwhile", session.name);
            return if other.place() == session.place() {
                Ok(())
            } else {
                Err(Error::usage(taken).hint("sign in again under another name"))
            };
        }
        let text = with_session(now.text.as_deref().unwrap_or_default(), session)
            .map_err(|error| Error::usage(format!("{}: {error}", self.path.display())))?;
        world.files.replace(&self.path, text.as_bytes())
    }

    /// Takes a session out of `config.toml` as it is now; answers whether it was there.
    ///
    /// # Errors
    /// `Kind::Usage`: what is left would be no settings. `Kind::LocalState`: the file cannot be written.
    pub async fn forget(&self, world: &World, name: &SessionName) -> Result<bool> {
        let Some(_lock) = wait_for(world, "config", "changing the settings", LOCK_WAIT).await? else {
            return Err(busy(world, "config", "the settings"));
        };
        let Some(text) = Self::text(world, &self.path)? else { return Ok(false) };
        let Some(left) = without_session(&text, name.as_str()).map_err(|error| unusable(&self.path, error))? else {
            return Ok(false);
        };
        Self::checked(world, &self.path, &left)?;
        world.files.replace(&self.path, left.as_bytes())?;
        Ok(true)
    }

    /// The files that name a session beside `config.toml`, in words: they are not eksso's to change.
    ///
    /// # Errors
    /// `Kind::LocalState`: `~/.aws/config` cannot be read.
    pub fn named_elsewhere(&self, world: &World, name: &SessionName) -> Result<Vec<String>> {
        let managed = self.managed.as_ref().and_then(|table| table.get("sessions")?.get(name.as_str()));
        let place = Self::managed_place(world);
        let managed = managed.map(|_| format!("the organisation's settings, {}", place.display()));
        let (path, text) = aws_config_text(world)?;
        let block = aws_config::sessions(&text).into_iter().find(|session| session.name == *name);
        let block = block.map(|_| format!("[sso-session {name}] in {}", path.display()));
        Ok(managed.into_iter().chain(block).collect())
    }
}

/// Which sessions there are, in words.
fn there_are(names: &[&str]) -> String {
    match names {
        [only] => format!("the only session is `{only}`"),
        several => format!("the sessions are `{}`", several.join("`, `")),
    }
}

/// What sessions are called.
fn names(sessions: &[Session]) -> Vec<&str> {
    sessions.iter().map(|session| session.name.as_str()).collect()
}

/// What is wrong with a settings file.
fn unusable(path: &Path, cause: impl std::fmt::Display) -> Error {
    Error::usage(format!("{} cannot be used", path.display()))
        .cause(cause)
        .hint("correct that line; the README lists all settings")
}

/// What is wrong with the organisation's file.
fn unusable_managed(world: &World, cause: impl std::fmt::Display) -> Error {
    let path = Settings::managed_place(world);
    Error::usage(format!("the organisation's settings, {}, cannot be used", path.display()))
        .cause(cause)
        .hint("eksso setup --remove  # or install them anew")
}
