//! Terraform's import blocks for what exists already.

use std::collections::BTreeMap;

use crate::scaffold::live::live;
use crate::scaffold::seeds::{WHOLE, plan};
use crate::support::{Desk, Outcome};

fn write(desk: &Desk, more: &[&str]) -> Outcome {
    let (file, to) = (desk.write("access.toml", WHOLE), desk.path("out"));
    let mut args =
        vec!["scaffold", "write", "--file", file.to_str().expect("a path"), "--to", to.to_str().expect("a path")];
    args.extend(more);
    desk.run(&args)
}

/// The blocks of a module: from where to what.
fn blocks(desk: &Desk, module: &str) -> BTreeMap<String, String> {
    let text = desk.read(&format!("out/terraform/{module}/imports.tf"));
    let line = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(&format!("  {key} = "))).unwrap_or_default();
        line.to_owned()
    };
    text.split("import {\n")
        .skip(1)
        .map(|block| (line(block, "to"), line(block, "id").trim_matches('"').to_owned()))
        .collect()
}

#[test]
fn each_thing_that_exists_is_imported_by_its_id_and_nothing_else_is() {
    let mut world = live(&plan(WHOLE));
    world.access.roles.retain(|role| role.name != "eks-runner");
    let payments = world.clusters.iter_mut().find(|cluster| cluster.name == "payments").expect("the cluster");
    payments.eks.entries.retain(|entry| !entry.principal.ends_with("/eks-runner"));
    payments.mappings.retain(|mapping| mapping.role != "EKSBreakGlass");
    let desk = Desk::signed_in_to(world);
    write(&desk, &["--import"]).ok();
    let management = blocks(&desk, "management");
    let set = &management["aws_ssoadmin_permission_set.this[\"EKSDeveloper\"]"];
    assert!(set.starts_with("arn:aws:sso:::permissionSet/") && set.contains(",arn:aws:sso:::instance/"), "{set}");
    assert!(management.contains_key("aws_ssoadmin_permission_set_inline_policy.this[\"EKSDeveloper\"]"));
    assert!(
        !management.contains_key("aws_ssoadmin_permission_set_inline_policy.this[\"SecurityAudit\"]"),
        "none is made"
    );
    let assigned = &management["aws_ssoadmin_account_assignment.this[\"EKSDeveloper/222222222222/EKS Developers\"]"];
    assert_eq!(assigned.split(',').count(), 6, "{assigned}");
    assert!(assigned.contains(",GROUP,222222222222,AWS_ACCOUNT,arn:aws:sso:::permissionSet/"), "{assigned}");
    let production = blocks(&desk, "workload-222222222222");
    let entry = &production["aws_eks_access_entry.this[\"payments/EKSDeveloper\"]"];
    assert!(
        entry.starts_with("payments:arn:aws:iam::222222222222:role/aws-reserved/") && !entry.contains('@'),
        "{entry}"
    );
    let policy = &production["aws_eks_access_policy_association.this[\"payments/EKSDeveloper\"]"];
    assert!(policy.ends_with("#arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"), "{policy}");
    for gone in ["eks-runner", "EKSBreakGlass"] {
        assert!(production.keys().all(|to| !to.contains(gone)), "{gone} is not there: {production:?}");
    }
    assert_eq!(production["aws_iam_role_policy.this[\"ci-deploy\"]"], "ci-deploy:eksso");
    assert!(production["aws_iam_policy.boundary"].ends_with(":policy/eks/eksso-boundary"));
    // In another region than the module's provider.
    let staging = blocks(&desk, "workload-333333333333");
    let entry = &staging["aws_eks_access_entry.this[\"staging/EKSDeveloper\"]"];
    assert!(entry.ends_with("@us-east-1"), "{entry}");
    assert!(staging.keys().all(|to| !to.contains("old/")), "a cluster without entries has none: {staging:?}");
    // The same again changes nothing; without the flag the blocks go away.
    let rows = write(&desk, &["--import", "-o", "json"]).ok().json();
    assert!(rows.as_array().expect("rows").iter().all(|row| row["state"] == "same"), "{rows}");
    write(&desk, &[]).ok();
    assert_eq!(desk.read("out/terraform/management/imports.tf"), "");
}

#[test]
fn what_is_not_known_to_exist_is_told_and_stands_in_the_file() {
    let mut world = live(&plan(WHOLE));
    world.access.denied.push(("SecurityAudit".into(), "eks:ListAccessEntries".into()));
    let desk = Desk::signed_in_to(world);
    let outcome = write(&desk, &["--import"]).ok();
    assert!(outcome.err.contains("not known: access entries of payments"), "{}", outcome.err);
    let text = desk.read("out/terraform/workload-222222222222/imports.tf");
    assert!(text.contains("# Not known: access entries of payments"), "{text}");
    write(&desk, &["--kubernetes", "--import"]).fails(2, &["--terraform --import"]);
}

#[test]
fn an_entry_that_lets_nobody_in_is_not_taken_over() {
    let mut world = live(&plan(WHOLE));
    let payments = world.clusters.iter_mut().find(|cluster| cluster.name == "payments").expect("the cluster");
    let stale = payments.mappings.iter_mut().find(|mapping| mapping.role == "EKSDeveloper").expect("a mapping");
    stale.kind = eksso_simulator::MappingKind::StaleEntry;
    let desk = Desk::signed_in_to(world);
    let outcome = write(&desk, &["--import"]).ok();
    assert!(outcome.err.contains("access entry of EKSDeveloper in payments: it lets nobody in"), "{}", outcome.err);
    let production = blocks(&desk, "workload-222222222222");
    assert!(production.contains_key("aws_eks_access_entry.this[\"payments/EKSOperators\"]"), "{production:?}");
    assert!(!production.contains_key("aws_eks_access_entry.this[\"payments/EKSDeveloper\"]"), "{production:?}");
}
