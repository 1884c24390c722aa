//! All tests of eksso in one binary, in folders by what they are about. Tests that need real parts (kubectl, a keyring,
//! a browser …) are ignored by `cargo test`, which says so in its closing line; `tests/run` installs the parts and runs
//! them all.
#![allow(clippy::disallowed_methods, reason = "tests stand outside")]
#![allow(missing_docs, reason = "tests are named after what they show")]

mod access;
mod audit;
mod bad_input;
mod credentials;
mod discovery;
mod doctor;
mod errors;
mod generated;
mod kill;
mod kubeconfig;
mod layers;
mod narrow;
mod network;
mod pictures;
mod process;
mod readme;
// What a user of Unix has.
#[cfg(unix)]
mod real;
mod scaffold;
mod secrets;
mod settings;
mod sign_in;
mod support;
mod trail;

use std::path::{Path, PathBuf};

#[test]
fn every_test_file_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    // The demo is the example of Cargo.toml, which runs it as a test of its own; the folders belong to other programs.
    let apart = ["main.rs", "demo.rs", "simulator", "fuzz", "benches"].map(|name| root.join(name));
    check_listed(&root, &apart);
}

/// Every file is declared in the list of its folder, and every folder, which is known by its `mod.rs`, in that above.
fn check_listed(folder: &Path, apart: &[PathBuf; 5]) {
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if apart.contains(&path) {
            continue;
        }
        if path.is_dir() {
            check_listed(&path, apart);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if path.ends_with("mod.rs") { folder } else { &path };
            let above = module.parent().expect("a folder");
            let list = ["main.rs", "mod.rs"].map(|name| above.join(name)).into_iter().find(|list| list.exists());
            let listed = list.map(|list| std::fs::read_to_string(list).expect("a list")).unwrap_or_default();
            let declared = format!("mod {};", module.file_stem().expect("a name").display());
            assert!(
                listed.lines().any(|line| line.trim_start_matches("pub ") == declared),
                "{} lacks its `{declared}`",
                path.display()
            );
        }
    }
}
