//! The entries eksso writes: cluster, user and context of one identity, merged with what the user added to them.

use jiff::Timestamp;
use serde_yaml::{Mapping, Value};

use crate::domain::api_version::ApiVersion;
use crate::domain::identity::{Identity, cluster_arn};
use crate::domain::ids::AccountId;
use crate::domain::kubeconfig::edit::{Edit, List};
use crate::domain::kubeconfig::written::{Fields, Was};
use crate::domain::lifetime::whole_second;

/// The file name that makes eksso a command of kubectl.
pub const PLUGIN: &str = "kubectl-eksso";

/// The name of the context extension that marks an entry as ours and says what it stands for.
const MARK: &str = "eksso";

/// Shown by kubectl when the plugin is not found.
const INSTALL_HINT: &str = match env!("CARGO_PKG_REPOSITORY").is_empty() {
    true => {
        "eksso is not on the PATH of this program.\n\
        Install it as its README says, or write contexts with `eksso add --absolute-command`."
    }
    false => concat!(
        "eksso is not on the PATH of this program.\n\
        Install it as ",
        env!("CARGO_PKG_REPOSITORY"),
        " says, or write contexts with `eksso add --absolute-command`."
    ),
};

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
    /// `proxy-url`, where the settings name one.
    pub proxy_url: Option<String>,
    /// `tls-server-name`, where the settings name one.
    pub tls_server_name: Option<String>,
}

/// How kubectl runs eksso for a context.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// The command: a name, or an absolute path, which is written only because somebody asked for it.
    pub command: String,
    /// Signed in place of the name for local clusters on Outposts.
    pub cluster_id: Option<String>,
    /// The protocol that the entry names and the answer has.
    pub api_version: ApiVersion,
}

/// A context found in a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// Its name.
    pub name: String,
    /// What it stands for, if it is ours.
    pub identity: Option<Identity>,
    /// What eksso wrote it for, as its mark says: a person may have given it another user since.
    pub mark: Option<Identity>,
    /// When eksso stops making tokens for it, where it has an end.
    pub until: Option<Timestamp>,
}

/// An entry as it is before a change.
#[derive(Debug, Default)]
pub struct There {
    /// Its body as it stands; what is changed of it is changed here.
    pub body: Mapping,
    /// The same with YAML's merge keys resolved: what it means to kubectl.
    pub meaning: Mapping,
    /// Whether there is such an entry.
    pub exists: bool,
    /// What eksso wrote into it last.
    pub written: Fields,
}

/// The edits that write a context, and what they leave as a person made it.
#[derive(Debug, Default)]
pub struct Additions {
    /// The edits.
    pub edits: Vec<Edit>,
    /// Entries with fields that were changed by others than eksso, and stay.
    pub kept: Vec<(List, String, Vec<&'static str>)>,
    /// What eksso has written once the edits are made.
    pub written: Vec<(List, String, Fields)>,
}

impl Additions {
    /// Takes an entry that is settled.
    fn settle(&mut self, list: List, name: &str, entry: Settling) {
        if entry.there.body != entry.was || !entry.there.exists {
            self.edits.push(Edit::Put(list, name.to_owned(), Value::Mapping(entry.there.body)));
        }
        if !entry.kept.is_empty() {
            self.kept.push((list, name.to_owned(), entry.kept));
        }
        self.written.push((list, name.to_owned(), entry.there.written));
    }
}

/// An entry whose fields are compared, one by one, with what eksso would write and with what it wrote last.
struct Settling {
    there: There,
    was: Mapping,
    kept: Vec<&'static str>,
}

impl Settling {
    fn new(there: There) -> Self {
        Self { was: there.body.clone(), there, kept: Vec::new() }
    }

    /// What stands there now, and whether it may be written: it is absent and eksso never wrote it, or it is what eksso
    /// wrote. `known` tells the values that eksso 0.1.0 wrote, which kept no record.
    fn may(&self, field: &str, now: Option<&Value>, known: impl Fn(&Value) -> bool) -> bool {
        match (now, self.there.written.get(field, now)) {
            (_, Was::Ours) => true,
            (None, was) => was == Was::Unknown,
            (Some(now), Was::Unknown) => known(now),
            (Some(_), Was::Theirs) => false,
        }
    }

    /// Settles a field that eksso alone gives a value to.
    fn field(&mut self, place: &[&str], name: &'static str, wanted: &Value, known: impl Fn(&Value) -> bool) -> bool {
        let now = at(&self.there.meaning, place).and_then(|inner| inner.get(name)).cloned();
        if now.as_ref() == Some(wanted) {
            self.there.written.set(name, wanted);
            return true;
        }
        let may = self.may(name, now.as_ref(), known);
        if may {
            self.there.written.set(name, wanted);
            put(&mut self.there, place, name, wanted.clone());
        } else if now.is_some() {
            self.kept.push(name);
        }
        may
    }
}

impl Settling {
    /// The entry that a context points at.
    fn named(&self, key: &str) -> Option<String> {
        self.there.meaning.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    /// Points a context at an entry. What it points at already stays: a person may have chosen it. Only where that is gone,
    /// and no record says that a person changed it, it is made good.
    fn point(&mut self, key: &'static str, wanted: &str, is_gone: bool) {
        let (now, value) = (self.named(key), Value::from(wanted));
        let was = self.there.written.get(key, now.as_deref().map(Value::from).as_ref());
        match &now {
            Some(now) if now != wanted && !(is_gone && was == Was::Unknown) => {
                // What `import` left as it was needs no word; what belongs to another cluster does.
                if was == Was::Theirs || key == "user" || now.contains(":eks:") {
                    self.kept.push(key);
                }
            }
            _ => {
                self.there.written.set(key, &value);
                if now.as_deref() != Some(wanted) {
                    put(&mut self.there, &[], key, value.clone());
                    self.there.meaning.insert(key.into(), value);
                }
            }
        }
    }

    /// Takes back what eksso wrote and the settings do not say any more.
    fn withdraw(&mut self, name: &str) {
        let now = self.there.meaning.get(name);
        if now.is_some() && self.there.written.get(name, now) == Was::Ours {
            self.there.body.remove(name);
            self.there.meaning.remove(name);
            self.there.written.forget(name);
        }
    }
}

fn at<'m>(mapping: &'m Mapping, place: &[&str]) -> Option<&'m Mapping> {
    place.iter().try_fold(mapping, |inner, key| inner.get(*key)?.as_mapping())
}

/// Sets a key of a body. What a merge key brought in is written out where something in it changes.
fn put(there: &mut There, place: &[&str], name: &str, value: Value) {
    let There { body, meaning, .. } = there;
    let inner = match place.first() {
        None => body,
        Some(key) => {
            let whole = || meaning.get(*key).cloned().unwrap_or_else(|| Value::Mapping(Mapping::new()));
            let inner = body.entry((*key).into()).or_insert_with(whole);
            if !inner.is_mapping() {
                *inner = Value::Mapping(Mapping::new());
            }
            match inner.as_mapping_mut() {
                Some(inner) => inner,
                None => return,
            }
        }
    };
    inner.insert(name.into(), value);
}

/// The edits that make a context work. What a person changed or added stays: each field of eksso's is written only where
/// it is absent, or still what eksso wrote. `there` answers what an entry is now.
pub fn additions_for(there: impl Fn(List, &str) -> There, new: &NewContext) -> Additions {
    let mut additions = Additions::default();
    let mut context = Settling::new(there(List::Contexts, &new.name));
    let is_gone = |list: List, now: &Option<String>| now.as_ref().is_none_or(|name| !there(list, name).exists);
    let (cluster, known_user) = (context.named("cluster"), context.named("user"));
    context.point("cluster", &new.cluster_entry, is_gone(List::Clusters, &cluster));
    // A context says nothing of what the entry holds that it points at: a person may have pointed it anywhere. The facts
    // are those of one cluster, and only the entry that this cluster's ARN names gets them.
    let entry = new.identity.cluster_arn();
    if let (Some(facts), Some(cluster)) = (&new.cluster, context.named("cluster").filter(|name| *name == entry)) {
        let mut settling = Settling::new(there(List::Clusters, &cluster));
        settle_cluster(&mut settling, facts);
        additions.settle(List::Clusters, &cluster, settling);
    }
    let asked = Identity { elsewhere: None, ..new.identity.clone() };
    let user_there = |name: &str| Some(there(List::Users, name)).filter(|user| user.exists).map(|user| user.meaning);
    let identity = |user: Mapping| plugin_identity(&Value::Mapping(user));
    // An imported context keeps the user it had.
    let own = known_user.clone().filter(|user| user_there(user).and_then(identity).as_ref() == Some(&asked));
    // One with an end keeps that user; what is written is the one it goes back to.
    let bounded = own.as_ref() == Some(&new.identity.bounded_user_name());
    let user = own.filter(|_| !bounded).unwrap_or_else(|| free_user(&new.identity.user_name(), &asked, user_there));
    if !bounded {
        context.point("user", &user, is_gone(List::Users, &known_user));
    }
    if bounded || context.named("user").as_ref() == Some(&user) {
        let mut login = Settling::new(there(List::Users, &user));
        settle_exec(&mut login, new);
        additions.settle(List::Users, &user, login);
    }
    if mark(&Value::Mapping(context.there.meaning.clone())).as_ref() != Some(&new.identity) {
        let known = context.there.meaning.get("extensions").cloned();
        let extensions = marked(known, &new.identity);
        context.there.body.insert("extensions".into(), extensions);
    }
    additions.settle(List::Contexts, &new.name, context);
    additions
}

/// The name of a user that asks for an identity, or may be made to: the usual one, unless a person made somebody else of it.
fn free_user(usual: &str, asked: &Identity, there: impl Fn(&str) -> Option<Mapping>) -> String {
    let is_free = |name: &String| {
        let Some(user) = there(name).map(Value::Mapping) else { return true };
        plugin_identity(&user).map_or_else(|| is_run_by_another(&user), |identity| identity == *asked)
    };
    let others = (2..).map(|number| format!("{usual}/{number}"));
    std::iter::once(usual.to_owned()).chain(others).find(is_free).unwrap_or_default()
}

fn settle_cluster(cluster: &mut Settling, facts: &ClusterFacts) {
    let text = |meaning: &Mapping, key: &str| meaning.get(key).and_then(Value::as_str).map(str::to_owned);
    let server: Value = facts.endpoint.as_str().into();
    let tunnel = text(&cluster.there.meaning, "tls-server-name").is_some_and(|name| !name.is_empty());
    let before = cluster.there.meaning.get("server").cloned();
    for (name, wanted) in [("proxy-url", &facts.proxy_url), ("tls-server-name", &facts.tls_server_name)] {
        match wanted {
            Some(wanted) => _ = cluster.field(&[], name, &wanted.as_str().into(), |_| false),
            None => cluster.withdraw(name),
        }
    }
    let ours = cluster.field(&[], "server", &server, |now| !tunnel && now.as_str().is_some_and(is_eks_endpoint));
    let healed = ours && before.is_some() && before.as_ref() != Some(&server);
    // A CA in a file is a person's own. kubectl refuses a CA beside the insecure flag.
    if text(&cluster.there.meaning, "certificate-authority").is_some_and(|path| !path.is_empty()) {
        return;
    }
    let field = "certificate-authority-data";
    let insecure = cluster.there.meaning.get("insecure-skip-tls-verify").is_some_and(is_true);
    if cluster.there.meaning.get(field).is_none() && (insecure || !ours) {
        return;
    }
    cluster.field(&[], field, &facts.certificate_authority.as_str().into(), |_| healed);
}

/// Whether a server is one that EKS gave a cluster, and not a tunnel or a proxy to it.
fn is_eks_endpoint(server: &str) -> bool {
    let host = server.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
    let labels: Vec<&str> = host.split('.').collect();
    let eks = labels.iter().any(|label| *label == "eks" || label.starts_with("eks-"));
    eks && labels.len() >= 4 && !host.contains([':', '/'])
}

fn settle_exec(login: &mut Settling, new: &NewContext) {
    const EXEC: &[&str] = &["exec"];
    let wanted = plain_args(&new.identity, new.plugin.cluster_id.as_deref());
    let wanted: Value = wanted.into_iter().map(Value::from).collect::<Vec<_>>().into();
    let block = at(&login.there.meaning, EXEC).cloned().unwrap_or_default();
    let all: Vec<Value> = block.get("args").and_then(Value::as_sequence).cloned().unwrap_or_default();
    let (plain, answered) = without_pair(&all, VERSION_FLAG);
    // The end of a use is the person's word: it is neither stale nor a change of what eksso wrote.
    let (plain, until) = without_pair(&plain, UNTIL_FLAG);
    let mut args = Value::Sequence(plain);
    // eksso 0.1.0 wrote the same line; the id of a local cluster changes when it is made anew.
    let but_id = |args: &Value| without_pair(args.as_sequence().map_or(&[][..], Vec::as_slice), "--cluster-id").0;
    let now = block.contains_key("args").then_some(&args);
    if now == Some(&wanted) || login.may("args", now, |now| but_id(now) == but_id(&wanted)) {
        login.there.written.set("args", &wanted);
        args = wanted;
    } else if now.is_some() {
        login.kept.push("args");
    }
    // The version stands in two places, which go together: clients that set no KUBERNETES_EXEC_INFO compare them.
    let named = block.get("apiVersion").and_then(Value::as_str);
    let pair = |named: Option<&str>, answered: Option<&str>| {
        Value::from(format!("{} {}", named.unwrap_or_default(), answered.unwrap_or_default()))
    };
    let flag = |version: ApiVersion| (version == ApiVersion::V1).then(|| version.name());
    let version = new.plugin.api_version;
    let wanted = pair(Some(version.as_str()), flag(version));
    let now = named.map(|named| pair(Some(named), answered.as_deref()));
    let mut answered = answered;
    if now.as_ref() == Some(&wanted) {
        login.there.written.set("apiVersion", &wanted);
    } else if login.may("apiVersion", now.as_ref(), |now| *now == pair(Some(ApiVersion::V1.as_str()), None)) {
        login.there.written.set("apiVersion", &wanted);
        put(&mut login.there, EXEC, "apiVersion", version.as_str().into());
        answered = flag(version).map(str::to_owned);
    } else if now.is_some() && named.and_then(ApiVersion::of).is_none_or(|own| answered.as_deref() != flag(own)) {
        // An entry and its answer that agree, as `import` leaves them, need no word.
        login.kept.push("apiVersion");
    }
    if let (Value::Sequence(args), Some(version)) = (&mut args, &answered) {
        args.extend([VERSION_FLAG.into(), version.as_str().into()]);
    }
    if let (Value::Sequence(args), Some(until)) = (&mut args, &until) {
        args.extend([UNTIL_FLAG.into(), until.as_str().into()]);
    }
    let command: Value = new.plugin.command.as_str().into();
    let is_path = |command: &Value| command.as_str().is_some_and(|command| command.contains(['/', '\\']));
    match block.get("command").filter(|now| now.as_str().map(program) == Some("eksso")) {
        // A path is written because somebody asks for it, and then nothing else takes its place unasked.
        Some(now) if is_path(&command) && *now != command => {
            login.there.written.set("command", &command);
            put(&mut login.there, EXEC, "command", command);
        }
        Some(now) if is_path(now) => {}
        _ => _ = login.field(EXEC, "command", &command, |_| false),
    }
    if block.get("args") != Some(&args) {
        put(&mut login.there, EXEC, "args", args);
    }
    // The v1 protocol demands a mode.
    if !block.contains_key("interactiveMode") {
        login.there.written.forget("interactiveMode");
    }
    login.field(EXEC, "interactiveMode", &"IfAvailable".into(), |_| false);
    login.field(EXEC, "provideClusterInfo", &false.into(), |_| false);
    login.field(EXEC, "installHint", &INSTALL_HINT.into(), |_| false);
}

/// Says which version to answer with where the caller does not.
const VERSION_FLAG: &str = "--exec-api-version";

/// Says when the use of the role ends.
pub const UNTIL_FLAG: &str = "--until";

/// Words without an option and its value, and the value.
fn without_pair(words: &[Value], flag: &str) -> (Vec<Value>, Option<String>) {
    let Some(place) = words.iter().position(|word| word.as_str() == Some(flag)) else { return (words.to_vec(), None) };
    let value = words.get(place + 1).and_then(Value::as_str).map(str::to_owned);
    (words[..place].iter().chain(words.iter().skip(place + 2)).cloned().collect(), value)
}

fn plain_args<'a>(identity: &'a Identity, cluster_id: Option<&'a str>) -> Vec<&'a str> {
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
    if let Some(id) = cluster_id {
        args.extend(["--cluster-id", id]);
    }
    if let Some(arn) = &identity.assume {
        args.extend(["--assume-role", arn.as_str()]);
    }
    args
}

/// The exec block that asks for an identity.
pub(super) fn exec(identity: &Identity, plugin: &Plugin) -> Value {
    let mut args = plain_args(identity, plugin.cluster_id.as_deref());
    if plugin.api_version == ApiVersion::V1 {
        args.extend([VERSION_FLAG, plugin.api_version.name()]);
    }
    mapping([
        ("apiVersion", plugin.api_version.as_str().into()),
        ("command", plugin.command.as_str().into()),
        ("args", Value::Sequence(args.into_iter().map(Value::from).collect())),
        ("interactiveMode", "IfAvailable".into()),
        ("provideClusterInfo", false.into()),
        ("installHint", INSTALL_HINT.into()),
    ])
}

/// A context's extensions with our mark.
pub(super) fn marked(known: Option<Value>, identity: &Identity) -> Value {
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
    if let Some(account) = &identity.elsewhere {
        fields.insert("cluster_account".into(), account.as_str().into());
    }
    let mark = mapping([("name", MARK.into()), ("extension", Value::Mapping(fields))]);
    let mut extensions: Vec<Value> = known.and_then(|known| known.as_sequence().cloned()).unwrap_or_default();
    match extensions.iter_mut().find(|extension| name(extension) == Some(MARK)) {
        Some(old) => *old = mark,
        None => extensions.push(mark),
    }
    Value::Sequence(extensions)
}

fn name(value: &Value) -> Option<&str> {
    value.get("name")?.as_str()
}

pub(super) fn mapping<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Mapping(pairs.into_iter().map(|(key, value)| (Value::from(key), value)).collect())
}

/// Whether kubectl, which reads YAML 1.1, takes a value for true.
pub(super) fn is_true(value: &Value) -> bool {
    boolean(value) == Some(true)
}

/// A value as YAML 1.1 reads it, where `yes` and `on` are booleans too.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => match text.as_str() {
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// What a context stands for, if it is ours. What its user asks eksso for decides: it is what kubectl runs, and other
/// programs drop extensions. Our mark counts where the user is gone, or is run by a program that is not known.
pub fn identity_of(context: &Value, user: Option<&Value>) -> Option<Identity> {
    let identity = match user {
        Some(user) => plugin_identity(user).or_else(|| mark(context).filter(|_| is_run_by_another(user))),
        None => mark(context),
    };
    identity.map(|identity| {
        // Of a role that is assumed, the cluster may be in another account than the assigned one, which the user does not say.
        let elsewhere = identity.assume.as_ref().and_then(|_| cluster_account(context, &identity));
        let elsewhere = elsewhere.filter(|account| *account != identity.account);
        Identity { elsewhere, ..identity }
    })
}

/// The account of a context's cluster: out of its entry's name where that is the cluster's ARN, else as our mark has it.
fn cluster_account(context: &Value, identity: &Identity) -> Option<AccountId> {
    let entry = context.get("cluster").and_then(Value::as_str).unwrap_or_default();
    let account = entry.split(':').nth(4).and_then(|account| account.parse().ok());
    let is_named = |account: &AccountId| entry == cluster_arn(account, &identity.region, &identity.cluster);
    account.filter(is_named).or_else(|| mark_field(context, "cluster_account")?.parse().ok())
}

/// Whether it is run by a program of which it is not known for whom it asks: not eksso itself, and none of the AWS CLI's names.
fn is_run_by_another(user: &Value) -> bool {
    let command = user.get("exec").and_then(|exec| exec.get("command")?.as_str());
    const KNOWN: [&str; 7] =
        ["eksso", "aws", "aws.cmd", "aws2", "awsv2", "aws-iam-authenticator", "heptio-authenticator-aws"];
    command.is_some_and(|command| !KNOWN.contains(&program(command)))
}

/// Reads our mark, what eksso wrote a context for; a mark that is damaged is none.
pub fn mark(context: &Value) -> Option<Identity> {
    let field = |key: &str| mark_field(context, key);
    Some(Identity {
        session: field("session")?.parse().ok()?,
        account: field("account")?.parse().ok()?,
        role: field("role")?.parse().ok()?,
        region: field("region")?.parse().ok()?,
        cluster: field("cluster")?.parse().ok()?,
        assume: field("assume_role").map(str::parse).transpose().ok()?,
        elsewhere: None,
    })
}

fn mark_field<'c>(context: &'c Value, key: &str) -> Option<&'c str> {
    let extensions = context.get("extensions")?.as_sequence()?;
    let mark = extensions.iter().find(|extension| name(extension) == Some(MARK))?;
    mark.get("extension")?.get(key)?.as_str()
}

/// Whom a user of ours stands for: what its exec block asks eksso for. It does not say in which account the cluster is.
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
        elsewhere: None,
    })
}

/// How a user of ours runs eksso.
pub fn plugin_of(user: &Value) -> Option<Plugin> {
    let args = plugin_args(user)?;
    let value = |flag: &str| args.iter().skip_while(|arg| **arg != flag).nth(1).map(|value| (*value).to_owned());
    Some(Plugin {
        command: user.get("exec")?.get("command")?.as_str()?.to_owned(),
        cluster_id: value("--cluster-id"),
        // An entry that names v1 alone is one of eksso 0.1.0, whose answer need not agree.
        api_version: value(VERSION_FLAG).and_then(|version| version.parse().ok()).unwrap_or_default(),
    })
}

/// Makes a user of ours ask for an assigned role, and leaves all else that a person may have added.
pub(super) fn with_role(user: &mut Value, role: &str) -> Option<()> {
    let mut words: Vec<String> = plugin_args(user)?.into_iter().map(str::to_owned).collect();
    let place = words.iter().position(|word| word == "--role")?;
    role.clone_into(words.get_mut(place + 1)?);
    // Neither the role that was assumed from the other one, nor that one's end.
    for option in ["--assume-role", UNTIL_FLAG] {
        if let Some(place) = words.iter().position(|word| word == option) {
            words.drain(place..words.len().min(place + 2));
        }
    }
    *user.get_mut("exec")?.get_mut("args")? = Value::Sequence(words.into_iter().map(Value::String).collect());
    Some(())
}

/// When eksso stops making tokens for a user of ours, where it does. An end that cannot be read is over: `token` refuses it.
pub fn end_of(user: &Value) -> Option<Timestamp> {
    let args = plugin_args(user)?;
    let end = args.iter().skip_while(|arg| **arg != UNTIL_FLAG).nth(1)?;
    Some(end.parse().unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Makes a user of ours end. `None` where it is not one that eksso alone answers for: what else it holds would go on.
pub(super) fn with_end(user: &mut Value, until: Timestamp) -> Option<()> {
    const HARMLESS: [&str; 6] = ["exec", "as", "as-uid", "as-groups", "as-user-extra", "extensions"];
    let keys = user.as_mapping()?.keys();
    if !keys.map(Value::as_str).all(|key| key.is_some_and(|key| HARMLESS.contains(&key))) {
        return None;
    }
    let words: Vec<Value> = plugin_args(user)?.into_iter().map(Value::from).collect();
    let (mut words, _) = without_pair(&words, UNTIL_FLAG);
    words.extend([UNTIL_FLAG.into(), whole_second(until).to_string().into()]);
    *user.get_mut("exec")?.get_mut("args")? = Value::Sequence(words);
    Some(())
}

/// What a user of ours asks for, a word an option and a word a value: `--role=R` is `--role R`.
fn plugin_args(user: &Value) -> Option<Vec<&str>> {
    let exec = user.get("exec")?;
    let args = exec.get("args")?.as_sequence()?.iter().filter_map(Value::as_str);
    let words = args.flat_map(|arg| match arg.split_once('=').filter(|_| arg.starts_with("--")) {
        Some((option, value)) => [Some(option), Some(value)],
        None => [Some(arg), None],
    });
    let words: Vec<&str> = words.flatten().collect();
    let ours = program(exec.get("command")?.as_str()?) == "eksso" && words.first() == Some(&"token");
    ours.then_some(words)
}

/// A command without its folder and Windows' ending. krew installs eksso as `kubectl-eksso`, and as nothing else.
pub(super) fn program(command: &str) -> &str {
    let file = command.rsplit(['/', '\\']).next().unwrap_or_default();
    match file.strip_suffix(".exe").unwrap_or(file) {
        PLUGIN => "eksso",
        other => other,
    }
}
