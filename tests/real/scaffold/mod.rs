//! What `scaffold` makes, judged by others: Terraform, cfn-lint, kube-apiserver, iam-simulate.

mod cloudformation;
mod cluster;
mod iam;
mod practice;
mod terraform;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::real::parts::part;
use crate::support::Desk;

/// Where tests/run keeps Terraform, the schema of its provider, and cfn-lint.
fn judges() -> PathBuf {
    let folder = part("kubectl-1.35").ancestors().nth(2).expect("the parts").join("clients/judges");
    assert!(folder.exists(), "{} is missing: run tests/run", folder.display());
    folder
}

/// A program of theirs, which sees nothing of the user's.
fn judge(home: &Path, program: &str) -> Command {
    let mut command = Command::new(judges().join("bin").join(program));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).env("LANG", "C.UTF-8");
    command
}

/// Writes the code of an access.toml to the desk's folder `out`.
fn written(desk: &Desk, text: &str) -> PathBuf {
    let (file, to) = (desk.write("access.toml", text), desk.path("out"));
    let (file, folder) = (file.to_str().expect("a path"), to.to_str().expect("a path"));
    desk.run(&["scaffold", "write", "--file", file, "--to", folder]).ok();
    to
}
