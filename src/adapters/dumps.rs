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
    DUMPS.forbid();
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
    DUMPS.with_users(start)
}

/// The size of dumps.
#[cfg(all(unix, not(target_os = "linux")))]
static DUMPS: limit::Limit = limit::Limit::new(rustix::process::Resource::Core);

/// A limit that is 0 for this process and the user's own for programs it starts. Compiled for tests on Linux, too.
#[cfg(all(unix, any(test, not(target_os = "linux"))))]
mod limit {
    use std::sync::{Mutex, PoisonError};

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    pub struct Limit {
        resource: Resource,
        /// The user's limit, once it is replaced by 0. Programs start one after the other: between the two calls this
        /// process has the user's.
        users: Mutex<Option<Rlimit>>,
    }

    impl Limit {
        pub const fn new(resource: Resource) -> Self {
            Self { resource, users: Mutex::new(None) }
        }

        /// From now on the soft limit is 0.
        pub fn forbid(&self) {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let limit = getrlimit(self.resource);
            // A soft limit may always be lowered, and raised again up to the hard one.
            if setrlimit(self.resource, Rlimit { current: Some(0), ..limit }).is_ok() {
                *users = Some(limit);
            }
        }

        /// Starts a program under the user's limit.
        pub fn with_users<T>(&self, start: impl FnOnce() -> T) -> T {
            let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(limit) = *users else { return start() };
            _ = setrlimit(self.resource, limit);
            let started = start();
            _ = setrlimit(self.resource, Rlimit { current: Some(0), ..limit });
            started
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::limit::Limit;

    /// With the number of file locks, which Linux limits in name only since 2.6 (setrlimit(2), RLIMIT_LOCKS): its hard limit
    /// is known wherever this runs, where that of dumps may be 0, and no other test of this process feels a change.
    #[test]
    fn where_a_limit_forbids_dumps_children_have_the_users_own() {
        setrlimit(Resource::Locks, Rlimit { current: Some(4096), maximum: getrlimit(Resource::Locks).maximum })
            .expect("a soft limit of 4096 file locks: the hard one may not be lower here (ulimit -Hx)");
        let limit = Limit::new(Resource::Locks);
        limit.forbid();
        assert_eq!(getrlimit(Resource::Locks).current, Some(0));
        let of_a_child = || {
            let limits = std::process::Command::new("cat").arg("/proc/self/limits").output().expect("cat").stdout;
            let limits = String::from_utf8(limits).expect("text");
            let line = limits.lines().find_map(|line| line.strip_prefix("Max file locks")).expect("a line");
            line.split_whitespace().next().map(str::to_owned)
        };
        assert_eq!(limit.with_users(of_a_child).as_deref(), Some("4096"));
        assert_eq!(of_a_child().as_deref(), Some("0"));
        assert_eq!(getrlimit(Resource::Locks).current, Some(0));
    }
}
