//! Which hosts are contacted: those that the work needs, and no others. No telemetry, no update check.

use eksso_simulator::World;

use crate::support::{Desk, both};

#[test]
fn no_command_contacts_a_host_that_its_work_does_not_need() {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    // A proxy for plain http too, and for whatever does not ask for https: nothing may come there.
    let proxy = desk.simulator.proxy().to_owned();
    desk.set("HTTP_PROXY", &proxy).set("ALL_PROXY", &proxy);
    let hosts = |desk: &Desk, args: &[&str]| {
        desk.simulator.state().requests.clear();
        desk.run(args).ok();
        let mut hosts = desk.hosts();
        hosts.sort();
        hosts.dedup();
        let requests = desk.simulator.state().requests.clone();
        let named: Vec<String> = requests
            .iter()
            .filter(|request| request.operation != "CONNECT")
            .filter_map(|request| request.headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.clone()))
            .collect();
        for host in named {
            assert!(hosts.contains(&format!("{host}:443")), "{host} without a connection of its own: {args:?}");
        }
        hosts
    };
    let token = ["token", "--account=111122223333", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];
    let (oidc, portal) = ("oidc.eu-west-1.amazonaws.com:443", "portal.sso.eu-west-1.amazonaws.com:443");
    let (eks, account) = ("eks.eu-west-1.amazonaws.com:443", "account.us-east-1.amazonaws.com:443");
    assert_eq!(hosts(&desk, &["login"]), [oidc]);
    assert_eq!(hosts(&desk, &["login"]), [portal], "whether it is still good");
    assert_eq!(hosts(&desk, &token), [portal]);
    assert!(hosts(&desk, &token).is_empty(), "warm");
    assert!(hosts(&desk, &["status"]).is_empty());
    assert_eq!(hosts(&desk, &["roles"]), [portal]);
    let added = hosts(&desk, &["add", "--cluster=web", "--role=EKSAdmin", "--account=111122223333"]);
    let needed = [account, eks, portal, "sts.eu-west-1.amazonaws.com:443"];
    assert!(added.iter().all(|host| needed.contains(&host.as_str())), "{added:?}");
    assert_eq!(hosts(&desk, &["logout"]), [portal]);
    for quiet in [["--version"].as_slice(), &["--help"], &["completions", "bash"]] {
        assert!(hosts(&desk, quiet).is_empty(), "{quiet:?}");
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
