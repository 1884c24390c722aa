//! Programs that read kubeconfigs beside kubectl: each takes what `eksso add` writes and reaches the cluster with the
//! token. Some are lenient about the protocol's version; the strict ones know v1beta1 alone, or compare entry and answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::parts::{at, good, part};
use crate::process::eksso;
use crate::support::Desk;
use eksso_simulator::World;

const CONTEXT: &str = "Production/web:EKSAdmin";

/// A desk with that context current, and a kubeconfig for each version of the protocol.
fn desk(version: &str) -> Desk {
    let desk = Desk::configured(World::small());
    desk.write(".config/eksso/config.toml", &format!("exec_api_version = \"{version}\"\n{}", desk.config()));
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]));
    good(eksso(&desk).args(["use", CONTEXT]));
    desk
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/clients").join(name)
}

/// A program of a folder of parts.
fn installed(name: &str) -> PathBuf {
    let bin = part("kubectl-1.35");
    let path = bin.ancestors().nth(2).expect("the parts").join("clients").join(name);
    assert!(path.exists(), "{} is missing: run tests/run", path.display());
    path
}

#[track_caller]
fn lists_namespaces(command: &mut Command) {
    assert_eq!(good(command).split_whitespace().collect::<Vec<_>>(), ["default", "kube-system"]);
}

#[test]
#[ignore = "real part: Python clients"]
fn python_clients_reach_the_cluster() {
    let desk = desk("v1beta1");
    for client in ["lenient.py", "strict.py"] {
        lists_namespaces(at(&desk, &installed("python/bin/python3")).arg(script(client)).arg(CONTEXT));
    }
}

#[test]
#[ignore = "real part: ruby-kubeclient"]
fn ruby_kubeclient_reaches_the_cluster() {
    for version in ["v1beta1", "v1"] {
        lists_namespaces(at(&desk(version), Path::new("/usr/bin/ruby")).arg(script("strict.rb")).arg(CONTEXT));
    }
}

#[test]
#[ignore = "real part: @kubernetes/client-node"]
fn client_node_reaches_the_cluster() {
    for version in ["v1beta1", "v1"] {
        let desk = desk(version);
        let mut command = at(&desk, Path::new("node"));
        command.env("NODE_PATH", installed("node/node_modules"));
        lists_namespaces(command.arg(script("lenient.js")).arg(CONTEXT));
    }
}

#[test]
#[ignore = "real part: fabric8"]
fn fabric8_reaches_the_cluster() {
    for version in ["v1beta1", "v1"] {
        let desk = desk(version);
        let mut command = at(&desk, Path::new("java"));
        // Java asks the system where a home is, not HOME.
        command.arg(format!("-Duser.home={}", desk.home.path().display())).arg("-cp");
        command.arg(installed("fabric8").join("*")).arg(script("Strict.java")).arg(CONTEXT);
        lists_namespaces(&mut command);
    }
}

#[test]
#[ignore = "real part: helm, kubectl"]
fn helm_and_kubectl_old_and_new_take_both_versions() {
    for version in ["v1beta1", "v1"] {
        let desk = desk(version);
        for kubectl in ["kubectl-1.35", "kubectl-older"] {
            let names = good(at(&desk, &part(kubectl)).args(["get", "namespaces", "-o", "name"]));
            assert_eq!(names, "namespace/default\nnamespace/kube-system\n", "{kubectl} {version}");
        }
        let listed = good(at(&desk, &part("helm")).args(["list", "-q"]));
        assert_eq!(listed, "", "{version}: nothing is installed");
    }
}
