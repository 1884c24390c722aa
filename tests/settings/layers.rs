//! Settings and where they come from: policy before flags, these before variables, these before config.toml, that before the
//! organisation's file. What `config show` says is what commands do.

use serde_json::{Value, json};

use crate::support::{Desk, Outcome, POLICY};
use eksso_simulator::World;

const CONFIG: &str = ".config/eksso/config.toml";
const MANAGED: &str = ".config/eksso/managed.toml";

/// What a layer says.
#[derive(Clone, Copy)]
enum Says {
    Managed(&'static str),
    User(&'static str),
    /// What stands in the sessions' own table.
    Corp(&'static str),
    Variable(&'static str, &'static str),
    Flag(&'static str, &'static str),
    Policy(&'static str),
}
use Says::{Corp, Flag, Managed, Policy, User, Variable};

/// A desk, and the flags of its calls.
struct Case {
    desk: Desk,
    flags: Vec<&'static str>,
}

impl Case {
    /// A desk whose sessions are `corp` and `lab`, with these layers; in plain text where none names a keyring.
    fn new(layers: &[Says]) -> Self {
        let mut desk = Desk::with(world());
        let url = desk.simulator.url().to_owned();
        let (mut managed, mut user, mut corp, mut policy, mut flags) =
            (String::new(), String::new(), String::new(), String::new(), Vec::new());
        for layer in layers {
            match layer {
                Managed(text) => managed += text,
                User(text) => user += text,
                Corp(text) => corp += text,
                Policy(text) => policy += text,
                Variable(name, value) => _ = desk.set(name, value),
                Flag(name, value) => flags.extend([*name, *value]),
            }
        }
        let is_named = |key: &str| user.contains(key) || managed.contains(key);
        let mut usual = String::new();
        if !is_named("regions") {
            usual += "regions = [\"eu-west-1\", \"us-east-1\"]\n";
        }
        if !layers.iter().any(|layer| matches!(layer, Variable("EKSSO_KEYRING", _))) {
            desk.env.remove("EKSSO_KEYRING");
        }
        if !is_named("keyring =") {
            usual += "keyring = \"plaintext\"\n";
        }
        let sessions = format!(
            "\n[sessions.corp]\nstart_url = \"{url}/start\"\nregion = \"eu-west-1\"\n{corp}\
             [sessions.lab]\nstart_url = \"{url}/lab\"\nregion = \"eu-west-1\"\n"
        );
        desk.write(CONFIG, &format!("{usual}{user}{sessions}"));
        for (name, text) in [(MANAGED, managed), (POLICY, policy)] {
            if !text.is_empty() {
                desk.write(name, &text);
            }
        }
        Self { desk, flags }
    }

    fn run(&self, args: &[&str]) -> Outcome {
        self.desk.run(&[&self.flags, args].concat())
    }

    /// The same signed in, for `corp`.
    fn corp(&self, args: &[&str]) -> Outcome {
        self.run(&["login", "corp"]).ok();
        self.run(&[&["--session=corp"], args].concat())
    }

    fn shown(&self, key: &str) -> Value {
        let rows = self.run(&["config", "show", key, "-o", "json"]).ok().json();
        let row = rows.as_array().expect("rows").iter().find(|row| row["key"] == key).cloned();
        row.unwrap_or_else(|| panic!("no {key}: {rows}"))
    }
}

/// The small organisation; its second account is in a unit.
fn world() -> World {
    let mut world = World::small();
    world.access.organization.units = vec![("ou-sim1-staging".into(), "r-sim1".into())];
    world.access.organization.placed = vec![("444455556666".into(), "ou-sim1-staging".into())];
    world
}

/// What a command does with a setting, as the value that it must have.
type Does = fn(&Case) -> Value;

fn session(case: &Case) -> Value {
    let said = case.run(&["roles"]).fails(3, &[]);
    ["corp", "lab"].into_iter().find(|name| said.err.contains(&format!("session `{name}`"))).into()
}

fn keyring(case: &Case) -> Value {
    case.run(&["status", "-o", "json"]).ok().json()[0]["keyring"].clone()
}

/// How long the kernel keeps the key, as it tells itself.
#[cfg(target_os = "linux")]
fn kernel_copy(case: &Case) -> Value {
    case.corp(&["credentials", "--account=111122223333", "--role=EKSAdmin"]).ok();
    let keys = std::fs::read_to_string("/proc/keys").expect("the kernel's keys");
    // Those of other tests are there, too.
    let files = case.desk.files();
    let is_ours = |line: &&str| {
        let id = line.split("eksso:cache-key:passphrase:").nth(1).and_then(|rest| rest.split(':').next());
        let holds =
            |id: &str| files.iter().any(|(_, content)| content.windows(id.len()).any(|part| part == id.as_bytes()));
        id.is_some_and(holds)
    };
    match keys.lines().find(is_ours).and_then(|line| line.split_whitespace().nth(3)) {
        None => "off".into(),
        Some("11h" | "12h") => "12h".into(),
        Some("59m" | "60m" | "1h") => "1h".into(),
        Some("29m" | "30m") => "30m".into(),
        Some(other) => other.into(),
    }
}

fn context_name(case: &Case) -> Value {
    let added = case.corp(&["add", "--cluster=batch", "--role=EKSAdmin"]).ok();
    let templates = [
        ("{account_name}/{cluster}:{role}", "Production/batch:EKSAdmin"),
        ("{role}@{cluster}", "EKSAdmin@batch"),
        ("{cluster}-{role}", "batch-EKSAdmin"),
    ];
    templates.into_iter().find(|(_, filled)| *filled == added.out.trim_end()).map(|(template, _)| template).into()
}

fn profile_name(case: &Case) -> Value {
    case.corp(&["profiles", "--account=111122223333", "--role=EKSAdmin"]).ok();
    let written = case.desk.read(".aws/config");
    let templates =
        [("{account_name}/{role}", "Production/EKSAdmin"), ("{role}-{account_id}", "EKSAdmin-111122223333")];
    let is_filled = |filled: &str| written.starts_with(&format!("[profile {filled}]"));
    templates.into_iter().find(|(_, filled)| is_filled(filled)).map(|(template, _)| template).into()
}

fn exec_api_version(case: &Case) -> Value {
    case.corp(&["add", "--cluster=batch", "--role=EKSAdmin"]).ok();
    let version = &case.desk.kubeconfig()["users"][0]["user"]["exec"]["apiVersion"];
    version.as_str().and_then(|version| version.rsplit('/').next()).into()
}

fn found(case: &Case, field: &str) -> Vec<String> {
    let found = case.corp(&["clusters", "-o", "json"]).ok().json();
    let mut found: Vec<String> =
        found.as_array().expect("rows").iter().filter_map(|row| row[field].as_str()).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

fn skipped(case: &Case, accounts: bool) -> Value {
    let found = found(case, "account_name");
    let all = [("Staging", "ou-sim1-staging")].into_iter().filter(|(name, _)| !found.iter().any(|there| there == name));
    json!(all.map(|(name, unit)| if accounts { name } else { unit }).collect::<Vec<_>>())
}

/// The roles that were taken to look, as the globs that mean them.
fn looked_with(case: &Case, command: &str) -> Value {
    case.run(&["login", "corp"]).ok();
    case.desk.simulator.state().requests.clear();
    case.run(&["--session=corp", command, "--account=111122223333"]);
    let state = case.desk.simulator.state();
    let asked: Vec<&str> = state
        .requests
        .iter()
        .filter(|request| request.operation == "GetRoleCredentials")
        .map(|request| request.target.as_str())
        .collect();
    let took = |role: &str| asked.iter().any(|target| target.contains(role));
    match (took("EKSViewer"), took("EKSAdmin")) {
        (false, true) => json!(["*Admin"]),
        (true, false) => json!(["*View*"]),
        // Where clusters are is not for `[access]` to say.
        (true, true) if command == "access" => json!(["*Admin"]),
        (true, true) => Value::Null,
        (false, false) => json!([]),
    }
}

fn flow(case: &Case) -> Value {
    case.desk.person().present = true;
    case.desk.person().browser = true;
    case.desk.person().follows = true;
    case.run(&["login", "corp"]);
    case.desk.person().present = false;
    assert_eq!(case.run(&["--session=corp", "status", "--check"]).code, 0);
    (if case.desk.count("start") == 0 { "pkce" } else { "device" }).into()
}

fn trail(case: &Case) -> Value {
    case.run(&["login", "corp"]).ok();
    (if case.desk.path(".local/state/eksso/trail").exists() { "file" } else { "off" }).into()
}

fn confirm(case: &Case) -> Value {
    case.desk.write(".kube/config", "contexts:\n- name: prod\n  context: {cluster: c, user: u}\n");
    let used = case.run(&["use", "prod"]);
    (used.code != 0 && used.err.contains("ask")).into()
}

fn read_only_role(case: &Case) -> Value {
    case.corp(&["add", "--cluster=web", "--role=EKSAdmin", "--account=111122223333"]).ok();
    let used = case.run(&["use", "Production/web:EKSAdmin"]).ok();
    ["EKSAdmin", "EKSViewer"].into_iter().find(|role| used.err.contains(&format!("is used as {role}, the"))).into()
}

fn help(case: &Case, args: &[&str], words: &str) -> Value {
    let said = case.run(args);
    said.err.split(words).nth(1).and_then(|rest| rest.lines().next()).into()
}

/// Whether a place that is none of AWS's may be named. It is not reached: the proxy is a closed port.
fn endpoints(case: &Case) -> Value {
    let said = case.run(&["login", "corp"]);
    assert_ne!(said.code, 0, "{}", said.err);
    let allowed = !said.err.contains("AWS_ENDPOINT_URL_SSO_OIDC names");
    json!(if allowed { vec!["https://vpce.example.com"] } else { vec![] })
}
const ELSEWHERE: [Says; 2] =
    [Variable("AWS_ENDPOINT_URL_SSO_OIDC", "https://vpce.example.com"), Variable("HTTPS_PROXY", "http://127.0.0.1:9")];

fn proxy_url(case: &Case) -> Value {
    case.corp(&["add", "--cluster=batch", "--role=EKSAdmin"]).ok();
    case.desk.kubeconfig()["clusters"][0]["cluster"]["proxy-url"].as_str().into()
}

#[test]
fn what_is_shown_of_a_setting_is_what_commands_do_whoever_says_it() {
    const VPCE: &str = "endpoints = [\"https://vpce.example.com\"]\n";
    let denied: Does = |case| {
        case.run(&["login", "corp"]).ok();
        let args = ["--session=corp", "credentials", "--account=111122223333", "--role=Nobody"];
        help(case, &args, "ask for access here: ")
    };
    let sign_in: Does = |case| help(case, &["--session=corp", "roles"], "help with signing in: ");
    let regions: Does = |case| json!(found(case, "region"));
    let skip_accounts: Does = |case| skipped(case, true);
    let skip_ous: Does = |case| skipped(case, false);
    let look_with: Does = |case| looked_with(case, "clusters");
    let look_with_for_access: Does = |case| looked_with(case, "access");
    let administered: Does = |case| {
        let is_left = skipped(case, false) != json!([]);
        is_left.then_some("111122223333").into()
    };
    let filter: Does = |case| {
        let all = case.corp(&["roles", "--filter=mine", "-o", "json"]);
        let is_narrow =
            all.code == 0 && all.json().as_array().is_some_and(|rows| rows.iter().all(|row| row["role"] == "Billing"));
        is_narrow.then_some(["Billing"]).map(|role| json!(role)).unwrap_or_default()
    };
    let unit = "[discovery]\nskip_ous = [\"ou-sim1-staging\"]\n";
    let home = "[access]\nidentity_center_account = \"111122223333\"\n";
    #[allow(unused_mut, reason = "one setting is of Linux alone")]
    #[rustfmt::skip]
    let mut cases: Vec<(&str, &str, Vec<Says>, Does)> = vec![
        ("default_session", "managed", vec![Managed("default_session = \"lab\"\n")], session),
        ("default_session", "user", vec![Managed("default_session = \"lab\"\n"), User("default_session = \"corp\"\n")], session),
        ("default_session", "environment", vec![User("default_session = \"corp\"\n"), Variable("EKSSO_SESSION", "lab")], session),
        ("default_session", "flag", vec![Variable("EKSSO_SESSION", "lab"), Flag("--session", "corp")], session),
        ("keyring", "user", vec![User("keyring = \"plaintext\"\n")], keyring),
        ("keyring", "environment", vec![User("keyring = \"passphrase\"\n"), Variable("EKSSO_KEYRING", "plaintext")], keyring),
        ("keyring", "flag", vec![User("keyring = \"passphrase\"\n"), Flag("--keyring", "plaintext")], keyring),
        ("endpoints", "default", ELSEWHERE.to_vec(), endpoints),
        ("endpoints", "user", [&ELSEWHERE[..], &[User(VPCE)]].concat(), endpoints),
        ("endpoints", "policy", [&ELSEWHERE[..], &[User(VPCE), Policy("endpoints = []\n")]].concat(), endpoints),
        ("endpoints", "policy", [&ELSEWHERE[..], &[Policy(VPCE)]].concat(), endpoints),
        ("regions", "managed", vec![Managed("regions = [\"us-east-1\"]\n")], regions),
        ("regions", "user", vec![Managed("regions = [\"us-east-1\"]\n"), User("regions = [\"eu-west-1\"]\n")], regions),
        ("context_name", "default", vec![], context_name),
        ("context_name", "managed", vec![Managed("context_name = \"{role}@{cluster}\"\n")], context_name),
        ("context_name", "user", vec![Managed("context_name = \"{role}@{cluster}\"\n"), User("context_name = \"{cluster}-{role}\"\n")], context_name),
        ("profile_name", "default", vec![], profile_name),
        ("profile_name", "user", vec![User("profile_name = \"{role}-{account_id}\"\n")], profile_name),
        ("exec_api_version", "default", vec![], exec_api_version),
        ("exec_api_version", "user", vec![User("exec_api_version = \"v1\"\n")], exec_api_version),
        ("flow", "user", vec![User("flow = \"pkce\"\n")], flow),
        ("flow", "policy", vec![User("flow = \"device\"\n"), Policy("flow = \"pkce\"\n")], flow),
        ("flow", "policy", vec![User("flow = \"pkce\"\n"), Policy("flow = \"device\"\n")], flow),
        ("sessions.corp.flow", "user", vec![User("flow = \"device\"\n"), Corp("flow = \"pkce\"\n")], flow),
        ("sessions.corp.flow", "policy", vec![Corp("flow = \"device\"\n"), Policy("flow = \"pkce\"\n")], flow),
        ("sessions.corp.flow", "policy", vec![Corp("flow = \"pkce\"\n"), Policy("flow = \"device\"\n")], flow),
        ("sessions.corp.forbid_device_flow", "user", vec![Corp("forbid_device_flow = true\n")], |case| (flow(case) == "pkce").into()),
        ("sessions.corp.forbid_device_flow", "policy", vec![Corp("forbid_device_flow = true\n"), Policy("flow = \"device\"\n")], |case| (flow(case) == "pkce").into()),
        ("trail", "default", vec![], trail),
        ("trail", "user", vec![User("trail = \"file\"\n")], trail),
        ("trail", "policy", vec![User("trail = \"off\"\n"), Policy("trail = \"file\"\n")], trail),
        ("trail", "policy", vec![User("trail = \"file\"\n"), Policy("trail = \"off\"\n")], trail),
        ("help.denied", "default", vec![], denied),
        ("help.denied", "managed", vec![Managed("[help]\ndenied = \"https://a.example\"\n")], denied),
        ("help.denied", "user", vec![Managed("[help]\ndenied = \"https://a.example\"\n"), User("[help]\ndenied = \"https://b.example\"\n")], denied),
        ("help.sign_in", "default", vec![], sign_in),
        ("help.sign_in", "managed", vec![Managed("[help]\nsign_in = \"a\"\n"), User("[help]\ndenied = \"b\"\n")], sign_in),
        ("discovery.look_with", "managed", vec![Managed("[discovery]\nlook_with = [\"*Admin\"]\n")], look_with),
        ("discovery.look_with", "user", vec![Managed("[discovery]\nlook_with = [\"*Admin\"]\n"), User("[discovery]\nlook_with = [\"*View*\"]\n")], look_with),
        ("discovery.skip_accounts", "default", vec![], skip_accounts),
        ("discovery.skip_accounts", "managed", vec![Managed("[discovery]\nskip_accounts = [\"Staging\"]\n")], skip_accounts),
        ("discovery.skip_accounts", "user", vec![Managed("[discovery]\nskip_accounts = [\"Staging\"]\n"), User("[discovery]\nskip_accounts = []\n")], skip_accounts),
        ("discovery.skip_ous", "default", vec![User(home)], skip_ous),
        ("discovery.skip_ous", "managed", vec![Managed(unit), User(home)], skip_ous),
        ("discovery.skip_ous", "user", vec![Managed(unit), User(home), User("[discovery]\nskip_ous = []\n")], skip_ous),
        ("access.identity_center_account", "default", vec![User(unit)], administered),
        ("access.identity_center_account", "managed", vec![User(unit), Managed(home)], administered),
        ("access.look_with", "managed", vec![Managed("[access]\nlook_with = [\"*Admin\"]\n")], look_with_for_access),
        ("access.look_with", "user", vec![Managed("[access]\nlook_with = [\"*Admin\"]\n"), User("[access]\nlook_with = [\"*View*\"]\n")], look_with_for_access),
        ("filters.mine.role", "managed", vec![Managed("[filters.mine]\nrole = [\"Billing\"]\n")], filter),
        ("filters.mine.role", "user", vec![Managed("[filters.mine]\naccount = [\"nowhere\"]\n"), User("[filters.mine]\nrole = [\"Billing\"]\n")], filter),
        ("clusters.\"*batch\".proxy_url", "user", vec![User("[clusters.\"*batch\"]\nproxy_url = \"http://proxy.example:3128\"\n")], proxy_url),
        ("contexts.prod.confirm", "managed", vec![Managed("[contexts.prod]\nconfirm = true\n")], confirm),
        ("contexts.prod.confirm", "user", vec![Managed("[contexts.prod]\nconfirm = true\n"), User("[contexts.prod]\nconfirm = false\n")], confirm),
        ("contexts.prod.confirm", "policy", vec![User("[contexts.prod]\nconfirm = false\n"), Policy("[contexts.prod]\nconfirm = true\n")], confirm),
        ("contexts.prod.confirm", "user", vec![User("[contexts.prod]\nconfirm = true\n"), Policy("[contexts.prod]\nconfirm = false\n")], confirm),
        ("contexts.\"Prod*\".read_only_role", "managed", vec![Managed("[contexts.\"Prod*\"]\nread_only_role = \"EKSViewer\"\n")], read_only_role),
        ("contexts.\"Prod*\".read_only_role", "user", vec![Managed("[contexts.\"Prod*\"]\nread_only_role = \"EKSAdmin\"\n"), User("[contexts.\"Prod*\"]\nread-only-role = \"EKSViewer\"\n")], read_only_role),
        ("contexts.\"Prod*\".read_only_role", "policy", vec![User("[contexts.\"Prod*\"]\nread-only-role = \"EKSAdmin\"\n"), Policy("[contexts.\"Prod*\"]\nread_only_role = \"EKSViewer\"\n")], read_only_role),
    ];
    #[cfg(target_os = "linux")]
    for (origin, user, policy) in [
        ("default", "", ""),
        ("user", "kernel_key_cache = \"off\"\n", ""),
        ("user", "kernel_key_cache = \"30m\"\n", "kernel_key_cache = \"1h\"\n"),
        ("policy", "kernel_key_cache = \"2h\"\n", "kernel_key_cache = \"1h\"\n"),
        ("policy", "", "kernel_key_cache = \"off\"\n"),
    ] {
        // Of what lies in plain text there is no copy.
        let keyring = [Variable("EKSSO_PASSPHRASE", "long enough"), Variable("EKSSO_KEYRING", "passphrase")];
        cases.push(("kernel_key_cache", origin, [&keyring[..], &[User(user), Policy(policy)]].concat(), kernel_copy));
    }
    let agrees = |(key, origin, layers, does): &(&str, &str, Vec<Says>, Does)| {
        let case = Case::new(layers);
        let row = case.shown(key);
        let last = |wanted: fn(&Says) -> Option<String>| layers.iter().rev().find_map(wanted);
        let place = match *origin {
            "default" => None,
            "managed" => Some(case.desk.path(MANAGED).display().to_string()),
            "user" => Some(case.desk.path(CONFIG).display().to_string()),
            "policy" => Some(case.desk.path(POLICY).display().to_string()),
            "environment" => last(|says| if let Variable(name, _) = says { Some((*name).to_owned()) } else { None }),
            _ => last(|says| if let Flag(name, _) = says { Some((*name).to_owned()) } else { None }),
        };
        let does = does(&case);
        let is_right = row["origin"] == *origin && row["place"] == json!(place) && row["refused"].is_null();
        (does != row["value"] || !is_right)
            .then(|| format!("{key} by {origin} ({place:?}): {row}, and a command does {does}"))
    };
    // Each in a thread, and so in a kernel keyring, of its own.
    for some in cases.chunks(4) {
        let told: Vec<String> = std::thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|case| scope.spawn(|| agrees(case))).collect();
            running.into_iter().filter_map(|case| case.join().expect("a case")).collect()
        });
        assert!(told.is_empty(), "{told:#?}");
    }
}

#[test]
fn what_the_policy_refuses_is_marked_and_commands_refuse_it() {
    let desk = Desk::configured(World::small());
    let guards = "[access]\nassume = \"audit/EKSAudit\"\n[contexts.\"Prod*\"]\nread_only_role = \"EKSAudit\"\n";
    desk.write(CONFIG, &format!("{}{guards}", desk.config()));
    desk.write(POLICY, "keyrings = [\"passphrase\"]\nstart_urls = []\nnever_roles = [\"*Audit\"]\n");
    let file = desk.path(POLICY).display().to_string();
    let rows = desk.run(&["config", "show", "-o", "json"]).ok().json();
    let marked: Vec<(&str, &str)> = rows
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| Some((row["key"].as_str()?, row["refused"].as_str()?)))
        .collect();
    let rule = |name: &str| format!("`{name}` in {file}");
    let (roles, keyrings, urls) = (rule("never_roles"), rule("keyrings"), rule("start_urls"));
    assert_eq!(
        marked,
        [
            ("access.assume", &*roles),
            ("contexts.\"Prod*\".read_only_role", &*roles),
            ("keyring", &*keyrings),
            ("sessions.corp.start_url", &*urls),
        ]
    );
    let table = desk.run(&["config", "show", "keyring"]).ok().out;
    assert!(table.contains(&format!("environment (EKSSO_KEYRING), refused by {keyrings}")), "{table}");
    let checked = desk.run(&["config", "check"]).fails(4, &["the `plaintext` keyring", &keyrings]);
    assert!(
        checked
            .err
            .contains(&format!("sessions.corp.start_url = \"{}/start\" is refused by {urls}", desk.simulator.url())),
        "{}",
        checked.err
    );
    desk.run(&["roles"]).fails(4, &[&keyrings]);
    desk.run(&["config", "check", "--keyring=passphrase"]).ok();
    desk.run(&["roles", "--keyring=passphrase"]).fails(4, &[&urls]);
    // What is in force is not marked.
    std::fs::remove_file(desk.path(POLICY)).expect("removed");
    assert!(!desk.run(&["config", "show"]).ok().out.contains("refused"));
    desk.run(&["config", "check"]).ok();
}

#[test]
fn endpoints_of_another_file_are_shown_as_what_they_are_ignored() {
    let desk = Desk::configured(World::small());
    let other = desk.write("other.toml", &format!("endpoints = [\"https://evil.example\"]\n{}", desk.config()));
    let other = other.display().to_string();
    let row = || desk.run(&["--config", &other, "config", "show", "endpoints", "-o", "json"]).ok().json()[0].clone();
    assert_eq!((&row()["value"], &row()["origin"]), (&json!([]), &json!("default")));
    desk.write(CONFIG, &format!("endpoints = [\"https://sts.corp.example\"]\n{}", desk.config()));
    let place = desk.path(CONFIG).display().to_string();
    assert_eq!(
        (&row()["value"], &row()["origin"], &row()["place"]),
        (&json!(["https://sts.corp.example"]), &json!("user"), &json!(place))
    );
}

/// The parser names the fields that it takes: each is shown, whether somebody set it or not.
#[test]
fn every_setting_that_the_parser_takes_is_shown() {
    use eksso::domain::settings::config::Config;
    // Tables whose entries the user names.
    const NAMED: [&str; 5] = ["sessions", "filters", "contexts", "clusters", "namespaces"];
    let fields = |text: &str| -> Vec<String> {
        let error = Config::parse(text).expect_err("an unknown field").message;
        let listed = error
            .split_once("expected")
            .map(|(_, listed)| listed.to_owned())
            .filter(|_| error.contains("unknown field `zzz`"));
        listed.unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let top = fields("zzz = 1");
    assert!(top.contains(&"keyring".to_owned()) && top.len() >= 15, "{top:?}");
    let mut wanted = Vec::new();
    for name in top.iter().filter(|name| !NAMED.contains(&name.as_str())) {
        match fields(&format!("[{name}]\nzzz = 1")) {
            none if none.is_empty() => wanted.push(name.clone()),
            inner => wanted.extend(inner.into_iter().map(|inner| format!("{name}.{inner}"))),
        }
    }
    let desk = Desk::with(World::small());
    let mut shown: Vec<String> =
        desk.run(&["config", "show", "-o", "name"]).ok().out.lines().map(str::to_owned).collect();
    // What only flags and variables set.
    wanted.extend(["no_input", "color", "picker"].map(str::to_owned));
    wanted.sort();
    shown.sort();
    assert_eq!(shown, wanted);
}

#[test]
fn what_flags_and_variables_alone_set_is_shown_with_what_sets_it() {
    let mut desk = Desk::configured(World::small());
    let row = |desk: &Desk, key: &str, flags: &[&str]| {
        let row = desk.run(&[flags, &["config", "show", key, "-o", "json"]].concat()).ok().json()[0].clone();
        json!([row["value"], row["origin"], row["place"]])
    };
    for (key, default, set, variable, value, flags) in [
        ("no_input", json!(false), json!(true), "EKSSO_NO_INPUT", "1", &["--no-input"][..]),
        ("color", json!("auto"), json!("never"), "NO_COLOR", "1", &["--color=never"]),
        ("picker", json!("screen"), json!("list"), "EKSSO_PICKER", "list", &[]),
        ("picker", json!("screen"), json!("list"), "TERM", "dumb", &[]),
    ] {
        assert_eq!(row(&desk, key, &[]), json!([default, "default", null]));
        if let [flag] = flags {
            let option = flag.split('=').next();
            assert_eq!(row(&desk, key, flags), json!([set, "flag", option]));
        }
        desk.set(variable, value);
        assert_eq!(row(&desk, key, &[]), json!([set, "environment", variable]));
        desk.env.remove(variable);
    }
}

#[test]
fn sessions_of_the_aws_configuration_are_shown_with_their_file_and_their_policy() {
    let desk = Desk::configured(World::small());
    let aws = desk.write(
        ".aws/config",
        "[sso-session aw]\nsso_start_url = https://aw.awsapps.com/start\nsso_region = eu-west-1\n\
         [sso-session corp]\nsso_start_url = https://other.awsapps.com/start\nsso_region = eu-west-1\n",
    );
    desk.write(POLICY, &format!("start_urls = [\"{}/start\"]\n", desk.simulator.url()));
    let rows = desk.run(&["config", "show", "sessions", "-o", "json"]).ok().json();
    let found: Vec<_> =
        rows.as_array().expect("rows").iter().map(|row| json!([row["key"], row["value"], row["place"]])).collect();
    let (aws, own) = (aws.display().to_string(), desk.path(CONFIG).display().to_string());
    assert_eq!(
        found,
        [
            json!(["sessions.aw.region", "eu-west-1", aws]),
            json!(["sessions.aw.start_url", "https://aw.awsapps.com/start", aws]),
            json!(["sessions.corp.region", "eu-west-1", own]),
            json!(["sessions.corp.start_url", format!("{}/start", desk.simulator.url()), own]),
        ]
    );
    assert!(rows[1]["refused"].as_str().is_some_and(|rule| rule.starts_with("`start_urls` in ")), "{rows}");
    desk.run(&["login", "aw"]).fails(4, &["`start_urls` in "]);
}

#[test]
fn a_value_that_commands_refuse_because_there_is_no_such_thing_is_marked() {
    let mut desk = Desk::configured(World::small());
    desk.set("EKSSO_KEYRING", "bogus").set("EKSSO_SESSION", "nowhere");
    let refused = |key: &str| desk.run(&["config", "show", key, "-o", "json"]).ok().json()[0]["refused"].clone();
    assert!(refused("keyring").as_str().is_some_and(|why| why.starts_with("`bogus` is no keyring")));
    assert_eq!(refused("default_session"), "there is no session `nowhere`");
    let table = desk.run(&["config", "show", "keyring"]).ok().out;
    assert!(table.contains("environment (EKSSO_KEYRING), refused: `bogus` is no keyring"), "{table}");
    desk.run(&["status"]).fails(2, &["`bogus` is no keyring"]);
}

#[test]
fn all_that_is_configured_is_shown_and_a_session_is_taken_whole() {
    let desk = Desk::configured(World::small());
    desk.write(
        MANAGED,
        "version = 3\n[sessions.corp]\nstart_url = \"https://other.awsapps.com/start\"\nregion = \"us-east-1\"\nfallback_regions = [\"us-east-2\"]\n\
         [sessions.lab]\nstart_url = \"https://lab.awsapps.com/start\"\nregion = \"us-east-1\"\n",
    );
    desk.write(POLICY, "start_urls = []\nkernel_key_cache = \"1h\"\n");
    let rows = desk.run(&["config", "show", "-o", "json"]).ok().json();
    let row =
        |key: &str| rows.as_array().expect("rows").iter().find(|row| row["key"] == key).cloned().unwrap_or_default();
    assert_eq!(row("sessions.corp.region")["value"], "eu-west-1");
    assert!(row("sessions.corp.fallback_regions").is_null(), "half of one and half of another is none");
    assert_eq!(row("sessions.lab.region")["origin"], "managed");
    assert_eq!(
        row("start_urls"),
        json!({"key": "start_urls", "value": [], "origin": "policy", "place": desk.path(POLICY).display().to_string(), "refused": null})
    );
    assert_eq!(
        (&row("kernel_key_cache")["value"], &row("kernel_key_cache")["origin"]),
        (&json!("1h"), &json!("policy"))
    );
    assert_eq!(row("keyring")["origin"], "environment");
    for key in ["default_session", "flow"] {
        assert_eq!((&row(key)["value"], &row(key)["origin"]), (&Value::Null, &json!("default")));
    }
    // What is shorter than the policy's is the person's own.
    desk.write(CONFIG, &format!("kernel_key_cache = \"30m\"\n{}", desk.config()));
    let row = desk.run(&["config", "show", "kernel_key_cache", "-o", "json"]).ok().json()[0].clone();
    assert_eq!((&row["value"], &row["origin"]), (&json!("30m"), &json!("user")));
    let table = desk.run(&["config", "show", "sessions"]).ok().out;
    assert!(
        table.starts_with("SETTING") && table.contains("sessions.lab.region") && !table.contains("keyring"),
        "{table}"
    );
    desk.run(&["config", "show", "regoins"]).fails(5, &["there is no setting `regoins`"]);
    assert_eq!(desk.run(&["status", "-o", "json"]).ok().json().as_array().expect("rows").len(), 2);
}

#[test]
fn a_guard_of_the_person_goes_before_that_of_the_organisation_whatever_their_patterns() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
    desk.write(MANAGED, "[contexts.\"*\"]\nread_only_role = \"EKSAdmin\"\n");
    let used = desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(used.err.contains("Switched to `Production/web:EKSAdmin`."), "{}", used.err);
    let own = "[contexts.\"Prod*\"]\nread_only_role = \"EKSViewer\"\n";
    desk.write(CONFIG, &format!("{}{own}", desk.config()));
    let used = desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(used.err.contains("Switched to `Production/web:EKSViewer`"), "{}", used.err);
    // Care is added: what the organisation asks for is asked for beside it.
    desk.write(MANAGED, "[contexts.\"*\"]\nconfirm = true\nread_only_role = \"EKSAdmin\"\n");
    let refused = desk.run(&["use", "Production/web:EKSAdmin"]).fails(4, &["Production/web:EKSViewer", "ask first"]);
    for words in
        ["the organisation's settings say to ask first", "the organisation's settings have `confirm` for \"*\""]
    {
        assert!(refused.err.contains(words), "{}", refused.err);
    }
}

#[test]
fn the_time_that_is_in_force_is_shown_however_it_is_written() {
    let desk = Desk::configured(World::small());
    desk.write(POLICY, "kernel_key_cache = \"60m\"\n");
    let row = desk.run(&["config", "show", "kernel_key_cache", "-o", "json"]).ok().json()[0].clone();
    assert_eq!((&row["value"], &row["origin"]), (&json!("60m"), &json!("policy")));
}

#[test]
fn a_proxys_password_is_not_shown() {
    let desk = Desk::configured(World::small());
    let way = "[clusters.\"*\"]\nproxy_url = \"http://me:s3cr3t@t0ken@proxy.example:3128\"\n";
    desk.write(CONFIG, &format!("{}{way}", desk.config()));
    for args in
        [&["config", "show"][..], &["config", "show", "clusters"], &["config", "show", "clusters", "-o", "json"]]
    {
        let shown = desk.run(args).ok();
        assert!(shown.out.contains("http://REDACTED@proxy.example:3128"), "{}", shown.out);
        assert!(!shown.out.contains("s3cr3t") && !shown.out.contains("t0ken@"), "{}", shown.out);
    }
}

#[test]
fn a_password_in_a_url_is_shown_by_no_error_and_no_setting() {
    let desk = Desk::configured(World::small());
    let secret = "S3cretPw";
    let url = format!("https://user:{secret}@wiki.example/a");
    let lines = [
        format!("[clusters.\"*/web\"]\nserver = \"{url}\""),
        format!("[sessions.other]\nstart_url = \"{url}\"\nregion = \"eu-west-1\""),
        format!("[help]\ndenied = \"{url}\""),
    ];
    for line in lines {
        desk.write(".config/eksso/config.toml", &format!("{}\n{line}\n", desk.config()));
        for args in [["config", "show"], ["config", "check"]] {
            let told = desk.run(&args);
            assert!(!format!("{}{}", told.out, told.err).contains(secret), "{line}: {}{}", told.out, told.err);
            assert_eq!(told.code, 2, "{line}");
        }
    }
    // Addresses of people, and paths with one, are no user names.
    for words in ["mail help@example.com", "https://wiki.example/@team, or help@example.com"] {
        desk.write(".config/eksso/config.toml", &format!("{}\n[help]\ndenied = \"{words}\"\n", desk.config()));
        desk.run(&["config", "check"]).ok();
    }
}

#[test]
fn the_defaults_that_are_shown_are_what_an_empty_file_comes_to() {
    use eksso::domain::settings::config::Config;
    use eksso::flows::settings::shown::DEFAULTS;
    let (none, defaults) = (Config::parse("").expect("settings"), Config::parse(DEFAULTS).expect("settings"));
    assert_eq!(format!("{none:?}"), format!("{defaults:?}"));
}

#[test]
fn a_text_that_only_looks_like_the_version_is_a_setting_and_what_is_wrong_with_it_is_the_organisations_fault() {
    let desk = Desk::configured(World::small());
    desk.write(MANAGED, "version = 1\ncontext_name = \"\"\"\\\nversion-{cluster}\"\"\"\n");
    let row = desk.run(&["config", "show", "context_name", "-o", "json"]).ok().json()[0].clone();
    assert_eq!((&row["value"], &row["origin"]), (&json!("version-{cluster}"), &json!("managed")));
    desk.write(MANAGED, "[help]\ndenied = \"\"\"a\\\nversion\\u0007 b\\\n\"\"\"\n");
    let refused = desk.run(&["status"]).fails(2, &["managed.toml", "on one line", "eksso setup --remove"]);
    assert!(!refused.err.contains("config.toml"), "{}", refused.err);
}

#[test]
fn an_organisations_file_that_somebody_changed_to_what_it_may_not_say_is_refused() {
    let desk = Desk::configured(World::small());
    desk.write(MANAGED, "keyring = \"plaintext\"\n");
    desk.run(&["status"]).fails(
        2,
        &["managed.toml", "line 1", "`keyring` is nothing that an organisation's file may set", "eksso setup --remove"],
    );
    desk.run(&["setup", "--remove"]).ok();
    desk.run(&["status"]).ok();
}

#[test]
fn namespaces_of_the_organisation_are_below_those_of_the_person_whatever_their_patterns() {
    let begins_in = |desk: &Desk| {
        _ = std::fs::remove_file(desk.path(".kube/config"));
        desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"]).ok();
        desk.kubeconfig()["contexts"][0]["context"]["namespace"].as_str().map(str::to_owned)
    };
    let desk = Desk::signed_in();
    desk.write(MANAGED, "[namespaces]\n\"Production/*\" = \"shop\"\n\"arn:*\" = \"other\"\n");
    assert_eq!(begins_in(&desk).as_deref(), Some("shop"));
    // A shorter pattern of the person's own goes before a longer one of the organisation.
    desk.write(CONFIG, &format!("{}\n[namespaces]\n\"*\" = \"mine\"\n", desk.config()));
    assert_eq!(begins_in(&desk).as_deref(), Some("mine"));
    let rows = desk.run(&["config", "show", "namespaces", "-o", "json"]).ok().json();
    let rows: Vec<_> =
        rows.as_array().expect("rows").iter().map(|row| (row["value"].clone(), row["origin"].clone())).collect();
    assert_eq!(
        rows,
        [(json!("mine"), json!("user")), (json!("shop"), json!("managed")), (json!("other"), json!("managed"))]
    );
    desk.run(&["config", "check"]).ok();
    desk.write(CONFIG, &format!("{}\n[namespaces]\n\"*\" = \"No_Good\"\n", desk.config()));
    let line = desk.config().lines().count() + 3;
    desk.run(&["config", "check"]).fails(2, &["`No_Good` is not a valid namespace", &format!("line {line}")]);
    desk.write(CONFIG, &desk.config());
    for (bad, words) in
        [("\"*\" = \"No_Good\"", "`No_Good` is not a valid namespace"), ("\"*\" = {}", "`namespaces.*` is nothing")]
    {
        desk.write(MANAGED, &format!("[namespaces]\n{bad}\n"));
        desk.run(&["status"]).fails(2, &["managed.toml", words]);
    }
}
