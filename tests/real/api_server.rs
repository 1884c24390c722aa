//! Real kube-apiservers with aws-iam-authenticator as webhook: what eksso says of them against what kubectl gets.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use super::parts::{at, good, part, said, through_the_proxy};
use crate::support::Desk;
use eksso_simulator::{Cluster, Mapping, MappingKind, Policy, World};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const ROLES: [&str; 10] =
    ["EKSAdmin", "EKSViewer", "Bare", "Stale", "Outsider", "Capital", "Merged", "Twice", "Node", "AsUser"];

/// Programs that end with the test.
pub struct Servers(pub Vec<Child>);

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// What EKS's authorizer does for access policies: those of the viewer let everybody of the group `viewers` read pods. It
/// allows or has no opinion, and cannot list rules.
fn policies() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || decide(stream));
        }
    });
    port
}

/// Answers SubjectAccessReviews until the client goes away.
fn decide(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_lowercase();
            if let Some(size) = line.strip_prefix("content-length: ") {
                length = size.parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let review: Value = serde_json::from_slice(&body).ok()?;
        let spec = &review["spec"];
        let is_viewer = spec["groups"].as_array().is_some_and(|all| all.contains(&json!("viewers")));
        let reads = ["get", "list", "watch"].iter().any(|verb| spec["resourceAttributes"]["verb"] == *verb);
        let allowed = is_viewer && reads && spec["resourceAttributes"]["resource"] == "pods";
        let answer = json!({
            "apiVersion": review["apiVersion"], "kind": "SubjectAccessReview", "status": { "allowed": allowed },
        });
        let answer = answer.to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", answer.len());
        stream.write_all(format!("{head}{answer}").as_bytes()).ok()?;
    }
}

/// A kubeconfig for the servers' own use.
pub fn kubeconfig(desk: &Desk, name: &str, server: &str, user: &Value) -> String {
    let ca = desk.path("ca.pem");
    let trust = if server.starts_with("https") {
        json!({ "server": server, "certificate-authority": ca })
    } else {
        json!({ "server": server })
    };
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "x",
        "clusters": [{ "name": "x", "cluster": trust }],
        "users": [{ "name": "x", "user": user }],
        "contexts": [{ "name": "x", "context": { "cluster": "x", "user": "x" } }],
    });
    desk.write(name, &config.to_string()).display().to_string()
}

pub fn start(servers: &mut Servers, desk: &Desk, name: &str, command: &mut Command) {
    let log = std::fs::File::create(desk.path(&format!("{name}.log"))).expect("a log");
    let err = log.try_clone().expect("a log");
    servers.0.push(command.stdin(Stdio::null()).stdout(log).stderr(err).spawn().expect(name));
}

/// Waits until something is so.
#[track_caller]
pub fn wait(desk: &Desk, what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        let logs = || {
            let all = desk.files().into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "log"));
            all.map(|(path, text)| {
                let text = String::from_utf8_lossy(&text).into_owned();
                let tail: Vec<&str> = text.lines().rev().take(12).collect();
                format!("{}:\n{}\n", path.display(), tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
            })
            .collect::<String>()
        };
        assert!(began.elapsed() < Duration::from_secs(40), "{what}\n{}", logs());
        sleep(Duration::from_millis(200));
    }
}

/// What API servers show of themselves and whom they believe: certificates of the simulator's CA.
pub struct Authority {
    ca: String,
    certificate: String,
    key: String,
    /// A user of a kubeconfig who may do everything.
    pub admin: Value,
}

impl Authority {
    pub fn of(desk: &Desk) -> Self {
        let file = |name: &str, text: &str| desk.write(name, text).display().to_string();
        let (certificate, key) = desk.simulator.issue(None);
        let (admin, admin_key) = desk.simulator.issue(Some(("admin", "system:masters")));
        Self {
            ca: file("ca.pem", desk.simulator.ca_pem()),
            certificate: file("server.pem", &certificate),
            key: file("server.key", &key),
            admin: json!({ "client-certificate": file("admin.pem", &admin), "client-key": file("admin.key", &admin_key) }),
        }
    }

    /// An API server of a name, whose objects stand in etcd under it. How it authorizes is to be added.
    pub fn api_server(&self, desk: &Desk, name: &str, etcd: &str, port: u16) -> Command {
        let Self { ca, certificate, key, .. } = self;
        let mut command = Command::new(part("kube-apiserver-1.35.4"));
        command.args([format!("--etcd-servers={etcd}"), format!("--etcd-prefix=/{name}")]);
        command.args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"]);
        command.args([format!("--secure-port={port}"), format!("--tls-cert-file={certificate}")]);
        command.args([format!("--tls-private-key-file={key}"), format!("--client-ca-file={ca}")]);
        command.arg("--service-account-issuer=https://kubernetes.default.svc");
        command.args(["--service-cluster-ip-range=10.100.0.0/16", "--disable-admission-plugins=ServiceAccount"]);
        command.arg(format!("--service-account-key-file={certificate}"));
        command.arg(format!("--service-account-signing-key-file={key}"));
        command.arg(format!("--cert-dir={}", desk.path(&format!("{name}.certificates")).display()));
        command
    }
}

/// Starts an etcd; answers its address.
pub fn etcd(servers: &mut Servers, desk: &Desk) -> String {
    let [etcd, peers] = [free_port(), free_port()].map(|port| format!("http://127.0.0.1:{port}"));
    let mut command = Command::new(part("etcd-3.6.16"));
    command.arg("--unsafe-no-fsync").arg(format!("--data-dir={}", desk.path("etcd").display()));
    command.args([format!("--listen-client-urls={etcd}"), format!("--advertise-client-urls={etcd}")]);
    command.args([format!("--listen-peer-urls={peers}"), format!("--initial-advertise-peer-urls={peers}")]);
    command.arg(format!("--initial-cluster=default={peers}"));
    start(servers, desk, "etcd", &mut command);
    etcd
}

/// A server for each cluster on one etcd, with an authenticator of its own: the roles of one stand in a file, as access
/// entries do, those of the other in a live aws-auth.
fn serve(desk: &Desk) -> Servers {
    let mut servers = Servers(Vec::new());
    let authority = Authority::of(desk);
    let etcd = etcd(&mut servers, desk);
    let webhook = kubeconfig(desk, "policies.json", &format!("http://127.0.0.1:{}", policies()), &json!({}));
    // Its /healthz would listen on all addresses.
    let held = TcpListener::bind(("127.0.0.1", 21363));
    for name in ["entries", "lines"] {
        let port = free_port();
        let server = format!("https://127.0.0.1:{port}");
        let own = kubeconfig(desk, &format!("{name}.admin.json"), &server, &authority.admin);
        let config = json!({ "clusterID": name, "server": { "mapRoles": in_a_file(desk, name) } });
        let config = desk.write(&format!("{name}.yaml"), &config.to_string()).display().to_string();
        let generated = desk.path(&format!("{name}.webhook")).display().to_string();
        let state = desk.path(&format!("{name}.state"));
        std::fs::create_dir_all(&state).expect("a folder");
        let mut command = through_the_proxy(desk, &part("aws-iam-authenticator"));
        command.env("AWS_REGION", "eu-west-1").args(["server", "--config", &config, "--address", "127.0.0.1"]);
        command.args(["--port", &free_port().to_string(), "--state-dir"]).arg(&state);
        command.args(["--generate-kubeconfig", &generated]);
        if name == "lines" {
            command.args(["--backend-mode", "EKSConfigMap", "--kubeconfig", &own]);
        }
        start(&mut servers, desk, &format!("{name}.authenticator"), &mut command);
        wait(desk, "an authenticator", || Path::new(&generated).exists());
        let mut command = authority.api_server(desk, name, &etcd, port);
        command.args(["--authorization-mode=Node,RBAC,Webhook", "--authorization-webhook-version=v1"]);
        command.arg(format!("--authorization-webhook-config-file={webhook}"));
        command.arg(format!("--authentication-token-webhook-config-file={generated}"));
        command.arg("--authentication-token-webhook-cache-ttl=1s");
        start(&mut servers, desk, &format!("{name}.apiserver"), &mut command);
        let mut state = desk.simulator.state();
        let cluster = state.world.clusters.iter_mut().find(|cluster| cluster.name == name).expect("a cluster");
        cluster.endpoint = Some(server);
    }
    for name in ["entries", "lines"] {
        let ready =
            || as_admin(desk, name).args(["get", "--raw", "/readyz"]).output().expect("kubectl").status.success();
        wait(desk, &format!("the API server of {name}"), ready);
        let objects = desk.write(&format!("{name}.objects.yaml"), &objects(desk, name));
        wait(desk, "the objects", || {
            as_admin(desk, name).args(["apply", "-f"]).arg(&objects).output().expect("kubectl").status.success()
        });
    }
    drop(held);
    servers
}

fn as_admin(desk: &Desk, name: &str) -> Command {
    let mut command = at(desk, &part("kubectl-1.35"));
    command.arg("--kubeconfig").arg(desk.path(&format!("{name}.admin.json")));
    command
}

fn arn(desk: &Desk, role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{}", desk.simulator.iam_role(role))
}

/// The access entries, as the authenticator's file.
fn in_a_file(desk: &Desk, name: &str) -> Value {
    let state = desk.simulator.state();
    let cluster = state.world.clusters.iter().find(|cluster| cluster.name == name).expect("a cluster");
    let works = cluster.mappings.iter().filter(|mapping| mapping.kind == MappingKind::Entry).cloned();
    let works: Vec<Mapping> = works.collect();
    drop(state);
    let line = |mapping: &Mapping| json!({ "rolearn": arn(desk, &mapping.role), "username": mapping.username, "groups": mapping.groups });
    works.iter().map(line).collect()
}

/// RBAC, and the live aws-auth.
fn objects(desk: &Desk, name: &str) -> String {
    let rbac = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: deployers }
rules:
- { apiGroups: [apps], resources: [deployments, deployments/scale], verbs: [get, list] }
- { apiGroups: [""], resources: [configmaps], resourceNames: [one, aws-auth], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: admins }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: deployers }
subjects:
- { kind: Group, name: admins, apiGroup: rbac.authorization.k8s.io }
"#;
    if name == "entries" {
        return rbac.to_owned();
    }
    let roles = format!(
        "- &base\n  rolearn: {}\n  username: admin:{{{{SessionName}}}}\n  groups: [admins]\n\
         - <<: *base\n  rolearn: {}\n\
         - RoleARN: {}\n  username: capital:{{{{SessionNameRaw}}}}\n  groups: [viewers]\n\
         - rolearn: {}\n  username: first\n  groups: [admins]\n\
         - rolearn: {}\n  username: last:{{{{AccountID}}}}\n  groups: [viewers]\n\
         - rolearn: {}\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [system:nodes]\n\
         - rolearn: arn:aws:iam::{ACCOUNT}:role/Outsider\n  username: namesake\n",
        arn(desk, "EKSAdmin"),
        arn(desk, "Merged"),
        arn(desk, "Capital").to_uppercase(),
        arn(desk, "Twice"),
        arn(desk, "Twice"),
        arn(desk, "Node"),
    );
    let users = format!("- userarn: {}\n  username: as-user\n  groups: [viewers]\n", arn(desk, "AsUser"));
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "aws-auth", "namespace": "kube-system" },
        "data": { "mapRoles": roles, "mapUsers": users, "mapAccounts": "- [" },
    });
    format!("{rbac}---\n{map}\n")
}

fn world() -> World {
    let mut world = World::small();
    world.accounts.truncate(1);
    world.accounts[0].roles = ROLES.map(str::to_owned).to_vec();
    let mapping = |role: &str, user: &str, groups: &[&str]| Mapping {
        username: user.into(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Mapping::new(role, MappingKind::Entry)
    };
    let mut entries = Cluster::new(ACCOUNT, "eu-west-1", "entries", &[]);
    let view = Policy { name: "AmazonEKSViewPolicy".into(), namespaces: vec![] };
    entries.mappings = vec![
        mapping("EKSAdmin", "admin:{{SessionName}}", &["admins"]),
        Mapping { policies: vec![view], ..mapping("EKSViewer", "viewer:{{SessionNameRaw}}", &["viewers"]) },
        mapping("Bare", "bare:{{AccountID}}", &[]),
        // EKS lists it, and it is bound to a role that is gone.
        Mapping::new("Stale", MappingKind::StaleEntry),
        Mapping::new("Outsider", MappingKind::NamesakeEntry),
    ];
    let mut lines = Cluster::new(ACCOUNT, "eu-west-1", "lines", &[]);
    lines.mode = "CONFIG_MAP".into();
    world.clusters = vec![entries, lines];
    world.cluster_ports = 0;
    world
}

/// Lines of a table, each as its words.
fn table(text: &str) -> BTreeSet<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
#[ignore = "real part: kube-apiserver, etcd, aws-iam-authenticator, kubectl"]
fn what_eksso_says_of_a_real_api_server_is_what_kubectl_gets() {
    let began = Instant::now();
    let desk = Desk::signed_in_to(world());
    let _servers = serve(&desk);
    desk.run(&["add", "--account=*", "--role=*", "--region=eu-west-1", "--cluster=*", "--unmapped"]).ok();
    let kubectl = |context: &str, args: &[&str]| {
        at(&desk, &part("kubectl-1.35")).args(["--context", context]).args(args).output().expect("kubectl")
    };
    wait(&desk, "aws-auth", || kubectl("Production/lines:EKSAdmin", &["auth", "whoami"]).status.success());
    let rows = |more: &[&str]| -> Vec<Value> {
        let args = [&["clusters", "--region=eu-west-1", "-o", "json"], more].concat();
        desk.run(&args).ok().json().as_array().expect("an array").clone()
    };
    let (plain, verified) = (rows(&["--refresh"]), rows(&["--verify"]));
    assert_eq!((plain.len(), verified.len()), (2 * ROLES.len(), 2 * ROLES.len()));
    let mut wrong = Vec::new();
    for (before, row) in plain.iter().zip(&verified) {
        let (cluster, role) = (row["cluster"].as_str().expect("a cluster"), row["role"].as_str().expect("a role"));
        let context = format!("Production/{cluster}:{role}");
        let truth = kubectl(&context, &["auth", "whoami", "-o", "json"]);
        let is_in = truth.status.success();
        let info = serde_json::from_slice::<Value>(&truth.stdout).unwrap_or_default()["status"]["userInfo"].clone();
        let right = if is_in { "yes" } else { "no" };
        if row["mapped"] != right {
            wrong.push(format!("{context}: --verify says {}, kubectl {}", row["mapped"], said(&truth)));
        }
        // Only the cluster can tell that an entry with the ARN of today's role is dead.
        let may_be_dead = role == "Stale" && cluster == "entries";
        if before["mapped"] != right && before["mapped"] != "unknown" && !may_be_dead {
            wrong.push(format!("{context}: the lists say {}, kubectl {}", before["mapped"], said(&truth)));
        }
        let whoami = desk.run(&["whoami", &context, "-o", "json"]);
        assert_eq!(whoami.code, if is_in { 0 } else { 4 }, "{context}: {}", whoami.err);
        if !is_in {
            assert!(said(&truth).contains("Unauthorized") || said(&truth).contains("logged in"), "{}", said(&truth));
            continue;
        }
        let whoami = &whoami.json()[0];
        for (what, said) in [("--verify", row), ("whoami", whoami)] {
            if (&said["kubernetes_user"], &said["kubernetes_groups"]) != (&info["username"], &info["groups"]) {
                wrong.push(format!(
                    "{context}: {what} says {} {}, not {info}",
                    said["kubernetes_user"], said["kubernetes_groups"]
                ));
            }
        }
        // The rules are kubectl's, a resource a row.
        let theirs = table(&good(&mut {
            let mut command = at(&desk, &part("kubectl-1.35"));
            command.args(["--context", &context, "auth", "can-i", "--list"]);
            command
        }));
        let ours = desk.run(&["whoami", &context]).ok().out;
        let shown = ours.split("may, in the namespace default:\n").nth(1).unwrap_or_default();
        let shown: String = shown
            .lines()
            .take_while(|line| line.starts_with("  ") && !line.contains(" adds, "))
            .map(|line| format!("{line}\n"))
            .collect();
        if table(&shown) != theirs {
            wrong.push(format!("{context}: {ours}\nkubectl: {theirs:#?}"));
        }
        assert_eq!(whoami["rules_incomplete"], true, "a webhook cannot list");
        match (cluster, role) {
            ("entries", "EKSViewer") => {
                assert!(ours.contains("AmazonEKSViewPolicy adds, in the whole cluster"), "{ours}");
                let pods = kubectl(&context, &["auth", "can-i", "list", "pods"]);
                assert!(pods.status.success(), "{}", said(&pods));
            }
            ("entries", "Bare") => {
                assert!(ours.contains("authenticated, but no group or policy gives it anything"), "{ours}");
                assert!(!kubectl(&context, &["auth", "can-i", "list", "pods"]).status.success());
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let yes = verified.iter().filter(|row| row["mapped"] == "yes").count();
    assert_eq!(yes, 3 + 5, "EKSAdmin, EKSViewer, Bare; EKSAdmin, Merged, Capital, Twice, AsUser");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}
