//! `eksso add` and `eksso use`: what they write, and what they leave alone.

use crate::support::Desk;
use serde_yaml::Value;

fn named<'a>(config: &'a Value, list: &str, name: &str) -> &'a Value {
    let entries = config[list].as_sequence().expect(list);
    entries.iter().find(|entry| entry["name"].as_str() == Some(name)).unwrap_or_else(|| panic!("no {name} in {list}"))
}

const ADD_WEB: [&str; 5] = ["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];

#[test]
fn add_writes_cluster_user_and_context_as_specified() {
    let desk = Desk::signed_in();
    let added = desk.run(&ADD_WEB).ok();
    assert_eq!(added.out, "Production/web:EKSAdmin\n");
    let config = desk.kubeconfig();
    let arn = "arn:aws:eks:eu-west-1:111122223333:cluster/web";
    let user = "eksso/corp/111122223333/EKSAdmin/eu-west-1/web";
    let cluster = &named(&config, "clusters", arn)["cluster"];
    assert!(cluster["server"].as_str().expect("server").starts_with("https://127.0.0.1"));
    assert!(cluster["certificate-authority-data"].as_str().expect("ca").len() > 100);
    let exec = &named(&config, "users", user)["user"]["exec"];
    let args: Vec<&str> = exec["args"].as_sequence().expect("args").iter().filter_map(Value::as_str).collect();
    assert_eq!(
        args,
        [
            "token",
            "--session",
            "corp",
            "--account",
            "111122223333",
            "--role",
            "EKSAdmin",
            "--region",
            "eu-west-1",
            "--cluster",
            "web"
        ]
    );
    assert_eq!(exec["apiVersion"], "client.authentication.k8s.io/v1beta1");
    assert_eq!(exec["command"], "eksso");
    assert_eq!(exec["interactiveMode"], "IfAvailable");
    assert_eq!(exec["provideClusterInfo"], false);
    let context = &named(&config, "contexts", "Production/web:EKSAdmin")["context"];
    assert_eq!((context["cluster"].as_str(), context["user"].as_str()), (Some(arn), Some(user)));
    assert_eq!(context["extensions"][0]["name"], "eksso");
    assert_eq!(context["extensions"][0]["extension"]["account"], "111122223333");
    assert!(config.get("current-context").is_none(), "only --use switches");
    // The account id is text in YAML too.
    assert!(desk.read(".kube/config").contains("'111122223333'"), "{}", desk.read(".kube/config"));
}

#[test]
fn add_again_changes_nothing_and_keeps_what_the_user_added() {
    let desk = Desk::signed_in();
    desk.run(&ADD_WEB).ok();
    let first = desk.read(".kube/config");
    assert!(desk.run(&ADD_WEB).ok().err.contains("already:"));
    assert_eq!(desk.read(".kube/config"), first);
    let edited = first
        .replace("context:\n    cluster:", "context:\n    namespace: team-a\n    cluster:")
        .replace("  cluster:\n    server:", "  cluster:\n    proxy-url: socks5://localhost:1080 # bastion\n    server:")
        .replace("Production/web:EKSAdmin", "my-prod");
    desk.write(".kube/config", &edited);
    let again = desk.run(&ADD_WEB).ok();
    assert_eq!(again.out, "my-prod\n", "a renamed context keeps its name");
    assert_eq!(desk.read(".kube/config"), edited);
}

#[test]
fn the_rest_of_the_document_stays_byte_for_byte() {
    let desk = Desk::signed_in();
    let before = "# mine\r\napiVersion: v1\r\nkind: Config\r\nx-unknown: &anchor {a: 1}\r\ncurrent-context: \"old\"   # keep\r\ncontexts:\r\n  # first\r\n  - name: old\r\n    context: {cluster: c, user: u}   # inline\r\nclusters: []\r\nusers:\r\npreferences: {}";
    desk.write(".kube/config", before);
    desk.run(&ADD_WEB).ok();
    let after = desk.read(".kube/config");
    for line in before.split("\r\n").filter(|line| !line.starts_with("clusters:")) {
        assert!(after.split("\r\n").any(|kept| kept == line), "{line:?} is gone:\n{after}");
    }
    assert!(!after.replace("\r\n", "").contains('\n'), "all line ends are CRLF: {after:?}");
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("contexts").len(), 2);
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(desk.read(".kube/config").contains("current-context: Production/web:EKSAdmin   # keep\r\n"));
}

#[test]
fn a_json_kubeconfig_stays_json() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", r#"{"apiVersion":"v1","kind":"Config","contexts":[{"name":"a","context":{"cluster":"c","user":"u"}}],"users":[]}"#);
    desk.run(&ADD_WEB).ok();
    desk.run(&["use", "a"]).ok();
    let config: serde_json::Value = serde_json::from_str(&desk.read(".kube/config")).expect("still JSON");
    assert_eq!(config["contexts"].as_array().expect("contexts").len(), 2);
    assert_eq!(config["current-context"], "a");
}

#[cfg(unix)]
#[test]
fn symlinks_modes_and_locks_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let desk = Desk::signed_in();
    let target = desk.write("dotfiles/kube.yaml", "apiVersion: v1\nkind: Config\n");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).expect("mode");
    std::fs::create_dir_all(desk.path(".kube")).expect("folder");
    symlink("../dotfiles/kube.yaml", desk.path(".kube/config")).expect("link");
    desk.run(&ADD_WEB).ok();
    assert!(desk.path(".kube/config").is_symlink());
    assert_eq!(target.metadata().expect("metadata").permissions().mode() & 0o777, 0o640);
    assert!(desk.read("dotfiles/kube.yaml").contains("EKSAdmin"));
    let names: Vec<_> =
        std::fs::read_dir(desk.path(".kube")).expect("folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(names, ["config"], "neither lock nor temporary file stays");
}

#[test]
fn a_lock_of_another_program_is_waited_for_and_then_told() {
    let desk = Desk::signed_in();
    let lock = desk.write(".kube/config.lock", "");
    desk.run(&ADD_WEB).fails(7, &["locked by another program; nothing was changed", "config.lock exists", "rm "]);
    assert!(lock.exists() && !desk.path(".kube/config").exists());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            std::fs::remove_file(&lock).expect("unlocked");
        });
        desk.run(&ADD_WEB).ok();
    });
}

#[test]
fn use_switches_goes_back_and_suggests() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--use", "--unmapped"]).ok();
    let current = || desk.kubeconfig()["current-context"].as_str().expect("set").to_owned();
    let first = current();
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    assert_eq!(current(), "Staging/web:EKSAdmin");
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(), first);
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(), "Staging/web:EKSAdmin");
    desk.run(&["use", "Stagin/web:EKSAdmin"]).fails(5, &["there is no context", "eksso use Staging/web:EKSAdmin"]);
    desk.person().reads = true;
    desk.run(&["use"]).fails(2, &["nobody to ask"]);
    {
        let mut person = desk.person();
        person.present = true;
        person.picks = Some("batch Admin".into());
    }
    desk.run(&["use"]).ok();
    assert_eq!(current(), "Production/batch:EKSAdmin");
    assert_eq!(desk.person().offered[0], "Staging/web:EKSAdmin  current", "the current one comes first");
}

#[test]
fn with_a_kubeconfig_list_changes_go_where_kubectl_puts_them() {
    let mut desk = Desk::signed_in();
    let (a, b, c) =
        (desk.path("a"), desk.write("b", "apiVersion: v1\nkind: Config\ncontexts: []\n"), desk.write("c", ""));
    let list = std::env::join_paths([&a, &b, &c]).expect("a list").into_string().expect("text");
    desk.set("KUBECONFIG", &list);
    desk.run(&ADD_WEB).ok();
    assert!(!a.exists());
    assert!(desk.read("b").contains("EKSAdmin") && desk.read("c").is_empty());
    // An entry is changed in the file that holds it.
    let moved = desk.read("b");
    desk.write("c", &moved.replace("Production/web:EKSAdmin", "mine"));
    desk.write("b", "apiVersion: v1\nkind: Config\n");
    assert_eq!(desk.run(&ADD_WEB).ok().out, "mine\n");
    assert!(!desk.read("b").contains("EKSAdmin"));
    let e = desk.write("e", "apiVersion: v1\nkind: Config\n");
    desk.run(&["--kubeconfig", e.to_str().expect("text"), "use", "mine"]).fails(5, &["there is no context `mine`"]);
}

#[test]
fn a_kubeconfig_that_is_named_must_be_there_unless_the_command_makes_it() {
    let desk = Desk::signed_in();
    let new = desk.path("new").display().to_string();
    let with = |args: &[&str]| desk.run(&[&["--kubeconfig", &new], args].concat());
    for args in [
        &["use"][..],
        &["use", "-c"],
        &["use", "a"],
        &["ns"],
        &["status"],
        &["whoami"],
        &["doctor"],
        &["env"],
        &["exec", "a", "--", "true"],
        &["shell", "a"],
        &["export"],
        &["import"],
        &["rm", "a"],
        &["rename", "a", "b"],
        &["console", "--print"],
        &["credentials"],
    ] {
        with(args).fails(5, &[&format!("there is no file {new}"), "check `--kubeconfig`"]);
    }
    assert!(!desk.path("new").exists());
    with(&ADD_WEB).ok();
    with(&["use", "Production/web:EKSAdmin"]).ok();
    with(&["undo"]).ok();
    with(&["undo"]).ok();
    assert!(!desk.path("new").exists());
    with(&["undo", "--redo"]).ok();
    with(&["status"]).ok();
}

#[test]
fn commands_that_are_named_are_about_the_files_and_the_keyring_of_the_call() {
    let mut desk = Desk::signed_in();
    let file = desk.path("of others").display().to_string();
    let with = |args: &[&str]| desk.run(&[&["--kubeconfig", &file], args].concat());
    let added = with(&ADD_WEB).ok();
    let switch = format!("Switch with: eksso --kubeconfig '{file}' use Production/web:EKSAdmin\n");
    assert!(added.err.contains(&switch), "{}", added.err);
    with(&["use", "Production/web:EKSAdmim"])
        .fails(5, &[&format!("hint: eksso --kubeconfig '{file}' use Production/web:EKSAdmin\n")]);
    let doctor = with(&["doctor"]);
    assert!(doctor.out.contains(&format!("eksso --kubeconfig '{file}' use")), "{}", doctor.out);
    let settings = desk.write("mine.toml", &desk.config()).display().to_string();
    desk.set("EKSSO_PASSPHRASE", "x");
    let options = format!("--config {settings} --keyring passphrase");
    let words: Vec<&str> = options.split(' ').chain(["roles"]).collect();
    desk.run(&words).fails(3, &[&format!("hint: eksso {options} login corp\n")]);
    let plugin = desk.run_as("kubectl-eksso", &words);
    plugin.fails(3, &[&format!("hint: kubectl eksso {options} login corp\n")]);
    let json: Vec<&str> = words.iter().copied().chain(["-o", "json"]).collect();
    desk.run(&json).fails(3, &[&format!("\"hints\":[\"eksso {options} login corp\"]")]);
}

#[test]
fn a_foreign_context_of_the_same_name_is_left_alone() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "contexts:\n- name: Production/web:EKSAdmin\n  context: {cluster: x, user: y}\n");
    assert_eq!(desk.run(&ADD_WEB).ok().out, "Production/web:EKSAdmin@eu-west-1\n");
    assert!(desk.read(".kube/config").contains("context: {cluster: x, user: y}"));
}

#[test]
fn without_a_terminal_several_matches_are_a_question_nobody_can_answer() {
    let desk = Desk::signed_in();
    desk.run(&["add"]).fails(2, &["nobody to ask", "--account, --role, --region and --cluster"]);
    desk.person().present = true;
    desk.run(&["add"]).fails(130, &["nothing was chosen; nothing was written"]);
    desk.run(&["add", "--no-input"]).fails(2, &["nobody to ask"]);
    assert!(!desk.path(".kube/config").exists());
}

#[test]
fn a_single_match_needs_no_picker_and_absolute_command_writes_the_path() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--absolute-command", "-o", "json"]).ok();
    assert!(desk.read(".kube/config").contains("command: /opt/eksso/bin/eksso"));
}

#[test]
fn a_cluster_that_is_not_ready_or_not_there_writes_nothing() {
    let desk = Desk::signed_in();
    desk.simulator.state().world.clusters[0].status = "CREATING".into();
    desk.run(&ADD_WEB).fails(5, &["cannot be used yet", "CREATING"]);
    desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=nope"])
        .fails(5, &["there is no cluster `nope`"]);
    assert!(!desk.path(".kube/config").exists());
}

#[test]
fn globs_add_what_is_there_and_skip_the_rest() {
    let desk = Desk::signed_in();
    let added = desk.run(&["add", "--account=*", "--role=*", "--region=us-east-1", "--cluster=batch"]).ok();
    assert_eq!(added.out, "Production/batch:EKSAdmin\n");
}

#[test]
fn several_literal_filters_are_a_search_not_a_product() {
    let desk = Desk::signed_in();
    let added = desk.run(&[
        "add",
        "--account=Production",
        "--role=EKSAdmin",
        "--region=eu-west-1",
        "--region=us-east-1",
        "--cluster=web",
        "--cluster=batch",
    ]);
    assert_eq!(added.ok().out, "Production/web:EKSAdmin\nProduction/batch:EKSAdmin\n");
}

#[test]
fn one_cluster_that_is_not_ready_does_not_keep_the_others_from_being_written() {
    let desk = Desk::signed_in();
    desk.simulator.state().world.clusters[1].status = "CREATING".into();
    let added = desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=*", "--cluster=*"]).ok();
    assert_eq!(added.out, "Production/web:EKSAdmin\n");
    assert!(added.err.contains("warning: left out: the cluster `batch` cannot be used yet"), "{}", added.err);
}

#[test]
fn a_template_that_names_two_roles_alike_loses_neither() {
    let desk = Desk::signed_in();
    desk.write(".config/eksso/config.toml", &format!("context_name = \"{{cluster}}\"\n{}", desk.config()));
    let added = desk.run(&["add", "--account=Production", "--role=*", "--region=eu-west-1", "--cluster=*"]).ok();
    assert_eq!(added.out, "web@EKSAdmin\nweb@EKSViewer\n");
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("contexts").len(), 2);
}

/// The exec block of a user.
fn exec(desk: &Desk, user: &str) -> Value {
    named(&desk.kubeconfig(), "users", user)["user"]["exec"].clone()
}

const WEB_ADMIN: &str = "eksso/corp/111122223333/EKSAdmin/eu-west-1/web";
const WEB_ARN: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/web";

/// Where the cluster is reached.
fn server(desk: &Desk) -> String {
    named(&desk.kubeconfig(), "clusters", WEB_ARN)["cluster"]["server"].as_str().expect("a server").to_owned()
}

fn words(value: &Value) -> Vec<String> {
    value.as_sequence().expect("a list").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn entry_and_answer_name_one_version_whatever_the_client_says() {
    let desk = Desk::signed_in();
    let answer = |exec: &Value| {
        let args = words(&exec["args"]);
        let token = desk.run(&args.iter().map(String::as_str).collect::<Vec<_>>()).ok();
        assert_eq!(token.err, "");
        token.json()["apiVersion"].as_str().expect("text").to_owned()
    };
    desk.run(&ADD_WEB).ok();
    let beta = exec(&desk, WEB_ADMIN);
    assert_eq!(
        (beta["apiVersion"].as_str(), answer(&beta)),
        (Some("client.authentication.k8s.io/v1beta1"), answer(&beta))
    );
    desk.write(".config/eksso/config.toml", &format!("exec_api_version = \"v1\"\n{}", desk.config()));
    desk.run(&ADD_WEB).ok();
    let v1 = exec(&desk, WEB_ADMIN);
    assert_eq!(v1["apiVersion"], "client.authentication.k8s.io/v1");
    assert_eq!(words(&v1["args"])[11..], ["--exec-api-version", "v1"]);
    assert_eq!(answer(&v1), "client.authentication.k8s.io/v1");
    desk.write(".config/eksso/config.toml", &desk.config());
    desk.run(&ADD_WEB).ok();
    assert_eq!(exec(&desk, WEB_ADMIN), beta);
    desk.write(".config/eksso/config.toml", &format!("exec_api_version = \"v2\"\n{}", desk.config()));
    desk.run(&ADD_WEB).fails(2, &["line 1", "`v2`", "v1beta1"]);
}

/// eksso 0.1.0 wrote v1 and kept no record of what it wrote.
fn as_0_1_0(desk: &Desk) -> String {
    desk.run(&ADD_WEB).ok();
    std::fs::remove_dir_all(desk.path(".local/state/eksso/kubeconfig-written")).expect("a record");
    desk.read(".kube/config").replace("authentication.k8s.io/v1beta1", "authentication.k8s.io/v1")
}

#[test]
fn sync_heals_what_eksso_0_1_0_wrote() {
    let desk = Desk::signed_in();
    let old = as_0_1_0(&desk);
    let old = old.replace(&server(&desk), "https://OLD.gr7.eu-west-1.eks.amazonaws.com");
    desk.write(".kube/config", &old.replace("certificate-authority-data: ", "certificate-authority-data: QUJD"));
    let synced = desk.run(&["sync", "--cluster=web", "--account=Production", "--role=EKSAdmin"]).ok();
    assert!(!synced.err.contains("keeps"), "{}", synced.err);
    assert_eq!(exec(&desk, WEB_ADMIN)["apiVersion"], "client.authentication.k8s.io/v1beta1");
    let config = desk.kubeconfig();
    let cluster = &named(&config, "clusters", WEB_ARN)["cluster"];
    assert!(cluster["server"].as_str().expect("server").starts_with("https://127.0.0.1"));
    assert!(!cluster["certificate-authority-data"].as_str().expect("a CA").starts_with("QUJD"));
}

#[test]
fn sync_and_add_leave_what_a_person_changed_and_say_so() {
    for recorded in [true, false] {
        let desk = Desk::signed_in();
        desk.run(&ADD_WEB).ok();
        if !recorded {
            as_0_1_0(&desk);
        }
        let edited = desk
            .read(".kube/config")
            .replace(&server(&desk), "https://localhost:8443\n    tls-server-name: web.internal")
            .replace("interactiveMode: IfAvailable", "interactiveMode: Never")
            .replace(
                "      - web\n",
                "      - web\n      - -q\n      env:\n      - name: AWS_CA_BUNDLE_X\n        value: x\n",
            );
        desk.write(".kube/config", &edited);
        for command in [&ADD_WEB[..], &["sync", "--account=Production", "--role=EKSAdmin", "--cluster=web"]] {
            let done = desk.run(command).ok();
            assert_eq!(desk.read(".kube/config"), edited, "recorded: {recorded}");
            assert!(
                done.err.contains(&format!("the cluster `{WEB_ARN}` keeps its server: not what eksso wrote")),
                "{}",
                done.err
            );
            assert!(done.err.contains("`Production/web:EKSAdmin` keeps its args, interactiveMode"), "{}", done.err);
        }
    }
}

#[test]
fn an_insecure_cluster_gets_no_ca_which_kubectl_would_refuse() {
    let desk = Desk::signed_in();
    desk.run(&ADD_WEB).ok();
    let text = desk.read(".kube/config");
    let ca = text.lines().find(|line| line.contains("certificate-authority-data")).expect("a CA").to_owned();
    for instead in ["    insecure-skip-tls-verify: yes", "    certificate-authority: /etc/ca.pem"] {
        let edited = text.replace(&ca, instead);
        desk.write(".kube/config", &edited);
        desk.run(&ADD_WEB).ok();
        assert_eq!(desk.read(".kube/config"), edited);
    }
}

#[test]
fn contexts_written_with_the_full_path_keep_it_until_another_is_asked_for() {
    let desk = Desk::signed_in();
    desk.run(&[&ADD_WEB[..], &["--absolute-command"]].concat()).ok();
    let text = desk.read(".kube/config");
    desk.run(&ADD_WEB).ok();
    assert_eq!(desk.read(".kube/config"), text);
    desk.write(".kube/config", &text.replace("/opt/eksso/bin/eksso", "/opt/Cellar/eksso/0.1.0/bin/eksso"));
    desk.run(&[&ADD_WEB[..], &["--absolute-command"]].concat()).ok();
    assert_eq!(desk.read(".kube/config"), text);
}

#[test]
fn what_was_taken_back_is_still_eksso_s() {
    let desk = Desk::signed_in();
    desk.run(&ADD_WEB).ok();
    let first = desk.read(".kube/config");
    desk.write(".config/eksso/config.toml", &format!("exec_api_version = \"v1\"\n{}", desk.config()));
    desk.run(&ADD_WEB).ok();
    let second = desk.read(".kube/config");
    desk.run(&["undo", "--yes"]).ok();
    assert_eq!(desk.read(".kube/config"), first);
    desk.run(&ADD_WEB).ok();
    assert_eq!(desk.read(".kube/config"), second);
}

#[test]
fn a_context_whose_extensions_another_program_dropped_is_still_ours() {
    let desk = Desk::signed_in();
    desk.run(&ADD_WEB).ok();
    let text = desk.read(".kube/config");
    let mut config: Value = serde_yaml::from_str(&text).expect("YAML");
    config["contexts"][0]["context"].as_mapping_mut().expect("a context").remove("extensions");
    let dropped = serde_yaml::to_string(&config).expect("YAML");
    desk.write(".kube/config", &dropped);
    let rows = desk.run(&["use", "-o", "json"]).ok().json();
    assert_eq!(rows[0]["role"], "EKSAdmin");
    desk.run(&["credentials", "Production/web:EKSAdmin"]).ok();
    desk.run(&["whoami", "Production/web:EKSAdmin"]).ok();
    desk.run(&["use", "Production/web:EKSAdmin", "--role", "EKSViewer"]).ok();
    desk.write(".kube/config", &dropped);
    desk.run(&["sync", "--account=Production", "--role=EKSAdmin", "--cluster=web"]).ok();
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("contexts").len(), 1, "not doubled");
    // What kubectl runs decides, not a mark that says something else; a static token is nobody of ours.
    desk.write(".kube/config", &text.replace("role: EKSAdmin", "role: EKSViewer"));
    assert_eq!(desk.run(&["use", "-o", "json"]).ok().json()[0]["role"], "EKSAdmin");
    let mut config: Value = serde_yaml::from_str(&text).expect("YAML");
    config["users"][0]["user"] = serde_yaml::from_str("{token: x}").expect("YAML");
    desk.write(".kube/config", &serde_yaml::to_string(&config).expect("YAML"));
    assert!(desk.run(&["use", "-o", "json"]).ok().json()[0]["role"].is_null());
}

/// krew installs eksso as `kubectl-eksso`, and as nothing else: what it says and writes must work by that name alone.
#[test]
fn as_a_plugin_of_kubectl_it_names_itself_so_that_kubectl_finds_it() {
    let desk = Desk::signed_in();
    for name in ["kubectl-eksso", "/home/me/.krew/bin/kubectl-eksso", "C:\\krew\\bin\\kubectl-eksso.exe"] {
        let help = desk.run_as(name, &["--help"]).ok().out;
        assert!(help.contains("Usage: kubectl eksso [OPTIONS]") && help.contains("`kubectl eksso login`"), "{help}");
        assert!(desk.run_as(name, &["use", "--help"]).ok().out.contains("Usage: kubectl eksso use"));
    }
    desk.run_as("kubectl-eksso", &["use", "gone"]).fails(5, &["hint: kubectl eksso"]);
    desk.run_as("kubectl-eksso", &ADD_WEB).ok();
    let config = desk.kubeconfig();
    assert_eq!(config["users"][0]["user"]["exec"]["command"], "kubectl-eksso");
    // A context of the plugin is one of ours, by either name; it calls the program by which it was written last.
    desk.run(&ADD_WEB).ok();
    assert_eq!(desk.kubeconfig()["users"][0]["user"]["exec"]["command"], "eksso");
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    desk.run(&["whoami"]).ok();
}
