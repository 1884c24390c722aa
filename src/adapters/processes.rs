//! Other programs: run in the foreground, or several at once with their lines told apart.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::adapters::dumps;
use crate::adapters::interrupt::{Aside, SystemSignals};
use crate::adapters::process_ids;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::ports::{Launch, ProcessId, Processes, Signals, Stream};

/// A line longer than this arrives in pieces.
const MAX_LINE: u64 = 1 << 20;
/// What is read of an answer.
const MAX_TEXT: u64 = 64 << 10;
/// How many lines wait for a slow reader; then the programs wait.
const WAITING: usize = 16;

/// The processes of this machine.
#[derive(Debug)]
pub struct SystemProcesses;

type Line = (usize, Stream, Vec<u8>);

/// The path of the program that a process runs: known of processes of the same user.
#[cfg(target_os = "linux")]
fn program_of(process: u32) -> Option<String> {
    let path = std::fs::read_link(format!("/proc/{process}/exe")).ok()?;
    Some(path.to_string_lossy().into_owned())
}

#[cfg(target_os = "macos")]
#[allow(unsafe_code, reason = "libproc has no safe interface in the standard library")]
fn program_of(process: u32) -> Option<String> {
    let mut path = [0_u8; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    let size = u32::try_from(path.len()).ok()?;
    // SAFETY: the buffer is as large as `size` says, and lives until the call returns.
    let length = unsafe { libc::proc_pidpath(process.try_into().ok()?, path.as_mut_ptr().cast(), size) };
    let path = path.get(..usize::try_from(length).ok().filter(|length| *length > 0)?)?;
    Some(String::from_utf8_lossy(path).into_owned())
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
fn program_of(_: u32) -> Option<String> {
    None
}

impl Processes for SystemProcesses {
    fn run(&self, launch: &Launch) -> Result<u8> {
        // Before it starts, so that no Ctrl-C finds this program gone and that one running.
        let _aside = Aside::step();
        let running = Running::default();
        let _forward = Forward::to(&running);
        let mut command = command(launch)?;
        match running.spawn(launch, &mut command)? {
            Some(child) => running.wait(child),
            None => Err(Error::interrupted()),
        }
    }

    fn run_all(
        &self,
        launches: &[Launch],
        at_once: usize,
        fail_fast: bool,
        line: &mut dyn FnMut(usize, Stream, &[u8]) -> bool,
    ) -> Vec<Option<Result<u8>>> {
        let (next, running) = (AtomicUsize::new(0), Running::default());
        let _forward = Forward::to(&running);
        let results: Mutex<Vec<Option<Result<u8>>>> = Mutex::new(launches.iter().map(|_| None).collect());
        let (sender, lines) = sync_channel(WAITING);
        thread::scope(|scope| {
            for _ in 0..at_once.clamp(1, launches.len().max(1)) {
                let (sender, next, running, results) = (sender.clone(), &next, &running, &results);
                scope.spawn(move || {
                    while let Some((place, launch)) = take(next, launches) {
                        let result = one(place, launch, running, &sender).transpose();
                        if fail_fast && !matches!(result, Some(Ok(0))) {
                            next.store(launches.len(), Ordering::Relaxed);
                        }
                        results.lock().unwrap_or_else(PoisonError::into_inner)[place] = result;
                    }
                });
            }
            drop(sender);
            for (place, stream, text) in lines {
                if !line(place, stream, &text) {
                    // With the receiver the pipes of the programs go, and those that go on writing.
                    running.stop();
                    break;
                }
            }
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, launch: &Launch, patience: Duration) -> Result<(u8, String)> {
        let (running, began) = (Running::default(), Instant::now());
        let mut command = command(launch)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Some(mut child) = running.spawn(launch, &mut command)? else { return Err(Error::interrupted()) };
        let (sender, text) = channel();
        // Not joined: a program of its own that it leaves behind may hold the pipe open for ever.
        if let Some(out) = child.stdout.take() {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                _ = out.take(MAX_TEXT).read_to_end(&mut bytes);
                _ = sender.send(bytes);
            });
        }
        let name = launch.command.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let late =
            || Error::new(Kind::Unavailable, format!("`{name}` does not answer within {} s", patience.as_secs()));
        let bytes = text.recv_timeout(patience);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if bytes.is_ok() && began.elapsed() < patience => thread::sleep(Duration::from_millis(5)),
                Ok(None) => {
                    _ = child.kill();
                    _ = child.wait();
                    return Err(late());
                }
                Err(error) => return Err(late().cause(error)),
            }
        };
        Ok((code(status), String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()))
    }

    fn program_at(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().ok()?;
        let meta = real.metadata().ok().filter(std::fs::Metadata::is_file)?;
        #[cfg(unix)]
        let runs = std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0;
        #[cfg(not(unix))]
        let runs = !meta.permissions().readonly() || meta.len() > 0;
        runs.then_some(real)
    }

    fn own(&self) -> ProcessId {
        process_ids::own()
    }

    fn leader(&self) -> ProcessId {
        process_ids::leader()
    }

    #[cfg(unix)]
    fn parent(&self) -> (u32, Option<String>) {
        let process = std::os::unix::process::parent_id();
        (process, program_of(process))
    }

    #[cfg(unix)]
    fn caller(&self) -> ProcessId {
        process_ids::of(std::os::unix::process::parent_id())
    }

    /// Not told in a way that needs no list of all processes.
    #[cfg(not(unix))]
    fn caller(&self) -> ProcessId {
        ProcessId { number: 0, start: None }
    }

    /// Not told in a way that needs no list of all processes.
    #[cfg(not(unix))]
    fn parent(&self) -> (u32, Option<String>) {
        (0, None)
    }

    fn alive(&self, process: ProcessId) -> bool {
        process_ids::alive(process)
    }
}

fn take<'l>(next: &AtomicUsize, launches: &'l [Launch]) -> Option<(usize, &'l Launch)> {
    let place = next.fetch_add(1, Ordering::SeqCst);
    launches.get(place).map(|launch| (place, launch))
}

/// Runs one of several; `None` where it is too late to start it.
fn one(place: usize, launch: &Launch, running: &Running, lines: &SyncSender<Line>) -> Result<Option<u8>> {
    let mut command = command(launch)?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(mut child) = running.spawn(launch, &mut command)? else { return Ok(None) };
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(|| read_lines(out, place, Stream::Out, &lines.clone()));
        scope.spawn(|| read_lines(err, place, Stream::Err, &lines.clone()));
    });
    running.wait(child).map(Some)
}

/// The programs that run, and whether others may still start. Under one lock, so that no signal falls between the two.
#[derive(Debug, Default, Clone)]
struct Running(Arc<Mutex<Started>>);

#[derive(Debug, Default)]
struct Started {
    stopped: bool,
    children: Vec<u32>,
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, Started> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nothing new start.
    fn stop(&self) {
        self.lock().stopped = true;
    }

    fn spawn(&self, launch: &Launch, command: &mut Command) -> Result<Option<Child>> {
        let mut started = self.lock();
        // Windows hands its Ctrl-C to the programs itself, so that nothing of ours waits for one.
        if started.stopped || cfg!(windows) && SystemSignals.arrived() {
            return Ok(None);
        }
        // With the user's own limit of core dumps.
        let child = dumps::with_user_limits(|| command.spawn()).map_err(|error| not_started(launch, &error))?;
        started.children.push(child.id());
        Ok(Some(child))
    }

    fn wait(&self, mut child: Child) -> Result<u8> {
        // It is taken off the list before its number can be another process's.
        ended(&child);
        self.lock().children.retain(|id| *id != child.id());
        child.wait().map(code).map_err(|error| Error::new(Kind::Failed, "cannot wait for the program").cause(error))
    }
}

/// Waits until a child has ended, and leaves its number taken.
#[cfg(unix)]
fn ended(child: &Child) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(Pid::from_child(child)), options) {}
}

#[cfg(not(unix))]
fn ended(_: &Child) {}

fn read_lines(from: Option<impl Read>, place: usize, stream: Stream, lines: &SyncSender<Line>) {
    let Some(from) = from else { return };
    let mut reader = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(1..) if lines.send((place, stream, line)).is_ok() => {}
            _ => return,
        }
    }
}

fn command(launch: &Launch) -> Result<Command> {
    let (program, args) = launch.command.split_first().ok_or_else(|| Error::usage("there is no command to run"))?;
    let mut command = Command::new(program);
    command.args(args);
    for name in launch.without {
        match name.strip_suffix('*') {
            None => _ = command.env_remove(name),
            Some(prefix) => std::env::vars_os()
                .map(|(name, _)| name)
                .filter(|name| name.to_string_lossy().starts_with(prefix))
                .for_each(|name| _ = command.env_remove(name)),
        }
    }
    command.envs(launch.env.iter().map(|(name, value)| (name, value)));
    if !launch.passphrase {
        command.env_remove("EKSSO_PASSPHRASE");
    }
    Ok(command)
}

fn not_started(launch: &Launch, error: &std::io::Error) -> Error {
    let program = launch.command.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    match error.kind() {
        ErrorKind::NotFound => {
            Error::new(Kind::NoProgram, format!("there is no program `{program}`")).hint("check its spelling, and PATH")
        }
        ErrorKind::PermissionDenied => Error::new(Kind::NotRunnable, format!("`{program}` is not executable"))
            .cause(error)
            .hint(format!("{} {}", if cfg!(windows) { "dir" } else { "ls -l" }, shell_word(&program))),
        // ENOEXEC; ERROR_BAD_EXE_FORMAT
        _ if error.raw_os_error() == Some(if cfg!(windows) { 193 } else { 8 }) => {
            Error::new(Kind::NotRunnable, format!("`{program}` is no program that this machine runs")).cause(error)
        }
        _ => Error::new(Kind::Failed, format!("`{program}` cannot be started")).cause(error),
    }
}

fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().map_or(1, |code| in_a_byte(code.cast_unsigned()))
}

/// An exit code of Windows, where it has 32 bits, in the 8 that ours has. What does not fit is no success: cut to its last
/// byte, 256 would be one.
fn in_a_byte(code: u32) -> u8 {
    /// STATUS_CONTROL_C_EXIT
    const CTRL_C: u32 = 0xc000_013a;
    match code {
        // As shells count SIGINT.
        CTRL_C => 130,
        code => u8::try_from(code).unwrap_or(u8::MAX),
    }
}

/// Hands signals on that other processes send. Those of the terminal reach the programs as well as us: twice would be
/// force to many of them.
#[cfg(unix)]
struct Forward(signal_hook::iterator::Handle);

#[cfg(unix)]
impl Forward {
    fn to(running: &Running) -> Option<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        use signal_hook::iterator::SignalsInfo;
        use signal_hook::iterator::exfiltrator::WithOrigin;
        let wanted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(|signal| !ignored(*signal));
        let mut signals: SignalsInfo<WithOrigin> = SignalsInfo::new(wanted).ok()?;
        let (handle, running) = (signals.handle(), running.clone());
        thread::spawn(move || {
            for origin in signals.forever() {
                let mut started = running.lock();
                started.stopped = true;
                if origin.process.as_ref().is_none_or(|process| process.pid == 0) {
                    continue;
                }
                let signal = rustix::process::Signal::from_named_raw(origin.signal);
                for child in &started.children {
                    let pid = i32::try_from(*child).ok().and_then(rustix::process::Pid::from_raw);
                    if let (Some(pid), Some(signal)) = (pid, signal) {
                        _ = rustix::process::kill_process(pid, signal);
                    }
                }
            }
        });
        Some(Self(handle))
    }
}

/// Whether a signal is ignored, as `nohup` makes it for the programs too. Where that cannot be told, it is not.
#[cfg(unix)]
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal - 1) & 1 == 1
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
    fn to(_: &Running) -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_that_is_no_success_stays_none() {
        let ends = [0, 1, 7, 255, 256, 0x1_0000, 0xc000_0005, u32::MAX, 0xc000_013a];
        assert_eq!(ends.map(in_a_byte), [0, 1, 7, 255, 255, 255, 255, 255, 130]);
    }

    #[cfg(windows)]
    #[test]
    fn a_program_that_ends_with_more_than_a_byte_has_failed() {
        let run = |code: &str| {
            let command = ["cmd", "/c", "exit", code].map(Into::into).to_vec();
            SystemProcesses.run(&Launch { command, env: Vec::new(), without: &[], passphrase: false }).expect("run")
        };
        assert_eq!(["0", "3", "256", "-1073741819"].map(run), [0, 3, 255, 255]);
    }

    #[cfg(unix)]
    #[test]
    fn the_passphrase_goes_only_to_programs_that_are_to_have_it() {
        let seen = |passphrase| {
            let line = "echo ${EKSSO_PASSPHRASE-none}";
            let command = ["sh", "-c", line].map(Into::into).to_vec();
            let launch =
                Launch { command, env: vec![("EKSSO_PASSPHRASE", "open sesame".into())], without: &[], passphrase };
            let mut said = Vec::new();
            SystemProcesses.run_all(&[launch], 1, false, &mut |_, _, line| {
                said.extend_from_slice(line);
                true
            });
            String::from_utf8(said).expect("text")
        };
        assert_eq!([seen(false), seen(true)], ["none\n", "open sesame\n"]);
    }
}
