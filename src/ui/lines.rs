//! Lines for people: what is longer than the terminal is wide goes on below, between words and with an indent.
//!
//! What goes into a file or a pipe stays whole. A command that a person pastes stays on one line where a line has room for it; a longer one is
//! broken as a shell reads it, so that it can be pasted all the same.

use unicode_width::UnicodeWidthStr;

use crate::domain::text::escape;
use crate::error::Error;
use crate::ports::World;

/// No terminal is taken for narrower than this.
const NARROWEST: usize = 30;
/// What a shell takes for the end of a line that goes on. PowerShell and cmd have other signs: there the terminal breaks it.
const GOES_ON: Option<&str> = if cfg!(windows) { None } else { Some(" \\") };
/// Programs that commands to paste begin with.
const PROGRAMS: [&str; 17] = [
    "aws", "chmod", "cp", "eksso", "env", "export", "iconv", "kill", "kubectl", "ls", "mv", "rm", "sudo", "taskkill",
    "unset", "w32tm", "xattr",
];
/// With these a sentence about a command goes on: `eksso roles lists them`.
const SENTENCE: [&str; 21] = [
    "and", "asks", "begins", "cannot", "does", "gets", "has", "in", "is", "lists", "may", "of", "opens", "or", "runs",
    "shows", "signs", "takes", "tells", "was", "writes",
];

/// The columns of the terminal that data goes to; `None` for a file or a pipe.
pub fn room_for_data(world: &World) -> Option<usize> {
    world.terminal.stdout_is_terminal().then(|| world.terminal.width())
}

/// The same of words.
pub fn room_for_words(world: &World) -> Option<usize> {
    world.terminal.stderr_is_terminal().then(|| world.terminal.width())
}

/// Prose, in lines of a room: the first one after `start`, the others below the text. Of it only what stands in backticks is taken for a command.
pub fn prose(out: &mut String, start: &str, text: &str, room: Option<usize>) {
    lay_out(out, (start, start.width(), start.width()), text, room, Bare::Never);
}

/// The same for what is to be done: it may begin with a command.
pub fn advice(out: &mut String, start: &str, text: &str, room: Option<usize>) {
    lay_out(out, (start, start.width(), start.width()), text, room, Bare::First);
}

/// A line of words, which may end with a command behind a colon: what does not fit is a little indented below.
pub fn words(start: &str, text: &str, room: Option<usize>) -> String {
    let mut out = String::new();
    let margin = start.len() - start.trim_start_matches(' ').len();
    lay_out(&mut out, (start, start.width(), margin + 2), text, room, Bare::Behind);
    out
}

/// Where a command may begin that stands in no backticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bare {
    Never,
    /// Behind a colon.
    Behind,
    /// There, behind a sentence, and at the beginning.
    First,
}

/// An error as [`Error::render`] writes it.
pub fn error(error: &Error, color: bool, room: Option<usize>) -> String {
    error.render_by(color, |start, columns, text, is_advice| {
        let mut out = String::new();
        lay_out(&mut out, (start, columns, 4), text, room, if is_advice { Bare::First } else { Bare::Never });
        out
    })
}

/// `start` with the columns that it takes, and the indent of the lines below.
fn lay_out(
    out: &mut String,
    (start, columns, indent): (&str, usize, usize),
    text: &str,
    room: Option<usize>,
    bare: Bare,
) {
    let text = escape(text);
    let Some(room) = room else {
        out.push_str(format!("{start}{text}").trim_end());
        out.push('\n');
        return;
    };
    // The last column stays free: some terminals go on in the next line as soon as it is written.
    let most = room.max(NARROWEST) - 1;
    let rest = text.trim_start_matches(' ');
    let blanks = text.len() - rest.len();
    let mut lines = Lines {
        out,
        most,
        indent: (indent + blanks).min(most / 3),
        line: format!("{start}{}", " ".repeat(blanks)),
        taken: columns + blanks,
        is_bare: true,
    };
    for piece in pieces(rest, bare) {
        match piece {
            Piece::Word(word) => lines.word(word),
            Piece::Quoted(text) => lines.quoted(text),
            Piece::Command(text) => lines.command(text),
            Piece::Comment(text) => lines.comment(text),
        }
    }
    lines.end();
}

/// What a line is broken between.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Word(&'t str),
    /// In backticks, with what stands at it.
    Quoted(&'t str),
    Command(&'t str),
    /// Behind a command, or alone: the shell skips it.
    Comment(&'t str),
}

/// The pieces of a text, in their order, with a blank between each two.
fn pieces(text: &str, bare: Bare) -> Vec<Piece<'_>> {
    if bare == Bare::First && text.starts_with("# ") {
        return vec![Piece::Comment(text)];
    }
    let (mut found, mut rest, mut may_begin) = (Vec::new(), text, bare == Bare::First);
    loop {
        let word = rest.split(' ').next().unwrap_or_default();
        let command = if may_begin { command(rest) } else { None };
        let (piece, length) = match (command, quoted(rest)) {
            (Some(length), _) => (Piece::Command(rest[..length].trim_end()), length),
            (None, Some(length)) => (Piece::Quoted(&rest[..length]), length),
            (None, None) => (Piece::Word(word), word.len()),
        };
        let is_command = matches!(piece, Piece::Command(_));
        found.push(piece);
        let Some(next) =
            rest[length..].strip_prefix(' ').or((is_command && length < rest.len()).then_some(&rest[length..]))
        else {
            return found;
        };
        if is_command && next.trim_start().starts_with("# ") {
            found.push(Piece::Comment(next.trim_start()));
            return found;
        }
        may_begin = match bare {
            Bare::Never => false,
            Bare::Behind => word.ends_with(':'),
            Bare::First => word.ends_with([':', '.']),
        };
        rest = next;
    }
}

/// The length of what begins with a backtick and ends with the word that has the next one.
fn quoted(text: &str) -> Option<usize> {
    let first = text.find('`').filter(|at| !text[..*at].contains(' '))?;
    let close = first + 1 + text[first + 1..].find('`')?;
    let end = text[close..].find(' ').map_or(text.len(), |at| close + at);
    // What is quoted right behind it goes on.
    let more = text[close + 1..end].matches('`').count() % 2;
    (more == 0).then_some(end)
}

/// The length of a command that a text begins with; `None` where it begins with none. It ends with the text, before a comment, or where a sentence
/// goes on.
fn command(text: &str) -> Option<usize> {
    let words = shell_words(text)?;
    let is_set = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    let program = words.iter().position(|at| !is_set(&text[at.clone()]))?;
    if !PROGRAMS.contains(&&text[words[program].clone()]) {
        return None;
    }
    let mut end = words[program].end;
    for (place, at) in words[program + 1..].iter().enumerate() {
        let word = &text[at.clone()];
        if SENTENCE.contains(&word) || word.contains('`') {
            // "kubectl is too old" names no command at all.
            return (place > 0).then_some(end);
        }
        end = at.end;
        if word.len() > 1 && word.ends_with([',', ';', '.']) {
            break;
        }
    }
    Some(end)
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_')
}

/// The words of a command line up to a comment, as a POSIX shell parts them: blanks in quotes part none, but those of a command within them do. `None` where a quote
/// does not end.
fn shell_words(text: &str) -> Option<Vec<std::ops::Range<usize>>> {
    let (mut words, mut begin, mut open, mut before) = (Vec::new(), None, Vec::new(), ' ');
    for (at, sign) in text.char_indices() {
        let inner = open.last().copied();
        if sign == '#' && inner.is_none() && begin.is_none() {
            break;
        }
        if sign == ' ' && matches!(inner, None | Some(')')) {
            words.extend(begin.take().map(|begin| begin..at));
        } else {
            begin.get_or_insert(at);
            match (inner, sign) {
                (Some(end), sign) if end == sign && before != '\\' => _ = open.pop(),
                (Some('\''), _) => {}
                (_, '(') if before == '$' => open.push(')'),
                (None | Some(')'), '\'' | '"') if before != '\\' => open.push(sign),
                _ => {}
            }
        }
        // In single quotes a backslash is itself, and one behind another stands for it.
        before = if sign == '\\' && (before == '\\' || inner == Some('\'')) { ' ' } else { sign };
    }
    words.extend(begin.map(|begin| begin..text.len()));
    open.is_empty().then_some(words)
}

/// Lines as they fill.
struct Lines<'o> {
    out: &'o mut String,
    /// The columns that a line may have.
    most: usize,
    indent: usize,
    line: String,
    taken: usize,
    /// Whether nothing stands behind the indent, or the start, yet.
    is_bare: bool,
}

impl Lines<'_> {
    fn end(&mut self) {
        self.out.push_str(self.line.trim_end());
        self.out.push('\n');
        self.line = " ".repeat(self.indent);
        self.taken = self.indent;
        self.is_bare = true;
    }

    fn has_room(&self, width: usize) -> bool {
        self.taken + usize::from(!self.is_bare) + width <= self.most
    }

    fn put(&mut self, text: &str) {
        if !self.is_bare {
            self.line.push(' ');
            self.taken += 1;
        }
        self.line.push_str(text);
        self.taken += text.width();
        self.is_bare = false;
    }

    /// Goes on below where a text of this width has no room in the line; answers whether it has room then.
    fn make_room(&mut self, width: usize) -> bool {
        let is_better_below = !self.is_bare || self.indent < self.taken && self.indent + width <= self.most;
        if !self.has_room(width) && is_better_below {
            self.end();
        }
        self.has_room(width)
    }

    /// A word: one that no line has room for is cut, but not a URL, which would be none any more.
    fn word(&mut self, word: &str) {
        if self.make_room(word.width()) || word.contains("://") {
            return self.put(word);
        }
        let mut rest = word;
        while rest.width() > self.most.saturating_sub(self.taken) {
            let at = self.cut_at(rest);
            self.put(&rest[..at]);
            self.end();
            rest = &rest[at..];
        }
        self.put(rest);
    }

    /// Where a word is cut: behind the last part of a path that the line has room for, unless half of the line stays free by that.
    fn cut_at(&self, word: &str) -> usize {
        let room = self.most.saturating_sub(self.taken);
        let ends = word.char_indices().map(|(at, sign)| at + sign.len_utf8());
        let hard = ends.take_while(|end| word[..*end].width() <= room).last();
        // No character is left out, however narrow the line is.
        let hard = hard.unwrap_or_else(|| word.chars().next().map_or(0, char::len_utf8));
        match word[..hard].rfind(['/', ',', '=']) {
            Some(at) if word[..=at].width() > room / 2 => at + 1,
            _ => hard,
        }
    }

    /// What stands in backticks is a command, or a name.
    fn quoted(&mut self, text: &str) {
        let width = text.width();
        if self.has_room(width) || self.indent + width <= self.most && self.make_room(width) {
            return self.put(text);
        }
        let inner = text.trim_start_matches(|sign| sign != '`').trim_start_matches('`');
        match command(inner.split('`').next().unwrap_or_default()) {
            Some(_) => self.command(text),
            None => text.split(' ').for_each(|word| self.word(word)),
        }
    }

    fn command(&mut self, text: &str) {
        if self.make_room(text.width()) {
            return self.put(text);
        }
        let (Some(goes_on), Some(words)) = (GOES_ON, shell_words(text)) else { return self.put(text) };
        let last = words.len() - 1;
        for (place, at) in words.into_iter().enumerate() {
            let word = &text[at];
            let after = if place < last { goes_on.width() } else { 0 };
            if !self.is_bare && !self.has_room(word.width() + after) {
                self.line.push_str(goes_on);
                self.end();
                self.line.push_str("  ");
                self.taken += 2;
            }
            self.put(word);
        }
    }

    /// Each of its lines is one that the shell skips.
    fn comment(&mut self, text: &str) {
        let before = if self.is_bare { "" } else { " " };
        if self.has_room(before.len() + text.width()) {
            return self.put(&format!("{before}{text}"));
        }
        if !self.is_bare {
            self.end();
        }
        for word in text.trim_start_matches("# ").split(' ') {
            if !self.is_bare && !self.has_room(word.width()) {
                self.end();
            }
            if self.is_bare {
                self.put("#");
            }
            self.put(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(start: &str, text: &str, room: usize) -> String {
        let mut out = String::new();
        advice(&mut out, start, text, Some(room));
        out
    }

    /// What a shell makes of lines that were pasted.
    fn pasted(lines: &str) -> String {
        lines.replace(" \\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn text_is_wrapped_at_words_and_long_words_are_cut() {
        let mut out = String::new();
        prose(&mut out, "high  ", "one two arn:aws:iam::222222222222:role/abcdefgh \u{1b}[2J", Some(32));
        assert_eq!(out, "high  one two\n      arn:aws:iam::222222222222\n      :role/abcdefgh \\u{1b}[2J\n");
        assert!(out.lines().all(|line| line.width() < 32), "{out}");
    }

    #[test]
    fn what_goes_into_a_file_stays_whole() {
        let text = format!("eksso {}", "word ".repeat(40));
        let mut out = String::new();
        advice(&mut out, "  fix: ", &text, None);
        assert_eq!(out, format!("  fix: {}\n", text.trim_end()));
    }

    #[test]
    fn a_command_that_a_line_has_room_for_is_on_one_line() {
        let text = "take the policy away, once another admin is there: kubectl --context a delete rolebinding b";
        assert_eq!(
            laid_out("  fix: ", text, 60),
            "  fix: take the policy away, once another admin is there:\n       kubectl --context a delete rolebinding b\n"
        );
        let text = "nobody is signed in to the session, and so `eksso login corp --force` begins a new one";
        assert_eq!(
            words("eksso: warning: ", text, Some(60)),
            "eksso: warning: nobody is signed in to the session, and so\n  `eksso login corp --force` begins a new one\n"
        );
        let out =
            laid_out("            fix: ", "EKSSO_KEYRING=keyutils eksso login  # the kernel's, gone at a reboot", 60);
        assert_eq!(
            out,
            "            fix: EKSSO_KEYRING=keyutils eksso login\n                 # the kernel's, gone at a reboot\n"
        );
        let out = laid_out("  ", "# member of the group EKS Developers, which is for all teams", 40);
        assert_eq!(out, "  # member of the group EKS Developers,\n  # which is for all teams\n");
    }

    #[test]
    fn a_command_that_is_longer_than_a_line_can_be_pasted_all_the_same() {
        let commands = [
            "aws eks associate-access-policy --cluster-name payments --principal-arn arn:aws:iam::222222222222:role/ci --access-scope \
             'type=namespace,namespaces=a b c'",
            "aws a delete --id 12345678901234567890 --membership-id \"$(aws a get-group-membership-id --group-id 'g h' --output text)\"",
            "aws eks delete-access-entry --cluster-name payments --principal-arn 'it'\\''s one' && aws eks create-access-entry",
        ];
        for command in commands {
            for room in [40, 60, 80] {
                let out = laid_out("      fix: ", command, room);
                assert_eq!(pasted(out.trim_start().trim_start_matches("fix: ")), command, "{room}");
                let most = out.lines().map(UnicodeWidthStr::width).max();
                let longest = shell_words(command).expect("words").into_iter().map(|at| at.len()).max();
                let fits = most < Some(room) || most <= longest.map(|longest| longest + 17);
                assert!(fits || GOES_ON.is_none(), "{room}: {out}");
                assert!(out.lines().skip(1).all(|line| line.starts_with("      ")), "{out}");
            }
        }
    }

    #[test]
    fn a_fact_about_a_program_is_broken_between_words() {
        let mut out = String::new();
        prose(
            &mut out,
            "ok  ",
            "what kubectl starts: kubectl starts that very program with all that it needs",
            Some(40),
        );
        assert_eq!(out, "ok  what kubectl starts: kubectl starts\n    that very program with all that it\n    needs\n");
    }

    #[test]
    fn a_sentence_that_names_a_program_is_no_command() {
        for (text, command) in [
            ("eksso roles lists the accounts", Some("eksso roles")),
            ("eksso scaffold init, or name it with --file", Some("eksso scaffold init,")),
            ("kubectl is older than the cluster", None),
            ("kubectl starts `eksso token` with all that it needs", Some("kubectl starts")),
            ("export AWS_CA_BUNDLE=/path/to/the/network's/ca.pem", None),
            ("eksso login --force; then again", Some("eksso login --force;")),
        ] {
            assert_eq!(super::command(text).map(|length| &text[..length]), command, "{text}");
        }
    }
}
