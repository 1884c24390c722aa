//! kubectl: what it does through the plugin, how it reads what eksso edits, and writing beside it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::parts::{at, good, part, said};
use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::World;
use serde_json::{Value, json};

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_1_35_and_an_older_one_work_through_the_plugin() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]));
    for kubectl in ["kubectl-1.35", "kubectl-older"] {
        let kubectl = part(kubectl);
        for (context, user, role) in [
            ("Production/web:EKSAdmin", "eksadmin:jane-example.com", "EKSAdmin"),
            ("Production/web:EKSViewer", "eksviewer:jane-example.com", "EKSViewer"),
            ("Staging/web:EKSAdmin", "eksadmin:jane-example.com", "EKSAdmin"),
            ("Production/batch:EKSAdmin", "eksadmin:jane-example.com", "EKSAdmin"),
        ] {
            good(eksso(&desk).args(["use", context]));
            let version = good(at(&desk, &kubectl).args(["get", "--raw", "/version"]));
            assert!(version.contains("v1.35.0-simulated"), "{version}");
            let who: Value =
                serde_json::from_str(&good(at(&desk, &kubectl).args(["auth", "whoami", "-o", "json"]))).expect("JSON");
            let info = &who["status"]["userInfo"];
            assert_eq!(info["username"], user, "{context}");
            assert_eq!(good(eksso(&desk).args(["whoami", "-o", "name"])).trim(), user, "{context}");
            let arn = info["extra"]["arn"][0].as_str().expect("an ARN");
            let account = if context.starts_with("Staging") { "444455556666" } else { "111122223333" };
            assert!(arn.contains(&format!("::{account}:assumed-role/AWSReservedSSO_{role}_")), "{arn}");
        }
        let names = good(at(&desk, &kubectl).args(["get", "namespaces", "-o", "name"]));
        assert_eq!(names, "namespace/default\nnamespace/kube-system\n");
    }
    // What kubectl reads of the file is what we wrote.
    let view = good(at(&desk, &part("kubectl-1.35")).args(["config", "view", "--raw", "-o", "json"]));
    let view: Value = serde_json::from_str(&view).expect("JSON");
    let extension = &view["contexts"].as_array().expect("contexts")[0]["context"]["extensions"][0];
    assert_eq!((extension["name"].as_str(), extension["extension"]["session"].as_str()), (Some("eksso"), Some("corp")));
}

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_works_with_roles_behind_okta_from_sign_in_to_sign_out() {
    let [_, world] = both();
    let desk = Desk::configured(world);
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["sync"]));
    good(eksso(&desk).args(["use", "111122223333/web:EKSAdmin"]));
    let kubectl = part("kubectl-1.35");
    let who = || -> Value {
        serde_json::from_str(&good(at(&desk, &kubectl).args(["auth", "whoami", "-o", "json"]))).expect("JSON")
    };
    let admin = who()["status"]["userInfo"].clone();
    assert_eq!(admin["username"], "eksadmin:jane-example.com");
    assert!(admin["extra"]["arn"][0].as_str().is_some_and(|arn| arn.contains(":assumed-role/EKSAdmin/")), "{admin}");
    assert_eq!(good(eksso(&desk).args(["whoami", "-o", "name"])).trim(), "eksadmin:jane-example.com");
    good(eksso(&desk).args(["use", "--role", "EKSViewer"]));
    assert_eq!(who()["status"]["userInfo"]["username"], "eksviewer:jane-example.com");
    let names = good(at(&desk, &kubectl).args(["get", "namespaces", "-o", "name"]));
    assert_eq!(names, "namespace/default\nnamespace/kube-system\n");
    let asked = desk.simulator.count("OktaSso");
    assert_eq!(asked, 1, "one response for all of this");
    good(eksso(&desk).arg("logout"));
    let output = at(&desk, &kubectl).args(["get", "namespaces"]).output().expect("started");
    assert!(!output.status.success() && said(&output).contains("hint: eksso login corp"), "{}", said(&output));
}

#[test]
#[ignore = "real part: kubectl"]
fn signed_out_kubectl_shows_what_to_run() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--use"]).ok();
    desk.run(&["logout"]).ok();
    let output = at(&desk, &part("kubectl-1.35")).args(["get", "namespaces"]).output().expect("started");
    assert!(!output.status.success());
    assert!(said(&output).contains("hint: eksso login corp"), "{}", said(&output));
}

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_is_refused_after_the_end_of_a_role_and_works_again_with_the_former_one() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=Production", "--role=EKSViewer", "--cluster=web", "--use"]));
    good(eksso(&desk).args(["use", "--role=EKSAdmin", "--for=1m"]));
    let kubectl = part("kubectl-1.35");
    let view = good(at(&desk, &kubectl).args(["config", "view", "--raw", "-o", "json"]));
    let view: Value = serde_json::from_str(&view).expect("JSON");
    let users = view["users"].as_array().expect("users");
    let mut ends = users.iter().filter_map(|user| user["user"]["exec"]["args"].as_array()?.last()?.as_str());
    let until = ends.rfind(|end| end.ends_with('Z')).expect("an end, as text").to_owned();
    // A minute is the shortest that may be asked for; the test does not wait for it.
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(6);
    let soon = jiff::Timestamp::from_second(soon.as_second()).expect("a time");
    desk.write(".kube/config", &desk.read(".kube/config").replace(&until, &soon.to_string()));
    let who = || at(&desk, &kubectl).args(["auth", "whoami", "-o", "name"]).output().expect("started");
    let raw = || at(&desk, &kubectl).args(["get", "--raw", "/version"]).output().expect("started");
    assert!(raw().status.success(), "{}", said(&who()));
    while jiff::Timestamp::now() <= soon {
        sleep(Duration::from_millis(100));
    }
    let refused = raw();
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("the use of the role `EKSAdmin` ended at"), "{}", said(&refused));
    good(eksso(&desk).args(["use", "-"]));
    assert_eq!(good(at(&desk, &kubectl).args(["config", "current-context"])).trim(), "Production/web:EKSViewer");
    assert!(raw().status.success());
}

/// The real kubectl's reading of a kubeconfig.
fn viewed(kubectl: &Path, home: &Path, name: &str, text: &str) -> Result<Value, String> {
    let file = home.join(name);
    std::fs::write(&file, text).expect("a file");
    let mut command = Command::new(kubectl);
    command.env_clear().env("HOME", home).args(["config", "view", "--raw", "-o", "json", "--kubeconfig"]).arg(&file);
    let output = command.stdin(Stdio::null()).output().expect("kubectl");
    std::fs::remove_file(file).expect("removed");
    if output.status.success() { Ok(serde_json::from_slice(&output.stdout).expect("JSON")) } else { Err(said(&output)) }
}

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_reads_every_edited_shape_as_it_was_intended() {
    use crate::kubeconfig::editing::{edits_of_every_kind, intended, shapes};
    use eksso::domain::kubeconfig::{Document, Edit, List};
    let (kubectl, home) = (part("kubectl-1.35"), tempfile::tempdir().expect("a folder"));
    // Names that one YAML version or another takes for something else.
    let odd = [
        "y",
        "yes",
        "on",
        "off",
        "~",
        "null",
        "1_000",
        "0o7",
        "0x1f",
        "1:30",
        ".inf",
        "1e3",
        "2001-01-01",
        "=",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "'",
        "%x",
        "@x",
        " a",
        "a ",
        "ä",
        "!x",
        "&a",
        "*a",
        "[",
        "{}",
    ];
    let naming: Vec<Vec<Edit>> = odd
        .iter()
        .map(|name| {
            let body: serde_yaml::Value =
                serde_json::from_value(json!({"cluster": name, "user": name, "namespace": name})).expect("a value");
            vec![Edit::Put(List::Contexts, (*name).into(), body), Edit::CurrentContext((*name).into())]
        })
        .collect();
    // What kubectl makes of tags, and of merges over keys that are there, is its own; the parser judges those alone.
    let own = ["hand-tags-whole.yaml", "hand-merge-list.yaml"];
    let work: Vec<(String, String, Vec<Edit>)> = shapes()
        .into_iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .flat_map(|(name, text)| {
            let document = Document::parse(text.clone()).expect("valid");
            let mut edits = edits_of_every_kind(&document);
            if ["kubectl-minimal.yaml", "json-line.json"].contains(&name.as_str()) {
                edits.extend(naming.clone());
            }
            edits.into_iter().map(move |edits| (name.clone(), text.clone(), edits))
        })
        .collect();
    assert!(work.len() > 500);
    std::thread::scope(|scope| {
        for (worker, part) in work.chunks(work.len().div_ceil(3)).enumerate() {
            let (kubectl, home) = (&kubectl, home.path());
            scope.spawn(move || {
                for (name, text, edits) in part {
                    let mut document = Document::parse(text.clone()).expect("valid");
                    if document.edit(edits).is_err() {
                        continue;
                    }
                    let file = |which: &str| format!("{which}-{worker}.yaml");
                    let mut wanted = intended(text, edits);
                    wanted.apply_merge().expect("merge keys, which kubectl obeys");
                    let wanted = serde_json::to_string(&wanted).expect("JSON");
                    let (after, wanted) = (
                        viewed(kubectl, home, &file("after"), document.text()),
                        viewed(kubectl, home, &file("wanted"), &wanted),
                    );
                    // What kubectl refuses in the file as it is, such as `{x: 1}` for a cluster, it refuses in both.
                    match (&after, &wanted) {
                        (Err(_), Err(_)) => {}
                        _ => assert_eq!(after, wanted, "{name} {edits:?}:\n{}", document.text()),
                    }
                }
            });
        }
    });
}

/// kubectl takes its lock only to write, and writes what it read before: of fifty kubectl alone, about ten updates are
/// lost. So what can be asked of eksso is that it loses none: not its own, and not those of a kubectl beside it.
#[test]
#[ignore = "real part: kubectl"]
fn fifty_writers_lose_no_update_of_each_other_and_none_of_kubectls() {
    let desk = Desk::new();
    let entry = |number: usize| format!("- name: c{number:02}\n  context:\n    cluster: k\n    user: u\n");
    let text = |count| (0..count).fold("# shared\ncontexts:\n".to_owned(), |text, number| text + &entry(number));
    let lost = |numbers: std::ops::Range<usize>| {
        let config = desk.kubeconfig();
        let contexts = config["contexts"].as_sequence().expect("contexts").clone();
        let kept =
            |number: &usize| contexts[*number]["context"]["namespace"].as_str() == Some(&format!("n{number:02}"));
        numbers.filter(|number| !kept(number)).collect::<Vec<_>>()
    };
    let write = |number: usize| {
        let mut command = eksso(&desk);
        command.args(["use", &format!("c{number:02}"), "-n", &format!("n{number:02}")]);
        move || {
            let output = command.output().expect("started");
            assert!(output.status.success(), "{}", said(&output));
        }
    };
    desk.write(".kube/config", &text(50));
    std::thread::scope(|scope| (0..50).map(write).for_each(|write| _ = scope.spawn(write)));
    assert_eq!(lost(0..50), [0usize; 0], "of eksso alone");
    assert!(desk.read(".kube/config").starts_with("# shared\n"));

    desk.write(".kube/config", &text(50));
    let kubectl = part("kubectl-1.35");
    let mut theirs: Vec<Command> = (25..50)
        .map(|number| {
            let mut command = at(&desk, &kubectl);
            command.args(["config", "set-context", &format!("c{number:02}"), &format!("--namespace=n{number:02}")]);
            command
        })
        .collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for command in &mut theirs {
                // It does not wait for its own lock either; whoever uses it tries again.
                while !command.output().expect("kubectl").status.success() {
                    sleep(Duration::from_millis(5));
                }
            }
        });
        (0..25).map(write).for_each(|write| _ = scope.spawn(write));
    });
    assert_eq!(lost(25..50), [0usize; 0], "kubectl's, written over by eksso");
    println!("updates of eksso that kubectl wrote over with what it had read before: {:?}", lost(0..25));
    let left: Vec<_> =
        std::fs::read_dir(desk.path(".kube")).expect("the folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["config"]);
}

#[cfg(unix)]
#[test]
#[ignore = "real part: kubectl"]
fn kubectl_completes_its_command_eksso_by_a_second_name_of_the_program() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["sync", "--unmapped"]));
    let bin = desk.path("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_eksso"), bin.join("kubectl-eksso")).expect("the plugin");
    // As krew's caveats say it.
    std::os::unix::fs::symlink("kubectl-eksso", bin.join("kubectl_complete-eksso")).expect("its completions");
    let offered = |words: &[&str]| {
        let mut kubectl = at(&desk, &part("kubectl-1.35"));
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let said = good(kubectl.env("PATH", path).args(["__complete", "eksso"]).args(words));
        said.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered(&["use", "Staging/"]), ["Staging/web:Billing", "Staging/web:EKSAdmin", ":4"]);
    assert_eq!(offered(&["use", "Production/web:EKSViewer", "--role", "EKSA"]), ["EKSAdmin", ":4"]);
    assert_eq!(
        offered(&["use", "Production/web:EKSViewer", "--role=EKSA"]),
        ["EKSAdmin", ":4"],
        "the shell has the rest"
    );
    assert_eq!(offered(&["completions", "na"]), [":4"]);
    assert_eq!(offered(&["completions", "nu"]), ["nushell", ":4"]);
    assert!(offered(&["con"]).contains(&"console".to_owned()));
    assert_eq!(offered(&["use", "--kubeconfig", ""]), [":0"], "files are the shell's");
    assert!(offered(&["use", "--dry"]).contains(&"--dry-run".to_owned()));
}
