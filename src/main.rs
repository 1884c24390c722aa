//! The program: builds the real world, runs, exits with the code.
#![cfg_attr(all(target_os = "linux", target_env = "gnu"), no_main)]

/// The start of [`eksso::adapters::start`] in place of Rust's own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "the C library calls it by this name; the function itself is safe code")]
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    eksso::adapters::start();
    // As Rust's own start does: what is buffered still is written.
    std::process::exit(i32::from(program()))
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(program())
}

fn program() -> u8 {
    eksso::adapters::release_locks_on_panic();
    eksso::adapters::end_on_interrupt();
    eksso::adapters::forbid_dumps();
    let Some(world) = eksso::adapters::world() else {
        eprintln!("eksso: error: this user has no home folder\n  hint: set HOME");
        return 7;
    };
    eksso::run(std::env::args_os(), &world)
}
