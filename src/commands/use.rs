//! `eksso use`: the only place, with `add --use`, that changes the current context.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::UseArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::search::Use;
use crate::domain::filter::{Filter, Glob};
use crate::domain::ids::{Namespace, RoleName};
use crate::domain::kubeconfig::names::Known;
use crate::domain::kubeconfig::{ContextEntry, Edit, List, NewContext};
use crate::domain::settings::config::Config;
use crate::domain::settings::policy::Refused;
use crate::domain::text::{escape, near_misses};
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::frecency::Frecency;
use crate::flows::discovery::regions::Regions;
use crate::flows::discovery::search::Depth;
use crate::flows::kubeconfig::change::{additions, set_namespace};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::elevation::{bound_of, elevate, end_from, leave};
use crate::flows::kubeconfig::isolated::{Target, leaves_read_only};
use crate::flows::kubeconfig::previous::Previous;
use crate::flows::settings::Settings;
use crate::flows::sign_in::base::not_assigned;
use crate::ui::say::until as until_words;
use crate::ui::table::{Output, Row, show};

/// Runs `eksso use`: switches, steps back, lists or prints the current context.
pub fn run(call: &Call<'_>, args: &UseArgs) -> Result<()> {
    let world = call.world;
    let open_for = |name| call.change_behind_ends("use", args.write, false).read_for(world, name);
    let open_back = |steps| {
        let leads_back = |files: &Kubeconfigs| back(call, files, steps).is_ok_and(|name| name.is_some());
        call.change_behind_ends("use", args.write, false).read_with(world, leads_back)
    };
    let open = || call.change_behind_ends("use", args.write, false).read(world);
    if args.current {
        call.warn_if_taken_away();
        call.put_back(false);
        return current(call, &open_for(None)?);
    }
    if args.role.span.is_some() && args.role.role.is_none() {
        return Err(
            Error::usage("--for goes with --role: which role is it for?").hint("eksso use --role ROLE --for 30m")
        );
    }
    let lists = args.words.is_empty() && args.role.role.is_none() && args.role.namespace.is_none();
    let lists = lists && (call.output() != Output::Table || !world.terminal.stdout_is_terminal());
    if !args.write.dry_run && !lists {
        call.change("use", args.write, false).changeable(world)?;
    }
    let is_back = match args.write.dry_run {
        true => open()?.current() != Kubeconfigs::open(world, call.globals.kubeconfig.as_deref())?.current(),
        false => call.put_back(false),
    };
    let goes_back = matches!(args.words.as_slice(), [word] if steps_back(word) == Some(1));
    if is_back && goes_back && args.role.role.is_none() && args.role.namespace.is_none() {
        if args.write.dry_run {
            let change = call.change_behind_ends("use -", args.write, false);
            call.is_dry(args.write, &change.make(world, |_| Ok((Vec::new(), ())))?.1)?;
        }
        return Ok(());
    }
    let name = match (args.words.as_slice(), &args.role.role) {
        ([word], _) if let Some(steps) = steps_back(word) => {
            back(call, &open_back(steps)?, steps)?.ok_or_else(|| {
                let which = if steps == 1 {
                    "no previous context".to_owned()
                } else {
                    format!("no context {steps} switches ago")
                };
                Error::new(Kind::NotFound, format!("there is {which} to go back to")).hint("eksso use CONTEXT")
            })?
        }
        ([], None) if call.output() != Output::Table && args.role.namespace.is_none() => {
            return list(call, &open()?, call.output());
        }
        ([], None) if args.role.namespace.is_none() && !world.terminal.stdout_is_terminal() => {
            return list(call, &open()?, Output::Name);
        }
        ([], None) if args.role.namespace.is_none() => call.pick_context(&open()?, "eksso use CONTEXT")?,
        ([], _) => open_for(None)?.current().ok_or_else(|| {
            Error::usage("of which context? there is no current one").hint("eksso use CONTEXT --role ROLE")
        })?,
        (words, _) if call.interactive() => {
            let words = words.join(" ");
            call.find_context(&open_for(Some(&words))?, &words)?
        }
        // Only a whole name counts; whether it is one is seen when it is switched to.
        (words, _) => words.join(" "),
    };
    if call.globals.session.is_some() {
        call.hold_context_to_session(&open()?, &name)?;
    }
    let settings = call.settings()?;
    let namespace: Option<Namespace> = args.role.namespace.as_deref().map(str::parse).transpose()?;
    let role: Option<RoleName> = args.role.role.as_deref().map(str::parse).transpose()?;
    call.about(About::context(&name, None, role.as_ref()));
    let target = Target::new(world, &settings.config, &name, role.as_ref())?;
    args.role.span.map_or(Ok(()), |span| world.policy()?.elevation(span).map_err(Error::from))?;
    let mut new = None;
    if target.role.is_some() || target.guard.confirm {
        let files = call.change_behind_ends("use", args.write, false).read_for(world, Some(&name))?;
        files.require(&name, "use")?;
        let (mut comes_to, missing) = target.resolve(&files, "use")?;
        if let Some(missing) = missing {
            let missing = permitted(call, &settings, missing)?;
            comes_to = additions(world, &files, &settings.config, vec![missing.clone()])?.names.remove(0);
            new = Some(missing);
        }
        let made = new.as_ref().map(|new: &(NewContext, Known)| new.0.identity.clone());
        let made = made.or_else(|| files.context(&comes_to)?.identity);
        call.about(About::context(&comes_to, made.as_ref(), None));
        let role = made.map(|identity| identity.role);
        let leaves = leaves_read_only(world, &settings.config, &files, (&comes_to, role.as_ref()));
        if (leaves || target.asks(&settings.config, &comes_to)) && !args.write.dry_run {
            let instead = target.instead(&comes_to).map(|instead| format!("{instead}. ")).unwrap_or_default();
            let doing = if leaves { "Leave the read-only role of this shell for" } else { "Switch to" };
            let doing = format!("{instead}{doing}");
            call.pass_guards_of([About::named(comes_to)], &[&name], args.role.yes, &doing)?;
        }
    }
    let bound = bound_of(world, call.globals.kubeconfig.as_deref())?;
    let until = end_from(world.clock.now(), args.role.span, bound)?;
    let role = target.role.as_ref().map_or_else(String::new, |role| format!(" --role {role}"));
    let what = format!("use {name}{role}");
    let change = call.change_behind_ends(&what, args.write, false);
    let (switched, outcome) = change.make_with(
        world,
        |files| files.has(&name),
        |files| {
            if !files.has(&name) {
                return Err(files.no_context(&name, "use"));
            }
            let (mut edits, name, is_new) = match (target.resolve(files, "use")?, new) {
                ((name, None), _) => (Vec::new(), name, false),
                ((_, Some(_)), Some(new)) => {
                    let mut added = additions(world, files, &settings.config, vec![new])?;
                    added.note(world, files, change.mode);
                    (added.edits, added.names.remove(0), true)
                }
                // It was there a moment ago.
                ((_, Some(_)), None) => return Err(files.no_context(&name, "use")),
            };
            // Refuse here: a context of a forbidden role would fail at each call of kubectl.
            if let Some(identity) = files.context(&name).and_then(|entry| entry.identity) {
                let about = |_: &Refused| call.about(About::context(&name, Some(&identity), None));
                world.policy()?.roles(&identity.role, identity.assume.as_ref()).inspect_err(about)?;
            }
            let end = until.filter(|_| args.role.span.is_some() || is_new);
            let next = match end {
                // It goes on, with another end.
                Some(_) if files.current().as_ref() == Some(&name) => None,
                _ => Some(name.as_str()),
            };
            let ended =
                next.map(|next| leave(files, &mut edits, next, world.clock.now())).transpose()?.unwrap_or_default();
            if let Some(namespace) = &namespace {
                set_namespace(files, &mut edits, &name, namespace)?;
            }
            let is_over = ended.iter().any(|ended| ended.name == name);
            let has_end = files.context(&name).filter(|_| !is_over).and_then(|entry| entry.until);
            if let Some(until) = end {
                elevate(files, &mut edits, &name, is_new, until)?;
                // A list that is made for it in another file would be left there, empty, behind the end.
                edits.push(Edit::Near(if is_new { target.name.clone() } else { name.clone() }));
            }
            edits.push(Edit::CurrentContext(name.clone()));
            Ok((edits, (files.current(), name, end.or(has_end), ended)))
        },
    )?;
    let (left, name, end, ended) = switched;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    let paths = change.paths(world);
    Previous::context(world, &paths).set(left.as_deref(), &name);
    for ended in ended.iter().filter(|ended| ended.name != name) {
        call.voice.say(world, &ended.words());
        ended.follow(world, &paths);
    }
    Frecency::note(world, &name);
    let role = target.instead(&name).map(|instead| format!(" {instead}.")).unwrap_or_default();
    let namespace = namespace.map_or_else(String::new, |namespace| format!(", namespace `{namespace}`"));
    let end = end.map_or_else(String::new, |end| format!(", {}", until_words(end, world.clock.now())));
    call.voice.say(world, &format!("Switched to `{name}`{namespace}{end}.{role}"));
    Ok(())
}

/// Asks the portal whether the role is assigned, and how the account is called.
fn permitted(call: &Call<'_>, settings: &Settings, new: NewContext) -> Result<(NewContext, Known)> {
    let identity = &new.identity;
    let session = settings.session(call.world, &identity.session)?;
    let handle = call.open(session, call.keyring(settings)?)?;
    let filter = Filter { accounts: vec![Glob::new(identity.account.as_str())], ..Filter::default() };
    let cache = handle.cache();
    let nowhere = Regions { list: Vec::new(), ask: false };
    let search = call.search((cache, &handle), &filter, nowhere, Depth::Roles, Use::Latest)?;
    call.find(std::slice::from_ref(&search), &|_, _| {})?.into_iter().collect::<Result<()>>()?;
    if let Some(failed) = search.problems.borrow().failed.first() {
        return Err(failed.clone());
    }
    let index = search.index.borrow();
    let assigned: Vec<_> = index.roles(&filter).collect();
    if let Some((_, account, _)) = assigned.iter().find(|(.., role)| **role == identity.role) {
        let tags = index.tags(identity).cloned().unwrap_or_default();
        let namespace = index.only_namespace(identity);
        let known = Known { account_name: account.name.clone(), tags, namespace };
        return Ok((new, known));
    }
    let names: Vec<&str> = assigned.iter().map(|(.., role)| role.as_str()).collect();
    let error = not_assigned(&identity.account, &identity.role);
    Err(match near_misses(identity.role.as_str(), names.iter().copied()).as_slice() {
        [] => error.hint(format!("your roles there: {}", names.join(", "))),
        near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
    })
}

/// The context of that many switches ago. Names that are gone do not count.
fn back(call: &Call<'_>, files: &Kubeconfigs, steps: usize) -> Result<Option<String>> {
    let names = Previous::context(call.world, files.paths()).names()?;
    let current = files.current();
    let there = |name: &String| files.has(name) && current.as_ref() != Some(name);
    Ok(names.into_iter().filter(there).nth(steps - 1))
}

/// How far `-` and `-2` go back; `None` for what is no such word.
fn steps_back(word: &str) -> Option<usize> {
    match word.strip_prefix('-')? {
        "" => Some(1),
        number => number.parse().ok().filter(|steps| *steps > 0),
    }
}

#[derive(Debug, Serialize)]
struct ContextRow {
    context: String,
    current: bool,
    session: Option<String>,
    account_id: Option<String>,
    role: Option<String>,
    region: Option<String>,
    cluster: Option<String>,
    namespace: Option<String>,
    guard: Option<&'static str>,
    /// The end of its role, where it has one.
    until: Option<Timestamp>,
}

impl Row for ContextRow {
    const HEADINGS: &'static [&'static str] = &["CONTEXT"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::from(&self.context)]
    }

    fn name(&self) -> String {
        self.context.clone()
    }
}

impl ContextRow {
    fn new(config: &Config, files: &Kubeconfigs, current: Option<&str>, entry: ContextEntry) -> Self {
        let ContextEntry { name, identity, until, .. } = entry;
        let namespace = files.body(List::Contexts, &name).ok().flatten();
        let namespace = namespace.and_then(|body| body.get("namespace")?.as_str().map(str::to_owned));
        let identity = identity.as_ref();
        Self {
            current: current == Some(&name),
            session: identity.map(|identity| identity.session.to_string()),
            account_id: identity.map(|identity| identity.cluster_account().to_string()),
            role: identity.map(|identity| identity.role_name().to_owned()),
            region: identity.map(|identity| identity.region.to_string()),
            cluster: identity.map(|identity| identity.cluster.to_string()),
            namespace,
            guard: config.guard(&name).with_role(identity.map(|identity| &identity.role)).word(),
            until,
            context: name,
        }
    }
}

fn list(call: &Call<'_>, files: &Kubeconfigs, output: Output) -> Result<()> {
    // Completions wait for the names; only JSON has more.
    if output != Output::Json {
        return call
            .world
            .terminal
            .data(&files.names().iter().map(|name| format!("{}\n", escape(name))).collect::<String>());
    }
    let (config, current) = (call.settings()?.config, files.current());
    let row = |entry| ContextRow::new(&config, files, current.as_deref(), entry);
    let rows: Vec<ContextRow> = files.contexts().into_iter().map(row).collect();
    show(call.world, output, &rows)
}

/// Prints the current context: its name, or all of it as JSON.
fn current(call: &Call<'_>, files: &Kubeconfigs) -> Result<()> {
    let nothing = || Error::new(Kind::NotFound, "there is no current context").hint("eksso use");
    let name = files.current().ok_or_else(nothing)?;
    if call.output() != Output::Json {
        return call.world.terminal.data(&format!("{}\n", escape(&name)));
    }
    let entry = files.require(&name, "use")?;
    show(call.world, Output::Json, &[ContextRow::new(&call.settings()?.config, files, Some(&name), entry)])
}
