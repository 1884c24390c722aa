//! The command that opens a page, as a user writes it: words, no shell.

use std::str::FromStr;

/// A program and its arguments. The page goes where `{url}` (or `%s`, as in BROWSER) stands, else to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserCommand(Vec<String>);

impl BrowserCommand {
    /// The same for an account and a role: they stand where `{account_name}` and `{role}` do, so that each account can have a
    /// profile or a container of its own. A browser's profile is often a folder, and an account's name is other people's
    /// text: what would be a path, an option or another placeholder is not left in it.
    #[must_use]
    pub fn of(&self, account_name: &str, role: &str) -> Self {
        let plain = |text: &str| {
            let other = |c: char| if c.is_control() || "/\\:{}%\"'".contains(c) { '-' } else { c };
            text.chars().map(other).collect::<String>().trim_start_matches(['-', '.']).to_owned()
        };
        let fill = |word: &String| {
            // An address of its own is taken apart at `&` and `=`; what is encoded is nothing but text in there.
            let name: &dyn Fn(&str) -> String = if is_address(word) { &encoded } else { &plain };
            let (account, role) = (name(account_name), name(role));
            word.replace("{account_name}", &account).replace("{role}", &role)
        };
        Self(self.0.iter().map(fill).collect())
    }

    /// The words that open a page.
    pub fn open(&self, url: &str) -> Vec<String> {
        let place = |word: &String| word.contains("{url}") || word.contains("%s");
        let inner = encoded(url);
        let filled = self.0.iter().map(|word| {
            let url = if is_address(word) { inner.as_str() } else { url };
            word.replace("{url}", url).replace("%s", url)
        });
        let end = (!self.0.iter().any(place)).then(|| url.to_owned());
        filled.chain(end).collect()
    }
}

/// Whether a word is an address itself, which add-ons of Firefox take apart: `ext+container:name=…&url={url}`.
fn is_address(word: &str) -> bool {
    word.starts_with("ext+")
}

/// A text as a part of an address. Blanks are `%20`, which every decoder knows.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
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
    fn each_account_can_have_a_profile_or_a_container_of_its_own() {
        let open = |text: &str, account: &str| {
            text.parse::<BrowserCommand>().expect("words").of(account, "Dev").open("https://x/?a=b&c#d")
        };
        assert_eq!(
            open("chrome --profile-directory={account_name}/{role} {url}", "Pay ments"),
            ["chrome", "--profile-directory=Pay ments/Dev", "https://x/?a=b&c#d"]
        );
        assert_eq!(
            open("firefox \"ext+container:name={account_name}&url={url}\"", "Prod"),
            ["firefox", "ext+container:name=Prod&url=https%3A%2F%2Fx%2F%3Fa%3Db%26c%23d"]
        );
        assert_eq!(
            open("firefox ext+container:name={account_name}&url={url}", "R&D {url}/%s=ä +1"),
            [
                "firefox",
                "ext+container:name=R%26D%20%7Burl%7D%2F%25s%3D%C3%A4%20%2B1&url=https%3A%2F%2Fx%2F%3Fa%3Db%26c%23d"
            ]
        );
        for odd in ["--no-sandbox", "../../x", "-{url}", "..\\x"] {
            let words = open("chrome {account_name}", odd);
            assert!(!words[1].starts_with(['-', '.']) && !words[1].contains(['/', '\\', '{']), "{words:?}");
        }
    }

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
