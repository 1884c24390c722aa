//! What people do with code: stacks of CloudFormation and `kubectl apply`, done to a world, as far as sets of roles for EKS go. It reads
//! files as they stand and knows nothing of who made them; what it does not know, and what AWS would refuse, it refuses.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::access::{
    Assignment, ControlPolicy, INSTANCE, IamRole, KubeBinding, KubeRole, PermissionSet, RawEntry, Who, set_arn,
};
use crate::world::{Cluster, Policy, World, partition};

/// Where a stack is applied.
#[derive(Debug, Clone, Copy)]
pub struct Place<'p> {
    /// The account.
    pub account: &'p str,
    /// The region.
    pub region: &'p str,
}

/// The parameters of a template: names and descriptions, as a person who fills them in reads them.
pub fn parameters(template: &str) -> Result<Vec<(String, String)>, String> {
    let template = read(template)?;
    let all = template["Parameters"].as_object().cloned().unwrap_or_default();
    Ok(all.into_iter().map(|(name, one)| (name, one["Description"].as_str().unwrap_or_default().to_owned())).collect())
}

/// Applies a template with values for its parameters. What is there already under its name is as the template says afterwards.
pub fn stack(
    world: &mut World,
    place: Place<'_>,
    template: &str,
    values: &BTreeMap<String, String>,
) -> Result<(), String> {
    let template = read(template)?;
    let mut known: Map<String, Value> = Map::new();
    for (name, parameter) in template["Parameters"].as_object().cloned().unwrap_or_default() {
        let value = values.get(&name).ok_or(format!("Parameters: [{name}] must have values"))?;
        let pattern = parameter["AllowedPattern"].as_str().unwrap_or(".*");
        let pattern =
            regex_lite::Regex::new(&format!("^(?:{pattern})$")).map_err(|error| format!("{name}: {error}"))?;
        if !pattern.is_match(value) {
            return Err(format!("Parameter {name} failed to satisfy its pattern: {value}"));
        }
        let is_list = parameter["Type"] == "CommaDelimitedList";
        known.insert(name, if is_list { value.split(',').collect() } else { value.as_str().into() });
    }
    let mut waiting: Vec<(String, Value)> =
        template["Resources"].as_object().cloned().unwrap_or_default().into_iter().collect();
    // Resources are made in the order of their references, and behind those that they name.
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut left = Vec::new();
        for (id, resource) in waiting {
            let after = match &resource["DependsOn"] {
                Value::String(one) => vec![one.clone()],
                several => texts(several),
            };
            let properties = resolved(&resource["Properties"], &known);
            match properties.filter(|_| after.iter().all(|one| known.contains_key(one))) {
                Some(properties) => {
                    let kind = resource["Type"].as_str().unwrap_or_default();
                    let reference =
                        make(world, place, kind, &properties?).map_err(|why| format!("{id} ({kind}): {why}"))?;
                    known.insert(id, reference.into());
                }
                None => left.push((id, resource)),
            }
        }
        if left.len() == before {
            return Err(format!("{}: it refers to what is not there", left[0].0));
        }
        waiting = left;
    }
    Ok(())
}

/// Does what `kubectl apply -f` does with roles and bindings.
pub fn objects(cluster: &mut Cluster, manifests: &str) -> Result<(), String> {
    for document in serde_yaml::Deserializer::from_str(manifests) {
        let object = Value::deserialize(document).map_err(|error| error.to_string())?;
        if object.is_null() {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (name, namespace) = (text(&object["metadata"]["name"]), text(&object["metadata"]["namespace"]));
        if name.is_empty() {
            return Err(format!("resource name may not be empty: {object}"));
        }
        if !namespace.is_empty() && !cluster.rbac.namespaces.contains(&namespace) {
            return Err(format!("namespaces \"{namespace}\" not found"));
        }
        let labels = object["metadata"]["labels"].as_object().cloned().unwrap_or_default();
        let labels: Vec<(String, String)> = labels.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        match object["kind"].as_str() {
            Some(kind @ ("ClusterRole" | "Role")) if (kind == "Role") != namespace.is_empty() => {
                cluster.rbac.roles.retain(|role| (&role.namespace, &role.name) != (&namespace, &name));
                let rules = object["rules"].clone();
                cluster.rbac.roles.push(KubeRole { namespace, name, labels, rules });
            }
            Some(kind @ ("ClusterRoleBinding" | "RoleBinding")) if (kind == "RoleBinding") != namespace.is_empty() => {
                let role = (text(&object["roleRef"]["kind"]), text(&object["roleRef"]["name"]));
                let is = |binding: &KubeBinding| (&binding.namespace, &binding.name) == (&namespace, &name);
                if cluster.rbac.bindings.iter().any(|binding| is(binding) && binding.role != role) {
                    return Err(format!("{kind} \"{name}\" is invalid: roleRef: cannot change roleRef"));
                }
                cluster.rbac.bindings.retain(|binding| !is(binding));
                let subjects = object["subjects"].as_array().cloned().unwrap_or_default();
                let subjects =
                    subjects.iter().map(|one| (text(&one["kind"]), text(&one["name"]), text(&one["namespace"])));
                let subjects = subjects.collect();
                cluster.rbac.bindings.push(KubeBinding { namespace, name, labels, role, subjects });
            }
            _ => return Err(format!("no such object can be applied: {object}")),
        }
    }
    Ok(())
}

fn read(template: &str) -> Result<Value, String> {
    serde_yaml::from_str(template).map_err(|error| format!("Template format error: {error}"))
}

fn is_of_texts(function: &str) -> bool {
    ["Fn::Join", "Fn::Select", "Fn::Split"].contains(&function)
}

/// What a function of texts gives for arguments without references.
fn of_texts(function: &str, of: &Value) -> Option<Value> {
    let (first, second) = (of.get(0)?, of.get(1)?);
    Some(match function {
        "Fn::Split" => second.as_str()?.split(first.as_str()?).collect::<Vec<_>>().into(),
        "Fn::Select" => second.get(usize::try_from(first.as_u64()?).ok()?)?.clone(),
        _ => {
            let texts = second.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
            texts.join(first.as_str()?).into()
        }
    })
}

/// A value with its references filled in; `None` while something that it refers to is not made yet.
fn resolved(value: &Value, known: &Map<String, Value>) -> Option<Result<Value, String>> {
    Some(Ok(match value {
        Value::Array(items) => {
            let mut out = Vec::new();
            for item in items {
                match resolved(item, known)? {
                    Ok(item) => out.push(item),
                    wrong => return Some(wrong),
                }
            }
            out.into()
        }
        Value::Object(table) => {
            if let Some(name) = table.get("Ref") {
                return known.get(name.as_str().unwrap_or_default()).cloned().map(Ok);
            }
            if let Some(of) = table.get("Fn::GetAtt") {
                // The one attribute that is used is what a reference gives, too.
                let known_attribute = of[1] == "PermissionSetArn";
                if !known_attribute {
                    return Some(Err(format!("no such attribute is known: {of}")));
                }
                return known.get(of[0].as_str().unwrap_or_default()).cloned().map(Ok);
            }
            if let Some((function, of)) = table.iter().find(|(key, _)| is_of_texts(key)) {
                let of = match resolved(of, known)? {
                    Ok(of) => of,
                    wrong => return Some(wrong),
                };
                return Some(of_texts(function, &of).ok_or(format!("{function} does not take {of}")));
            }
            if let Some(function) = table.keys().find(|key| key.starts_with("Fn::")) {
                return Some(Err(format!("the function {function} is not known")));
            }
            let mut out = Map::new();
            for (key, value) in table {
                match resolved(value, known)? {
                    Ok(value) => _ = out.insert(key.clone(), value),
                    wrong => return Some(wrong),
                }
            }
            out.into()
        }
        one => one.clone(),
    }))
}

/// A text that a resource must have.
fn must<'v>(properties: &'v Value, key: &str) -> Result<&'v str, String> {
    properties[key].as_str().filter(|text| !text.is_empty()).ok_or(format!("required key [{key}] not found"))
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn tags(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    value.as_array().into_iter().flatten().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

/// Makes a resource; answers what a reference to it gives.
fn make(world: &mut World, place: Place<'_>, kind: &str, properties: &Value) -> Result<String, String> {
    match kind {
        "AWS::SSO::PermissionSet" => permission_set(world, properties),
        "AWS::SSO::Assignment" => assignment(world, properties),
        "AWS::IAM::ManagedPolicy" => {
            let path = properties["Path"].as_str().unwrap_or("/");
            let name = format!("{}{}", &path[1..], must(properties, "ManagedPolicyName")?);
            let account = place.account.to_owned();
            let arn = format!("arn:{}:iam::{account}:policy/{name}", partition(place.region));
            world.access.policies.retain(|(of, known, _)| (of, known) != (&account, &name));
            world.access.policies.push((account, name, properties["PolicyDocument"].to_string()));
            Ok(arn)
        }
        "AWS::IAM::Role" => role(world, place, properties),
        "AWS::IAM::RolePolicy" => {
            let (role, name) = (must(properties, "RoleName")?, must(properties, "PolicyName")?);
            let own = |known: &&mut IamRole| known.account == place.account && known.name == role;
            let found = world.access.roles.iter_mut().find(own);
            let found = found.ok_or(format!("The role with name {role} cannot be found."))?;
            found.inline.retain(|(known, _)| known != name);
            found.inline.push((name.to_owned(), properties["PolicyDocument"].to_string()));
            Ok(name.to_owned())
        }
        "AWS::EKS::AccessEntry" => entry(world, place, properties),
        "AWS::Organizations::Policy" => {
            if properties["Type"] != "SERVICE_CONTROL_POLICY" || world.management() != place.account {
                return Err("it is made in the management account, as a service control policy".to_owned());
            }
            let id = format!("p-{}", must(properties, "Name")?);
            world.access.organization.policies.retain(|policy| policy.id != id);
            let (document, targets) = (properties["Content"].to_string(), texts(&properties["TargetIds"]));
            world.access.organization.policies.push(ControlPolicy { id: id.clone(), document, targets });
            Ok(id)
        }
        _ => Err("this type is not known".to_owned()),
    }
}

fn is_own_instance(properties: &Value) -> Result<(), String> {
    let own = format!("arn:aws:sso:::instance/{INSTANCE}");
    let found = must(properties, "InstanceArn")? == own;
    found.then_some(()).ok_or("there is no such instance".to_owned())
}

fn permission_set(world: &mut World, properties: &Value) -> Result<String, String> {
    is_own_instance(properties)?;
    let name = must(properties, "Name")?;
    let inline = properties.get("InlinePolicy").map(Value::to_string);
    let session = properties["SessionDuration"].as_str().map(str::to_owned);
    world.access.sets.retain(|set| set.name != name);
    let attached = texts(&properties["ManagedPolicies"]);
    world.access.sets.push(PermissionSet { session, inline, attached, ..PermissionSet::new(name) });
    Ok(set_arn(name))
}

fn assignment(world: &mut World, properties: &Value) -> Result<String, String> {
    is_own_instance(properties)?;
    let arn = must(properties, "PermissionSetArn")?;
    let set = world.access.sets.iter().find(|set| set_arn(&set.name) == arn).ok_or("PermissionSet not found")?;
    let (set, group, account) = (set.name.clone(), must(properties, "PrincipalId")?, must(properties, "TargetId")?);
    if properties["PrincipalType"] != "GROUP" || properties["TargetType"] != "AWS_ACCOUNT" {
        return Err("groups are assigned in accounts".to_owned());
    }
    if world.access.directory_groups.iter().all(|known| known.id != group) {
        return Err("GROUP not found".to_owned());
    }
    if world.accounts.iter().all(|known| known.id != account) {
        return Err("there is no such account".to_owned());
    }
    let all = world.access.assignments.get_or_insert_with(Vec::new);
    let who = Who::Group(group.to_owned());
    if !all.iter().any(|one| one.account == account && one.set == set && one.who == who) {
        all.push(Assignment { account: account.to_owned(), set, who });
    }
    let user = world.user.clone();
    world.signs_in(&user);
    Ok(format!("{arn}|{account}|{group}"))
}

fn role(world: &mut World, place: Place<'_>, properties: &Value) -> Result<String, String> {
    let (name, path) = (must(properties, "RoleName")?, properties["Path"].as_str().unwrap_or("/"));
    let boundary = properties["PermissionsBoundary"].as_str().map(str::to_owned);
    let is = |arn: &String| world.access.policies.iter().any(|(.., name, _)| arn.ends_with(&format!(":policy/{name}")));
    if boundary.as_ref().is_some_and(|arn| !is(arn)) {
        return Err("Scope ARN: there is no such policy".to_owned());
    }
    let inline = properties["Policies"].as_array().into_iter().flatten().map(|policy| {
        (policy["PolicyName"].as_str().unwrap_or_default().to_owned(), policy["PolicyDocument"].to_string())
    });
    let inline = inline.collect();
    let session = properties["MaxSessionDuration"].as_u64().and_then(|seconds| seconds.try_into().ok());
    let made = IamRole {
        inline,
        boundary,
        attached: texts(&properties["ManagedPolicyArns"]),
        max_session: session.unwrap_or(3600),
        tags: tags(&properties["Tags"]),
        ..IamRole::new(place.account, path, name, &properties["AssumeRolePolicyDocument"])
    };
    world.access.roles.retain(|known| (known.account.as_str(), known.name.as_str()) != (place.account, name));
    world.access.roles.push(made);
    Ok(name.to_owned())
}

fn entry(world: &mut World, place: Place<'_>, properties: &Value) -> Result<String, String> {
    let principal = must(properties, "PrincipalArn")?.to_owned();
    let of = partition(place.region);
    if !world.iam_roles(place.account).iter().any(|role| role.arn(of) == principal) {
        return Err(format!("The specified principalArn is invalid: invalid principal. ({principal})"));
    }
    let groups = texts(&properties["KubernetesGroups"]);
    if let Some(group) = groups.iter().find(|group| group.starts_with("system:")) {
        return Err(format!("The kubernetes group name {group} is invalid, it cannot start with system:"));
    }
    let mut policies = Vec::new();
    for policy in properties["AccessPolicies"].as_array().into_iter().flatten() {
        let arn = must(policy, "PolicyArn")?;
        let start = format!("arn:{of}:eks::aws:cluster-access-policy/");
        let name = arn.strip_prefix(&start).ok_or(format!("no access policy: {arn}"))?.to_owned();
        let namespaces = texts(&policy["AccessScope"]["Namespaces"]);
        if policy["AccessScope"]["Type"] != json!(if namespaces.is_empty() { "cluster" } else { "namespace" }) {
            return Err("The scope and its namespaces do not fit together".to_owned());
        }
        policies.push(Policy { name, namespaces });
    }
    let name = must(properties, "ClusterName")?;
    let is = |cluster: &&mut Cluster| {
        (cluster.account.as_str(), cluster.region.as_str(), cluster.name.as_str())
            == (place.account, place.region, name)
    };
    let cluster = world.clusters.iter_mut().find(is).ok_or(format!("No cluster found for name: {name}."))?;
    if !cluster.has_entries() {
        return Err("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP]".to_owned());
    }
    cluster.eks.entries.retain(|known| known.principal != principal);
    let made = RawEntry::new(&principal);
    let username = properties["Username"].as_str().map_or_else(|| made.username.clone(), str::to_owned);
    cluster.eks.entries.push(RawEntry { username, groups, policies, ..made });
    Ok(principal)
}

/// Does what a set's README says, in its order: each stack in its account and region, then the manifests of each cluster, which the folder
/// names as EKS does. Answers what was done.
pub fn set(world: &mut World, folder: &std::path::Path) -> Result<Vec<String>, String> {
    let names = |folder: &std::path::Path| -> Vec<String> {
        let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<String> = found.map(|one| one.file_name().to_string_lossy().into_owned()).collect();
        found.sort();
        found
    };
    let text =
        |path: &std::path::Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let (templates, mut done) = (folder.join("cloudformation"), Vec::new());
    for start in ["management", "roles-", "entries-", "guard", "deny-assignments"] {
        for file in names(&templates).iter().filter(|name| name.starts_with(start)) {
            let name = file.trim_end_matches(".yaml");
            let (account, home) = (world.management(), world.region.clone());
            let place = name.strip_prefix(start).unwrap_or_default().split_once('-');
            let (account, region) = match (place, name.strip_prefix("roles-")) {
                (Some((account, region)), _) => (account.to_owned(), region.to_owned()),
                (None, Some(account)) => (account.to_owned(), home),
                (None, None) => (account, home),
            };
            let place = Place { account: &account, region: &region };
            let template = text(&templates.join(file))?;
            let values = filled_in(world, place, &template).map_err(|why| format!("{file}: {why}"))?;
            stack(world, place, &template, &values).map_err(|why| format!("{file}: {why}"))?;
            done.push(format!("the stack {name} in account {account}, {region}"));
        }
    }
    let clusters = folder.join("kubernetes");
    for key in names(&clusters) {
        let own = clusters.join(&key);
        let kustomization = read(&text(&own.join("kustomization.yaml"))?)?;
        let cluster = world.clusters.iter_mut().find(|cluster| cluster.name == key);
        let cluster = cluster.ok_or(format!("there is no cluster {key}"))?;
        for file in texts(&kustomization["resources"]) {
            objects(cluster, &text(&own.join(&file))?).map_err(|why| format!("kubernetes/{key}/{file}: {why}"))?;
        }
        done.push(format!("the bindings of the cluster {key}"));
    }
    Ok(done)
}

/// The values of a template's parameters, by what their descriptions ask for.
fn filled_in(world: &World, place: Place<'_>, template: &str) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    for (name, said) in parameters(template)? {
        let value = if said.starts_with("The ARN of the Identity Center instance") {
            Some(format!("arn:aws:sso:::instance/{INSTANCE}"))
        } else if let Some(group) = said.strip_prefix("The id of the group ") {
            world.access.directory_groups.iter().find(|known| known.name == group).map(|known| known.id.clone())
        } else if let Some(rest) = said.strip_prefix("The ARN of the role of ") {
            let role = rest.split(':').next().unwrap_or_default();
            let start = format!("AWSReservedSSO_{role}_");
            let is = |known: &IamRole| {
                known.name == role
                    || known.name.strip_prefix(&start).is_some_and(|end| end.len() == 16 && !end.contains('_'))
            };
            world.iam_roles(place.account).into_iter().find(is).map(|role| role.arn(partition(place.region)))
        } else if said.starts_with("The organizational units") {
            Some(world.access.organization.units.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>().join(","))
        } else {
            None
        };
        let value = value.ok_or(format!("nobody knows what to say for {name}: {said}"))?;
        values.insert(name, value);
    }
    Ok(values)
}
