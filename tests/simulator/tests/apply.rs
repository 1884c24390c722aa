//! What is applied to a world is what the files say; what AWS or Kubernetes would refuse is refused.

use std::collections::BTreeMap;

use eksso_simulator::World;
use eksso_simulator::apply::{Place, objects, parameters, stack};
use eksso_simulator::practice::PRODUCTION;

const PLACE: Place<'static> = Place { account: PRODUCTION, region: "eu-west-1" };

const ROLE: &str = r#"
Parameters:
  Owner: { Type: String, Description: Who owns it, AllowedPattern: "^[a-z]+$" }
Resources:
  Entry:
    Type: AWS::EKS::AccessEntry
    Properties:
      ClusterName: payments
      PrincipalArn: arn:aws:iam::222222222222:role/eks/Mine
      KubernetesGroups: [{ Ref: Owner }]
    DependsOn: Role
  Role:
    Type: AWS::IAM::Role
    Properties: { RoleName: Mine, Path: /eks/, AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [] }, PermissionsBoundary: { Ref: Boundary } }
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties: { ManagedPolicyName: most, Path: /eks/, PolicyDocument: { Version: "2012-10-17", Statement: [] } }
"#;

fn values(owner: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("Owner".to_owned(), owner.to_owned())])
}

#[test]
fn a_stack_is_made_in_the_order_of_its_references() {
    let mut world = World::before_practice();
    assert_eq!(parameters(ROLE), Ok(vec![("Owner".to_owned(), "Who owns it".to_owned())]));
    stack(&mut world, PLACE, ROLE, &values("team")).expect("applied");
    let role = world.access.roles.iter().find(|role| role.name == "Mine").expect("the role");
    assert_eq!(role.boundary.as_deref(), Some("arn:aws:iam::222222222222:policy/eks/most"));
    let entry =
        world.clusters[0].eks.entries.iter().find(|entry| entry.principal.ends_with("/Mine")).expect("the entry");
    assert_eq!(entry.groups, ["team"]);
    let part = "{ Fn::Join: [\"-\", [x, { Fn::Select: [1, { Fn::Split: [\"e\", { Ref: Owner }] }] }]] }";
    stack(&mut world, PLACE, &ROLE.replace("{ Ref: Owner }", part), &values("team")).expect("applied");
    let entry =
        world.clusters[0].eks.entries.iter().find(|entry| entry.principal.ends_with("/Mine")).expect("the entry");
    assert_eq!(entry.groups, ["x-am"]);
}

#[test]
fn what_cloudformation_iam_and_eks_refuse_is_refused() {
    for (from, to, owner, words) in [
        ("", "", "Team", "pattern"),
        ("{ Ref: Owner }", "{ Ref: Gone }", "team", "not there"),
        ("{ Ref: Owner }", "{ Fn::Sub: x }", "team", "Fn::Sub"),
        ("{ Ref: Owner }", "{ Fn::Select: [1, { Fn::Split: [\"-\", { Ref: Owner }] }] }", "team", "Fn::Select"),
        ("{ Ref: Owner }", "system:masters", "team", "cannot start with system:"),
        ("role/eks/Mine", "role/Mine", "team", "invalid principal"),
        ("ClusterName: payments", "ClusterName: gone", "team", "No cluster"),
        ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "team", "not known"),
    ] {
        let refused = stack(&mut World::before_practice(), PLACE, &ROLE.replace(from, to), &values(owner));
        assert!(refused.as_ref().is_err_and(|why| why.contains(words)), "{words}: {refused:?}");
    }
    assert!(stack(&mut World::before_practice(), PLACE, ROLE, &BTreeMap::new()).is_err());
}

#[test]
fn bindings_stand_in_namespaces_that_are_there_and_keep_their_role() {
    let binding = |namespace: &str, role: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{ name: a, namespace: {namespace} }}\n\
             roleRef: {{ kind: ClusterRole, name: {role} }}\nsubjects: [{{ kind: Group, name: team }}]\n"
        )
    };
    let cluster = &mut World::before_practice().clusters[0];
    objects(cluster, &binding("payments", "edit")).expect("applied");
    objects(cluster, &binding("payments", "edit")).expect("applied again");
    assert_eq!(cluster.rbac.bindings.iter().filter(|binding| binding.name == "a").count(), 1);
    assert!(objects(cluster, &binding("payments", "admin")).is_err(), "another role");
    assert!(objects(cluster, &binding("gone", "edit")).is_err(), "no such namespace");
}
