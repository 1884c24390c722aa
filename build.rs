//! What `eksso --version -v` says beyond the version: commit, target, features. Asks nothing but the folder it is in.
#![allow(clippy::disallowed_methods, reason = "a build script has no ports: it reads its folder and asks git")]

use std::env::var;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let features: Vec<String> = std::env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_")?.to_lowercase().replace('_', "-")))
        .filter(|feature| feature != "default")
        .collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(" ") };
    println!("cargo::rustc-env=EKSSO_COMMIT={}", commit());
    println!("cargo::rustc-env=EKSSO_TARGET={}", var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=EKSSO_FEATURES={features}");
    // As packaging/cross links the static program: nothing is relocated at a start, which took a quarter of the instructions
    // of a warm `eksso token` and half a megabyte of the file.
    let is = |name: &str, value: &str| var(name).as_deref() == Ok(value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

/// The commit this is built from. A package of `cargo package` names it in a file; a clone has git. A folder that merely lies
/// inside somebody else's repository must not claim that repository's commit.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=EKSSO_BUILD_COMMIT");
    // Source archives carry neither: the packager says it.
    if let Ok(said) = var("EKSSO_BUILD_COMMIT") {
        return said;
    }
    if let Ok(info) = std::fs::read_to_string(".cargo_vcs_info.json") {
        let hash = info.split('"').skip_while(|word| *word != "sha1").nth(2).unwrap_or("unknown");
        let dirty = info.contains("\"dirty\": true");
        return format!("{hash}{}", if dirty { "-modified" } else { "" });
    }
    // Only a release asks git: the others would be compiled anew after each commit.
    if var("PROFILE").as_deref() != Ok("release") || !Path::new(".git").exists() {
        return "unknown".to_owned();
    }
    for file in ["HEAD", "logs/HEAD", "index"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    for tracked in ["src", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={tracked}");
    }
    let Some(hash) = git(&["rev-parse", "HEAD"]) else { return "unknown".to_owned() };
    let clean = git(&["status", "--porcelain", "--untracked-files=no", "--", "src", "Cargo.toml", "Cargo.lock"]);
    format!("{hash}{}", if clean.as_deref() == Some("") { "" } else { "-modified" })
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
