//! Ctrl-C and its like end the program at once, whatever it is waiting for, with the exit code that shells count: 128 and the
//! signal's number.
//!
//! Two kinds of hold keep them waiting. [`Hold::Patient`] is for work whose end wants a word or a clean-up: the first signal
//! waits, a second one ends the program. [`Hold::Firm`] is for what cannot be got again (a refresh token that is spent while
//! its successor is on the way): all signals wait, however many come. When the last hold is dropped, one that waited ends
//! the program.
//!
//! One atomic word holds the number of both kinds and whether the end has begun, so that no hold is raised between the
//! decision to end and the end.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};

use crate::ports::{ScopeGuard, Signals};

/// One firm hold.
const FIRM: u32 = 1;
/// One patient hold.
const PATIENT: u32 = 1 << 15;
/// The program is ending.
const ENDING: u32 = 1 << 30;

/// The holds: firm ones in the lower 15 bits, patient ones in the next.
static HOLDS: AtomicU32 = AtomicU32::new(0);
/// The exit code of the first signal that waits, and of one that came after it; 0 for none.
static FIRST: AtomicI32 = AtomicI32::new(0);
static SECOND: AtomicI32 = AtomicI32::new(0);
/// How many programs run here that the terminal's signals are for.
static ASIDE: AtomicU32 = AtomicU32::new(0);

/// What a person is told who pressed Ctrl-C: in the words of the errors, on a line of its own.
const INTERRUPTED: &str = "\neksso: interrupted\n";

/// What a closed terminal ends with: 128 + SIGHUP.
const CLOSED: i32 = 129;

/// A signal arrived. Runs inside the signal's handler: atomics and `_exit` only.
fn arrive(code: i32) {
    if ASIDE.load(Ordering::SeqCst) > 0 {
        return;
    }
    // Nobody closes a terminal twice out of impatience: the kernel and the shell each send a SIGHUP.
    if FIRST.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst).is_err() && code != CLOSED {
        SECOND.store(code, Ordering::SeqCst);
    }
    end_if_due();
}

/// Ends the program when a signal waits that no hold keeps waiting.
fn end_if_due() {
    loop {
        let holds = HOLDS.load(Ordering::SeqCst);
        let due = match (holds & (PATIENT - 1), holds & !(PATIENT - 1)) {
            (0, 0) => FIRST.load(Ordering::SeqCst),
            (0, _) => SECOND.load(Ordering::SeqCst),
            _ => 0,
        };
        if due == 0 {
            return;
        }
        if HOLDS.compare_exchange(holds, holds | ENDING, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            system::end(due);
        }
    }
}

/// Makes signals end the program as described, from now on. For the program's `main`, not for tests that share a process.
pub fn end_on_interrupt() {
    static CAUGHT: AtomicBool = AtomicBool::new(false);
    if !CAUGHT.swap(true, Ordering::SeqCst) {
        system::catch();
    }
}

/// The signals of this process.
#[derive(Debug)]
pub struct SystemSignals;

impl Signals for SystemSignals {
    fn hold(&self) -> Box<dyn ScopeGuard> {
        Box::new(Hold::patient())
    }

    fn hold_all(&self) -> Box<dyn ScopeGuard> {
        Box::new(Hold::firm())
    }

    fn aside(&self) -> Box<dyn ScopeGuard> {
        Box::new(Aside::step())
    }

    fn arrived(&self) -> bool {
        FIRST.load(Ordering::SeqCst) != 0
    }
}

/// While it lives, the signals of the terminal are for a program that this one runs, however many of them arrive.
#[derive(Debug)]
pub struct Aside(());

impl Aside {
    /// Steps aside.
    pub fn step() -> Self {
        ASIDE.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl ScopeGuard for Aside {}

impl Drop for Aside {
    fn drop(&mut self) {
        ASIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// While one lives, signals wait; when the last is dropped, one that came ends the program.
#[derive(Debug)]
pub struct Hold(u32);

impl ScopeGuard for Hold {}

impl Hold {
    /// The first signal waits; a second one ends the program all the same.
    pub fn patient() -> Self {
        Self::raise(PATIENT)
    }

    /// All signals wait.
    pub fn firm() -> Self {
        Self::raise(FIRM)
    }

    fn raise(kind: u32) -> Self {
        if HOLDS.fetch_add(kind, Ordering::SeqCst) >= ENDING {
            // Another thread has decided to end the program: what a hold protects must not begin any more.
            loop {
                std::thread::park();
            }
        }
        Self(kind)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        HOLDS.fetch_sub(self.0, Ordering::SeqCst);
        end_if_due();
    }
}

#[cfg(unix)]
mod system {
    use std::ffi::c_int;

    use crate::adapters::interrupt::INTERRUPTED;

    extern "C" fn handler(signal: c_int) {
        crate::adapters::interrupt::arrive(128 + signal);
    }

    /// Takes INT, TERM and QUIT, and HUP unless the caller had it ignored (nohup). With one call a signal, where safe
    /// wrappers make two: a warm `eksso token` is short enough to count them.
    #[allow(unsafe_code, reason = "sigaction(2); the handler touches atomics and calls _exit(2), both allowed in one")]
    pub fn catch() {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGQUIT, libc::SIGHUP] {
            // SAFETY: both structs are plain data, for which zero bytes are a valid value, and outlive the calls.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = handler as *const () as usize;
                action.sa_flags = libc::SA_RESTART;
                let mut before: libc::sigaction = std::mem::zeroed();
                let taken = libc::sigaction(signal, &raw const action, &raw mut before) == 0;
                if taken && signal == libc::SIGHUP && before.sa_sigaction == libc::SIG_IGN {
                    libc::sigaction(signal, &raw const before, std::ptr::null_mut());
                }
            }
        }
    }

    /// Ends the program from inside a handler.
    pub fn end(code: c_int) -> ! {
        if code == 128 + libc::SIGINT {
            // The terminal has shown `^C` where the cursor stood, which may be behind a question. Whether it is one, and write(2),
            // may be asked and called in a handler; nothing here takes a lock.
            let stderr = std::io::stderr();
            if rustix::termios::isatty(&stderr) {
                _ = rustix::io::write(&stderr, INTERRUPTED.as_bytes());
            }
        }
        signal_hook::low_level::exit(code)
    }
}

#[cfg(windows)]
mod system {
    use std::io::{IsTerminal, Write};
    use std::thread::sleep;
    use std::time::Duration;

    use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
    use windows_sys::core::BOOL;

    use crate::adapters::interrupt::INTERRUPTED;

    /// Runs in a thread of its own. When the console closes or the user logs off, the system ends the program as soon as
    /// this returns, and after some seconds in any case: so it does not return while a hold lives.
    extern "system" fn handler(event: u32) -> BOOL {
        match event {
            CTRL_C_EVENT => crate::adapters::interrupt::arrive(130),
            CTRL_BREAK_EVENT => crate::adapters::interrupt::arrive(131),
            _ => {
                crate::adapters::interrupt::arrive(crate::adapters::interrupt::CLOSED);
                loop {
                    sleep(Duration::from_millis(50));
                }
            }
        }
        1
    }

    #[allow(unsafe_code, reason = "there is no other way to hear of a console that closes")]
    pub fn catch() {
        // SAFETY: the handler is a function that lives as long as the program.
        _ = unsafe { SetConsoleCtrlHandler(Some(handler), 1) };
    }

    pub fn end(code: i32) -> ! {
        // In a thread of its own: the one that holds stderr may wait for a person.
        if code == 130 && std::io::stderr().is_terminal() {
            _ = std::io::stderr().write_all(INTERRUPTED.as_bytes());
        }
        std::process::exit(code)
    }
}
