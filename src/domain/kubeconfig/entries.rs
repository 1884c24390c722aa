//! The entries eksso writes: cluster, user and context of one identity, merged with what the user added to them.

use serde_yaml::{Mapping, Value};

use super::document::{Document, Edit, List};
use crate::domain::ids::{AccountId, ClusterName, Region};
use crate::domain::naming::Identity;

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
    /// The cluster's ARN: the name of the cluster entry, shared with `aws eks update-kubeconfig`.
    pub cluster_arn: String,
    /// `https://…`
    pub endpoint: String,
    /// Base64 PEM, as EKS reports it.
    pub certificate_authority: String,
    /// Signed in place of the name for local clusters on Outposts.
    pub cluster_id: Option<String>,
    /// The command kubectl runs.
    pub command: String,
}

/// A context found in a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// Its name.
    pub name: String,
    /// What it stands for, if it is ours.
    pub identity: Option<Identity>,
}

/// A cluster's ARN.
pub fn cluster_arn(account: &AccountId, region: &Region, cluster: &ClusterName) -> String {
    use crate::domain::partition::Partition;
    let partition = match region.partition() {
        Partition::Aws => "aws",
        Partition::AwsCn => "aws-cn",
        Partition::AwsUsGov => "aws-us-gov",
        Partition::AwsEusc => "aws-eusc",
        Partition::AwsIso => "aws-iso",
        Partition::AwsIsoB => "aws-iso-b",
        Partition::AwsIsoE => "aws-iso-e",
        Partition::AwsIsoF => "aws-iso-f",
    };
    format!("arn:{partition}:eks:{region}:{account}:cluster/{cluster}")
}

impl Document {
    /// The contexts of the file, in its order.
    pub fn contexts(&self) -> impl Iterator<Item = ContextEntry> + '_ {
        self.bodies(List::Contexts).map(|(name, body)| ContextEntry { name: name.to_owned(), identity: identity(body) })
    }
}

/// The edits that make a context work, leaving what the user added to its entries (a proxy, a namespace) in place. Of an
/// entry that several documents hold, the first is the one that counts.
pub fn edits_for(documents: &[&Document], new: &NewContext) -> [Edit; 3] {
    let user = new.identity.user_name();
    let mut cluster = existing(documents, List::Clusters, &new.cluster_arn);
    cluster.insert("server".into(), new.endpoint.as_str().into());
    cluster.insert("certificate-authority-data".into(), new.certificate_authority.as_str().into());
    cluster.remove("certificate-authority");
    let mut login = existing(documents, List::Users, &user);
    login.insert("exec".into(), exec(new));
    let mut context = existing(documents, List::Contexts, &new.name);
    context.insert("cluster".into(), new.cluster_arn.as_str().into());
    context.insert("user".into(), user.as_str().into());
    let mut extensions: Vec<Value> =
        context.get("extensions").and_then(Value::as_sequence).cloned().unwrap_or_default();
    extensions.retain(|extension| extension.get("name").and_then(Value::as_str) != Some(MARK));
    extensions.push(mark(&new.identity));
    context.insert("extensions".into(), Value::Sequence(extensions));
    [
        Edit::Put(List::Clusters, new.cluster_arn.clone(), Value::Mapping(cluster)),
        Edit::Put(List::Users, user, Value::Mapping(login)),
        Edit::Put(List::Contexts, new.name.clone(), Value::Mapping(context)),
    ]
}

fn existing(documents: &[&Document], list: List, name: &str) -> Mapping {
    let body = documents.iter().find_map(|document| document.body(list, name));
    body.and_then(Value::as_mapping).cloned().unwrap_or_default()
}

fn exec(new: &NewContext) -> Value {
    let identity = &new.identity;
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
    if let Some(id) = &new.cluster_id {
        args.extend(["--cluster-id", id]);
    }
    mapping([
        ("apiVersion", "client.authentication.k8s.io/v1".into()),
        ("command", new.command.as_str().into()),
        ("args", Value::Sequence(args.into_iter().map(Value::from).collect())),
        ("interactiveMode", "IfAvailable".into()),
        ("provideClusterInfo", false.into()),
        ("installHint", INSTALL_HINT.into()),
    ])
}

fn mark(identity: &Identity) -> Value {
    let extension = mapping([
        ("session", identity.session.as_str().into()),
        ("account", identity.account.as_str().into()),
        ("role", identity.role.as_str().into()),
        ("region", identity.region.as_str().into()),
        ("cluster", identity.cluster.as_str().into()),
    ]);
    mapping([("name", MARK.into()), ("extension", extension)])
}

fn mapping<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Mapping(pairs.into_iter().map(|(key, value)| (Value::from(key), value)).collect())
}

/// Reads our mark; a mark that is damaged is none.
fn identity(context: &Value) -> Option<Identity> {
    let extensions = context.get("extensions")?.as_sequence()?;
    let mark = extensions.iter().find(|extension| extension.get("name").and_then(Value::as_str) == Some(MARK))?;
    let field = |key: &str| mark.get("extension")?.get(key)?.as_str();
    Some(Identity {
        session: field("session")?.parse().ok()?,
        account: field("account")?.parse().ok()?,
        role: field("role")?.parse().ok()?,
        region: field("region")?.parse().ok()?,
        cluster: field("cluster")?.parse().ok()?,
    })
}
