//! The unwinder of panics linked in, where Rust loads libgcc_s for it: loading that library takes a fifteenth of a warm
//! `eksso token`. Every gcc brings it as an archive; Rust's own static programs link the same one.

#[allow(unsafe_code, reason = "nothing is declared in it; it names an archive to the linker")]
#[link(name = "gcc_eh", kind = "static", modifiers = "-bundle")]
unsafe extern "C" {}
