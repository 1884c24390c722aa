//! The rules of `audit` over what would be made.

use crate::scaffold::seeds::{WHOLE, okta};
use crate::support::{Desk, Outcome};

fn check(desk: &Desk, text: &str) -> Outcome {
    let file = desk.write("access.toml", text);
    desk.run(&["scaffold", "check", "-o", "json", "--file", file.to_str().expect("a path")])
}

fn rules(outcome: &Outcome) -> Vec<String> {
    let rows = outcome.json();
    let found = rows.as_array().expect("rows").iter().filter_map(|row| row["rule"].as_str());
    let mut found: Vec<String> = found.filter(|rule| !rule.is_empty()).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_rules_find_nothing_in_what_is_made() {
    let desk = Desk::new();
    for text in [WHOLE.to_owned(), okta(), WHOLE[..WHOLE.find("[guard]").expect("a guard")].to_owned()] {
        // Of the auditor and of the pipeline not all is known.
        let outcome = check(&desk, &text).fails(6, &[]);
        assert_eq!(rules(&outcome), Vec::<String>::new());
    }
}

#[test]
fn a_plan_that_breaks_a_rule_is_a_finding_before_anything_is_applied() {
    let desk = Desk::new();
    for (from, to, rule) in [
        ("access = \"Edit\"\nnamespaces = [\"payments\", \"payments-*\"]", "access = \"Edit\"", "edit-cluster-wide"),
        ("session = \"1h\"", "session = \"8h\"", "session-long"),
        ("namespaces = [\"payments\", \"payments-*\"]", "namespaces = [\"kube-*\"]", "scope-reaches-system"),
        ("access = \"View\"\niam = \"viewer\"", "access = \"AdminView\"\niam = \"viewer\"", "secrets-to-viewers"),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        let outcome = check(&desk, &text).fails(4, &[rule, "eksso audit explain"]);
        // Edit in the whole of a cluster that takes aws-auth writes that, too.
        let found: Vec<String> = rules(&outcome).into_iter().filter(|found| found != "aws-auth-writers").collect();
        assert_eq!(found, [rule], "{}", outcome.err);
        // What is agreed to is none.
        let agreed = format!(
            "\n[[suppress]]\nrule = \"{rule}\"\nresource = \"*\"\nreason = \"ticket 1\"\nexpires = \"2090-01-31\"\n"
        );
        let outcome = check(&desk, &format!("{text}{agreed}"));
        assert!(!rules(&outcome).contains(&rule.to_owned()), "{}", outcome.err);
    }
    assert!(desk.simulator.state().requests.is_empty(), "nobody was asked anything");
}

#[test]
fn cluster_admin_is_a_finding_in_each_tier_that_is_not_meant_to_have_it() {
    let desk = Desk::new();
    for (level, is_meant) in [
        ("cluster-admin", true),
        ("break-glass", true),
        ("namespace-admin", false),
        ("developer", false),
        ("viewer", false),
        ("ci", false),
        ("access-admin", false),
    ] {
        let text = format!(
            "[clusters.payments]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n\n[tiers.{level}]\nroles = [\"EKSOne\"]\n\
             people = [\"One\"]\nclusters = [\"payments\"]\naccess = \"ClusterAdmin\"\niam = \"{level}\"\n"
        );
        let outcome = check(&desk, &text);
        let found = rules(&outcome);
        assert_eq!(found.contains(&"admin-too-many".to_owned()), !is_meant, "{level}: {}", outcome.err);
        assert_eq!(outcome.code, if is_meant { 0 } else { 4 }, "{level}: {}", outcome.err);
    }
    // Without namespaces what Admin has is more than a viewer is to read.
    let text = WHOLE.replacen("access = \"View\"\niam = \"viewer\"", "access = \"Admin\"\niam = \"viewer\"", 1);
    let outcome = check(&desk, &text).fails(4, &["secrets-to-viewers", "AmazonEKSAdminPolicy"]);
    assert!(rules(&outcome).contains(&"secrets-to-viewers".to_owned()));
}

#[test]
fn a_set_of_statements_that_is_beyond_its_tier_is_a_finding() {
    let desk = Desk::new();
    // The tier, its set, and what that lets people do beyond the tier; nothing where both fit.
    for (tier, iam, beyond) in [
        ("viewer", "access-admin", "may give Edit in a namespace"),
        ("developer", "access-admin", "may change an entry"),
        ("ci", "access-admin", "may make an entry for a role of single sign-on"),
        ("cluster-admin", "access-admin", "may change an entry"),
        ("mine", "access-admin", "may change an entry"),
        ("viewer", "cluster-admin", "may upgrade the cluster"),
        ("developer", "break-glass", "may give ClusterAdmin"),
        ("mine", "break-glass", "may give ClusterAdmin"),
        ("cluster-admin", "break-glass", "may give ClusterAdmin"),
        ("viewer", "auditor", ""),
        ("developer", "viewer-console", ""),
        ("mine", "cluster-admin", ""),
        ("cluster-admin", "developer", ""),
        ("break-glass", "cluster-admin", ""),
        ("access-admin", "access-admin", ""),
    ] {
        let text = format!(
            "[clusters.payments]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n\n[tiers.{tier}]\nroles = [\"EKSOne\"]\n\
             people = [\"One\"]\nclusters = [\"payments\"]\naccess = \"View\"\niam = \"{iam}\"\n"
        );
        let outcome = check(&desk, &text);
        match beyond {
            "" => assert_eq!(outcome.code, 0, "{tier} {iam}: {}", outcome.err),
            words => {
                _ = outcome.fails(
                    4,
                    &[&format!("tier {tier} (line 5): EKSOne {words} in payments, and the tier is not for that")],
                )
            }
        }
    }
}

#[test]
fn the_management_account_gets_deny_statements_as_no_control_policy_binds_it() {
    let desk = Desk::new();
    let (file, to) = (desk.write("access.toml", WHOLE), desk.path("out"));
    let args = ["scaffold", "write", "--file", file.to_str().expect("a path"), "--to", to.to_str().expect("a path")];
    desk.run(&args).ok();
    let template: serde_yaml::Value =
        serde_yaml::from_str(&desk.read("out/cloudformation/deny-assignments.yaml")).expect("YAML");
    let statement = &template["Resources"]["Guard"]["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Effect"], "Deny");
    let actions = serde_json::to_string(&statement["Action"]).expect("JSON");
    for action in
        ["sso:CreateAccountAssignment", "sso:PutInlinePolicyToPermissionSet", "identitystore:CreateGroupMembership"]
    {
        assert!(actions.contains(action), "{action}: {actions}");
    }
    let exempt = serde_json::to_string(&statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]).expect("JSON");
    for role in [
        "AWSReservedSSO_EKSAccessAdmin_????????????????",
        "AWSReservedSSO_EKSBreakGlass_",
        "role/eks-platform/access-pipeline",
    ] {
        assert!(exempt.contains(role), "{role}: {exempt}");
    }
    assert!(!exempt.contains("EKSDeveloper") && !exempt.contains("cluster-pipeline"), "{exempt}");
    assert!(desk.read("out/terraform/deny-assignments/main.tf").contains("customer_managed_policy_reference"));
    assert!(desk.read("out/README.md").contains("deny-assignments"));
    // Without the guard there is none, and where people come by Okta nothing is assigned there.
    desk.write("access.toml", &okta());
    desk.run(&args).ok();
    assert!(!desk.path("out/cloudformation/deny-assignments.yaml").exists());
}

#[test]
fn the_checklist_for_okta_names_groups_as_the_file_says() {
    let desk = Desk::new();
    let to = desk.path("out");
    let readme = |text: &str| {
        let file = desk.write("access.toml", text);
        let args =
            ["scaffold", "write", "--file", file.to_str().expect("a path"), "--to", to.to_str().expect("a path")];
        desk.run(&args).ok();
        desk.read("out/README.md")
    };
    let usual = readme(&okta());
    for words in [r"`^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$`", "`aws#ALIAS#EKSDeveloper#222222222222`"] {
        assert!(usual.contains(words), "{words}: {usual}");
    }
    let own =
        okta().replace("saml_provider = \"Okta\"", "saml_provider = \"Okta\"\nokta_group = \"eks_{account}_{role}\"");
    let own = readme(&own);
    for words in [r"`^eks_(?{{accountid}}\d+)_(?{{role}}[\w\-]+)$`", "`eks_222222222222_EKSDeveloper`"] {
        assert!(own.contains(words), "{words}: {own}");
    }
}
