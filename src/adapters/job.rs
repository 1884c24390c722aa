//! Job control while something is drawn on the terminal: a stop (Ctrl-Z, SIGTSTP) waits until the terminal was given back,
//! and going on (SIGCONT) is noticed, so that it is taken and drawn again.

/// The job of this process, for as long as the terminal is taken.
#[cfg(unix)]
pub use unix::Job;

/// Where there are no jobs.
#[cfg(not(unix))]
#[derive(Debug, Default)]
pub struct Job(());

#[cfg(not(unix))]
impl Job {
    /// Nothing to take.
    pub fn take() -> Self {
        Self(())
    }

    /// Nobody asks for a stop.
    pub fn is_to_stop(&self) -> bool {
        false
    }

    /// There is none to go on from.
    pub fn went_on(&self) -> bool {
        false
    }

    /// Cannot be asked for.
    pub fn ask_to_stop(&self) {}

    /// Does nothing.
    pub fn stop(&self) {}
}

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};

    use rustix::process::{Signal, getpgrp, getppid, getsid, kill_process_group};
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    use signal_hook::{flag, low_level};

    /// What the signals say.
    struct Signals {
        /// Nothing is drawn: a stop takes its usual course.
        free: Arc<AtomicBool>,
        stop: Arc<AtomicBool>,
        went_on: Arc<AtomicBool>,
    }

    static SIGNALS: OnceLock<Signals> = OnceLock::new();

    fn signals() -> &'static Signals {
        SIGNALS.get_or_init(|| {
            let [free, stop, went_on] = [true, false, false].map(|value| Arc::new(AtomicBool::new(value)));
            // A signal that cannot be caught keeps its usual course.
            _ = flag::register_conditional_default(SIGTSTP, Arc::clone(&free));
            _ = flag::register(SIGTSTP, Arc::clone(&stop));
            _ = flag::register(SIGCONT, Arc::clone(&went_on));
            Signals { free, stop, went_on }
        })
    }

    /// The job of this process, for as long as the terminal is taken.
    #[derive(Debug)]
    pub struct Job(());

    impl Job {
        /// Stops wait from now on.
        pub fn take() -> Self {
            let signals = signals();
            signals.free.store(false, Ordering::SeqCst);
            signals.stop.store(false, Ordering::SeqCst);
            signals.went_on.store(false, Ordering::SeqCst);
            Self(())
        }

        /// Whether a stop waits for the terminal to be given back. Asked once, it is forgotten.
        pub fn is_to_stop(&self) -> bool {
            signals().stop.swap(false, Ordering::SeqCst)
        }

        /// Whether the process was stopped and goes on, with a terminal that others may have used.
        pub fn went_on(&self) -> bool {
            signals().went_on.swap(false, Ordering::SeqCst)
        }

        /// What the terminal does for Ctrl-Z: the whole job is to stop. Where no shell waits for it, nobody could bring it back.
        pub fn ask_to_stop(&self) {
            let shell = getppid().and_then(|parent| getsid(Some(parent)).ok());
            if shell.is_some() && shell == getsid(None).ok() {
                _ = kill_process_group(getpgrp(), Signal::TSTP);
            }
        }

        /// Stops until somebody lets the job go on.
        pub fn stop(&self) {
            _ = low_level::emulate_default_handler(SIGTSTP);
        }
    }

    impl Drop for Job {
        fn drop(&mut self) {
            signals().free.store(true, Ordering::SeqCst);
        }
    }
}
