//! The command that opens a page, as a user writes it: words, no shell.

use std::str::FromStr;

/// A program and its arguments. The page goes where `{url}` (or `%s`, as in BROWSER) stands, else to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserCommand(Vec<String>);

impl BrowserCommand {
    /// The words that open a page.
    pub fn open(&self, url: &str) -> Vec<String> {
        let place = |word: &String| word.contains("{url}") || word.contains("%s");
        let filled = self.0.iter().map(|word| word.replace("{url}", url).replace("%s", url));
        let end = (!self.0.iter().any(place)).then(|| url.to_owned());
        filled.chain(end).collect()
    }
}

impl FromStr for BrowserCommand {
    type Err = &'static str;

    /// Splits at blanks that no quotes enclose. Nothing else is special: `\` is part of paths on Windows.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        for character in text.chars() {
            match quote {
                Some(open) if character == open => quote = None,
                Some(_) => word.get_or_insert_default().push(character),
                None if matches!(character, '"' | '\'') => {
                    quote = Some(character);
                    word.get_or_insert_default();
                }
                None if character.is_whitespace() => words.extend(word.take()),
                None => word.get_or_insert_default().push(character),
            }
        }
        words.extend(word);
        match words.first() {
            _ if quote.is_some() => Err("a quote is not closed in the command of the browser"),
            Some(program) if !program.is_empty() => Ok(Self(words)),
            _ => Err("the command of the browser is empty"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_words_and_know_no_shell() {
        for (text, words) in [
            ("firefox", &["firefox", "U"] as &[&str]),
            ("firefox -P work", &["firefox", "-P", "work", "U"]),
            ("  '/opt/my browser/x' --profile=\"a b\" '' ", &["/opt/my browser/x", "--profile=a b", "", "U"]),
            ("open -a Safari {url} --new", &["open", "-a", "Safari", "U", "--new"]),
            ("x --url=%s", &["x", "--url=U"]),
            ("x; rm -rf $HOME `y` | z", &["x;", "rm", "-rf", "$HOME", "`y`", "|", "z", "U"]),
            ("C:\\Browser\\b.exe", &["C:\\Browser\\b.exe", "U"]),
        ] {
            assert_eq!(
                text.parse::<BrowserCommand>().map(|command| command.open("U")),
                Ok(words.iter().map(|w| (*w).to_owned()).collect()),
                "{text}"
            );
        }
        for bad in ["", "  ", "'' x", "firefox 'x"] {
            assert!(bad.parse::<BrowserCommand>().is_err(), "{bad}");
        }
    }
}
