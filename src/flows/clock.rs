//! Whether this machine's clock agrees with AWS's.

use jiff::SignedDuration;

use crate::error::{Error, Kind, Result};

/// More difference between the clocks, and AWS refuses what is signed here.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Tokens and requests are dated; AWS takes no more than a few minutes of difference.
pub(super) fn check_clock(ahead: SignedDuration) -> Result<()> {
    if ahead.abs() <= MAX_SKEW {
        return Ok(());
    }
    let (minutes, way) = (ahead.abs().as_mins(), if ahead.is_negative() { "ahead of" } else { "behind" });
    Err(Error::new(Kind::LocalState, format!("this machine's clock is {minutes} min {way} AWS's"))
        .cause("what it signs would be refused as too old or not yet valid")
        .hint(set_the_clock()))
}

/// The command of this platform that sets the clock.
pub(super) fn set_the_clock() -> String {
    let set = match () {
        () if cfg!(target_os = "macos") => "sudo sntp -sS time.apple.com",
        () if cfg!(windows) => "w32tm /resync",
        () => "sudo timedatectl set-ntp true",
    };
    format!("set the clock: {set}")
}
