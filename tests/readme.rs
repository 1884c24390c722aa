//! The README: its command lines are read by the program's own parser, those of its examples run against the simulator, its
//! settings are settings, and the files that it names are there.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;
use clap::error::ErrorKind;
use eksso::cli::Cli;
use eksso::domain::audit::access_file::AccessFile;
use eksso::domain::settings::config::Config;

const README: &str = include_str!("../README.md");

/// Lines of examples that this test does not run, by how they begin, and why.
const NOT_RUN: [(&str, &str); 6] = [
    ("kubectl ", "the real kubectl: tests/real/kubectl.rs runs it with what eksso wrote"),
    ("cargo run --example demo", "cargo runs the demo as a test of its own (Cargo.toml)"),
    ("tests/run", "runs this test"),
    ("minisign ", "of a release: tests/real/packages.rs"),
    ("sha256sum ", "of a release: tests/real/packages.rs"),
    ("eksso audit --credentials environment", "needs a runner's credentials: tests/access/gather.rs has them"),
];

/// Other programs whose command lines the text has, and why none of them runs here.
const OTHERS: [(&str, &str); 11] = [
    ("ln", "a second name of the plugin: tests/real/kubectl.rs makes one"),
    ("aws", "the AWS CLI: tests/real/aws_cli.rs runs it with eksso's profiles; `ssm` needs an AWS account"),
    ("aws-vault", "what somebody had before"),
    ("cargo", "builds, installs or tests this program"),
    ("kill", "is for a process that somebody stopped"),
    ("kubectl", "krew needs a release; the rest: tests/real/kubectl.rs"),
    ("minisign", "of an organisation's own key: tests/settings/setup.rs signs as it does"),
    ("sh", "the installer of a release: tests/packages"),
    ("ssh", "needs a bastion"),
    ("sudo", "needs root: tests/packages installs and removes packages"),
    ("assume", "granted: what somebody had before"),
];

/// The blocks of a kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let start = format!("```{kind}\n");
    README.split(start.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// What stands in backquotes outside of blocks, on one line.
fn inline() -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), String::new());
    for (place, part) in README.split("```").enumerate() {
        if place % 2 == 0 {
            rest.push_str(part);
        }
    }
    for (place, part) in rest.split("``").enumerate() {
        // Between two of them there may be one.
        match place % 2 {
            1 => found.push(part.to_owned()),
            _ => found.extend(part.split('`').skip(1).step_by(2).map(str::to_owned)),
        }
    }
    found.into_iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").replace("\\|", "|")).collect()
}

/// A line of a shell in its commands: without comment, `eval "$(…)"` and pipes, parted at `;`.
fn commands(line: &str) -> Vec<String> {
    let line = line.split(" # ").next().unwrap_or_default().split("  #").next().unwrap_or_default();
    let line = line.trim_start_matches("credential_process = ");
    let inner = ["\"$(", "\"`", "$(", "("].iter().find_map(|open| line.strip_prefix("eval ")?.strip_prefix(open));
    let line = inner.map_or(line, |inner| inner.trim_end_matches(['"', '`', ')']));
    let line = line.split(" | ").next().unwrap_or_default();
    line.split(" ; ").map(|command| command.trim().to_owned()).filter(|command| !command.is_empty()).collect()
}

/// The words of a command, without quotes and where its output goes.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars().chain([' ']) {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) if !word.is_empty() => words.push(std::mem::take(&mut word)),
            (' ', None) => {}
            (c, _) => word.push(c),
        }
    }
    words.retain(|word| !word.starts_with('>'));
    words
}

/// A command as people read it: once without what may be left out, once with it, placeholders filled.
fn readings(command: &str) -> Vec<Vec<String>> {
    let mut without = String::new();
    let mut depth = 0;
    for c in command.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            c if depth == 0 => without.push(c),
            _ => {}
        }
    }
    let fill = |word: &String| {
        let first = word.split('|').next().unwrap_or_default().trim_end_matches('…');
        match first {
            "SHELL" => "bash".to_owned(),
            // An option's value, or more of the same.
            "" => "x".to_owned(),
            other => other.to_owned(),
        }
    };
    let read = |text: &str| {
        let mut words = words(text);
        // An option that is only named has some value.
        if words.last().is_some_and(|last| ["--role", "--who"].contains(&last.as_str())) {
            words.push("x".to_owned());
        }
        // `eksso token …`: whatever else.
        if words.last().is_some_and(|last| last == "…") && !words[words.len() - 2].starts_with('-') {
            words.pop();
        }
        words.iter().map(fill).collect::<Vec<_>>()
    };
    vec![read(&without), read(&command.replace(['[', ']'], ""))]
}

/// A command line of eksso; the text may leave out its name where it has options.
fn own(line: &str) -> Option<String> {
    let first = line.split(' ').next().unwrap_or_default();
    if first == "eksso" {
        return line.contains(' ').then(|| line.to_owned());
    }
    let mut command = Cli::command();
    command.build();
    let is_of = |command: &clap::Command| command.get_subcommands().any(|sub| sub.get_name() == first);
    let above = command.get_subcommands().find(|sub| is_of(sub)).map(|sub| format!("{} ", sub.get_name()));
    let is_ours = line.contains(" -") && (is_of(&command) || above.is_some());
    is_ours.then(|| format!("eksso {}{line}", above.filter(|_| !is_of(&command)).unwrap_or_default()))
}

#[test]
fn every_command_line_of_the_readme_is_one_that_the_program_reads() {
    let lines = blocks("console").into_iter().flat_map(str::lines).map(|line| line.trim_start_matches("$ ").to_owned());
    let all: Vec<String> = lines.chain(inline()).flat_map(|line| commands(&line)).collect();
    let own: Vec<String> = all.iter().filter_map(|line| own(line)).collect();
    assert!(own.len() > 80, "{own:?}");
    let mut wrong = Vec::new();
    for line in own {
        for words in readings(&line) {
            let args: Vec<OsString> = words.iter().map(OsString::from).collect();
            let Err(error) = Cli::read(&args) else { continue };
            // A command may be named without all that it needs, and with all of what it takes one of.
            let is_named = matches!(
                error.kind(),
                ErrorKind::MissingRequiredArgument
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    | ErrorKind::MissingSubcommand
                    | ErrorKind::ArgumentConflict
                    | ErrorKind::DisplayVersion
            );
            if !is_named {
                wrong.push(format!("`{line}`, read as {words:?}: {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One desk at which the examples run in their order. Servers are the simulator's; programs that a context runs do nothing.
#[cfg(unix)]
#[test]
fn the_examples_of_the_readme_run_in_their_order() {
    use crate::support::Desk;
    use eksso_simulator::World;
    use std::os::unix::fs::PermissionsExt;
    let mut desks = [Desk::with(World::small()), Desk::with(World::okta()), Desk::signed_in_to(World::practice())];
    for desk in &mut desks {
        let shell = desk.write("bin/sh", "#!/bin/sh\nexit 0\n");
        std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        desk.set("SHELL", &shell.display().to_string());
        desk.person().present = true;
        desk.person().picks = Some(String::new());
    }
    let [small, okta, practice] = &desks;
    let mut ran = 0;
    let lines = blocks("console").into_iter().flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
    for line in lines.flat_map(commands) {
        if NOT_RUN.iter().any(|(start, _)| format!("{line} ").starts_with(start)) {
            continue;
        }
        assert!(line.starts_with("eksso "), "`{line}` neither runs here, nor is it told why it does not");
        let is_about_access =
            ["eksso access", "eksso audit", "eksso scaffold"].iter().any(|start| line.starts_with(start));
        let desk = if is_about_access {
            practice
        } else if line.contains("--okta") {
            okta
        } else {
            small
        };
        let mut words = words(&line);
        for word in &mut words {
            let is_file = [".html", ".json", ".csv", ".sarif", ".toml"].iter().any(|end| word.ends_with(end));
            match word.as_str() {
                "https://example.awsapps.com/start" => *word = format!("{}/start", desk.simulator.url()),
                "https://example.okta.com" => *word = desk.simulator.url().to_owned(),
                "0oa1b2c3d4e5f6g7h8i9" => *word = "0oaclient".to_owned(),
                "kubectl" | "terraform" => *word = "true".to_owned(),
                file if is_file => *word = desk.path(file).display().to_string(),
                _ => {}
            }
        }
        // A report of another month is there.
        if let ["eksso", "access", "diff", old, new] = words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            std::fs::copy(new, old).expect("a snapshot");
        }
        let args: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let outcome = desk.run(&args);
        // A finding is what an audit is for.
        let good: &[u8] = if args[0] == "audit" { &[0, 4, 6] } else { &[0] };
        assert!(good.contains(&outcome.code), "`{line}`: {}: {}{}", outcome.code, outcome.out, outcome.err);
        // The picker took one; all of them are what the rest of the README speaks of.
        if args[0] == "add" {
            desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]).ok();
        }
        ran += 1;
    }
    assert!(ran >= 18, "{ran}");
}

#[test]
fn what_is_not_run_is_still_what_the_readme_says() {
    let all: Vec<String> = blocks("console")
        .into_iter()
        .flat_map(str::lines)
        .map(|line| line.trim_start_matches("$ ").to_owned())
        .chain(inline())
        .collect();
    for (start, why) in NOT_RUN {
        assert!(all.iter().any(|line| format!("{line} ").starts_with(start)), "`{start}` ({why}) is not in the README");
    }
    // Files of this repository.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for line in all.iter().flat_map(|line| line.split(' ').next()) {
        if ["tests/", "packaging/", "src/"].iter().any(|folder| line.starts_with(folder)) {
            assert!(root.join(line).exists(), "{line}");
        }
    }
    // Options make a text a command line.
    let is_command = |line: &&String| line.contains(" -") && line.starts_with(|c: char| c.is_ascii_lowercase());
    for line in all.iter().filter(is_command) {
        let program = line.split(' ').next().unwrap_or_default();
        let is_known = commands(line).iter().any(|line| own(line).is_some())
            || program == "eval"
            || OTHERS.iter().any(|(name, _)| *name == program);
        let is_listed = NOT_RUN.iter().any(|(start, _)| line.starts_with(start)) || root.join(program).exists();
        assert!(is_known || is_listed, "`{line}` is read by no test; say here why");
    }
    for (program, why) in OTHERS {
        assert!(
            all.iter().any(|line| line.split(' ').next() == Some(program)),
            "`{program}` ({why}) is not in the README"
        );
    }
}

#[test]
fn the_settings_of_the_readme_are_settings() {
    let mut seen = 0;
    for block in blocks("toml") {
        let is_reviewed = ["[tiers", "[[suppress", "[clusters.payments"].iter().any(|start| block.contains(start));
        match is_reviewed {
            true => _ = AccessFile::parse(block).unwrap_or_else(|error| panic!("{error}\n{block}")),
            false => _ = Config::parse(block).unwrap_or_else(|error| panic!("{error}\n{block}")),
        }
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}
