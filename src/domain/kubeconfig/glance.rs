//! A kubeconfig without the lists that a question is not about. Certificates are most of a large one, and a prompt or a
//! completion that waits for them is felt at each key; the lines alone tell where a list of a block-style file ends.

use memchr::{memchr, memchr_iter, memchr3, memmem};

use crate::domain::kubeconfig::edit::List;

/// The text without these lists; `None` where there is nothing to leave out, or a list may end elsewhere than its lines say.
pub(super) fn without(text: &str, lists: &[List]) -> Option<String> {
    let mut gone: Vec<(usize, usize)> = lists.iter().filter_map(|list| section(text, *list)).collect();
    gone.sort_unstable();
    let (mut excerpt, mut from) = (String::new(), 0);
    for (start, end) in &gone {
        excerpt.push_str(&text[from..*start]);
        from = *end;
    }
    excerpt.push_str(&text[from..]);
    (!gone.is_empty()).then_some(excerpt)
}

/// From the key of a list to the next key: the next line that begins with neither a blank, a dash nor a comment.
fn section(text: &str, list: List) -> Option<(usize, usize)> {
    let key = format!("{}:\n", list.key());
    let start = match text.starts_with(&key) {
        true => 0,
        false => memmem::find(text.as_bytes(), format!("\n{key}").as_bytes())? + 1,
    };
    let body = start + key.len();
    let goes_on = |at: &usize| matches!(text.as_bytes().get(at + 1), Some(b' ' | b'-' | b'#' | b'\n' | b'\r') | None);
    let last = memchr_iter(b'\n', &text.as_bytes()[body - 1..]).map(|at| body - 1 + at).find(|at| !goes_on(at));
    let end = last.map_or(text.len(), |at| at + 1);
    let section = &text.as_bytes()[body..end];
    // Text in quotes or brackets may go on in lines of any kind.
    (memchr3(b'"', b'\'', b'{', section).is_none() && memchr(b'[', section).is_none()).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn a_question_about_contexts_does_not_read_the_certificates_and_the_users_of_thousands() {
        let mut text = "apiVersion: v1\nclusters:\n".to_owned();
        let certificate = "A".repeat(1400);
        for list in List::ALL {
            if list != List::Clusters {
                writeln!(text, "{}:", list.key()).expect("text");
            }
            for number in 0..5000 {
                let body = match list {
                    List::Clusters => format!("    certificate-authority-data: {certificate}\n    server: https://x\n"),
                    List::Users => {
                        "    exec:\n      command: aws\n      args:\n      - eks\n      - get-token\n".to_owned()
                    }
                    List::Contexts => format!("    cluster: c{number}\n    user: u{number}\n"),
                };
                write!(text, "- {}:\n{body}  name: n{number}\n", list.body_key()).expect("text");
            }
        }
        text += "current-context: n7\nkind: Config\n";
        let contexts = without(&text, &[List::Clusters, List::Users]).expect("an excerpt");
        assert!(contexts.len() * 20 < text.len(), "{} of {}", contexts.len(), text.len());
        assert!(contexts.starts_with("apiVersion: v1\ncontexts:\n- context:\n") && contexts.contains("name: n4999\n"));
        assert!(contexts.ends_with("  name: n4999\ncurrent-context: n7\nkind: Config\n"));
        let certificates = without(&text, &[List::Clusters]).expect("an excerpt");
        assert!(certificates.len() * 5 < text.len() && !certificates.contains("AAAA"));
    }

    #[test]
    fn what_lines_do_not_tell_is_left_in() {
        let list = |body: &str| without(&format!("clusters:\n{body}kind: Config\n"), &[List::Clusters]);
        assert_eq!(list("- name: a\n\n# more\n- name: b\n").as_deref(), Some("kind: Config\n"));
        for body in ["- name: \"a\nb: c\"\n", "- name: 'a\nb: c'\n", "- {name: a,\nb: c}\n", "- name: [a,\nb]\n"] {
            assert_eq!(list(body), None, "{body}");
        }
        assert_eq!(without("clusters: []\nkind: Config\n", &[List::Clusters]), None);
        assert_eq!(without("{\"clusters\":\n[]}", &[List::Clusters]), None);
        assert_eq!(without("a: 1\nclusters:\n- name: a", &[List::Clusters]).as_deref(), Some("a: 1\n"));
    }
}
