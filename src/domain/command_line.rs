//! The line at a shell's cursor, for shells that hand over no words: taken apart as they do it, and a value written so that
//! they read it back.

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// bash, with backslashes.
    Bash,
    /// nushell, with backslashes in double quotes alone.
    Nushell,
}

/// A line up to the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The words behind the command's name, but the last one.
    pub words: Vec<String>,
    /// The word at the cursor; empty behind a blank.
    pub last: String,
    /// The quote that is open in it.
    quote: Option<char>,
    /// How much of it the shell keeps: bash puts a value in behind the last character that parts words to it.
    kept: usize,
}

impl CommandLine {
    /// Takes a line apart. `breaks` are characters that part words where they stand bare (COMP_WORDBREAKS).
    pub fn read(line: &str, syntax: Syntax, breaks: &str) -> Self {
        let (mut words, mut word, mut quote, mut kept) = (Vec::new(), None::<String>, None, 0);
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            let text = word.get_or_insert_default();
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None | Some('"'), '\\') if syntax == Syntax::Bash || quote.is_some() => match rest.next() {
                    Some(next) if quote.is_none() || "\"\\$`".contains(next) => text.push(next),
                    Some(next) => text.extend(['\\', next]),
                    None => {}
                },
                (None, '"' | '\'') => quote = Some(c),
                (None, '`') if syntax == Syntax::Nushell => quote = Some(c),
                (None, c) if c.is_whitespace() => {
                    let done = std::mem::take(text);
                    word = None;
                    kept = 0;
                    // Blanks in a row part nothing further; a quoted nothing is a word.
                    if !done.is_empty() || line_ends_quoted(line, &rest) {
                        words.push(done);
                    }
                }
                (bare, c) => {
                    text.push(c);
                    if bare.is_none() && breaks.contains(c) {
                        kept = text.len();
                    }
                }
            }
        }
        // Variables in front are the shell's, as in `A=b eksso`.
        let is_assignment = |word: &String| {
            let name = word.split_once('=').map(|(name, _)| name);
            name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        };
        let command = words.iter().position(|word| !is_assignment(word)).map_or(words.len(), |place| place + 1);
        words.drain(..command);
        Self { words, last: word.unwrap_or_default(), quote, kept }
    }

    /// One that a shell has taken apart itself.
    pub fn of(words: Vec<String>, last: String) -> Self {
        Self { words, last, ..Self::default() }
    }

    /// A value as it is put into a line of bash in place of the last word, from where bash puts it; `None` where it does not go
    /// on with that word.
    pub fn put(&self, value: &str) -> Option<String> {
        let rest = value.strip_prefix(&self.last).map(|_| &value[self.kept..])?;
        let escaped = |special: &dyn Fn(char) -> bool| {
            rest.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect::<String>()
        };
        Some(match self.quote {
            Some('\'') => rest.replace('\'', r"'\''"),
            Some(_) => escaped(&|c| "\"\\$`".contains(c)),
            None => escaped(&|c| !(c.is_alphanumeric() || "_./:=@%+,-".contains(c))),
        })
    }
}

/// Whether the blank that was just passed stands behind a quote: `''` is a word.
fn line_ends_quoted(line: &str, rest: &std::str::Chars<'_>) -> bool {
    let before = line[..line.len() - rest.as_str().len()].trim_end_matches(char::is_whitespace);
    let blanks = line.len() - rest.as_str().len() - before.len();
    before.ends_with(['\'', '"']) && blanks == 1
}

/// A value as a word of nushell: bare where that is read back as the same text, else in double quotes.
pub fn nushell_word(value: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,-=".contains(c);
    let is_text = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-') && value.chars().all(is_bare);
    if is_text { value.to_owned() } else { format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    #[test]
    fn a_line_is_taken_apart_as_bash_does_it() {
        for (line, words, last) in [
            ("eksso use Prod/web:EKSV", &["use"][..], "Prod/web:EKSV"),
            ("eksso use ", &["use"], ""),
            ("A=b C=d /usr/bin/eksso  -q use x", &["-q", "use"], "x"),
            (r"eksso use Pay\ ments/we", &["use"], "Pay ments/we"),
            ("eksso use 'Pay ments' \"a b", &["use", "Pay ments"], "a b"),
            (r#"eksso use "a\"b\x$" 'c"#, &["use", "a\"b\\x$"], "c"),
            ("eksso use '' x", &["use", ""], "x"),
            ("eksso use x\\", &["use"], "x"),
        ] {
            let read = CommandLine::read(line, Syntax::Bash, BREAKS);
            assert_eq!(
                (read.words.as_slice(), read.last.as_str()),
                (words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>().as_slice(), last),
                "{line}"
            );
        }
        let nushell = CommandLine::read("eksso use C:\\x `a b` \"c\\\"d", Syntax::Nushell, "");
        assert_eq!(
            (nushell.words.as_slice(), nushell.last.as_str()),
            (["use", "C:\\x", "a b"].map(str::to_owned).as_slice(), "c\"d")
        );
    }

    #[test]
    fn a_value_is_put_in_from_where_bash_puts_it_and_read_back_as_it_is() {
        for (line, value, put) in [
            ("eksso use Prod/web:EK", "Prod/web:EKSViewer", Some("EKSViewer")),
            ("eksso use Prod/we", "Prod/web:EKSViewer", Some("Prod/web:EKSViewer")),
            ("eksso use ", "Pay ments/a:B", Some(r"Pay\ ments/a:B")),
            (r"eksso use Pay\ ments/a:", "Pay ments/a:B", Some("B")),
            (r"eksso use Pay\ ments/a\:", "Pay ments/a:B", Some(r"Pay\ ments/a:B")),
            ("eksso use \"Pay m", "Pay ments/a:B$", Some(r"Pay ments/a:B\$")),
            ("eksso use 'It", "It's", Some(r"It'\''s")),
            ("eksso roles --account=\"Pay", "--account=Pay ments", Some("Pay ments")),
            ("eksso use b", "a", None),
        ] {
            let read = CommandLine::read(line, Syntax::Bash, BREAKS);
            assert_eq!(read.put(value).as_deref(), put, "{line}");
        }
        assert_eq!(
            CommandLine::read("eksso use Prod/web:EK", Syntax::Bash, " \t\n").put("Prod/web:EKS").as_deref(),
            Some("Prod/web:EKS")
        );
        for (value, word) in [
            ("Prod/web:EKS", "Prod/web:EKS"),
            ("1", "\"1\""),
            ("a b\"\\", "\"a b\\\"\\\\\""),
            ("--x=y", "--x=y"),
            ("$a", "\"$a\""),
        ] {
            assert_eq!(nushell_word(value), word);
        }
    }
}
