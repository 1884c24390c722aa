//! All tests of eksso in one binary. Tests that need real parts (kubectl, a keyring, a browser …) are ignored by
//! `cargo test`, which says so in its closing line; `tests/run` installs the parts and runs them all.
#![allow(clippy::disallowed_methods, reason = "tests stand outside")]
#![allow(missing_docs, reason = "tests are named after what they show")]

mod bad_input;
mod config;
mod contexts;
mod credentials;
mod discovery;
mod generated;
mod kill;
mod kubeconfig;
mod layers;
mod login;
mod okta;
mod partitions;
mod process;
mod real;
mod secrets;
mod session;
mod sign_in;
mod support;
mod switching;
mod token;
mod vectors;
mod whoami;

#[test]
fn every_test_file_is_listed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let listed = std::fs::read_to_string(root.join("main.rs")).expect("this file");
    for entry in std::fs::read_dir(root).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
        // The demo is the example of Cargo.toml, which runs it as a test of its own.
        if let Some(module) = name.strip_suffix(".rs").filter(|module| !["main", "demo"].contains(module)) {
            assert!(listed.contains(&format!("mod {module};")), "tests/{name} is not listed in tests/main.rs");
        }
    }
}
