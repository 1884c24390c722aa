//! What the environment says in place of the settings, and which endpoints it may name.

use std::path::PathBuf;

use crate::domain::settings::config::Config;
use crate::domain::settings::layers::Origin as Layer;
use crate::domain::url::Origin;
use crate::error::Result;
use crate::ports::World;

pub(in crate::flows::settings) const MAX_CONFIG: u64 = 1 << 20;

/// What a flag says, else a variable, and which of them does.
pub(in crate::flows::settings) fn first(world: &World, flag: Option<&str>, variable: &str) -> Option<(String, Layer)> {
    let flag = flag.map(|value| (value.to_owned(), Layer::Flag));
    flag.or_else(|| Some((world.env.var(variable)?, Layer::Environment)))
}

/// The variable that forbids questions, and that it does.
pub fn no_input(world: &World) -> Option<(&'static str, toml::Value)> {
    world.env.var("EKSSO_NO_INPUT").map(|_| ("EKSSO_NO_INPUT", true.into()))
}

/// The variable that wants no colour, and what `--color` would say for it.
pub fn no_color(world: &World) -> Option<(&'static str, toml::Value)> {
    world.env.var("NO_COLOR").map(|_| ("NO_COLOR", "never".into()))
}

/// The variable that wants a plain list in place of the picker's screen, for screen readers, and for terminals that cannot move
/// the cursor.
pub fn list_picker(world: &World) -> Option<(&'static str, toml::Value)> {
    let wants = |(name, value): &(&'static str, &str)| world.env.var(name).as_deref() == Some(value);
    [("EKSSO_PICKER", "list"), ("TERM", "dumb")].into_iter().find(wants).map(|(name, _)| (name, "list".into()))
}

/// The endpoints that AWS_ENDPOINT_URL_… variables may name, beside AWS's own, and the file that says so: `config.toml` at its
/// default place, never one that the environment or the command line names, as those may be the same stranger's. A policy's list
/// takes the place of it.
///
/// # Errors
/// The policy of this machine cannot be read.
pub fn endpoints(world: &World) -> Result<(Vec<Origin>, PathBuf)> {
    let policy = world.policy()?;
    if let (Some(endpoints), Some(place)) = (policy.endpoints(), policy.place()) {
        return Ok((endpoints.to_vec(), place.into()));
    }
    let path = world.folders.config.join("config.toml");
    let read = || Config::parse(std::str::from_utf8(&world.files.read(&path, MAX_CONFIG).ok()??).ok()?).ok();
    // A file that cannot be used allows nothing; where it is the one in use, that has been told.
    Ok((read().map(|config| config.endpoints).unwrap_or_default(), path))
}
