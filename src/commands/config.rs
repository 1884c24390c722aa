//! `eksso config`: where the settings are, what they are and where each comes from; editing and checking them.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::Value;

use crate::cli::{Color, ConfigArgs, ConfigCommand, Globals};
use crate::commands::shared::call::{Call, block_on};
use crate::domain::settings::layers::Origin;
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::settings::Settings;
use crate::flows::settings::shown::{Flags, Shown, shown};
use crate::ports::Launch;
use crate::ui::fitting::GivingWay;
use crate::ui::lines::{self, room_for_words};
use crate::ui::table::{Output, Row, show};

/// Does what is asked for.
pub fn run(call: &Call<'_>, args: &ConfigArgs) -> Result<()> {
    match &args.what {
        ConfigCommand::Path => path(call),
        ConfigCommand::Show(args) => settings(call, args.name.as_deref().unwrap_or_default()),
        ConfigCommand::Edit => edit(call),
        ConfigCommand::Check(args) => check(call, args.file.as_deref()),
    }
}

#[derive(Debug, Serialize)]
struct PathRow {
    layer: Origin,
    path: String,
    exists: bool,
}

impl Row for PathRow {
    const HEADINGS: &'static [&'static str] = &["LAYER", "PATH"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        vec![self.layer.name().into(), self.path.as_str().into()]
    }

    fn name(&self) -> String {
        self.path.clone()
    }
}

fn path(call: &Call<'_>) -> Result<()> {
    let world = call.world;
    let own = Settings::place(world, call.globals.config.as_deref()).0;
    if call.output() == Output::Table {
        return world.terminal.data(&format!("{}\n", escape(&own.display().to_string())));
    }
    let there = |path: &Path| world.files.read(path, u64::from(u32::MAX)).is_ok_and(|content| content.is_some());
    let managed = Settings::managed_place(world);
    let row = |layer, path: &Path| PathRow { layer, path: path.display().to_string(), exists: there(path) };
    let policy = world.policy()?.place();
    let policy = policy.map(|place| PathRow { layer: Origin::Policy, path: place.to_owned(), exists: true });
    let rows = [row(Origin::User, &own), row(Origin::Managed, &managed)].into_iter().chain(policy);
    show(world, call.output(), rows)
}

#[derive(Debug, Serialize)]
struct SettingRow {
    key: String,
    value: serde_json::Value,
    origin: Origin,
    /// The file, the variable or the flag.
    place: Option<String>,
    /// Why commands refuse the value: the rule of the policy and its file, or what is wrong with it.
    refused: Option<String>,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    note: String,
}

impl Row for SettingRow {
    const HEADINGS: &'static [&'static str] = &["SETTING", "VALUE", "ORIGIN"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let place = self.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        vec![self.key.as_str().into(), self.text.as_str().into(), format!("{}{place}{}", self.origin, self.note).into()]
    }

    fn name(&self) -> String {
        self.key.clone()
    }
}

fn flags<'c>(call: &'c Call<'_>) -> Flags<'c> {
    let color = match call.globals.color {
        Color::Auto => None,
        Color::Always => Some("always"),
        Color::Never => Some("never"),
    };
    let Globals { session, keyring, no_input, .. } = &call.globals;
    Flags { session: session.as_deref(), keyring: keyring.as_deref(), color, no_input: *no_input }
}

/// Shows the settings whose names begin so.
fn settings(call: &Call<'_>, name: &str) -> Result<()> {
    let (world, settings) = (call.world, call.settings()?);
    let wanted = |key: &str| {
        key.strip_prefix(name).is_some_and(|rest| name.is_empty() || rest.is_empty() || rest.starts_with('.'))
    };
    let rows: Vec<SettingRow> = shown(world, &settings, flags(call))?
        .into_iter()
        .filter(|shown| wanted(&shown.key))
        .map(|Shown { key, value, origin, place, refused }| SettingRow {
            key,
            text: value.as_ref().map_or_else(|| "-".to_owned(), Value::to_string),
            value: value.map_or(serde_json::Value::Null, |value| serde_json::to_value(value).unwrap_or_default()),
            origin,
            place,
            note: refused.as_ref().map(|why| format!(", {why}")).unwrap_or_default(),
            refused: refused.map(|why| why.text().to_owned()),
        })
        .collect();
    if rows.is_empty() {
        return Err(Error::new(Kind::NotFound, format!("there is no setting `{name}`")).hint("eksso config show"));
    }
    let way = GivingWay { first: &["ORIGIN"], last: "SETTING" };
    call.list((SettingRow::HEADINGS, way), rows)
}

/// Lets the person edit a copy, and takes it when it is valid.
fn edit(call: &Call<'_>) -> Result<()> {
    let world = call.world;
    let path = Settings::place(world, call.globals.config.as_deref()).0;
    let before = Settings::text(world, &path)?.unwrap_or_default();
    let editor = world.env.var("VISUAL").or_else(|| world.env.var("EDITOR")).ok_or_else(|| {
        Error::usage("there is no editor: neither VISUAL nor EDITOR is set").hint("EDITOR=nano eksso config edit")
    })?;
    let copy = world.folders.state.join("edit").join(format!("config-{}.toml", world.processes.own()));
    let start =
        if before.is_empty() { "# The settings of eksso; `man eksso` and the README list them.\n" } else { &before };
    world.files.write_private(&copy, start.as_bytes())?;
    let done = edited(call, &editor, &copy, &path, start, &before);
    // What a person typed and is not taken stays where they can find it.
    if done.is_ok() {
        world.files.remove_own(&copy)?;
    }
    done.map_err(|error| match Settings::text(world, &copy) {
        Ok(Some(text)) if text == start => {
            _ = world.files.remove_own(&copy);
            error
        }
        Ok(None) => error,
        // Also what is no text, or too much of it, is somebody's work.
        Ok(Some(_)) | Err(_) => error.cause(format!("what you wrote is in {}", copy.display())),
    })
}

fn edited(call: &Call<'_>, editor: &str, copy: &Path, path: &Path, start: &str, before: &str) -> Result<()> {
    let world = call.world;
    loop {
        let launch = Launch { command: words(editor, copy), env: Vec::new(), passphrase: false, without: &[] };
        let code = world.processes.run(&launch)?;
        if code != 0 {
            return Err(Error::new(
                Kind::Failed,
                format!("the editor ended with exit code {code}; nothing was changed"),
            )
            .hint("EDITOR names another one"));
        }
        let written = match Settings::text(world, copy) {
            Ok(None) => {
                return Err(Error::new(Kind::Failed, "the editor left no file; nothing was changed")
                    .cause(format!("it was to edit {}", copy.display()))
                    .hint("eksso config edit"));
            }
            Ok(Some(text)) if text == start => {
                call.voice.say(world, "Nothing was changed.");
                return Ok(());
            }
            Ok(Some(text)) => Settings::checked(world, path, &text).map(|()| text),
            Err(error) => Err(error),
        };
        match written {
            Ok(text) => {
                block_on(Settings::put(world, path, before, &text))?;
                call.voice.say(world, &format!("Changed {}.", path.display()));
                return Ok(());
            }
            Err(error) if call.interactive() => {
                world.terminal.words(&lines::error(&error, false, room_for_words(world)));
                if !call.confirm("Edit it again?")? {
                    return Err(Error::new(Kind::Usage, "the settings are not valid; nothing was changed"));
                }
            }
            Err(error) => return Err(error.cause("nothing was changed")),
        }
    }
}

/// The editor's words and the file. Blanks part words, as in git; no shell reads them.
fn words(editor: &str, file: &Path) -> Vec<OsString> {
    let own = match Path::new(editor).exists() {
        true => vec![editor.into()],
        false => editor.split_whitespace().map(OsString::from).collect(),
    };
    own.into_iter().chain([file.as_os_str().to_owned()]).collect()
}

/// Tells whether settings are valid, and what of them the policy of this machine refuses.
fn check(call: &Call<'_>, file: Option<&Path>) -> Result<()> {
    let world = call.world;
    let path: PathBuf = match file {
        Some(file) => file.to_owned(),
        None => Settings::place(world, call.globals.config.as_deref()).0,
    };
    let settings = match file {
        Some(file) => Settings::load(world, Some(file), false)?,
        None => call.settings()?,
    };
    for Shown { key, value, refused, .. } in shown(world, &settings, flags(call))? {
        if let (Some(value), Some(why)) = (value, refused) {
            call.voice.warn(world, &format!("{key} = {value} is {why}"));
        }
    }
    // No command goes on without a keyring.
    settings.backend(world, call.globals.keyring.as_deref())?;
    let state = if settings.is_there() { "is valid" } else { "is not there, which is valid" };
    call.voice.say(world, &format!("{} {state}.", path.display()));
    Ok(())
}
