//! A context that is another role's until a moment: what is written for it, and what it goes back to.
//!
//! The end stands in the arguments of a user of its own, so that kubectl is refused by `eksso token` and by nothing else;
//! the user that the context had is not touched. What it goes back to stands in an extension of the context: the file then
//! says all of it, is copied whole, and `eksso undo` brings it back whole.

use jiff::Timestamp;
use serde_yaml::{Mapping, Value};

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::entries::{end_of, mapping, plugin_identity, with_end};
use crate::domain::kubeconfig::isolated::Entry;

/// The name of the extension.
const RECORD: &str = "eksso-elevation";
/// The field of the record that says that the context had a list of extensions with nothing in it.
const HAD_LIST: &str = "former_extensions";

/// What a context with an end goes back to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Former {
    /// The context that was current before.
    pub context: Option<String>,
    /// The user that the context had; none where the context was made for this use.
    pub user: Option<String>,
}

/// Gives the context of an isolated kubeconfig an end that nothing in it goes back from; `None` where eksso alone does not
/// answer for its user. The end that it has already stays where that is sooner.
pub fn bound(context: &mut Entry, user: &mut Entry, until: Timestamp) -> Option<()> {
    let until = end_of(&user.body).map_or(until, |own| own.min(until));
    with_end(&mut user.body, until)?;
    user.name = plugin_identity(&user.body)?.user_name();
    restored(&mut context.body, &user.name);
    Some(())
}

/// Makes a context use a user with an end, made of the one it has; answers that user. `None` where eksso alone does not
/// answer for it.
pub fn elevated(
    context: &mut Value,
    user: &Value,
    identity: &Identity,
    until: Timestamp,
    former: &Former,
) -> Option<Value> {
    let mut user = user.clone();
    with_end(&mut user, until)?;
    let body = context.as_mapping_mut()?;
    body.insert("user".into(), identity.bounded_user_name().into());
    let mut fields = Mapping::new();
    for (key, value) in [("former_context", &former.context), ("former_user", &former.user)] {
        if let Some(value) = value {
            fields.insert(key.into(), value.as_str().into());
        }
    }
    // An empty list is to be there again afterwards; one that is made for the record goes with it.
    let is_empty = |list: &Value| list.as_sequence().is_some_and(Vec::is_empty);
    let had_empty = body.get("extensions").is_some_and(is_empty) || record_of(body).is_some_and(had_list);
    if had_empty {
        fields.insert(HAD_LIST.into(), true.into());
    }
    let mut extensions = others(body);
    extensions.push(mapping([("name", RECORD.into()), ("extension", Value::Mapping(fields))]));
    body.insert("extensions".into(), Value::Sequence(extensions));
    Some(user)
}

/// What a context goes back to; `None` where another program dropped the record.
pub fn former_of(context: &Value) -> Option<Former> {
    let extensions = context.get("extensions").and_then(Value::as_sequence);
    let record = extensions.into_iter().flatten().find(|extension| is_record(extension))?;
    let field = |key: &str| Some(record.get("extension")?.get(key)?.as_str()?.to_owned());
    Some(Former { context: field("former_context"), user: field("former_user") })
}

/// Notes that a context with an end is to stay behind it, with this user: somebody wrote it meanwhile. Answers whether
/// that is new.
pub fn stays(context: &mut Value, user: &str) -> bool {
    let extensions = context.get_mut("extensions").and_then(Value::as_sequence_mut);
    let record = extensions.into_iter().flatten().find(|extension| is_record(extension));
    let Some(Value::Mapping(fields)) = record.and_then(|record| record.get_mut("extension")) else { return false };
    let is_new = !fields.contains_key("former_user");
    if is_new {
        fields.insert("former_user".into(), user.into());
    }
    is_new
}

/// Follows the context that one with an end goes back to to its new name. Answers whether it goes back to that one.
pub fn follows(context: &mut Value, old: &str, new: &str) -> bool {
    let extensions = context.get_mut("extensions").and_then(Value::as_sequence_mut);
    let record = extensions.into_iter().flatten().find(|extension| is_record(extension));
    let Some(Value::Mapping(fields)) = record.and_then(|record| record.get_mut("extension")) else { return false };
    let is_it = fields.get("former_context").and_then(Value::as_str) == Some(old);
    if is_it {
        fields.insert("former_context".into(), new.into());
    }
    is_it
}

/// Gives a context its former user back.
pub fn restored(context: &mut Value, user: &str) {
    let Some(body) = context.as_mapping_mut() else { return };
    body.insert("user".into(), user.into());
    let had_list = record_of(body).is_some_and(had_list);
    match others(body) {
        none if !had_list && none.is_empty() => _ = body.remove("extensions"),
        some => _ = body.insert("extensions".into(), Value::Sequence(some)),
    }
}

/// The extensions of a context without the record.
fn others(context: &Mapping) -> Vec<Value> {
    let extensions = context.get("extensions").and_then(Value::as_sequence);
    extensions.into_iter().flatten().filter(|extension| !is_record(extension)).cloned().collect()
}

fn record_of(context: &Mapping) -> Option<&Value> {
    let extensions = context.get("extensions").and_then(Value::as_sequence);
    extensions.into_iter().flatten().find(|extension| is_record(extension))
}

fn had_list(record: &Value) -> bool {
    record.get("extension").and_then(|fields| fields.get(HAD_LIST)).and_then(Value::as_bool) == Some(true)
}

fn is_record(extension: &Value) -> bool {
    extension.get("name").and_then(Value::as_str) == Some(RECORD)
}
