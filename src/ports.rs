//! The outside world as traits, so that every command runs in a test with its own; only `main` names the real ones.

use std::ffi::OsString;
use std::fmt::{Display, Formatter};
use std::future::Future;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::browser::BrowserCommand;
use crate::domain::discovery::picker::Picker;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{SecretString, scrub};
use crate::domain::session::Session;
use crate::domain::settings::keyring::Backend;
use crate::domain::settings::policy::Policy;
use crate::domain::settings::sink::Sink;
use crate::domain::sign_in::sealing_key::SealingKey;
use crate::error::{Error, Kind, Result};

/// Everything outside that a command may touch.
pub struct World {
    /// Environment variables.
    pub env: Box<dyn Env>,
    /// The time of day, the monotonic clock, and sleep.
    pub clock: Arc<dyn Clock>,
    /// Files, replaced whole, and locks.
    pub files: Box<dyn Files>,
    /// Keyrings.
    pub keyrings: Box<dyn Keyrings>,
    /// stdout, stderr, and the person at the terminal.
    pub terminal: Box<dyn Terminal>,
    /// The web browser.
    pub browser: Box<dyn Browser>,
    /// Ctrl-C and its like.
    pub signals: Box<dyn Signals>,
    /// Other programs.
    pub processes: Box<dyn Processes>,
    /// The audit trail.
    pub trail: Box<dyn Trail>,
    /// Where our own files live.
    pub folders: Folders,
    /// What administrators decided for this machine; the error of a policy that cannot be used, with which nothing may be done.
    pub policy: Result<Arc<Policy>>,
}

impl World {
    /// What administrators decided for this machine.
    ///
    /// # Errors
    /// There is a policy that cannot be used.
    pub fn policy(&self) -> Result<&Policy> {
        self.policy.as_deref().map_err(Clone::clone)
    }
}

/// Where things live: XDG folders on Linux, what the `dirs` crate says elsewhere.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The user's home.
    pub home: PathBuf,
    /// `<config dir>/eksso`
    pub config: PathBuf,
    /// `<cache dir>/eksso`
    pub cache: PathBuf,
    /// `<state dir>/eksso`
    pub state: PathBuf,
    /// `<runtime dir>/eksso`: gone when the user logs out, where the platform has such a place.
    pub runtime: PathBuf,
}

/// The environment of the process.
pub trait Env {
    /// A variable that is set, not empty and valid Unicode.
    fn var(&self, name: &str) -> Option<String>;
    /// The absolute path of this program, for kubeconfigs of programs that have no PATH.
    fn program(&self) -> Result<PathBuf>;
}

/// Time, and waiting for it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present.
    fn now(&self) -> Timestamp;
    /// Time that passed since some moment, by a clock that nobody sets: two readings measure a wait.
    fn monotonic(&self) -> Duration;
    /// Lets time pass.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Holds something, a lock mostly, until dropped.
pub trait ScopeGuard {}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub process: u32,
    /// The machine whose process that is, where it is not one of ours.
    pub machine: Option<String>,
    /// What it does, in words that follow "it has been".
    pub doing: String,
    /// Since when.
    pub since: Timestamp,
    /// Whether it is stopped (SIGSTOP, Ctrl-Z, a debugger): then waiting leads to nothing. `false` where that cannot be told.
    pub stopped: bool,
}

/// Signals that end the program.
pub trait Signals {
    /// While the guard lives, the first of them waits; a second one ends the program all the same. For work that waits for
    /// others, and wants to say or to clean up something at its end.
    fn hold(&self) -> Box<dyn ScopeGuard>;
    /// While the guard lives, all of them wait, however many come. For what would be lost for good: a refresh token is
    /// spent, its successor not stored yet. Nothing in there may wait for a person.
    fn hold_all(&self) -> Box<dyn ScopeGuard>;
    /// While the guard lives, they are for somebody else, and nothing happens here: the result of a program that has ended
    /// must not be lost to a Ctrl-C that comes after it.
    fn aside(&self) -> Box<dyn ScopeGuard>;
    /// Whether one has arrived and waits.
    fn arrived(&self) -> bool;
}

/// Files: read with a limit, replaced atomically, locked against other processes.
pub trait Files {
    /// The content, or `None` when there is no such file. More than `limit` bytes are refused.
    fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>>;
    /// The same of a kubeconfig without its lock: one that another program is writing in place, as kubectl does, is read
    /// again when that has ended. What is no file, such as `<(…)`, is read once, and later calls get the same.
    fn read_settled(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>>;
    /// Reads a file in small pieces until `is_it` says so of one, and answers whether that was; each piece begins with the last
    /// `overlap` bytes of the one before. Costs no memory of the file's size.
    fn any_piece(&self, path: &Path, overlap: usize, is_it: &dyn Fn(&[u8]) -> bool) -> Result<bool>;
    /// Waits until a file that was changed just now changes no more, some seconds at most. Whether it was changed lately, so that
    /// who has read it may have seen a part of it: some programs write in place, piece by piece, without a lock.
    fn rest(&self, path: &Path) -> bool;
    /// Whether a file was changed so lately that its writer may not be at the end.
    fn is_restless(&self, path: &Path) -> bool;
    /// An error where something stands that can be read and not be changed: a pipe, a device. Reads nothing of it.
    fn changeable(&self, path: &Path) -> Result<()>;
    /// Replaces one of our own files: 0600 in folders of 0700, created so.
    fn write_private(&self, path: &Path, content: &[u8]) -> Result<()>;
    /// The same for a file that nobody misses after a power cut.
    fn write_fleeting(&self, path: &Path, content: &[u8]) -> Result<()>;
    /// What tells the present content of a file from any other it has had or will have; `None` where that cannot be told,
    /// as for a file written just now.
    fn stamp(&self, path: &Path) -> Option<String>;
    /// How a user's file looks now, behind its symlinks; `None` where there is none.
    fn seen(&self, path: &Path) -> Option<Seen>;
    /// Replaces a user's file behind its symlinks, keeping mode, owner, ACL and attributes; a new one gets 0600.
    fn replace(&self, path: &Path, content: &[u8]) -> Result<()>;
    /// The same; `false`, with nothing done, where a file cannot be replaced by another: on a mount point, in a folder that
    /// takes no new file, with another owner or other names. `backup` may be one of its names. Refused where it does not look
    /// as it was `seen` any more, which is looked at last.
    fn try_replace(&self, path: &Path, content: &[u8], seen: Option<&Seen>, backup: Option<&Path>) -> Result<bool>;
    /// Writes a user's file in place, if its present content has this digest: with the space for it reserved first, and on
    /// the disk when this returns. A crash may leave a mixture; the caller keeps both texts until then.
    fn overwrite(&self, path: &Path, content: &[u8], before: &str) -> Result<()>;
    /// Makes a file of ours, which may be a second name of a user's, one of its own, on the disk when this returns.
    fn part_from(&self, own: &Path) -> Result<()>;
    /// Whether somebody else may write a file, as far as its mode, ACL and owner tell.
    fn is_shared(&self, path: &Path) -> bool;
    /// Why somebody else may put other content in the place of one of our own files or folders; `None` where nobody may, and
    /// where there is nothing.
    fn exposure(&self, path: &Path) -> Option<Exposure>;
    /// Whether files of our own can be made in a folder, or in one that is yet to be made.
    fn is_writable(&self, folder: &Path) -> bool;
    /// Keeps the content of a user's file at a private path of ours, in a folder made 0700. Answers the SHA-256 digest of
    /// what is kept, in hexadecimal; `None` where there is no file.
    fn keep(&self, path: &Path, at: &Path) -> Result<Option<String>>;
    /// Removes a folder of ours with all that is in it.
    fn remove_folder(&self, folder: &Path) -> Result<()>;
    /// Removes a user's file, behind its symlinks; one that is not there is no error. Answers whether it was there.
    fn remove(&self, path: &Path) -> Result<bool>;
    /// What lies in a folder, for what is written below one that somebody names.
    fn within(&self, root: &Path) -> Box<dyn Folder>;
    /// The same of a file of our own: a symlink in its place goes, and not what it leads to, which we never made.
    fn remove_own(&self, path: &Path) -> Result<bool>;
    /// The files of a folder; a missing folder is an empty one.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>>;
    /// Makes sure that a file could be replaced, without changing it: its folder is there or can be made, is writable, and
    /// takes a few KiB.
    fn probe(&self, path: &Path) -> Result<()>;
    /// Takes the lock of our own at `path` if it is free; a lock ends with its process. `doing` tells others what it is held
    /// for.
    fn try_lock(&self, path: &Path, doing: &str) -> Result<Option<Box<dyn ScopeGuard>>>;
    /// Who holds a lock that is not free, as far as it says so.
    fn holder(&self, path: &Path) -> Option<Holder>;
    /// The same as `try_lock`, waiting for it; for what takes milliseconds.
    fn lock(&self, path: &Path, wait: Duration) -> Result<Box<dyn ScopeGuard>>;
    /// Takes client-go's lock (`<file>.lock`) on kubeconfig files, sorted, waiting at most `wait` for each. Those in folders
    /// that take no lock file come with the reason: they must not be written.
    fn lock_kubeconfigs(&self, paths: &[PathBuf], wait: Duration) -> Result<KubeconfigLocks>;
}

/// How a file looks: what tells it from the same one that was written or replaced since, as far as the clock of its file system
/// goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen(pub String);

/// Why somebody else may put other content in the place of a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// It is a symlink.
    Link,
    /// It belongs to another user than this one, and not to root.
    Owner {
        /// The id of that user.
        user: u32,
        /// This one.
        own: u32,
    },
    /// Its mode lets others write.
    Mode(u32),
}

/// Files below a folder, by paths with slashes. Links below it are refused, also when something changes meanwhile: nothing outside is read,
/// written or removed.
pub trait Folder {
    /// The content, or `None` when there is no such file. More than `limit` bytes are refused.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>>;
    /// Replaces a file, and makes the folders above it; mode, owner and attributes of an old one are kept.
    fn write(&self, path: &str, content: &[u8]) -> Result<()>;
    /// Removes a file; one that is not there is no error.
    fn remove(&self, path: &str) -> Result<()>;
}

/// The locks of kubeconfig files.
pub struct KubeconfigLocks {
    /// Those that are held.
    pub held: Box<dyn ScopeGuard>,
    /// The files that could not be locked, and why.
    pub unlocked: Vec<(PathBuf, Error)>,
}

/// A program to run: its words, and variables to set in its environment.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program and its arguments. Never a shell's line.
    pub command: Vec<OsString>,
    /// Variables beside those of this process.
    pub env: Vec<(&'static str, OsString)>,
    /// Variables of this process that it does not get.
    pub without: &'static [&'static str],
    /// Whether it gets EKSSO_PASSPHRASE: where somebody works in a context, kubectl's eksso needs it. Editors, pagers and
    /// probes do not.
    pub passphrase: bool,
}

/// One of the two streams a program writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// stdout
    Out,
    /// stderr
    Err,
}

/// A process. Its number alone does not tell it from those that have the number after it, or after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessId {
    /// Its number while it lives.
    pub number: u32,
    /// When it started, in the system's own measure; `None` where that cannot be told.
    pub start: Option<u64>,
}

/// As in the name of a file that is this process's: `NUMBER.START`, or `NUMBER`.
impl Display for ProcessId {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.start {
            Some(start) => write!(f, "{}.{start}", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

impl FromStr for ProcessId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (number, start) = text.split_once('.').map_or((text, None), |(number, start)| (number, Some(start)));
        Ok(Self { number: number.parse()?, start: start.map(str::parse).transpose()? })
    }
}

/// Running other programs. What they need meanwhile may be served from another thread than the one that waits for them.
pub trait Processes: Sync {
    /// Runs a program with our own streams, leaves the terminal's signals to it, hands those of other processes on, and
    /// answers its exit code; for one that a signal ended 128 and the signal's number, as shells do.
    fn run(&self, launch: &Launch) -> Result<u8>;
    /// Runs programs, at most so many at once, without stdin. Lines arrive with the place of their program, until the
    /// answer to one is that nobody reads them any more. After that, and after a signal, which is handed on, nothing new
    /// starts, nor, with `fail_fast`, once one has failed: `None` stands for what did not. An error is one that could not be
    /// started.
    fn run_all(
        &self,
        launches: &[Launch],
        at_once: usize,
        fail_fast: bool,
        line: &mut dyn FnMut(usize, Stream, &[u8]) -> bool,
    ) -> Vec<Option<Result<u8>>>;
    /// What a program writes to stdout, at most 64 KiB of it, and its exit code. It gets no stdin, and is ended where it takes
    /// longer than `patience`.
    fn answer(&self, launch: &Launch, patience: Duration) -> Result<(u8, String)>;
    /// The file behind a path and its links, if that is a program that can be run.
    fn program_at(&self, path: &Path) -> Option<PathBuf>;
    /// This process.
    fn own(&self) -> ProcessId;
    /// The process that started this one, and its program's path where the system tells.
    fn parent(&self) -> (u32, Option<String>);
    /// The same process, told from those that have its number later.
    fn caller(&self) -> ProcessId;
    /// The process whose end is the end of this terminal session, as far as that can be told.
    fn leader(&self) -> ProcessId;
    /// Whether a process lives. Where that cannot be told, it does.
    fn alive(&self, process: ProcessId) -> bool;
}

/// Where lines of the audit trail go.
pub trait Trail {
    /// Appends a line, with its end, to what is kept of a day (`2026-11-26`): in one piece, however many do so at the same time.
    fn append(&self, sink: Sink, day: &str, line: &str) -> Result<()>;
    /// Whether lines of a day would be taken, as far as that can be told without writing one.
    fn reach(&self, sink: Sink, day: &str) -> Result<()>;
    /// What the file of a day holds; nothing where there is none. More than `limit` bytes are refused.
    fn read(&self, day: &str, limit: u64) -> Result<Vec<u8>>;
    /// How many bytes it holds.
    fn size(&self, day: &str) -> Result<u64>;
}

/// Which keyring a call uses, and whether it may ask a person for its passphrase.
#[derive(Debug, Clone, Copy)]
pub struct Keyring {
    /// The place.
    pub backend: Backend,
    /// Whether somebody may be asked.
    pub ask: bool,
    /// How long the kernel keeps a copy of a sign-in's key, so that a warm call asks no keyring; `None`: not at all.
    pub kernel_copy: Option<Duration>,
    /// Whether it is opened to revoke and delete what lies in it. Then it may be one that the policy of the machine forbids: a
    /// sign-in that was stored before there was such a policy must still come to an end.
    pub ends: bool,
}

/// The keyrings of this machine.
pub trait Keyrings {
    /// Opens one. `Auto` looks for the best that works here and may fail, naming the choices.
    fn open(&self, keyring: Keyring) -> Result<Box<dyn SecretStore + '_>>;
    /// The keyrings that `Auto` stands for here, the best first.
    fn automatic(&self) -> Vec<Backend>;
    /// What is sealed of a session with the key of its sign-in; opens the keyring only when it must.
    fn sealed(&self, keyring: Keyring, session: &Session) -> Box<dyn CredentialCache + '_>;
}

/// One keyring: named items of the service `eksso`. Every call is bounded in time.
pub trait SecretStore {
    /// Which backend this is.
    fn backend(&self) -> Backend;
    /// An item; `None` when there is none.
    fn get(&self, item: &str) -> Result<Option<SecretString>>;
    /// Makes sure that storing works, by storing, reading and removing an item: before a person approves something, and
    /// before a refresh token is spent, whose successor must be stored.
    fn probe(&self) -> Result<()> {
        // By process, so that two that try at once do not take each other's away.
        let item = format!("probe/{}", std::process::id());
        let secret = SecretString::from("eksso tries whether it can store here");
        self.set(&item, &secret)?;
        let read = self.get(&item)?;
        self.delete(&item)?;
        if read == Some(secret) {
            return Ok(());
        }
        let fact = format!("the `{}` keyring does not give back what is stored in it", self.backend().name());
        Err(Error::new(Kind::LocalState, fact)
            .hint("choose another: EKSSO_KEYRING=keyutils or EKSSO_KEYRING=passphrase"))
    }
    /// Stores an item over whatever was there.
    fn set(&self, item: &str, secret: &SecretString) -> Result<()>;
    /// Removes an item. Answers whether it was there.
    fn delete(&self, item: &str) -> Result<bool>;
    /// Whether there is an item, without opening it where that takes a passphrase.
    fn has(&self, item: &str) -> Result<bool> {
        self.get(item).map(|found| found.is_some())
    }
}

/// What is kept of a session's sign-in, sealed at rest with that sign-in's key, by name: role credentials, and what they are
/// got with. What cannot be read, or belongs to another sign-in, is a miss, never an error.
pub trait CredentialCache {
    /// What is under a name.
    fn read(&self, name: &str) -> Option<SecretString>;
    /// Keeps something under a name.
    fn write(&self, name: &str, secret: &SecretString, key: &SealingKey) -> Result<()>;
    /// Forgets one name.
    fn remove(&self, name: &str) -> Result<()>;
    /// Forgets all of the session, but what is sealed with one key; answers how many role credentials there were.
    fn forget(&self, but: Option<&SealingKey>) -> Result<usize>;
    /// Keeps a copy of the current sign-in's key where later calls open what it sealed without asking the keyring.
    fn keep_key(&self, keyring: Backend, key: &SealingKey);
    /// Forgets the copies of a key that stand outside of the keyring.
    fn forget_key(&self, keyring: Backend, id: &str);
    /// The ends of the role credentials.
    fn ends(&self) -> Vec<Timestamp>;

    /// The credentials under a name.
    fn get(&self, name: &str) -> Option<RoleCredentials> {
        RoleCredentials::from_json(self.read(name)?.expose().as_bytes())
    }

    /// Keeps credentials under a name.
    fn put(&self, name: &str, credentials: &RoleCredentials, key: &SealingKey) -> Result<()> {
        self.write(name, &credentials.to_json(), key)
    }
}

/// A choice that a person is making: the numbers of rows, or `None` when they leave. Dropping it takes the question back.
pub type Choice<'t> = Pin<Box<dyn Future<Output = Result<Option<Vec<usize>>>> + 't>>;

/// How far something is.
#[derive(Debug, Clone, Copy)]
pub struct ProgressBar<'p> {
    /// What is done.
    pub done: usize,
    /// What is to be done in all, as far as that is known.
    pub total: usize,
    /// Of what, and what else is to be said.
    pub words: &'p str,
}

/// What became of a question at a terminal that another program may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A whole line, without its end.
    Line(String),
    /// Nobody typed one in time.
    Silence,
    /// It was left with Ctrl-D, which ends no line, or the terminal was closed.
    Left,
    /// The terminal is not at hand, or no longer: another program has it.
    Taken,
}

/// Where the program and a person meet. stdout carries data only; words for people go elsewhere.
pub trait Terminal {
    /// Whether a person is there to answer: stdin and stderr are a terminal, and nobody said `--no-input`.
    fn is_interactive(&self) -> bool;
    /// Whether data goes to a terminal.
    fn stdout_is_terminal(&self) -> bool;
    /// Whether words go to a terminal.
    fn stderr_is_terminal(&self) -> bool;
    /// Columns of the terminal.
    fn width(&self) -> usize;
    /// Writes to stdout; a reader that went away is no error: answers whether somebody still reads. For [`Self::data`],
    /// [`Self::secret`].
    fn write_data(&self, data: &[u8]) -> Result<bool>;
    /// Writes to stderr. For [`Self::words`].
    fn write_words(&self, words: &str);
    /// Writes data to stdout, without the secrets of this process: what a service says may quote them.
    fn data(&self, data: &str) -> Result<()> {
        self.write_data(scrub(data).as_bytes()).map(|_| ())
    }
    /// Writes words to stderr, without the secrets of this process.
    fn words(&self, words: &str) {
        self.write_words(&scrub(words));
    }
    /// Hands a secret over on stdout, to the program that asked for it.
    fn secret(&self, secret: &SecretString) -> Result<()> {
        self.write_data(secret.expose().as_bytes()).map(|_| ())
    }
    /// What hands on what other programs write, while no progress is shown.
    fn relay(&self) -> Box<dyn Relay>;
    /// Asks for a line of text.
    fn ask(&self, question: &str) -> Result<String>;
    /// Whether the person at the terminal can be asked by a program that another one started there: stdin and stderr are that
    /// terminal, this process is in its foreground process group, and it edits lines and shows what is typed. A terminal in
    /// another mode belongs to a program that draws its own screen, such as k9s, watch or less. Never where that cannot be told.
    fn is_at_hand(&self) -> bool;
    /// Asks for a whole line there, of what is typed from now on.
    fn ask_within(&self, question: &str, patience: Duration) -> Result<Reply>;
    /// Lets a person choose, also while rows still come.
    fn pick(&self, title: &str, picker: Arc<Mutex<Picker>>) -> Choice<'_>;
    /// Shows how far something is, on a terminal, until the next call; `None` ends it.
    fn progress(&self, progress: Option<ProgressBar<'_>>);
}

/// Hands on what other programs write. It has a thread of its own where other work must go on meanwhile: who reads stdout may
/// let it wait for ever.
pub trait Relay: Send {
    /// Writes text as it is; answers whether somebody still reads it.
    fn relay(&mut self, stream: Stream, text: &[u8]) -> Result<bool>;
}

/// The web browser of the person at the terminal.
pub trait Browser {
    /// Why no browser can come back to this machine, in words; `None` where one can.
    fn obstacle(&self) -> Option<&'static str>;
    /// Opens a page, with a command of the user's own in place of the machine's browser. The error says in words what was
    /// tried and what became of it.
    fn open(&self, url: &str, own: Option<&BrowserCommand>) -> Result<(), String>;
}
