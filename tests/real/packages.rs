//! Packages: built by their tools, installed by rpm, dpkg and a stand-in for Homebrew, and run.

use std::path::Path;
use std::process::Command;

use crate::real::parts::{at, good, part};
use crate::support::Desk;

/// The packages build from one release build, and what they install runs. It is the only optimised build of the gate; what
/// `cargo install` builds by itself, and what rpm and dpkg install, upgrade and remove, is `tests/run --all`'s.
#[test]
#[ignore = "real part: nfpm, rpm, ruby"]
fn packages_build_and_install() {
    let desk = Desk::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = |args: &[&str]| good(Command::new(env!("CARGO")).current_dir(root).args(args));
    cargo(&["build", "--release", "--quiet"]);
    let run = |program: &Path| good(at(&desk, program).arg("--version"));
    // The description of all Linux packages, with what packaging/release fills in.
    let binary = root.join("target/release/eksso").display().to_string();
    let man = desk.path("man").display().to_string();
    good(Command::new("cp").arg("-r").arg(root.join("packaging/man")).arg(&man));
    good(Command::new("sh").args(["-c", "gzip -9n \"$0\"/*.1", &man]));
    desk.write("changelog.gz", "");
    let mut description = std::fs::read_to_string(root.join("packaging/nfpm/nfpm.yaml")).expect("a file");
    for (name, value) in [
        ("VERSION", env!("CARGO_PKG_VERSION")),
        ("ARCH", "amd64"),
        ("BINARY", &binary),
        ("WORK", &desk.home.path().display().to_string()),
        ("CHANGELOG", ""),
        ("ZSH", "/usr/share/zsh/vendor-completions"),
        ("HOMEPAGE", "https://eksso.invalid"),
        ("MAINTAINER", "eksso maintainers <nobody@eksso.invalid>"),
        ("MTIME", "2026-11-26T00:00:00Z"),
    ] {
        description = description.replace(&format!("${{{name}}}"), value);
    }
    let description = desk.write("nfpm.yaml", &description);
    for format in ["deb", "rpm"] {
        let mut nfpm = Command::new(part("nfpm-2.45.2"));
        nfpm.current_dir(root).args(["package", "--packager", format, "--config"]).arg(&description);
        good(nfpm.arg("--target").arg(desk.path(&format!("eksso.{format}"))));
    }
    good(Command::new("dpkg-deb").arg("-x").arg(desk.path("eksso.deb")).arg(desk.path("deb")));
    assert!(run(&desk.path("deb/usr/bin/eksso")).starts_with("eksso "));
    std::fs::create_dir_all(desk.path("rpm")).expect("a folder");
    good(Command::new("rpm").arg("--root").arg(desk.path("rpm")).args(["-i", "--nodeps"]).arg(desk.path("eksso.rpm")));
    assert!(run(&desk.path("rpm/usr/bin/eksso")).starts_with("eksso "));
    for file in ["man/man1/eksso-token.1.gz", "bash-completion/completions/eksso"] {
        for package in ["deb", "rpm"] {
            assert!(desk.path(&format!("{package}/usr/share/{file}")).exists(), "{package}: {file}");
        }
    }
    // A release says from which commit it is; one of a folder without git, that it does not know.
    let built = good(at(&desk, &root.join("target/release/eksso")).args(["--version", "-v"]));
    let asked = Command::new("git").current_dir(root).args(["rev-parse", "HEAD"]).output().expect("git");
    let commit = match asked.status.success() && root.join(".git").exists() {
        true => String::from_utf8_lossy(&asked.stdout).into_owned(),
        false => "unknown".to_owned(),
    };
    assert!(built.contains(&format!("commit: {}", commit.trim())), "{built}");
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
