//! What is generated and checked in is what the program generates. `EKSSO_BLESS=1 cargo test generated` renews it.

use crate::support::Desk;

fn compare(name: &str, generated: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("EKSSO_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, generated).expect("a file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == generated, "{name} is out of date: EKSSO_BLESS=1 cargo test generated");
}

/// All commands, as the help lists them.
pub fn commands() -> Vec<String> {
    let help = Desk::new().run(&["--help"]).ok().out;
    let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let commands: Vec<String> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|word| !word.is_empty()))
        .map(str::to_owned)
        .filter(|command| command != "help")
        .collect();
    assert!(commands.len() > 15, "{commands:?}");
    commands
}

#[test]
fn completions_prints_the_files_that_packages_install() {
    let desk = Desk::new();
    for (shell, file) in [
        ("bash", "eksso.bash"),
        ("elvish", "eksso.elv"),
        ("fish", "eksso.fish"),
        ("nushell", "eksso.nu"),
        ("powershell", "_eksso.ps1"),
        ("zsh", "_eksso"),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let installed = std::fs::read_to_string(path).expect("a file");
        assert!(desk.run(&["completions", shell]).ok().out == installed, "{shell}");
    }
}

#[test]
fn man_pages_are_up_to_date() {
    let desk = Desk::new();
    compare("packaging/man/eksso.1", &desk.run(&["man"]).ok().out);
    for command in commands() {
        compare(&format!("packaging/man/eksso-{command}.1"), &desk.run(&["man", &command]).ok().out);
    }
    desk.run(&["man", "logn"]).fails(5, &["eksso man login"]);
}

#[test]
fn every_command_has_help_and_every_mistake_exits_with_2() {
    let desk = Desk::new();
    for command in commands() {
        assert!(desk.run(&[&command, "--help"]).ok().out.contains("Usage:"));
    }
    desk.run(&["logn"]).fails(2, &["login"]);
    desk.run(&[]).fails(2, &["Usage:"]);
    assert!(desk.run(&["--version"]).ok().out.starts_with("eksso 0."));
}

#[test]
fn the_version_says_with_v_what_was_built() {
    let desk = Desk::new();
    for args in [&["--version", "-v"][..], &["-v", "--version"], &["-vV"], &["--verbose", "-V"]] {
        let out = desk.run(args).ok().out;
        let lines: Vec<&str> = out.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(lines, ["eksso", "commit:", "target:", "features:"], "{args:?}");
        assert!(!out.contains(": \n"), "{out}");
    }
    assert_eq!(desk.run(&["--version"]).ok().out.lines().count(), 1);
}
