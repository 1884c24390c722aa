//! Profiles of ours in `~/.aws/config`: found by their mark, changed line by line. What is not ours keeps every byte.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::ids::{AccountId, RoleName, SessionName};
use crate::domain::settings::aws_config::{Section, section};
use crate::domain::text::shell_word;

/// The line that makes a profile ours.
const MARK: &str = "# written by eksso profiles";
const PROCESS: &str = "credential_process";

/// Whose credentials a profile gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The session.
    pub session: SessionName,
    /// The account.
    pub account: AccountId,
    /// The role.
    pub role: RoleName,
}

impl Whose {
    /// The program that gives them. SDKs take it apart as a shell does, and some let one run it.
    pub fn process(&self, command: &str) -> String {
        let Self { session, account, role } = self;
        let (command, session) = (shell_word(command), shell_word(session.as_str()));
        format!("{command} credentials --session {session} --account {account} --role {role}")
    }

    /// Whether a program is one that [`Self::process`] wrote, with nothing else in it.
    fn is_ours(process: &str) -> bool {
        let command = process.split_once(" credentials --session ").map(|(command, _)| command);
        let bare = command.and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''));
        let is_word =
            bare.map_or_else(|| command.is_some_and(|text| !text.contains([' ', '\t'])), |text| !text.contains('\''));
        is_word && Self::read(process).is_some()
    }

    /// Reads what [`Self::process`] wrote.
    fn read(process: &str) -> Option<Self> {
        let (head, role) = process.rsplit_once(" --role ")?;
        let (head, account) = head.rsplit_once(" --account ")?;
        let (_, session) = head.split_once(" credentials --session ")?;
        let bare =
            session.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).map(|text| text.replace(r"'\''", "'"));
        let session = bare.unwrap_or_else(|| session.to_owned());
        Some(Self { session: session.parse().ok()?, account: account.parse().ok()?, role: role.parse().ok()? })
    }
}

/// A profile that is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// `credential_process`
    pub process: String,
    /// `region` of a new one. That of one that is there is its user's to change.
    pub region: Option<String>,
}

/// A profile of ours that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Its name.
    pub name: String,
    /// Whose credentials it gives; `None` where that line is not as we write it.
    pub whose: Option<Whose>,
}

/// What a change comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The text after it.
    pub text: String,
    /// Profiles that are new.
    pub added: Vec<String>,
    /// Profiles whose program is another now.
    pub updated: Vec<String>,
    /// Profiles that went.
    pub removed: Vec<String>,
    /// Wanted names that somebody else's profile has.
    pub taken: Vec<String>,
}

/// A section, by its lines.
struct Block<'t> {
    profile: Option<String>,
    header: usize,
    marked: bool,
    /// Each key with its lines.
    keys: Vec<(String, Range<usize>)>,
    lines: &'t [&'t str],
}

impl Block<'_> {
    /// One past the last line that is the section's own. Comments and blank lines after it may be the next one's.
    fn end(&self) -> usize {
        let mark = (self.header + 1..).take_while(|_| self.marked).find(|at| self.lines[*at].trim() == MARK);
        self.keys.last().map_or(self.header + 1, |(_, lines)| lines.end).max(mark.map_or(0, |at| at + 1))
    }

    fn process(&self) -> Option<(&Range<usize>, &str)> {
        let (_, lines) = self.keys.iter().find(|(key, _)| key == PROCESS)?;
        let value = self.lines[lines.start].split_once(['=', ':'])?.1.trim();
        (lines.len() == 1).then_some((lines, value))
    }
}

/// A name as a profile can have it: without what a header would need quotes for, which not all SDKs know. Source: AWS SDKs
/// and Tools Reference Guide, "Shared config and credentials files".
pub fn profile_name(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c);
    text.chars().map(|c| if fits(c) { c } else { '-' }).collect()
}

/// The profiles of ours that are there.
pub fn own(text: &str) -> Vec<Own> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let marked = blocks(&lines).into_iter().filter(|block| block.marked);
    let own = marked.filter_map(|block| {
        let whose = block.process().and_then(|(_, process)| Whose::read(process));
        Some(Own { whose, name: block.profile? })
    });
    own.collect()
}

/// Keys whose values are no secrets. Source: AWS SDKs and Tools Reference Guide, "Settings reference"; AWS CLI User Guide,
/// "Configuration and credential file settings".
const PLAIN: [&str; 21] = [
    "ca_bundle",
    "cli_auto_prompt",
    "cli_binary_format",
    "cli_history",
    "cli_pager",
    "cli_timestamp_format",
    "credential_source",
    "defaults_mode",
    "duration_seconds",
    "max_attempts",
    "output",
    "region",
    "retry_mode",
    "role_arn",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
];
const HIDDEN: &str = "[redacted]";

/// The lines of a text as they may be shown: of what is not ours, only what is known to be no secret. Keys can stand in
/// comments, in the lines that go on with a value, and in the arguments of others' programs.
pub fn shown(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let blocks = blocks(&lines);
    let plain = |at: usize, line: &str| {
        let (trimmed, block) = (line.trim(), blocks.iter().rev().find(|block| block.header <= at));
        let key = block.and_then(|block| block.keys.iter().find(|(_, lines)| lines.contains(&at)));
        let value = trimmed.split_once(['=', ':']).map(|(_, value)| value.trim()).unwrap_or_default();
        let is_plain = |key: &str| PLAIN.contains(&key) || (key == PROCESS && Whose::is_ours(value));
        match key {
            _ if trimmed.is_empty() || trimmed == MARK => None,
            _ if trimmed.starts_with(['#', ';']) => Some(format!("# {HIDDEN}")),
            // What goes on with a value, whatever it looks like.
            Some((_, lines)) if lines.start != at => Some(format!("    {HIDDEN}")),
            Some((key, _)) if is_plain(key) => None,
            Some((key, _)) if key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
                Some(format!("{key} = {HIDDEN}"))
            }
            None if block.is_some_and(|block| block.header == at) && trimmed.ends_with(']') => None,
            _ => Some(HIDDEN.to_owned()),
        }
    };
    let shown = lines.iter().enumerate().map(|(at, line)| {
        let (body, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
        plain(at, body).map_or_else(|| (*line).to_owned(), |hidden| hidden + end)
    });
    shown.collect()
}

/// Writes profiles, and takes others of ours away.
pub fn change(text: &str, wanted: &[Wanted], goes: &HashSet<String>) -> Changed {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let blocks = blocks(&lines);
    let end = if text.lines().next().is_some_and(|_| text.contains("\r\n")) { "\r\n" } else { "\n" };
    let mut changed = Changed::default();
    // Lines that go, and what stands in the place of one.
    let (mut gone, mut instead) = (HashSet::new(), std::collections::HashMap::new());
    for block in blocks.iter().filter(|block| block.marked) {
        let Some(name) = block.profile.as_ref().filter(|name| goes.contains(*name)) else { continue };
        changed.removed.push(name.clone());
        gone.extend(block.header..block.end());
        // The blank line that came with it.
        if block.header > 0 && lines[block.header - 1].trim().is_empty() {
            gone.insert(block.header - 1);
        }
    }
    let mut new = String::new();
    for Wanted { name, process, region } in wanted {
        let mut there = blocks.iter().filter(|block| block.profile.as_deref() == Some(name));
        // `default` is what programs are without a profile: that is nobody's to give away.
        if name == "default" || there.clone().any(|block| !block.marked) {
            changed.taken.push(name.clone());
            continue;
        }
        let Some(block) = there.next() else {
            let region = region.as_ref().map(|region| format!("region = {region}{end}")).unwrap_or_default();
            new.push_str(&format!("{end}[profile {name}]{end}{MARK}{end}{PROCESS} = {process}{end}{region}"));
            changed.added.push(name.clone());
            continue;
        };
        match block.process() {
            Some((_, value)) if value == process => continue,
            Some((at, _)) => _ = instead.insert(at.start, format!("{PROCESS} = {process}{end}")),
            // Several lines, or none: the line of the mark is where one belongs.
            None => {
                block.keys.iter().filter(|(key, _)| key == PROCESS).for_each(|(_, at)| gone.extend(at.clone()));
                instead.insert(block.header, format!("{}{PROCESS} = {process}{end}", closed(lines[block.header], end)));
            }
        }
        changed.updated.push(name.clone());
    }
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| !gone.contains(at)) {
        changed.text.push_str(instead.get(&at).map_or(line, String::as_str));
    }
    if !new.is_empty() {
        changed.text = closed(&changed.text, end);
        // The blank line before the first of a file has nothing to part.
        changed.text.push_str(if changed.text.is_empty() { &new[end.len()..] } else { &new });
    }
    changed
}

/// A text whose last line has its end.
fn closed(text: &str, end: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}{end}") }
}

/// The sections of a text, read as `aws_config` reads them.
fn blocks<'t>(lines: &'t [&'t str]) -> Vec<Block<'t>> {
    let mut found: Vec<Block<'t>> = Vec::new();
    let mut last: Option<usize> = None;
    for (number, line) in lines.iter().enumerate() {
        let line = if number == 0 { line.trim_start_matches('\u{feff}') } else { line };
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            if let (true, Some(block)) = (trimmed == MARK, found.last_mut()) {
                block.marked = true;
            }
            continue;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if last.is_some_and(|own| indent > own) {
            if let Some((_, lines)) = found.last_mut().and_then(|block| block.keys.last_mut()) {
                lines.end = number + 1;
            }
        } else if let Some(rest) = trimmed.strip_prefix('[') {
            let profile = match rest.rsplit_once(']').and_then(|(header, _)| section(header)) {
                Some(Section::Profile(name)) => Some(name),
                _ => None,
            };
            last = None;
            found.push(Block { profile, header: number, marked: false, keys: Vec::new(), lines });
        } else if let Some((key, _)) = trimmed.split_once(['=', ':']) {
            last = Some(indent);
            if let Some(block) = found.last_mut() {
                block.keys.push((key.trim().to_lowercase(), number..number + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, role: &str) -> Wanted {
        let whose = Whose {
            session: "corp".parse().expect("name"),
            account: "111122223333".parse().expect("id"),
            role: role.parse().expect("role"),
        };
        Wanted { name: name.into(), process: whose.process("eksso"), region: Some("eu-west-1".into()) }
    }

    const ODD: &str = "\u{feff}; mine\r\n[default]\r\n  region=us-east-1   \r\n s3 =\r\n   [profile a/Dev]\r\n\r\n[ profile x ]\r\n\
        # [profile b]\r\nKEY : v\r\n\r\n# about y\r\n[profile \"y z\"]\r\ncredential_process = other";

    #[test]
    fn what_is_not_ours_keeps_every_byte_and_what_was_added_goes_without_a_trace() {
        for text in [ODD, &format!("{ODD}\r\n"), "", "[default]\nregion = x\n", "\n\n# only a comment\n"] {
            let all = [wanted("a/Dev", "Dev"), wanted("a/Ops", "Ops")];
            let written = change(text, &all, &HashSet::new());
            assert_eq!(written.added, ["a/Dev", "a/Ops"], "{text:?}");
            assert!(written.text.starts_with(text), "{:?}", written.text);
            assert_eq!(written.text.contains("\r\n[profile a/Dev]\r\n"), text.contains('\r'));
            let again = change(&written.text, &all, &HashSet::new());
            assert_eq!((again.text.as_str(), again.added.len() + again.updated.len()), (written.text.as_str(), 0));
            let names: HashSet<String> = own(&written.text).into_iter().map(|own| own.name).collect();
            assert_eq!(names.len(), 2);
            let pruned = change(&written.text, &[], &names).text;
            assert_eq!(pruned.trim_end_matches("\r\n"), text.trim_end_matches("\r\n"), "{text:?}");
        }
    }

    #[test]
    fn others_profiles_are_left_alone_and_ours_keep_what_their_user_added() {
        let taken =
            change("[profile a]\nregion = x\n", &[wanted("a", "Dev"), wanted("default", "Dev")], &HashSet::new());
        assert_eq!((taken.text.as_str(), taken.taken.len()), ("[profile a]\nregion = x\n", 2));
        let ours = change("", &[wanted("a", "Dev")], &HashSet::new()).text;
        let edited = format!("{}output = json\n\n# next\n[profile b]\n", ours.replace("eu-west-1", "us-east-1"));
        let moved = change(&edited, &[wanted("a", "Ops")], &HashSet::new());
        assert_eq!(moved.updated, ["a"]);
        assert_eq!(moved.text, edited.replace("--role Dev", "--role Ops"));
        let gone = change(&edited, &[], &HashSet::from(["a".to_owned(), "b".to_owned()]));
        assert_eq!(
            (gone.text.as_str(), gone.removed.as_slice()),
            ("\n# next\n[profile b]\n", ["a".to_owned()].as_slice())
        );
        let broken = edited.replace("credential_process = ", "credential_process =\n  ");
        let mended = change(&broken, &[wanted("a", "Dev")], &HashSet::new()).text;
        assert_eq!(own(&mended)[0].whose.as_ref().expect("whose").role.as_str(), "Dev");
        assert_eq!(mended.matches("credential_process").count(), 1, "{mended}");
    }

    #[test]
    fn of_what_is_not_ours_no_secret_is_shown_wherever_it_stands() {
        let ours = change("", &[wanted("a/Dev", "Dev")], &HashSet::new()).text;
        assert_eq!(shown(&ours).concat(), ours);
        let text = "\u{feff}; canary = x\r\n[default]\r\nregion = eu-west-1\r\naws_secret_access_key =\r\n   canary-1\r\n\tcanary: 2\r\n\
            [profile x]\nCredential_Process = vault --token canary credentials --session a --account 111122223333 --role R\n\
            password : canary\nsso_session = corp\n  canary\n  # canary\nregion = a\n[canary\ncanary\n# next\ns3 =\n  canary = 1\nexternal_id = canary";
        let lines = shown(text);
        assert_eq!(lines.len(), text.split_inclusive('\n').count());
        let all = lines.concat();
        assert!(!all.contains("canary"), "{all}");
        for kept in [
            "[default]\r\nregion = eu-west-1\r\naws_secret_access_key = [redacted]\r\n    [redacted]\r\n",
            "sso_session = corp\n",
        ] {
            assert!(all.contains(kept), "{kept}: {all}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_names_need_no_quotes() {
        for name in ["corp", "my corp", "it's ours"] {
            let whose = Whose {
                session: name.parse().expect("name"),
                account: "111122223333".parse().expect("id"),
                role: "A+B@c".parse().expect("role"),
            };
            for command in ["eksso", "/opt/my programs/eksso"] {
                assert_eq!(Whose::read(&whose.process(command)), Some(whose.clone()));
            }
        }
        assert_eq!(Whose::read("aws-vault exec x"), None);
        assert_eq!(profile_name("Pay ments (EU)/Ä]"), "Pay-ments--EU-/--");
    }
}
