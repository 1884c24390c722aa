//! The README of a generated set: what is applied in which order, by whom, and how it is rolled back.

use crate::domain::access::AuthMode;
use crate::domain::audit::access_file::PlannedCluster;
use crate::domain::ids::{AccountId, Region};
use crate::domain::scaffold::plan::{Plan, scope};
use crate::domain::scaffold::policies;
use crate::domain::scaffold::role::{Made, Role, Set, Statements};

/// The text.
pub fn text(plan: &Plan) -> String {
    let has = |made: fn(&Made) -> bool| plan.roles.iter().any(|role| made(&role.made));
    let sets = has(|made| *made == Made::Set);
    let okta = has(|made| matches!(made, Made::Okta(_)));
    let mut out = String::from(
        "# Access to EKS clusters\n\nMade by `eksso scaffold write` from access.toml. Change that file and write again; what you change here is \
         kept until you say `--force`. `eksso scaffold check` shows who may do what before anything is applied.\n\n## Order\n\n",
    );
    let mut step = 0;
    let mut say = |words: String| {
        step += 1;
        out.push_str(&format!("{step}. {words}\n"));
    };
    if sets {
        let place = place("management", "management");
        say(format!(
            "{place}: permission sets and assignments. By whoever administers Identity Center: the management account or, better, the \
             delegated administrator, in Identity Center's region. A delegated administrator cannot assign in the management account: keep \
             clusters out of that. Terraform: `-parallelism=5`, as Identity Center refuses more at once."
        ));
    }
    if okta {
        say("Okta: the app and its groups, see below; and the SAML provider of that name in each account.".to_owned());
    }
    let mut runners: Vec<&str> = plan
        .roles
        .iter()
        .filter_map(|role| match &role.made {
            Made::Runner(oidc) => Some(oidc.provider.as_str()),
            _ => None,
        })
        .collect();
    runners.sort_unstable();
    runners.dedup();
    for runner in runners {
        say(format!(
            "The OIDC provider `{runner}` in each account with a role that trusts it, with the audience `sts.amazonaws.com`; it is not made \
             here: `aws iam create-open-id-connect-provider --url https://{runner} --client-id-list sts.amazonaws.com`."
        ));
    }
    for (account, clusters) in plan.accounts() {
        let applied = applied(plan, account, &clusters);
        if applied.is_empty() {
            continue;
        }
        let waiting = if sets {
            " The roles of step 1 must be there: Terraform stops with a word about it when they are not, CloudFormation asks for their ARNs."
        } else {
            ""
        };
        say(format!(
            "`terraform/workload-{account}`, or {}: what account {account} gets. By the access pipeline of that account.{waiting}",
            applied.join(", then ")
        ));
    }
    for (key, _) in plan.clusters.iter().filter(|(_, cluster)| cluster.mode == AuthMode::ConfigMap) {
        say(format!(
            "`kubernetes/{key}/aws-auth-lines.yaml`: its lines, by hand, into the ConfigMap aws-auth of that cluster, which knows no access \
             entries. What to mind, and how to get away from it, stands at the top of the file."
        ));
    }
    if has(|made| matches!(made, Made::Entitled(_))) {
        let place = place("management", "management");
        say(format!(
            "{place}: which groups may use which role by the account access manager. In the account and region of its application, after the \
             roles: an entitlement names them."
        ));
    }
    for role in plan.roles.iter().filter(|role| role.statements == Statements::Set(Set::Auditor)) {
        let name = markdown(&role.name);
        let what = match role.made {
            Made::Set => format!("the permission set {name} is assigned"),
            _ => format!("a role {name} with the same policy is made"),
        };
        say(format!(
            "By whoever administers Identity Center and the organization: {what} in that account, too (the management account or the delegated \
             administrator), which is not done here. Only there `eksso audit` and `eksso scaffold diff` can read who is assigned what, and the \
             guard; without it they tell what was not read."
        ));
    }
    say(
        "`kubectl apply -k kubernetes/CLUSTER` for each cluster, by somebody who is cluster-admin there: whoever makes a binding must \
         have what it gives. The namespaces must be there."
            .to_owned(),
    );
    if policies::guard(plan).is_some() {
        let place = place("guard", "guard");
        say(format!(
            "Last, when all of the above works and break-glass was tried: {place}, in the management account. It binds nobody until target ids \
             are given; begin with one account. It binds neither the management account nor service-linked roles."
        ));
    }
    if sets && policies::guard(plan).is_some() {
        let place = place("deny-assignments", "deny-assignments");
        say(format!(
            "{place}, in the management account, by who administers it: a policy of Deny statements for the permission sets of that account's own \
             people, as no service control policy binds it. It binds nobody until it is attached to sets, which must be sets of that account alone: \
             by Terraform's `permission_sets`, else by a reference in the set. Try it with one set first."
        ));
    }
    let first = if policies::guard(plan).is_some() { "take the guard's targets away first, then " } else { "" };
    out.push_str(&format!(
        "\n## Rolling back\n\nThe other way round: {first}the bindings, entries and roles, the permission sets last. \
         An entry whose role is gone is dead, and stays dead when the role is made again: apply the workload module after that, too. Keep \
         break-glass until the end.\n",
    ));
    if okta {
        let provider = plan.roles.iter().find_map(|role| match &role.made {
            Made::Okta(provider) => Some(provider.as_str()),
            _ => None,
        });
        let (partition, path) = (plan.partition.arn(), plan.role_path.as_str());
        out.push_str(&format!(
            "\n## Okta\n\nIn the AWS Account Federation app, Sign On, Advanced:\n\n- [ ] Identity Provider ARN: the provider `{provider}`, which has the same \
             name in every account\n- [ ] Use Group Mapping: on; Join all roles: on\n- [ ] App Filter: only the source whose groups count. Who may make \
             groups of such names hands out roles: App Filter and that right **are** the access control\n- [ ] Group Filter: \
             `{filter}`\n- [ ] Role Value Pattern: \
             `arn:{partition}:iam::${{accountid}}:saml-provider/{provider},arn:{partition}:iam::${{accountid}}:role{path}${{role}}`\n- [ ] Session Duration: \
             not more than the shortest of the roles below\n\nGroups, with the account's alias for ALIAS (no blanks), and who belongs in them:\n\n",
            provider = provider.unwrap_or_default(),
            filter = group_filter(&plan.okta_group),
        ));
        for role in plan.roles.iter().filter(|role| matches!(role.made, Made::Okta(_))) {
            for account in
                plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty())
            {
                let people: Vec<String> = role.people.iter().map(|group| markdown(group)).collect();
                let minutes = role.session.as_secs() / 60;
                let name = plan.okta_group.replace("{alias}", "ALIAS").replace("{role}", &role.name);
                let name = name.replace("{account}", account.as_str());
                out.push_str(&format!("- `{name}` ({minutes} minutes): {}\n", people.join(", ")));
            }
        }
    }
    out.push_str("\n## Roles\n\n| role | tier | people | clusters | access | IAM policy, characters |\n|---|---|---|---|---|---|\n");
    for role in &plan.roles {
        let access = [role.access.as_deref(), role.rbac.as_deref()]
            .into_iter()
            .flatten()
            .map(markdown)
            .collect::<Vec<_>>()
            .join(", ");
        let scope = if role.namespaces.is_empty() {
            String::new()
        } else {
            format!(" in {}", markdown(&role.namespaces.join(", ")))
        };
        let people: Vec<String> = role.people.iter().map(|group| markdown(group)).collect();
        let statements = policies::statements(plan, role, None);
        let size = match statements.is_empty() {
            true => "none".to_owned(),
            false => format!("{} of {}", policies::size(&policies::document(&statements)), policies::MAX_INLINE),
        };
        out.push_str(&format!(
            "| {} | {} | {} | {} | {access}{scope} | {size} |\n",
            markdown(&role.name),
            role.tier,
            people.join(", "),
            role.clusters.join(", "),
        ));
    }
    if !plan.bindings.is_empty() {
        out.push_str("\n## Bindings besides\n\n| groups | role | clusters |\n|---|---|---|\n");
        for binding in &plan.bindings {
            let groups: Vec<String> = binding.groups.iter().map(|group| markdown(group)).collect();
            let kind = if binding.role.kind() == "Role" { "Role " } else { "" };
            let role = format!("{kind}{} in {}", binding.role.name(), scope(&binding.namespaces));
            out.push_str(&format!(
                "| {} | {} | {} |\n",
                groups.join(", "),
                markdown(&role),
                binding.clusters.join(", ")
            ));
        }
    }
    out
}

/// The templates of an account, in their order.
fn applied(plan: &Plan, account: &AccountId, clusters: &[(&str, &PlannedCluster)]) -> Vec<String> {
    let roles = plan.roles_in(account);
    let makes = |role: &&Role| match role.made {
        Made::Set => false,
        Made::Okta(_) | Made::Entitled(_) | Made::Runner(_) => true,
        Made::Elsewhere => role.statements != Statements::None,
    };
    let made = roles.iter().any(makes).then(|| format!("`cloudformation/roles-{account}.yaml`"));
    let lets_in = |(key, cluster): &&(&str, &PlannedCluster)| {
        cluster.mode.has_entries()
            && roles.iter().any(|role| role.enters() && role.clusters.iter().any(|own| own == key))
    };
    let mut regions: Vec<&Region> = clusters.iter().filter(lets_in).map(|(_, cluster)| &cluster.region).collect();
    regions.sort();
    regions.dedup();
    let entries = regions.into_iter().map(|region| format!("`cloudformation/entries-{account}-{region}.yaml`"));
    made.into_iter().chain(entries).collect()
}

/// The regular expression by which Okta finds role and account in a group's name.
fn group_filter(template: &str) -> String {
    let mut out = String::from("^");
    for c in template.replace("{alias}", "\u{1}").replace("{role}", "\u{2}").replace("{account}", "\u{3}").chars() {
        match c {
            '\u{1}' => out.push_str("\\S+"),
            '\u{2}' => out.push_str("(?{{role}}[\\w\\-]+)"),
            '\u{3}' => out.push_str("(?{{accountid}}\\d+)"),
            c if c.is_ascii_alphanumeric() || c == '_' => out.push(c),
            c => out.extend(['\\', c]),
        }
    }
    out.push('$');
    out
}

fn place(module: &str, template: &str) -> String {
    format!("`terraform/{module}` or `cloudformation/{template}.yaml`")
}

/// A text within a line of Markdown: its signs are only themselves.
fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\`*_{}[]<>()#+!|~&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
