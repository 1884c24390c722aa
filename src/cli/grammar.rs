//! What may stand next on a command line, told from the clap structs, so that it cannot differ from the program.
#![allow(missing_docs, reason = "each kind is what its name says")]

use clap::{Arg, ArgAction, Command as Grammar, CommandFactory, ValueHint};

use crate::cli::Cli;

/// What can stand in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Contexts,
    Sessions,
    /// By id; by name too where `false`.
    Accounts(bool),
    Roles,
    /// Roles that a context can be used with.
    RolesOfContext,
    Regions,
    Clusters,
    Namespaces,
    Filters,
    Profiles,
    Keyrings,
    Rules,
    Files,
    Commands,
}

/// What a command line asks for.
#[derive(Debug, Default)]
pub struct Asked {
    /// What is known from the grammar: values, each with what it is.
    pub values: Vec<(String, String)>,
    /// What has to be looked up.
    pub kind: Option<Kind>,
    /// What stands before the value in the same word, such as `--account=`.
    pub before: String,
    /// What is said already: the argument's id and its value.
    pub given: Vec<(String, String)>,
}

impl Asked {
    /// What is asked for at the end of a line: the words before the last one, and that one.
    pub fn read(words: &[String], last: &str) -> Self {
        let mut grammar = Cli::command();
        grammar.build();
        let mut at = Place { grammar: &grammar, root: &grammar, positional: 0, waiting: None, after: None };
        let mut asked = Self::default();
        for word in words {
            at.pass(word, &mut asked.given);
        }
        at.ask(last, &mut asked);
        asked
    }

    /// The last value of an argument.
    pub fn given(&self, id: &str) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| given == id).map(|(_, value)| value.as_str())
    }

    /// All values of an argument.
    pub fn all<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        self.given.iter().filter(move |(given, _)| given == id).map(|(_, value)| value.as_str())
    }
}

/// How far a line is read.
struct Place<'g> {
    root: &'g Grammar,
    /// The command that it has come to.
    grammar: &'g Grammar,
    /// How many of its positional arguments are there.
    positional: usize,
    /// An option that waits for so many values.
    waiting: Option<(&'g Arg, usize)>,
    /// How many words stand behind `--`.
    after: Option<usize>,
}

impl<'g> Place<'g> {
    fn pass(&mut self, word: &str, given: &mut Vec<(String, String)>) {
        let mut give = |arg: &Arg, value: &str| given.push((arg.get_id().to_string(), value.to_owned()));
        if let Some((arg, left)) = self.waiting.take() {
            give(arg, word);
            self.waiting = (left > 1).then(|| (arg, left - 1));
        } else if let Some(after) = self.after.as_mut() {
            *after += 1;
        } else if word == "--" {
            self.after = Some(0);
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            match (self.long(name), value) {
                (Some(arg), Some(value)) => give(arg, value),
                (Some(arg), None) if takes_value(arg) => self.waiting = Some((arg, values(arg))),
                (Some(arg), None) => give(arg, ""),
                (None, _) => {}
            }
        } else if let Some(letters) = word.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic)) {
            for (place, letter) in letters.char_indices() {
                let Some(arg) = self.grammar.get_arguments().find(|arg| arg.get_short() == Some(letter)) else {
                    return;
                };
                if takes_value(arg) {
                    match &letters[place + letter.len_utf8()..] {
                        "" => self.waiting = Some((arg, values(arg))),
                        value => give(arg, value.strip_prefix('=').unwrap_or(value)),
                    }
                    return;
                }
                give(arg, "");
            }
        } else if let Some(command) = self.command(word) {
            self.grammar = command;
        } else if let Some(arg) = self.argument() {
            give(arg, word);
            self.positional += usize::from(values(arg) == 1 && !repeats(arg));
            self.positional = self.positional.max(usize::from(self.grammar.has_subcommands()));
        }
    }

    fn ask(&self, last: &str, asked: &mut Asked) {
        if let Some((arg, _)) = self.waiting {
            return self.value(arg, asked);
        }
        if let Some(after) = self.after {
            let last = self.grammar.get_positionals().find(|arg| arg.is_last_set());
            return match (last, self.argument()) {
                (Some(_), _) => asked.kind = Some(if after == 0 { Kind::Commands } else { Kind::Files }),
                (None, Some(arg)) => self.value(arg, asked),
                (None, None) => {}
            };
        }
        if let Some((name, _)) = last.strip_prefix("--").and_then(|long| long.split_once('=')) {
            if let Some(arg) = self.long(name) {
                asked.before = format!("--{name}=");
                self.value(arg, asked);
            }
            return;
        }
        if last.starts_with('-') {
            let shown = self.grammar.get_arguments().filter(|arg| !arg.is_hide_set());
            for arg in shown {
                let help = first_line(arg.get_help());
                asked.values.extend(arg.get_long().map(|long| (format!("--{long}"), help.clone())));
                asked.values.extend(arg.get_short().map(|short| (format!("-{short}"), help)));
            }
            return;
        }
        if self.positional == 0 && !self.is_of_man() {
            let shown = self.grammar.get_subcommands().filter(|command| !command.is_hide_set());
            asked.values.extend(shown.map(|command| (command.get_name().to_owned(), first_line(command.get_about()))));
        }
        if let Some(arg) = self.argument() {
            self.value(arg, asked);
        }
    }

    fn is_of_man(&self) -> bool {
        self.grammar.get_name() == "man"
    }

    fn long(&self, name: &str) -> Option<&'g Arg> {
        self.grammar.get_arguments().find(|arg| arg.get_long() == Some(name))
    }

    fn command(&self, word: &str) -> Option<&'g Grammar> {
        self.grammar.find_subcommand(word).filter(|_| self.positional == 0)
    }

    /// The positional argument that comes next.
    fn argument(&self) -> Option<&'g Arg> {
        // What stands in the place of a command is an argument by now.
        let skipped = usize::from(self.grammar.has_subcommands() && self.positional > 0);
        let mut all = self.grammar.get_positionals().filter(|arg| !arg.is_last_set());
        all.nth(self.positional - skipped)
    }

    fn value(&self, arg: &Arg, asked: &mut Asked) {
        let possible = arg.get_possible_values();
        let shown = possible.iter().filter(|value| !value.is_hide_set());
        let named = shown.map(|value| (format!("{}{}", asked.before, value.get_name()), first_line(value.get_help())));
        asked.values.extend(named);
        if self.is_of_man() {
            let commands = self.root.get_subcommands().filter(|command| !command.is_hide_set());
            let pages = commands.filter(|command| command.get_name() != "help");
            asked.values.extend(pages.map(|page| (page.get_name().to_owned(), first_line(page.get_about()))));
        } else if possible.is_empty() {
            asked.kind = kind(self.grammar, arg);
        }
    }
}

/// What a value of an argument is.
fn kind(command: &Grammar, arg: &Arg) -> Option<Kind> {
    let name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    let of_context = command.get_arguments().any(|arg| arg.get_id() == "span");
    Some(match (arg.get_id().as_str(), command.get_name()) {
        ("context" | "contexts", _) | ("words", "use") => Kind::Contexts,
        ("session", _) => Kind::Sessions,
        ("name", _) if name == "SESSION" => Kind::Sessions,
        ("account", _) => Kind::Accounts(name == "ID"),
        ("role", _) if of_context => Kind::RolesOfContext,
        ("role", _) => Kind::Roles,
        ("region" | "sso_region", _) => Kind::Regions,
        ("cluster" | "clusters", _) => Kind::Clusters,
        ("namespace", _) => Kind::Namespaces,
        ("saved", _) => Kind::Filters,
        ("profile", _) => Kind::Profiles,
        ("keyring", _) => Kind::Keyrings,
        ("rule", _) | ("id", "explain") => Kind::Rules,
        _ if matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath) => {
            Kind::Files
        }
        _ => return None,
    })
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// How many values an argument takes at a time.
fn values(arg: &Arg) -> usize {
    arg.get_num_args().map_or(1, |number| number.min_values().max(1))
}

fn repeats(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append) || arg.get_num_args().is_some_and(|number| number.max_values() > 1)
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(|text| text.to_string().lines().next().unwrap_or_default().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Asked {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (last, words) = words.split_last().expect("a word");
        Asked::read(words, last)
    }

    #[test]
    fn what_may_stand_in_each_place_is_known() {
        for (line, kind) in [
            ("use ", Kind::Contexts),
            ("use a ", Kind::Contexts),
            ("-q exec --jobs 3 a ", Kind::Contexts),
            ("exec a -- ", Kind::Commands),
            ("exec a -- x ", Kind::Files),
            ("exec --role ", Kind::RolesOfContext),
            ("exec --role=", Kind::RolesOfContext),
            ("roles --role ", Kind::Roles),
            ("roles --account ", Kind::Accounts(false)),
            ("token --account ", Kind::Accounts(true)),
            ("clusters --region ", Kind::Regions),
            ("access ", Kind::Clusters),
            ("access web ", Kind::Clusters),
            ("access snapshot ", Kind::Files),
            ("access diff a ", Kind::Files),
            ("ns ", Kind::Namespaces),
            ("use -n ", Kind::Namespaces),
            ("use a -qn ", Kind::Namespaces),
            ("--session ", Kind::Sessions),
            ("use --session ", Kind::Sessions),
            ("login ", Kind::Sessions),
            ("roles --filter ", Kind::Filters),
            ("--keyring ", Kind::Keyrings),
            ("--kubeconfig ", Kind::Files),
            ("credentials --profile ", Kind::Profiles),
            ("audit explain ", Kind::Rules),
            ("rm -- ", Kind::Contexts),
        ] {
            assert_eq!(ask(line).kind, Some(kind), "{line}");
        }
        for line in [
            "rename a ",
            "use --for ",
            "login --start-url ",
            "access --who-can get ",
            "ns a ",
            "logout a ",
            "access diff a b ",
        ] {
            let asked = ask(line);
            assert!(asked.kind.is_none() && asked.values.is_empty(), "{line}: {asked:?}");
        }
    }

    #[test]
    fn commands_options_and_words_of_the_grammar_are_offered_with_what_they_are() {
        let names = |line: &str| ask(line).values.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let commands = names("");
        assert!(
            commands.contains(&"login".to_owned()) && !commands.iter().any(|name| name.starts_with('_')),
            "{commands:?}"
        );
        assert_eq!(names("man "), commands.iter().filter(|name| *name != "help").cloned().collect::<Vec<_>>());
        assert_eq!(names("-o "), ["table", "json", "name", "csv", "sarif"]);
        assert_eq!(
            names("--output="),
            ["--output=table", "--output=json", "--output=name", "--output=csv", "--output=sarif"]
        );
        assert!(
            names("access ").contains(&"snapshot".to_owned()) && !names("access web ").contains(&"snapshot".to_owned())
        );
        assert!(names("help ").contains(&"login".to_owned()));
        let options = ask("use --");
        let dry = options.values.iter().find(|(name, _)| name == "--dry-run").expect("an option");
        assert_eq!(dry.1, "Print what would change as a unified diff, and change nothing");
        for global in ["--session", "--kubeconfig"] {
            assert!(options.values.iter().any(|(name, _)| name == global), "{global}");
        }
        let given = ask("--session corp exec --role R a b --account=x -vq ");
        assert_eq!((given.given("session"), given.given("role")), (Some("corp"), Some("R")));
        assert_eq!(given.all("contexts").collect::<Vec<_>>(), ["a", "b"]);
    }
}
