//! Unified diffs of kubeconfigs, for people: secrets in them are not shown.

use similar::TextDiff;

/// Keys of kubeconfigs whose values are secrets, in block style and in JSON. What is public, such as certificates, is
/// shown, so that the diff of a file without secrets can be given to `patch`.
const SECRETS: [&str; 8] = [
    "token",
    "password",
    "client-key-data",
    "id-token",
    "refresh-token",
    "access-token",
    "client-secret",
    "idp-certificate-authority-data",
];

/// The unified diff of a file; empty where nothing differs.
pub fn unified(path: &str, old: Option<&str>, new: Option<&str>) -> String {
    if old == new {
        return String::new();
    }
    let (before, after) = (old.unwrap_or_default(), new.unwrap_or_default());
    let name = |there: bool| if there { path } else { "/dev/null" };
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().context_radius(3).header(name(old.is_some()), name(new.is_some())).to_string();
    text.split_inclusive('\n').map(redacted).collect()
}

fn redacted(line: &str) -> String {
    let mut line = line.to_owned();
    for key in SECRETS {
        for (opening, closing) in [(format!("{key}: "), '\n'), (format!("\"{key}\":"), '"')] {
            let mut from = 0;
            while let Some(found) = line[from..].find(&opening) {
                let (start, value) = (from + found, from + found + opening.len());
                let whole = start == 0 || !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '-');
                let rest = &line[value..];
                let open = if closing == '"' { rest.find('"').map_or(0, |quote| quote + 1) } else { 0 };
                let end = rest[open..].find([closing, '\n', '\r', ',', '}']).map_or(rest.len(), |end| open + end);
                from = value + open;
                if whole && end > open {
                    line.replace_range(value + open..value + end, "REDACTED");
                    from += "REDACTED".len();
                }
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_shown_and_secrets_beside_it_are_not() {
        let old = "users:\n- name: a\n  user:\n    token: s3cret\n    \"x\": 1\n- name: b\n";
        let new = old.replace("name: b", "name: c");
        let diff = unified("/k", Some(old), Some(&new));
        assert!(diff.starts_with("--- /k\n+++ /k\n@@ "), "{diff}");
        assert!(diff.contains("-- name: b\n+- name: c\n") && diff.contains("token: REDACTED\n"), "{diff}");
        assert!(!diff.contains("s3cret"));
        let json = unified("/k", None, Some("{\"a\": {\"token\": \"s3cret\", \"client-key-data\":\"s3cret\"}}"));
        assert!(json.starts_with("--- /dev/null\n") && !json.contains("s3cret"), "{json}");
        assert_eq!(unified("/k", Some(old), Some(old)), "");
    }
}
