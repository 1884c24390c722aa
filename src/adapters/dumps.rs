//! No core dumps, and no debugger that attaches by accident: a dump of this process holds tokens.
//!
//! On Linux the process is marked as not dumpable (PR_SET_DUMPABLE): no dump, whatever the limits and `core_pattern` say,
//! and other processes of the same user can neither attach to it nor read its memory or /proc/PID/exe. An exec resets the
//! mark, so programs that are run from here are as they always were. Elsewhere the soft limit of dumps is set to 0, which
//! children inherit: they are started with the limit that this process was started with.

/// Forbids dumps of this process, from now on. For the program's `main`.
#[cfg(target_os = "linux")]
pub fn forbid_dumps() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // It fails for values that are none only.
    _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// The same by the limit of their size.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn forbid_dumps() {
    limit::forbid();
}

/// Nothing is done about dumps on Windows.
#[cfg(not(unix))]
pub fn forbid_dumps() {}

/// Starts a program, which gets the user's own limit.
#[cfg(any(target_os = "linux", not(unix)))]
pub fn with_user_limits<T>(start: impl FnOnce() -> T) -> T {
    start()
}

/// Starts a program, which gets the user's own limit.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn with_user_limits<T>(start: impl FnOnce() -> T) -> T {
    limit::with_users(start)
}

/// The limit of the size of dumps. Compiled for tests on Linux, too.
#[cfg(all(unix, any(test, not(target_os = "linux"))))]
mod limit {
    use std::sync::{Mutex, PoisonError};

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The user's limit, once it is replaced by 0. Programs start one after the other: between the two calls this process
    /// could be dumped.
    static USERS: Mutex<Option<Rlimit>> = Mutex::new(None);

    pub fn forbid() {
        let mut users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = getrlimit(Resource::Core);
        // A soft limit may always be lowered, and raised again up to the hard one.
        if setrlimit(Resource::Core, Rlimit { current: Some(0), ..limit }).is_ok() {
            *users = Some(limit);
        }
    }

    pub fn with_users<T>(start: impl FnOnce() -> T) -> T {
        let users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(limit) = *users else { return start() };
        _ = setrlimit(Resource::Core, limit);
        let started = start();
        _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..limit });
        started
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::limit;

    #[test]
    fn where_a_limit_forbids_dumps_children_have_the_users_own() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let hard = getrlimit(Resource::Core).maximum;
        if hard == Some(0) {
            return;
        }
        setrlimit(Resource::Core, Rlimit { current: Some(4096), maximum: hard }).expect("a lower limit");
        limit::forbid();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        let seen = || std::process::Command::new("sh").args(["-c", "ulimit -Sc"]).output().expect("sh").stdout;
        // dash and bash count in different blocks: not 0 is what matters.
        assert_ne!(limit::with_users(seen).trim_ascii(), b"0");
        assert_eq!(seen().trim_ascii(), b"0");
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
    }
}
