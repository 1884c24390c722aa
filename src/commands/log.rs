//! `eksso log`: the audit trail of this user.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::cli::LogArgs;
use crate::commands::shared::call::Call;
use crate::domain::filter::Glob;
use crate::domain::lifetime::whole_second;
use crate::domain::settings::sink::Sink;
use crate::domain::text;
use crate::domain::trail::{Line, Wanted};
use crate::error::{Error, Result};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::trail::{exists, lines};
use crate::ui::fitting::GivingWay;
use crate::ui::say::count;
use crate::ui::table::Row;

#[derive(Debug, Serialize)]
struct LogRow {
    /// As it was recorded.
    #[serde(flatten)]
    line: Line,
    /// Where it names no context: the one that stands for the same cluster and role in the kubeconfig now.
    context_now: Option<String>,
}

impl Row for LogRow {
    const HEADINGS: &'static [&'static str] =
        &["TIME", "EVENT", "RESULT", "SESSION", "CONTEXT", "ROLE", "ACCESS KEY ID", "PARENT"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let line = &self.line;
        let or_dash = |text: &'_ Option<String>| text.clone().unwrap_or_else(|| "-".to_owned()).into();
        let role = match (&line.account_id, &line.role) {
            (Some(account), Some(role)) => format!("{account}/{role}").into(),
            _ => "-".into(),
        };
        vec![
            whole_second(line.time).to_string().into(),
            line.event.as_str().into(),
            line.result.as_str().into(),
            or_dash(&line.session),
            match (&line.context, &self.context_now) {
                (None, Some(now)) => format!("({now})").into(),
                (recorded, _) => or_dash(recorded),
            },
            role,
            or_dash(&line.access_key_id),
            or_dash(&line.parent),
        ]
    }

    fn name(&self) -> String {
        self.line.access_key_id.clone().or_else(|| self.line.session.clone()).unwrap_or_default()
    }
}

/// Shows the lines that are wanted.
pub fn run(call: &Call<'_>, args: &LogArgs) -> Result<()> {
    let (world, settings) = (call.world, call.settings()?);
    let since = args.since.as_deref().map(|text| moment(text, world.clock.now())).transpose()?;
    let glob = |text: &Option<String>| text.as_deref().map(Glob::new);
    let wanted = Wanted {
        since,
        session: call.globals.session.clone(),
        event: glob(&args.event),
        result: glob(&args.result),
        context: glob(&args.context),
        account: glob(&args.account),
        role: glob(&args.role),
        cluster: glob(&args.cluster),
        parent: glob(&args.parent),
        key: args.key.clone(),
    };
    let (found, contexts) = (lines(world, since)?, contexts(call));
    let row = |line: Line| {
        let now = key(&line).filter(|_| line.context.is_none());
        LogRow { context_now: now.and_then(|key| contexts.get(&key).cloned()), line }
    };
    let mut rows: Vec<LogRow> = found.lines.into_iter().map(row).collect();
    rows.retain(|row| wanted.has(&row.line, row.context_now.as_deref()));
    let first = args.last.map_or(0, |last| rows.len().saturating_sub(last));
    if found.torn > 0 {
        let cut = count(found.torn, "line");
        call.voice.warn(
            world,
            &format!("{cut} cut short, and left out: its process was killed before it handed anything out"),
        );
    }
    if let [first, ..] = found.unread.as_slice() {
        let lines = count(found.unread.len(), "line");
        let words = format!("{lines} cannot be read, and what was in there is not known: {first}");
        call.voice.warn(world, &if found.unread.len() > 1 { format!("{words} and others") } else { words });
    }
    match settings.config.trail {
        Sink::File => {}
        Sink::Off if !exists(world) => {
            let place = settings.path.display();
            call.voice.say(world, &format!("There is no audit trail; `trail = \"file\"` in {place} begins one."));
        }
        Sink::Off => call.voice.say(world, "The audit trail is off now; its lines are of before."),
        Sink::Journald => call.voice.say(world, "The lines go to the journal: journalctl -t eksso -o cat"),
        Sink::Syslog => call.voice.say(world, "The lines go to the system log, under the name eksso."),
    }
    let way = GivingWay { first: &["PARENT", "ACCESS KEY ID", "SESSION", "ROLE"], last: "CONTEXT" };
    call.list((LogRow::HEADINGS, way), rows.into_iter().skip(first))
}

/// What a context and a line of it have in common.
type Key = (String, String, String, String, String, Option<String>);

fn key(line: &Line) -> Option<Key> {
    Some((
        line.session.clone()?,
        line.account_id.clone()?,
        line.role.clone()?,
        line.region.clone()?,
        line.cluster.clone()?,
        line.assumed_role.clone(),
    ))
}

/// The contexts of the kubeconfig by what they stand for; of several the first. None where it cannot be read.
fn contexts(call: &Call<'_>) -> HashMap<Key, String> {
    let Ok(files) = Kubeconfigs::open_outer(call.world, call.globals.kubeconfig.as_deref()) else {
        return HashMap::new();
    };
    let known = files.contexts().into_iter().rev().filter_map(|context| {
        let identity = context.identity?;
        let key = (
            identity.session.to_string(),
            identity.account.to_string(),
            identity.role.to_string(),
            identity.region.to_string(),
            identity.cluster.to_string(),
            identity.assume.map(|arn| arn.to_string()),
        );
        Some((key, context.name))
    });
    known.collect()
}

/// A moment: a time, the beginning of a day (UTC), or how long ago.
fn moment(given: &str, now: Timestamp) -> Result<Timestamp> {
    let ago = || SignedDuration::try_from(text::duration(given)?).ok().and_then(|ago| now.checked_sub(ago).ok());
    let day = || format!("{given}T00:00:00Z").parse().ok();
    given.parse().ok().or_else(day).or_else(ago).ok_or_else(|| {
        Error::usage(format!("`{given}` is no time"))
            .hint("--since 2026-11-26T08:00:00Z, --since 2026-11-26 (UTC), or how long ago: --since 2h, --since 7d")
    })
}
