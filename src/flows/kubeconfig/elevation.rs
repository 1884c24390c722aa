//! A role with an end: writing it, and putting back what is over. Nothing runs in the background: `eksso token` refuses from
//! the end on, and the next `use`, `status` or `sync` writes what was there before.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde_yaml::Value;

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::{
    ContextEntry, Edit, Former, List, UNTIL_FLAG, elevated, former_of, plugin_identity, restored,
};
use crate::domain::lifetime::whole_second;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::change::Change;
use crate::flows::kubeconfig::contexts::{Kubeconfigs, is_inside, is_isolated, search};
use crate::flows::kubeconfig::previous::Previous;
use crate::ports::World;

/// An elevation that is over and was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The context that had an end.
    pub name: String,
    /// The context that is current in its place, where it was the current one.
    pub back: Option<String>,
}

impl Ended {
    /// Makes `-` lead past it, in the files of these paths.
    pub fn follow(&self, world: &World, paths: &[PathBuf]) {
        Previous::context(world, paths).ended(&self.name, self.back.as_deref());
    }

    /// What makes the other context current.
    pub fn edit(&self) -> Option<Edit> {
        self.back.clone().map(Edit::CurrentContext)
    }

    /// What became of it, in a line.
    pub fn words(&self) -> String {
        match &self.back {
            Some(back) => format!("The use of `{}` has ended; back in `{back}`.", self.name),
            None => format!("The use of `{}` has ended.", self.name),
        }
    }
}

/// Adds to edits that make a context current what gives it an end. `is_new`: the edits make the context, and with the end it
/// goes again.
pub fn elevate(files: &Kubeconfigs, edits: &mut Vec<Edit>, name: &str, is_new: bool, until: Timestamp) -> Result<()> {
    let no_end = || {
        Error::usage(format!("`{name}` cannot be given an end"))
            .cause("its user is not one that kubectl asks eksso for, and for nothing else")
            .hint("eksso add  # writes such contexts")
    };
    let planned = edits.iter().find_map(|edit| match edit {
        Edit::Put(List::Contexts, planned, body) if planned == name => Some(body.clone()),
        _ => None,
    });
    let mut body = match planned {
        Some(body) => body,
        None => files.body(List::Contexts, name)?.unwrap_or_default(),
    };
    let meaning = files.meaning(List::Contexts, name)?.unwrap_or_else(|| body.clone());
    let own = |value: &Value| value.get("user").and_then(Value::as_str).map(str::to_owned);
    let user_name = own(&body).or_else(|| own(&meaning)).ok_or_else(no_end)?;
    let made = edits.iter().position(|edit| matches!(edit, Edit::Put(List::Users, made, _) if *made == user_name));
    let user = match made.map(|place| edits[place].clone()) {
        Some(Edit::Put(_, _, user)) => user,
        _ => files.meaning(List::Users, &user_name)?.ok_or_else(no_end)?,
    };
    let identity = plugin_identity(&user).ok_or_else(no_end)?;
    let again = user_name == identity.bounded_user_name();
    let former_user = match again {
        true => former_of(&body).unwrap_or_default().user,
        false => Some(user_name.clone()).filter(|_| !is_new),
    };
    let former = Former { context: former_context(files, name, again)?, user: former_user };
    let user = elevated(&mut body, &user, &identity, until, &former).ok_or_else(no_end)?;
    // The user without an end is nobody's where the context is new.
    if let Some(place) = made.filter(|_| is_new) {
        edits.remove(place);
    }
    edits.retain(|edit| !matches!(edit, Edit::Put(List::Contexts, planned, _) if planned == name));
    edits.push(Edit::Put(List::Users, identity.bounded_user_name(), user));
    edits.push(Edit::Put(List::Contexts, name.to_owned(), body));
    Ok(())
}

/// The context that an elevation goes back to: the current one, or what that one goes back to. It has no end of its own.
fn former_context(files: &Kubeconfigs, name: &str, again: bool) -> Result<Option<String>> {
    let Some(current) = files.current() else { return Ok(None) };
    let body = files.body(List::Contexts, &current)?.unwrap_or_default();
    match files.context(&current) {
        Some(entry) if is_elevated(files, &entry)? => {
            Ok(former_of(&body).and_then(|former| former.context).filter(|former| files.has(former)))
        }
        Some(_) if current == name && !again && !files.is_isolated() => {
            Err(Error::usage(format!("`{name}` is the current context already, and has no end"))
                .cause("there is no former role to go back to")
                .hint("eksso use --role ROLE --for TIME  # from the context that is to be current again"))
        }
        Some(_) => Ok(Some(current)),
        None => Ok(None),
    }
}

/// Whether a context has the user that `elevate` writes.
fn is_elevated(files: &Kubeconfigs, entry: &ContextEntry) -> Result<bool> {
    let (Some(_), Some(identity)) = (entry.until, &entry.identity) else { return Ok(false) };
    Ok(user_of(files, &entry.name)?.as_deref() == Some(identity.bounded_user_name().as_str()))
}

fn user_of(files: &Kubeconfigs, name: &str) -> Result<Option<String>> {
    let meaning = files.meaning(List::Contexts, name)?;
    Ok(meaning.and_then(|body| body.get("user")?.as_str().map(str::to_owned)))
}

/// The contexts whose end has come, and that go back to something.
fn over(files: &Kubeconfigs, now: Timestamp) -> Result<Vec<(ContextEntry, Identity)>> {
    let mut found = Vec::new();
    for entry in files.contexts() {
        if entry.until.is_some_and(|until| until <= now) && is_elevated(files, &entry)? {
            let identity = entry.identity.clone();
            found.extend(identity.map(|identity| (entry, identity)));
        }
    }
    Ok(found)
}

/// What puts back what is over. A current context with nothing to go back to stays: its token is refused, and no other one
/// is switched to by a guess. That holds until a person names the context that is current next: if it is another one, the
/// end takes its course; if it is that one itself, it has its own user again, as any context that is named.
fn putting_back(files: &Kubeconfigs, now: Timestamp, next: Option<&str>) -> Result<(Vec<Edit>, Vec<Ended>)> {
    let over = over(files, now)?;
    if over.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (mut edits, mut ended, current) = (Vec::new(), Vec::new(), files.current());
    for (entry, identity) in &over {
        let mut body = files.body(List::Contexts, &entry.name)?.unwrap_or_default();
        let former = former(&body, identity);
        let is_current = current.as_ref() == Some(&entry.name);
        let back = former.context.filter(|name| is_current && can_be_current(files, &over, name));
        if is_current && back.is_none() && next.is_none() {
            continue;
        }
        edits.extend(back.clone().map(Edit::CurrentContext));
        let there = |name: &String| files.meaning(List::Users, name).ok().flatten().is_some();
        match former.user.filter(there) {
            Some(user) => {
                restored(&mut body, &user);
                edits.push(Edit::Put(List::Contexts, entry.name.clone(), body));
            }
            None if next == Some(&entry.name) => return Err(ended_whole(&entry.name, identity, entry.until)),
            None => edits.push(Edit::Remove(List::Contexts, entry.name.clone())),
        }
        ended.push(Ended { name: entry.name.clone(), back });
    }
    let leaves = |name: &str| ended.iter().any(|ended| ended.name == name);
    let mut users: Vec<String> = over.iter().map(|(_, identity)| identity.bounded_user_name()).collect();
    for name in files.names().into_iter().filter(|name| !leaves(name)) {
        let kept = user_of(files, name)?;
        users.retain(|user| Some(user) != kept.as_ref());
    }
    users.sort();
    users.dedup();
    edits.extend(users.into_iter().map(|user| Edit::Remove(List::Users, user)));
    Ok((edits, ended))
}

/// What a context goes back to. Without the record, a context whose user without an end is there was there before, too.
fn former(body: &Value, identity: &Identity) -> Former {
    former_of(body).unwrap_or_else(|| Former { context: None, user: Some(identity.user_name()) })
}

/// Whether a context can take the place of a current one that is over: it is there, and is not over itself.
fn can_be_current(files: &Kubeconfigs, over: &[(ContextEntry, Identity)], name: &str) -> bool {
    files.has(name) && !over.iter().any(|(entry, _)| entry.name == name)
}

/// A context that was made for a use with an end has no user of its own to go on with.
fn ended_whole(name: &str, identity: &Identity, until: Option<Timestamp>) -> Error {
    let at = until.map_or_else(String::new, |until| format!(" at {}", whole_second(until)));
    Error::new(Kind::Denied, format!("the use of `{name}` ended{at}, and the context was made for it"))
        .hint("eksso use CONTEXT")
        .hint(format!("eksso use {} --role {} --for 30m", shell_word(name), identity.role))
}

/// Adds to edits that make `next` current what the end of the context that it takes the place of brings with it, where that
/// has no context to go back to by itself. Answers what is put back so.
///
/// # Errors
/// It is that context itself, and has nothing of its own to go on with.
pub fn leave(files: &Kubeconfigs, edits: &mut Vec<Edit>, next: &str, now: Timestamp) -> Result<Vec<Ended>> {
    // Whatever else is over was put back before. Reading every entry of thousands would take ten times as long as the switch.
    let current = files.current().and_then(|current| files.context(&current));
    if current.and_then(|current| current.until).is_none_or(|until| until > now) {
        return Ok(Vec::new());
    }
    let (putting, ended) = putting_back(files, now, Some(next))?;
    // What cannot be put back keeps nobody from another context.
    let is_it = ended.iter().any(|ended| ended.name == next);
    if !is_it && files.try_edits(&putting).is_err() {
        return Ok(Vec::new());
    }
    edits.extend(putting);
    Ok(ended)
}

/// The context that becomes current where contexts are removed with a role that was taken with an end, which is current:
/// the one that the end would bring back. Without one, the current context is not switched.
///
/// # Errors
/// The context cannot be read.
pub fn given_up(files: &Kubeconfigs, gone: &[String]) -> Result<Option<Ended>> {
    let Some(current) = files.current().filter(|current| gone.contains(current)) else { return Ok(None) };
    let Some(entry) = files.context(&current) else { return Ok(None) };
    if !is_elevated(files, &entry)? {
        return Ok(None);
    }
    let body = files.body(List::Contexts, &current)?.unwrap_or_default();
    let back = former_of(&body).and_then(|former| former.context);
    let back = back.filter(|name| files.has(name) && !gone.contains(name));
    Ok(back.map(|back| Ended { name: current, back: Some(back) }))
}

/// What leads out of a use that has ended, by what the kubeconfig says of it.
pub fn way_out(world: &World, explicit: Option<&Path>, is_it: impl Fn(&ContextEntry) -> bool) -> &'static str {
    let goes_back = || {
        let files = Kubeconfigs::peek(world, explicit)?;
        let over = over(&files, world.clock.now())?;
        let Some((entry, identity)) = over.iter().find(|(entry, _)| is_it(entry)) else { return Ok(None) };
        if files.current().as_ref() != Some(&entry.name) {
            return Ok::<_, Error>(Some("eksso status  # puts back what was there before"));
        }
        let body = files.body(List::Contexts, &entry.name)?.unwrap_or_default();
        let back = former(&body, identity).context.filter(|name| can_be_current(&files, &over, name));
        Ok(back.map(|_| "eksso use -"))
    };
    let instead = if is_inside(world) { "exit, and start it again with another --for" } else { "eksso use CONTEXT" };
    goes_back().ok().flatten().unwrap_or(instead)
}

/// What `put_back` would write.
///
/// # Errors
/// An entry cannot be read.
pub fn would_put_back(world: &World, files: &Kubeconfigs) -> Result<Vec<Edit>> {
    Ok(putting_back(files, world.clock.now(), None)?.0)
}

/// Puts back what is over; the files are locked and written only where there is something.
pub fn put_back(world: &World, change: Change<'_>) -> Result<Vec<Ended>> {
    // What cannot be changed is left as it is; a pipe is not even read. Nearly always there is no end in the files, and
    // reading every entry of thousands would take ten times as long as the change that is wanted.
    if change.changeable(world).is_err() || !change.may_hold(world, UNTIL_FLAG) {
        return Ok(Vec::new());
    }
    let files = change.read(world)?;
    if putting_back(&files, world.clock.now(), None)?.1.is_empty() {
        return Ok(Vec::new());
    }
    drop(files);
    let (ended, _) = change.make(world, |files| putting_back(files, world.clock.now(), None))?;
    let paths = change.paths(world);
    ended.iter().for_each(|ended| ended.follow(world, &paths));
    Ok(ended)
}

/// Refuses an end that is further away than the policy of this machine lets a role be taken for. `--for` is checked when it is
/// said; the arguments in a kubeconfig can be written by hand.
pub fn permit_end(world: &World, until: Timestamp) -> Result<()> {
    Ok(world.policy()?.elevation(until.duration_since(world.clock.now()))?)
}

/// The end that an isolated kubeconfig was made with: what is switched to in it has no later one. Others are not read.
pub fn bound_of(world: &World, explicit: Option<&Path>) -> Result<Option<Timestamp>> {
    if !is_isolated(world, &search(world, explicit)) {
        return Ok(None);
    }
    let files = Kubeconfigs::open(world, explicit)?;
    let all = files.contexts();
    let made = |entry: &&ContextEntry| !is_elevated(&files, entry).unwrap_or_default();
    Ok(all.iter().filter(made).filter_map(|entry| entry.until).min())
}

/// The end of a use that begins now.
pub fn end_from(now: Timestamp, span: Option<SignedDuration>, bound: Option<Timestamp>) -> Result<Option<Timestamp>> {
    let until = [span.map(|span| now + span), bound].into_iter().flatten().min();
    match until.filter(|until| *until <= now) {
        None => Ok(until),
        Some(until) => {
            let fact = format!("the use of this kubeconfig ended at {}", whole_second(until));
            Err(Error::new(Kind::Denied, fact).hint("exit, and start it again with another --for"))
        }
    }
}
