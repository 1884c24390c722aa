//! The entries eksso writes: cluster, user and context of one identity, merged with what the user added to them.

use serde_yaml::{Mapping, Value};

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::document::Document;
use crate::domain::kubeconfig::edit::{Edit, List};

/// The name of the context extension that marks an entry as ours and says what it stands for.
const MARK: &str = "eksso";

/// Shown by kubectl when the plugin is not found.
const INSTALL_HINT: &str = "eksso is not on the PATH of this program.\n\
    Install it with Homebrew or `cargo install eksso`, or write contexts with `eksso add --absolute-command`.";

/// A context to write, with the facts of its cluster.
#[derive(Debug, Clone)]
pub struct NewContext {
    /// The context's name.
    pub name: String,
    /// What it stands for.
    pub identity: Identity,
    /// The name of the cluster entry: the cluster's ARN, shared with `aws eks update-kubeconfig`.
    pub cluster_entry: String,
    /// What the cluster entry is to say; `None` leaves it as it is.
    pub cluster: Option<ClusterFacts>,
    /// What kubectl runs.
    pub plugin: Plugin,
}

/// How a cluster is reached.
#[derive(Debug, Clone)]
pub struct ClusterFacts {
    /// `https://…`
    pub endpoint: String,
    /// Base64 PEM, as EKS reports it.
    pub certificate_authority: String,
}

/// How kubectl runs eksso for a context.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// The command: a name, or an absolute path.
    pub command: String,
    /// Signed in place of the name for local clusters on Outposts.
    pub cluster_id: Option<String>,
}

/// A context found in a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// Its name.
    pub name: String,
    /// What it stands for, if it is ours.
    pub identity: Option<Identity>,
}

impl Document {
    /// A context. One that cannot be read is nobody's; an edit of it says why.
    pub fn context(&self, name: &str) -> Option<ContextEntry> {
        let body = self.body(List::Contexts, name).transpose()?;
        let identity = body.ok().and_then(|body| identity(&body));
        Some(ContextEntry { name: name.to_owned(), identity })
    }

    /// The contexts of the file, in its order.
    pub fn contexts(&self) -> impl Iterator<Item = ContextEntry> + '_ {
        self.names(List::Contexts).into_iter().filter_map(|name| self.context(name))
    }
}

/// The edits that make a context work, leaving what the user added to its entries (a proxy, a namespace) in place. `body`
/// answers what an entry is now.
pub fn edits_for(body: impl Fn(List, &str) -> Option<Value>, new: &NewContext) -> Vec<Edit> {
    let existing = |list, name: &str| match body(list, name) {
        Some(Value::Mapping(body)) => body,
        _ => Mapping::new(),
    };
    let mut edits = Vec::new();
    if let Some(facts) = &new.cluster {
        let mut cluster = existing(List::Clusters, &new.cluster_entry);
        cluster.insert("server".into(), facts.endpoint.as_str().into());
        cluster.insert("certificate-authority-data".into(), facts.certificate_authority.as_str().into());
        cluster.remove("certificate-authority");
        edits.push(Edit::Put(List::Clusters, new.cluster_entry.clone(), Value::Mapping(cluster)));
    }
    let mut context = existing(List::Contexts, &new.name);
    // An imported context keeps the user it had.
    let known = context.get("user").and_then(Value::as_str).map(str::to_owned);
    let own =
        known.filter(|user| body(List::Users, user).and_then(|u| plugin_identity(&u)).as_ref() == Some(&new.identity));
    let user = own.unwrap_or_else(|| new.identity.user_name());
    let mut login = existing(List::Users, &user);
    login.insert("exec".into(), exec(&new.identity, &new.plugin, &login));
    context.insert("cluster".into(), new.cluster_entry.as_str().into());
    context.insert("user".into(), user.as_str().into());
    let context = marked(context, &new.identity);
    edits.push(Edit::Put(List::Users, user, Value::Mapping(login)));
    edits.push(Edit::Put(List::Contexts, new.name.clone(), context));
    edits
}

/// The exec block. Variables that are not AWS's, such as a proxy, stay.
pub(super) fn exec(identity: &Identity, plugin: &Plugin, user: &Mapping) -> Value {
    let mut args = vec![
        "token",
        "--session",
        identity.session.as_str(),
        "--account",
        identity.account.as_str(),
        "--role",
        identity.role.as_str(),
        "--region",
        identity.region.as_str(),
        "--cluster",
        identity.cluster.as_str(),
    ];
    if let Some(id) = &plugin.cluster_id {
        args.extend(["--cluster-id", id]);
    }
    if let Some(arn) = &identity.assume {
        args.extend(["--assume-role", arn.as_str()]);
    }
    let mut exec = mapping([
        ("apiVersion", "client.authentication.k8s.io/v1".into()),
        ("command", plugin.command.as_str().into()),
        ("args", Value::Sequence(args.into_iter().map(Value::from).collect())),
        ("interactiveMode", "IfAvailable".into()),
        ("provideClusterInfo", false.into()),
        ("installHint", INSTALL_HINT.into()),
    ]);
    let theirs = |variable: &&Value| {
        let name = variable.get("name").and_then(Value::as_str).unwrap_or_default();
        !name.starts_with("AWS_") || name == "AWS_CA_BUNDLE"
    };
    let old = user.get("exec").and_then(|exec| exec.get("env")).and_then(Value::as_sequence);
    let kept: Vec<Value> = old.into_iter().flatten().filter(theirs).cloned().collect();
    if !kept.is_empty() {
        exec["env"] = Value::Sequence(kept);
    }
    exec
}

/// A context's body with our mark.
pub(super) fn marked(mut context: Mapping, identity: &Identity) -> Value {
    let mut fields = Mapping::new();
    for (key, value) in [
        ("session", identity.session.as_str()),
        ("account", identity.account.as_str()),
        ("role", identity.role.as_str()),
        ("region", identity.region.as_str()),
        ("cluster", identity.cluster.as_str()),
    ] {
        fields.insert(key.into(), value.into());
    }
    if let Some(arn) = &identity.assume {
        fields.insert("assume_role".into(), arn.as_str().into());
    }
    let mark = mapping([("name", MARK.into()), ("extension", Value::Mapping(fields))]);
    let known = context.get("extensions").and_then(Value::as_sequence);
    let mut extensions: Vec<Value> = known.cloned().unwrap_or_default();
    match extensions.iter_mut().find(|extension| name(extension) == Some(MARK)) {
        Some(old) => *old = mark,
        None => extensions.push(mark),
    }
    context.insert("extensions".into(), Value::Sequence(extensions));
    Value::Mapping(context)
}

fn name(value: &Value) -> Option<&str> {
    value.get("name")?.as_str()
}

pub(super) fn mapping<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Mapping(pairs.into_iter().map(|(key, value)| (Value::from(key), value)).collect())
}

/// Reads our mark; a mark that is damaged is none.
pub(super) fn identity(context: &Value) -> Option<Identity> {
    let extensions = context.get("extensions")?.as_sequence()?;
    let mark = extensions.iter().find(|extension| name(extension) == Some(MARK))?;
    let field = |key: &str| mark.get("extension")?.get(key)?.as_str();
    Some(Identity {
        session: field("session")?.parse().ok()?,
        account: field("account")?.parse().ok()?,
        role: field("role")?.parse().ok()?,
        region: field("region")?.parse().ok()?,
        cluster: field("cluster")?.parse().ok()?,
        assume: field("assume_role").map(str::parse).transpose().ok()?,
    })
}

/// Whom a user of ours stands for: what its exec block asks eksso for.
pub fn plugin_identity(user: &Value) -> Option<Identity> {
    let args = plugin_args(user)?;
    let field = |name: &str| Some(*args.iter().skip_while(|arg| **arg != name).nth(1)?);
    Some(Identity {
        session: field("--session")?.parse().ok()?,
        account: field("--account")?.parse().ok()?,
        role: field("--role")?.parse().ok()?,
        region: field("--region")?.parse().ok()?,
        cluster: field("--cluster")?.parse().ok()?,
        assume: field("--assume-role").map(str::parse).transpose().ok()?,
    })
}

/// How a user of ours runs eksso.
pub fn plugin_of(user: &Value) -> Option<Plugin> {
    let args = plugin_args(user)?;
    let cluster_id = args.iter().skip_while(|arg| **arg != "--cluster-id").nth(1).map(|id| (*id).to_owned());
    Some(Plugin { command: user.get("exec")?.get("command")?.as_str()?.to_owned(), cluster_id })
}

fn plugin_args(user: &Value) -> Option<Vec<&str>> {
    let exec = user.get("exec")?;
    let args: Vec<&str> = exec.get("args")?.as_sequence()?.iter().filter_map(Value::as_str).collect();
    let ours = program(exec.get("command")?.as_str()?) == "eksso" && args.first() == Some(&"token");
    ours.then_some(args)
}

/// A command without its folder and Windows' ending.
pub(super) fn program(command: &str) -> &str {
    let file = command.rsplit(['/', '\\']).next().unwrap_or_default();
    file.strip_suffix(".exe").unwrap_or(file)
}
