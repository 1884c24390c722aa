//! Which parts of a kubeconfig are secret, by what they mean and not by how they are written, and diffs that show none.
//! What is public, such as certificates, is shown, so that the diff of a file without secrets can be given to `patch`.

use std::collections::BTreeSet;

use crate::domain::diff::{Shown, unified};
use crate::domain::kubeconfig::layout::Span;
use crate::domain::kubeconfig::outline::{Kind, Node, outline};

const REDACTED: &str = "REDACTED";
/// What keys and flags of secrets end with, without `-` and `_` and in lower case.
const SECRETS: [&str; 13] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secretkey",
    "accesskey",
    "apikey",
    "privatekey",
    "clientkeydata",
    "credentials",
    "authorization",
    "idpcertificateauthoritydata",
];
/// Variables of a plugin's environment that are no secrets: they name identities, places and files. Source: AWS SDKs and Tools
/// Reference Guide, "Settings reference".
const PUBLIC: [&str; 9] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_SDK_LOAD_CONFIG",
    "AWS_ROLE_ARN",
];
/// Words and options of the arguments of a plugin that are no secrets, and whose values are none: those of `aws eks get-token`
/// and of eksso. Nobody knows what the arguments of other programs are.
const PLAIN_WORDS: [&str; 6] = ["aws", "eks", "get-token", "token", "json", "--"];
const PLAIN_OPTIONS: [&str; 17] = [
    "--account",
    "--assume-role",
    "--ca-bundle",
    "--cluster",
    "--cluster-id",
    "--cluster-name",
    "--config",
    "--exec-api-version",
    "--keyring",
    "--no-cli-pager",
    "--output",
    "--profile",
    "--region",
    "--role",
    "--role-arn",
    "--session",
    "--until",
];
/// A shorter secret may stand in a line for something else.
const TELLING: usize = 6;

/// The unified diff of a kubeconfig without its secrets; empty where nothing differs.
pub fn diff(path: &str, old: Option<&str>, new: Option<&str>) -> String {
    let secrets: BTreeSet<String> = [old, new].into_iter().flatten().flat_map(secrets).collect();
    let lines = |text: Option<&str>| text.map(|text| redacted(text, &secrets));
    let (before, after) = (lines(old), lines(new));
    let old = old.zip(before.as_deref()).map(|(text, lines)| Shown { text, lines });
    let new = new.zip(after.as_deref()).map(|(text, lines)| Shown { text, lines });
    unified(path, old, new)
}

/// The secrets of a kubeconfig. Of one that cannot be read nothing is known.
pub fn secrets(text: &str) -> BTreeSet<String> {
    let mut found = Found::default();
    if let Ok(Some(root)) = outline(text) {
        found.node(&root, false);
    }
    found.values
}

/// The lines of a text as they may be shown. `known` are secrets that may stand in a comment too.
fn redacted(text: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut found = Found::default();
    // A file that cannot be read, and whatever follows the first document, is shown as nothing but lines.
    let readable = match outline(text) {
        Ok(Some(root)) => {
            found.node(&root, false);
            root.end
        }
        Ok(None) => text.len(),
        Err(_) => 0,
    };
    let mut spans = found.spans;
    spans.sort_by_key(|span| (span.start, span.end));
    let (mut start, mut first) = (0, 0);
    // The column of a key in a comment whose secret stands on the lines below it.
    let mut above: Option<usize> = None;
    let lines = text.split_inclusive('\n').map(|line| {
        let at = start;
        start += line.len();
        while spans.get(first).is_some_and(|span| span.end <= at) {
            first += 1;
        }
        let mut shown = hide(line, at, spans[first..].iter().take_while(|span| span.start < at + line.len()));
        if at >= readable && !is_mark(line) {
            shown = hide_all(line);
        }
        if line.contains('#') {
            for secret in known.iter().filter(|secret| secret.len() >= TELLING) {
                shown = shown.replace(secret.as_str(), REDACTED);
            }
        }
        let column = column_of_comment(line);
        if column.is_some_and(|column| above.is_some_and(|above| column > above)) {
            return hide_all(line);
        }
        above = column.filter(|_| is_secret_below(line));
        hide_in_comment(shown)
    });
    lines.collect()
}

/// Where the text of a line begins that is a comment and nothing else.
fn column_of_comment(line: &str) -> Option<usize> {
    let text = line.trim_start().strip_prefix('#')?.trim_start();
    (!text.is_empty()).then(|| line.len() - text.len())
}

/// Whether a comment ends with the key of a secret, whose value follows: `token:`, `token: |-`.
fn is_secret_below(line: &str) -> bool {
    let text = line.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "|>+- ".contains(c));
    let word = text.strip_suffix(':').map(|text| text.trim_end_matches(['"', '\'', ' ']));
    word.and_then(|word| word.rsplit([' ', '#', '"', '\'']).next())
        .is_some_and(|word| is_secret(word) || word == "value")
}

/// Blank lines, comments and marks between documents.
fn is_mark(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
}

/// A line with the parts of it that spans cover hidden.
fn hide<'s>(line: &str, at: usize, spans: impl Iterator<Item = &'s Span>) -> String {
    let (mut shown, mut done) = (String::with_capacity(line.len()), 0);
    let content = line.trim_end_matches(['\r', '\n']).len();
    for span in spans {
        let (from, to) = (span.start.max(at) - at, span.end.saturating_sub(at).min(content));
        // The indentation of a further line of a text stays.
        let from = from.max(line.len() - line.trim_start().len()).max(done);
        if from < to {
            shown.push_str(&line[done..from]);
            shown.push_str(REDACTED);
            done = to;
        }
    }
    shown.push_str(&line[done..]);
    shown
}

fn hide_all(line: &str) -> String {
    hide(line, 0, std::iter::once(&Span { start: 0, end: line.len() }))
}

/// What a person took out by a `#` may be as secret as it was before.
fn hide_in_comment(line: String) -> String {
    let mut marks = line.match_indices('#').map(|(at, _)| at);
    let Some(comment) = marks.find(|at| *at == 0 || line[..*at].ends_with([' ', '\t'])) else { return line };
    let text = &line[comment..];
    let colon = text.match_indices([':', '=']).find(|(at, _)| {
        let word = text[..*at].trim_end_matches(['"', '\'', ' ']);
        let word =
            word.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).next().unwrap_or_default();
        // The value of a variable, whose name stands on another line.
        is_secret(word) || word == "value"
    });
    match colon {
        Some((at, _)) if !text[at + 1..].trim().is_empty() => {
            let end = if line.ends_with('\n') { "\n" } else { "" };
            format!("{} {REDACTED}{end}", &line[..comment + at + 1])
        }
        _ => line,
    }
}

fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.ends_with(secret))
}

#[derive(Default)]
struct Found {
    spans: Vec<Span>,
    values: BTreeSet<String>,
    depth: usize,
}

impl Found {
    /// Looks at a node; all of it is secret where that is said.
    fn node(&mut self, node: &Node, secret: bool) {
        // Aliases of aliases: the same nodes again and again.
        if self.depth > 200 || self.spans.len() > 1 << 20 {
            return;
        }
        self.depth += 1;
        match &node.kind {
            Kind::Alias(Some(target)) if secret => self.node(target, true),
            Kind::Alias(_) => {}
            Kind::Scalar(text) => {
                if (secret || has_login(text)) && !text.is_empty() {
                    self.spans.push(Span { start: node.start, end: node.end });
                    self.values.extend(text.lines().map(|line| line.trim().to_owned()));
                    self.values.insert(text.clone());
                }
            }
            Kind::Sequence { items, .. } => self.items(items, secret),
            Kind::Mapping { entries, .. } => entries.iter().for_each(|(key, value)| self.entry(key, value, secret)),
        }
        self.depth -= 1;
    }

    fn entry(&mut self, key: &Node, value: &Node, secret: bool) {
        let Kind::Scalar(name) = &key.kind else { return self.node(value, secret) };
        match (name.as_str(), target(value)) {
            // Variables of the plugin's environment; what is called `name` in them is none.
            ("env", Some(Node { kind: Kind::Sequence { items, .. }, .. })) => {
                for item in items {
                    let Some(Node { kind: Kind::Mapping { entries, .. }, .. }) = target(item) else { continue };
                    let is_name = |key: &Node| matches!(&key.kind, Kind::Scalar(key) if key == "name");
                    let names = entries.iter().filter(|(key, _)| is_name(key)).map(|(_, value)| target(value));
                    // An item with two names is none of ours to trust.
                    let is_public = entries.len() == 2
                        && names
                            .flatten()
                            .any(|name| matches!(&name.kind, Kind::Scalar(name) if PUBLIC.contains(&name.as_str())));
                    for (key, value) in entries {
                        self.node(value, !is_name(key) && !is_public);
                    }
                }
            }
            ("args", Some(Node { kind: Kind::Sequence { items, .. }, .. })) => self.args(items, secret),
            ("auth-provider", Some(provider)) => {
                let Kind::Mapping { entries, .. } = &provider.kind else { return };
                for (key, value) in entries {
                    self.node(value, !matches!(&key.kind, Kind::Scalar(key) if key == "name"));
                }
            }
            _ => self.node(value, secret || is_secret(name)),
        }
    }

    /// The arguments of a plugin: what is not known to be no secret is one. The name of an option is none, where its value is
    /// the next word.
    fn args(&mut self, items: &[Node], secret: bool) {
        let mut follows = false;
        for item in items {
            let text = match target(item).map(|node| &node.kind) {
                Some(Kind::Scalar(text)) => text.as_str(),
                _ => "",
            };
            let (option, value) = text.split_once('=').map_or((text, None), |(option, value)| (option, Some(value)));
            let is_option = text.starts_with('-') && text != "--";
            let is_name = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            let plain = match (is_option, value) {
                (true, Some(_)) => PLAIN_OPTIONS.contains(&option),
                (true, None) => text.strip_prefix("--").map_or(text.len() <= 2, is_name),
                (false, _) => follows || PLAIN_WORDS.contains(&text),
            };
            self.node(item, secret || !plain);
            if let (false, Some(value)) = (plain, value) {
                self.values.insert(value.to_owned());
            }
            follows = is_option && value.is_none() && PLAIN_OPTIONS.contains(&option) && option != "--no-cli-pager";
        }
    }

    /// Other lists: `--oidc-client-secret=…`, or the secret in the item behind it.
    fn items(&mut self, items: &[Node], secret: bool) {
        let mut follows = false;
        for item in items {
            let text = match target(item).map(|node| &node.kind) {
                Some(Kind::Scalar(text)) => text.as_str(),
                _ => "",
            };
            let flag = text.starts_with('-');
            let named = text.split_once('=').filter(|(name, _)| is_secret(name));
            self.node(item, secret || named.is_some() || (follows && !flag));
            if let Some((_, value)) = named {
                self.values.insert(value.to_owned());
            }
            follows = flag && !text.contains('=') && is_secret(text);
        }
    }
}

fn target(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Alias(target) => target.as_deref(),
        _ => Some(node),
    }
}

/// Whether a URL holds a name and a password.
fn has_login(text: &str) -> bool {
    let host = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_name_an_identity_or_a_place_are_shown_and_any_other_is_not() {
        let user =
            |items: &str| format!("users:\n- name: u\n  user:\n    exec:\n      command: aws\n      env:\n{items}");
        let shown = |items: &str| diff("k", Some(&user(items)), None);
        assert!(shown("      - name: AWS_PROFILE\n        value: production\n").contains("value: production"));
        assert!(shown("      - {value: eu-west-1, name: \"AWS_REGION\"}\n").contains("eu-west-1"));
        for items in [
            "      - name: AWS_SECRET_ACCESS_KEY\n        value: s3cr3t-t0ken\n",
            "      - name: FOO\n        value: s3cr3t-t0ken\n",
            "      - name: AWS_PROFILE\n        name: X\n        value: s3cr3t-t0ken\n",
            "      - value: s3cr3t-t0ken\n",
        ] {
            let diff = shown(items);
            assert!(!diff.contains("s3cr3t") && diff.contains("REDACTED"), "{diff}");
        }
    }

    /// Each of these is a way to write the same secret, `s3cr3t-t0ken`.
    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        for user in [
            "token: s3cr3t-t0ken",
            "\"token\": s3cr3t-t0ken",
            "'token': 's3cr3t-t0ken'",
            "token: |\n      s3cr3t-t0ken\n      s3cr3t-t0ken",
            "token: >-\n      s3cr3t-t0ken\n      more-of-s3cr3t-it",
            "? token\n    : s3cr3t-t0ken",
            "token:\n      s3cr3t-t0ken",
            "{token: s3cr3t-t0ken, x: 1}",
            "{\"token\":\"s3cr3t-t0ken\"}",
            "password: \"s3cr3t-t0ken\"",
            "client-key-data: s3cr3t-t0ken",
            "token: &t s3cr3t-t0ken",
            "exec:\n      command: x\n      args: [--oidc-client-secret=s3cr3t-t0ken]",
            "exec:\n      command: x\n      args:\n      - --oidc-client-secret\n      - s3cr3t-t0ken",
            "exec:\n      command: x\n      args: ['--header', 'Authorization: Bearer s3cr3t-t0ken']",
            "exec:\n      command: x\n      args: ['--set=secret=s3cr3t-t0ken']",
            "exec:\n      command: x\n      args: [-p, s3cr3t-t0ken]",
            "exec:\n      command: x\n      args: [-ps3cr3t-t0ken]",
            "exec:\n      command: x\n      args: [login, s3cr3t-t0ken] # s3cr3t-t0ken",
            "exec:\n      command: sh\n      args: [-c, \"vault s3cr3t-t0ken | aws eks get-token\"]",
            "exec:\n      command: x\n      args:\n      - --profile\n      - dev\n      - s3cr3t-t0ken",
            "exec:\n      env:\n      - name: AWS_SECRET_ACCESS_KEY\n        value: s3cr3t-t0ken",
            "exec:\n      env: [{value: s3cr3t-t0ken, name: WHATEVER}]",
            "auth-provider:\n      name: oidc\n      config:\n        whatever: s3cr3t-t0ken",
            "auth-provider: {name: oidc, config: {id-token: s3cr3t-t0ken}}",
            "x: https://me:s3cr3t-t0ken@proxy.example",
            "token: s3cr3t-t0ken # was s3cr3t-t0ken",
            "x: y\n# token: s3cr3t-other",
            "x: y\n#    - name: AWS_SECRET_ACCESS_KEY\n#      value: s3cr3t-other",
            "x: https://h/a#b # token: s3cr3t-other",
            "x: y\n# token: |-\n#   s3cr3t-other\n#   s3cr3t-another",
            "x: y\n    #token:\n    #  s3cr3t-other",
            "token: new-one-t0ken-s3cr3t\n---\nusers: [{token: s3cr3t-t0ken}]",
            "token: [s3cr3t-t0ken",
        ] {
            let user = if user.starts_with('{') { format!("user: {user}") } else { format!("user:\n    {user}") };
            let old = format!("users:\n- name: a\n  {user}\n");
            let new = old.replace("name: a", "name: b");
            for (old, new) in [(Some(&old), Some(&new)), (None, Some(&new)), (Some(&old), None)] {
                let diff = diff("/k", old.map(String::as_str), new.map(String::as_str));
                assert!(!diff.contains("s3cr3t"), "{diff}");
                assert!((old.is_some() && new.is_some()) || diff.contains("REDACTED"), "{diff}");
            }
        }
    }

    #[test]
    fn what_is_no_secret_can_be_given_to_patch() {
        let old = "users:\n- name: a\n  user:\n    tokenFile: /x\n    exec:\n      args: [token, --cluster-id, x, --role=R, --region, eu-west-1, --until, '2030-01-01T00:00:00Z']\n    client-certificate-data: AAAA\n- name: b";
        let new = old.replace("name: b", "name: c\n");
        let diff = diff("/k", Some(old), Some(&new));
        assert!(diff.starts_with("--- /k\n+++ /k\n@@ -"), "{diff}");
        assert!(diff.ends_with("-- name: b\n\\ No newline at end of file\n+- name: c\n"), "{diff}");
        assert!(!diff.contains("REDACTED"), "{diff}");
    }
}
