//! Terraform: a module for the account of Identity Center, one for each account with clusters, one for the guard. What comes from
//! the file stands in `locals.tf` as quoted data; the code beside it is the same for everybody.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::domain::ids::AccountId;
use crate::domain::scaffold::code::hcl_lines;
use crate::domain::scaffold::management_guard;
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::policies::{boundary, guard, is_bounded, statements, trust, why};
use crate::domain::scaffold::role::{Made, Statements};

/// Provider and Terraform versions: `region` on single resources is of provider 6, `terraform_data` of Terraform 1.4.
const VERSIONS: &str = r#"terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

"#;

const MANAGEMENT: &str = r#"data "aws_ssoadmin_instances" "this" {}

locals {
  instance_arn      = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  identity_store_id = tolist(data.aws_ssoadmin_instances.this.identity_store_ids)[0]
}

# Groups come from the directory of the identity provider: they are looked up, never made here.
data "aws_identitystore_group" "this" {
  for_each          = toset(local.groups)
  identity_store_id = local.identity_store_id

  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = each.value
    }
  }
}
"#;

/// Who may use a named role by the account access manager.
const ENTITLEMENTS: &str = r#"
# An entitlement names its role: apply the workload modules first.
resource "aws_accountaccess_entitlement" "this" {
  for_each        = local.entitlements
  application_arn = local.application_arn

  entitlement {
    principal_role {
      role_arn = each.value.role_arn

      principal {
        identity_center {
          group_id = data.aws_identitystore_group.this[each.value.group].group_id
        }
      }
    }
  }
}
"#;

/// Permission sets and who is assigned them.
const ASSIGNED: &str = r#"
resource "aws_ssoadmin_permission_set" "this" {
  for_each         = local.permission_sets
  instance_arn     = local.instance_arn
  name             = each.key
  description      = each.value.description
  session_duration = each.value.session_duration
  tags             = { eks = "true", tier = each.value.tier }
}

resource "aws_ssoadmin_permission_set_inline_policy" "this" {
  for_each           = { for name, set in local.permission_sets : name => set if length(set.statements) > 0 }
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.this[each.key].arn

  inline_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = each.value.statements
  })
}

# An assignment is what makes the role AWSReservedSSO_… in the account; the workload modules look for it.
resource "aws_ssoadmin_account_assignment" "this" {
  for_each           = local.assignments
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.this[each.value.permission_set].arn
  principal_id       = data.aws_identitystore_group.this[each.value.group].group_id
  principal_type     = "GROUP"
  target_id          = each.value.account
  target_type        = "AWS_ACCOUNT"

  # With the policy in place first, nobody gets a role that is still empty.
  depends_on = [aws_ssoadmin_permission_set_inline_policy.this]
}
"#;

const SETS: &str = r#"
# The roles that Identity Center made; the end of their names cannot be foreseen.
data "aws_iam_roles" "sso" {
  for_each    = local.permission_sets
  name_regex  = each.value
  path_prefix = "/aws-reserved/sso.amazonaws.com/"

  lifecycle {
    postcondition {
      condition     = length(self.arns) == 1
      error_message = "There is not exactly one role of the permission set ${each.key} in this account. Apply the module `management` first: it assigns it."
    }
  }
}
"#;

const ELSEWHERE: &str = r#"
# Roles that are made elsewhere; here they get policies and entries.
data "aws_iam_role" "elsewhere" {
  for_each = toset(local.roles_made_elsewhere)
  name     = each.value
}
"#;

const BOUNDED: &str = r#"
# The most that the roles below can do, whatever somebody attaches to them.
resource "aws_iam_policy" "boundary" {
  name   = "eksso-boundary"
  path   = local.role_path
  policy = jsonencode(local.boundary)
}
"#;

const ROLES: &str = r#"
resource "aws_iam_role" "made" {
  for_each             = local.roles
  name                 = each.key
  path                 = local.role_path
  description          = each.value.description
  assume_role_policy   = jsonencode(each.value.trust)
  max_session_duration = each.value.max_session_duration
  permissions_boundary = BOUNDARY
  tags                 = { eks = "true", tier = each.value.tier }DEPENDS
}
"#;

const SAML: &str = r#"
variable "saml_metadata_document" {
  description = "The metadata of Okta's app, to make its provider here. Null where the account has the provider."
  type        = string
  default     = null
}

resource "aws_iam_saml_provider" "okta" {
  count                  = var.saml_metadata_document == null ? 0 : 1
  name                   = local.saml_provider
  saml_metadata_document = var.saml_metadata_document
}
"#;

const POLICIES: &str = r#"
resource "aws_iam_role_policy" "this" {
  for_each = local.policies
  name     = "eksso"
  role     = ROLE

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = each.value
  })
}
"#;

const ENTRIES: &str = r#"
# An entry of a role that was made again under its name would look alive and be dead: a new id replaces the entry.
resource "terraform_data" "role_id" {
  for_each = local.entries
  input    = ROLE_ID
}

resource "aws_eks_access_entry" "this" {
  for_each      = local.entries
  region        = each.value.region
  cluster_name  = each.value.cluster
  principal_arn = local.principals[each.value.role]
  type          = "STANDARD"

  # Always written: leaving the argument out keeps the groups that the entry has.
  kubernetes_groups = each.value.kubernetes_groups

  # The same: it is what EKS gives by default, and leaving it out keeps a name that somebody set by hand.
  user_name = "arn:PARTITION:sts::ACCOUNT:assumed-role/${regex("[^/]+$", local.principals[each.value.role])}/{{SessionName}}"

  lifecycle {
    replace_triggered_by = [terraform_data.role_id[each.key]]
  }
}

resource "aws_eks_access_policy_association" "this" {
  for_each      = local.associations
  region        = each.value.region
  cluster_name  = each.value.cluster
  principal_arn = aws_eks_access_entry.this[each.key].principal_arn
  policy_arn    = each.value.policy_arn

  access_scope {
    type       = length(each.value.namespaces) == 0 ? "cluster" : "namespace"
    namespaces = length(each.value.namespaces) == 0 ? null : each.value.namespaces
  }
}
"#;

const GUARD: &str = r#"variable "target_ids" {
  description = "The organizational units and accounts that the guard binds. Empty: it is made and binds nobody."
  type        = list(string)
  default     = []
}

resource "aws_organizations_policy" "guard" {
  name        = "eksso-guard"
  description = "Only the access admin, break-glass and the access pipeline change who is let into EKS clusters"
  type        = "SERVICE_CONTROL_POLICY"
  content     = jsonencode(local.guard)
}

resource "aws_organizations_policy_attachment" "guard" {
  for_each  = toset(var.target_ids)
  policy_id = aws_organizations_policy.guard.id
  target_id = each.value
}
"#;

const MANAGEMENT_GUARD: &str = r#"variable "permission_sets" {
  description = "Names of permission sets of the management account alone that it binds: each account that a set is in must have the policy. Empty: it is made and binds nobody."
  type        = list(string)
  default     = []
}

data "aws_ssoadmin_instances" "this" {}

data "aws_ssoadmin_permission_set" "this" {
  for_each     = toset(var.permission_sets)
  instance_arn = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  name         = each.value
}

resource "aws_iam_policy" "guard" {
  name        = local.name
  path        = local.path
  description = "Only the access admin, break-glass and the access pipeline assign permission sets"
  policy      = jsonencode(local.guard)
}

resource "aws_ssoadmin_customer_managed_policy_attachment" "guard" {
  for_each           = data.aws_ssoadmin_permission_set.this
  instance_arn       = each.value.instance_arn
  permission_set_arn = each.value.arn

  customer_managed_policy_reference {
    name = aws_iam_policy.guard.name
    path = local.path
  }
}
"#;

/// The files of all modules, by their paths.
pub fn files(plan: &Plan) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    if plan.roles.iter().any(|role| role.made == Made::Set) {
        management(plan, &mut files);
    }
    if let Some(application) = application(plan) {
        entitlements(plan, application, &mut files);
    }
    for account in plan.accounts().into_keys() {
        workload(plan, account, &mut files);
    }
    if let Some(guard) = guard(plan) {
        let mut locals = Map::new();
        locals.insert("guard".into(), guard);
        files.insert("terraform/guard/main.tf".into(), format!("{HEAD}{VERSIONS}{GUARD}"));
        files.insert("terraform/guard/locals.tf".into(), locals_file(&locals));
    }
    if let Some(guard) = management_guard::policy(plan).filter(|_| plan.roles.iter().any(|role| role.made == Made::Set))
    {
        let mut locals = Map::new();
        locals.insert("name".into(), json!(management_guard::NAME));
        locals.insert("path".into(), json!(plan.role_path));
        locals.insert("guard".into(), guard);
        let provider = with_region(plan, None);
        let main = format!("{HEAD}{VERSIONS}{provider}{MANAGEMENT_GUARD}");
        files.insert("terraform/deny-assignments/main.tf".into(), main);
        files.insert("terraform/deny-assignments/locals.tf".into(), locals_file(&locals));
    }
    files
}

const HEAD: &str = "# Made by `eksso scaffold write` from access.toml: change that file, and write again.\n\n";

fn locals_file(locals: &Map<String, Value>) -> String {
    format!("{HEAD}locals {{\n{}}}\n", hcl_lines(locals, 1, &why))
}

fn provider(region: Value, account: Option<&AccountId>) -> String {
    let mut table = Map::new();
    table.insert("region".into(), region);
    if let Some(account) = account {
        table.insert("allowed_account_ids".into(), json!([account.as_str()]));
    }
    format!("provider \"aws\" {{\n{}}}\n\n", hcl_lines(&table, 1, &why))
}

/// The application by which people come to the roles.
fn application(plan: &Plan) -> Option<&str> {
    plan.roles.iter().find_map(|role| match &role.made {
        Made::Entitled(application) => Some(application.as_str()),
        _ => None,
    })
}

fn entitlements(plan: &Plan, application: &str, files: &mut BTreeMap<String, String>) {
    let (mut groups, mut entitlements) = (std::collections::BTreeSet::new(), Map::new());
    for role in plan.roles.iter().filter(|role| matches!(role.made, Made::Entitled(_))) {
        groups.extend(&role.people);
        for account in plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty()) {
            for group in &role.people {
                let arn = plan.role_pattern(role, account.as_str());
                entitlements
                    .insert(format!("{}/{account}/{group}", role.name), json!({"role_arn": arn, "group": group}));
            }
        }
    }
    let mut locals = Map::new();
    locals.insert("application_arn".into(), json!(application));
    locals.insert("groups".into(), json!(groups));
    locals.insert("entitlements".into(), entitlements.into());
    let mut parts = application.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().and_then(|id| id.parse().ok()));
    let provider = provider(json!(region), account.as_ref());
    // The resource is of 6.66.
    let versions = VERSIONS.replace("\"~> 6.0\"", "\"~> 6.66\"");
    files
        .insert("terraform/management/main.tf".into(), format!("{HEAD}{versions}{provider}{MANAGEMENT}{ENTITLEMENTS}"));
    files.insert("terraform/management/locals.tf".into(), locals_file(&locals));
}

/// The provider of Identity Center's region, which is asked for where the file does not name it.
fn with_region(plan: &Plan, account: Option<&AccountId>) -> String {
    match &plan.region {
        Some(region) => provider(json!(region.as_str()), account),
        None => {
            let variable = "variable \"region\" {\n  description = \"The region of IAM Identity Center\"\n  type        = string\n}\n\n";
            let provider = provider(json!("REGION"), account).replace("\"REGION\"", "var.region");
            format!("{variable}{provider}")
        }
    }
}

fn management(plan: &Plan, files: &mut BTreeMap<String, String>) {
    let sets: Vec<_> = plan.roles.iter().filter(|role| role.made == Made::Set).collect();
    let mut groups: Vec<&str> = sets.iter().flat_map(|role| &role.people).map(String::as_str).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut permission_sets = Map::new();
    let mut assignments = Map::new();
    for role in sets {
        permission_sets.insert(
            role.name.clone(),
            json!({"tier": role.tier, "description": format!("EKS, tier {}", role.tier),
                "session_duration": role.iso_session(), "statements": statements(plan, role, None)}),
        );
        for account in plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty()) {
            for group in &role.people {
                let assignment = json!({"permission_set": role.name, "account": account.as_str(), "group": group});
                assignments.insert(format!("{}/{account}/{group}", role.name), assignment);
            }
        }
    }
    let mut locals = Map::new();
    locals.insert("groups".into(), json!(groups));
    locals.insert("permission_sets".into(), permission_sets.into());
    locals.insert("assignments".into(), assignments.into());
    let provider = with_region(plan, plan.account.as_ref());
    files.insert("terraform/management/main.tf".into(), format!("{HEAD}{VERSIONS}{provider}{MANAGEMENT}{ASSIGNED}"));
    files.insert("terraform/management/locals.tf".into(), locals_file(&locals));
}

fn workload(plan: &Plan, account: &AccountId, files: &mut BTreeMap<String, String>) {
    let roles = plan.roles_in(account);
    let partition = plan.partition.arn();
    let (mut sets, mut elsewhere, mut made, mut policies) = (Map::new(), Vec::new(), Map::new(), Map::new());
    let (mut entries, mut associations) = (Map::new(), Map::new());
    let mut saml = None;
    for role in &roles {
        let takes_entries =
            |cluster: &crate::domain::audit::access_file::PlannedCluster| role.enters() && cluster.mode.has_entries();
        let clusters = plan.clusters_of(role, Some(account));
        match &role.made {
            Made::Set if !clusters.iter().any(|(_, cluster)| takes_entries(cluster)) => {}
            Made::Set => {
                // A name that stands for itself: `.` and `+` are signs of regular expressions.
                let name: String =
                    role.name.chars().flat_map(|c| if ".+".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
                sets.insert(role.name.clone(), json!(format!("^AWSReservedSSO_{name}_[0-9a-f]{{16}}$")));
            }
            Made::Elsewhere => elsewhere.push(role.name.as_str()),
            Made::Okta(_) | Made::Entitled(_) | Made::Runner(_) => {
                if let Made::Okta(provider) = &role.made {
                    saml = Some(provider.as_str());
                }
                let trust = trust(plan, role, account).unwrap_or_default();
                made.insert(
                    role.name.clone(),
                    json!({"tier": role.tier, "description": format!("EKS, tier {}", role.tier),
                        "max_session_duration": role.session.as_secs(), "bounded": is_bounded(role), "trust": trust}),
                );
            }
        }
        if role.made != Made::Set && role.statements != Statements::None {
            policies.insert(role.name.clone(), statements(plan, role, Some(account)).into());
        }
        for (key, cluster) in clusters.into_iter().filter(|(_, cluster)| takes_entries(cluster)) {
            let name = format!("{key}/{}", role.name);
            let (region, cluster) = (cluster.region.as_str(), cluster.name.as_str());
            entries.insert(
                name.clone(),
                json!({"region": region, "cluster": cluster, "role": role.name, "kubernetes_groups": role.groups}),
            );
            if let Some(access) = &role.access {
                let arn = format!("arn:{partition}:eks::aws:cluster-access-policy/AmazonEKS{access}Policy");
                associations.insert(
                    name,
                    json!({"region": region, "cluster": cluster, "policy_arn": arn, "namespaces": role.namespaces}),
                );
            }
        }
    }
    let region =
        plan.accounts().get(account).and_then(|clusters| clusters.first()).map(|(_, cluster)| cluster.region.clone());
    let mut main =
        format!("{HEAD}{VERSIONS}{}", provider(json!(region.map(|region| region.to_string())), Some(account)));
    let mut locals = Map::new();
    let mut principals = Vec::new();
    let mut parts = String::new();
    let names = [(!sets.is_empty()).then_some("sets"), (!elsewhere.is_empty()).then_some("elsewhere")];
    let has_made = !made.is_empty();
    if names[0].is_some() {
        locals.insert("permission_sets".into(), sets.into());
        parts.push_str(SETS);
        principals.push("{ for name, roles in data.aws_iam_roles.sso : name => one(roles.arns) }");
    }
    if names[1].is_some() {
        locals.insert("roles_made_elsewhere".into(), json!(elsewhere));
        parts.push_str(ELSEWHERE);
        principals.push("{ for name, role in data.aws_iam_role.elsewhere : name => role.arn }");
    }
    if has_made {
        locals.insert("role_path".into(), json!(plan.role_path));
        let bounded = made.values().any(|role| role["bounded"] == true);
        if bounded {
            locals.insert("boundary".into(), boundary(plan, account));
            parts.push_str(BOUNDED);
        }
        locals.insert("roles".into(), made.into());
        if let Some(name) = saml {
            locals.insert("saml_provider".into(), json!(name));
            parts.push_str(SAML);
        }
        let depends = if saml.is_some() { "\n\n  depends_on = [aws_iam_saml_provider.okta]" } else { "" };
        let bound = if bounded { "each.value.bounded ? aws_iam_policy.boundary.arn : null" } else { "null" };
        parts.push_str(&ROLES.replace("BOUNDARY", bound).replace("DEPENDS", depends));
        principals.push("{ for name, role in aws_iam_role.made : name => role.arn }");
    }
    if !policies.is_empty() {
        locals.insert("policies".into(), policies.into());
        // Behind the role, not beside it.
        let role = if has_made { "try(aws_iam_role.made[each.key].name, each.key)" } else { "each.key" };
        parts.push_str(&POLICIES.replace("ROLE", role));
    }
    if !entries.is_empty() {
        locals.insert("entries".into(), entries.into());
        locals.insert("associations".into(), associations.into());
        let id = if has_made { "try(aws_iam_role.made[each.value.role].unique_id, \"\")" } else { "\"\"" };
        let entries =
            ENTRIES.replace("ROLE_ID", id).replace("PARTITION", partition).replace("ACCOUNT", account.as_str());
        parts.push_str(&entries);
        main.push_str("locals {\n  principals = merge(\n");
        principals.iter().for_each(|principal| main.push_str(&format!("    {principal},\n")));
        main.push_str("  )\n}\n");
    }
    // An account whose clusters take no entries may get nothing at all.
    if locals.is_empty() {
        return;
    }
    let parts = if main.ends_with("}\n\n") { parts.trim_start_matches('\n').to_owned() } else { parts };
    main.push_str(&parts);
    let folder = format!("terraform/workload-{account}");
    files.insert(format!("{folder}/main.tf"), main);
    files.insert(format!("{folder}/locals.tf"), locals_file(&locals));
}
