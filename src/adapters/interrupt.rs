//! Holds Ctrl-C and termination back for the milliseconds in which a lock file of another tool's protocol exists.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};

static SIGNALS: OnceLock<Signals> = OnceLock::new();

struct Signals {
    may_end: Arc<AtomicBool>,
    arrived: [(i32, Arc<AtomicBool>); 2],
}

/// While it lives, SIGINT and SIGTERM wait; when it is dropped, one that came takes its usual course.
pub struct Shield(());

impl Shield {
    /// Raises the shield.
    pub fn raise() -> Self {
        SIGNALS.get_or_init(install).may_end.store(false, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        let Some(signals) = SIGNALS.get() else { return };
        signals.may_end.store(true, Ordering::SeqCst);
        for (signal, arrived) in &signals.arrived {
            if arrived.swap(false, Ordering::SeqCst) {
                // Ends the process as the signal would have; there is nothing left to do if even that fails.
                _ = signal_hook::low_level::emulate_default_handler(*signal);
            }
        }
    }
}

fn install() -> Signals {
    let may_end = Arc::new(AtomicBool::new(true));
    let arrived = [SIGINT, SIGTERM].map(|signal| {
        let flag = Arc::new(AtomicBool::new(false));
        // A signal that cannot be caught here just keeps its usual course.
        _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&may_end));
        _ = signal_hook::flag::register(signal, Arc::clone(&flag));
        (signal, flag)
    });
    Signals { may_end, arrived }
}
