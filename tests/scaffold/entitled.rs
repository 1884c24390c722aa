//! The second way of handing a role over: named roles, and who is entitled to them by the account access manager.

use eksso_simulator::World;
use eksso_simulator::access::{Who, directory_id};
use serde_yaml::Value;

use crate::scaffold::live::live;
use crate::scaffold::seeds::{WHOLE, plan};
use crate::support::Desk;

const APPLICATION: &str = "arn:aws:account-access:eu-west-1:111111111111:application/sim";

/// The file of permission sets, with the account access manager in their place. The auditor keeps a role of its own.
fn file() -> String {
    let auditor =
        "roles = [\"SecurityAudit\"]\npeople = [\"Security\"]\nclusters = [\"payments\", \"staging\", \"old\"]";
    let own = "roles = [\"Auditing\"]\npeople = [\"Security\"]\nclusters = [\"payments\", \"staging\", \"old\"]";
    assert!(WHOLE.contains(auditor));
    WHOLE.replace("[scaffold]\n", &format!("[scaffold]\naccess_manager = \"{APPLICATION}\"\n")).replace(auditor, own)
}

#[test]
fn roles_have_names_that_are_known_before_and_trust_that_application_alone() {
    let desk = Desk::new();
    let (file, to) = (desk.write("access.toml", &file()), desk.path("out"));
    let (file, to) = (file.to_str().expect("a path"), to.to_str().expect("a path"));
    // The pipeline's role is made elsewhere, and not all of it is known.
    desk.run(&["scaffold", "check", "--file", file]).fails(6, &["made elsewhere"]);
    desk.run(&["scaffold", "write", "--file", file, "--to", to]).ok();
    let management = desk.read("out/terraform/management/main.tf");
    assert!(management.contains("aws_accountaccess_entitlement") && management.contains("~> 6.66"), "{management}");
    assert!(!management.contains("aws_ssoadmin_permission_set\" \"this"), "{management}");
    let workload = desk.read("out/terraform/workload-222222222222/main.tf");
    assert!(
        workload.contains("resource \"aws_iam_role\" \"made\"") && !workload.contains("data \"aws_iam_roles\""),
        "{workload}"
    );
    let yaml = |name: &str| -> Value {
        serde_yaml::from_str(&desk.read(&format!("out/cloudformation/{name}.yaml"))).expect("YAML")
    };
    let resources = yaml("management")["Resources"].clone();
    let entitlements = resources.as_mapping().expect("resources");
    assert!(entitlements.values().all(|one| one["Type"] == "AWS::AccountAccess::Entitlement"), "{resources:?}");
    let roles = yaml("roles-222222222222");
    let statement = &roles["Resources"]["RoleEKSDeveloper"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(statement["Principal"]["Service"], "account-access.amazonaws.com");
    assert_eq!(statement["Condition"]["StringEquals"]["aws:SourceAccount"], "111111111111");
    assert_eq!(statement["Condition"]["ArnEquals"]["aws:SourceArn"], APPLICATION);
    // Nothing is left to be looked up or filled in.
    let entries = yaml("entries-222222222222-eu-west-1");
    let principal = &entries["Resources"].as_mapping().expect("resources").values().next().expect("an entry")["Properties"]
        ["PrincipalArn"];
    assert!(principal.is_string(), "{principal:?}");
}

#[test]
fn who_is_entitled_is_compared_like_who_is_assigned() {
    let of = plan(&file());
    let made = |change: fn(&mut World)| {
        let mut world = live(&of);
        change(&mut world);
        let desk = Desk::signed_in_to(world);
        let path = desk.write("access.toml", &file());
        let outcome = desk.run(&["scaffold", "diff", "-o", "json", "--file", path.to_str().expect("a path")]);
        let rows = outcome.json();
        let rows =
            rows.as_array().expect("rows").iter().filter(|row| row["kind"] == "entitlement" || row["kind"] == "trust");
        rows.map(|row| format!("{} {} {}{}", row["state"], row["object"], row["live"], row["file"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(made(|_| {}), Vec::<String>::new());
    let developer = "arn:aws:iam::222222222222:role/eks/EKSDeveloper";
    let more = made(|world| {
        let who = Who::Group(directory_id("EKS Admins"));
        world.access.entitlements.push(("arn:aws:iam::222222222222:role/eks/EKSDeveloper".into(), who));
    });
    assert_eq!(more, [format!("extra {developer} group EKS Admins")]);
    let less = made(|world| {
        world.access.entitlements.retain(|(role, _)| role != "arn:aws:iam::222222222222:role/eks/EKSDeveloper");
    });
    assert_eq!(less, [format!("missing {developer} group EKS Developers")]);
}
