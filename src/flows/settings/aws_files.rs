//! The AWS configuration: where its files are, and what eksso reads of them.

use std::path::PathBuf;

use crate::domain::ids::Region;
use crate::domain::session::Session;
use crate::domain::settings::aws_config;
use crate::error::Result;
use crate::ports::World;

pub(in crate::flows::settings) const MAX_AWS_CONFIG: u64 = 8 << 20;

/// `ca_bundle` of the profile that AWS_PROFILE names, or of the default one: the file, and where it is named.
///
/// # Errors
/// `Kind::LocalState`: `~/.aws/config` cannot be read.
pub fn ca_bundle(world: &World) -> Result<Option<(PathBuf, String)>> {
    let profile = world.env.var("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let (path, text) = aws_config_text(world)?;
    Ok(aws_config::ca_bundle(&text, &profile).map(|bundle| {
        let file =
            bundle.strip_prefix("~/").map_or_else(|| bundle.clone().into(), |rest| world.folders.home.join(rest));
        (file, format!("`ca_bundle` of the profile `{profile}` in {}", path.display()))
    }))
}

/// The text of an AWS configuration for a program that is to have no identity but the one it is given.
///
/// # Errors
/// `Kind::LocalState`: `~/.aws/config` cannot be read.
pub fn without_identities(world: &World, region: &Region) -> Result<String> {
    let bundle = ca_bundle(world)?.and_then(|(path, _)| path.into_os_string().into_string().ok());
    Ok(aws_config::without_identities(&aws_config_text(world)?.1, region, bundle.as_deref()))
}

/// The names of the profiles of `~/.aws/config`.
///
/// # Errors
/// `Kind::LocalState`: `~/.aws/config` cannot be read.
pub fn profile_names(world: &World) -> Result<Vec<String>> {
    Ok(aws_config::profile_names(&aws_config_text(world)?.1))
}

pub(in crate::flows::settings) fn aws_sessions(world: &World) -> Result<Vec<Session>> {
    Ok(aws_config::sessions(&aws_config_text(world)?.1))
}

/// The path and the text of `~/.aws/config`; empty where there is none.
///
/// # Errors
/// `Kind::LocalState`: `~/.aws/config` cannot be read.
pub(in crate::flows) fn aws_config_text(world: &World) -> Result<(PathBuf, String)> {
    let path = aws_config_path(world);
    let bytes = world.files.read(&path, MAX_AWS_CONFIG)?.unwrap_or_default();
    Ok((path, String::from_utf8_lossy(&bytes).into_owned()))
}

pub(in crate::flows::settings) fn aws_config_path(world: &World) -> PathBuf {
    aws_path(world, "AWS_CONFIG_FILE", ".aws/config")
}

pub(in crate::flows::settings) fn aws_credentials_path(world: &World) -> PathBuf {
    aws_path(world, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")
}

fn aws_path(world: &World, variable: &str, usual: &str) -> PathBuf {
    let home = &world.folders.home;
    // botocore expands `~`, which no shell did where the value was quoted.
    world.env.var(variable).map_or_else(
        || usual.split('/').fold(home.clone(), |path, part| path.join(part)),
        |path| match path.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => path.into(),
        },
    )
}
