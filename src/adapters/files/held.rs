//! Files that another program has open. Windows refuses then to replace or to remove them, and to open one that is being
//! replaced: most programs, kubectl among them, do not open files so that others may (FILE_SHARE_DELETE). What they do takes
//! milliseconds mostly, so it is tried again for a while.

use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// For how long; not at all where systems do not refuse.
pub const PATIENCE: Duration = Duration::from_secs(if cfg!(windows) { 2 } else { 0 });
/// How often.
const POLL: Duration = Duration::from_millis(10);

/// What the systems say then: ERROR_ACCESS_DENIED (also for a file that goes when its last handle is closed),
/// ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION. Source: Windows' System Error Codes.
const REFUSALS: [i32; 3] = [5, 32, 33];

/// Whether an error may be because of somebody who has a file open. A folder is refused by one of these words for good.
pub fn is_held(path: &Path, error: &io::Error) -> bool {
    cfg!(windows) && is_refusal(error) && !path.is_dir()
}

fn is_refusal(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| REFUSALS.contains(&code))
}

/// Does something to a file, again while another program has it open.
pub fn patiently<T>(path: &Path, mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    again((), PATIENCE, |error| is_held(path, error), |()| act().map_err(|error| (error, ())))
}

/// The same with something that an attempt takes, and gives back where it fails.
pub fn patiently_with<S, T>(path: &Path, state: S, act: impl FnMut(S) -> Result<T, (io::Error, S)>) -> io::Result<T> {
    again(state, PATIENCE, |error| is_held(path, error), act)
}

fn again<S, T>(
    mut state: S,
    patience: Duration,
    passes: impl Fn(&io::Error) -> bool,
    mut act: impl FnMut(S) -> Result<T, (io::Error, S)>,
) -> io::Result<T> {
    let start = Instant::now();
    loop {
        match act(state) {
            Ok(done) => return Ok(done),
            Err((error, back)) if start.elapsed() < patience && passes(&error) => state = back,
            Err((error, _)) => return Err(error),
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> io::Error {
        io::Error::from_raw_os_error(32)
    }

    #[test]
    fn what_another_has_open_is_tried_again_until_it_is_free_or_the_time_is_over() {
        let free_after = |attempts: usize, patience| {
            again(
                0,
                patience,
                is_refusal,
                |tried| if tried < attempts { Err((refused(), tried + 1)) } else { Ok(tried) },
            )
        };
        assert_eq!(free_after(3, Duration::from_secs(30)).expect("free"), 3);
        assert!(free_after(usize::MAX, Duration::from_millis(50)).is_err());
        assert!(free_after(1, Duration::ZERO).is_err(), "not where there is no patience");
        let other = again(0, Duration::from_secs(30), is_refusal, |tried| match tried {
            0 => Err::<(), _>((io::ErrorKind::NotFound.into(), 1)),
            _ => panic!("tried again"),
        });
        assert!(other.is_err());
    }
}
