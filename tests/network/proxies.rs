//! Proxies, with a real one of each kind: CONNECT in plain text and inside TLS, SOCKS 5.

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use eksso::clients::http::{Pinned, pinned};
use eksso::ports::Env;
use eksso_simulator::World;

use crate::support::Desk;

const OIDC: &str = "oidc.eu-west-1.amazonaws.com:443";

fn behind(proxy: &str) -> Desk {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    desk.set("HTTPS_PROXY", proxy);
    desk
}

/// The host and port of a URL.
fn bare(url: &str) -> String {
    url.split_once("://").expect("a URL").1.to_owned()
}

#[test]
fn every_kind_of_proxy_and_every_way_to_write_one_leads_to_aws() {
    type Write = fn(&str, &str, &str) -> String;
    let ways: [Write; 6] = [
        |plain, _, _| plain.to_owned(),
        |plain, _, _| format!("  http://{plain}/ "),
        |plain, _, _| format!("http://jane:p%40ss@{plain}"),
        |_, secure, _| format!("https://{secure}"),
        |_, _, socks| format!("socks5://{socks}"),
        |_, _, socks| format!("socks5h://jane:p%40ss@{socks}"),
    ];
    for write in ways {
        let mut desk = Desk::proxied(World::small(), "eu-west-1");
        let simulator = &desk.simulator;
        let url = write(&bare(simulator.proxy()), &bare(simulator.secure_proxy()), &bare(simulator.socks_proxy()));
        desk.set("HTTPS_PROXY", &url);
        if url.contains("jane") {
            desk.simulator.state().world.proxy_login = Some(("jane".into(), "p@ss".into()));
        }
        desk.run(&["login"]).ok();
        assert_eq!(desk.hosts().first().map(String::as_str), Some(OIDC), "{url}");
    }
}

#[test]
fn the_lower_case_name_counts_and_all_proxy_does_not() {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    let proxy = desk.env.remove("HTTPS_PROXY").expect("a proxy");
    desk.set("https_proxy", &proxy);
    desk.run(&["login"]).ok();
    assert!(!desk.hosts().is_empty());
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    let proxy = desk.env.remove("HTTPS_PROXY").expect("a proxy");
    desk.set("ALL_PROXY", &proxy).set("all_proxy", &proxy).set("HTTP_PROXY", &proxy);
    desk.run(&["login"]).fails(6, &[]);
    assert!(desk.hosts().is_empty(), "kubectl and botocore do not read it");
}

#[test]
fn what_no_proxy_names_goes_without() {
    for list in ["*", ".amazonaws.com", "*.amazonaws.com", "x, amazonaws.com", "oidc.eu-west-1.amazonaws.com:443"] {
        let mut desk = Desk::proxied(World::small(), "eu-west-1");
        desk.set("NO_PROXY", list);
        // Nothing of the kind is reachable from a test; what matters is that the proxy was not asked.
        desk.run(&["login"]).fails(6, &["the sign-in service"]);
        assert!(desk.hosts().is_empty(), "{list}: {:?}", desk.hosts());
    }
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    desk.set("NO_PROXY", "aws.com,.oidc.eu-west-1.amazonaws.com,oidc.eu-west-1.amazonaws.com:8443,10.0.0.0/8");
    desk.run(&["login"]).ok();
}

#[test]
fn a_refusal_names_the_variable_and_the_status_and_never_the_password() {
    for (status, login, words) in [
        (None, true, "407 Proxy Authentication Required"),
        (Some(403), false, "403 Forbidden"),
        (Some(502), false, "502 Bad Gateway"),
    ] {
        let mut desk = behind("x");
        let place = bare(desk.simulator.proxy());
        desk.set("HTTPS_PROXY", &format!("http://jane:hunter2@{place}"));
        {
            let mut state = desk.simulator.state();
            state.world.proxy_status = status;
            state.world.proxy_login = login.then(|| ("jane".into(), "another".into()));
        }
        let said =
            desk.run(&["-vv", "login"]).fails(6, &[&format!("the proxy {place} of HTTPS_PROXY answered {words}")]);
        assert!(!said.err.contains("hunter2") && !said.err.contains("jane"), "{}", said.err);
    }
}

#[test]
fn a_refusal_of_a_socks_proxy_is_told_in_words() {
    let mut desk = behind("x");
    let socks = bare(desk.simulator.socks_proxy());
    desk.set("HTTPS_PROXY", &format!("socks5://{socks}"));
    desk.simulator.state().world.proxy_status = Some(403);
    desk.run(&["login"])
        .fails(6, &["of HTTPS_PROXY answered for oidc.eu-west-1.amazonaws.com:443: not allowed by its rules"]);
    desk.simulator.state().world.proxy_login = Some(("jane".into(), "another".into()));
    desk.run(&["login"]).fails(6, &["of HTTPS_PROXY answered", "it wants a user name and a password"]);
    desk.set("HTTPS_PROXY", &format!("socks5://jane:hunter2@{socks}"));
    let said = desk.run(&["login"]).fails(6, &["does not take this user name and password"]);
    assert!(!said.err.contains("hunter2"), "{}", said.err);
}

#[test]
fn a_proxy_that_is_none_or_is_not_there_is_told() {
    let mut desk = behind("ftp://jane:hunter2@proxy");
    let said = desk.run(&["login"]).fails(2, &["HTTPS_PROXY is not a proxy's URL", "socks5"]);
    assert!(!said.err.contains("hunter2"), "{}", said.err);
    desk.set("HTTPS_PROXY", "http://127.0.0.1:9");
    desk.run(&["login"]).fails(6, &["the proxy 127.0.0.1:9 of HTTPS_PROXY: ", "refused"]);
}

struct NoEnv;

impl Env for NoEnv {
    fn var(&self, _: &str) -> Option<String> {
        None
    }

    fn program(&self) -> eksso::error::Result<std::path::PathBuf> {
        Ok("/opt/eksso/bin/eksso".into())
    }
}

#[test]
fn a_cluster_may_have_a_proxy_a_name_and_a_trust_of_its_own() {
    let desk = Desk::with(World::small());
    let ca = desk.simulator.ca_pem().as_bytes().to_vec();
    let foreign = Desk::with(World::small());
    let other = foreign.simulator.ca_pem().as_bytes().to_vec();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let get = |url: &str, options: Pinned<'_>| {
        let connector = pinned(&NoEnv, &options).expect("a connector");
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).expect("a URL");
        let answer = runtime.block_on(async { connector.call(request).await });
        answer.map(|answer| answer.status().as_u16()).map_err(|error| eksso::clients::failure::root_cause(&error))
    };
    let socks = desk.simulator.socks_proxy();
    for proxy in [desk.simulator.proxy(), socks] {
        let options = Pinned { ca: Some(&ca), proxy: Some(proxy), ..Pinned::default() };
        assert_eq!(get("https://api.cluster.example/version", options), Ok(404));
        // Also for this machine itself: the user says so.
        assert_eq!(get("https://127.0.0.1:6443/version", options), Ok(404));
        assert_eq!(desk.hosts()[..2], ["api.cluster.example:443", "127.0.0.1:6443"]);
    }
    let cluster = desk.simulator.first_cluster().to_owned();
    let own = Pinned { ca: Some(&ca), ..Pinned::default() };
    assert!(get(&cluster, own).is_ok());
    assert!(get(&cluster, Pinned { server_name: Some("kubernetes.example"), ..own }).is_ok());
    let refused = get(&cluster, Pinned { ca: Some(&other), ..Pinned::default() }).expect_err("another CA");
    assert!(refused.contains("invalid peer certificate") && refused.contains("the cluster's own CA"), "{refused}");
    assert!(get(&cluster, Pinned { ca: Some(&other), insecure: true, ..Pinned::default() }).is_ok());
    let bad = |options: Pinned<'_>| pinned(&NoEnv, &options).expect_err("refused").to_string();
    assert!(bad(Pinned { ca: Some(b"x"), ..Pinned::default() }).contains("no PEM certificate"));
    assert!(bad(Pinned { proxy: Some("ftp://x"), ca: Some(&ca), ..Pinned::default() }).contains("proxy-url"));
    assert!(bad(Pinned { server_name: Some("a b"), ca: Some(&ca), ..Pinned::default() }).contains("tls-server-name"));
}
