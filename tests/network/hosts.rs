//! Which hosts are contacted: those that the work needs, and no others. No telemetry, no update check.

#[cfg(unix)]
use eksso_simulator::World;

#[cfg(unix)]
use crate::generated::commands;
use crate::support::{Desk, both};

#[cfg(unix)]
#[test]
fn no_command_contacts_a_host_that_its_work_does_not_need() {
    let file = tempfile::tempdir().expect("a folder");
    let live = file.path().join("live.toml").display().to_string();
    let file = file.path().join("access.toml").display().to_string();
    const CONTEXT: &str = "Production/web:EKSAdmin";
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    // A proxy for plain http too, and for whatever does not ask for https: nothing may come there.
    let proxy = desk.simulator.proxy().to_owned();
    desk.set("HTTP_PROXY", &proxy).set("ALL_PROXY", &proxy).set("SHELL", "/bin/true");
    let token = ["token", "--account=111122223333", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];
    let web = ["--cluster=web", "--role=EKSAdmin", "--account=111122223333"];
    let with = |command: &'static str| [&[command], web.as_slice()].concat();
    let (oidc, portal) = ("oidc.eu-west-1.amazonaws.com:443", "portal.sso.eu-west-1.amazonaws.com:443");
    let (eks, account) = ("eks.eu-west-1.amazonaws.com:443", "account.us-east-1.amazonaws.com:443");
    let (iam, sts) = ("iam.amazonaws.com:443", "sts.eu-west-1.amazonaws.com:443");
    // Each line, and the hosts that its work needs: all of them, or, where it depends on what is known already, any.
    let (all, any) = (true, false);
    let reads = [
        account,
        "account-access.eu-west-1.api.aws:443",
        eks,
        iam,
        "identitystore.eu-west-1.amazonaws.com:443",
        "organizations.us-east-1.amazonaws.com:443",
        portal,
        "sso.eu-west-1.amazonaws.com:443",
        sts,
    ];
    let lines: [(Vec<&str>, bool, &[&str]); 44] = [
        (vec!["login"], all, &[oidc]),
        // Whether it is still good.
        (vec!["login"], all, &[portal]),
        (token.to_vec(), all, &[portal]),
        (token.to_vec(), all, &[]),
        (vec!["status"], all, &[]),
        (vec!["roles"], all, &[portal]),
        (vec!["clusters"], any, &[account, eks, iam, portal, sts]),
        (with("add"), any, &[account, eks, iam, portal, sts]),
        (with("sync"), any, &[account, eks, iam, portal, sts]),
        (vec!["use", CONTEXT], all, &[]),
        // The cluster of the context, which is no host of AWS, and nobody else: its role's credentials are there.
        (vec!["ns", "kube-system"], all, &[]),
        // The cluster itself is asked as well.
        (vec!["whoami", CONTEXT], any, &[eks, iam, portal, sts]),
        (vec!["credentials", CONTEXT, "--format=json"], all, &[]),
        (vec!["credentials", "--account=444455556666", "--role=EKSAdmin", "--format=json"], any, &[portal]),
        (vec!["console", CONTEXT, "--print"], all, &[]),
        (vec!["exec", CONTEXT, "--", "true"], all, &[]),
        (vec!["shell", CONTEXT], all, &[]),
        (vec!["env", CONTEXT, "--shell=bash"], all, &[]),
        (vec!["import"], all, &[]),
        (vec!["export"], all, &[]),
        (vec!["profiles"], any, &[portal]),
        (vec!["access"], any, &reads),
        (vec!["audit", "rules"], all, &[]),
        (vec!["audit", "--print-policy=iam"], all, &[]),
        // Each endpoint that the context needs is tried, and the cluster.
        (vec!["doctor", CONTEXT], any, &[account, eks, iam, oidc, portal, "sim.awsapps.com:443", sts]),
        (vec!["prompt"], all, &[]),
        (vec!["init", "bash"], all, &[]),
        (vec!["__complete", "--starts", "--", "exec", CONTEXT, "--role"], all, &[]),
        (vec!["scaffold", "init", &file], all, &[]),
        (vec!["scaffold", "check", "--file", &file], all, &[]),
        // `diff` and `write --import` read the same.
        (vec!["scaffold", "from-live", "--file", &live], any, &reads),
        (vec!["rename", CONTEXT, "web"], all, &[]),
        (vec!["rm", "web"], all, &[]),
        (vec!["undo"], all, &[]),
        (vec!["status", "--check"], all, &[]),
        (vec!["logout"], all, &[portal]),
        (vec!["status"], all, &[]),
        (vec!["log"], all, &[]),
        (vec!["config", "show"], all, &[]),
        (vec!["setup"], all, &[]),
        (vec!["completions", "bash"], all, &[]),
        (vec!["man"], all, &[]),
        (vec!["--version"], all, &[]),
        (vec!["--help"], all, &[]),
    ];
    // A new command comes with its line.
    for command in commands() {
        assert!(lines.iter().any(|(line, ..)| line[0] == command), "which hosts does `{command}` contact?");
    }
    for (line, whole, needed) in lines {
        desk.simulator.state().requests.clear();
        let outcome = desk.run(&line);
        // There is no kubectl on this desk, as doctor says.
        assert!(outcome.code == 0 || line[0] == "doctor", "{line:?}: {}", outcome.err);
        let mut hosts = desk.hosts();
        hosts.sort();
        hosts.dedup();
        let requests = desk.simulator.state().requests.clone();
        let asks_cluster = requests.iter().any(|request| request.operation == "Kubernetes");
        let may_ask = ["ns", "whoami", "access", "doctor", "scaffold"].contains(&line[0]);
        assert!(!asks_cluster || may_ask, "{line:?} asks a cluster");
        let named = requests
            .iter()
            .filter(|request| request.operation != "CONNECT" && request.operation != "Kubernetes")
            .filter_map(|request| request.headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host));
        for host in named {
            assert!(hosts.contains(&format!("{host}:443")), "{host} without a connection of its own: {line:?}");
        }
        assert!(hosts.iter().all(|host| needed.contains(&host.as_str())), "{line:?}: {hosts:?}");
        assert!(!whole || hosts.len() == needed.len(), "{line:?}: {hosts:?}");
    }
}

#[test]
fn with_okta_only_the_org_and_sts_are_contacted() {
    let [_, okta] = both();
    let mut desk = Desk::proxied(okta, "eu-west-1");
    let config =
        "[sessions.corp]\nprovider = \"okta\"\norg_url = \"https://corp.okta.com\"\nclient_id = \"0oaclient\"\n";
    desk.write(".config/eksso/config.toml", config);
    desk.set("NO_PROXY", "");
    desk.run(&["login"]).ok();
    desk.run(&["token", "--account=111122223333", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"]).ok();
    desk.run(&["logout"]).ok();
    let mut hosts = desk.hosts();
    hosts.sort();
    hosts.dedup();
    assert_eq!(hosts, ["corp.okta.com:443", "sts.us-east-1.amazonaws.com:443"]);
}
