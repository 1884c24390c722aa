//! Packages: built by their tools, installed by rpm, dpkg and a stand-in for Homebrew, and run.

use std::path::Path;
use std::process::Command;

use crate::real::parts::{at, good, part};
use crate::support::Desk;

/// The packages build from one release build, and what they install runs. It is the only optimised build of the gate; what
/// `cargo install` builds by itself, and what rpm and dpkg install, upgrade and remove, is `tests/run --all`'s.
#[test]
#[ignore = "real part: cargo-deb, cargo-generate-rpm, rpm, ruby"]
fn packages_build_and_install() {
    let desk = Desk::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = |args: &[&str]| good(Command::new(env!("CARGO")).current_dir(root).args(args));
    cargo(&["build", "--release", "--quiet"]);
    let run = |program: &Path| good(at(&desk, program).arg("--version"));
    let deb = desk.path("eksso.deb");
    good(
        Command::new(part("cargo-deb")).current_dir(root).arg("deb").args(["--no-build", "--no-strip", "-o"]).arg(&deb),
    );
    good(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(desk.path("deb")));
    assert!(run(&desk.path("deb/usr/bin/eksso")).starts_with("eksso "));
    let (rpm, into) = (desk.path("eksso.rpm"), desk.path("rpm"));
    good(Command::new(part("cargo-generate-rpm")).current_dir(root).args(["generate-rpm", "-o"]).arg(&rpm));
    std::fs::create_dir_all(&into).expect("a folder");
    good(Command::new("rpm").arg("--root").arg(&into).args(["-i", "--nodeps"]).arg(&rpm));
    assert!(run(&desk.path("rpm/usr/bin/eksso")).starts_with("eksso "));
    for file in [
        "deb/usr/share/man/man1/eksso-token.1.gz",
        "deb/usr/share/bash-completion/completions/eksso",
        "rpm/usr/share/man/man1/eksso-token.1",
    ] {
        assert!(desk.path(file).exists(), "{file}");
    }
    let mut brew = Command::new("ruby");
    brew.arg(root.join("packaging/homebrew/check.rb"))
        .arg(root)
        .arg(desk.path("brew"))
        .arg(root.join("target/release/eksso"));
    good(&mut brew);
    assert!(run(&desk.path("brew/bin/eksso")).starts_with("eksso "));
    assert!(
        desk.path("brew/share/man/man1/eksso.1").exists() && desk.path("brew/share/zsh/site-functions/_eksso").exists()
    );
}
