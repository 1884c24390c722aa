//! What makes shells set variables, and how a shell is started so that its own start files do not take them back.

use crate::domain::text::shell_word;

/// What keeps KUBECONFIG the file that EKSSO_ISOLATED_KUBECONFIG names behind the hooks of prompts: the function `_eksso_hold`.
pub const HOLD_BASH: &str = include_str!("shell/hold.bash");
/// The same for zsh.
pub const HOLD_ZSH: &str = include_str!("shell/hold.zsh");
/// The same for fish.
pub const HOLD_FISH: &str = include_str!("shell/hold.fish");

/// A variable; `None` is one that is not to be there.
pub type Variable = (&'static str, Option<String>);

/// A family of shells with one syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash, zsh, and all that follow POSIX.
    Posix,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// nushell
    Nushell,
    /// csh and tcsh
    Tcsh,
    /// xonsh
    Xonsh,
    /// elvish
    Elvish,
}

/// The name of a shell in a path.
pub fn name(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    file.trim_start_matches('-').trim_end_matches(".exe")
}

impl Shell {
    /// By the path of its program.
    pub fn of(path: &str) -> Option<Self> {
        Some(match name(path) {
            "sh" | "bash" | "rbash" | "zsh" | "rzsh" | "dash" | "ash" | "busybox" | "yash" => Self::Posix,
            "ksh" | "ksh93" | "mksh" | "lksh" | "oksh" | "pdksh" | "osh" => Self::Posix,
            "fish" => Self::Fish,
            "pwsh" | "pwsh-preview" | "powershell" => Self::Powershell,
            "nu" => Self::Nushell,
            "csh" | "tcsh" | "bsd-csh" => Self::Tcsh,
            "xonsh" => Self::Xonsh,
            "elvish" => Self::Elvish,
            _ => return None,
        })
    }

    /// The lines that set variables.
    pub fn assignments(self, variables: &[Variable]) -> String {
        if self == Self::Nushell {
            // A record for `load-env`; null hides a variable there.
            let record: serde_json::Map<String, serde_json::Value> =
                variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
            return format!("{}\n", serde_json::Value::Object(record));
        }
        variables.iter().map(|(name, value)| self.assignment(name, value.as_deref())).collect()
    }

    fn assignment(self, name: &str, value: Option<&str>) -> String {
        match (self, value) {
            (Self::Fish, Some(value)) => format!("set -gx {name} {}\n", fish_word(value)),
            (Self::Fish, None) => format!("set -e {name}\n"),
            (Self::Powershell, Some(value)) => format!("$env:{name} = {}\n", powershell_word(value)),
            (Self::Powershell, None) => format!("Remove-Item -ErrorAction Ignore Env:{name}\n"),
            // In backquotes lines become words, so that each ends with a semicolon; a history mark is one in quotes too.
            (Self::Tcsh, Some(value)) => {
                format!("setenv {name} '{}';\n", value.replace('\'', r"'\''").replace('!', r"\!"))
            }
            (Self::Tcsh, None) => format!("unsetenv {name};\n"),
            (Self::Xonsh, Some(value)) => {
                format!("${name} = '{}'\n", value.replace('\\', r"\\").replace('\'', r"\'").replace('\n', r"\n"))
            }
            (Self::Xonsh, None) => format!("__xonsh__.env.pop('{name}', None)\n"),
            (Self::Elvish, Some(value)) => format!("set-env {name} '{}'\n", value.replace('\'', "''")),
            (Self::Elvish, None) => format!("unset-env {name}\n"),
            (Self::Posix | Self::Nushell, Some(value)) => format!("export {name}={}\n", shell_word(value)),
            (Self::Posix | Self::Nushell, None) => format!("unset {name}\n"),
        }
    }
}

fn fish_word(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// PowerShell takes typographic quotes for the plain one.
fn powershell_word(word: &str) -> String {
    let mut text = String::from("'");
    for c in word.chars() {
        text.extend(std::iter::repeat_n(c, if "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(c) { 2 } else { 1 }));
    }
    text.push('\'');
    text
}

/// How a shell is started so that variables are set behind its own start files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that it reads its start files by, and puts back.
    pub env: Vec<Variable>,
    /// Files of a private folder, with their content.
    pub files: Vec<(&'static str, String)>,
    /// Whether its own start files may still take the variables back.
    pub unsure: bool,
}

/// What a start is made for.
pub struct Starting<'a> {
    /// The path of the shell.
    pub shell: &'a str,
    /// The private folder of the files.
    pub folder: &'a str,
    /// What is to be set.
    pub variables: &'a [Variable],
    /// The variables of the environment as they are without us.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file of the user's, where it is there.
    pub text: &'a dyn Fn(&str) -> Option<String>,
}

impl Starting<'_> {
    /// The way of this shell.
    pub fn start(self) -> Start {
        let shell = Shell::of(self.shell);
        let lines = shell.unwrap_or(Shell::Posix).assignments(self.variables);
        let file = |name: &str| format!("{}/{name}", self.folder);
        match (shell, name(self.shell)) {
            // Who cannot change the login shell has `exec zsh` in ~/.bashrc: that zsh reads our start file, too.
            (_, "bash" | "rbash") => {
                let zdotdir = (self.env)("ZDOTDIR");
                let restore = Shell::Posix.assignment("ZDOTDIR", zdotdir.as_deref());
                let own = format!("[ -f ~/.bashrc ] && . ~/.bashrc\n{restore}{lines}{HOLD_BASH}_eksso_hold\n");
                Start {
                    args: vec!["--rcfile".to_owned(), file("bashrc")],
                    env: vec![("ZDOTDIR", Some(self.folder.to_owned()))],
                    files: vec![("bashrc", own), (".zshenv", zshenv(zdotdir.as_deref(), &lines))],
                    ..Start::default()
                }
            }
            (_, "zsh" | "rzsh") => Start {
                env: vec![("ZDOTDIR", Some(self.folder.to_owned()))],
                files: vec![(".zshenv", zshenv((self.env)("ZDOTDIR").as_deref(), &lines))],
                ..Start::default()
            },
            (Some(Shell::Fish), _) => {
                Start { args: vec!["-C".to_owned(), format!("{lines}{HOLD_FISH}_eksso_hold\n")], ..Start::default() }
            }
            (Some(Shell::Powershell), _) => {
                Start { args: ["-NoExit", "-Command", &lines].map(str::to_owned).to_vec(), ..Start::default() }
            }
            (Some(Shell::Nushell), _) => {
                Start { args: vec!["--execute".to_owned(), format!("load-env {lines}")], ..Start::default() }
            }
            // Interactive shells of POSIX read the file that ENV names.
            (Some(Shell::Posix), _) => {
                let restore = Shell::Posix.assignment("ENV", (self.env)("ENV").as_deref());
                let theirs = "[ -n \"${ENV-}\" ] && [ -f \"$ENV\" ] && . \"$ENV\"\n";
                Start {
                    env: vec![("ENV", Some(file("env")))],
                    files: vec![("env", format!("{restore}{theirs}{lines}"))],
                    ..Start::default()
                }
            }
            (Some(Shell::Tcsh), _) => match (self.env)("HOME") {
                // They read their start files in HOME, which is put back before theirs are read.
                Some(home) => {
                    let own = |names: &[&str]| tcshrc(&home, names, &lines);
                    Start {
                        env: vec![("HOME", Some(self.folder.to_owned()))],
                        files: vec![(".tcshrc", own(&[".tcshrc", ".cshrc"])), (".cshrc", own(&[".cshrc"]))],
                        ..Start::default()
                    }
                }
                None => Start { unsure: true, ..Start::default() },
            },
            (Some(Shell::Xonsh), _) => self.xonsh(&lines),
            (Some(Shell::Elvish), _) => Start {
                args: vec!["-rc".to_owned(), file("rc.elv")],
                files: vec![("rc.elv", elvish_rc(&self.elvish_text(), &lines))],
                ..Start::default()
            },
            (None, _) => Start { unsure: true, ..Start::default() },
        }
    }

    /// A folder in which the programs of the user keep their settings.
    fn config(&self, program: &str) -> Option<String> {
        let home = || (self.env)("HOME").map(|home| format!("{home}/.config"));
        Some(format!("{}/{program}", (self.env)("XDG_CONFIG_HOME").or_else(home)?))
    }

    /// xonsh reads the folders of XONSHRC_DIR behind all other start files: ours is the last one.
    fn xonsh(&self, lines: &str) -> Start {
        let known = (self.env)("XONSHRC_DIR");
        let restore = Shell::Xonsh.assignment("XONSHRC_DIR", known.as_deref());
        let own = || Some(format!("{}/rc.d", (self.env)("XONSH_CONFIG_DIR").or_else(|| self.config("xonsh"))?));
        let usual = || ["/etc/xonsh/rc.d".to_owned()].into_iter().chain(own()).collect::<Vec<_>>().join(":");
        let folders = format!("{}:{}", known.unwrap_or_else(usual), self.folder);
        Start {
            env: vec![("XONSHRC_DIR", Some(folders))],
            files: vec![("isolate.xsh", format!("{restore}{lines}"))],
            ..Start::default()
        }
    }

    fn elvish_text(&self) -> String {
        let places = [self.config("elvish"), (self.env)("HOME").map(|home| format!("{home}/.elvish"))];
        let found = places.into_iter().flatten().find_map(|place| (self.text)(&format!("{place}/rc.elv")));
        found.unwrap_or_default()
    }
}

/// HOME is that of the user before any file of theirs is read.
fn tcshrc(home: &str, names: &[&str], lines: &str) -> String {
    let restore = Shell::Tcsh.assignment("HOME", Some(home));
    let set = restore.strip_prefix("setenv HOME ").map(|value| format!("set home = {value}")).unwrap_or_default();
    let theirs = names.iter().map(|name| format!("if ( -r ~/{name} ) then\n  source ~/{name}\n"));
    format!("{restore}{set}{}endif\n{lines}", theirs.collect::<Vec<_>>().join("else "))
}

/// elvish reads one file, whose variables and functions are those of the prompt: the user's text stands in ours. Where it
/// fails, the rest of the file is not read; the first prompt sets the variables then.
fn elvish_rc(theirs: &str, lines: &str) -> String {
    format!(
        "var eksso-isolated = $false\n\
         fn eksso-isolate {{\nif (not $eksso-isolated) {{\n{lines}set eksso-isolated = $true\n}}\n}}\n\
         set edit:before-readline = [{{ eksso-isolate }} $@edit:before-readline]\n\
         {theirs}\n\
         eksso-isolate\n"
    )
}

/// zsh reads this first. ZDOTDIR is put back before anything else is read, so that the start files, the history and what a
/// login shell reads are as without us; the variables are set before the first prompt, behind all of them. `sched` is for
/// start files that give precmd_functions a new value.
fn zshenv(zdotdir: Option<&str>, lines: &str) -> String {
    let restore = Shell::Posix.assignment("ZDOTDIR", zdotdir);
    format!(
        "{restore}\
         {HOLD_ZSH}\
         _eksso_isolate() {{\n{lines}precmd_functions=(${{precmd_functions:#_eksso_isolate}})\n_eksso_hold\n}}\n\
         typeset -ga precmd_functions\n\
         precmd_functions=(_eksso_isolate $precmd_functions)\n\
         zmodload zsh/sched 2>/dev/null && sched +0 _eksso_isolate\n\
         [[ -f ${{ZDOTDIR:-$HOME}}/.zshenv ]] && . ${{ZDOTDIR:-$HOME}}/.zshenv\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_word_in_each_shell() {
        let value = "a'b!\u{2019}c\\d";
        for (shell, line) in [
            (Shell::Posix, "export X='a'\\''b!\u{2019}c\\d'\n"),
            (Shell::Fish, "set -gx X 'a\\'b!\u{2019}c\\\\d'\n"),
            (Shell::Powershell, "$env:X = 'a''b!\u{2019}\u{2019}c\\d'\n"),
            (Shell::Tcsh, "setenv X 'a'\\''b\\!\u{2019}c\\d';\n"),
            (Shell::Xonsh, "$X = 'a\\'b!\u{2019}c\\\\d'\n"),
            (Shell::Elvish, "set-env X 'a''b!\u{2019}c\\d'\n"),
        ] {
            assert_eq!(shell.assignments(&[("X", Some(value.to_owned()))]), line);
        }
        assert_eq!(Shell::of("/opt/homebrew/bin/tcsh"), Some(Shell::Tcsh));
        assert_eq!(Shell::of("C:\\pwsh.exe"), Some(Shell::Powershell));
        assert_eq!(Shell::of("/usr/bin/oilish"), None);
    }
}
