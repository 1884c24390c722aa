//! `eksso ns`: the namespace of the current context.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::NsArgs;
use crate::commands::shared::address::address_of;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::pick::SharedPicker;
use crate::commands::shared::who::Who;
use crate::domain::discovery::picker::{Picker, Row as PickerRow};
use crate::domain::identity::Identity;
use crate::domain::ids::Namespace;
use crate::domain::kubeconfig::{ContextEntry, List};
use crate::domain::text::{escape, near_misses};
use crate::error::{Error, Kind, Result};
use crate::flows::access::namespaces::{Seen, keep, kept};
use crate::flows::kubeconfig::change::set_namespace;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::previous::Previous;
use crate::ui::table::{Output, Row, show};

/// The current context and its namespace.
struct Present {
    context: ContextEntry,
    namespace: String,
}

impl Present {
    fn of(files: &Kubeconfigs) -> Result<Self> {
        let name = files
            .current()
            .ok_or_else(|| Error::new(Kind::NotFound, "there is no current context").hint("eksso use"))?;
        let body = files.body(List::Contexts, &name)?.ok_or_else(|| files.no_context(&name, "use"))?;
        let namespace =
            body.get("namespace").and_then(|value| value.as_str()).filter(|namespace| !namespace.is_empty());
        let namespace = namespace.unwrap_or("default").to_owned();
        Ok(Self { context: files.require(&name, "use")?, namespace })
    }
}

/// Shows it, or switches.
pub fn run(call: &Call<'_>, args: &NsArgs) -> Result<()> {
    let world = call.world;
    let files = Kubeconfigs::open_for(world, call.globals.kubeconfig.as_deref(), None)?;
    let present = Present::of(&files)?;
    call.hold_to_session(&present.context.name, present.context.identity.as_ref())?;
    let previous = Previous::namespace(world, &files, &present.context.name);
    let print = || world.terminal.data(&format!("{}\n", escape(&present.namespace)));
    let namespace: Namespace = match args.namespace.as_deref() {
        None if call.output() != Output::Table => return list(call, &present),
        None if args.current || !call.interactive() || !world.terminal.stdout_is_terminal() => return print(),
        None => match pick(call, &files, &present)? {
            Some(chosen) => chosen,
            None => return print(),
        },
        Some("-") => {
            let there = previous.get()?.ok_or_else(|| {
                Error::new(Kind::NotFound, format!("there is no previous namespace of `{}`", present.context.name))
                    .hint("eksso ns NAMESPACE")
            });
            there?.parse()?
        }
        Some(name) => {
            let name: Namespace = name.parse()?;
            if !args.force && name.as_str() != present.namespace {
                check(call, &files, &present.context, &name)?;
            }
            name
        }
    };
    drop(files);
    let what = format!("ns {namespace}");
    let context = &present.context.name;
    let (left, outcome) = call.change(&what, args.write, false).make(world, |files| {
        let now = Present::of(files)?;
        if now.context.name != *context {
            // What the cluster said was said of another one.
            let fact = format!("`{}` became the current context meanwhile; nothing was changed", now.context.name);
            return Err(Error::new(Kind::LocalState, fact).hint(format!("eksso ns {namespace}")));
        }
        let mut edits = Vec::new();
        if now.namespace != namespace.as_str() {
            set_namespace(files, &mut edits, context, &namespace)?;
        }
        Ok((edits, now.namespace))
    })?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    previous.set(Some(&left), namespace.as_str());
    call.voice.say(world, &format!("Namespace `{namespace}` in `{context}`."));
    Ok(())
}

/// What the cluster of a context says of its namespaces, as the context's role; what it lists is kept.
fn seen(call: &Call<'_>, files: &Kubeconfigs, context: &ContextEntry, named: Option<&Namespace>) -> Seen {
    let Some(identity) = &context.identity else {
        return Seen::Unknown("the context was not written by eksso".to_owned());
    };
    let ask = || {
        let settings = call.settings()?;
        let address = address_of(call.world, files, &context.name, identity)?;
        Who::of_entry(call, &settings, context.clone())?.namespaces(call, &settings, &address, named)
    };
    let seen = ask().unwrap_or_else(|error| Seen::Unknown(error.fact().to_owned()));
    if let Seen::All(names) = &seen {
        keep(call.world, &identity.cluster_arn(), names);
    }
    seen
}

/// Refuses a namespace that the cluster does not have. What is not known is no reason to; of a context that eksso did not write
/// it never is, which needs no word each time.
fn check(call: &Call<'_>, files: &Kubeconfigs, context: &ContextEntry, name: &Namespace) -> Result<()> {
    let Some(identity) = &context.identity else { return Ok(()) };
    let all = match seen(call, files, context, Some(name)) {
        Seen::Named(true) => return Ok(()),
        Seen::Named(false) => Vec::new(),
        Seen::All(all) if all.contains(name) => return Ok(()),
        Seen::All(all) => all,
        Seen::Unknown(why) => {
            // A word for a person; scripts have nothing to do about it.
            if call.world.terminal.stderr_is_terminal() {
                call.voice.say(call.world, &format!("Whether the cluster has `{name}` is not known: {why}."));
            }
            return Ok(());
        }
    };
    let fact = format!("the cluster `{}` has no namespace `{name}`", identity.cluster);
    let error = Error::new(Kind::NotFound, fact);
    let near = near_misses(name.as_str(), all.iter().map(Namespace::as_str));
    let error = near.iter().fold(error, |error, near| error.hint(format!("eksso ns {near}")));
    Err(error.hint(format!("eksso ns {name} --force  # switches all the same")))
}

/// Lets the person choose; `None` where no namespace is known, which is said.
fn pick(call: &Call<'_>, files: &Kubeconfigs, present: &Present) -> Result<Option<Namespace>> {
    let world = call.world;
    let (names, unsure) = match seen(call, files, &present.context, None) {
        Seen::All(names) => (names, None),
        Seen::Named(_) => (Vec::new(), None),
        Seen::Unknown(why) => (last(call, present.context.identity.as_ref()), Some(why)),
    };
    if let Some(why) = unsure {
        let what = if names.is_empty() { "are not known" } else { "are those that it showed last" };
        call.voice.say(world, &format!("The namespaces of the cluster {what}: {why}."));
    }
    if names.is_empty() {
        return Ok(None);
    }
    let mut picker = Picker::new(false);
    for name in &names {
        let is_present = name.as_str() == present.namespace;
        // The present one comes first: leaving it as it is takes one key.
        picker.add(PickerRow {
            cells: vec![name.to_string(), if is_present { "current".to_owned() } else { String::new() }],
            weight: if is_present { f64::MAX } else { 0.0 },
            ..PickerRow::default()
        });
    }
    let picked = block_on(call.pick("Which namespace?", &SharedPicker::new(picker.into())))?;
    let place = picked.and_then(|picked| picked.first().copied());
    place
        .map(|place| Some(names[place].clone()))
        .ok_or_else(|| Error::new(Kind::Interrupted, "nothing was chosen; nothing was changed"))
}

/// The namespaces that a context's cluster listed last.
fn last(call: &Call<'_>, identity: Option<&Identity>) -> Vec<Namespace> {
    identity.map(|identity| kept(call.world, &identity.cluster_arn())).unwrap_or_default()
}

#[derive(Debug, Serialize)]
struct NamespaceRow {
    namespace: String,
    current: bool,
}

impl Row for NamespaceRow {
    const HEADINGS: &'static [&'static str] = &["NAMESPACE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::from(&self.namespace)]
    }

    fn name(&self) -> String {
        self.namespace.clone()
    }
}

/// Lists what is known here; asks nobody.
fn list(call: &Call<'_>, present: &Present) -> Result<()> {
    let row = |namespace: Namespace| NamespaceRow {
        current: namespace.as_str() == present.namespace,
        namespace: namespace.to_string(),
    };
    let rows: Vec<NamespaceRow> = last(call, present.context.identity.as_ref()).into_iter().map(row).collect();
    show(call.world, call.output(), &rows)
}
