//! cfn-lint over every template of every kind of set.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::real::parts::good;
use crate::real::scaffold::{judge, written};
use crate::scaffold::seeds::{HOSTILE, files, hostile};
use crate::support::Desk;

fn templates(out: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(out.join("cloudformation")).expect("templates");
    found.map(|one| one.expect("an entry").path()).collect()
}

#[test]
#[ignore = "real part: cfn-lint"]
fn cfn_lint_finds_nothing_in_any_template() {
    let desk = Desk::new();
    let (mut all, mut odd) = (Vec::new(), Vec::new());
    for (name, text) in files().into_iter().chain([("hostile", hostile())]) {
        let kept = desk.path(&format!("kept/{name}"));
        std::fs::create_dir_all(&kept).expect("a folder");
        for template in templates(&written(&desk, &text)) {
            let to = kept.join(template.file_name().expect("a name"));
            std::fs::copy(&template, &to).expect("a copy");
            if name == "hostile" { odd.push(to) } else { all.push(to) }
        }
        std::fs::remove_dir_all(desk.path("out")).expect("removed");
    }
    assert!(all.len() + odd.len() > 30, "{} templates", all.len());
    // Nothing that it warns of or informs about is left either.
    let strict = ["--format", "parseable", "--include-checks", "I", "--non-zero-exit-code", "informational"];
    good(judge(desk.home.path(), "cfn-lint").args(strict).arg("--").args(&all));
    // A group that is called `${AWS::AccountId}` is told from a forgotten Fn::Sub by nobody.
    good(judge(desk.home.path(), "cfn-lint").args(strict).args(["--ignore-checks", "E1029", "--"]).args(&odd));
}

#[test]
#[ignore = "real part: cfn-lint"]
fn cloudformation_reads_hostile_names_as_the_names_that_they_are() {
    let desk = Desk::new();
    let out = written(&desk, &hostile());
    // The reader of cfn-lint, which knows the short forms of functions: YAML 1.1.
    let script = "import json, sys\nfrom cfnlint.decode.cfn_yaml import load\nprint(json.dumps(load(sys.argv[1])))";
    let read = |name: &str| -> Value {
        let file = out.join("cloudformation").join(name);
        let text = good(judge(desk.home.path(), "python").args(["-c", script]).arg(file));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let management = read("management.yaml");
    let said: Vec<&str> = management["Parameters"]
        .as_object()
        .expect("parameters")
        .values()
        .filter_map(|one| one["Description"].as_str()?.strip_prefix("The id of the group "))
        .collect();
    assert!(HOSTILE.iter().all(|name| said.contains(name)), "{said:?}");
    let entries = read("entries-222222222222-eu-west-1.yaml");
    let entries = entries["Resources"].as_object().expect("resources");
    let groups = entries.values().find(|one| one["Properties"]["PrincipalArn"]["Ref"] == "ArnEKSDeveloper");
    assert_eq!(groups.expect("an entry")["Properties"]["KubernetesGroups"], serde_json::json!(HOSTILE));
}
