//! The two axes of `src`, checked against its imports: layers go down only, capabilities use only those they may, and no
//! files import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A place in `src` and the places it may import.
const LAYERS: [(&str, &[&str]); 9] = [
    ("domain", &["domain"]),
    ("error.rs", &["domain"]),
    ("ports.rs", &["domain", "error"]),
    ("clients", &["clients", "domain", "ports", "error"]),
    ("adapters", &["adapters", "domain", "ports", "error"]),
    ("ui", &["ui", "domain", "ports", "error"]),
    ("flows", &["flows", "clients", "domain", "ports", "error"]),
    ("cli", &["cli", "domain"]),
    ("commands", &["commands", "cli", "flows", "domain", "ports", "ui", "error"]),
];

/// A capability, and the ones beside it that it may use. What all share stands at a layer's root and uses none.
const CAPABILITIES: [(&str, &[&str]); 10] = [
    ("settings", &[]),
    ("trail", &["settings"]),
    ("kubeconfig", &["settings"]),
    ("sign_in", &["settings"]),
    ("credentials", &["settings", "sign_in"]),
    ("access", &["settings", "sign_in", "credentials"]),
    ("discovery", &["settings", "sign_in", "credentials", "access"]),
    ("audit", &["settings", "sign_in", "credentials", "access", "discovery"]),
    ("scaffold", &["settings", "sign_in", "credentials", "access", "discovery", "audit"]),
    (
        "doctor",
        &["settings", "trail", "kubeconfig", "sign_in", "credentials", "access", "discovery", "audit", "scaffold"],
    ),
];

/// A file of `src`: its path below it, its module, and what it imports.
struct Source {
    name: String,
    module: Vec<String>,
    text: String,
    imports: Vec<(usize, Vec<String>)>,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let mut module: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if ["mod", "lib", "main"].contains(&module.last().expect("a name").as_str()) {
            module.pop();
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        let imports = imports(&module, &text);
        Source { name, module, text, imports }
    };
    paths.into_iter().map(read).collect()
}

/// What a file declares with `mod NAME;`.
fn children(code: &str) -> Vec<&str> {
    let declared = |line: &'_ str| {
        line.rsplit_once("mod ").is_some_and(|(before, _)| before.is_empty() || before.starts_with("pub"))
    };
    let lines = code.lines().filter(|line| line.ends_with(';') && declared(line));
    lines.filter_map(|line| line.trim_end_matches(';').rsplit(' ').next()).collect()
}

/// The paths behind `crate::`, with their lines; and those that begin with a child module, as one that declares it can write
/// them. A brace hides the paths behind it: those are expanded, one level deep.
fn imports(module: &[String], text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let children = children(text);
    for (number, line) in text.lines().enumerate() {
        for child in &children {
            let begins = |(place, _): &(usize, &str)| {
                !line[..*place].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c))
            };
            if !line.starts_with("//") && line.match_indices(&format!("{child}::")).any(|found| begins(&found)) {
                found.push((number + 1, module.iter().cloned().chain([(*child).to_owned()]).collect()));
            }
        }
        // `pub(in crate::flows)` says who may see something; it imports nothing.
        let line = line.replace("in crate::", "in ");
        for path in line.split("crate::").skip(1) {
            let end = path.find(|c: char| !(c.is_alphanumeric() || "_:#".contains(c))).unwrap_or(path.len());
            let words = path[..end].trim_end_matches(':').split("::").map(|word| word.trim_start_matches("r#"));
            let words: Vec<String> = words.map(str::to_owned).collect();
            let behind =
                path[end..].strip_prefix('{').map_or("", |behind| behind.split('}').next().unwrap_or_default());
            let behind: Vec<&str> = behind.split([' ', ',', ':']).filter(|name| !name.is_empty()).collect();
            if behind.is_empty() {
                found.push((number + 1, words));
                continue;
            }
            for name in behind {
                found.push((number + 1, words.iter().cloned().chain([name.to_owned()]).collect()));
            }
        }
    }
    found
}

fn layer(source: &Source) -> Option<&'static (&'static str, &'static [&'static str])> {
    LAYERS.iter().find(|(place, _)| source.name == *place || source.name.starts_with(&format!("{place}/")))
}

/// Only paths from the root are looked at here, so there are no others. Tests inside a file may say `super`.
#[test]
fn imports_are_written_from_the_root() {
    for source in sources() {
        let code = source.text.split("\nmod tests").next().unwrap_or_default();
        assert!(!code.contains("super::"), "src/{} imports by way of `super`", source.name);
        // `crate::flows::{access::x, sign_in::y}` would hide its capabilities from the tests below.
        for line in code.lines() {
            let hidden = line.split_once("crate::").and_then(|(_, path)| path.split_once('{'));
            let hides = hidden.is_some_and(|(before, behind)| before.ends_with("::") && behind.contains("::"));
            let may = line.contains("crate::domain::access::{csv, flat::Flat}");
            assert!(!hides || may, "src/{}: write a path of its own for each: {line}", source.name);
        }
    }
}

#[test]
fn no_layer_reaches_upwards() {
    let mut checked = 0;
    for source in sources() {
        let name = &source.name;
        let Some((_, may)) = layer(&source) else {
            assert!(["main.rs", "lib.rs"].contains(&name.as_str()), "src/{name} is in no layer");
            continue;
        };
        for (line, path) in &source.imports {
            assert!(may.contains(&path[0].as_str()), "src/{name}:{line} imports crate::{}", path.join("::"));
            checked += 1;
        }
    }
    assert!(checked > 500, "{checked} imports checked");
}

#[test]
fn a_capability_uses_only_those_it_may() {
    let of = |path: &[String]| {
        let is = |(name, _): &&(&str, &[&str])| path.get(1).is_some_and(|second| second == name);
        ["domain", "flows"].contains(&path[0].as_str()).then(|| CAPABILITIES.iter().find(is)).flatten()
    };
    let mut checked = 0;
    for source in sources().iter().filter(|source| source.module.len() > 1) {
        // Above the flows they are put together.
        if !["domain", "flows"].contains(&source.module[0].as_str()) {
            continue;
        }
        let own = of(&source.module);
        for (line, path) in &source.imports {
            let Some((used, _)) = of(path) else { continue };
            let allowed = own.is_some_and(|(own, may)| own == used || may.contains(used));
            let own = own.map_or("shared", |(own, _)| own);
            assert!(allowed, "src/{}:{line}: {own} may not use {used}", source.name);
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} imports checked");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let all = sources();
    let by_module: BTreeMap<&[String], &str> =
        all.iter().map(|source| (source.module.as_slice(), source.name.as_str())).collect();
    let target = |path: &[String]| (1..=path.len()).rev().find_map(|length| by_module.get(&path[..length]).copied());
    let mut leads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in &all {
        let targets = source.imports.iter().filter_map(|(_, path)| target(path));
        leads.insert(&source.name, targets.filter(|to| *to != source.name).collect());
    }
    // What leads nowhere any more is in no circle.
    loop {
        let done: BTreeSet<&str> = leads.iter().filter(|(_, to)| to.is_empty()).map(|(name, _)| *name).collect();
        if done.is_empty() {
            break;
        }
        leads.retain(|name, _| !done.contains(name));
        leads.values_mut().for_each(|to| to.retain(|name| !done.contains(name)));
    }
    assert!(leads.is_empty(), "these files import each other in a circle, or lead into one: {leads:#?}");
}

#[test]
fn the_pure_core_touches_nothing_outside() {
    for source in sources().iter().filter(|source| source.name.starts_with("domain/")) {
        for word in [
            "std::fs",
            "std::net",
            "std::process",
            "env::",
            "SystemTime::now",
            "Timestamp::now",
            "Instant::now",
            "print!",
            "println!",
            "cfg!(",
            "\nstatic ",
            "async fn",
        ] {
            // `split_paths` asks nothing: it knows which character separates paths here.
            let code = source.text.split("\nmod tests").next().unwrap_or_default().replace("std::env::split_paths", "");
            // A secret must be found in any text, whoever wrote it: domain/secret.rs keeps the fingerprints of all of them.
            let may = word == "\nstatic " && source.name == "domain/secret.rs";
            assert!(may || !code.contains(word), "{}: {word}", source.name);
        }
    }
}

#[test]
fn flows_and_what_stands_above_take_time_from_the_clock_of_the_world() {
    let above = ["flows/", "commands/", "cli/", "ui/"];
    for source in sources().iter().filter(|source| above.iter().any(|place| source.name.starts_with(place))) {
        let code = source.text.split("\nmod tests").next().unwrap_or_default();
        for word in ["Instant::now", "SystemTime::now", "Timestamp::now"] {
            assert!(!code.contains(word), "src/{}: {word}", source.name);
        }
    }
}

/// The README's table says the same as this file. "X and theirs" is X with what X may use.
#[test]
fn the_readme_shows_these_capabilities() {
    let readme = include_str!("../README.md");
    let of = |name: &str| CAPABILITIES.iter().find(|(known, _)| *known == name).map(|(_, may)| may.to_vec());
    for (name, may) in CAPABILITIES {
        let table = readme.split("| capability |").nth(1).expect("the table of capabilities");
        let line = table.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let cell = line.and_then(|line| line.rsplit('|').nth(1)).expect("a row of the README").trim();
        let mut shown: BTreeSet<&str> = BTreeSet::new();
        for word in cell.split([',', ' ']).filter(|word| !["", "and", "theirs", "its"].contains(word)) {
            match word {
                "all" => shown.extend(CAPABILITIES.iter().map(|(known, _)| *known).filter(|known| *known != name)),
                word => {
                    shown.insert(word);
                    let adds = cell.ends_with("theirs") || cell.ends_with("its");
                    shown.extend(of(word).filter(|_| adds).into_iter().flatten());
                }
            }
        }
        assert_eq!(shown, may.iter().copied().collect(), "README.md: what `{name}` may use");
    }
}

#[test]
fn only_main_names_an_adapter() {
    for source in sources().iter().filter(|source| !source.name.starts_with("adapters/")) {
        let names = source.text.contains("eksso::adapters") || source.imports.iter().any(|(_, p)| p[0] == "adapters");
        assert!(!names || source.name == "main.rs", "src/{} names an adapter", source.name);
    }
}

#[test]
fn the_ways_in_are_told_apart_in_one_place_of_each_layer() {
    let may = [
        "domain/session.rs",
        "domain/sign_in/tokens.rs",
        "domain/settings/session_table.rs",
        // The AWS CLI knows portals only; the machine's policy has a list for each provider.
        "domain/settings/aws_config.rs",
        "domain/settings/policy.rs",
        "flows/sign_in/aws_cli.rs",
        "flows/sign_in/mod.rs",
        "flows/sign_in/identity_center.rs",
        "flows/sign_in/okta/",
        "commands/shared/login_target.rs",
    ];
    for source in sources() {
        for word in [
            "Provider::Okta",
            "Extra::Okta",
            ".okta()",
            "Provider::IdentityCenter",
            "identity_center()",
            "Session::identity_center",
        ] {
            let asks = source.text.contains(word) && !may.iter().any(|place| source.name.starts_with(place));
            assert!(!asks, "src/{} asks which provider it is: {word}", source.name);
        }
    }
}

#[test]
fn unsafe_code_is_in_adapters_only_and_says_why() {
    let mut counted = 0;
    for source in sources() {
        for (number, line) in source.text.lines().enumerate().filter(|(_, line)| line.contains("(unsafe_code")) {
            let place = format!("src/{}:{}", source.name, number + 1);
            assert!(source.name.starts_with("adapters/"), "{place}: unsafe code outside of adapters");
            assert!(line.contains("reason = \""), "{place}: without a reason");
            counted += 1;
        }
    }
    // Another place is a decision: count it here.
    assert!(counted <= 14, "{counted} places with unsafe code");
}

#[test]
fn every_dependency_stands_under_its_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("a file");
    let (mut within, mut reason) = (false, false);
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = line.ends_with("dependencies]");
            reason = false;
        }
        reason |= line.starts_with('#');
        if within && line.contains(" = ") && !line.starts_with([' ', '#', '[']) {
            assert!(reason || line.contains(" # "), "no reason above or beside: {line}");
        }
    }
}
