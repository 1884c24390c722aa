//! The generated folder: the same each time, and never over what a person changed.

use std::collections::BTreeMap;
use std::path::Path;

use eksso_simulator::World as SimulatedWorld;
use serde_yaml::Value;

use crate::scaffold::seeds::{HOSTILE, WHOLE, files, hostile, okta};
use crate::support::Desk;

fn set(desk: &Desk) -> BTreeMap<String, String> {
    let root = desk.path("out");
    let inside = |path: &Path| path.strip_prefix(&root).ok().map(|path| path.display().to_string());
    desk.files()
        .into_iter()
        .filter_map(|(path, bytes)| Some((inside(&path)?, String::from_utf8(bytes).expect("text"))))
        .collect()
}

fn write(desk: &Desk, text: &str, more: &[&str]) -> crate::support::Outcome {
    let file = desk.write("access.toml", text);
    let to = desk.path("out");
    let mut args =
        vec!["scaffold", "write", "--file", file.to_str().expect("a path"), "--to", to.to_str().expect("a path")];
    args.extend(more);
    desk.run(&args)
}

#[test]
fn the_practice_comes_out_whole_and_the_second_time_nothing_differs() {
    let desk = Desk::new();
    write(&desk, SimulatedWorld::practice_file(), &[]).ok();
    let first = set(&desk);
    for path in [
        "README.md",
        "terraform/management/main.tf",
        "terraform/workload-222222222222/locals.tf",
        "cloudformation/management.yaml",
        "cloudformation/entries-222222222222-eu-west-1.yaml",
        "kubernetes/payments/kustomization.yaml",
        "kubernetes/payments/eksso-auditor.yaml",
    ] {
        assert!(first.contains_key(path), "{path}: {:?}", first.keys());
    }
    let rows = write(&desk, SimulatedWorld::practice_file(), &["-o", "json"]).ok().json();
    assert!(rows.as_array().expect("rows").iter().all(|row| row["state"] == "same"), "{rows}");
    assert_eq!(set(&desk), first);
    assert!(desk.simulator.state().requests.is_empty(), "nobody was asked anything");
}

#[test]
fn in_china_the_nodes_role_is_passed_to_ec2_by_its_name_there() {
    let own = "ec2.amazonaws.com.cn";
    for (name, text) in files() {
        let desk = Desk::new();
        write(&desk, &text, &["--cloudformation"]).ok();
        let all: String = set(&desk).into_values().collect();
        assert_eq!(all.contains(own), name == "china", "{name}");
    }
}

#[test]
fn what_a_person_changed_is_kept_with_a_diff_until_force() {
    let desk = Desk::new();
    write(&desk, WHOLE, &[]).ok();
    let path = "out/terraform/management/main.tf";
    let changed = format!("{}# ours\n", desk.read(path));
    desk.write(path, &changed);
    let before = set(&desk);
    let other = WHOLE.replace("session = \"8h\"", "session = \"4h\"");
    let outcome = write(&desk, &other, &[]).fails(1, &["terraform/management/main.tf", "--force", "-# ours"]);
    assert_eq!(set(&desk), before, "nothing was written: {}", outcome.err);
    // A dry run ends as the run itself would, and shows what else there is to see.
    let dry = write(&desk, &other, &["--dry-run"]).fails(1, &["-# ours", "PT4H"]);
    let last = |outcome: &crate::support::Outcome| {
        outcome.err[outcome.err.find("a file is not as").expect("an error")..].to_owned()
    };
    assert_eq!((last(&dry), dry.out), (last(&outcome), outcome.out));
    let dry = write(&desk, &other, &["--dry-run", "--force"]).ok();
    assert!(dry.err.contains("-# ours") && dry.err.contains("Nothing was written."), "{}", dry.err);
    assert_eq!(set(&desk), before, "nothing was written: {}", dry.err);
    write(&desk, &other, &["--force"]).ok();
    assert!(!desk.read(path).contains("# ours"));
    assert!(desk.read("out/terraform/management/locals.tf").contains("PT4H"));
}

#[test]
fn what_access_toml_changed_is_written_anew_and_what_it_no_longer_names_goes() {
    let desk = Desk::new();
    write(&desk, WHOLE, &[]).ok();
    let without = WHOLE[..WHOLE.find("[guard]").expect("a guard")].replace("session = \"8h\"", "session = \"4h\"");
    let rows = write(&desk, &without, &["--dry-run", "-o", "json"]).ok().json();
    let state = |name: &str| {
        let rows = rows.as_array().expect("rows");
        rows.iter().find(|row| row["path"] == name).expect("a row")["state"].clone()
    };
    assert_eq!(state("terraform/management/locals.tf"), "updated");
    assert_eq!(state("terraform/guard/main.tf"), "removed");
    assert!(set(&desk).contains_key("terraform/guard/main.tf"), "a dry run writes nothing");
    write(&desk, &without, &[]).ok();
    assert!(!set(&desk).contains_key("terraform/guard/main.tf"));
}

#[test]
fn a_kind_alone_is_written_alone_and_leaves_the_others() {
    let desk = Desk::new();
    write(&desk, WHOLE, &["--kubernetes"]).ok();
    let kinds = |desk: &Desk| -> Vec<String> { set(desk).into_keys().collect() };
    assert!(kinds(&desk).iter().all(|path| !path.starts_with("terraform") && !path.starts_with("cloudformation")));
    write(&desk, WHOLE, &[]).ok();
    let all = set(&desk);
    write(&desk, WHOLE, &["--terraform"]).ok();
    assert_eq!(set(&desk), all);
}

#[test]
fn a_list_of_files_that_names_others_removes_none_of_them() {
    let desk = Desk::new();
    write(&desk, WHOLE, &[]).ok();
    let mine = desk.write("mine.txt", "mine");
    let digest = eksso::domain::text::digest("mine");
    let list = desk.read("out/.eksso-scaffold.json").replacen(
        "{\n",
        &format!("{{\n\"terraform/../../mine.txt\": \"{digest}\",\n"),
        2,
    );
    let list = list.replacen(&format!("{{\n\"terraform/../../mine.txt\": \"{digest}\",\n"), "{\n", 1);
    desk.write("out/.eksso-scaffold.json", &list);
    write(&desk, WHOLE, &[]).ok();
    assert!(mine.exists());
}

/// A link stands in each place below the folder in turn, to what is there and to what is not.
#[cfg(unix)]
#[test]
fn links_below_the_folder_are_refused_and_nothing_is_read_written_or_removed_through_them() {
    use std::os::unix::fs::symlink;
    let places = [
        "README.md",
        "terraform",
        "terraform/guard",
        "terraform/management/main.tf",
        "kubernetes/payments/kustomization.yaml",
        ".eksso-scaffold.json",
    ];
    let without = &WHOLE[..WHOLE.find("[guard]").expect("a guard")];
    let more = [&["--force"][..], &[], &["--dry-run"]];
    for (number, place) in places.into_iter().enumerate() {
        for there in [true, false] {
            let more = more[(number + usize::from(there)) % more.len()];
            let desk = Desk::new();
            write(&desk, WHOLE, &[]).ok();
            let (link, elsewhere) = (desk.path(&format!("out/{place}")), desk.path("elsewhere"));
            // What was written there lies elsewhere now, or nothing does.
            std::fs::rename(&link, &elsewhere).expect("moved");
            if !there {
                _ = std::fs::remove_dir_all(&elsewhere).or_else(|_| std::fs::remove_file(&elsewhere));
            }
            symlink("../".repeat(place.matches('/').count() + 1) + "elsewhere", &link).expect("a link");
            let before = desk.files();
            let shown = link.display().to_string();
            write(&desk, without, more).fails(7, &[&format!("{shown} is a link to "), &format!("rm {shown}")]);
            let ignored = |files: Vec<(std::path::PathBuf, Vec<u8>)>| {
                files.into_iter().filter(|(path, _)| !path.ends_with("access.toml")).collect::<Vec<_>>()
            };
            assert_eq!(ignored(desk.files()), ignored(before), "{place} {there} {more:?}");
            assert_eq!(elsewhere.exists(), there);
        }
    }
    // The folder itself is whatever it was named as.
    let desk = Desk::new();
    std::fs::create_dir(desk.path("real")).expect("a folder");
    symlink("real", desk.path("out")).expect("a link");
    write(&desk, WHOLE, &[]).ok();
    assert!(desk.path("real/README.md").exists());
    write(&desk, without, &[]).ok();
    assert!(!desk.path("real/terraform/guard/main.tf").exists());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_other_names_of_a_file_keep_their_content() {
    let desk = Desk::new();
    write(&desk, WHOLE, &[]).ok();
    let other = desk.path("other-name");
    std::fs::hard_link(desk.path("out/README.md"), &other).expect("a second name");
    let before = desk.read("other-name");
    write(&desk, &WHOLE.replace("EKS Viewers", "EKS Lookers"), &[]).ok();
    assert_eq!(desk.read("other-name"), before);
    assert_ne!(desk.read("out/README.md"), before);
    for folder in ["README.md", "terraform/management/main.tf"] {
        let desk = Desk::new();
        std::fs::create_dir_all(desk.path(&format!("out/{folder}"))).expect("a folder");
        write(&desk, WHOLE, &["--force"]).fails(7, &[&format!("out/{folder} is no file")]);
    }
    let pipe = desk.path("out/README.md");
    std::fs::remove_file(&pipe).expect("removed");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    write(&desk, WHOLE, &["--force"]).fails(7, &["is no file"]);
}

#[test]
fn hostile_names_stay_names_in_every_language() {
    let desk = Desk::new();
    write(&desk, &hostile(), &[]).ok();
    let set = set(&desk);
    for (path, text) in set.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        for document in serde_yaml::Deserializer::from_str(text) {
            let value =
                <Value as serde::Deserialize>::deserialize(document).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(value.is_mapping() || value.is_sequence(), "{path}");
        }
    }
    let bindings: Vec<Value> = serde_yaml::Deserializer::from_str(&set["kubernetes/payments/bindings.yaml"])
        .filter_map(|one| <Value as serde::Deserialize>::deserialize(one).ok())
        .filter(|one| one["subjects"].as_sequence().is_some_and(|all| all.len() > 1))
        .collect();
    let names = |one: &Value| -> Vec<String> {
        let subjects = one["subjects"].as_sequence().expect("subjects");
        subjects.iter().map(|subject| subject["name"].as_str().expect("a text").to_owned()).collect()
    };
    assert!(!bindings.is_empty() && bindings.iter().all(|one| names(one) == HOSTILE));
    let locals = &set["terraform/management/locals.tf"];
    for name in HOSTILE {
        assert!(locals.contains(&eksso::domain::scaffold::code::hcl_text(name)), "{name}");
    }
}

#[test]
fn names_that_nobody_sees_are_refused() {
    let desk = Desk::new();
    for text in ["a\\nb", "a\\u0000", "\\u202Ea", "a\\u2028", "\\uFEFFa", " a", "a\\t", ""] {
        for key in ["\"EKS Developers\"", "\"operators\""] {
            let said = write(&desk, &WHOLE.replace(key, &format!("\"{text}\"")), &[]);
            assert!(said.code == 2 && said.err.contains("line "), "{text:?}: {} {}", said.code, said.err);
        }
    }
}

#[test]
fn the_readme_names_files_that_are_there_and_every_module_and_template() {
    for (name, text) in files() {
        let desk = Desk::new();
        write(&desk, &text, &[]).ok();
        let set = set(&desk);
        let readme = &set["README.md"];
        let named: Vec<&str> = readme
            .split('`')
            .filter(|word| ["terraform/", "cloudformation/", "kubernetes/"].iter().any(|start| word.starts_with(start)))
            .filter(|word| *word != "kubernetes/CLUSTER")
            .collect();
        for word in &named {
            let is_there = set.contains_key(*word) || set.contains_key(&format!("{word}/main.tf"));
            assert!(is_there, "{name}: {word} is named and not there: {:?}", set.keys());
        }
        for path in set.keys().filter(|path| path.starts_with("cloudformation/") || path.ends_with("/main.tf")) {
            let wanted = path.trim_end_matches("/main.tf");
            assert!(named.contains(&wanted), "{name}: {path} is there and not named: {readme}");
        }
    }
}

#[test]
fn what_is_listed_twice_is_made_once() {
    let desk = Desk::new();
    let twice = WHOLE
        .replace("people = [\"EKS Developers\"]", "people = [\"EKS Developers\", \"EKS Developers\"]")
        .replace(
            "namespaces = [\"default\", \"kube-public\"]",
            "namespaces = [\"default\", \"kube-public\", \"default\"]",
        )
        .replace("kubernetes_groups = [\"operators\"]", "kubernetes_groups = [\"operators\", \"operators\"]");
    assert_ne!(twice, WHOLE);
    write(&desk, WHOLE, &[]).ok();
    let once = set(&desk);
    write(&desk, &twice, &[]).ok();
    assert_eq!(set(&desk), once);
}

#[test]
fn groups_are_always_written_and_trusts_name_their_audience() {
    let desk = Desk::new();
    write(&desk, &okta(), &[]).ok();
    let set = set(&desk);
    let entries: Value =
        serde_yaml::from_str(&set["cloudformation/entries-222222222222-eu-west-1.yaml"]).expect("YAML");
    let resources = entries["Resources"].as_mapping().expect("resources");
    assert!(resources.values().all(|one| one["Properties"]["KubernetesGroups"].is_sequence()));
    let roles: Value = serde_yaml::from_str(&set["cloudformation/roles-222222222222.yaml"]).expect("YAML");
    let role = &roles["Resources"]["RoleEKSDeveloper"]["Properties"];
    let statement = &role["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(statement["Action"], "sts:AssumeRoleWithSAML");
    assert_eq!(statement["Condition"]["StringEquals"]["SAML:aud"][1], "https://eu-west-1.signin.aws.amazon.com/saml");
    assert_eq!(role["Path"], "/eks/");
    assert!(role["PermissionsBoundary"].is_mapping());
    assert!(set["README.md"].contains("aws#ALIAS#EKSDeveloper#222222222222"));
}

#[test]
fn what_init_writes_can_be_checked_and_written_and_is_never_overwritten() {
    let desk = Desk::new();
    for (number, more) in [
        &[][..],
        &["--okta", "Okta"],
        &["--account", "444444444444", "--region", "us-gov-west-1", "--cluster", "Web_1"],
    ]
    .into_iter()
    .enumerate()
    {
        let file = desk.path(&format!("{number}.toml"));
        let path = file.to_str().expect("a path");
        let mut args = vec!["scaffold", "init", path];
        args.extend(more);
        desk.run(&args).ok();
        desk.run(&["scaffold", "check", "--file", path]).ok();
        let text = desk.read(&format!("{number}.toml"));
        write(&desk, &text, &["--force"]).ok();
        desk.run(&args).fails(1, &["is there already"]);
        assert_eq!(desk.read(&format!("{number}.toml")), text);
    }
    desk.run(&["scaffold", "init", "x.toml", "--account", "12"]).fails(2, &["12 digits"]);
}
