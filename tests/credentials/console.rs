//! `eksso console`: the cluster's page in the AWS console, as the context's role.

use crate::support::{Desk, both};
use eksso_simulator::World;

const ADMIN: &str = "111122223333/web:EKSAdmin";

/// A desk whose contexts' names hold account ids, at the real host names.
fn desk(world: World) -> Desk {
    let mut desk = Desk::proxied(world, "eu-west-1");
    let provider = match desk.is_okta() {
        true => "provider = \"okta\"\norg_url = \"https://corp.okta.com\"\nclient_id = \"0oaclient\"\n",
        false => "start_url = \"https://sim.awsapps.com/start\"\nregion = \"eu-west-1\"\n",
    };
    let head = "regions = [\"eu-west-1\"]\ncontext_name = \"{account_id}/{cluster}:{role}\"\n[sessions.corp]\n";
    desk.write(".config/eksso/config.toml", &format!("{head}{provider}"));
    desk.set("NO_PROXY", "127.0.0.1");
    desk.run(&["login"]).ok();
    desk.run(&["add", "--account=*", "--role=EKSAdmin", "--region=*", "--cluster=web"]).ok();
    desk.person().browser = true;
    desk
}

const LINK: &str = "https://sim.awsapps.com/start/#/console?account_id=111122223333&role_name=EKSAdmin\
    &destination=https%3A%2F%2Feu-west-1.console.aws.amazon.com%2Feks%2Fhome%3Fregion%3Deu-west-1%23%2Fclusters%2Fweb";

#[test]
fn with_identity_center_it_is_the_portals_link() {
    let desk = desk(World::small());
    desk.simulator.state().requests.clear();
    assert_eq!(desk.run(&["console", ADMIN, "--print"]).ok().out, format!("{LINK}\n"));
    desk.person().present = true;
    let opened = desk.run(&["console", ADMIN]).ok();
    assert_eq!((opened.out.as_str(), desk.person().pages.clone()), ("", vec![LINK.to_owned()]));
    assert_eq!(desk.hosts(), Vec::<String>::new(), "nobody is asked");
    desk.run(&["use", ADMIN]).ok();
    assert_eq!(desk.run(&["console", "--print"]).ok().out, format!("{LINK}\n"), "of the current context");
}

#[test]
fn a_browser_opens_only_for_a_person_and_asks_as_the_guard_says() {
    let desk = desk(World::small());
    desk.run(&["console", ADMIN]).fails(2, &["nobody at a terminal", "eksso console --print"]);
    desk.run(&["console"]).fails(5, &["no current context"]);
    desk.run(&["console", "111122223333/web:EKSAdmni", "--print"])
        .fails(5, &["eksso console 111122223333/web:EKSAdmin"]);
    desk.person().present = true;
    desk.person().browser = false;
    desk.run(&["console", ADMIN]).fails(1, &["no browser could be opened", "eksso console --print"]);
    let config = desk.read(".config/eksso/config.toml");
    desk.write(".config/eksso/config.toml", &format!("{config}[contexts.\"*Admin\"]\nconfirm = true\n"));
    desk.person().pages.clear();
    desk.person().answers = vec!["n".into()];
    desk.run(&["console", ADMIN]).fails(130, &["Open the AWS console of `111122223333/web:EKSAdmin`?"]);
    assert!(desk.person().pages.is_empty());
    desk.run(&["console", ADMIN, "--print", "--yes"]).ok();
}

#[test]
fn the_browser_of_the_session_can_keep_accounts_apart() {
    let desk = desk(World::small());
    let config = desk.read(".config/eksso/config.toml");
    let browser = "browser = 'firefox \"ext+container:name={account_name}.{role}&url={url}\"'\n";
    desk.write(".config/eksso/config.toml", &format!("{config}{browser}"));
    desk.person().present = true;
    desk.run(&["console", ADMIN]).ok();
    let words = desk.person().browsers.last().expect("opened").clone();
    let url = LINK.replace('%', "%25").replace(':', "%3A").replace('/', "%2F").replace('#', "%23");
    let url = url.replace('?', "%3F").replace('=', "%3D").replace('&', "%26");
    assert_eq!(words, ["firefox".to_owned(), format!("ext+container:name=Production.EKSAdmin&url={url}")]);
}

#[test]
fn with_okta_and_for_assumed_roles_the_federation_endpoint_signs_in_and_no_argument_holds_the_secret() {
    let [mut portal, okta] = both();
    portal.assumable = vec![("EKSAdmin".into(), "arn:aws:iam::111122223333:role/Deploy".into())];
    for world in [portal, okta] {
        let desk = desk(world);
        if !desk.is_okta() {
            let kubeconfig = desk.read(".kube/config").replace(
                "      - '--cluster'\n",
                "      - '--assume-role'\n      - arn:aws:iam::111122223333:role/Deploy\n      - '--cluster'\n",
            );
            desk.write(".kube/config", &kubeconfig);
        }
        let printed = desk.run(&["console", ADMIN, "--print", "-vv"]).ok();
        let url = printed.out.trim_end();
        let page =
            "https%3A%2F%2Feu-west-1.console.aws.amazon.com%2Feks%2Fhome%3Fregion%3Deu-west-1%23%2Fclusters%2Fweb";
        let start = format!(
            "https://eu-west-1.signin.aws.amazon.com/federation?Action=login&Issuer=&Destination={page}&SigninToken="
        );
        let token = url.strip_prefix(start.as_str()).unwrap_or_else(|| panic!("{url}")).to_owned();
        assert!(desk.simulator.state().secrets.contains(&token), "{token}");
        assert!(!printed.err.contains(&token));
        // The console takes it, and leads to the cluster.
        let path = url.replace("https://eu-west-1.signin.aws.amazon.com", desk.simulator.url());
        let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
        let signed_in = agent.get(&path).header("host", "eu-west-1.signin.aws.amazon.com").call().expect("an answer");
        assert_eq!(
            signed_in.headers().get("location").map(|place| place.as_bytes()),
            Some("https://eu-west-1.console.aws.amazon.com/eks/home?region=eu-west-1#/clusters/web".as_bytes())
        );
        desk.person().present = true;
        desk.person().follows = true;
        let opened = desk.run(&["console", ADMIN, "-vv"]).ok();
        let shown = desk.person().pages.last().expect("a page").clone();
        assert!(shown.starts_with("http://127.0.0.1:"), "{shown}");
        let secrets = desk.simulator.state().secrets.clone();
        let text = format!("{shown} {:?} {} {}", desk.person().browsers, opened.out, opened.err);
        assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())), "{text}");
        for (path, content) in desk.files() {
            let content = String::from_utf8_lossy(&content).into_owned();
            assert!(
                !secrets.iter().any(|s| s.starts_with("signin-token") && content.contains(s)),
                "{}",
                path.display()
            );
        }
        // It has led somebody on, once.
        assert!(
            std::net::TcpStream::connect(shown.trim_start_matches("http://").split('/').next().expect("a host"))
                .is_err()
        );
    }
}

#[test]
fn what_the_sign_in_service_refuses_is_told_without_what_it_was_sent() {
    let [_, okta] = both();
    let desk = desk(okta);
    for (status, words) in [(400, "refused the request"), (503, "has a problem"), (200, "makes no sense")] {
        desk.simulator.fault("/federation", 1, eksso_simulator::Fault::Echo(status, "X"));
        let code = if status == 400 { 1 } else { 6 };
        let outcome = desk.run(&["console", ADMIN, "--print", "-vv"]).fails(code, &["the AWS sign-in service", words]);
        let secrets = desk.simulator.state().secrets.clone();
        assert!(secrets.iter().all(|secret| !outcome.err.contains(&secret[..secret.len().min(24)])), "{}", outcome.err);
        assert_eq!(outcome.out, "");
    }
}
