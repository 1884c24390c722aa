//! `eksso import`: contexts of the AWS CLI and its like are taken over, and the rest is kept.

use super::desk::{context, current};
use crate::support::Desk;
use serde_yaml::Value;

const AWS_KUBECONFIG: &str = r#"# written by aws eks update-kubeconfig
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: QUJD
    server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
  name: arn:aws:eks:eu-west-1:111122223333:cluster/web
contexts:
- context:
    cluster: arn:aws:eks:eu-west-1:111122223333:cluster/web
    namespace: team-a
    user: arn:aws:eks:eu-west-1:111122223333:cluster/web
  name: my-web # mine
- context:
    cluster: kind
    user: kind
  name: kind
- context:
    cluster: arn:aws:eks:eu-west-1:111122223333:cluster/web
    user: static
  name: static
current-context: my-web
kind: Config
preferences: {}
users:
- name: arn:aws:eks:eu-west-1:111122223333:cluster/web
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - --region
      - eu-west-1
      - eks
      - get-token
      - --cluster-name
      - web
      - --output
      - json
      command: aws
      env:
      - name: AWS_PROFILE
        value: dev
      - name: HTTPS_PROXY
        value: http://proxy
- name: kind
  user:
    token: abc
- name: static
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args: [token, -i, web]
      command: aws-iam-authenticator
      env: [{name: AWS_PROFILE, value: keys}]
"#;

#[test]
fn import_takes_over_what_it_understands_and_keeps_the_rest() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", AWS_KUBECONFIG);
    let profile = "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n[sso-session corp]\nsso_start_url = x\nsso_region = eu-west-1\n[profile keys]\naws_access_key_id = A\n";
    desk.write(".aws/config", &profile.replace("= x", &format!("= {}/start", desk.simulator.url())));
    let dry = desk.run(&["import", "--dry-run"]).ok();
    assert!(dry.out.contains("-      command: aws\n") && dry.out.contains("+      command: eksso\n"), "{}", dry.out);
    assert!(dry.out.contains("-        value: dev\n"), "a profile's name is no secret: {}", dry.out);
    assert_eq!(desk.read(".kube/config"), AWS_KUBECONFIG);
    let done = desk.run(&["import"]).ok();
    assert_eq!(done.out, "my-web\n");
    assert!(done.err.contains("`static` stays as it is:") && done.err.contains("eksso undo"), "{}", done.err);
    let config = desk.kubeconfig();
    assert_eq!((current(&desk).as_str(), context(&config, "my-web")["namespace"].as_str()), ("my-web", Some("team-a")));
    assert_eq!(context(&config, "my-web")["user"], "arn:aws:eks:eu-west-1:111122223333:cluster/web");
    let text = desk.read(".kube/config");
    for line in [
        "# written by aws eks update-kubeconfig",
        "  name: my-web # mine",
        "      command: aws-iam-authenticator",
        "        value: http://proxy",
    ] {
        assert!(text.lines().any(|kept| kept == line), "{line} is gone:\n{text}");
    }
    assert!(!text.contains("value: dev"), "no profile of the environment decides who it is");
    // It is a context of eksso now: it has roles, and adding it again changes nothing but the cluster's facts.
    let rows = desk.run(&["use", "-o", "json"]).ok().json();
    assert_eq!((rows[0]["context"].as_str(), rows[0]["role"].as_str()), (Some("my-web"), Some("EKSAdmin")));
    let add = desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"]).ok();
    assert_eq!(add.out, "my-web\n");
    assert_eq!(desk.kubeconfig()["users"].as_sequence().expect("users").len(), 3, "the imported user is kept");
    desk.run(&["undo"]).ok();
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), AWS_KUBECONFIG);
}

#[test]
fn import_reads_roles_and_says_why_not() {
    let desk = Desk::signed_in();
    let role = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_EKSViewer_0123456789abcdef";
    let exec = |args: &str| {
        format!(
            "exec: {{apiVersion: v1, command: aws, args: [--region, eu-west-1, eks, get-token, --cluster-name, web{args}]}}"
        )
    };
    let user = |name: &str, body: &str| format!("- name: {name}\n  user:\n    {body}\n");
    let context = |name: &str| format!("- name: {name}\n  context: {{cluster: c, user: {name}}}\n");
    let names = ["sso", "assumed", "nobody"];
    let text = format!(
        "contexts:\n{}users:\n{}{}{}",
        names.map(context).concat(),
        user("sso", &exec(&format!(", --role, '{role}'"))),
        user("assumed", &exec(", --profile, dev, --role-arn, 'arn:aws:iam::111122223333:role/deploy'")),
        user("nobody", &exec(""))
    );
    desk.write(".kube/config", &text);
    let profile = format!(
        "[profile dev]\nsso_start_url = {}/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n",
        desk.simulator.url()
    );
    desk.write(".aws/config", &profile);
    let rows = desk.run(&["import", "-o", "json"]).ok();
    assert!(rows.err.contains("`nobody` stays as it is: there is no profile `default`"), "{}", rows.err);
    let config = desk.kubeconfig();
    let mark = |name: &str| context_mark(&config, name);
    assert_eq!(mark("sso")["role"], "EKSViewer");
    assert_eq!(mark("assumed")["assume_role"], "arn:aws:iam::111122223333:role/deploy");
    let text = desk.read(".kube/config");
    assert!(text.contains("--assume-role"), "{text}");
    // A `default` profile is no guess to make for a cluster that may be another account's.
    desk.write(".aws/config", &profile.replace("[profile dev]", "[default]"));
    desk.run(&["import", "nobody"]).fails(5, &["names no profile"]);
    desk.write(".aws/config", &profile);
    desk.run(&["import", "nobody"]).fails(5, &["no context could be taken over"]);
    assert!(desk.run(&["import", "sso"]).ok().err.contains("nothing was changed"));
}

fn context_mark<'a>(config: &'a Value, name: &str) -> &'a Value {
    &context(config, name)["extensions"][0]["extension"]
}

/// A desk with a profile `dev` of the session, and one `default` of the same account as the clusters.
fn desk_with_profiles(more: &str) -> Desk {
    let desk = Desk::signed_in();
    let sso = format!(
        "sso_start_url = {}/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\n",
        desk.simulator.url()
    );
    desk.write(
        ".aws/config",
        &format!("[default]\n{sso}sso_role_name = EKSAdmin\n[profile dev]\n{sso}sso_role_name = EKSViewer\n{more}"),
    );
    desk
}

/// A kubeconfig with a context for each exec block, of a cluster of the account of `default`.
fn kubeconfig(blocks: &[(&str, &str)]) -> String {
    let arn = "arn:aws:eks:eu-west-1:111122223333:cluster/web";
    let context = |(name, _): &(&str, &str)| format!("- name: {name}\n  context: {{cluster: '{arn}', user: {name}}}\n");
    let user = |(name, block): &(&str, &str)| format!("- name: {name}\n  user:\n    exec: {block}\n");
    let contexts: String = blocks.iter().map(context).collect();
    let users: String = blocks.iter().map(user).collect();
    format!("clusters:\n- name: {arn}\n  cluster: {{server: 'https://x'}}\ncontexts:\n{contexts}users:\n{users}")
}

const WEB: &str = "eks, get-token, --cluster-name, web";

#[test]
fn import_makes_nobody_another_than_they_were() {
    let assumed =
        "[profile ext]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = dev\nexternal_id = e\n";
    let desk = desk_with_profiles(assumed);
    let blocks = [
        ("env", format!("{{command: env, args: [AWS_PROFILE=dev, aws, {WEB}]}}")),
        ("shell", "{command: sh, args: [-c, 'AWS_PROFILE=dev aws eks get-token --cluster-name web']}".to_owned()),
        ("op", format!("{{command: op, args: [plugin, run, --, aws, {WEB}]}}")),
        ("awsudo", format!("{{command: awsudo, args: [dev, aws, {WEB}]}}")),
        ("file", format!("{{command: aws, args: [{WEB}], env: [{{name: AWS_CONFIG_FILE, value: /x}}]}}")),
        ("keys", format!("{{command: aws, args: [{WEB}], env: [{{name: AWS_ACCESS_KEY_ID, value: AKIA}}]}}")),
        ("ext", format!("{{command: aws, args: [{WEB}, --profile, ext]}}")),
        ("web", format!("{{command: aws, args: [{WEB}], env: [{{name: AWS_ROLE_ARN, value: 'arn:x'}}]}}")),
        ("plain", format!("{{command: aws, args: [{WEB}]}}")),
    ];
    let named: Vec<(&str, &str)> = blocks.iter().map(|(name, block)| (*name, block.as_str())).collect();
    desk.write(".kube/config", &kubeconfig(&named));
    let before = desk.kubeconfig();
    let done = desk.run(&["import"]).ok();
    assert_eq!(done.out, "env\nshell\nplain\n");
    let config = desk.kubeconfig();
    assert_eq!(
        ["env", "shell", "plain"].map(|name| context_mark(&config, name)["role"].clone()),
        ["EKSViewer", "EKSViewer", "EKSAdmin"]
    );
    for (place, (name, _)) in named.iter().enumerate().skip(2).take(6) {
        assert_eq!(config["users"][place], before["users"][place], "{name}");
        assert!(done.err.contains(&format!("`{name}` stays as it is: ")), "{name}: {}", done.err);
    }
    for reason in
        ["run by `op`", "run by `awsudo`", "AWS_CONFIG_FILE", "AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "external_id"]
    {
        assert!(done.err.contains(reason), "{reason}: {}", done.err);
    }
}

#[test]
fn import_keeps_the_version_it_finds_and_sync_leaves_it() {
    let desk = desk_with_profiles("");
    let block = format!("{{apiVersion: client.authentication.k8s.io/v1, command: aws, args: [{WEB}]}}");
    desk.write(".kube/config", &kubeconfig(&[("old", &block)]));
    desk.run(&["import"]).ok();
    let exec = || desk.kubeconfig()["users"][0]["user"]["exec"].clone();
    let args = |exec: &Value| exec["args"].as_sequence().expect("args").iter().skip(11).cloned().collect::<Vec<_>>();
    let first = exec();
    assert_eq!(first["apiVersion"], "client.authentication.k8s.io/v1");
    assert_eq!(args(&first), ["--exec-api-version", "v1"]);
    let synced = desk.run(&["sync", "--account=Production", "--role=EKSAdmin", "--cluster=web"]).ok();
    assert_eq!(exec(), first);
    assert!(!synced.err.contains("apiVersion"), "{}", synced.err);
}

#[test]
fn one_entry_that_cannot_be_taken_over_does_not_stop_the_others() {
    let desk = desk_with_profiles("");
    // As PyYAML writes what several entries share.
    let text = kubeconfig(&[("a", "X"), ("b", "Y"), ("c", &format!("{{command: aws, args: [{WEB}]}}"))]);
    let shared = format!("\n      args: &id001\n      - {}\n      command: aws", WEB.replace(", ", "\n      - "));
    let text =
        text.replace(" X\n", &format!("{shared}\n")).replace(" Y\n", "\n      args: *id001\n      command: aws\n");
    desk.write(".kube/config", &text);
    let done = desk.run(&["import"]).ok();
    let taken: Vec<&str> = done.out.lines().collect();
    assert!(taken.contains(&"c"), "{}", done.err);
    let config = desk.kubeconfig();
    for name in ["a", "b", "c"] {
        let ours = context(&config, name).get("extensions").is_some();
        assert_eq!(ours, taken.contains(&name), "{name}: {}", desk.read(".kube/config"));
        assert!(ours || done.err.contains(&format!("`{name}` stays as it is: ")), "{name}: {}", done.err);
    }
}

#[test]
fn import_leaves_what_says_more_than_a_context_can() {
    let sso = "sso_account_id = 111122223333\nsso_role_name = EKSViewer\nsso_region = eu-west-1\n";
    let desk = desk_with_profiles("");
    let url = format!("sso_start_url = {}/start\n", desk.simulator.url());
    let more = format!("[profile ext]\n{sso}{url}external_id = e\n[profile mfa]\n{sso}{url}mfa_serial = m\n");
    desk.write(".aws/config", &format!("{}{more}", desk.read(".aws/config")));
    let elsewhere = "run, --rm, -v, '/srv/ci/.aws:/root/.aws', amazon/aws-cli";
    let blocks = [
        ("ext", format!("{{command: aws, args: [{WEB}, --profile, ext]}}"), "external_id"),
        ("mfa", format!("{{command: aws, args: [{WEB}, --profile, mfa]}}"), "mfa_serial"),
        ("bare", format!("{{command: docker, args: [run, --rm, amazon/aws-cli, {WEB}, --profile, dev]}}"), "~/.aws"),
        ("ci", format!("{{command: docker, args: [{elsewhere}, {WEB}, --profile, dev]}}"), "/srv/ci/.aws"),
        ("clean", format!("{{command: env, args: [-i, PATH=/usr/bin, aws, {WEB}, --profile, dev]}}"), "HOME"),
    ];
    let named: Vec<(&str, &str)> = blocks.iter().map(|(name, block, _)| (*name, block.as_str())).collect();
    let text = kubeconfig(&named);
    desk.write(".kube/config", &text);
    let done = desk.run(&["import"]);
    assert_eq!(desk.read(".kube/config"), text);
    for (name, _, reason) in blocks {
        let line = done.err.lines().find(|line| line.contains(&format!("`{name}` stays as it is: ")));
        assert!(line.is_some_and(|line| line.contains(reason)), "{name}: {}", done.err);
    }
}

#[test]
fn import_keeps_what_does_not_say_who_it_is() {
    let desk = desk_with_profiles("");
    let env = "env: [{name: AWS_STS_REGIONAL_ENDPOINTS, value: legacy}, {name: AWS_PROFILE, value: dev}]";
    let blocks = [
        ("asks", format!("{{command: aws, args: [{WEB}], interactiveMode: Never, provideClusterInfo: true, {env}}}")),
        ("bundle", format!("{{command: aws, args: [{WEB}, --ca-bundle, /etc/ca.pem]}}")),
        (
            "proxy",
            format!("{{command: env, args: [HTTPS_PROXY=http://proxy, AWS_USE_FIPS_ENDPOINT=true, aws, {WEB}]}}"),
        ),
    ];
    let named: Vec<(&str, &str)> = blocks.iter().map(|(name, block)| (*name, block.as_str())).collect();
    desk.write(".kube/config", &kubeconfig(&named));
    desk.run(&["import"]).ok();
    let config = desk.kubeconfig();
    let exec = |place: usize| config["users"][place]["user"]["exec"].clone();
    let env = |place: usize| serde_json::to_string(&exec(place)["env"]).expect("JSON");
    assert_eq!(exec(0)["interactiveMode"], "Never");
    assert_eq!(exec(0)["provideClusterInfo"], true);
    assert_eq!(exec(1)["interactiveMode"], "IfAvailable");
    assert_eq!(env(0), r#"[{"name":"AWS_STS_REGIONAL_ENDPOINTS","value":"legacy"}]"#);
    assert_eq!(env(1), r#"[{"name":"AWS_CA_BUNDLE","value":"/etc/ca.pem"}]"#);
    assert_eq!(
        env(2),
        r#"[{"name":"HTTPS_PROXY","value":"http://proxy"},{"name":"AWS_USE_FIPS_ENDPOINT","value":"true"}]"#
    );
}
