//! The bindings on a real kube-apiserver: taken in a dry run, then for good; what each tier may do is what it is for, and whoever tries to
//! get more is refused.

use serde_json::{Value, json};

use crate::real::parts::{good, said};
use crate::real::scaffold::written;
use crate::real::who_can::{judged, kubectl, review, serve};
use crate::scaffold::seeds::{HOSTILE, files, hostile};
use crate::support::Desk;

/// Tiers by groups: one for each ClusterRole that people are bound to, in namespaces and in the whole cluster.
const TIERS: &str = r#"
[clusters.payments]
account = "222222222222"
region = "eu-west-1"

[tiers.operators]
roles = ["Operators"]
people = ["Operators"]
clusters = ["payments"]
kubernetes_groups = ["operators"]
rbac = "edit"
namespaces = ["payments", "web"]

[tiers.namespace-admin]
roles = ["Owners"]
people = ["Owners"]
clusters = ["payments"]
kubernetes_groups = ["owners"]
rbac = "admin"
namespaces = ["payments"]

[tiers.viewer]
roles = ["Viewers"]
people = ["Viewers"]
clusters = ["payments"]
kubernetes_groups = ["viewers"]
rbac = "view"

[tiers.cluster-admin]
roles = ["Admins"]
people = ["Admins"]
clusters = ["payments"]
kubernetes_groups = ["admins"]
rbac = "cluster-admin"

[tiers.auditor]
roles = ["Auditors"]
people = ["Auditors"]
clusters = ["payments"]
kubernetes_groups = ["eksso-auditors"]
"#;

const GROUPS: [&str; 5] = ["operators", "owners", "viewers", "admins", "eksso-auditors"];

/// `VERB GROUP RESOURCE SUBRESOURCE NAMESPACE NAME => who may`, with `-` for what is not there.
const MATRIX: &str = "
list - pods - payments - => operators owners viewers admins
list - pods - web - => operators viewers admins
list - pods - kube-system - => viewers admins
list - pods - - - => viewers admins
create - pods - payments - => operators owners admins
delete - pods - web - => operators admins
delete - pods - kube-system - => admins
create - pods exec payments - => operators owners admins
create - pods exec kube-system - => admins
update apps deployments - payments - => operators owners admins
update apps deployments - default - => admins
get - secrets - payments - => operators owners admins
get - secrets - web - => operators admins
get - secrets - kube-system - => admins
list - secrets - - - => admins
get - configmaps - kube-system aws-auth => viewers admins eksso-auditors
get - configmaps - kube-system coredns => viewers admins
update - configmaps - kube-system aws-auth => admins
create - serviceaccounts token kube-system - => admins
impersonate - serviceaccounts - kube-system - => admins
impersonate - users - - - => admins
impersonate - groups - - system:masters => admins
create - namespaces - - - => admins
list - namespaces - - - => viewers admins eksso-auditors
get - nodes proxy - - => admins
create rbac.authorization.k8s.io rolebindings - payments - => owners admins
create rbac.authorization.k8s.io rolebindings - web - => admins
create rbac.authorization.k8s.io roles - payments - => owners admins
create rbac.authorization.k8s.io clusterrolebindings - - - => admins
create rbac.authorization.k8s.io clusterroles - - - => admins
bind rbac.authorization.k8s.io clusterroles - - cluster-admin => admins
escalate rbac.authorization.k8s.io clusterroles - - - => admins
escalate rbac.authorization.k8s.io roles - payments - => admins
list rbac.authorization.k8s.io clusterroles - - - => admins eksso-auditors
list rbac.authorization.k8s.io clusterrolebindings - - - => admins eksso-auditors
list rbac.authorization.k8s.io roles - - - => admins eksso-auditors
list rbac.authorization.k8s.io rolebindings - - - => admins eksso-auditors
list - serviceaccounts - - - => viewers admins eksso-auditors
update rbac.authorization.k8s.io clusterroles - - eksso-auditor => admins
create admissionregistration.k8s.io validatingwebhookconfigurations - - - => admins
update certificates.k8s.io certificatesigningrequests approval - - => admins
create - persistentvolumes - - - => admins
create - pods eviction kube-system - => admins
";

/// What people try who want more, with the group that they are in; all of it is refused.
const ATTEMPTS: [(&str, &[&str]); 8] = [
    ("operators", &["create", "clusterrolebinding", "mine", "--clusterrole=cluster-admin", "--user=jane"]),
    ("operators", &["create", "rolebinding", "mine", "-n", "payments", "--clusterrole=edit", "--user=jane"]),
    ("owners", &["create", "clusterrolebinding", "mine", "--clusterrole=admin", "--user=jane"]),
    // Who may make bindings in a namespace binds what they have, and no more.
    ("owners", &["create", "rolebinding", "mine", "-n", "payments", "--clusterrole=cluster-admin", "--user=jane"]),
    ("owners", &["create", "role", "mine", "-n", "payments", "--verb=*", "--resource=*"]),
    ("viewers", &["create", "serviceaccount", "mine", "-n", "payments"]),
    ("eksso-auditors", &["get", "secrets", "-A"]),
    (
        "eksso-auditors",
        &[
            "patch",
            "clusterrole",
            "eksso-auditor",
            "--type=json",
            "-p",
            r#"[{"op":"add","path":"/rules/-","value":{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}}]"#,
        ],
    ),
];

/// The rules of `view`, `edit` and `admin`, which a controller would fill in from the roles that aggregate to them.
fn aggregate(desk: &Desk) {
    let roles: Value =
        serde_json::from_str(&good(kubectl(desk).args(["get", "clusterroles", "-o", "json"]))).expect("JSON");
    let roles = roles["items"].as_array().expect("items");
    let of = |name: &str| -> Vec<Value> {
        let found = roles.iter().find(|role| role["metadata"]["name"] == format!("system:aggregate-to-{name}"));
        found.expect("a default role")["rules"].as_array().expect("rules").clone()
    };
    let (view, edit, admin) = (of("view"), of("edit"), of("admin"));
    let edit = [view.clone(), edit].concat();
    for (name, rules) in [("view", view), ("edit", edit.clone()), ("admin", [edit, admin].concat())] {
        let patch = json!({ "rules": rules }).to_string();
        good(kubectl(desk).args(["patch", "clusterrole", name, "--type=merge", "-p", &patch]));
    }
}

#[test]
#[ignore = "real part: kube-apiserver, etcd, kubectl"]
fn a_real_api_server_takes_the_bindings_and_gives_each_tier_what_it_is_for() {
    let desk = Desk::new();
    let _servers = serve(&desk);
    aggregate(&desk);
    for namespace in ["payments", "web", "012", "1e3", "null"] {
        good(kubectl(&desk).args(["create", "namespace", namespace]));
    }
    let apply =
        |folder: &std::path::Path, more: &[&str]| good(kubectl(&desk).args(["apply", "-k"]).arg(folder).args(more));
    // Every kind of set is taken in a dry run, and changes nothing.
    let untouched =
        good(kubectl(&desk).args(["get", "clusterrolebindings,rolebindings,clusterroles", "-A", "-o", "name"]));
    for (name, text) in files().into_iter().chain([("hostile", hostile())]) {
        let clusters = written(&desk, &text).join("kubernetes");
        for cluster in std::fs::read_dir(&clusters).expect("clusters").flatten() {
            let said = apply(&cluster.path(), &["--dry-run=server"]);
            assert!(said.contains("eksso-auditor"), "{name}: {said}");
        }
        std::fs::remove_dir_all(desk.path("out")).expect("removed");
    }
    let after = good(kubectl(&desk).args(["get", "clusterrolebindings,rolebindings,clusterroles", "-A", "-o", "name"]));
    assert_eq!(after, untouched);
    // Names come through as they are.
    apply(&written(&desk, &hostile()).join("kubernetes/payments"), &[]);
    let bindings: Value =
        serde_json::from_str(&good(kubectl(&desk).args(["get", "rolebindings", "-n", "012", "-o", "json"])))
            .expect("JSON");
    let subjects = bindings["items"][0]["subjects"].as_array().expect("subjects");
    let names: Vec<&str> = subjects.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, HOSTILE);
    good(kubectl(&desk).args(["delete", "-k"]).arg(desk.path("out/kubernetes/payments")));
    std::fs::remove_dir_all(desk.path("out")).expect("removed");
    // The matrix.
    let folder = written(&desk, TIERS).join("kubernetes/payments");
    apply(&folder, &[]);
    assert!(!apply(&folder, &[]).contains("configured"), "the same again changes nothing");
    let rows: Vec<(&str, &str)> = MATRIX.trim().lines().filter_map(|row| row.split_once(" => ")).collect();
    let asked: Vec<(&str, &str, bool)> = rows
        .iter()
        .flat_map(|(attributes, who)| GROUPS.map(|group| (*attributes, group, who.split(' ').any(|one| one == group))))
        .collect();
    let groups = |group: &str| vec![group.to_owned(), "system:authenticated".to_owned()];
    let reviews: Vec<Value> = asked.iter().map(|(what, group, _)| review(what, "jane", &groups(group))).collect();
    let answers = judged(&desk, &reviews);
    let wrong: Vec<String> = asked
        .iter()
        .zip(&answers)
        .filter(|((.., promised), answer)| promised != *answer)
        .map(|((what, group, promised), answer)| format!("{group}: {what}: {answer}, promised {promised}"))
        .collect();
    assert!(wrong.is_empty() && asked.len() >= 200, "{} of {}:\n{}", wrong.len(), asked.len(), wrong.join("\n"));
    // Attempts, not only questions.
    for (group, args) in ATTEMPTS {
        let as_group = format!("--as-group={group}");
        let tried =
            kubectl(&desk).args(["--as=jane", &as_group, "--as-group=system:authenticated"]).args(args).output();
        let tried = tried.expect("kubectl");
        assert!(!tried.status.success() && said(&tried).contains("orbidden"), "{group} {args:?}: {}", said(&tried));
    }
}
