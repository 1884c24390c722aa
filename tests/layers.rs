//! Imports go down only: the table of the layers, checked against the source.

use std::path::{Path, PathBuf};

/// A place in `src` and the places it may import.
const MAY: [(&str, &[&str]); 9] = [
    ("domain", &["domain"]),
    ("error.rs", &["domain"]),
    ("ports.rs", &["domain", "error"]),
    ("clients", &["clients", "domain", "ports", "error"]),
    ("adapters", &["adapters", "domain", "ports", "error"]),
    ("flows", &["flows", "clients", "domain", "ports", "error"]),
    ("ui", &["ui", "domain", "ports", "error"]),
    ("cli.rs", &["ui", "domain"]),
    ("commands", &["commands", "cli", "flows", "clients", "domain", "ports", "ui", "error"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

#[test]
fn no_layer_reaches_upwards() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut checked = 0;
    for file in files {
        let name = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let Some((_, may)) = MAY.iter().find(|(place, _)| name == *place || name.starts_with(&format!("{place}/")))
        else {
            assert!(["main.rs", "lib.rs"].contains(&name.as_str()), "src/{name} is in no layer");
            continue;
        };
        let text = std::fs::read_to_string(&file).expect("a file");
        for (number, line) in text.lines().enumerate() {
            for path in line.split("crate::").skip(1) {
                let target: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(may.contains(&target.as_str()), "src/{name}:{} imports crate::{target}", number + 1);
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked} imports checked");
}

#[test]
fn the_pure_core_touches_nothing_outside() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file");
        for word in [
            "std::fs",
            "std::net",
            "std::process",
            "env::var",
            "SystemTime::now",
            "Timestamp::now",
            "println!",
            "async fn",
        ] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn the_ways_in_are_told_apart_in_one_place_of_each_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let may = ["domain/provider.rs", "domain/tokens.rs", "domain/config.rs", "flows/provider/", "commands/place.rs"];
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let name = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).expect("a file");
        for word in ["Provider::Okta", "Extra::Okta", ".okta()", "Provider::IdentityCenter"] {
            let asks = text.contains(word) && !may.iter().any(|place| name.starts_with(place));
            assert!(!asks, "src/{name} asks which provider it is: {word}");
        }
    }
}
