//! `--who-can` against a real kube-apiserver: every answer is that of its SubjectAccessReview.

use std::collections::BTreeMap;
use std::process::Command;

use super::api_server::{Authority, Servers, etcd, free_port, kubeconfig, start, wait};
use super::parts::{at, good, part};
use crate::access::made::{self, cluster, entry, facts, iam_role, role_arn, seen};
use crate::support::Desk;
use eksso::domain::access::facts::{Binding, Facts, RbacRole, RbacSubject};
use eksso::domain::access::grant::Grant;
use eksso::domain::access::grants::grants;
use eksso::domain::access::who_can::answer::{Answer, Other, Path as Way};
use eksso::domain::access::who_can::{Question, who_can};
use eksso::domain::access::{AuthMode, aws_auth::AwsAuth};
use serde_json::{Value, json};

/// Whose session it is.
const PERSON: &str = "jane@x.org";
/// Rules of the default ClusterRole `edit`, with `view` in it, that AmazonEKSEditPolicy has not. Source: access.md 2.5.
const NOT_IN_EDIT: [&str; 5] =
    ["pods/eviction", "serviceaccounts/token", "leases", "resourceclaims", "resourceclaimtemplates"];

const OBJECTS: &str = r#"
{ns: [web, payments, dev-a, dev-b]}
---
ClusterRole pod-reader | get,list,watch - pods
ClusterRole execs | create - pods/exec | get - pods
ClusterRole any-exec | create * */exec
ClusterRole named-secrets | * - secrets tls,db
ClusterRole named-list | list,watch - configmaps one
ClusterRole named-exec | create - pods/exec web-0
ClusterRole token | create - serviceaccounts/token robot
ClusterRole apps-all | * apps *
ClusterRole all-groups | get * deployments,events
ClusterRole escalation | bind,escalate rbac.authorization.k8s.io clusterroles,roles
ClusterRole impersonation | impersonate - users,groups,serviceaccounts | impersonate authentication.k8s.io userextras/scopes
ClusterRole widgets | * example.com widgets,widgets/status
ClusterRole gadgets-a | get a.example.com gadgets
ClusterRole gadgets-b | get b.example.com gadgets
ClusterRole scale | update,patch apps deployments/scale,replicasets/scale
ClusterRole namespaces-reader | get,delete - namespaces
ClusterRole node-proxy | get - nodes/proxy | get,list - nodes
ClusterRole pod-star | * - pods
ClusterRole useless | create,deletecollection - pods one | create apps deployments one
ClusterRole signing | update certificates.k8s.io certificatesigningrequests/approval | approve certificates.k8s.io signers kubernetes.io/kubelet-serving
ClusterRole everything | * * *
ClusterRole info | get - configmaps cluster-info
Role web/deployer | create,update apps deployments | delete - pods
Role web/logs | get - pods/log
Role payments/secrets | get - secrets db
Role dev-a/all | * * *
---
ClusterRoleBinding pod-reader | ClusterRole pod-reader | Group:readers ServiceAccount:web/robot
ClusterRoleBinding urls | ClusterRole urls | Group:readers Group:system:serviceaccounts
ClusterRoleBinding urls-all | ClusterRole urls-all | User:bob
ClusterRoleBinding gone | ClusterRole no-such-role | Group:readers Group:operators
ClusterRoleBinding aggregated | ClusterRole aggregated | Group:readers
ClusterRoleBinding execs | ClusterRole execs | Group:operators
ClusterRoleBinding scale | ClusterRole scale | Group:operators User:dave
ClusterRoleBinding node-proxy | ClusterRole node-proxy | Group:operators
ClusterRoleBinding any-exec | ClusterRole any-exec | Group:any-exec
ClusterRoleBinding named-secrets | ClusterRole named-secrets | Group:named
ClusterRoleBinding named-list | ClusterRole named-list | Group:named
ClusterRoleBinding named-exec | ClusterRole named-exec | Group:named
ClusterRoleBinding token | ClusterRole token | Group:named
ClusterRoleBinding useless | ClusterRole useless | Group:named
ClusterRoleBinding apps-all | ClusterRole apps-all | User:alice
ClusterRoleBinding all-groups | ClusterRole all-groups | Group:everywhere
ClusterRoleBinding escalation | ClusterRole escalation | Group:security
ClusterRoleBinding impersonation | ClusterRole impersonation | Group:security
ClusterRoleBinding signing | ClusterRole signing | Group:security
ClusterRoleBinding widgets | ClusterRole widgets | Group:custom
ClusterRoleBinding gadgets-a | ClusterRole gadgets-a | Group:custom
ClusterRoleBinding gadgets-b | ClusterRole gadgets-b | Group:nobody
ClusterRoleBinding session | ClusterRole pod-star | User:dev:jane-x.org User:dev:joe
ClusterRoleBinding stars | ClusterRole everything | Group:team-* User:*
ClusterRoleBinding info | ClusterRole info | Group:system:authenticated
RoleBinding web/stars | ClusterRole pod-star | Group:team-web ServiceAccount:inner
RoleBinding web/deployer | Role deployer | Group:team-web
RoleBinding web/gone | Role no-such-role | Group:team-web
RoleBinding web/urls | ClusterRole urls-all | Group:team-web
RoleBinding web/namespace | ClusterRole namespaces-reader | Group:team-web
RoleBinding web/logs | Role logs | Group:system:serviceaccounts:web
RoleBinding payments/secrets | Role secrets | User:dev:jane-x.org
RoleBinding payments/named | ClusterRole named-secrets | Group:team-web
RoleBinding payments/elsewhere | Role deployer | Group:team-web
RoleBinding dev-a/all | Role all | Group:team-dev
"#;

/// Rows `WORDS => VERB GROUP RESOURCE SUBRESOURCE NAMESPACE NAME`, the words as they stand behind `--who-can`, the rest as the API server has it from
/// such a request; `-` for what it has not. Asked of every mapping.
const QUESTIONS: &str = "
get pods => get - pods - - -
get po -n web => get - pods - web -
list pod -n web => list - pods - web -
watch pods -n dev-a => watch - pods - dev-a -
delete pods -n web --name web-0 => delete - pods - web web-0
create pods -n web => create - pods - web -
create pods -n web --name one => create - pods - web -
deletecollection pods -n web => deletecollection - pods - web -
deletecollection pods -n web --name one => deletecollection - pods - web -
create pods/exec -n web => create - pods exec web -
create pods/exec -n web --name web-0 => create - pods exec web web-0
create pods/exec -n dev-b --name web-1 => create - pods exec dev-b web-1
get pods/exec -n web => get - pods exec web -
get pods/log -n web => get - pods log web -
get pods/log => get - pods log - -
create pods/eviction -n web => create - pods eviction web -
create pods/portforward -n web => create - pods portforward web -
get pods/status -n web => get - pods status web -
create widgets.example.com/exec -n web => create example.com widgets exec web -
get secrets => get - secrets - - -
get secrets -n payments => get - secrets - payments -
get secrets -n payments --name db => get - secrets - payments db
get secret -n web --name db => get - secrets - web db
list secrets -n web --name tls => list - secrets - web tls
list secrets -n web => list - secrets - web -
update secrets -n dev-b --name other => update - secrets - dev-b other
list cm --name one => list - configmaps - - one
list configmaps -n web --name one => list - configmaps - web one
get cm -n kube-system --name cluster-info => get - configmaps - kube-system cluster-info
patch configmaps -n kube-system --name aws-auth => patch - configmaps - kube-system aws-auth
create serviceaccounts/token -n web --name robot => create - serviceaccounts token web robot
create sa/token -n web => create - serviceaccounts token web -
impersonate serviceaccounts -n web => impersonate - serviceaccounts - web -
impersonate users => impersonate - users - - -
impersonate groups --name system:masters => impersonate - groups - - system:masters
impersonate userextras/scopes => impersonate authentication.k8s.io userextras scopes - -
get deploy -n web => get apps deployments - web -
create deployments.apps -n web => create apps deployments - web -
update deployment -n web --name x => update apps deployments - web x
patch deployments/scale -n web => patch apps deployments scale web -
delete sts -n payments => delete apps statefulsets - payments -
get deployments.extensions -n web => get extensions deployments - web -
get controllerrevisions.v1.apps -n web => get apps controllerrevisions - web -
get ev -n web => get - events - web -
get events.events.k8s.io -n web => get events.k8s.io events - web -
list ingress -n dev-a => list networking.k8s.io ingresses - dev-a -
create netpol -n dev-b => create networking.k8s.io networkpolicies - dev-b -
list leases -n web => list coordination.k8s.io leases - web -
list endpointslices -n web => list discovery.k8s.io endpointslices - web -
get hpa -n web => get autoscaling horizontalpodautoscalers - web -
create cj -n web => create batch cronjobs - web -
create pdb -n dev-a => create policy poddisruptionbudgets - dev-a -
list ns => list - namespaces - - -
get ns --name web => get - namespaces - web web
delete ns --name web => delete - namespaces - web web
get ns --name payments -n web => get - namespaces - payments payments
create namespaces => create - namespaces - - -
get no => get - nodes - - -
list nodes -n web => list - nodes - - -
get nodes/proxy => get - nodes proxy - -
create pv => create - persistentvolumes - - -
get crd => get apiextensions.k8s.io customresourcedefinitions - - -
list storageclass => list storage.k8s.io storageclasses - - -
bind clusterroles --name cluster-admin => bind rbac.authorization.k8s.io clusterroles - - cluster-admin
escalate roles -n web => escalate rbac.authorization.k8s.io roles - web -
create rolebindings -n web => create rbac.authorization.k8s.io rolebindings - web -
create clusterrolebindings => create rbac.authorization.k8s.io clusterrolebindings - - -
create localsubjectaccessreviews -n web => create authorization.k8s.io localsubjectaccessreviews - web -
create selfsubjectaccessreviews => create authorization.k8s.io selfsubjectaccessreviews - - -
update csr/approval => update certificates.k8s.io certificatesigningrequests approval - -
approve signers --name kubernetes.io/kubelet-serving => approve certificates.k8s.io signers - - kubernetes.io/kubelet-serving
approve signers => approve certificates.k8s.io signers - - -
get widgets -n web => get example.com widgets - web -
list widgets.example.com => list example.com widgets - - -
update widgets/status -n dev-a => update example.com widgets status dev-a -
get gadgets.a.example.com -n web => get a.example.com gadgets - web -
* * => * * * - - -
* * -n dev-a => * * * - dev-a -
get /metrics => get /metrics
get /healthz => get /healthz
get /healthz/etcd => get /healthz/etcd
get /logsx/kubelet => get /logsx/kubelet
get /version => get /version
post /metrics => post /metrics
delete /metrics => delete /metrics
";

/// The objects as Kubernetes takes them.
fn objects() -> Value {
    let mut items = Vec::new();
    let group = "rbac.authorization.k8s.io";
    let place = |whole: &str| match whole.split_once('/') {
        Some((namespace, name)) => json!({ "namespace": namespace, "name": name }),
        None => json!({ "name": whole }),
    };
    for name in ["web", "payments", "dev-a", "dev-b"] {
        items.push(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }));
    }
    let url = |name: &str, urls: &[&str], verbs: &[&str]| {
        json!({ "apiVersion": format!("{group}/v1"), "kind": "ClusterRole", "metadata": { "name": name },
                "rules": [{ "nonResourceURLs": urls, "verbs": verbs }] })
    };
    items.push(url("urls", &["/metrics", "/healthz/*", "/logs*"], &["get"]));
    items.push(url("urls-all", &["*"], &["get", "post"]));
    items.push(
        json!({ "apiVersion": format!("{group}/v1"), "kind": "ClusterRole", "metadata": { "name": "aggregated" },
        "aggregationRule": { "clusterRoleSelectors": [{ "matchLabels": { "x": "y" } }] },
        "rules": [{ "apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["list"] }] }),
    );
    for line in OBJECTS.lines().filter(|line| line.contains(" | ")) {
        let mut parts = line.split(" | ");
        let (kind, name) = parts.next().and_then(|head| head.split_once(' ')).expect("KIND NAME");
        let mut item = json!({ "apiVersion": format!("{group}/v1"), "kind": kind, "metadata": place(name) });
        if kind.ends_with("Binding") {
            let (kind, name) = parts.next().and_then(|role| role.split_once(' ')).expect("a role");
            item["roleRef"] = json!({ "apiGroup": group, "kind": kind, "name": name });
            let subjects = parts.next().expect("subjects").split(' ').map(|subject| {
                let (kind, name) = subject.split_once(':').expect("KIND:NAME");
                match (kind, name.split_once('/')) {
                    ("ServiceAccount", Some((namespace, name))) => {
                        json!({ "kind": kind, "namespace": namespace, "name": name })
                    }
                    ("ServiceAccount", None) => json!({ "kind": kind, "name": name }),
                    _ => json!({ "kind": kind, "apiGroup": group, "name": name }),
                }
            });
            item["subjects"] = subjects.collect();
        } else {
            item["rules"] = parts.map(|text| serde_json::to_value(made::rule(text)).expect("a rule")).collect();
        }
        items.push(item);
    }
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

/// What stands for the access policies: EKS's authorizer allows what a policy says in the namespaces of its scope, as a binding to a role with the same
/// rules does. The rules come from the server's own ClusterRoles, not from eksso.
fn policies(roles: &[RbacRole]) -> Value {
    let of = |name: &str| &roles.iter().find(|role| role.name == name).expect("a default role").rules;
    let edit = [of("system:aggregate-to-view").as_slice(), of("system:aggregate-to-edit")].concat();
    let cut = |rules: &[_]| -> Vec<Value> {
        let rules = rules.iter().map(|rule| serde_json::to_value(rule).expect("a rule"));
        let cut = rules.map(|mut rule| {
            for (list, gone) in [("resources", &NOT_IN_EDIT[..]), ("apiGroups", &["events.k8s.io", "resource.k8s.io"])]
            {
                let list = rule[list].as_array_mut().expect("a list");
                list.retain(|word| !gone.iter().any(|gone| word == gone));
            }
            rule
        });
        cut.filter(|rule| ["resources", "apiGroups"].iter().all(|list| rule[list] != json!([]))).collect()
    };
    let read = json!(["get", "list", "watch"]);
    let everything = json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }, { "nonResourceURLs": ["*"], "verbs": ["*"] }]);
    let admin = [cut(&edit), cut(of("system:aggregate-to-admin"))].concat();
    let rules = [
        ("View", json!(cut(of("system:aggregate-to-view")))),
        ("Edit", json!(cut(&edit))),
        ("Admin", json!(admin)),
        ("AdminView", json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": read }])),
        ("SecretReader", json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": read }])),
        ("ClusterAdmin", everything),
    ];
    let group = "rbac.authorization.k8s.io";
    let mut items: Vec<Value> = rules
        .iter()
        .map(|(name, rules)| {
            json!({ "apiVersion": format!("{group}/v1"), "kind": "ClusterRole",
                    "metadata": { "name": format!("policy-{}", name.to_lowercase()) }, "rules": rules })
        })
        .collect();
    for (user, policy, namespaces) in POLICIES {
        let binding = |kind: &str, metadata: Value| {
            json!({ "apiVersion": format!("{group}/v1"), "kind": kind, "metadata": metadata,
                    "roleRef": { "apiGroup": group, "kind": "ClusterRole", "name": format!("policy-{}", policy.to_lowercase()) },
                    "subjects": [{ "kind": "User", "apiGroup": group, "name": format!("judge:{user}") }] })
        };
        if namespaces.is_empty() {
            items.push(binding("ClusterRoleBinding", json!({ "name": format!("policy-{user}") })));
        }
        for namespace in namespaces
            .split_whitespace()
            .flat_map(|name| if name == "dev-*" { vec!["dev-a", "dev-b"] } else { vec![name] })
        {
            items.push(binding("RoleBinding", json!({ "name": format!("policy-{user}"), "namespace": namespace })));
        }
    }
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

/// A user, its access policy, and the scope's namespaces; none for the cluster.
const POLICIES: [(&str, &str, &str); 7] = [
    ("viewer", "View", ""),
    ("editor", "Edit", "web dev-*"),
    ("admin", "Admin", "web"),
    ("auditor", "AdminView", ""),
    ("secrets", "SecretReader", "payments"),
    ("root", "ClusterAdmin", ""),
    ("owner", "ClusterAdmin", "web"),
];

/// The mappings: a user each, its template, and its groups.
const ENTRIES: [(&str, &str, &[&str]); 11] = [
    ("readers", "readers", &["readers"]),
    ("operators", "operators", &["operators"]),
    ("named", "named", &["named"]),
    ("web", "web", &["team-web"]),
    ("dev", "dev", &["team-dev", "custom"]),
    ("alice", "alice", &[]),
    ("bob", "bob", &["any-exec", "everywhere"]),
    ("security", "security", &["security"]),
    ("session", "dev:{{SessionName}}", &["nothing"]),
    ("nobody", "nobody:{{SessionNameRaw}}", &[]),
    ("both", "both", &["readers", "team-web", "operators"]),
];

fn serve(desk: &Desk) -> Servers {
    let mut servers = Servers(Vec::new());
    let authority = Authority::of(desk);
    let etcd = etcd(&mut servers, desk);
    let port = free_port();
    kubeconfig(desk, "admin.json", &format!("https://127.0.0.1:{port}"), &authority.admin);
    let mut command = authority.api_server(desk, "registry", &etcd, port);
    command.arg("--authorization-mode=RBAC");
    start(&mut servers, desk, "apiserver", &mut command);
    wait(desk, "the API server", || {
        kubectl(desk).args(["get", "--raw", "/readyz"]).output().expect("kubectl").status.success()
    });
    apply(desk, "objects.json", &objects());
    servers
}

fn kubectl(desk: &Desk) -> Command {
    let mut command = at(desk, &part("kubectl-1.35"));
    command.arg("--kubeconfig").arg(desk.path("admin.json"));
    command
}

fn apply(desk: &Desk, name: &str, objects: &Value) {
    let file = desk.write(name, &objects.to_string());
    good(kubectl(desk).args(["apply", "-f"]).arg(&file));
}

fn list(desk: &Desk, kind: &str) -> Vec<Value> {
    let text = good(kubectl(desk).args(["get", kind, "--all-namespaces", "-o", "json"]));
    let list: Value = serde_json::from_str(&text).expect("JSON");
    list["items"].as_array().expect("items").clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn role(item: &Value) -> RbacRole {
    RbacRole {
        namespace: text(&item["metadata"]["namespace"]),
        name: text(&item["metadata"]["name"]),
        labels: serde_json::from_value(item["metadata"]["labels"].clone()).unwrap_or_default(),
        rules: serde_json::from_value(item["rules"].clone()).unwrap_or_default(),
    }
}

fn binding(item: &Value) -> Binding {
    let subject = |subject: &Value| RbacSubject {
        kind: text(&subject["kind"]),
        name: text(&subject["name"]),
        namespace: text(&subject["namespace"]),
    };
    Binding {
        namespace: text(&item["metadata"]["namespace"]),
        name: text(&item["metadata"]["name"]),
        labels: serde_json::from_value(item["metadata"]["labels"].clone()).unwrap_or_default(),
        role_kind: text(&item["roleRef"]["kind"]),
        role: text(&item["roleRef"]["name"]),
        subjects: item["subjects"].as_array().into_iter().flatten().map(subject).collect(),
    }
}

/// The facts of the server, with the mappings that EKS would have.
fn read(desk: &Desk) -> Facts {
    let mut cluster = cluster("prod", AuthMode::Both);
    let roles = |kind: &str| seen(list(desk, kind).iter().map(role).collect::<Vec<_>>());
    let bindings = |kind: &str| seen(list(desk, kind).iter().map(binding).collect::<Vec<_>>());
    cluster.roles.cluster = roles("clusterroles");
    cluster.roles.namespaced = roles("roles");
    cluster.bindings.cluster = bindings("clusterrolebindings");
    cluster.bindings.namespaced = bindings("rolebindings");
    let mut entries: Vec<_> =
        ENTRIES.iter().map(|(name, user, groups)| entry(&role_arn(name), user, groups, &[])).collect();
    entries.extend(POLICIES.iter().map(|(user, policy, namespaces)| {
        let namespaces: Vec<&str> = namespaces.split_whitespace().collect();
        entry(&role_arn(user), &format!("by-policy:{user}"), &[], &[(*policy, &namespaces)])
    }));
    let mut iam: Vec<_> = entries.iter().map(|entry| iam_role(&entry.principal, 1, made::SSO_TRUST)).collect();
    iam.extend(["Masters", "Robot"].map(|name| iam_role(&role_arn(name), 1, made::SSO_TRUST)));
    cluster.entries = seen(entries);
    let lines = format!(
        "- rolearn: {}\n  username: masters\n  groups: [system:masters]\n\
         - rolearn: {}\n  username: system:serviceaccount:web:inner\n",
        role_arn("Masters"),
        role_arn("Robot"),
    );
    cluster.aws_auth = seen(AwsAuth { roles: lines, ..AwsAuth::default() });
    facts(vec![cluster], iam)
}

/// A question to the server.
fn review(attributes: &str, user: &str, groups: &[String]) -> Value {
    let parts: Vec<&str> = attributes.split(' ').map(|part| if part == "-" { "" } else { part }).collect();
    let mut spec = json!({ "user": user, "groups": groups });
    match parts.as_slice() {
        [verb, path] => spec["nonResourceAttributes"] = json!({ "verb": verb, "path": path }),
        [verb, group, resource, subresource, namespace, name] => {
            spec["resourceAttributes"] = json!({ "verb": verb, "group": group, "resource": resource,
                "subresource": subresource, "namespace": namespace, "name": name });
        }
        _ => panic!("{attributes}"),
    }
    json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "metadata": {}, "spec": spec })
}

/// The server's answers.
fn judged(desk: &Desk, reviews: &[Value]) -> Vec<bool> {
    let texts = reviews.iter().map(|review| format!("---\n{review}\n")).collect::<String>();
    let file = desk.write("reviews.yaml", &texts);
    let said = good(kubectl(desk).args(["create", "--validate=false", "-o", "json", "-f"]).arg(&file));
    let answers = serde_json::Deserializer::from_str(&said).into_iter::<Value>().map(|answer| answer.expect("JSON"));
    let answers: Vec<Value> =
        answers.flat_map(|answer| answer["items"].as_array().cloned().unwrap_or_else(|| vec![answer])).collect();
    assert_eq!(answers.len(), reviews.len());
    answers.iter().map(|answer| answer["status"]["allowed"].as_bool().expect("an answer")).collect()
}

fn question(words: &str) -> Question {
    let mut words = words.split(' ');
    let (verb, resource) = (words.next().expect("a verb"), words.next().expect("a resource"));
    let (mut namespace, mut name) = (None, None);
    while let (Some(flag), Some(value)) = (words.next(), words.next()) {
        if flag == "-n" { namespace = Some(value) } else { name = Some(value) }
    }
    Question::parse(verb, resource, namespace, name).expect("a question")
}

/// Who stands before the server as a grant: what its policy allows is judged by the bindings of a user of its own.
fn identity(grant: &Grant) -> (String, Vec<String>) {
    let user = grant.user.replace("{{SessionName}}", &PERSON.replace('@', "-")).replace("{{SessionNameRaw}}", PERSON);
    let user = user.replace("by-policy:", "judge:");
    (user, [grant.groups.clone(), vec!["system:authenticated".to_owned()]].concat())
}

/// Whether the person is allowed all that was asked.
fn allows(answer: &Answer) -> bool {
    let is_whole = |way: &Way| way.names.is_empty() && way.session.as_deref() == Some("jane-x.org");
    match answer {
        Answer::Yes(ways) => !ways.is_empty(),
        Answer::Partly(ways) => ways.iter().any(is_whole),
        Answer::No(_) => false,
        Answer::Unknown { why, .. } => panic!("unknown: {why}"),
    }
}

#[test]
#[ignore = "real part: kube-apiserver, etcd, kubectl"]
fn who_can_answers_as_a_real_api_server_does_to_every_question_of_every_mapping() {
    let desk = Desk::new();
    let _servers = serve(&desk);
    let defaults: Vec<RbacRole> = list(&desk, "clusterroles").iter().map(role).collect();
    apply(&desk, "policies.json", &policies(&defaults));
    let facts = read(&desk);
    let grants = grants(&facts);
    assert_eq!(grants.len(), ENTRIES.len() + POLICIES.len() + 2);
    let rows: Vec<(&str, &str)> = QUESTIONS.trim().lines().filter_map(|row| row.split_once(" => ")).collect();
    let mut reviews = Vec::new();
    let mut ours = Vec::new();
    let mut strangers: BTreeMap<String, Value> = BTreeMap::new();
    for (words, attributes) in &rows {
        let answer = who_can(&facts, &grants, &question(words));
        assert!(answer.gaps.is_empty(), "{:?}", answer.gaps);
        for row in &answer.rows {
            let (user, groups) = identity(row.grant);
            reviews.push(review(attributes, &user, &groups));
            ours.push((allows(&row.answer), format!("{words}: {user} {groups:?}: {:?}", row.answer)));
        }
        for other in &answer.others {
            let Other { kind, namespace, name, all, .. } = other;
            let (user, groups) = match kind.as_str() {
                "ServiceAccount" => (format!("system:serviceaccount:{namespace}:{name}"), vec![]),
                "Group" => ("stranger".to_owned(), vec![name.clone()]),
                _ => (name.clone(), vec![]),
            };
            // Its rights as one that is authenticated are those of everybody.
            strangers.insert(
                format!("{words}: {kind} {namespace}/{name}: {all}"),
                json!([review(attributes, &user, &groups), all]),
            );
        }
    }
    let of_grants = reviews.len();
    for (words, row) in strangers {
        reviews.push(row[0].clone());
        ours.push((row[1] == true, words));
    }
    let theirs = judged(&desk, &reviews);
    let wrong = ours.iter().zip(&theirs).filter(|((own, _), theirs)| own != *theirs);
    let wrong: Vec<String> = wrong.map(|((_, words), theirs)| format!("{words}; the server says {theirs}")).collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), theirs.len(), wrong.join("\n"));
    let yes = theirs.iter().filter(|yes| **yes).count();
    println!("{} questions ({of_grants} of mappings), {yes} allowed", theirs.len());
    assert!(theirs.len() >= 200 && yes > 100 && of_grants == rows.len() * grants.len(), "{yes} of {}", theirs.len());
    // What no answer names of the subjects without a mapping is not allowed either.
    let names =
        |subject: &RbacSubject| (subject.kind == "ServiceAccount", subject.namespace.clone(), subject.name.clone());
    let bindings = facts.clusters[0].bindings.cluster.get().expect("bindings").iter();
    let robots: Vec<_> = bindings.flat_map(|binding| &binding.subjects).map(names).filter(|(is, ..)| *is).collect();
    let mut reviews = Vec::new();
    for (_, namespace, name) in &robots {
        let user = format!("system:serviceaccount:{namespace}:{name}");
        for (words, attributes) in rows.iter().step_by(4) {
            let answer = who_can(&facts, &grants, &question(words));
            let is_named =
                answer.others.iter().any(|other| other.namespace == *namespace && other.name == *name && other.all);
            reviews.push((review(attributes, &user, &[]), is_named, format!("{words}: {user}")));
        }
    }
    let asked: Vec<Value> = reviews.iter().map(|(review, ..)| review.clone()).collect();
    for (theirs, (_, own, words)) in judged(&desk, &asked).iter().zip(&reviews) {
        assert_eq!(theirs, own, "{words}");
    }
}
