//! How this call of the program is made, so that commands in what it says can be pasted: by kubectl or not, and about the same
//! files and the same keyring.

use std::borrow::Cow;

use crate::domain::text::shell_word;

/// The commands, and whether one is about kubeconfig files.
pub const COMMANDS: [(&str, bool); 33] = [
    ("access", false),
    ("add", true),
    ("audit", false),
    ("clusters", false),
    ("completions", false),
    ("config", false),
    ("console", true),
    ("credentials", true),
    ("doctor", true),
    ("env", true),
    ("exec", true),
    ("export", true),
    ("import", true),
    ("init", false),
    ("log", false),
    ("login", false),
    ("logout", false),
    ("man", false),
    ("ns", true),
    ("profiles", false),
    ("prompt", true),
    ("rename", true),
    ("rm", true),
    ("roles", false),
    ("scaffold", false),
    ("setup", false),
    ("shell", true),
    ("status", true),
    ("sync", true),
    ("token", false),
    ("undo", true),
    ("use", true),
    ("whoami", true),
];

/// The program as this call names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// `kubectl eksso`: `eksso` itself need not be there.
    pub as_plugin: bool,
    /// `--kubeconfig`
    pub kubeconfig: Option<String>,
    /// `--config`
    pub config: Option<String>,
    /// `--keyring`
    pub keyring: Option<String>,
}

impl Invocation {
    /// The program's name.
    pub fn program(&self) -> &'static str {
        if self.as_plugin { "kubectl eksso" } else { "eksso" }
    }

    /// Words with the commands of eksso in them, as they must be given to be about the same as this call.
    pub fn words<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if *self == Self::default() {
            return Cow::Borrowed(text);
        }
        let (mut out, mut rest) = (String::with_capacity(text.len() + 32), text);
        while let Some(at) = rest.find("eksso ") {
            let (before, mention) = rest.split_at(at);
            let after = &mention["eksso ".len()..];
            out.push_str(before);
            match self.command(&out, after) {
                Some(command) => out.push_str(&command),
                None => out.push_str("eksso "),
            }
            rest = after;
        }
        Cow::Owned(out + rest)
    }

    /// What stands in place of `eksso ` where a command is named.
    fn command(&self, before: &str, after: &str) -> Option<String> {
        let begins = before.is_empty() || before.ends_with(['`', ' ', '(']) && !before.ends_with("kubectl ");
        let name = after.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        let known = COMMANDS.iter().find(|(known, _)| *known == name);
        if !begins || known.is_none() && !after.starts_with('-') {
            return None;
        }
        let mention = after.split('`').next().unwrap_or_default();
        let mut out = format!("{} ", self.program());
        let mut put = |option: &str, value: &Option<String>, is_wanted: bool| {
            let value = value.as_deref().filter(|_| is_wanted && !mention.contains(option));
            out.extend(value.map(|value| format!("{option} {} ", shell_word(value))));
        };
        put("--kubeconfig", &self.kubeconfig, known.is_some_and(|(_, is_about)| *is_about));
        put("--config", &self.config, true);
        // A hint that names another keyring means that one.
        put("--keyring", &self.keyring, !before.contains("EKSSO_KEYRING="));
        Some(out)
    }

    /// The whole line of this call with another session: in place of the one that it names, else beside the rest.
    pub fn with_session(&self, line: &[String], named: Option<&str>, session: &str) -> String {
        let mut line = line.to_vec();
        let end = line.iter().position(|word| word == "--").unwrap_or(line.len());
        let own = &line[..end];
        let joined = named.map(|named| format!("--session={named}"));
        let place = named.and_then(|named| {
            let option = own.windows(2).position(|pair| pair[0] == "--session" && pair[1] == named).map(|at| at + 1);
            option.or_else(|| own.iter().position(|word| Some(word) == joined.as_ref())).or_else(|| {
                // The first word is the command.
                own.iter().skip(1).position(|word| word == named).map(|at| at + 1)
            })
        });
        match place {
            Some(at) if line[at].starts_with("--session=") => line[at] = format!("--session={session}"),
            Some(at) => line[at] = session.to_owned(),
            None => drop(line.splice(0..0, ["--session".to_owned(), session.to_owned()])),
        }
        let words: Vec<_> = line.iter().map(|word| shell_word(word)).collect();
        format!("{} {}", self.program(), words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_named_as_this_call_is_made() {
        let plain = Invocation::default();
        assert_eq!(plain.words("eksso login"), "eksso login");
        let plugin = Invocation { as_plugin: true, ..Invocation::default() };
        for (text, said) in [
            ("eksso login", "kubectl eksso login"),
            ("later: eksso logout x", "later: kubectl eksso logout x"),
            ("`eksso use` or `eksso add`", "`kubectl eksso use` or `kubectl eksso add`"),
            ("another eksso keeps it", "another eksso keeps it"),
            ("kubectl eksso use", "kubectl eksso use"),
            ("EKSSO_KEYRING=keyutils eksso login", "EKSSO_KEYRING=keyutils kubectl eksso login"),
        ] {
            assert_eq!(plugin.words(text), said);
        }
        let elsewhere = Invocation {
            kubeconfig: Some("my files/k".into()),
            config: Some("c.toml".into()),
            keyring: Some("plaintext".into()),
            ..Invocation::default()
        };
        for (text, said) in [
            (
                "eksso use -, then `eksso login x`",
                "eksso --kubeconfig 'my files/k' --config c.toml --keyring plaintext use -, \
                 then `eksso --config c.toml --keyring plaintext login x`",
            ),
            ("EKSSO_KEYRING=keyutils eksso login", "EKSSO_KEYRING=keyutils eksso --config c.toml login"),
            ("eksso --help", "eksso --config c.toml --keyring plaintext --help"),
        ] {
            assert_eq!(elsewhere.words(text), said);
        }
    }

    #[test]
    fn another_session_stands_where_the_named_one_stood() {
        let line = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (said, named, instead) in [
            ("roles", None, "eksso --session corp roles"),
            ("roles --session crop", Some("crop"), "eksso roles --session corp"),
            ("--session=crop roles", Some("crop"), "eksso --session=corp roles"),
            ("logout crop --force", Some("crop"), "eksso logout corp --force"),
            ("roles", Some("crop"), "eksso --session corp roles"),
            ("exec a -- echo crop", Some("crop"), "eksso --session corp exec a -- echo crop"),
        ] {
            assert_eq!(Invocation::default().with_session(&line(said), named, "corp"), instead);
        }
    }
}
