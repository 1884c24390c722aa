//! The audit trail: a line for each sign-in and for each time that credentials were asked for, and how lines are read again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::filter::Glob;
use crate::domain::identity::Identity;
use crate::domain::ids::{RoleArn, RoleName, SessionName};

/// What begins each line, and stands nowhere else in one: in JSON the quotes of a text are escaped.
const MARK: &str = "{\"time\":\"";

/// What happened. No secret: of role credentials the id alone, which the cluster's audit log and CloudTrail have, too. The
/// fields are documented and stable; what has no value is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When, UTC.
    pub time: Timestamp,
    /// `sign_in`, how credentials are handed out (`token`, `credentials`, `console`, `share`), or the command that was refused
    /// (`use`, `exec`, `shell`, `env` …).
    pub event: String,
    /// `ok`, or why not: `sign_in_needed`, `denied`, `not_found`, `unavailable`, `local_state`, `failed` …
    pub result: String,
    /// The session's name; of a refusal it may not be known.
    pub session: Option<String>,
    /// Who signed in, where the provider says so.
    pub user: Option<String>,
    /// The kubeconfig's context, where it was named.
    pub context: Option<String>,
    /// The account of the role.
    pub account_id: Option<String>,
    /// The assigned role.
    pub role: Option<String>,
    /// The role that was assumed from there.
    pub assumed_role: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The cluster, where it was for one.
    pub cluster: Option<String>,
    /// The id of the role credentials that were handed out.
    pub access_key_id: Option<String>,
    /// The program that started eksso, as far as this system tells.
    pub parent: Option<String>,
    /// Its process.
    pub parent_process: Option<u32>,
}

/// Whom and what a line is about, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The session's name.
    pub session: Option<String>,
    /// The context that was named.
    pub context: Option<String>,
    /// The account of the role.
    pub account_id: Option<String>,
    /// The assigned role.
    pub role: Option<String>,
    /// The role that is assumed from there.
    pub assumed_role: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The cluster.
    pub cluster: Option<String>,
}

impl About {
    /// A sign-in.
    pub fn session(name: &SessionName) -> Self {
        Self { session: Some(name.to_string()), ..Self::default() }
    }

    /// A context, with what it stands for where that is known, and the role that it is wanted with.
    pub fn context(name: &str, identity: Option<&Identity>, role: Option<&RoleName>) -> Self {
        let named = Self { context: Some(name.to_owned()), role: role.map(RoleName::to_string), ..Self::default() };
        match identity {
            Some(identity) => named.completed(identity),
            None => named,
        }
    }

    /// A context by its name alone.
    pub fn named(name: String) -> Self {
        Self { context: Some(name), ..Self::default() }
    }

    /// The same with what its context stands for. A role that it is wanted with stays.
    pub fn completed(self, identity: &Identity) -> Self {
        let assumed = identity.assume.as_ref().filter(|_| self.role.is_none()).map(RoleArn::to_string);
        Self {
            session: Some(identity.session.to_string()),
            context: self.context,
            account_id: Some(identity.account.to_string()),
            role: self.role.or_else(|| Some(identity.role.to_string())),
            assumed_role: assumed,
            region: Some(identity.region.to_string()),
            cluster: Some(identity.cluster.to_string()),
        }
    }
}

impl Line {
    /// The line as it is kept: JSON and a line end.
    pub fn to_text(&self) -> String {
        // Texts and a time always serialize.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The day of the file that holds it.
    pub fn day(&self) -> String {
        self.time.strftime("%F").to_string()
    }
}

/// What a file of the trail holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The lines, in their order.
    pub lines: Vec<Line>,
    /// How many were cut short: their process was killed, or the disk was full, in the middle of writing. What they are about
    /// was not handed out.
    pub torn: usize,
    /// The numbers of those that cannot be read for any other reason: somebody changed them, or a disk lost them. What they
    /// were about is not known.
    pub unread: Vec<usize>,
}

/// Reads lines. One that was cut short has no end, so the next one stands behind it, or nothing: both are told apart.
pub fn read(text: &str) -> Lines {
    let mut found = Lines::default();
    for (number, row) in text.split_inclusive('\n').enumerate() {
        let (row, ends) = row.strip_suffix('\n').map_or((row, false), |row| (row, true));
        let starts: Vec<usize> = row.match_indices(MARK).map(|(at, _)| at).filter(|at| *at > 0).collect();
        let mut from = 0;
        for end in starts.into_iter().chain([row.len()]).filter(|_| !row.is_empty()) {
            match serde_json::from_str(&row[from..end]) {
                Ok(line) => found.lines.push(line),
                // The line break is written with the line, so what has one was whole once.
                Err(error) if error.is_eof() && !(ends && end == row.len()) => found.torn += 1,
                Err(_) => found.unread.push(number + 1),
            }
            from = end;
        }
    }
    found
}

/// Which lines are wanted; what is not given lets all through.
#[derive(Debug, Default)]
pub struct Wanted {
    /// From then on.
    pub since: Option<Timestamp>,
    /// The session's name.
    pub session: Option<String>,
    /// Globs of the event, the result, the context, the account's id, the role (also the assumed one), the cluster, the parent.
    pub event: Option<Glob>,
    /// See `event`.
    pub result: Option<Glob>,
    /// See `event`.
    pub context: Option<Glob>,
    /// See `event`.
    pub account: Option<Glob>,
    /// See `event`.
    pub role: Option<Glob>,
    /// See `event`.
    pub cluster: Option<Glob>,
    /// See `event`.
    pub parent: Option<Glob>,
    /// The id of role credentials.
    pub key: Option<String>,
}

impl Wanted {
    /// Whether a line is wanted. `context_now` is the context that stands for the same now, where the line names none.
    pub fn has(&self, line: &Line, context_now: Option<&str>) -> bool {
        let fits = |glob: &Option<Glob>, text: Option<&str>| {
            glob.as_ref().is_none_or(|glob| text.is_some_and(|text| glob.matches(text)))
        };
        let role = fits(&self.role, line.role.as_deref()) || fits(&self.role, line.assumed_role.as_deref());
        self.since.is_none_or(|since| line.time >= since)
            && self.session.as_ref().is_none_or(|session| Some(session) == line.session.as_ref())
            && fits(&self.event, Some(&line.event))
            && fits(&self.result, Some(&line.result))
            && fits(&self.context, line.context.as_deref().or(context_now))
            && fits(&self.account, line.account_id.as_deref())
            && role
            && fits(&self.cluster, line.cluster.as_deref())
            && fits(&self.parent, line.parent.as_deref())
            && self.key.as_ref().is_none_or(|key| Some(key) == line.access_key_id.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(context: &str) -> Line {
        Line {
            time: "2026-11-26T08:00:00Z".parse().expect("a time"),
            event: "token".into(),
            result: "ok".into(),
            session: Some("corp".into()),
            user: None,
            context: Some(context.into()),
            account_id: Some("111122223333".into()),
            role: Some("EKSAdmin".into()),
            assumed_role: None,
            region: Some("eu-west-1".into()),
            cluster: Some("web".into()),
            access_key_id: Some("ASIAEXAMPLE".into()),
            parent: Some("/usr/bin/kubectl".into()),
            parent_process: Some(4711),
        }
    }

    #[test]
    fn lines_are_read_as_they_were_written_and_one_that_was_cut_costs_no_other() {
        let (one, two) = (line("a"), line("{\"time\":\"b\nc"));
        let text = format!("{}{}", one.to_text(), two.to_text());
        assert_eq!(text.matches('\n').count(), 2, "one line each");
        assert_eq!(read(&text), Lines { lines: vec![one.clone(), two.clone()], ..Lines::default() });
        let cut = one.to_text();
        for length in 1..cut.len() - 1 {
            let text = format!("{}{}{}", one.to_text(), &cut[..length], two.to_text());
            let found = read(&text);
            assert_eq!(found.lines, [one.clone(), two.clone()], "{length}");
            assert_eq!((found.torn, found.unread), (1, vec![]), "{length}");
        }
        let changed = cut.replacen("\":\"", "\":", 1);
        for odd in [changed.as_str(), "[]\n", "{}\n", "\0\n", "\u{fffd}\n", &format!("{}\n", &cut[..40])] {
            let found = read(&format!("{}{odd}{}", one.to_text(), two.to_text()));
            assert_eq!((found.lines.len(), found.torn, found.unread), (2, 0, vec![2]), "{odd}");
        }
    }

    #[test]
    fn filters_are_globs_and_all_count() {
        let wanted = |change: fn(&mut Wanted)| {
            let mut wanted = Wanted::default();
            change(&mut wanted);
            wanted.has(&line("prod/web"), Some("test"))
        };
        assert!(wanted(|_| {}));
        assert!(wanted(|w| w.context = Some(Glob::new("PROD/*"))) && !wanted(|w| w.context = Some(Glob::new("test"))));
        assert!(wanted(|w| w.key = Some("ASIAEXAMPLE".into())) && !wanted(|w| w.key = Some("ASIA".into())));
        assert!(wanted(|w| w.parent = Some(Glob::new("*kubectl"))) && !wanted(|w| w.session = Some("lab".into())));
        assert!(!wanted(|w| w.since = "2026-11-27T00:00:00Z".parse().ok()));
        assert!(!wanted(|w| (w.role, w.event) = (Some(Glob::new("EKS*")), Some(Glob::new("sign_in")))));
    }
}
