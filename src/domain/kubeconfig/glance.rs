//! A kubeconfig as far as a question is about it: the entries that hold some words, and no others. Certificates are most of a
//! large one, and a prompt or a completion that waits for them is felt at each key. The lines of a block-style file tell where
//! its lists and their entries end; what they do not tell is left in, for the reader.

use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memchr2_iter};

use crate::domain::kubeconfig::document::Document;
use crate::domain::kubeconfig::edit::List;

/// Which entries of a list are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Keep<'k> {
    /// All.
    All,
    /// None.
    Nothing,
    /// Those in whose text all words of one of these stand.
    Holding(&'k [Vec<&'k str>]),
}

/// A file's text, and where its lists are.
#[derive(Debug)]
pub struct Glance {
    text: String,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    list: List,
    /// Behind the line of its key.
    body: usize,
    end: usize,
    /// What begins each entry: the end of the line above, and its dash.
    mark: String,
}

impl Glance {
    /// Looks where the lists are.
    pub fn new(text: String) -> Self {
        let mut sections: Vec<Section> = List::ALL.into_iter().filter_map(|list| Section::of(&text, list)).collect();
        sections.sort_by_key(|section| section.body);
        Self { text, sections }
    }

    /// Whether leaving entries out spares more than looking several times costs.
    pub fn is_worthwhile(&self) -> bool {
        const SMALL: usize = 64 << 10;
        let lists: usize = self.sections.iter().map(|section| section.end - section.body).sum();
        self.text.len() < SMALL || lists > self.text.len() / 2
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// A document of the entries that are wanted, with no cluster; `None` where only all of it can be read. What is wrong in
    /// other entries is not seen: it answers a prompt or a completion, and is never written.
    pub fn document(&self, contexts: Keep<'_>, users: Keep<'_>) -> Option<Document> {
        Document::plain(self.excerpt(contexts, users))
    }

    fn excerpt(&self, contexts: Keep<'_>, users: Keep<'_>) -> String {
        let (mut excerpt, mut from) = (String::new(), 0);
        for section in &self.sections {
            let keep = match section.list {
                List::Clusters => Keep::Nothing,
                List::Contexts => contexts,
                List::Users => users,
            };
            // The key stays: one that is there twice is refused as ever.
            let kept = match keep {
                Keep::All => continue,
                Keep::Nothing => Vec::new(),
                Keep::Holding(wanted) => section.holding(&self.text, wanted),
            };
            excerpt.push_str(&self.text[from..section.body]);
            kept.into_iter().for_each(|(start, end)| excerpt.push_str(&self.text[start..end]));
            from = section.end;
        }
        excerpt.push_str(&self.text[from..]);
        excerpt
    }
}

impl Section {
    /// To the next key: the next line that begins with neither a blank, a dash nor a comment.
    fn of(text: &str, list: List) -> Option<Self> {
        let (key, bytes) = (format!("{}:", list.key()), text.as_bytes());
        let start = match text.starts_with(&key) {
            true => 0,
            false => memmem::find(bytes, format!("\n{key}").as_bytes())? + 1,
        };
        // Its entries begin in the next line; a file of Windows has two characters at the end of each.
        let body = start + memchr(b'\n', &bytes[start..])? + 1;
        if !text[start + key.len()..body].trim_end_matches(['\r', '\n']).is_empty() {
            return None;
        }
        let goes_on = |at: &usize| matches!(bytes.get(at + 1), Some(b' ' | b'-' | b'#' | b'\n' | b'\r') | None);
        let last = memchr_iter(b'\n', &bytes[body - 1..]).map(|at| body - 1 + at).find(|at| !goes_on(at));
        let end = last.map_or(text.len(), |at| at + 1);
        let section = &text[body..end];
        let first = section.lines().find(|line| !matches!(line.trim_start().bytes().next(), None | Some(b'#')))?;
        let indent = first.len() - first.trim_start_matches(' ').len();
        (first[indent..].starts_with("- ") && is_told_by_lines(section)).then(|| Self {
            list,
            body,
            end,
            mark: format!("\n{}- ", &first[..indent]),
        })
    }

    /// The entries that hold all words of one of the wanted ones, in their order.
    fn holding(&self, text: &str, wanted: &[Vec<&str>]) -> Vec<(usize, usize)> {
        let region = &text.as_bytes()[self.body - 1..self.end];
        let mark = self.mark.as_bytes();
        let mut found = Vec::new();
        for words in wanted {
            let Some((first, others)) = words.split_first() else { continue };
            let (finder, mut from) = (Finder::new(first), 0);
            while let Some(at) = finder.find(&region[from..]).map(|at| from + at) {
                let start = memmem::rfind(&region[..at], mark).map_or(0, |start| start + 1);
                let end = memmem::find(&region[at..], mark).map_or(region.len(), |end| at + end + 1);
                let entry = &region[start..end];
                if others.iter().all(|word| memmem::find(entry, word.as_bytes()).is_some()) {
                    found.push((self.body - 1 + start.max(1), self.body - 1 + end));
                }
                from = end;
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Whether no text in quotes or brackets goes on in another line, which might begin in any way.
fn is_told_by_lines(section: &str) -> bool {
    let bytes = section.as_bytes();
    let mut seen = 0;
    for at in memchr2_iter(b'"', b'\'', bytes) {
        if at < seen {
            continue;
        }
        let line = &section[at..at + bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at)];
        seen = at + line.len();
        // A value that fills the rest of its line.
        let quoted = line.trim_end();
        let quote = char::from(bytes[at]);
        let inner = quoted
            .len()
            .checked_sub(1)
            .filter(|last| *last > 0 && quoted.ends_with(quote))
            .map(|last| &quoted[1..last]);
        let is_value = at > 0 && bytes[at - 1] == b' ' && inner.is_some_and(|inner| !inner.contains([quote, '\\']));
        if !is_value {
            return false;
        }
    }
    !memchr2_iter(b'{', b'[', bytes).any(|at| !matches!(bytes.get(at + 1), Some(b'}' | b']')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn thousands() -> String {
        let mut text = "apiVersion: v1\n".to_owned();
        let certificate = "A".repeat(1400);
        for list in List::ALL {
            writeln!(text, "{}:", list.key()).expect("text");
            for number in 0..5000 {
                let body = match list {
                    List::Clusters => format!("    certificate-authority-data: {certificate}\n    server: https://x\n"),
                    List::Users => {
                        "    exec:\n      command: aws\n      args:\n      - eks\n      - '--region'\n".to_owned()
                    }
                    List::Contexts => {
                        format!("    cluster: c{}\n    user: n{number}\n    namespace: a\n", number % 1000)
                    }
                };
                write!(text, "- name: n{number}\n  {}:\n{body}", list.body_key()).expect("text");
            }
        }
        text + "current-context: n1007\nkind: Config\n"
    }

    #[test]
    fn a_question_reads_what_it_is_about_and_nothing_of_the_thousands_beside_it() {
        assert!(!Glance::new("x: \"\"\n".repeat(20_000)).is_worthwhile());
        assert!(Glance::new(thousands().replace('\n', "\r\n")).is_worthwhile());
        let glance = Glance::new(thousands());
        assert!(glance.is_worthwhile());
        let read = |contexts, users| glance.excerpt(contexts, users).len();
        let all = glance.text.len();
        assert!(read(Keep::All, Keep::Nothing) * 20 < all, "all names: {}", read(Keep::All, Keep::Nothing));
        assert!(read(Keep::Nothing, Keep::Nothing) < 100);
        let own = [vec!["n1007"]];
        assert!(read(Keep::Holding(&own), Keep::Holding(&own)) < 400);
        let document = glance.document(Keep::Holding(&own), Keep::Holding(&own)).expect("plain");
        assert_eq!(document.names(List::Contexts), ["n1007"]);
        assert_eq!(document.current_context().as_deref(), Some("n1007"));
        let same = [vec!["c7", "namespace"]];
        let document = glance.document(Keep::Holding(&same), Keep::Nothing).expect("plain");
        // Words are of whole entries, and a word may be part of a longer one.
        assert!(document.names(List::Contexts).len() < 700, "{}", document.names(List::Contexts).len());
        assert!(["n7", "n1007", "n4007"].iter().all(|name| document.has(List::Contexts, name)));
    }

    #[test]
    fn what_it_reads_means_what_the_whole_file_means() {
        let plain = "users:\n- name: u\n  user:\n    exec:\n      args:\n      - '--x'\n      - \"y\"\n\n# between\n- name: v\n  user: {}\nclusters: # mine\n- name: c\n  cluster:\n    server: s\ncontexts:\n  - context:\n      user: u\n      cluster: c\n    name: a\n  - name: b b\n    context:\n      user: v\ncurrent-context: b b\n";
        let block = "contexts:\n- name: a\n  context:\n    user: u\n    extensions:\n    - name: note\n      extension:\n        text: |-\n          - name: b\n          users:\n- name: b\n  context:\n    user: u\n";
        let many = [
            plain,
            block,
            "contexts:\n- name: a\n  context: {user: u}\n- name: b\n  context: {user: v}\n",
            "contexts: []\nusers:\n- name: a\n  user: {}\n",
        ];
        for text in many.into_iter().flat_map(|text| [text.to_owned(), text.replace('\n', "\r\n")]) {
            let whole = Document::parse(text.clone()).expect("a kubeconfig");
            let glance = Glance::new(text.clone());
            for name in whole.names(List::Contexts).into_iter().chain(["absent"]) {
                let words = [name.split_whitespace().collect::<Vec<_>>()];
                let Some(part) = glance.document(Keep::Holding(&words), Keep::Nothing) else { continue };
                assert_eq!(part.meaning(List::Contexts, name), whole.meaning(List::Contexts, name), "{name}: {text}");
                assert_eq!(part.current_context(), whole.current_context());
            }
            if let Some(part) = glance.document(Keep::All, Keep::Nothing) {
                assert_eq!(part.names(List::Contexts), whole.names(List::Contexts), "{text}");
            }
        }
        assert!(Glance::new(plain.to_owned()).document(Keep::All, Keep::Nothing).is_some());
        assert!(
            Glance::new(block.to_owned()).excerpt(Keep::Holding(&[vec!["name: a"]]), Keep::All).len() < block.len()
        );
    }

    #[test]
    fn what_lines_do_not_tell_is_left_in() {
        let excerpt =
            |body: &str| Glance::new(format!("users:\n{body}kind: Config\n")).excerpt(Keep::All, Keep::Nothing);
        assert_eq!(excerpt("- name: a\n\n# more\n- name: 'b: b'\n"), "users:\nkind: Config\n");
        let odd = [
            "- name: \"a\nb: c\"\n",
            "- name: 'a\nb: c'\n",
            "- {name: a,\nb: c}\n",
            "- name: [a,\nb]\n",
            "- name: 'it''s'\n",
            "- name: \"\\\"\nb: c\"\n",
            "name: a\n",
        ];
        for body in odd {
            assert_eq!(excerpt(body), format!("users:\n{body}kind: Config\n"));
        }
        for text in ["users: []\nkind: Config\n", "{\"users\":\n[]}", "", "users:\n"] {
            assert_eq!(Glance::new(text.to_owned()).excerpt(Keep::Nothing, Keep::Nothing), text);
        }
        let twice = "users:\n- name: a\nusers:\n- name: b\n";
        assert!(Glance::new(twice.to_owned()).document(Keep::Nothing, Keep::Nothing).is_none());
    }
}
