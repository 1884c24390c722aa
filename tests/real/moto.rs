//! moto, a foreign imitation of AWS: what was put there by boto3 is read back. Where it differs from AWS (access.md 6) nothing is
//! asserted: it knows no access entries, no UserStatus, and gives policy documents as plain JSON.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::parts::part;
use crate::support::Desk;
use eksso::clients::aws::sso_admin::SsoAdmin;
use eksso::domain::access::facts::{Assignee, Facts};
use eksso::domain::role_credentials::RoleCredentials;
use eksso::domain::secret::SecretString;
use eksso_simulator::World;

const ACCOUNT: &str = "123456789012";

/// A running moto server; it ends with this.
struct Moto {
    child: Child,
    url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A program of moto's folder.
fn program(name: &str) -> PathBuf {
    let bin = part("kubectl-1.35");
    let path = bin.ancestors().nth(2).expect("the parts").join("clients/moto/bin").join(name);
    assert!(path.exists(), "{} is missing: run tests/run", path.display());
    path
}

fn start() -> Moto {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let mut command = Command::new(program("moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    // Its EC2 side would otherwise look for real instances' metadata.
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).env("HOME", "/nonexistent");
    command.env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
    let moto = Moto { child: command.spawn().expect("moto"), url: format!("http://127.0.0.1:{port}") };
    let until = Instant::now() + Duration::from_secs(60);
    while ureq::get(&format!("{}/moto-api/data.json", moto.url)).call().is_err() {
        assert!(Instant::now() < until, "moto does not answer");
        std::thread::sleep(Duration::from_millis(200));
    }
    moto
}

#[test]
#[ignore = "real part: moto"]
fn what_was_put_into_moto_is_read_back() {
    let moto = start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/clients/moto.py");
    let put = Command::new(program("python3")).arg(script).arg(&moto.url).output().expect("Python");
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
    let put: Value = serde_json::from_slice(&put.stdout).expect("JSON");
    let text = |name: &str| put[name].as_str().expect("a text").to_owned();

    let mut desk = Desk::with(World::small());
    for service in ["IAM", "SSO_ADMIN", "IDENTITYSTORE", "ORGANIZATIONS", "ACCOUNT_ACCESS", "EKS", "STS"] {
        desk.set(&format!("AWS_ENDPOINT_URL_{service}"), &moto.url);
    }
    desk.set("AWS_ACCESS_KEY_ID", "testing").set("AWS_SECRET_ACCESS_KEY", "testing");
    let config = format!("regions = [\"us-east-1\"]\n[access]\nidentity_center_account = \"{ACCOUNT}\"\n");
    desk.write(".config/eksso/config.toml", &config);
    let (facts, words) = desk.facts(&["--credentials", "environment"]);
    let facts: Facts = facts.unwrap_or_else(|error| panic!("{error}\n{words}"));
    assert_eq!(facts.clusters[0].name.as_str(), "payments");
    // moto has no access entries: that must not pass for a cluster without any.
    assert!(facts.clusters[0].entries.missing().is_some());

    let account = &facts.accounts[&ACCOUNT.parse().expect("an id")];
    assert_eq!(account.roles.source.clone().expect("a source").by, "environment");
    let role = account.roles.get().expect("roles").iter().find(|role| role.arn == text("role")).expect("the role");
    let trust: Value = serde_json::from_str(&role.trust).expect("JSON");
    assert_eq!(trust["Statement"][0]["Action"][1], "sts:TagSession");
    assert_eq!((role.max_session, role.tags["team"].as_str()), (Some(43200), "payments"));
    let permissions = role.permissions.get().expect("permissions");
    assert_eq!(permissions.inline[0].0, "AwsSSOInlinePolicy");
    assert!(serde_json::from_str::<Value>(&permissions.inline[0].1).is_ok(), "{permissions:?}");
    assert!(permissions.attached.contains(&text("own")));
    let own = &account.policies.get().expect("policies")[&text("own")];
    assert!(own.contains("eks:DescribeCluster"), "{own}");
    let read_only = facts.aws_policies["arn:aws:iam::aws:policy/ReadOnlyAccess"].get().expect("a document");
    assert!(read_only.contains("eks:DescribeCluster") || read_only.contains("eks:Describe*"), "a real document");
    let user = &account.users.get().expect("users")[0];
    assert!(user.arn.ends_with(":user/legacy") && user.groups == ["ops"], "{user:?}");
    assert!(account.saml_providers.get().expect("providers")[0].arn.ends_with("saml-provider/Okta"));

    let directory = &facts.directories[0];
    assert_eq!((&directory.instance, &directory.store), (&text("instance"), &text("store")));
    let set = directory.sets.get().expect("sets").iter().find(|set| set.arn == text("set")).expect("the set");
    assert_eq!((set.name.as_str(), set.session), ("EKSDeveloper", Some(8 * 3600)));
    let found = directory.users.get().expect("users").iter().find(|user| user.id == text("user")).expect("the user");
    assert_eq!(
        (found.name.as_str(), found.emails.as_slice()),
        ("jane@example.com", &["jane@example.com".to_owned()][..])
    );
    assert!(directory.groups.get().expect("groups").iter().any(|group| group.name == "EKS Developers"));
    assert_eq!(facts.organization.id.get(), Some(&text("organization")));
    assert!(facts.organization.accounts.get().expect("accounts").values().any(|name| name == "workloads"));

    // No cluster names the set, so nobody asked who is assigned it: asked directly, moto says.
    let credentials = RoleCredentials {
        access_key_id: "testing".into(),
        secret_access_key: SecretString::from("testing"),
        session_token: SecretString::from(""),
        made_at: None,
        expires_at: jiff::Timestamp::MAX,
    };
    let (instance, set, account) = (text("instance"), text("set"), ACCOUNT.parse().expect("an id"));
    let admin = SsoAdmin::new(&desk.aws(), &"us-east-1".parse().expect("a region"), &credentials);
    let asked = async {
        let assignees = admin.assignees(&instance, &account, &set).await;
        (assignees, admin.inline_policy(&instance, &set).await, admin.managed_policies(&instance, &set).await)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (assignees, inline, managed) = runtime.block_on(asked);
    assert_eq!(assignees.expect("assignments"), [Assignee::Group(text("group"))]);
    assert!(inline.expect("an answer").expect("a policy").contains("eks:DescribeCluster"));
    assert_eq!(managed.expect("policies"), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
}
