//! The demo's walk through the practice.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::real::parts::{part, said};

#[test]
#[ignore = "real part: kubectl, the built example"]
fn the_demo_walks_from_an_empty_folder_to_a_person_with_those_rights_and_shows_more_refused() {
    let demo = Path::new(env!("CARGO_BIN_EXE_eksso")).with_file_name("examples").join("demo");
    assert!(demo.exists(), "{} is missing: cargo build --example demo", demo.display());
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(part("kubectl-1.35"), folder.path().join("kubectl")).expect("a link");
    let mut command = Command::new(demo);
    command.arg("practice").env_clear().env("HOME", folder.path()).stdin(Stdio::null());
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    let output = command.output().expect("started");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for words in [
        "EKSDeveloper",
        "applied: the stack management",
        "No resources found in apps namespace",
        "secrets is forbidden",
        "cannot create resource \"clusterrolebindings\"",
        "you are not assigned the role `EKSClusterAdmin`",
        "No difference in 1 cluster",
        "extra    access_policy  payments",
        "admin-too-many",
        "That was the practice",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
