//! Other programs: run in the foreground, or several at once with their lines told apart.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::adapters::dumps;
use crate::adapters::interrupt::Aside;
use crate::error::{Error, Kind, Result};
use crate::ports::{Launch, Processes, Stream};

/// A line longer than this arrives in pieces.
const MAX_LINE: u64 = 1 << 20;

/// The processes of this machine.
#[derive(Debug)]
pub struct SystemProcesses;

enum Event {
    Line(usize, Stream, Vec<u8>),
    End(usize, Result<u8>),
}

impl Processes for SystemProcesses {
    fn run(&self, launch: &Launch) -> Result<u8> {
        // Before it starts, so that no Ctrl-C finds this program gone and that one running.
        let _aside = Aside::step();
        let mut child = start(command(launch)?).map_err(|error| not_started(launch, &error))?;
        let _forward = Forward::to(&child);
        let status =
            child.wait().map_err(|error| Error::new(Kind::Failed, "cannot wait for the program").cause(error))?;
        Ok(code(status))
    }

    fn run_all(
        &self,
        launches: &[Launch],
        at_once: usize,
        line: &mut dyn FnMut(usize, Stream, &[u8]),
    ) -> Vec<Result<u8>> {
        let next = AtomicUsize::new(0);
        let (sender, events) = channel();
        let mut results: Vec<Result<u8>> = launches.iter().map(|_| Ok(0)).collect();
        thread::scope(|scope| {
            for _ in 0..at_once.clamp(1, launches.len().max(1)) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some((place, launch)) = take(next, launches) {
                        let result = one(place, launch, &sender);
                        _ = sender.send(Event::End(place, result));
                    }
                });
            }
            drop(sender);
            for event in events {
                match event {
                    Event::Line(place, stream, text) => line(place, stream, &text),
                    Event::End(place, result) => results[place] = result,
                }
            }
        });
        results
    }

    fn own(&self) -> u32 {
        std::process::id()
    }

    #[cfg(unix)]
    fn leader(&self) -> u32 {
        let parent = || rustix::process::getppid().and_then(|pid| pid.as_raw_nonzero().get().try_into().ok());
        session().or_else(parent).unwrap_or_else(std::process::id)
    }

    #[cfg(not(unix))]
    fn leader(&self) -> u32 {
        std::process::id()
    }

    #[cfg(unix)]
    fn alive(&self, process: u32) -> bool {
        let pid = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
        // Somebody else's process lives too.
        pid.is_some_and(|pid| !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
    }

    #[cfg(not(unix))]
    fn alive(&self, _: u32) -> bool {
        true
    }
}

/// The session's leader, none where it lives outside the container: getsid(2) says 0 there, which the safe wrapper of
/// it takes for impossible. So it is asked of proc(5).
#[cfg(target_os = "linux")]
fn session() -> Option<u32> {
    session_in(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

#[cfg(target_os = "linux")]
fn session_in(stat: &str) -> Option<u32> {
    // The name in parentheses may hold anything; the state, the parent, the group and the session follow it.
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(3)?.parse().ok().filter(|pid| *pid != 0)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn session() -> Option<u32> {
    rustix::process::getsid(None).ok().and_then(|pid| pid.as_raw_nonzero().get().try_into().ok())
}

fn take<'l>(next: &AtomicUsize, launches: &'l [Launch]) -> Option<(usize, &'l Launch)> {
    let place = next.fetch_add(1, Ordering::SeqCst);
    launches.get(place).map(|launch| (place, launch))
}

fn one(place: usize, launch: &Launch, events: &Sender<Event>) -> Result<u8> {
    let mut command = command(launch)?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = start(command).map_err(|error| not_started(launch, &error))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(|| lines(out, place, Stream::Out, &events.clone()));
        scope.spawn(|| lines(err, place, Stream::Err, &events.clone()));
    });
    child.wait().map(code).map_err(|error| Error::new(Kind::Failed, "cannot wait for the program").cause(error))
}

fn lines(from: Option<impl Read>, place: usize, stream: Stream, events: &Sender<Event>) {
    let Some(from) = from else { return };
    let mut reader = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(1..) => _ = events.send(Event::Line(place, stream, line)),
            _ => return,
        }
    }
}

fn command(launch: &Launch) -> Result<Command> {
    let (program, args) = launch.command.split_first().ok_or_else(|| Error::usage("there is no command to run"))?;
    let mut command = Command::new(program);
    command.args(args).envs(launch.env.iter().map(|(name, value)| (name, value)));
    if !launch.passphrase {
        command.env_remove("EKSSO_PASSPHRASE");
    }
    Ok(command)
}

/// Starts a program with the user's own limit of core dumps.
fn start(mut command: Command) -> std::io::Result<Child> {
    dumps::with_user_limits(|| command.spawn())
}

fn not_started(launch: &Launch, error: &std::io::Error) -> Error {
    let program = launch.command.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    match error.kind() {
        ErrorKind::NotFound => {
            Error::new(Kind::NotFound, format!("there is no program `{program}`")).hint("check its spelling, and PATH")
        }
        _ => Error::new(Kind::Failed, format!("`{program}` cannot be started")).cause(error),
    }
}

fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().map_or(1, |code| u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

/// Hands a request to end on to the child, which the terminal does not do for TERM. A terminal that closes sends HUP to both;
/// a second one does no harm.
#[cfg(unix)]
struct Forward(signal_hook::iterator::Handle);

#[cfg(unix)]
impl Forward {
    fn to(child: &Child) -> Option<Self> {
        use rustix::process::Signal;
        use signal_hook::consts::{SIGHUP, SIGTERM};
        let pid = rustix::process::Pid::from_child(child);
        let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP]).ok()?;
        let handle = signals.handle();
        thread::spawn(move || {
            for signal in signals.forever() {
                let signal = if signal == SIGHUP { Signal::HUP } else { Signal::TERM };
                _ = rustix::process::kill_process(pid, signal);
            }
        });
        Some(Self(handle))
    }
}

#[cfg(unix)]
impl Drop for Forward {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(not(unix))]
struct Forward;

#[cfg(not(unix))]
impl Forward {
    fn to(_: &Child) -> Option<Self> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Launch, Processes, SystemProcesses, session_in};

    #[test]
    fn the_passphrase_goes_only_to_programs_that_are_to_have_it() {
        let seen = |passphrase| {
            let line = "echo ${EKSSO_PASSPHRASE-none}";
            let command = ["sh", "-c", line].map(Into::into).to_vec();
            let launch = Launch { command, env: vec![("EKSSO_PASSPHRASE", "open sesame".into())], passphrase };
            let mut said = Vec::new();
            SystemProcesses.run_all(&[launch], 1, &mut |_, _, line| said.extend_from_slice(line));
            String::from_utf8(said).expect("text")
        };
        assert_eq!([seen(false), seen(true)], ["none\n", "open sesame\n"]);
    }

    #[test]
    fn a_session_led_from_outside_the_container_has_no_leader() {
        assert_eq!(session_in("12 (eksso) S 11 12 7 34816 12 4194304 1"), Some(7));
        assert_eq!(session_in("12 (a) S 1 2 3 (b) S 11 12 0 0 -1 4194304 1"), None);
        assert_eq!(session_in(""), None);
    }
}
