//! Settings and where they come from: policy before flags, these before variables, these before config.toml, that before the
//! organisation's file. What `config show` says is what commands do.

use serde_json::{Value, json};

use crate::support::{Desk, POLICY};
use eksso_simulator::World;

const CONFIG: &str = ".config/eksso/config.toml";
const MANAGED: &str = ".config/eksso/managed.toml";

/// What each layer says; empty: nothing.
#[derive(Default)]
struct Layers {
    managed: &'static str,
    user: &'static str,
    variable: Option<(&'static str, &'static str)>,
    flag: Option<[&'static str; 2]>,
    policy: &'static str,
}

/// A desk whose sessions are `corp` and `lab`, with these layers.
fn desk(layers: &Layers) -> Desk {
    let mut desk = Desk::with(World::small());
    desk.env.remove("EKSSO_KEYRING");
    let (url, regions) =
        (desk.simulator.url().to_owned(), layers.user.contains("regions") || layers.managed.contains("regions"));
    let regions = if regions { "" } else { "regions = [\"eu-west-1\", \"us-east-1\"]\n" };
    let keyring = if layers.user.contains("keyring =") || layers.variable.is_some() || layers.flag.is_some() {
        ""
    } else {
        "keyring = \"plaintext\"\n"
    };
    let sessions = format!(
        "\n[sessions.corp]\nstart_url = \"{url}/start\"\nregion = \"eu-west-1\"\n[sessions.lab]\nstart_url = \"{url}/lab\"\nregion = \"eu-west-1\"\n"
    );
    desk.write(CONFIG, &format!("{regions}{keyring}{}{sessions}", layers.user));
    if !layers.managed.is_empty() {
        desk.write(MANAGED, layers.managed);
    }
    if !layers.policy.is_empty() {
        desk.write(POLICY, layers.policy);
    }
    if let Some((name, value)) = layers.variable {
        desk.set(name, value);
    }
    desk
}

fn run(desk: &Desk, layers: &Layers, args: &[&str]) -> crate::support::Outcome {
    let flags = layers.flag.iter().flatten().copied();
    desk.run(&flags.chain(args.iter().copied()).collect::<Vec<_>>())
}

fn shown(desk: &Desk, layers: &Layers, key: &str) -> Value {
    let rows = run(desk, layers, &["config", "show", key, "-o", "json"]).ok().json();
    let row = rows.as_array().expect("rows").iter().find(|row| row["key"] == key).cloned();
    row.unwrap_or_else(|| panic!("no {key}: {rows}"))
}

/// What a command does with a setting, as the value that it must have.
type Does = fn(&Desk, &Layers) -> Value;

fn session(desk: &Desk, layers: &Layers) -> Value {
    let said = run(desk, layers, &["roles"]).fails(3, &[]);
    ["corp", "lab"].into_iter().find(|name| said.err.contains(&format!("session `{name}`"))).into()
}

fn keyring(desk: &Desk, layers: &Layers) -> Value {
    run(desk, layers, &["status", "-o", "json"]).ok().json()[0]["keyring"].clone()
}

fn context_name(desk: &Desk, layers: &Layers) -> Value {
    run(desk, layers, &["login", "corp"]).ok();
    let added = run(desk, layers, &["--session=corp", "add", "--cluster=batch", "--role=EKSAdmin"]).ok();
    let name = added.out.trim_end().to_owned();
    let templates = [
        ("{account_name}/{cluster}:{role}", "Production/batch:EKSAdmin"),
        ("{role}@{cluster}", "EKSAdmin@batch"),
        ("{cluster}-{role}", "batch-EKSAdmin"),
    ];
    templates.into_iter().find(|(_, filled)| *filled == name).map(|(template, _)| template).into()
}

fn regions(desk: &Desk, layers: &Layers) -> Value {
    run(desk, layers, &["login", "corp"]).ok();
    let found = run(desk, layers, &["--session=corp", "clusters", "-o", "json"]).ok().json();
    let mut regions: Vec<&str> =
        found.as_array().expect("rows").iter().filter_map(|row| row["region"].as_str()).collect();
    regions.sort();
    regions.dedup();
    json!(regions)
}

fn skipped(desk: &Desk, layers: &Layers) -> Value {
    run(desk, layers, &["login", "corp"]).ok();
    let found = run(desk, layers, &["--session=corp", "clusters", "-o", "json"]).ok().json();
    let is_there = |name: &str| found.as_array().expect("rows").iter().any(|row| row["account_name"] == name);
    let all = ["Production", "Sandbox"].into_iter().filter(|name| !is_there(name));
    json!(all.collect::<Vec<_>>())
}

fn flow(desk: &Desk, layers: &Layers) -> Value {
    desk.person().present = true;
    desk.person().browser = true;
    desk.person().follows = true;
    run(desk, layers, &["login", "corp"]);
    desk.person().present = false;
    let pkce = desk.count("start") == 0;
    assert!(run(desk, layers, &["--session=corp", "status", "--check"]).code == 0);
    (if pkce { "pkce" } else { "device" }).into()
}

fn trail(desk: &Desk, layers: &Layers) -> Value {
    run(desk, layers, &["login", "corp"]).ok();
    (if desk.path(".local/state/eksso/trail").exists() { "file" } else { "off" }).into()
}

fn confirm(desk: &Desk, _: &Layers) -> Value {
    desk.write(".kube/config", "contexts:\n- name: prod\n  context: {cluster: c, user: u}\n");
    let used = desk.run(&["use", "prod"]);
    (used.code != 0 && used.err.contains("ask")).into()
}

fn denied(desk: &Desk, layers: &Layers) -> Value {
    run(desk, layers, &["login", "corp"]).ok();
    let said =
        run(desk, layers, &["--session=corp", "credentials", "--account=111122223333", "--role=Nobody"]).fails(4, &[]);
    said.err.split("ask for access here: ").nth(1).and_then(|rest| rest.lines().next()).into()
}

#[test]
fn what_is_shown_of_a_setting_is_what_commands_do_whoever_says_it() {
    let of = |layers: Layers| layers;
    let cases: Vec<(&str, Layers, &str, Does)> = vec![
        (
            "default_session",
            of(Layers { managed: "default_session = \"lab\"\n", ..Layers::default() }),
            "managed",
            session,
        ),
        (
            "default_session",
            of(Layers {
                managed: "default_session = \"lab\"\n",
                user: "default_session = \"corp\"\n",
                ..Layers::default()
            }),
            "user",
            session,
        ),
        (
            "default_session",
            of(Layers {
                user: "default_session = \"corp\"\nkeyring = \"plaintext\"\n",
                variable: Some(("EKSSO_SESSION", "lab")),
                ..Layers::default()
            }),
            "environment",
            session,
        ),
        (
            "default_session",
            of(Layers {
                user: "keyring = \"plaintext\"\n",
                variable: Some(("EKSSO_SESSION", "lab")),
                flag: Some(["--session", "corp"]),
                ..Layers::default()
            }),
            "flag",
            session,
        ),
        ("keyring", of(Layers { user: "keyring = \"plaintext\"\n", ..Layers::default() }), "user", keyring),
        (
            "keyring",
            of(Layers {
                user: "keyring = \"passphrase\"\n",
                variable: Some(("EKSSO_KEYRING", "plaintext")),
                ..Layers::default()
            }),
            "environment",
            keyring,
        ),
        (
            "keyring",
            of(Layers {
                variable: Some(("EKSSO_KEYRING", "passphrase")),
                flag: Some(["--keyring", "plaintext"]),
                ..Layers::default()
            }),
            "flag",
            keyring,
        ),
        ("context_name", Layers::default(), "default", context_name),
        (
            "context_name",
            of(Layers { managed: "context_name = \"{role}@{cluster}\"\n", ..Layers::default() }),
            "managed",
            context_name,
        ),
        (
            "context_name",
            of(Layers {
                managed: "context_name = \"{role}@{cluster}\"\n",
                user: "context_name = \"{cluster}-{role}\"\n",
                ..Layers::default()
            }),
            "user",
            context_name,
        ),
        ("regions", of(Layers { managed: "regions = [\"us-east-1\"]\n", ..Layers::default() }), "managed", regions),
        (
            "regions",
            of(Layers {
                managed: "regions = [\"us-east-1\"]\n",
                user: "regions = [\"eu-west-1\"]\n",
                ..Layers::default()
            }),
            "user",
            regions,
        ),
        ("flow", of(Layers { user: "flow = \"pkce\"\n", ..Layers::default() }), "user", flow),
        (
            "flow",
            of(Layers { user: "flow = \"device\"\n", policy: "flow = \"pkce\"\n", ..Layers::default() }),
            "policy",
            flow,
        ),
        (
            "flow",
            of(Layers { user: "flow = \"pkce\"\n", policy: "flow = \"device\"\n", ..Layers::default() }),
            "policy",
            flow,
        ),
        ("trail", Layers::default(), "default", trail),
        ("trail", of(Layers { user: "trail = \"file\"\n", ..Layers::default() }), "user", trail),
        (
            "trail",
            of(Layers { user: "trail = \"off\"\n", policy: "trail = \"file\"\n", ..Layers::default() }),
            "policy",
            trail,
        ),
        (
            "trail",
            of(Layers { user: "trail = \"file\"\n", policy: "trail = \"off\"\n", ..Layers::default() }),
            "policy",
            trail,
        ),
        ("discovery.skip_accounts", Layers::default(), "default", |_, _| json!([])),
        (
            "discovery.skip_accounts",
            of(Layers { managed: "[discovery]\nskip_accounts = [\"Production\"]\n", ..Layers::default() }),
            "managed",
            |desk, layers| {
                let skipped = skipped(desk, layers);
                json!(
                    skipped.as_array().expect("names").iter().filter(|name| **name == "Production").collect::<Vec<_>>()
                )
            },
        ),
        (
            "contexts.prod.confirm",
            of(Layers { managed: "[contexts.prod]\nconfirm = true\n", ..Layers::default() }),
            "managed",
            confirm,
        ),
        (
            "contexts.prod.confirm",
            of(Layers {
                managed: "[contexts.prod]\nconfirm = true\n",
                user: "[contexts.prod]\nconfirm = false\n",
                ..Layers::default()
            }),
            "user",
            confirm,
        ),
        (
            "contexts.prod.confirm",
            of(Layers {
                user: "[contexts.prod]\nconfirm = false\n",
                policy: "[contexts.prod]\nconfirm = true\n",
                ..Layers::default()
            }),
            "policy",
            confirm,
        ),
        (
            "help.denied",
            of(Layers { managed: "[help]\ndenied = \"https://a.example\"\n", ..Layers::default() }),
            "managed",
            denied,
        ),
        (
            "help.denied",
            of(Layers {
                managed: "[help]\ndenied = \"https://a.example\"\n",
                user: "[help]\ndenied = \"https://b.example\"\n",
                ..Layers::default()
            }),
            "user",
            denied,
        ),
    ];
    for (place, (key, layers, origin, does)) in cases.iter().enumerate() {
        let desk = desk(layers);
        let row = shown(&desk, layers, key);
        assert_eq!(row["origin"], *origin, "{place}: {row}");
        let told = match *origin {
            "default" => None,
            "managed" => Some(desk.path(MANAGED).display().to_string()),
            "user" => Some(desk.path(CONFIG).display().to_string()),
            "policy" => Some(desk.path(POLICY).display().to_string()),
            "environment" => layers.variable.map(|(name, _)| name.to_owned()),
            _ => layers.flag.map(|[name, _]| name.to_owned()),
        };
        assert_eq!(row["place"], json!(told), "{place}: {row}");
        assert_eq!(does(&desk, layers), row["value"], "{place}: {key} by {origin} is not what a command does");
    }
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
        json!({"key": "start_urls", "value": [], "origin": "policy", "place": desk.path(POLICY).display().to_string()})
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
    assert!(used.err.contains("`Production/web:EKSAdmin`, the role that your settings prefer"), "{}", used.err);
    let own = "[contexts.\"Prod*\"]\nread_only_role = \"EKSViewer\"\n";
    desk.write(CONFIG, &format!("{}{own}", desk.config()));
    let used = desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(used.err.contains("Switched to `Production/web:EKSViewer`"), "{}", used.err);
    // Care is added: what the organisation asks for is asked for beside it.
    desk.write(MANAGED, "[contexts.\"*\"]\nconfirm = true\nread_only_role = \"EKSAdmin\"\n");
    desk.run(&["use", "Production/web:EKSAdmin"]).fails(2, &["Production/web:EKSViewer", "ask first"]);
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
