//! What an organisation laid down here: the policy of the machine, the settings that `eksso setup` installed, the audit trail.

use std::path::Path;

use crate::domain::doctor::{Check, Finding, Status};
use crate::domain::settings::managed::Source;
use crate::domain::settings::sink::Sink;
use crate::domain::text::{digest, shell_word};
use crate::error::{Kind, Result};
use crate::flows::doctor::base::{failed, of_error};
use crate::flows::settings::Settings;
use crate::flows::settings::setup;
use crate::flows::settings::shown::{Flags, Shown, Why, shown};
use crate::flows::trail;
use crate::ports::{Exposure, World};

/// More than this is for a journal, which rotates by size.
const MUCH: u64 = 256 << 20;

/// The policy, where there is one, and what it refuses of the settings. A bad one has stopped the call already.
pub(super) fn policy(world: &World, settings: &Result<Settings>) -> Option<Finding> {
    let policy = world.policy().ok()?;
    let place = policy.place()?;
    let (mut rules, mut refused): (Vec<String>, Vec<String>) =
        (policy.rules().map(|(rule, _)| rule).collect(), Vec::new());
    rules.sort();
    if let Ok(settings) = settings
        && let Ok(rows) = shown(world, settings, Flags::default())
    {
        let by_policy = |row: &Shown| matches!(row.refused, Some(Why::Rule(_)));
        refused.extend(rows.into_iter().filter(by_policy).map(|row| row.key));
    }
    let rules = if rules.is_empty() { "no rule".to_owned() } else { rules.join(", ") };
    let fact = format!("{place} is in force: {rules}");
    Some(match refused.as_slice() {
        [] => Finding::new(Check::Policy, Status::Ok, fact),
        refused => {
            let fact = format!("{fact}; it refuses what the settings say: {}", refused.join(", "));
            Finding::new(Check::Policy, Status::Warning, fact).fix("eksso config check")
        }
    })
}

/// The organisation's settings, where some are installed, and whether there are newer ones. Bad ones are a finding of the
/// settings.
pub(super) async fn settings(world: &World) -> Option<Finding> {
    let finding = |status, fact: String| Finding::new(Check::Organisation, status, fact);
    let (text, source) = setup::installed(world).ok()??;
    let place = Settings::managed_place(world);
    let places = [place.as_path(), world.folders.config.as_path()];
    let is_exposed = |place: &&Path| {
        // Who keeps the settings elsewhere, behind a link of the folder, has chosen the place.
        let exposure = world.files.exposure(place);
        exposure.filter(|exposure| *place != world.folders.config || *exposure != Exposure::Link)
    };
    if let Some((words, mend)) = places.iter().find_map(|place| Some(exposed(place, is_exposed(place)?))) {
        let fact = format!("others may change the organisation's settings: {words}");
        return Some(finding(Status::Warning, fact).fix(mend));
    }
    let Some(source) = source else {
        let fact =
            "the organisation's settings were not installed by `eksso setup`, so nobody knows where they come from";
        return Some(finding(Status::Warning, fact.to_owned()).fix("eksso setup URL  # or FILE, installs them anew"));
    };
    let Source { from, sha256, minisign_key, version, installed_at } = &source;
    let since = installed_at.map(|at| format!(", installed {}", at.strftime("%F"))).unwrap_or_default();
    let anew = match minisign_key {
        Some(key) => format!("eksso setup {} --minisign-key {}", shell_word(from), shell_word(key)),
        None if from.contains("://") => format!("eksso setup {} --sha256 HASH", shell_word(from)),
        None => format!("eksso setup {}", shell_word(from)),
    };
    // The line end before eksso's own line may be eksso's.
    let is_as_installed = [text.as_str(), text.trim_end_matches('\n')].iter().any(|text| digest(text) == *sha256);
    if !is_as_installed {
        let fact = format!("the organisation's settings of {from} were changed after they were installed");
        return Some(finding(Status::Warning, fact).fix(anew));
    }
    let fact = match minisign_key {
        Some(key) => format!("version {version} of {from}, signed with {key}{since}"),
        None => format!("{from}, fixed{since}"),
    };
    Some(match setup::refresh(world).await {
        Ok(None) => finding(Status::Ok, fact),
        Ok(Some(offer)) => {
            let fact = format!("{fact}; version {} waits for your yes", offer.version());
            finding(Status::Warning, fact).fix(anew)
        }
        Err(error) if error.kind() == Kind::Unavailable => {
            let fact = format!("{fact}; whether there is a newer one is not known: {}", error.fact());
            finding(Status::Warning, fact)
        }
        Err(error) => {
            let told = of_error(Check::Organisation, Status::Warning, &error);
            Finding { fact: format!("{fact}; it stays, as a newer one cannot be taken: {}", told.fact), ..told }
        }
    })
}

/// Why others may put something else in a place, in words, and the command that keeps them from it.
fn exposed(place: &Path, exposure: Exposure) -> (String, String) {
    let shown = place.display().to_string();
    let word = shell_word(&shown);
    match exposure {
        Exposure::Link => {
            let other = format!("{shown}.other");
            (
                format!("{shown} is a link"),
                format!("mv {word} {}  # and what it leads to back in its place", shell_word(&other)),
            )
        }
        Exposure::Owner { user, own } => {
            (format!("{shown} belongs to user {user}, and not to user {own}"), format!("sudo chown {own} {word}"))
        }
        Exposure::Mode(mode) => {
            (format!("{shown} can be written by others (mode {mode:04o})"), format!("chmod go-w {word}"))
        }
    }
}

/// The audit trail, where it is on: whether it takes lines, which nothing is handed out without.
pub(super) fn trail(world: &World, settings: &Result<Settings>) -> Option<Finding> {
    let sink = settings.as_ref().ok()?.config.trail;
    if sink == Sink::Off {
        return None;
    }
    let stuck = |error| failed(Check::Trail, &error).fix("eksso config show trail");
    if let Err(error) = world.trail.reach(sink, &trail::today(world)) {
        return Some(stuck(error));
    }
    if sink != Sink::File {
        return Some(Finding::new(Check::Trail, Status::Ok, format!("`{sink}` takes its lines")));
    }
    let kept = match trail::kept(world) {
        Ok(kept) => kept,
        Err(error) => return Some(stuck(error)),
    };
    let folder = world.folders.state.join("trail");
    let fact = format!(
        "{} takes its lines: {} KiB in {} files, kept for {} days",
        folder.display(),
        kept.bytes.div_ceil(1 << 10),
        kept.files,
        trail::KEPT.as_hours() / 24
    );
    Some(match kept.exposed {
        Some((place, exposure)) => {
            let (words, mend) = exposed(&place, exposure);
            Finding::new(Check::Trail, Status::Warning, format!("{fact}; others may change it: {words}")).fix(mend)
        }
        None if kept.bytes > MUCH => Finding::new(Check::Trail, Status::Warning, fact)
            .fix("set `trail = \"journald\"` or \"syslog\" in config.toml, which rotate by size"),
        None => Finding::new(Check::Trail, Status::Ok, fact),
    })
}
