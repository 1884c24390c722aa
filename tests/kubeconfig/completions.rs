//! What is offered on a command line: from local files alone, whatever is typed.

use crate::support::{Desk, both};

/// What may stand next: what to complete with, and the values, without what they are.
fn offered(desk: &Desk, line: &str) -> (String, Vec<String>) {
    let (words, last) = line.rsplit_once(' ').map_or(("", line), |(words, last)| (words, last));
    let mut args = vec!["__complete".to_owned(), format!("--word={last}"), "--starts".into(), "--".into()];
    args.extend(words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let out = desk.run(&args).ok().out;
    let mut lines = out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned());
    (lines.next().unwrap_or_default(), lines.collect())
}

fn values(desk: &Desk, line: &str) -> Vec<String> {
    offered(desk, line).1
}

#[test]
fn names_of_all_kinds_are_offered_and_nobody_is_asked_for_them() {
    for world in both() {
        let mut desk = Desk::signed_in_to(world);
        desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]).ok();
        let config = desk.config();
        desk.write(".config/eksso/config.toml", &format!("{config}\n[filters.mine]\nrole = [\"EKSAdmin\"]\n"));
        desk.write(".aws/config", "[profile dev]\nregion = eu-west-1\n");
        let contexts: Vec<String> = desk.run(&["use", "-o", "name"]).ok().out.lines().map(str::to_owned).collect();
        let (before, asked) = (desk.files(), desk.simulator.total());
        assert_eq!(values(&desk, "use "), contexts);
        assert_eq!(values(&desk, "exec --role EKSAdmin "), contexts);
        assert_eq!(values(&desk, "--session "), ["corp"]);
        assert_eq!(values(&desk, "login c"), ["corp"]);
        assert_eq!(values(&desk, "token --account 1111"), ["111122223333"]);
        assert_eq!(values(&desk, "roles --account 1111"), ["111122223333"]);
        assert_eq!(values(&desk, "roles --role=EKS"), ["--role=EKSAdmin", "--role=EKSViewer"]);
        assert_eq!(values(&desk, "use --role EKSV"), ["EKSViewer"]);
        assert_eq!(values(&desk, "clusters --region "), ["eu-west-1", "us-east-1"]);
        assert_eq!(values(&desk, "access we"), ["web"]);
        assert_eq!(values(&desk, "clusters --filter "), ["mine"]);
        assert_eq!(values(&desk, "credentials --profile "), ["dev"]);
        assert!(values(&desk, "--keyring ").contains(&"keyutils".to_owned()));
        assert!(values(&desk, "audit explain trust-").len() > 1);
        assert_eq!(values(&desk, "logi"), ["login"]);
        assert_eq!(offered(&desk, "--kubeconfig ").0, "files");
        assert_eq!(offered(&desk, "exec a -- ku").0, "commands");
        assert_eq!(offered(&desk, "rename a "), ("nothing".to_owned(), Vec::new()));
        // What the line's other options leave: the roles that an account has, in the session that is named.
        assert!(values(&desk, "roles --account Nope --role ").is_empty());
        assert!(values(&desk, "roles --session other --role ").is_empty());
        assert_eq!(desk.simulator.total(), asked, "no request");
        assert!(desk.files() == before, "no file is written");
        // Signed out, without the keyring, and with files that cannot be read, it completes what it can and breaks nothing.
        desk.set("EKSSO_KEYRING", "nonsense");
        assert_eq!(values(&desk, "use "), contexts);
        desk.write(".config/eksso/config.toml", "x = [");
        desk.write(".kube/config", "a: [");
        for line in ["use ", "roles --role ", "ns ", "--session ", "use a --role ", "clusters --filter "] {
            assert_eq!(offered(&desk, line), ("values".to_owned(), Vec::new()), "{line}");
        }
    }
}

#[test]
fn names_with_blanks_come_as_each_shell_reads_them_and_no_name_is_a_sequence() {
    let desk = Desk::new();
    let names =
        ["Pay ments/web:EKSAdmin", "Pay ments/web:EKSViewer", "it's $(x)", "bad\u{1b}[31m", "new\nline", "tab\tbed"];
    let entries: String = names
        .iter()
        .map(|name| format!("- name: {}\n  context: {{cluster: k}}\n", serde_json::to_string(name).expect("JSON")))
        .collect();
    desk.write(".kube/config", &format!("contexts:\n{entries}"));
    assert_eq!(values(&desk, "use "), names[..3]);
    let bash = |line: &str| {
        let out = desk.run(&["__complete", &format!("--bash={line}"), "--breaks= \t\n\"'@><=;|&(:"]).ok().out;
        out.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(bash("eksso use Pay"), [r"Pay\ ments/web:EKSAdmin", r"Pay\ ments/web:EKSViewer"]);
    assert_eq!(bash(r"eksso use Pay\ ments/web:EKSV"), ["EKSViewer"]);
    assert_eq!(bash("eksso use \"Pay ments/web:EKSV"), ["Pay ments/web:EKSViewer"]);
    assert_eq!(bash("eksso use it"), [r"it\'s\ \$\(x\)"]);
    let nushell = desk.run(&["__complete", "--nushell=eksso use \"Pay ments/web:EKSV"]).ok().out;
    assert_eq!(nushell, "values\n\"Pay ments/web:EKSViewer\"\n");
}

#[test]
fn namespaces_that_the_cluster_listed_last_are_offered_too() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--use"]).ok();
    desk.run(&["use", "Production/batch:EKSAdmin", "-n", "team"]).ok();
    assert_eq!(values(&desk, "ns "), ["team"]);
    desk.run(&["ns", "default"]).ok();
    desk.run(&["ns", "team", "--force"]).ok();
    let asked = desk.simulator.total();
    assert_eq!(values(&desk, "ns "), ["default", "kube-system", "team"]);
    assert_eq!(values(&desk, "exec Production/batch:EKSAdmin -n ku"), ["kube-system"]);
    assert_eq!(desk.simulator.total(), asked);
}

#[test]
fn namespaces_are_those_of_the_contexts_with_the_same_cluster() {
    let desk = Desk::new();
    desk.write(
        ".kube/config",
        "current-context: a\ncontexts:\n- name: a\n  context: {cluster: k}\n- name: b\n  context: {cluster: k, namespace: team}\n\
         - name: c\n  context: {cluster: other, namespace: elsewhere}\n",
    );
    assert_eq!(values(&desk, "ns "), ["team"]);
    assert_eq!(values(&desk, "use c -n "), ["elsewhere"]);
    let other =
        desk.write("other", "current-context: x\ncontexts:\n- name: x\n  context: {cluster: k, namespace: there}\n");
    assert_eq!(values(&desk, &format!("--kubeconfig {} ns ", other.display())), ["there"]);
    assert_eq!(values(&desk, "--kubeconfig ~/other use "), ["x"]);
}
