//! `eksso prompt`: the current context in a line. It reads the kubeconfig files and config.toml, and nothing else.

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::shared::call::Call;
use crate::domain::kubeconfig::List;
use crate::domain::text::escape;
use crate::error::Result;
use crate::flows::kubeconfig::glance::{About, glance};
use crate::ui::say::span;
use crate::ui::table::Output;

/// What a prompt shows.
#[derive(Debug, Serialize)]
struct Shown {
    context: String,
    namespace: Option<String>,
    role: Option<String>,
    guard: Option<&'static str>,
    until: Option<Timestamp>,
    seconds_left: Option<i64>,
}

/// Prints it; a prompt that cannot be made is none.
pub fn run(call: &Call<'_>) -> Result<()> {
    match shown(call) {
        Ok(Some(shown)) => call.world.terminal.data(&text(&shown, call.output())),
        Ok(None) => Ok(()),
        Err(error) => {
            call.voice.detail(call.world, &error.to_string());
            Ok(())
        }
    }
}

fn shown(call: &Call<'_>) -> Result<Option<Shown>> {
    let world = call.world;
    let files = glance(world, call.globals.kubeconfig.as_deref(), About::Context(None))?;
    let Some(context) = files.current().filter(|name| !name.is_empty()) else { return Ok(None) };
    let entry = files.context(&context);
    let body = files.meaning(List::Contexts, &context)?;
    let namespace = body.and_then(|body| body.get("namespace")?.as_str().map(str::to_owned));
    let until = entry.as_ref().and_then(|entry| entry.until);
    let role = entry.and_then(|entry| entry.identity).map(|identity| identity.role);
    let guard = match call.settings() {
        Ok(settings) => settings.config.guard(&context).with_role(role.as_ref()).word(),
        // What cannot be read says nothing; the commands that obey it refuse.
        Err(error) => {
            call.voice.detail(world, &error.to_string());
            None
        }
    };
    Ok(Some(Shown {
        namespace: namespace.filter(|namespace| !namespace.is_empty()),
        role: role.map(|role| role.to_string()),
        guard,
        until,
        seconds_left: until.map(|until| until.duration_since(world.clock.now()).as_secs().max(0)),
        context,
    }))
}

fn text(shown: &Shown, output: Output) -> String {
    match output {
        Output::Json => format!("{}\n", serde_json::to_string(shown).unwrap_or_default()),
        Output::Name => format!("{}\n", escape(&shown.context)),
        Output::Table => {
            let namespace = shown.namespace.as_ref().map(|namespace| format!("({namespace})"));
            let role = shown.role.as_ref().filter(|role| !shown.context.ends_with(role.as_str()));
            let left = shown.seconds_left.map(|left| match left {
                0 => "ended".to_owned(),
                left => format!("{} left", span(jiff::SignedDuration::from_secs(left))),
            });
            let guard = shown.guard.map(str::to_owned);
            let parts = [Some(shown.context.clone()), namespace, role.cloned(), guard, left];
            format!("{}\n", escape(&parts.into_iter().flatten().collect::<Vec<_>>().join(" ")))
        }
    }
}
