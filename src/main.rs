//! The program: builds the real world, runs, exits with the code.

use std::process::ExitCode;

fn main() -> ExitCode {
    eksso::adapters::release_locks_on_panic();
    eksso::adapters::end_on_interrupt();
    eksso::adapters::forbid_dumps();
    let Some(world) = eksso::adapters::world() else {
        eprintln!("eksso: error: this user has no home folder\n  hint: set HOME");
        return ExitCode::from(7);
    };
    ExitCode::from(eksso::run(std::env::args_os(), &world))
}
