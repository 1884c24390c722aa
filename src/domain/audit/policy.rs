//! The rights that a run needs: one IAM policy and one ClusterRole. Both are made from the list of calls that the clients name
//! their requests by, so that they cannot fall behind it. Source: access.md 1.10.

use serde_json::{Value, json};

use crate::domain::access::actions::{CLUSTER_READS, READS};

/// How the Sids of its statements begin.
pub const SID: &str = "EkssoReads";

/// The IAM policy.
pub fn iam() -> Value {
    json!({"Version": "2012-10-17", "Statement": statements()})
}

/// Its statements: one for each service, all on `*`, as lists have no resources.
pub fn statements() -> Vec<Value> {
    let mut services: Vec<&str> = READS.iter().filter_map(|action| action.split(':').next()).collect();
    services.dedup();
    services.sort_unstable();
    services.dedup();
    let statement = |service: &str| {
        let mut actions: Vec<&str> =
            READS.iter().copied().filter(|action| action.split(':').next() == Some(service)).collect();
        actions.sort_unstable();
        // A Sid takes letters and digits only.
        let sid: String = service.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        json!({"Sid": format!("{SID}{sid}"), "Effect": "Allow", "Action": actions, "Resource": "*"})
    };
    services.into_iter().map(statement).collect()
}

/// The ClusterRole with its binding to the group `eksso-auditors`, as YAML; names of single objects stand in a Role of their namespace.
pub fn kubernetes() -> String {
    let mut wide = String::new();
    let mut narrow = String::new();
    for read in CLUSTER_READS {
        let rule = format!(
            "  - apiGroups: [\"{}\"]\n    resources: [\"{}\"]\n    verbs: [\"{}\"]\n",
            read.group, read.resource, read.verb
        );
        match read.name {
            None => wide.push_str(&rule),
            Some((namespace, name)) => narrow.push_str(&format!(
                "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: eksso-auditor\n  namespace: {namespace}\nrules:\n{rule}    resourceNames: [\"{name}\"]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: eksso-auditor\n  namespace: {namespace}\n{}",
                reference("Role")
            )),
        }
    }
    format!(
        "# What `eksso access` and `eksso audit` read of a cluster. Give the auditing role the group eksso-auditors in its access entry.\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: eksso-auditor\nrules:\n{wide}---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: eksso-auditor\n{}{narrow}",
        reference("ClusterRole")
    )
}

fn reference(kind: &str) -> String {
    format!(
        "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {kind}\n  name: eksso-auditor\nsubjects:\n  - apiGroup: rbac.authorization.k8s.io\n    kind: Group\n    name: eksso-auditors\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verbs that change nothing, by which every action must begin.
    const READING: [&str; 3] = ["List", "Get", "Describe"];

    #[test]
    fn the_policy_holds_every_action_of_a_run_and_none_that_changes_anything() {
        let policy = iam();
        let statements = policy["Statement"].as_array().expect("statements");
        let mut actions: Vec<&str> = statements
            .iter()
            .flat_map(|one| one["Action"].as_array().expect("actions"))
            .filter_map(Value::as_str)
            .collect();
        assert!(actions.iter().all(|action| {
            READING.iter().any(|verb| action.split_once(':').is_some_and(|(_, name)| name.starts_with(verb)))
        }));
        assert!(statements.iter().all(|one| one["Effect"] == "Allow"
            && one["Sid"].as_str().is_some_and(|sid| sid.bytes().all(|byte| byte.is_ascii_alphanumeric()))));
        let mut wanted = READS.to_vec();
        actions.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(actions, wanted);
        assert!(policy.to_string().len() < 6144, "it fits one managed policy (IAM quota, white space not counted)");
    }

    #[test]
    fn the_cluster_role_reads_no_secrets_and_only_reads() {
        let text = kubernetes();
        let documents: Vec<serde_yaml::Value> =
            text.split("---\n").map(|one| serde_yaml::from_str(one).expect("YAML")).collect();
        let mut rules = 0;
        for rule in
            documents.iter().filter_map(|one| one.get("rules")).flat_map(|rules| rules.as_sequence().expect("rules"))
        {
            rules += 1;
            let words = |key: &str| {
                rule[key]
                    .as_sequence()
                    .expect(key)
                    .iter()
                    .map(|word| word.as_str().expect("text").to_owned())
                    .collect::<Vec<_>>()
            };
            assert!(words("verbs").iter().all(|verb| verb == "get" || verb == "list"), "{rule:?}");
            assert!(words("resources").iter().all(|kind| kind != "secrets" && kind != "*"), "{rule:?}");
            let named = rule.get("resourceNames").is_some();
            assert_eq!(named, words("resources") == ["configmaps"], "of ConfigMaps aws-auth alone");
        }
        assert_eq!(rules, CLUSTER_READS.len());
    }
}
