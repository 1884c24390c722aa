//! Changes of kubeconfigs, and the diffs that show them.

use crate::cli::WriteArgs;
use crate::commands::shared::call::{Call, color};
use crate::domain::text::{escape, shorten, wrap};
use crate::error::Result;
use crate::flows::kubeconfig::change::{Change, First, Mode, Outcome};
use crate::flows::kubeconfig::elevation::{put_back, would_put_back};

impl Call<'_> {
    /// How a kubeconfig is changed.
    pub fn change<'c>(&'c self, what: &'c str, args: WriteArgs, outer: bool) -> Change<'c> {
        let mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
        Change { explicit: self.globals.kubeconfig.as_deref(), what, mode, outer, first: None }
    }

    /// The same for a command that puts back the roles whose end has come: a dry run writes nothing and shows that, too.
    pub fn change_behind_ends<'c>(&'c self, what: &'c str, args: WriteArgs, outer: bool) -> Change<'c> {
        Change { first: args.dry_run.then_some(would_put_back as First), ..self.change(what, args, outer) }
    }

    /// Puts back the roles whose end has come, and says so; answers whether the current context is another one by that. What
    /// cannot be put back is told and stops nobody: kubectl is refused with it as before.
    pub fn put_back(&self, outer: bool) -> bool {
        let change = self.change("the end of a role", WriteArgs::default(), outer);
        let ended = put_back(self.world, change).unwrap_or_else(|error| {
            self.voice.warn(self.world, &error.to_string());
            Vec::new()
        });
        ended.iter().for_each(|ended| self.voice.say(self.world, &ended.words()));
        ended.iter().any(|ended| ended.back.is_some())
    }

    /// Prints the diff of a change that was not made, and what was given up for one that was. Answers whether there was
    /// only that to do.
    pub fn is_dry(&self, args: WriteArgs, outcome: &Outcome) -> Result<bool> {
        outcome.warnings.iter().for_each(|warning| self.voice.warn(self.world, warning));
        if args.dry_run && outcome.changed {
            let diff = self.painted(&outcome.diff, self.world.terminal.stdout_is_terminal());
            self.world.terminal.data(&diff)?;
        } else if args.dry_run {
            self.voice.say(self.world, "Nothing would change.");
        }
        Ok(args.dry_run)
    }

    /// A diff for a terminal, where control characters of files do nothing and certificates end with the line, or for a
    /// file, where all stays as it is.
    pub fn painted(&self, diff: &str, terminal: bool) -> String {
        self.laid_out(diff, terminal, |line, width| vec![shorten(line, width)])
    }

    /// The same where a person is to agree to every character: long lines go on in the next row, and none ends early.
    pub fn painted_whole(&self, diff: &str, terminal: bool) -> String {
        self.laid_out(diff, terminal, wrap)
    }

    fn laid_out(&self, diff: &str, terminal: bool, rows: impl Fn(&str, usize) -> Vec<String>) -> String {
        if !terminal {
            return diff.to_owned();
        }
        let (color, width) = (color(self.world, self.globals.color), self.world.terminal.width().saturating_sub(1));
        let mut out = String::with_capacity(diff.len());
        for line in diff.split_inclusive('\n') {
            let line = escape(line.trim_end_matches(['\n', '\r']));
            let code = match line.as_bytes().first() {
                Some(b'+') => "32",
                Some(b'-') => "31",
                Some(b'@') => "36",
                _ => "0",
            };
            for row in rows(&line, width) {
                out += &if color { format!("\u{1b}[{code}m{row}\u{1b}[0m\n") } else { format!("{row}\n") };
            }
        }
        out
    }

    /// Shows a diff to the person, on stderr.
    pub fn show_diff(&self, diff: &str) {
        self.world.terminal.words(&self.painted(diff, self.world.terminal.stderr_is_terminal()));
    }
}
