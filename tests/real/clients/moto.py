"""Puts roles, users, a permission set, an assignment and a directory into a moto server, and prints what it got as JSON."""
import json
import sys

import boto3

URL = sys.argv[1]
ACCOUNT = "123456789012"


def client(service):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


iam, sso, store, orgs, eks = (client(name) for name in ("iam", "sso-admin", "identitystore", "organizations", "eks"))
federated = f"arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
trust = document({
    "Effect": "Allow",
    "Principal": {"Federated": federated},
    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
})
role = iam.create_role(
    Path="/aws-reserved/sso.amazonaws.com/",
    RoleName="AWSReservedSSO_EKSDeveloper_0123456789abcdef",
    AssumeRolePolicyDocument=trust,
    MaxSessionDuration=43200,
    Tags=[{"Key": "team", "Value": "payments"}],
)["Role"]
inline = document({"Effect": "Allow", "Action": "eks:DescribeCluster", "Resource": "*"})
iam.put_role_policy(RoleName=role["RoleName"], PolicyName="AwsSSOInlinePolicy", PolicyDocument=inline)
own = iam.create_policy(PolicyName="own", PolicyDocument=inline)["Policy"]["Arn"]
iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=own)
iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
iam.create_group(GroupName="ops")
iam.create_user(UserName="legacy")
iam.add_user_to_group(GroupName="ops", UserName="legacy")
iam.create_saml_provider(Name="Okta", SAMLMetadataDocument="x" * 1024)
iam.create_account_alias(AccountAlias="corp-prod")

instance = sso.list_instances()["Instances"][0]
arn, directory = instance["InstanceArn"], instance["IdentityStoreId"]
made = sso.create_permission_set(InstanceArn=arn, Name="EKSDeveloper", SessionDuration="PT8H")["PermissionSet"]
sso.put_inline_policy_to_permission_set(
    InstanceArn=arn, PermissionSetArn=made["PermissionSetArn"], InlinePolicy=inline
)
sso.attach_managed_policy_to_permission_set(
    InstanceArn=arn,
    PermissionSetArn=made["PermissionSetArn"],
    ManagedPolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess",
)
user = store.create_user(
    IdentityStoreId=directory,
    UserName="jane@example.com",
    DisplayName="Jane",
    Name={"GivenName": "Jane", "FamilyName": "Doe"},
    Emails=[{"Value": "jane@example.com", "Type": "work", "Primary": True}],
)["UserId"]
group = store.create_group(IdentityStoreId=directory, DisplayName="EKS Developers")["GroupId"]
store.create_group_membership(IdentityStoreId=directory, GroupId=group, MemberId={"UserId": user})
sso.create_account_assignment(
    InstanceArn=arn,
    PermissionSetArn=made["PermissionSetArn"],
    PrincipalType="GROUP",
    PrincipalId=group,
    TargetType="AWS_ACCOUNT",
    TargetId=ACCOUNT,
)
organization = orgs.create_organization(FeatureSet="ALL")["Organization"]
orgs.create_account(AccountName="workloads", Email="w@example.com")
eks.create_cluster(
    name="payments", roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks", resourcesVpcConfig={"subnetIds": ["subnet-1"]}
)
print(json.dumps({
    "role": role["Arn"], "own": own, "instance": arn, "store": directory, "set": made["PermissionSetArn"],
    "user": user, "group": group, "organization": organization["Id"],
}))
