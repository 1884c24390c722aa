//! CloudFormation: the same as templates. What only an account knows (the end of a role's name, the id of a group) is a parameter.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::domain::ids::{AccountId, Region};
use crate::domain::scaffold::code::yaml;
use crate::domain::scaffold::management_guard;
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::policies::{boundary, document, guard, is_bounded, statements, trust, why};
use crate::domain::scaffold::role::{Made, Role, Statements};
use crate::domain::text::digest;

/// Assignments that are made at once: Identity Center takes ten. Source: access.md 4.5.
const AT_ONCE: usize = 10;
/// Resources of a stack. Source: access.md 4.4.
const MAX_RESOURCES: usize = 500;
/// Parameters of a template. Source: CloudFormation's quotas, as cfn-lint knows them (E2010).
const MAX_PARAMETERS: usize = 200;

const HEAD: &str = "# Made by `eksso scaffold write` from access.toml: change that file, and write again.\n";

/// The templates, by their paths.
///
/// # Errors
/// A template would hold more than a stack takes.
pub fn files(plan: &Plan) -> Result<BTreeMap<String, String>, String> {
    let mut files = BTreeMap::new();
    let mut add = |name: String, template: Template| {
        let (resources, parameters) = (template.resources.len(), template.parameters.len());
        for (what, number, most) in
            [("resources", resources, MAX_RESOURCES), ("parameters", parameters, MAX_PARAMETERS)]
        {
            if number > most {
                return Err(format!(
                    "the template {name} would hold {number} {what}, and CloudFormation takes {most}; use --terraform, or a file for part \
                     of the clusters"
                ));
            }
        }
        if !template.resources.is_empty() {
            files.insert(format!("cloudformation/{name}.yaml"), template.text());
        }
        Ok(())
    };
    add("management".to_owned(), management(plan))?;
    for (account, clusters) in plan.accounts() {
        add(format!("roles-{account}"), roles(plan, account))?;
        let mut regions: Vec<&Region> = clusters.iter().map(|(_, cluster)| &cluster.region).collect();
        regions.sort();
        regions.dedup();
        for region in regions {
            add(format!("entries-{account}-{region}"), entries(plan, account, region))?;
        }
    }
    if let Some(guard) = guard(plan) {
        let mut template =
            Template::of("EKS access: only the access admin, break-glass and the pipeline change who is let in");
        let target =
            json!({"Type": "CommaDelimitedList", "Description": "The organizational units and accounts that it binds"});
        template.parameters.insert("TargetIds".into(), target);
        let properties = json!({"Name": "eksso-guard", "Type": "SERVICE_CONTROL_POLICY", "Content": guard, "TargetIds": {"Ref": "TargetIds"}});
        template.add("Guard", "AWS::Organizations::Policy", properties);
        add("guard".to_owned(), template)?;
    }
    if let Some(policy) =
        management_guard::policy(plan).filter(|_| plan.roles.iter().any(|role| role.made == Made::Set))
    {
        let mut template =
            Template::of("EKS access: only the access admin, break-glass and the pipeline assign permission sets");
        let properties =
            json!({"ManagedPolicyName": management_guard::NAME, "Path": plan.role_path, "PolicyDocument": policy});
        template.add("Guard", "AWS::IAM::ManagedPolicy", properties);
        add("deny-assignments".to_owned(), template)?;
    }
    Ok(files)
}

struct Template {
    description: String,
    parameters: Map<String, Value>,
    resources: Map<String, Value>,
}

impl Template {
    fn of(description: &str) -> Self {
        Self { description: description.to_owned(), parameters: Map::new(), resources: Map::new() }
    }

    fn add(&mut self, id: &str, kind: &str, properties: Value) {
        self.resources.insert(id.to_owned(), json!({"Type": kind, "Properties": properties}));
    }

    fn text(self) -> String {
        let mut whole = Map::new();
        whole.insert("AWSTemplateFormatVersion".into(), json!("2010-09-09"));
        whole.insert("Description".into(), json!(self.description));
        if !self.parameters.is_empty() {
            whole.insert("Parameters".into(), self.parameters.into());
        }
        whole.insert("Resources".into(), self.resources.into());
        format!("{HEAD}{}", yaml(&whole.into(), 0, &why))
    }
}

/// A logical id: letters and digits, and never the same for two names.
fn id(kind: &str, name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    if plain == name { format!("{kind}{plain}") } else { format!("{kind}{plain}{}", &digest(name)[..8]) }
}

fn management(plan: &Plan) -> Template {
    let mut template = Template::of("EKS access: permission sets and who is assigned them");
    let instance = json!({"Type": "String", "Description": "The ARN of the Identity Center instance",
        "AllowedPattern": "^arn:aws[a-z-]*:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}$"});
    if plan.roles.iter().any(|role| role.made == Made::Set) {
        template.parameters.insert("InstanceArn".into(), instance);
    }
    let mut order: Vec<String> = Vec::new();
    for role in plan.roles.iter().filter(|role| role.made == Made::Set) {
        let set = id("Set", &role.name);
        let statements = statements(plan, role, None);
        let mut properties = json!({"InstanceArn": {"Ref": "InstanceArn"}, "Name": role.name,
            "Description": format!("EKS, tier {}", role.tier), "SessionDuration": role.iso_session()});
        if !statements.is_empty() {
            properties["InlinePolicy"] = document(&statements);
        }
        properties["Tags"] = json!([{"Key": "eks", "Value": "true"}, {"Key": "tier", "Value": role.tier}]);
        template.add(&set, "AWS::SSO::PermissionSet", properties);
        for group in &role.people {
            let parameter = group_parameter(&mut template, group);
            for account in
                plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty())
            {
                let name = id("Assign", &format!("{}/{account}/{group}", role.name));
                let properties = json!({"InstanceArn": {"Ref": "InstanceArn"}, "PermissionSetArn": {"Fn::GetAtt": [set, "PermissionSetArn"]},
                    "PrincipalId": {"Ref": parameter}, "PrincipalType": "GROUP", "TargetId": account.as_str(), "TargetType": "AWS_ACCOUNT"});
                template.add(&name, "AWS::SSO::Assignment", properties);
                // One after the other in as many lines as Identity Center takes at once.
                if let Some(before) = order.len().checked_sub(AT_ONCE) {
                    template.resources[&name]["DependsOn"] = json!(order[before]);
                }
                order.push(name);
            }
        }
    }
    if order.is_empty() {
        template.resources.clear();
    }
    for role in &plan.roles {
        let Made::Entitled(application) = &role.made else { continue };
        for group in &role.people {
            let parameter = group_parameter(&mut template, group);
            for account in
                plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty())
            {
                let name = id("Entitle", &format!("{}/{account}/{group}", role.name));
                let principal = json!({"IdentityCenter": {"GroupId": {"Ref": parameter}}});
                let entitled = json!({"Principal": principal, "RoleArn": plan.role_pattern(role, account.as_str())});
                let properties = json!({"ApplicationArn": application, "Entitlement": {"PrincipalRole": entitled}});
                template.add(&name, "AWS::AccountAccess::Entitlement", properties);
            }
        }
    }
    template
}

/// The parameter for the id of a group.
fn group_parameter(template: &mut Template, group: &str) -> String {
    let parameter = id("Group", group);
    let pattern = "^([0-9a-f]{10}-)?[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}$";
    let described =
        json!({"Type": "String", "AllowedPattern": pattern, "Description": format!("The id of the group {group}")});
    template.parameters.insert(parameter.clone(), described);
    parameter
}

fn roles(plan: &Plan, account: &AccountId) -> Template {
    let mut template = Template::of("EKS access: roles of an account, what they may do, and their boundary");
    let roles = plan.roles_in(account);
    if roles.iter().any(|role| is_bounded(role)) {
        let properties = json!({"ManagedPolicyName": "eksso-boundary", "Path": plan.role_path, "PolicyDocument": boundary(plan, account)});
        template.add("Boundary", "AWS::IAM::ManagedPolicy", properties);
    }
    for role in roles {
        let statements =
            if role.statements == Statements::None { Vec::new() } else { statements(plan, role, Some(account)) };
        let policy = json!({"PolicyName": "eksso", "PolicyDocument": document(&statements)});
        match trust(plan, role, account) {
            Some(trust) => {
                let mut properties = json!({"RoleName": role.name, "Path": plan.role_path, "Description": format!("EKS, tier {}", role.tier),
                    "AssumeRolePolicyDocument": trust, "MaxSessionDuration": role.session.as_secs()});
                if is_bounded(role) {
                    properties["PermissionsBoundary"] = json!({"Ref": "Boundary"});
                }
                if !statements.is_empty() {
                    properties["Policies"] = json!([policy]);
                }
                properties["Tags"] = json!([{"Key": "eks", "Value": "true"}, {"Key": "tier", "Value": role.tier}]);
                template.add(&id("Role", &role.name), "AWS::IAM::Role", properties);
            }
            None if role.made == Made::Elsewhere && !statements.is_empty() => {
                let mut properties = policy;
                properties["RoleName"] = json!(role.name);
                template.add(&id("Policy", &role.name), "AWS::IAM::RolePolicy", properties);
            }
            None => {}
        }
    }
    template
}

fn entries(plan: &Plan, account: &AccountId, region: &Region) -> Template {
    let mut template = Template::of("EKS access: who is let into the clusters of an account in a region");
    for role in plan.roles_in(account).into_iter().filter(|role| role.enters()) {
        for (key, cluster) in plan.clusters_of(role, Some(account)) {
            if cluster.region != *region || !cluster.mode.has_entries() {
                continue;
            }
            let principal = principal(plan, role, account, &mut template);
            // The user name is what EKS gives by default: leaving it out keeps one that somebody set by hand.
            let user = user_name(plan, role, account, &principal);
            let mut properties = json!({"ClusterName": cluster.name.as_str(), "PrincipalArn": principal, "Type": "STANDARD",
                "Username": user, "KubernetesGroups": role.groups});
            if let Some(access) = &role.access {
                let arn =
                    format!("arn:{}:eks::aws:cluster-access-policy/AmazonEKS{access}Policy", plan.partition.arn());
                let scope = match role.namespaces.is_empty() {
                    true => json!({"Type": "cluster"}),
                    false => json!({"Type": "namespace", "Namespaces": role.namespaces}),
                };
                properties["AccessPolicies"] = json!([{"PolicyArn": arn, "AccessScope": scope}]);
            }
            template.add(&id("Entry", &format!("{key}/{}", role.name)), "AWS::EKS::AccessEntry", properties);
        }
    }
    template
}

/// The user name of a role's sessions. That of a permission set's role ends as its ARN does, after a path of one or two folders.
fn user_name(plan: &Plan, role: &Role, account: &AccountId, principal: &Value) -> Value {
    let start = format!("arn:{}:sts::{account}:assumed-role/", plan.partition.arn());
    let end = "/{{SessionName}}";
    if role.made != Made::Set {
        return json!(format!("{start}{}{end}", role.name));
    }
    let reserved = "AWSReservedSSO_";
    let name = json!({"Fn::Select": [1, {"Fn::Split": [reserved, principal]}]});
    json!({"Fn::Join": ["", [format!("{start}{reserved}"), name, end]]})
}

/// The ARN of a role: of those that are made here it is known, of others it is a parameter.
fn principal(plan: &Plan, role: &Role, account: &AccountId, template: &mut Template) -> Value {
    let partition = plan.partition.arn();
    let name: String = role.name.chars().flat_map(|c| if ".+".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
    let (pattern, said) = match role.made {
        Made::Okta(_) | Made::Entitled(_) | Made::Runner(_) => return json!(plan.role_pattern(role, account.as_str())),
        Made::Set => (
            format!("role/aws-reserved/sso\\.amazonaws\\.com/([a-z0-9-]+/)?AWSReservedSSO_{name}_[0-9a-f]{{16}}"),
            "aws iam list-roles --path-prefix /aws-reserved/sso.amazonaws.com/ tells it",
        ),
        Made::Elsewhere => (format!("role/([!-~]+/)?{name}"), "aws iam get-role tells it"),
    };
    let parameter = id("Arn", &role.name);
    let described = json!({"Type": "String", "AllowedPattern": format!("^arn:{partition}:iam::{account}:{pattern}$"),
        "Description": format!("The ARN of the role of {}: {said}", role.name)});
    template.parameters.insert(parameter.clone(), described);
    json!({"Ref": parameter})
}
