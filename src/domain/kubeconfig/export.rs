//! A kubeconfig for somebody else: contexts that call eksso, which is whoever runs it. Nothing of the user's own is in it: each entry
//! is made anew of what the context stands for and of where its cluster is.

use serde_yaml::{Mapping, Value};

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::emit::yaml;
use crate::domain::kubeconfig::entries::{Plugin, exec, mapping, marked};

/// A context to hand on.
#[derive(Debug, Clone)]
pub struct Handed {
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub identity: Identity,
    /// Its namespace.
    pub namespace: Option<String>,
    /// How kubectl asks eksso.
    pub plugin: Plugin,
    /// Where its cluster is: `server`, and the fields that say how it is reached. None of them may be a secret.
    pub cluster: Vec<(&'static str, String)>,
}

/// The text, below lines of comment. No context is the current one: which one is used is the reader's to say.
pub fn export(contexts: &[Handed], comment: &[String]) -> String {
    let (mut clusters, mut users, mut named): (Vec<Value>, Vec<Value>, Vec<Value>) = Default::default();
    let add = |list: &mut Vec<Value>, name: &str, key: &str, body: Value| {
        if list.iter().all(|known| known.get("name").and_then(Value::as_str) != Some(name)) {
            list.push(mapping([("name", name.into()), (key, body)]));
        }
    };
    for Handed { name, identity, namespace, plugin, cluster } in contexts {
        // Two ways to one cluster are two entries.
        let arn = identity.cluster_arn();
        let fields = |fields: &[(&'static str, String)]| {
            Value::Mapping(fields.iter().map(|(key, value)| (Value::from(*key), Value::from(value.as_str()))).collect())
        };
        let body = fields(cluster);
        let other = clusters.iter().any(|known| {
            known.get("name").and_then(Value::as_str) == Some(&arn) && known.get("cluster") != Some(&body)
        });
        let cluster = if other { format!("{arn}#{name}") } else { arn };
        let user = identity.user_name();
        add(&mut users, &user, "user", mapping([("exec", exec(identity, plugin))]));
        add(&mut clusters, &cluster, "cluster", body);
        let mut context = Mapping::new();
        context.insert("cluster".into(), cluster.into());
        if let Some(namespace) = namespace {
            context.insert("namespace".into(), namespace.as_str().into());
        }
        context.insert("user".into(), user.into());
        context.insert("extensions".into(), marked(None, identity));
        add(&mut named, name, "context", Value::Mapping(context));
    }
    let config = mapping([
        ("apiVersion", "v1".into()),
        ("kind", "Config".into()),
        ("clusters", Value::Sequence(clusters)),
        ("contexts", Value::Sequence(named)),
        ("users", Value::Sequence(users)),
    ]);
    comment.iter().map(|line| format!("# {line}\n")).collect::<String>() + &yaml(&config)
}
