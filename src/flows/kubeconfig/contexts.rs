//! Contexts in the user's kubeconfig files: read together as kubectl does, changed under kubectl's locks.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_yaml::Value;

use crate::domain::api_version::ApiVersion;
use crate::domain::filter::Glob;
use crate::domain::identity::Identity;
use crate::domain::ids::RoleName;
use crate::domain::kubeconfig::{
    ContextEntry, Document, Edit, Entry, List, MAX_BYTES, NewContext, Plugin, end_of, former_of, identity_of, mark,
    plugin_identity, plugin_of, search_path, write_target,
};
use crate::domain::text::{near_misses, shell_word};
use crate::error::{Error, Kind, Result};
use crate::flows::in_place;
use crate::flows::kubeconfig::history;
use crate::ports::{KubeconfigLocks, World};

/// kubectl holds its lock for milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How often a file that goes on changing is read again.
const LOOKS: usize = 5;

const SECOND_LOOK: Duration = Duration::from_millis(200);

/// The kubeconfig files of a call, as they were read.
pub struct Kubeconfigs {
    pub(super) paths: Vec<PathBuf>,
    pub(super) documents: Vec<Option<Document>>,
    /// The text that is on the disk, of a document that was edited without being written.
    pub(super) on_disk: Vec<Option<String>>,
    pub(super) target: usize,
    /// Whether this is the isolated kubeconfig of one shell or command.
    isolated: bool,
}

impl Kubeconfigs {
    /// The files of `--kubeconfig`, else KUBECONFIG, else `~/.kube/config`. A missing file is an empty one.
    pub fn open(world: &World, explicit: Option<&Path>) -> Result<Self> {
        Self::read_unlocked(world, search(world, explicit))
    }

    /// The same as they are at this moment, with no lock taken and nothing made good: for what must not wait or write.
    pub fn peek(world: &World, explicit: Option<&Path>) -> Result<Self> {
        Self::read(world, search(world, explicit), |path| world.files.read(path, MAX_BYTES))
    }

    /// The same as [`Self::open`], read again where what is wanted is not in them and they were changed just now.
    pub fn open_with(world: &World, explicit: Option<&Path>, wanted: impl Fn(&Self) -> bool) -> Result<Self> {
        Self::unlocked_with(world, search(world, explicit), wanted)
    }

    /// The same for a context that is named, else for the current one.
    pub fn open_for(world: &World, explicit: Option<&Path>, context: Option<&str>) -> Result<Self> {
        Self::open_with(world, explicit, |files| files.holds(context))
    }

    /// Whether there is a context of this name, else a current one.
    pub(super) fn holds(&self, context: Option<&str>) -> bool {
        match context {
            Some(name) => self.has(name),
            None => self.current().is_some_and(|current| self.has(&current)),
        }
    }

    /// The same, where inside a shell of `eksso shell` the files outside of it are meant.
    pub fn open_outer(world: &World, explicit: Option<&Path>) -> Result<Self> {
        Self::read_unlocked(world, outer_path(world, explicit))
    }

    /// The same, read again where what is wanted is not in them: kubectl empties a file before it writes it, under a lock
    /// that is waited for.
    pub fn open_outer_with(world: &World, explicit: Option<&Path>, wanted: impl Fn(&Self) -> bool) -> Result<Self> {
        let paths = outer_path(world, explicit);
        match Self::read_unlocked(world, paths.clone()) {
            Ok(files) if wanted(&files) && files.are_at_rest(world) => Ok(files),
            _ => {
                // In a folder that is not ours to write there is no lock; a second look is one all the same.
                let _lock = world.files.lock_kubeconfigs(&paths, SECOND_LOOK);
                Self::locked_with(world, paths, wanted)
            }
        }
    }

    /// Reads files that others may be writing.
    pub(super) fn read_unlocked(world: &World, paths: Vec<PathBuf>) -> Result<Self> {
        Self::unlocked_with(world, paths, |_| true)
    }

    /// The same, read again where what is wanted is not in them.
    pub(super) fn unlocked_with(world: &World, paths: Vec<PathBuf>, wanted: impl Fn(&Self) -> bool) -> Result<Self> {
        if in_place::is_unfinished(world, &paths)? {
            _ = lock(world, &paths)?;
        }
        let read = || Self::read(world, paths.clone(), |path| world.files.read_settled(path, MAX_BYTES));
        Self::whole(world, &paths, wanted, read)
    }

    /// Reads files whose locks are held; again where what is wanted is not in them, or where they may not be whole yet.
    pub(super) fn locked_with(world: &World, paths: Vec<PathBuf>, wanted: impl Fn(&Self) -> bool) -> Result<Self> {
        let read = || Self::read(world, paths.clone(), |path| world.files.read(path, MAX_BYTES));
        Self::whole(world, &paths, |files| wanted(files) && files.are_at_rest(world), read)
    }

    /// Reads again what cannot be read or lacks what is wanted, once it changes no more: the AWS CLI and editors write in place
    /// without kubectl's lock, and a part of a file is no ground to say that a context is not there. What holds what is wanted
    /// costs nothing.
    fn whole(
        world: &World,
        paths: &[PathBuf],
        wanted: impl Fn(&Self) -> bool,
        read: impl Fn() -> Result<Self>,
    ) -> Result<Self> {
        let mut files = read();
        for _ in 0..LOOKS {
            let is_whole = files.as_ref().is_ok_and(&wanted);
            // Each of them, so that all are at rest.
            if is_whole || paths.iter().filter(|path| world.files.rest(path)).count() == 0 {
                break;
            }
            let before = std::mem::replace(&mut files, read());
            if Self::same(&before, &files) {
                break;
            }
        }
        files
    }

    /// Whether nobody may be writing the files. What eksso itself wrote last was whole from the first moment.
    fn are_at_rest(&self, world: &World) -> bool {
        let is_at_rest = |(path, document): (&PathBuf, &Option<Document>)| {
            let is_ours = || document.as_ref().is_some_and(|document| history::wrote(world, path, document.text()));
            !world.files.is_restless(path) || is_ours()
        };
        self.paths.iter().zip(&self.documents).all(is_at_rest)
    }

    /// Whether the files were the same text, or broken in the same way, when they were read again.
    fn same(before: &Result<Self>, now: &Result<Self>) -> bool {
        fn texts(files: &Kubeconfigs) -> impl Iterator<Item = Option<&str>> {
            files.documents.iter().map(|document| document.as_ref().map(Document::text))
        }
        match (before, now) {
            (Ok(before), Ok(now)) => texts(before).eq(texts(now)),
            (Err(before), Err(now)) => before.to_string() == now.to_string(),
            _ => false,
        }
    }

    fn read(world: &World, paths: Vec<PathBuf>, content: impl Fn(&Path) -> Result<Option<Vec<u8>>>) -> Result<Self> {
        let document = |path: &PathBuf| content(path)?.map(|bytes| document(path, bytes)).transpose();
        let documents = paths.iter().map(document).collect::<Result<Vec<_>>>()?;
        Ok(Self::of(world, paths, documents))
    }

    /// Files that were read.
    pub(super) fn of(world: &World, paths: Vec<PathBuf>, documents: Vec<Option<Document>>) -> Self {
        let exists: Vec<bool> = documents.iter().map(Option::is_some).collect();
        let (isolated, on_disk) = (is_isolated(world, &paths), vec![None; paths.len()]);
        Self { paths, documents, on_disk, target: write_target(&exists), isolated }
    }

    /// The names of all contexts; of several with one name, the first file's.
    pub fn names(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let all = self.documents.iter().flatten().flat_map(|document| document.names(List::Contexts));
        all.filter(|name| seen.insert(*name)).collect()
    }

    /// The namespaces of the contexts that have the cluster of this one.
    pub fn namespaces(&self, context: &str) -> Vec<String> {
        let text = |body: &Value, key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let own = self.meaning(List::Contexts, context).ok().flatten();
        let Some(cluster) = own.and_then(|body| text(&body, "cluster")) else { return Vec::new() };
        // A name with blanks may go on in the next line.
        let words: Vec<&str> = cluster.split_whitespace().chain(["namespace"]).collect();
        let all = self.documents.iter().flatten().flat_map(|document| document.meanings_with(List::Contexts, &words));
        let same = all.filter(|(_, body)| text(body, "cluster").as_ref() == Some(&cluster));
        let mut found: Vec<String> = same.filter_map(|(_, body)| text(&body, "namespace")).collect();
        found.sort();
        found.dedup();
        found
    }

    /// All contexts, with what they stand for.
    pub fn contexts(&self) -> Vec<ContextEntry> {
        let all = |list| self.documents.iter().flatten().flat_map(move |document| document.meanings(list));
        let mut users: HashMap<&str, Value> = HashMap::new();
        for (name, user) in all(List::Users) {
            users.entry(name).or_insert(user);
        }
        let mut seen = HashSet::new();
        let entry = |(name, body): (&str, Value)| {
            let user = body.get("user").and_then(Value::as_str).and_then(|user| users.get(user));
            ContextEntry {
                name: name.to_owned(),
                identity: identity_of(&body, user),
                mark: mark(&body),
                until: user.and_then(end_of),
            }
        };
        all(List::Contexts).filter(|(name, _)| seen.insert(*name)).map(entry).collect()
    }

    /// Whether there is a context of this name.
    pub fn has(&self, name: &str) -> bool {
        self.documents.iter().flatten().any(|document| document.has(List::Contexts, name))
    }

    /// One context.
    pub fn context(&self, name: &str) -> Option<ContextEntry> {
        // One that cannot be read is nobody's; an edit of it says why.
        let body = self.meaning(List::Contexts, name).unwrap_or(Some(Value::Null))?;
        let user = body.get("user").and_then(Value::as_str);
        let user = user.and_then(|user| self.meaning(List::Users, user).ok().flatten());
        let until = user.as_ref().and_then(end_of);
        Some(ContextEntry {
            name: name.to_owned(),
            identity: identity_of(&body, user.as_ref()),
            mark: mark(&body),
            until,
        })
    }

    /// The same, or the error that says what there is instead.
    pub fn require(&self, name: &str, command: &str) -> Result<ContextEntry> {
        self.context(name).ok_or_else(|| self.no_context(name, command))
    }

    /// The error for a name that no context has; `command` is what to try with another.
    pub fn no_context(&self, name: &str, command: &str) -> Error {
        if let (true, [own]) = (self.isolated, self.names().as_slice()) {
            return Error::new(Kind::NotFound, format!("this shell has one context, `{own}`, and not `{name}`"))
                .hint(format!("eksso shell {}  # opens another", shell_word(name)));
        }
        let near = near_misses(name, self.names());
        let error = Error::new(Kind::NotFound, format!("there is no context `{name}` in {}", list(&self.paths)));
        match near.as_slice() {
            [] => error.hint("eksso use -o name  # lists the contexts").hint("eksso add  # writes new ones"),
            [nearest] => error.hint(format!("eksso {command} {}", shell_word(nearest))),
            [nearest, others @ ..] => error
                .hint(format!("eksso {command} {}", shell_word(nearest)))
                .hint(format!("or did you mean `{}`?", others.join("`, `"))),
        }
    }

    /// Whether this is the isolated kubeconfig of one shell or command.
    pub fn is_isolated(&self) -> bool {
        self.isolated
    }

    /// The body of an entry: the first file that has it decides. One that cannot be read is an error, never nothing.
    pub fn body(&self, list: List, name: &str) -> Result<Option<Value>> {
        for (document, path) in self.documents.iter().zip(&self.paths) {
            let Some(document) = document else { continue };
            let body = document.body(list, name).map_err(|problem| unusable(path, &problem.to_string()))?;
            if body.is_some() {
                return Ok(body);
            }
        }
        Ok(None)
    }

    /// The same as it means to kubectl: with YAML's merge keys resolved.
    pub fn meaning(&self, list: List, name: &str) -> Result<Option<Value>> {
        Ok(self.entry(list, name)?.map(|entry| entry.body))
    }

    /// The place of the file that an entry is changed in: the one that holds it, else the one that takes new entries.
    pub(super) fn place(&self, list: List, name: &str) -> usize {
        self.holding(list, name).unwrap_or(self.target)
    }

    /// The place of the file that holds an entry.
    pub(super) fn holding(&self, list: List, name: &str) -> Option<usize> {
        let holds = |document: &Option<Document>| document.as_ref().is_some_and(|document| document.has(list, name));
        self.documents.iter().position(holds)
    }

    /// An entry with the folder that relative paths in it start from.
    pub fn entry(&self, list: List, name: &str) -> Result<Option<Entry>> {
        for (document, path) in self.documents.iter().zip(&self.paths) {
            let Some(document) = document else { continue };
            let body = document.meaning(list, name).map_err(|problem| unusable(path, &problem.to_string()))?;
            if let Some(body) = body {
                // The file may be named relative to the folder of this call, which is not where the entry will be used.
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                let folder = path.parent().map(Path::to_owned).unwrap_or_default();
                return Ok(Some(Entry { name: name.to_owned(), body, folder }));
            }
        }
        Ok(None)
    }

    /// The current context: the first file that sets one decides.
    pub fn current(&self) -> Option<String> {
        self.documents.iter().flatten().find_map(Document::current_context)
    }

    /// The files, in their order.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The file that takes new entries.
    pub fn target(&self) -> &Path {
        &self.paths[self.target]
    }

    /// The file whose context of a name counts; the one that takes new entries where none has it.
    pub fn holder(&self, context: &str) -> &Path {
        let has = |document: &Option<Document>| {
            document.as_ref().is_some_and(|document| document.names(List::Contexts).contains(&context))
        };
        &self.paths[self.documents.iter().position(has).unwrap_or(self.target)]
    }

    /// A context of ours on the same cluster with another role: the one that is there, else one that could be.
    pub fn sibling(&self, context: &ContextEntry, role: &RoleName) -> Result<Sibling> {
        let identity = context.identity.clone().ok_or_else(|| {
            Error::usage(format!(
                "the context `{}` was not written by eksso, so its cluster's roles are not known",
                context.name
            ))
            .hint("eksso import  # takes over contexts of the AWS CLI")
            .hint("eksso add  # writes new ones")
        })?;
        // A role that is assumed from the named one may do more than that.
        if identity.role == *role && identity.assume.is_none() {
            return Ok(Sibling::There(context.name.clone()));
        }
        // Roles are assigned in the account of the cluster; another one's was the way to the role that was assumed.
        let account = identity.cluster_account().clone();
        let wanted = Identity { account, role: role.clone(), assume: None, elsewhere: None, ..identity };
        if let Some(known) = self.contexts().into_iter().find(|known| known.identity.as_ref() == Some(&wanted)) {
            return Ok(Sibling::There(known.name));
        }
        let text = |body: &Value, key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let body = self.meaning(List::Contexts, &context.name)?;
        let cluster_entry = body.as_ref().and_then(|body| text(body, "cluster"));
        let user = body.as_ref().and_then(|body| text(body, "user"));
        let user = user.map(|user| self.meaning(List::Users, &user)).transpose()?.flatten();
        match (cluster_entry, user) {
            (Some(cluster_entry), Some(user)) => {
                let usual =
                    Plugin { command: "eksso".to_owned(), cluster_id: None, api_version: ApiVersion::default() };
                Ok(Sibling::New(Box::new(NewContext {
                    name: String::new(),
                    identity: wanted,
                    cluster_entry,
                    cluster: None,
                    plugin: plugin_of(&user).unwrap_or(usual),
                })))
            }
            _ => Err(Error::new(
                Kind::LocalState,
                format!("the context `{}` lacks its cluster or its user", context.name),
            )
            .hint("eksso add  # writes it anew")),
        }
    }

    /// How many files hold a context of this name.
    pub fn holders(&self, name: &str) -> usize {
        self.documents.iter().flatten().filter(|document| document.has(List::Contexts, name)).count()
    }

    /// What removes contexts, whoever wrote them, with the users and clusters that no other context of any file names.
    pub fn whole_removal(&self, gone: &[String]) -> Result<Removal> {
        let mut removal = Removal { contexts: gone.to_vec(), ..Removal::default() };
        let used = |body: &Value| {
            let clusters = body.get("cluster").and_then(Value::as_str).map(|name| (List::Clusters, name.to_owned()));
            users(body).map(|name| (List::Users, name)).chain(clusters).collect::<Vec<_>>()
        };
        let mut kept: HashSet<(List, String)> = HashSet::new();
        for (place, document) in self.documents.iter().enumerate() {
            for (name, body) in document.iter().flat_map(|document| document.meanings(List::Contexts)) {
                if !gone.iter().any(|gone| gone == name) || self.place(List::Contexts, name) != place {
                    kept.extend(used(&body));
                }
            }
        }
        for name in gone {
            removal.edits.push(Edit::Remove(List::Contexts, name.clone()));
            let body = self.meaning(List::Contexts, name)?.unwrap_or_default();
            for (list, used) in used(&body) {
                if kept.contains(&(list, used.clone())) {
                    continue;
                }
                if self.documents.iter().flatten().any(|document| document.has(list, &used)) {
                    kept.insert((list, used.clone()));
                    removal.edits.push(Edit::Remove(list, used.clone()));
                    let names = if list == List::Users { &mut removal.users } else { &mut removal.clusters };
                    names.push(used);
                }
            }
        }
        Ok(removal)
    }

    /// The edits that remove contexts of ours, with users of ours that nothing else needs. Cluster entries stay: they are
    /// shared with other tools and carry no mark.
    pub fn removal(&self, gone: &[String]) -> Result<Vec<Edit>> {
        let users_of = |name: &str| {
            let body = self.body(List::Contexts, name)?;
            Ok::<_, Error>(body.iter().flat_map(users).collect::<Vec<_>>())
        };
        let names = self.names();
        let stay = names.iter().filter(|name| !gone.iter().any(|gone| gone == *name));
        let mut kept = HashSet::new();
        for name in stay {
            kept.extend(users_of(name)?);
        }
        let mut edits = Vec::new();
        for name in gone {
            edits.push(Edit::Remove(List::Contexts, name.clone()));
            for user in users_of(name)? {
                let is_ours = self.body(List::Users, &user)?.as_ref().and_then(plugin_identity).is_some();
                if is_ours && kept.insert(user.clone()) {
                    edits.push(Edit::Remove(List::Users, user));
                }
            }
        }
        Ok(edits)
    }
}

/// The users that a context needs: its own, and of one with an end also the one that it goes back to.
fn users(context: &Value) -> impl Iterator<Item = String> {
    let own = context.get("user").and_then(Value::as_str).map(str::to_owned);
    own.into_iter().chain(former_of(context).and_then(|former| former.user))
}

/// Contexts that go, with what nothing else needs.
#[derive(Debug, Default)]
pub struct Removal {
    /// The edits.
    pub edits: Vec<Edit>,
    /// The contexts.
    pub contexts: Vec<String>,
    /// The users that go with them.
    pub users: Vec<String>,
    /// The clusters that go with them.
    pub clusters: Vec<String>,
}

/// A context with another role.
pub enum Sibling {
    /// There is one of this name.
    There(String),
    /// It could be written so, under a name yet to be found.
    New(Box<NewContext>),
}

/// The files that kubectl would read.
pub fn search(world: &World, explicit: Option<&Path>) -> Vec<PathBuf> {
    search_path(explicit, world.env.var("KUBECONFIG").as_deref(), &world.folders.home)
}

/// Refuses a file that is named and not there. What KUBECONFIG names may be new, as it may to kubectl.
///
/// # Errors
/// It is not there.
pub fn must_be_there(world: &World, named: &Path) -> Result<()> {
    // A pipe is there, and gives its content once.
    if world.files.changeable(named).is_err() || world.files.read(named, MAX_BYTES).map_or(true, |text| text.is_some())
    {
        return Ok(());
    }
    Err(Error::new(Kind::NotFound, format!("there is no file {}", named.display()))
        .hint("check `--kubeconfig`; `eksso add` and `eksso sync` make the file that they are told to write"))
}

/// Takes kubectl's locks on files; what a crash left of a write of ours is made good first.
pub fn lock(world: &World, paths: &[PathBuf]) -> Result<KubeconfigLocks> {
    let locks = world.files.lock_kubeconfigs(paths, LOCK_WAIT)?;
    in_place::recover(world, paths)?;
    Ok(locks)
}

/// The files outside of a shell that eksso made, where there is one.
pub fn outer_path(world: &World, explicit: Option<&Path>) -> Vec<PathBuf> {
    let variable = if is_inside(world) { OUTER_VARIABLE } else { "KUBECONFIG" };
    search_path(explicit, world.env.var(variable).as_deref(), &world.folders.home)
}

/// Whether one of these files is the isolated kubeconfig of one shell or command.
pub fn is_isolated(world: &World, paths: &[PathBuf]) -> bool {
    paths.iter().any(|path| path.starts_with(&world.folders.runtime))
}

/// Whether KUBECONFIG is an isolated kubeconfig of eksso's.
pub fn is_inside(world: &World) -> bool {
    world.env.var("KUBECONFIG").is_some_and(|path| Path::new(&path).starts_with(&world.folders.runtime))
}

/// The kubeconfig files outside of a shell that eksso made.
pub const OUTER_VARIABLE: &str = "EKSSO_KUBECONFIG";
/// The isolated kubeconfig of a shell or command, whatever its KUBECONFIG has become.
pub const ISOLATED_VARIABLE: &str = "EKSSO_ISOLATED_KUBECONFIG";
/// What KUBECONFIG was there; not set where it was not.
pub const BEFORE_VARIABLE: &str = "EKSSO_OUTER_KUBECONFIG";

fn document(path: &Path, bytes: Vec<u8>) -> Result<Document> {
    Document::parse(decoded(path, bytes)?).map_err(|problem| unusable(path, &problem.to_string()))
}

/// The text of a file.
pub(super) fn decoded(path: &Path, bytes: Vec<u8>) -> Result<String> {
    let utf_16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] | [b' '..=b'~', 0, ..] => Some("UTF-16LE"),
        [0xfe, 0xff, ..] | [0, b' '..=b'~', ..] => Some("UTF-16BE"),
        _ => None,
    };
    if let Some(encoding) = utf_16 {
        let name = shell_word(&path.display().to_string()).into_owned();
        let fact = format!("{} cannot be used as a kubeconfig; nothing was changed", path.display());
        return Err(Error::new(Kind::LocalState, fact)
            .cause("it is UTF-16 text, which kubectl reads and eksso does not edit")
            .hint(format!("iconv -f {encoding} -t UTF-8 {name} >{name}.utf8 && cp {name}.utf8 {name}")));
    }
    String::from_utf8(bytes).map_err(|_| unusable(path, "it is not UTF-8 text"))
}

pub(super) fn unusable(path: &Path, why: &str) -> Error {
    Error::new(Kind::LocalState, format!("{} cannot be used as a kubeconfig; nothing was changed", path.display()))
        .cause(why)
        .hint(format!("kubectl config view --kubeconfig {}", shell_word(&path.display().to_string())))
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The contexts that names and globs mean, in the order of the files. Each of them must mean one at least.
pub fn matching<'k>(files: &'k Kubeconfigs, patterns: &[String], command: &str) -> Result<Vec<&'k str>> {
    let names = files.names();
    let mut wanted = HashSet::new();
    for pattern in patterns {
        // A name is itself, even with a star in it.
        let found: Vec<&str> = match names.iter().find(|name| *name == pattern) {
            Some(name) => vec![name],
            None => {
                let glob = Glob::new(pattern);
                names.iter().copied().filter(|name| !glob.is_literal() && glob.matches(name)).collect()
            }
        };
        if found.is_empty() {
            return Err(files.no_context(pattern, command));
        }
        wanted.extend(found);
    }
    Ok(names.into_iter().filter(|name| wanted.contains(name)).collect())
}
