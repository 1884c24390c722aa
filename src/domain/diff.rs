//! Unified diffs, for people: what may be shown of each line is the caller's to say.

use similar::{ChangeTag, TextDiff};

/// A text and its lines as they may be shown, with the same number of lines.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'t> {
    /// The text that is compared.
    pub text: &'t str,
    /// Its lines as they are shown, with their line ends.
    pub lines: &'t [String],
}

/// The unified diff of a file; empty where nothing differs. `None`: there is no file.
pub fn unified(path: &str, old: Option<Shown<'_>>, new: Option<Shown<'_>>) -> String {
    if old.map(|old| old.text) == new.map(|new| new.text) {
        return String::new();
    }
    let (before, after) = (lines(old), lines(new));
    let name = |there: bool| if there { path } else { "/dev/null" };
    let mut out = format!("--- {}\n+++ {}\n", name(old.is_some()), name(new.is_some()));
    let diff = TextDiff::from_slices(&before, &after);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        out.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let (sign, shown, place) = match change.tag() {
                ChangeTag::Equal => (' ', new, change.new_index()),
                ChangeTag::Insert => ('+', new, change.new_index()),
                ChangeTag::Delete => ('-', old, change.old_index()),
            };
            let line = shown.zip(place).and_then(|(shown, place)| shown.lines.get(place));
            let line = line.map_or("", String::as_str);
            out.push(sign);
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// Lines end with `\n` alone, as they do where they are shown.
fn lines(shown: Option<Shown<'_>>) -> Vec<&str> {
    shown.map_or_else(Vec::new, |shown| shown.text.split_inclusive('\n').collect())
}
