//! What a report for strangers must not say: names are replaced by placeholders, the same one for the same name.
//!
//! What is known to be a name goes wherever it stands. What others wrote, such as the cause of an error, is judged by its
//! form: numbers of accounts, mail addresses, ARNs, keys, addresses of machines, paths, anything long without a meaning.

use crate::domain::endpoints::Service;
use crate::domain::secret::scrub;

/// Anything longer in one word without a meaning could be a key or a token.
const LONG: usize = 28;

/// Replaces names in texts.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Kind, text, placeholder; the longest text first.
    known: Vec<(String, String)>,
    /// What was found by its form, with its placeholder.
    met: Vec<(String, String)>,
}

impl Redactor {
    /// Knows names: `(kind, text)`. Texts of fewer than two characters stay, as they stand in too many words.
    pub fn new(names: &[(&'static str, String)]) -> Self {
        let mut redactor = Self::default();
        for (kind, text) in names {
            if text.chars().count() < 2 || redactor.known.iter().any(|(known, _)| known == text) {
                continue;
            }
            let placeholder = redactor.number(kind);
            redactor.known.push((text.clone(), placeholder));
        }
        redactor.known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        redactor
    }

    fn number(&self, kind: &str) -> String {
        let begin = format!("{kind}-");
        let taken = |list: &[(String, String)]| list.iter().filter(|(_, mark)| mark.starts_with(&begin)).count();
        format!("{begin}{}", taken(&self.known) + taken(&self.met) + 1)
    }

    /// A text without names.
    pub fn text(&mut self, text: &str) -> String {
        let text = scrub(text).into_owned();
        text.split_inclusive('\n').map(|line| self.line(line)).collect()
    }

    fn line(&mut self, line: &str) -> String {
        // Placeholders stand for names until all else was judged, so that none of it is taken for a part of a word.
        let mut text = line.to_owned();
        for (place, (name, _)) in self.known.iter().enumerate() {
            text = whole(&text, name, &mark(place));
        }
        let mut out = String::new();
        for word in text.split_inclusive(|c: char| c.is_whitespace() || "`'\"(),;|<>".contains(c)) {
            let end = word.char_indices().last().filter(|(_, c)| c.is_whitespace() || "`'\"(),;|<>".contains(*c));
            let (body, rest) = word.split_at(end.map_or(word.len(), |(at, _)| at));
            out.push_str(&self.word(body));
            out.push_str(rest);
        }
        for (place, (_, placeholder)) in self.known.iter().enumerate() {
            out = out.replace(&mark(place), placeholder);
        }
        out
    }

    fn word(&mut self, word: &str) -> String {
        if word.starts_with("arn:") {
            return self.meet("arn", word);
        }
        if let Some(rest) = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")) {
            let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let scheme = &word[..word.len() - rest.len()];
            let host = self.host(host.trim_end_matches([':', '.']));
            return format!("{scheme}{host}{}", if path.len() > 1 { "/…" } else { path });
        }
        // Base64 has slashes of its own.
        let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        if word.len() >= LONG && !word.starts_with('/') && word.chars().all(base64) {
            return "[redacted]".to_owned();
        }
        let is_path = word.contains('/') && (word.starts_with(['/', '~', '.']) || word.contains("/home/"))
            || word.contains(":\\");
        if is_path {
            return if is_usual_path(word) { word.to_owned() } else { self.meet("path", word) };
        }
        // `key=value`, `a:b`, `a/b` are judged in their parts.
        let parts = word.split_inclusive(['=', '/']).map(|part| {
            let rest = part.len() - part.trim_end_matches(['=', '/', ':', '.', '!', '?']).len();
            let (body, rest) = part.split_at(part.len() - rest);
            format!("{}{rest}", self.part(body))
        });
        parts.collect()
    }

    fn part(&mut self, part: &str) -> String {
        let digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if part.contains('@') {
            return self.meet("user", part);
        }
        if part.split(['.', '-', '_', ':']).any(digits) {
            return self.meet("account", part);
        }
        let is_variable = part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let is_long = part.split(['-', '.', '_']).any(|piece| piece.len() >= LONG);
        if is_long && !is_variable || part.len() > 60 {
            return "[redacted]".to_owned();
        }
        if part.starts_with("ASIA") || part.starts_with("AKIA") || part.starts_with("AROA") {
            return "[redacted]".to_owned();
        }
        self.host(part)
    }

    /// A host, or an address with a port; what is neither stays.
    fn host(&mut self, text: &str) -> String {
        let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
        let labels: Vec<&str> = host.split('.').collect();
        let is_address = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
        let letters = |label: &&str| label.len() > 1 && label.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_file = ["toml", "json", "yaml", "yml", "pem", "lock", "exe"].contains(labels.last().unwrap_or(&""));
        let is_host = labels.len() > 1
            && labels.last().is_some_and(letters)
            && labels.iter().all(|label| !label.is_empty())
            && !is_file;
        let is_v6 = text.matches(':').count() > 1 && text.chars().all(|c| c.is_ascii_hexdigit() || ":[]".contains(c));
        let is_aws = Service::ALL.iter().any(|service| service.has_host(host));
        if is_aws || !(is_address || is_host || is_v6) {
            return text.to_owned();
        }
        let port = if port.is_empty() || is_v6 { String::new() } else { format!(":{port}") };
        format!("{}{port}", self.meet("host", if is_v6 { text } else { host }))
    }

    fn meet(&mut self, kind: &str, text: &str) -> String {
        if let Some((_, placeholder)) = self.met.iter().find(|(met, _)| met == text) {
            return placeholder.clone();
        }
        let placeholder = self.number(kind);
        self.met.push((text.to_owned(), placeholder.clone()));
        placeholder
    }
}

/// Stands for a known name while the rest is judged.
fn mark(place: usize) -> String {
    format!("\u{2}{place}\u{3}")
}

/// Replaces a name where it stands as a whole: a role called `web` is not in `website`.
fn whole(text: &str, name: &str, with: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric();
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        out.push_str(before);
        let joined = out.chars().next_back().is_some_and(is_part) && name.starts_with(is_part)
            || after.chars().next().is_some_and(is_part) && name.ends_with(is_part);
        // A long name is one, whatever stands around it.
        out.push_str(if joined && name.len() < 8 { name } else { with });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Paths that are the same everywhere.
fn is_usual_path(path: &str) -> bool {
    const SYSTEM: [&str; 4] = ["/usr/bin/", "/usr/local/bin/", "/bin/", "/opt/homebrew/bin/"];
    const OWN: [&str; 5] =
        ["~/.kube/config", "~/.kube/config.lock", "~/.kube/kuberc", "~/.aws/config", "~/.config/eksso/config.toml"];
    let path = path.trim_end_matches([':', '.']);
    let program = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| ["eksso", "kubectl"].contains(&rest));
    SYSTEM.iter().any(|folder| program(folder)) || OWN.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_one_placeholder_and_foreign_words_are_judged_by_their_form() {
        let names =
            [("context", "acme/prod:Admin"), ("cluster", "prod"), ("role", "Admin"), ("account", "111122223333")];
        let names = names.map(|(kind, name)| (kind, name.to_owned()));
        let mut redactor = Redactor::new(&names);
        for (text, wanted) in [
            ("`acme/prod:Admin` is prod as Admin in 111122223333", "`context-1` is cluster-1 as role-1 in account-1"),
            ("products stay", "products stay"),
            ("account 444455556666 of jane@acme.example", "account account-2 of user-1"),
            ("https://ABC.gr7.eu-west-1.eks.amazonaws.com/x: no", "https://host-1/…: no"),
            ("https://sts.eu-west-1.amazonaws.com", "https://sts.eu-west-1.amazonaws.com"),
            ("proxy.acme.example:3128 and 10.1.2.3:443", "host-2:3128 and host-3:443"),
            ("/home/jane/acme/kubeconfig, ~/.kube/config", "path-1, ~/.kube/config"),
            ("arn:aws:iam::999900001111:role/x", "arn-1"),
            ("kubectl v1.35.4, eksso 0.3.0, config.toml", "kubectl v1.35.4, eksso 0.3.0, config.toml"),
            ("ASIAABCDEFGHIJKLMNOP", "[redacted]"),
            ("FwoGZXIvYXdzEJr//////////wEaDabcdefghijklmnopqrstuvw", "[redacted]"),
        ] {
            let out = redactor.text(text);
            if text.starts_with("https://ABC") {
                assert!(!out.contains("ABC"), "{out}");
            } else if text.starts_with("Fwo") {
                assert!(!out.contains("abcdef"), "{out}");
            } else {
                assert_eq!(out, wanted, "{text}");
            }
        }
    }
}
