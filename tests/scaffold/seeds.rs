//! Files that the tests make code of.

use std::collections::BTreeMap;

use eksso::domain::audit::read;
use eksso::domain::scaffold::plan::Plan;

/// Three clusters in two accounts and regions, one of each mode, each kind of role, and the guard. The auditor, as whom the tests read, is let in
/// everywhere; its policies are AWS's own.
pub const WHOLE: &str = r#"
[scaffold]
account = "111111111111"
region = "eu-west-1"

[clusters.payments]
account = "222222222222"
region = "eu-west-1"

[clusters.staging]
account = "333333333333"
region = "us-east-1"
mode = "API_AND_CONFIG_MAP"

[clusters.old]
account = "333333333333"
region = "eu-west-1"
cluster = "Old_1"
mode = "CONFIG_MAP"

[tiers.cluster-admin]
roles = ["EKSClusterAdmin"]
people = ["EKS Admins"]
session = "1h"
clusters = ["payments", "staging"]
access = "ClusterAdmin"
iam = "cluster-admin"

[tiers.developer]
roles = ["EKSDeveloper", "EKS.Dev+Ops"]
people = ["EKS Developers"]
session = "8h"
clusters = ["payments", "staging"]
access = "Edit"
namespaces = ["payments", "payments-*"]
iam = "developer"

[tiers.viewer]
roles = ["EKSViewer"]
people = ["EKS Viewers"]
clusters = ["payments", "staging"]
access = "View"
iam = "viewer"

[tiers.looker]
roles = ["EKSLooker"]
people = ["EKS Viewers"]
clusters = ["payments"]
access = "View"
iam = "viewer-console"

[tiers.operators]
roles = ["EKSOperators"]
people = ["EKS Operators", "On Call"]
session = "90m"
clusters = ["payments", "old"]
kubernetes_groups = ["operators"]
rbac = "edit"
namespaces = ["default", "kube-public"]
iam = "developer"

[tiers.auditor]
roles = ["SecurityAudit"]
people = ["Security"]
clusters = ["payments", "staging", "old"]
kubernetes_groups = ["eksso-auditors"]

[tiers.ci]
roles = ["ci-deploy"]
clusters = ["payments", "staging"]
access = "Edit"
namespaces = ["payments"]
iam = "ci"

[tiers.runner]
roles = ["eks-runner"]
clusters = ["payments"]
access = "Edit"
namespaces = ["payments"]
oidc_provider = "token.actions.githubusercontent.com"
oidc_subjects = ["repo:acme/shop:ref:refs/heads/main"]
iam = "ci"

[tiers.access-admin]
roles = ["EKSAccessAdmin"]
people = ["EKS Access Admins"]
clusters = ["payments", "staging"]
iam = "access-admin"

[tiers.break-glass]
roles = ["EKSBreakGlass"]
people = ["EKS Break Glass"]
clusters = ["payments", "staging"]
access = "ClusterAdmin"
iam = "break-glass"

[guard]
access_pipeline = ["role/eks-platform/access-pipeline"]
cluster_pipeline = ["role/eks-platform/cluster-pipeline"]
"#;

/// The same with Okta; its groups take no `.` and `+` in a role's name.
pub fn okta() -> String {
    WHOLE
        .replace(
            "account = \"111111111111\"\nregion = \"eu-west-1\"\n\n[clusters.payments]",
            "saml_provider = \"Okta\"\n\n[clusters.payments]",
        )
        .replace("EKS.Dev+Ops", "EKS-Dev_Ops")
}

/// A file whose auditor has the statement set of that name.
pub fn auditing(file: &str) -> String {
    let groups = "kubernetes_groups = [\"eksso-auditors\"]\n";
    file.replace(groups, &format!("{groups}iam = \"auditor\"\n"))
}

pub fn plan(text: &str) -> Plan {
    Plan::of(&read(text).expect("a file"), &BTreeMap::new()).expect("a plan")
}

/// Names that are meant to break out of a text in HCL, YAML, JSON, CloudFormation or a shell, or to be taken for something else.
pub const HOSTILE: &[&str] = &[
    "\"}\"",
    "\\",
    "a\\\"b",
    "'; --",
    "`id`",
    "$(id)",
    "${file(\"/etc/passwd\")}",
    "$${x}",
    "$$${x}",
    "%{for x in y}",
    "%%{x}",
    "${AWS::AccountId}",
    "<<EOT",
    "<<-EOT",
    "/* x */",
    "// x",
    "# x",
    "a: b # c",
    "- a: b",
    "? a",
    "&a *a !!x",
    "!Sub x",
    "!GetAtt A.B",
    "Fn::Sub",
    "{\"Ref\": \"AWS::Region\"}",
    "[a, b]",
    "| a",
    "> a",
    "@a",
    "%YAML 1.2",
    "---",
    "yes",
    "NULL",
    "~",
    "012",
    "1e3",
    "2001-01-01",
    "👩 Žižka, <b>",
];

fn list(texts: &[&str]) -> String {
    // TOML's basic strings are JSON's, but for what JSON may leave as it is.
    serde_json::to_string(texts).expect("JSON")
}

/// A set with those names wherever free text may stand, and with words of YAML where names are narrower.
pub fn hostile() -> String {
    let names = list(HOSTILE);
    WHOLE
        .replace(
            "people = [\"EKS Developers\"]",
            &format!("people = {names}\nkubernetes_groups = {names}\nrbac = \"edit\""),
        )
        .replace(
            "namespaces = [\"payments\", \"payments-*\"]",
            "namespaces = [\"payments\", \"012\", \"1e3\", \"null\"]",
        )
        .replace(", \"EKS.Dev+Ops\"", "")
        .replace("\"EKSLooker\"", "\"yes\", \"1e3\", \"012\", \"null\", \"a=b,c@d.e+f_g-h\"")
        .replace("[tiers.looker]", "[tiers.null]")
        .replace("[tiers.auditor]", "[tiers.1e3]")
        .replace("[clusters.old]", "[clusters.012]")
        .replace("\"old\"]", "\"012\"]")
        .replace(
            "[guard]",
            &format!("[[bindings]]\ngroups = {names}\nrbac = \"null: x\"\nclusters = [\"payments\"]\n\n[guard]"),
        )
}

/// Kinds of sets by name: each way in, each mode, the other partitions, large and small ones.
pub fn files() -> Vec<(&'static str, String)> {
    let elsewhere = |first: &str, second: &str| WHOLE.replace("eu-west-1", first).replace("us-east-1", second);
    let cluster = |key: &str, rest: &str| {
        format!("[clusters.{key}]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n{rest}\n")
    };
    let tier = |name: &str, clusters: &str, rest: &str| {
        format!(
            "[tiers.{name}]\nroles = [\"X-{name}\"]\npeople = [\"People of {name}\"]\nclusters = [{clusters}]\n{rest}\n"
        )
    };
    let groups = "kubernetes_groups = [\"x\"]\nrbac = \"view\"\n";
    let config_map = format!("mode = \"CONFIG_MAP\"\n{}", tier("lines", "\"old\"", groups));
    let many: String = (0..8)
        .map(|number| {
            let (account, region) = (number % 4, ["eu-west-1", "us-east-1"][number % 2]);
            format!("[clusters.c{number}]\naccount = \"22222222222{account}\"\nregion = \"{region}\"\n")
        })
        .collect();
    let all: Vec<String> = (0..8).map(|number| format!("\"c{number}\"")).collect();
    let tiers: String = (0..12)
        .map(|number| {
            tier(&format!("t{number}"), &all[..1 + number % 8].join(", "), "access = \"View\"\niam = \"viewer\"")
        })
        .collect();
    vec![
        ("whole", WHOLE.to_owned()),
        ("okta", okta()),
        ("auditor", auditing(WHOLE)),
        ("auditor-okta", auditing(&okta())),
        ("gov-cloud", elsewhere("us-gov-west-1", "us-gov-east-1")),
        ("china", okta().replace("eu-west-1", "cn-north-1").replace("us-east-1", "cn-northwest-1")),
        ("smallest", format!("{}{}", cluster("a", ""), tier("a", "\"a\"", "access = \"View\""))),
        ("lines-only", cluster("old", &config_map)),
        ("lines-only-okta", format!("{}\n[scaffold]\nsaml_provider = \"Okta\"\n", cluster("old", &config_map))),
        ("nobody-enters", format!("{}{}", cluster("a", ""), tier("access-admin", "\"a\"", "iam = \"access-admin\""))),
        (
            "runner-only",
            format!(
                "{}[tiers.ci]\nroles = [\"ci\"]\nclusters = [\"a\"]\naccess = \"Edit\"\nnamespaces = [\"a\"]\niam = \"ci\"\n\
                 oidc_provider = \"gitlab.example.com/x\"\noidc_subjects = [\"project_path:a/b:*\", \"project_path:a/c:ref:*\"]\n",
                cluster("a", "")
            ),
        ),
        (
            "made-elsewhere",
            format!(
                "{}[tiers.ci]\nroles = [\"ci\"]\nclusters = [\"a\"]\naccess = \"View\"\niam = \"ci\"\n",
                cluster("a", "")
            ),
        ),
        (
            "bindings",
            format!(
                "{}{}[[bindings]]\ngroups = [\"x\"]\nrbac = \"edit\"\nclusters = [\"a\", \"b\"]\nnamespaces = [\"default\"]\n\
                 [[bindings]]\ngroups = [\"x\"]\nrole = \"pods\"\nclusters = [\"b\"]\nnamespaces = [\"default\", \"kube-public\"]\n",
                cluster("a", "") + &cluster("b", ""),
                tier("t", "\"a\", \"b\"", groups)
            ),
        ),
        ("many", format!("{many}{tiers}")),
    ]
}
