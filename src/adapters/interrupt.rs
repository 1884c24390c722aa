//! Ctrl-C and termination end the program at once, whatever it is waiting for, except in the milliseconds in which a file
//! is being replaced or a lock file of kubectl's protocol exists, or a refresh token is being renewed: then the first one
//! waits. A second one ends the program all the same.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};

use crate::ports::{Guard, Signals};

/// Signals with their exit codes: 128 + number, as shells count.
const ENDINGS: [(i32, i32); 2] = [(SIGINT, 130), (SIGTERM, 143)];

static SIGNALS: OnceLock<Caught> = OnceLock::new();
static SHIELDS: AtomicUsize = AtomicUsize::new(0);

struct Caught {
    may_end: Arc<AtomicBool>,
    arrived: [(i32, Arc<AtomicBool>); 2],
    actions: Mutex<Vec<SigId>>,
}

impl Caught {
    fn register(&self) {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        for ((signal, code), (_, flag)) in ENDINGS.iter().zip(&self.arrived) {
            // The second one: this looks at the flag before the next action sets it. A signal that cannot be caught here
            // just keeps its usual course.
            actions.extend(flag::register_conditional_shutdown(*signal, *code, Arc::clone(flag)));
            actions.extend(flag::register(*signal, Arc::clone(flag)));
            actions.extend(flag::register_conditional_shutdown(*signal, *code, Arc::clone(&self.may_end)));
        }
    }

    /// Signals do nothing from here on: the handler stays, without actions.
    fn unregister(&self) {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        actions.drain(..).for_each(|action| _ = low_level::unregister(action));
    }
}

/// Makes Ctrl-C exit with 130 from now on. For the program's `main`, not for tests that share a process.
pub fn end_on_interrupt() {
    SIGNALS.get_or_init(|| {
        let arrived = ENDINGS.map(|(_, code)| (code, Arc::new(AtomicBool::new(false))));
        let caught = Caught { may_end: Arc::new(AtomicBool::new(true)), arrived, actions: Mutex::default() };
        caught.register();
        caught
    });
}

/// The signals of this process.
#[derive(Debug)]
pub struct SystemSignals;

impl Signals for SystemSignals {
    fn hold(&self) -> Box<dyn Guard> {
        Box::new(Shield::raise())
    }

    fn arrived(&self) -> bool {
        SIGNALS.get().is_some_and(|signals| signals.arrived.iter().any(|(_, arrived)| arrived.load(Ordering::SeqCst)))
    }
}

impl Guard for Shield {}

/// While it lives, the signals of the terminal are for a program that this one runs, however many of them arrive.
#[derive(Debug)]
pub struct Aside(());

impl Aside {
    /// Steps aside.
    pub fn step() -> Self {
        if let Some(signals) = SIGNALS.get() {
            signals.unregister();
        }
        Self(())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(signals) = SIGNALS.get() {
            signals.register();
        }
    }
}

/// While one lives, signals wait; when the last is dropped, one that came ends the program.
#[derive(Debug)]
pub struct Shield(());

impl Shield {
    /// Raises a shield.
    pub fn raise() -> Self {
        SHIELDS.fetch_add(1, Ordering::SeqCst);
        if let Some(signals) = SIGNALS.get() {
            signals.may_end.store(false, Ordering::SeqCst);
        }
        Self(())
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        let last = SHIELDS.fetch_sub(1, Ordering::SeqCst) == 1;
        let Some(signals) = SIGNALS.get().filter(|_| last) else { return };
        signals.may_end.store(true, Ordering::SeqCst);
        if let Some((code, _)) = signals.arrived.iter().find(|(_, arrived)| arrived.load(Ordering::SeqCst)) {
            signal_hook::low_level::exit(*code);
        }
    }
}
