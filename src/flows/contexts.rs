//! Contexts in the user's kubeconfig files: read together as kubectl does, changed under kubectl's locks.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::kubeconfig::{ContextEntry, Document, Edit, NewContext, edits_for, search_path, write_target};
use crate::domain::naming::{Template, names};
use crate::domain::text::{near_misses, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ports::World;

/// Larger kubeconfigs are a mistake, or an attack.
const MAX_KUBECONFIG: u64 = 32 << 20;
/// kubectl holds its lock for milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The kubeconfig files of a call, as they were read.
pub struct Kubeconfigs {
    paths: Vec<PathBuf>,
    documents: Vec<Option<Document>>,
    target: usize,
}

impl Kubeconfigs {
    /// The files of `--kubeconfig`, else KUBECONFIG, else `~/.kube/config`. A missing file is an empty one.
    pub fn open(world: &World, explicit: Option<&Path>) -> Result<Self> {
        let paths = search_path(explicit, world.env.var("KUBECONFIG").as_deref(), &world.folders.home);
        let documents = paths.iter().map(|path| read(world, path)).collect::<Result<Vec<_>>>()?;
        let exists: Vec<bool> = documents.iter().map(Option::is_some).collect();
        Ok(Self { paths, documents, target: write_target(&exists) })
    }

    /// All contexts; of several with one name, the first file's.
    pub fn contexts(&self) -> Vec<ContextEntry> {
        let mut seen = HashSet::new();
        let all = self.documents.iter().flatten().flat_map(Document::contexts);
        all.filter(|context| seen.insert(context.name.clone())).collect()
    }

    /// The current context: the first file that sets one decides.
    pub fn current(&self) -> Option<&str> {
        self.documents.iter().flatten().find_map(Document::current_context)
    }

    /// The file that takes new entries.
    pub fn target(&self) -> &Path {
        &self.paths[self.target]
    }

    /// Makes edits, each in the file that holds the entry already, else in the target. Answers whether any changed.
    fn write(&self, world: &World, edits: Vec<Edit>) -> Result<bool> {
        let mut by_file: HashMap<usize, Vec<Edit>> = HashMap::new();
        for edit in edits {
            let holder = match &edit {
                Edit::Put(list, name, _) => self.documents.iter().position(|document| {
                    document.as_ref().is_some_and(|document| document.body(*list, name).is_some())
                }),
                Edit::CurrentContext(_) => None,
            };
            by_file.entry(holder.unwrap_or(self.target)).or_default().push(edit);
        }
        let empty = Document::default();
        let mut texts = Vec::new();
        for (file, edits) in by_file {
            let path = &self.paths[file];
            let document = self.documents[file].as_ref().unwrap_or(&empty);
            let text = document.apply(&edits).map_err(|problem| unusable(path, &problem.to_string()))?;
            if text != document.text() {
                texts.push((path, text));
            }
        }
        texts.iter().try_for_each(|(path, text)| world.files.replace(path, text.as_bytes()))?;
        Ok(!texts.is_empty())
    }
}

/// Writes contexts; answers their names, in order, and whether anything changed. A context of ours for the same identity keeps its name and what
/// the user added to it; no other context is touched. With `switch`, the first becomes the current one.
pub fn add(
    world: &World,
    explicit: Option<&Path>,
    template: &Template,
    mut new: Vec<(NewContext, String)>,
    switch: bool,
) -> Result<(Vec<String>, bool)> {
    let paths = search_path(explicit, world.env.var("KUBECONFIG").as_deref(), &world.folders.home);
    let _locks = world.files.lock_kubeconfigs(&paths, LOCK_WAIT)?;
    let files = Kubeconfigs::open(world, explicit)?;
    let known = files.contexts();
    let taken: HashSet<String> = known.iter().map(|context| context.name.clone()).collect();
    let (mut old, mut fresh) = (Vec::new(), Vec::new());
    for (place, (context, _)) in new.iter().enumerate() {
        let same = known.iter().find(|known| known.identity.as_ref() == Some(&context.identity));
        match same {
            Some(known) => old.push((place, known.name.clone())),
            None => fresh.push(place),
        }
    }
    let identities: Vec<_> =
        fresh.iter().map(|place| (new[*place].0.identity.clone(), new[*place].1.clone())).collect();
    let named = names(template, &identities, &taken).map_err(|name| {
        Error::usage(format!("`{name}` would name two contexts; nothing was changed"))
            .hint("set another `context_name` in config.toml")
    })?;
    for (place, name) in fresh.into_iter().zip(named) {
        new[place].0.name = name;
    }
    for (place, name) in old {
        new[place].0.name = name;
    }
    let documents: Vec<&Document> = files.documents.iter().flatten().collect();
    let mut edits: Vec<Edit> = new.iter().flat_map(|(context, _)| edits_for(&documents, context)).collect();
    let names: Vec<String> = new.into_iter().map(|(context, _)| context.name).collect();
    let previous = files.current().map(str::to_owned);
    if let (true, Some(first)) = (switch, names.first()) {
        edits.push(Edit::CurrentContext(first.clone()));
    }
    let changed = files.write(world, edits)?;
    if switch {
        remember(world, previous.as_deref(), names.first().map(String::as_str))?;
    }
    Ok((names, changed))
}

/// Makes a context the current one; answers the name, for `-` that of the previous one.
pub fn switch(world: &World, explicit: Option<&Path>, wanted: &str) -> Result<String> {
    let paths = search_path(explicit, world.env.var("KUBECONFIG").as_deref(), &world.folders.home);
    let _locks = world.files.lock_kubeconfigs(&paths, LOCK_WAIT)?;
    let files = Kubeconfigs::open(world, explicit)?;
    let name = match wanted {
        "-" => previous(world)?.ok_or_else(|| {
            Error::new(Kind::NotFound, "there is no previous context to go back to").hint("eksso use CONTEXT")
        })?,
        name => name.to_owned(),
    };
    let known = files.contexts();
    if known.iter().all(|context| context.name != name) {
        let near = near_misses(&name, known.iter().map(|context| context.name.as_str()));
        let error = Error::new(Kind::NotFound, format!("there is no context `{name}` in {}", list(&files.paths)));
        return Err(match near.as_slice() {
            [] => error.hint("eksso use, without a name, lets you choose").hint("eksso add writes new contexts"),
            [nearest] => error.hint(format!("eksso use {}", shell_word(nearest))),
            [nearest, others @ ..] => error
                .hint(format!("eksso use {}", shell_word(nearest)))
                .hint(format!("or did you mean `{}`?", others.join("`, `"))),
        });
    }
    files.write(world, vec![Edit::CurrentContext(name.clone())])?;
    remember(world, files.current(), Some(&name))?;
    Ok(name)
}

fn read(world: &World, path: &Path) -> Result<Option<Document>> {
    let Some(bytes) = world.files.read(path, MAX_KUBECONFIG)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| unusable(path, "it is not UTF-8 text"))?;
    Document::parse(text).map(Some).map_err(|problem| unusable(path, &problem.to_string()))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::new(Kind::LocalState, format!("{} cannot be used as a kubeconfig; nothing was changed", path.display()))
        .cause(why)
        .hint(format!("kubectl config view --kubeconfig {}", shell_word(&path.display().to_string())))
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn previous_path(world: &World) -> PathBuf {
    world.folders.state.join("previous-context")
}

fn previous(world: &World) -> Result<Option<String>> {
    let bytes = world.files.read(&previous_path(world), 1 << 16)?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(|name| name.trim_end_matches('\n').to_owned()))
}

fn remember(world: &World, previous: Option<&str>, now: Option<&str>) -> Result<()> {
    match previous {
        Some(previous) if Some(previous) != now => {
            world.files.write_private(&previous_path(world), format!("{previous}\n").as_bytes())
        }
        _ => Ok(()),
    }
}
