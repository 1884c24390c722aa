//! A desk to test at: a scratch home, a simulator, a clock that jumps instead of waiting, a person who answers.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use clap::Parser;
use eksso::adapters::{
    DiskFiles, PolicyFile, SystemClock, SystemKeyrings, SystemProcesses, SystemSignals, SystemTrail,
};
use eksso::cli::{FactsArgs, Globals};
use eksso::clients::aws::{Aws, Configured};
use eksso::commands::{Call, block_on, facts};
use eksso::domain::access::facts::Facts;
use eksso::domain::browser::BrowserCommand;
use eksso::domain::discovery::picker::{Picker, Row};
use eksso::domain::secret::SecretString;
use eksso::domain::settings::policy::Policy;
use eksso::error::{Error, Kind, Result};
use eksso::ports::{
    Browser, Choice, Clock, Env, Folders, ProgressBar, Relay, Reply, ScopeGuard, Signals, Stream, Terminal, World,
};
use eksso_simulator::{Fault, Simulator, World as SimulatedWorld};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// What a call left behind.
#[derive(Debug)]
pub struct Outcome {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Outcome {
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn fails(self, code: u8, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// What the person at the terminal does.
#[derive(Default)]
pub struct Person {
    /// Whether there is one.
    pub present: bool,
    /// Their answers, in order.
    pub answers: Vec<String>,
    /// Words typed into the picker; then Enter. `None`: they leave.
    pub picks: Option<String>,
    /// Rows the picker offered.
    pub offered: Vec<String>,
    /// Whether programs that others start at their terminal may ask them: none of them has taken it.
    pub at_hand: bool,
    /// Whether stdout is their terminal, too.
    pub reads: bool,
    /// Whether stderr is their terminal, too.
    pub hears: bool,
    /// How wide it is; 80 columns where this is 0.
    pub columns: usize,
    /// How often something was written there.
    pub written: usize,
    /// What it showed below them of the first one.
    pub details: Vec<String>,
    /// Pages their browser was asked to open.
    pub pages: Vec<String>,
    /// The commands of their own that these were to be opened with.
    pub browsers: Vec<Vec<String>>,
    /// Whether their browser works.
    pub browser: bool,
    /// Why they have none, as far as this machine can tell.
    pub obstacle: Option<&'static str>,
    /// Their browser follows pages to where they lead.
    pub follows: bool,
    /// A file they write while the browser is open, or before they answer.
    pub writes: Option<(PathBuf, String)>,
    /// By how many seconds the machine's clock is set when a page to go to was shown.
    pub sets_clock: i64,
}

/// The small organisation behind each provider in turn: the same accounts, roles and clusters.
pub fn both() -> [SimulatedWorld; 2] {
    let mut okta = SimulatedWorld::okta();
    // The roles allow what is tried first; the session at Okta ends within the hour, as the portal's credentials do.
    okta.role_max = ["EKSAdmin", "EKSViewer", "Billing"].map(|role| (role.to_owned(), 43200)).to_vec();
    okta.okta.shape.session_ends = Some(3600);
    [SimulatedWorld::small(), okta]
}

/// A kernel keyring of this test's own, for it and the programs it starts: what the person who runs the tests keeps in theirs
/// is neither seen nor touched. It ends with the test's thread.
fn own_kernel_keyring() {
    thread_local!(static JOINED: () = join_session_keyring());
    JOINED.with(|()| eksso::adapters::use_session_keyring());
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "keyctl(2) has no safe wrapper for this")]
fn join_session_keyring() {
    const JOIN_SESSION_KEYRING: libc::c_int = 1;
    // SAFETY: a null name makes an anonymous keyring; nothing is read or written. Where the kernel's keyrings are forbidden,
    // none is used.
    _ = unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };
}

#[cfg(not(target_os = "linux"))]
fn join_session_keyring() {}

/// The command line of a reading of facts.
#[derive(clap::Parser)]
struct Reading {
    #[command(flatten)]
    globals: Globals,
    #[command(flatten)]
    args: FactsArgs,
    clusters: Vec<String>,
}

/// The desk.
pub struct Desk {
    pub simulator: Arc<Simulator>,
    pub home: tempfile::TempDir,
    pub env: HashMap<String, String>,
    pub person: Rc<RefCell<Person>>,
    /// An operation of the simulator: once it was asked for, Ctrl-C is pressed in a reading of facts.
    pub interrupted_at: Option<&'static str>,
    /// Whom the policy must belong to, in place of the user who runs the tests.
    pub owner: Option<u32>,
}

/// Where the policy of a desk lies.
pub const POLICY: &str = "etc/eksso/policy.toml";

impl Desk {
    pub fn new() -> Self {
        Self::with(SimulatedWorld::small())
    }

    pub fn with(world: SimulatedWorld) -> Self {
        let simulator = Arc::new(Simulator::start(world));
        let mut env: HashMap<String, String> = simulator.env().into_iter().collect();
        env.insert("EKSSO_KEYRING".into(), "plaintext".into());
        own_kernel_keyring();
        env.insert("EKSSO_TEST_SESSION_KEYRING".into(), "1".into());
        for service in ["STS", "ACCOUNT"] {
            env.insert(format!("AWS_ENDPOINT_URL_{service}"), simulator.url().to_owned());
        }
        Self {
            simulator,
            home: tempfile::tempdir().expect("a folder"),
            env,
            person: Rc::default(),
            interrupted_at: None,
            owner: None,
        }
    }

    /// A desk whose session `corp` is in config.toml, searching two regions.
    pub fn configured(world: SimulatedWorld) -> Self {
        let desk = Self::with(world);
        desk.write(".config/eksso/config.toml", &desk.config());
        desk
    }

    /// The same, signed in.
    pub fn signed_in() -> Self {
        Self::signed_in_to(SimulatedWorld::small())
    }

    /// The same with a world of choice.
    pub fn signed_in_to(world: SimulatedWorld) -> Self {
        let desk = Self::configured(world);
        desk.run(&["login"]).ok();
        desk
    }

    /// The file of the plain keyring that holds the session's tokens.
    pub fn item(&self) -> (PathBuf, String) {
        let found = self.files().into_iter().find(|(path, content)| {
            path.to_string_lossy().contains("/secrets/plaintext/") && content.starts_with(b"{\"version\":2")
        });
        let (path, content) = found.expect("an item");
        (path, String::from_utf8(content).expect("text"))
    }

    /// Lets the stored access token end, as far as eksso can tell.
    pub fn age_tokens(&self) {
        let (path, item) = self.item();
        let mut item: Value = serde_json::from_str(&item).expect("JSON");
        item["expires_at"] = "2020-01-01T00:00:00Z".into();
        std::fs::write(path, item.to_string()).expect("a file");
    }

    /// Ends the session at the provider: nothing can be renewed.
    pub fn end_session(&self) {
        let mut state = self.simulator.state();
        state.end_session();
        state.end_okta_session();
    }

    /// A desk that knows no endpoint but the real ones, and reaches them through the simulator's proxy.
    pub fn proxied(world: SimulatedWorld, region: &str) -> Self {
        let mut desk = Self::with(world);
        desk.env.retain(|name, _| !name.starts_with("AWS_ENDPOINT_URL"));
        let bundle = desk.write("ca.pem", desk.simulator.ca_pem());
        desk.set("AWS_CA_BUNDLE", &bundle.display().to_string());
        let proxy = desk.simulator.proxy().to_owned();
        desk.set("HTTPS_PROXY", &proxy);
        let config = format!(
            "regions = [\"{region}\"]\n[sessions.corp]\nstart_url = \"https://sim.awsapps.com/start\"\nregion = \"{region}\"\n"
        );
        desk.write(".config/eksso/config.toml", &config);
        desk
    }

    /// The hosts that were connected to through the proxy, without repetition.
    pub fn hosts(&self) -> Vec<String> {
        let state = self.simulator.state();
        let connects = state.requests.iter().filter(|request| request.operation == "CONNECT");
        let mut hosts: Vec<String> = connects.map(|request| request.target.clone()).collect();
        hosts.dedup();
        hosts
    }

    /// Whether its session is one of Okta.
    pub fn is_okta(&self) -> bool {
        self.simulator.state().world.dedicated
    }

    /// What an operation is called where this desk signs in.
    pub fn operation(&self, name: &'static str) -> &'static str {
        let (portal, okta) = match name {
            "start" => ("StartDeviceAuthorization", "OktaDeviceAuthorize"),
            "poll" => ("CreateToken", "OktaDeviceToken"),
            "renew" => ("CreateToken", "OktaRefresh"),
            "credentials" => ("GetRoleCredentials", "AssumeRoleWithSAML"),
            "roles" => ("ListAccounts", "OktaSso"),
            "sign out" => ("Logout", "OktaRevoke"),
            other => panic!("no such operation: {other}"),
        };
        if self.is_okta() { okta } else { portal }
    }

    /// How often it was asked for.
    pub fn count(&self, name: &'static str) -> usize {
        self.simulator.count(self.operation(name))
    }

    /// Lets it fail.
    pub fn fault(&self, name: &'static str, times: usize, fault: Fault) {
        self.simulator.fault(self.operation(name), times, fault);
    }

    pub fn config(&self) -> String {
        if self.is_okta() {
            return format!(
                "regions = [\"eu-west-1\", \"us-east-1\"]\n\n[sessions.corp]\nprovider = \"okta\"\norg_url = \"{}\"\nclient_id = \"0oaclient\"\n",
                self.simulator.url()
            );
        }
        format!(
            "regions = [\"eu-west-1\", \"us-east-1\"]\n\n[sessions.corp]\nstart_url = \"{}/start\"\nregion = \"eu-west-1\"\n",
            self.simulator.url()
        )
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub fn kubeconfig(&self) -> serde_yaml::Value {
        serde_yaml::from_str(&self.read(".kube/config")).expect("YAML")
    }

    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.env.insert(name.into(), value.into());
        self
    }

    pub fn person(&self) -> std::cell::RefMut<'_, Person> {
        self.person.borrow_mut()
    }

    /// Runs a command line, parted by the caller.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.run_as("eksso", args)
    }

    /// The same, called by another name.
    pub fn run_as(&self, name: &str, args: &[&str]) -> Outcome {
        let streams = Streams::default();
        let world = self.world(Arc::clone(&streams));
        let words = std::iter::once(name).chain(args.iter().copied()).map(Into::into);
        let code = eksso::run(words, &world);
        drop(world);
        let (out, err) = std::mem::take(&mut *streams.lock().expect("the streams"));
        Outcome { code, out, err }
    }

    /// The AWS clients, as this desk's environment has them.
    #[cfg_attr(not(unix), allow(dead_code, reason = "for the tests with real parts, which run on Unix"))]
    pub fn aws(&self) -> Aws {
        let clock = Arc::new(JumpingClock::of(&self.simulator));
        Aws::new(&FakeEnv(self.env.clone()), &DiskFiles, clock, &Configured::default()).expect("the clients")
    }

    /// Reads the facts of who may do what, as `access` and `audit` do; answers them, and the words that were said.
    pub fn facts(&self, args: &[&str]) -> (Result<Facts>, String) {
        let streams = Streams::default();
        let mut world = self.world(Arc::clone(&streams));
        if let Some(operation) = self.interrupted_at {
            world.signals = Box::new(Interrupt(Arc::clone(&self.simulator), operation));
        }
        let words = std::iter::once("eksso").chain(args.iter().copied());
        let Reading { globals, args, clusters } = Reading::parse_from(words);
        let call = Call::new(&world, globals);
        let facts = block_on(facts(&call, &args, &clusters));
        drop(call);
        drop(world);
        let words = std::mem::take(&mut streams.lock().expect("the streams").1);
        (facts, words)
    }

    fn world(&self, streams: Streams) -> World {
        let home = self.home.path();
        let folders = Folders {
            home: home.to_owned(),
            config: home.join(".config/eksso"),
            cache: home.join(".cache/eksso"),
            state: home.join(".local/state/eksso"),
            runtime: home.join("run/eksso"),
        };
        let policy = self.policy();
        let keyrings = SystemKeyrings {
            policy: policy.as_ref().map(Arc::clone).unwrap_or_default(),
            state: folders.state.clone(),
            cache: folders.cache.clone(),
            passphrase: self
                .env
                .get("EKSSO_PASSPHRASE")
                .map_or_else(OnceCell::new, |p| OnceCell::from(SecretString::from(p.as_str()))),
            patience: Duration::from_secs(2),
        };
        let clock = Arc::new(JumpingClock::of(&self.simulator));
        World {
            env: Box::new(FakeEnv(self.env.clone())),
            clock: Arc::clone(&clock) as _,
            files: Box::new(DiskFiles),
            keyrings: Box::new(keyrings),
            terminal: Box::new(FakeTerminal { streams, person: Rc::clone(&self.person), clock }),
            browser: Box::new(FakeBrowser(Rc::clone(&self.person))),
            signals: Box::new(SystemSignals),
            processes: Box::new(SystemProcesses),
            trail: Box::new(SystemTrail {
                folder: folders.state.join("trail"),
                journal: self.path("run/journal"),
                syslog: self.path("run/log"),
            }),
            folders,
            policy,
        }
    }

    /// The policy of this desk's machine: a file in its home, of the user who runs the tests in place of root.
    fn policy(&self) -> Result<Arc<Policy>> {
        #[cfg(unix)]
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(self.home.path()).expect("a home"));
        #[cfg(not(unix))]
        let owner = 0;
        PolicyFile { path: self.path(POLICY), owner: self.owner.unwrap_or(owner), top: self.home.path().to_owned() }
            .read()
    }

    /// Every file below the scratch home, with its content.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => walk(&path, found),
                    false => found.push((path.clone(), std::fs::read(&path).unwrap_or_default())),
                }
            }
        }
        let mut found = Vec::new();
        walk(self.home.path(), &mut found);
        found.sort();
        found
    }
}

/// Ctrl-C, as soon as an operation was asked for.
struct Interrupt(Arc<Simulator>, &'static str);

struct Held;

impl ScopeGuard for Held {}

impl Signals for Interrupt {
    fn hold(&self) -> Box<dyn ScopeGuard> {
        Box::new(Held)
    }

    fn hold_all(&self) -> Box<dyn ScopeGuard> {
        Box::new(Held)
    }

    fn aside(&self) -> Box<dyn ScopeGuard> {
        Box::new(Held)
    }

    fn arrived(&self) -> bool {
        self.0.count(self.1) > 0
    }
}

struct FakeEnv(HashMap<String, String>);

impl Env for FakeEnv {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn program(&self) -> Result<PathBuf> {
        Ok(self.0.get("EKSSO_TEST_PROGRAM").map_or("/opt/eksso/bin/eksso", String::as_str).into())
    }
}

/// The simulator's time; sleeping moves it, and the clock that nobody sets.
#[derive(Debug)]
struct JumpingClock {
    simulator: Arc<Simulator>,
    /// Seconds.
    slept: AtomicU64,
    /// By how many seconds it was set away from the simulator's time.
    set: AtomicI64,
}

impl JumpingClock {
    fn of(simulator: &Arc<Simulator>) -> Self {
        Self { simulator: Arc::clone(simulator), slept: AtomicU64::default(), set: AtomicI64::default() }
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.simulator.state().offset + self.set.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic() + Duration::from_secs(self.slept.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // Waits for the portal are jumped over; waits for a lock are real, as its holder is.
        match duration.as_secs() {
            0 => SystemClock.sleep(duration),
            seconds => {
                self.simulator.advance(i64::try_from(seconds).expect("a short sleep"));
                self.slept.fetch_add(seconds, Ordering::Relaxed);
                Box::pin(std::future::ready(()))
            }
        }
    }
}

/// What was written to stdout and to stderr.
type Streams = Arc<Mutex<(String, String)>>;

struct FakeRelay(Streams);

impl Relay for FakeRelay {
    fn relay(&mut self, stream: Stream, text: &[u8]) -> Result<bool> {
        let mut streams = self.0.lock().expect("the streams");
        let text = String::from_utf8_lossy(text);
        match stream {
            Stream::Out => streams.0.push_str(&text),
            Stream::Err => streams.1.push_str(&text),
        }
        Ok(true)
    }
}

struct FakeTerminal {
    streams: Streams,
    person: Rc<RefCell<Person>>,
    clock: Arc<JumpingClock>,
}

impl Terminal for FakeTerminal {
    fn is_interactive(&self) -> bool {
        self.person.borrow().present
    }

    fn stdout_is_terminal(&self) -> bool {
        self.person.borrow().reads
    }

    fn stderr_is_terminal(&self) -> bool {
        self.person.borrow().hears
    }

    fn width(&self) -> usize {
        match self.person.borrow().columns {
            0 => 80,
            columns => columns,
        }
    }

    fn write_data(&self, data: &[u8]) -> Result<bool> {
        self.person.borrow_mut().written += 1;
        self.streams.lock().expect("the streams").0.push_str(std::str::from_utf8(data).expect("text"));
        Ok(true)
    }

    fn write_words(&self, words: &str) {
        if words.contains("user_code=") {
            self.clock.set.fetch_add(self.person.borrow().sets_clock, Ordering::Relaxed);
        }
        self.streams.lock().expect("the streams").1.push_str(words);
    }

    fn relay(&self) -> Box<dyn Relay> {
        Box::new(FakeRelay(Arc::clone(&self.streams)))
    }

    fn ask(&self, question: &str) -> Result<String> {
        self.words(question);
        let mut person = self.person.borrow_mut();
        if let Some((path, text)) = &person.writes {
            std::fs::write(path, text).expect("a file");
        }
        assert!(person.present, "asked although nobody is there: {question}");
        if person.answers.is_empty() {
            return Err(Error::new(Kind::Interrupted, "interrupted"));
        }
        Ok(person.answers.remove(0))
    }

    fn is_at_hand(&self) -> bool {
        let person = self.person.borrow();
        person.present && person.at_hand
    }

    /// A person without an answer lets the time pass. `^D` and `^Z` are the keys, not words: they leave the question, and
    /// another program takes the terminal.
    fn ask_within(&self, question: &str, _: Duration) -> Result<Reply> {
        assert!(self.is_at_hand(), "asked although nobody is at hand: {question}");
        self.words(&format!("{question} "));
        let mut person = self.person.borrow_mut();
        if let Some((path, text)) = &person.writes {
            std::fs::write(path, text).expect("a file");
        }
        let answer = if person.answers.is_empty() { None } else { Some(person.answers.remove(0)) };
        Ok(match answer.as_deref() {
            None => Reply::Silence,
            Some("^D") => Reply::Left,
            Some("^Z") => Reply::Taken,
            Some(answer) => Reply::Line(answer.to_owned()),
        })
    }

    /// The person waits until all is there.
    fn pick(&self, _: &str, picker: Arc<Mutex<Picker>>) -> Choice<'_> {
        let person = Rc::clone(&self.person);
        assert!(person.borrow().present, "a picker was opened although nobody is there");
        Box::pin(poll_fn(move |context| {
            let mut picker = picker.lock().expect("a picker");
            if !picker.is_complete() {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            picker.refresh();
            let mut person = person.borrow_mut();
            let cells = |row: &Row| row.cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>();
            person.offered = picker.matches().filter_map(|(_, row)| Some(cells(row?).join("  "))).collect();
            person.details = picker.current().map(|row| row.details.clone()).unwrap_or_default();
            let typed = person.picks.clone();
            Poll::Ready(Ok(typed.map(|typed| {
                typed.chars().for_each(|c| picker.type_char(c));
                picker.accept()
            })))
        }))
    }

    fn progress(&self, _: Option<ProgressBar<'_>>) {}
}

struct FakeBrowser(Rc<RefCell<Person>>);

impl Browser for FakeBrowser {
    fn obstacle(&self) -> Option<&'static str> {
        self.0.borrow().obstacle
    }

    fn open(&self, url: &str, own: Option<&BrowserCommand>) -> Result<(), String> {
        let mut person = self.0.borrow_mut();
        assert!(person.present, "a browser was opened although nobody is there");
        person.pages.push(url.to_owned());
        person.browsers.push(own.map(|own| own.open(url)).unwrap_or_default());
        if let Some((path, text)) = &person.writes {
            std::fs::write(path, text).expect("a file");
        }
        if person.follows {
            let page = url.to_owned();
            std::thread::spawn(move || _ = ureq::get(&page).call());
        }
        if person.browser { Ok(()) } else { Err("`xdg-open` is not there".to_owned()) }
    }
}
