//! Pictures of the terminal for the README, made from real runs against the simulator. `EKSSO_BLESS=1 cargo test pictures`
//! renews them. What differs from run to run (ports, codes, times) stands in them as an example.

use std::fmt::Write;
use std::path::Path;

use eksso_simulator::access::{IamRole, RawEntry, trusting};
use eksso_simulator::practice::PRODUCTION;
use eksso_simulator::{Policy, World};
use serde_json::json;

use crate::support::Desk;

/// Of a character, in pixels.
const WIDTH: f32 = 8.4;
/// The same of a line.
const HEIGHT: f32 = 19.0;
/// Characters of a line; as many as the terminal of a desk has, and a prompt.
const COLUMNS: usize = 114;

/// The text of a terminal as an SVG image. Of the sequences that eksso writes, colours and weight are known; a test of the
/// terminal shows that there are no others.
fn svg(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let (width, height) = (COLUMNS as f32 * WIDTH + 32.0, lines.len() as f32 * HEIGHT + 32.0);
    let mut image = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16191d\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#d7dae0\">\n"
    );
    for (place, line) in lines.iter().enumerate() {
        let (y, mut column, mut style) = (place as f32 * HEIGHT + 30.0, 0, "");
        for part in line.split('\u{1b}') {
            let sequence = part
                .strip_prefix('[')
                .and_then(|rest| rest.split_once('m'))
                .filter(|_| column > 0 || line.starts_with('\u{1b}'));
            let text = match sequence {
                Some((codes, text)) => {
                    style = match codes.rsplit(';').next().unwrap_or_default() {
                        "1" => " font-weight=\"bold\"",
                        "2" => " fill=\"#8b929c\"",
                        "31" => " fill=\"#ff7b72\"",
                        "32" => " fill=\"#7ee787\"",
                        "33" => " fill=\"#e3b341\"",
                        "36" => " fill=\"#79c0ff\"",
                        _ => "",
                    };
                    text
                }
                None => part,
            };
            let length = text.chars().count();
            if !text.trim().is_empty() {
                let (x, span) = (column as f32 * WIDTH + 16.0, length as f32 * WIDTH);
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                // Its own font may be wider or narrower: the columns stay.
                _ = writeln!(
                    image,
                    "<text x=\"{x:.1}\" y=\"{y:.0}\" textLength=\"{span:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{style}>{text}</text>"
                );
            }
            column += length;
        }
        assert!(column <= COLUMNS, "{column} columns: {line}");
    }
    image + "</g>\n</svg>\n"
}

/// What a person sees of command lines: each behind a prompt, with its words and its data.
fn session(desk: &Desk, lines: &[&str]) -> String {
    let mut shown = String::new();
    for line in lines {
        let (url, args): (String, Vec<&str>) =
            (format!("{}/start", desk.simulator.url()), line.split(' ').skip(1).collect());
        let args: Vec<&str> = args
            .into_iter()
            .map(|arg| if arg == "https://example.awsapps.com/start" { url.as_str() } else { arg.trim_matches('\'') })
            .collect();
        let outcome = desk.run(&args);
        let line = example(line, desk);
        for row in format!("\u{1b}[1m$ {line}\u{1b}[0m\n{}{}", outcome.err, outcome.out).lines() {
            // How far it is comes and goes.
            if row.starts_with("eksso: ") && row.contains(" accounts") {
                continue;
            }
            let row = example(&row.replace(desk.simulator.url(), "https://example.awsapps.com"), desk);
            let mut rest = row.as_str();
            // As a terminal of this width goes on in the next row.
            while rest.chars().count() > COLUMNS {
                let at = rest.char_indices().nth(COLUMNS).map_or(rest.len(), |(at, _)| at);
                shown += &format!("{}\n", &rest[..at]);
                rest = &rest[at..];
            }
            shown += &format!("{rest}\n");
        }
    }
    shown
}

/// A row with an example in place of what no two runs have alike.
fn example(row: &str, desk: &Desk) -> String {
    let mut words: Vec<String> = row.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        let bare = shape.trim_end_matches([',', ';', '.', ')']);
        let is_code = word.len() == 10 && word.ends_with(':') && word.as_bytes()[4] == b'-';
        if is_code {
            *word = "QBFH-LNXZ:".to_owned();
        }
        if bare == "9999-99-99T99:99:99Z" {
            word.replace_range(..bare.len(), "2026-11-26T10:30:00Z");
        }
    }
    let mut row = words.join(" ").replace(&desk.home.path().display().to_string(), "~");
    // How long something lasts counts down while the test runs.
    for (found, shown) in [("59 min", "60 min"), ("29 min", "30 min")] {
        row = row.replace(found, shown);
    }
    if let Some((before, code)) = row.split_once("user_code=") {
        row = format!("{before}user_code=QBFH-LNXZ{}", code.get(9..).unwrap_or_default());
    }
    row
}

/// Compares a picture with the one that is kept.
pub fn compare(name: &str, text: &str, desk: &Desk) {
    let picture = svg(text);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/pictures").join(name);
    let own = desk.home.path().display().to_string();
    let port = desk.simulator.url().rsplit(':').next().unwrap_or_default().to_owned();
    for word in ["127.0.0.1", "/tmp", "/home", "/root", &own, &port] {
        assert!(!picture.contains(word), "`{word}` is in {name}: {text}");
    }
    if std::env::var_os("EKSSO_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &picture).expect("a file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == picture, "{name} is out of date: EKSSO_BLESS=1 cargo test pictures\n{text}");
}

/// A desk whose terminal shows colours.
fn seen(world: World) -> Desk {
    let mut desk = Desk::with(world);
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "long enough");
    desk.person().reads = true;
    desk
}

#[test]
fn the_first_minutes() {
    let desk = seen(World::small());
    let text = session(
        &desk,
        &[
            "eksso login corp --start-url https://example.awsapps.com/start --sso-region eu-west-1",
            "eksso add --account Production --role 'EKS*' --region eu-west-1 --cluster '*'",
            "eksso use Production/web:EKSViewer",
            "eksso whoami",
        ],
    );
    compare("first.svg", &text, &desk);
}

#[test]
fn a_role_with_an_end() {
    let desk = seen(World::small());
    desk.write(".config/eksso/config.toml", &desk.config());
    desk.run(&["login"]).ok();
    desk.run(&["add", "--account=Production", "--role=EKS*", "--region=eu-west-1", "--cluster=*"]).ok();
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    let mut text = session(&desk, &["eksso use --role EKSAdmin --for 30m"]);
    desk.simulator.advance(1801);
    // As kubectl calls it for that context.
    let kubeconfig = desk.kubeconfig();
    let users = kubeconfig["users"].as_sequence().expect("users");
    let until = users.iter().flat_map(|user| user["user"]["exec"]["args"].as_sequence().expect("args").last());
    let until = until.filter_map(|arg| arg.as_str()).find(|arg| arg.ends_with('Z')).expect("the end").to_owned();
    let token = "eksso token --account 111122223333 --role EKSAdmin --region eu-west-1 --cluster web --until";
    text += &session(&desk, &[&format!("{token} {until}"), "eksso use -"]);
    compare("end.svg", &text, &desk);
}

#[test]
fn an_audit_that_finds_something() {
    let mut world = World::practice();
    let anybody = trusting(&json!({ "AWS": format!("arn:aws:iam::{PRODUCTION}:root") }), "sts:AssumeRole", None);
    let operations = IamRole::new(PRODUCTION, "/", "operations", &anybody);
    let admin = Policy { name: "AmazonEKSClusterAdminPolicy".into(), namespaces: vec![] };
    let entry = RawEntry { policies: vec![admin], ..RawEntry::new(&operations.arn("aws")) };
    world.access.roles.push(operations);
    world
        .clusters
        .iter_mut()
        .filter(|cluster| cluster.account == PRODUCTION)
        .for_each(|cluster| cluster.eks.entries.push(entry.clone()));
    let desk = seen(world);
    desk.write(".config/eksso/config.toml", &desk.config());
    desk.run(&["login"]).ok();
    let text = session(&desk, &["eksso audit payments --rule trust-account"]);
    compare("audit.svg", &text, &desk);
}
