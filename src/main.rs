//! The program: builds the real world, runs, exits with the code.

use std::process::ExitCode;

fn main() -> ExitCode {
    eksso::adapters::end_on_interrupt();
    eksso::adapters::forbid_dumps();
    // Only the tests' binary listens to this: no release can be told to look for keys elsewhere.
    if cfg!(debug_assertions) && std::env::var_os("EKSSO_TEST_SESSION_KEYRING").is_some() {
        eksso::adapters::use_session_keyring();
    }
    let Some(world) = eksso::adapters::world() else {
        eprintln!("eksso: error: this user has no home folder\n  hint: set HOME");
        return ExitCode::from(7);
    };
    ExitCode::from(eksso::run(std::env::args_os(), &world))
}
