//! Changes of the user's kubeconfig files: decided and made under kubectl's locks, kept for `eksso undo`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use memchr::{memchr_iter, memmem};
use serde_yaml::{Mapping, Value};

use crate::domain::identity::Identity;
use crate::domain::ids::Namespace;
use crate::domain::kubeconfig::names::{Known, Taken, names};
use crate::domain::kubeconfig::{
    Additions, ContextEntry, Document, Edit, Fields, List, NewContext, Problem, Replaced, There, Written,
    additions_for, diff, stays,
};
use crate::domain::settings::config::Config;
use crate::domain::text::digest_of;
use crate::error::{Error, Result};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, lock, outer_path, search, unusable};
use crate::flows::kubeconfig::history::{self, Edited};
use crate::flows::kubeconfig::written;
use crate::ports::World;

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is written.
    Write,
    /// It is written, and its diff is wanted.
    WriteAndShow,
    /// Only its diff is wanted.
    DryRun,
}

/// What a change came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether it changes anything.
    pub changed: bool,
    /// The unified diff, where it is wanted.
    pub diff: String,
    /// What was given up to make it all the same.
    pub warnings: Vec<String>,
}

/// Which files a change is about, and what becomes of it.
#[derive(Clone, Copy)]
pub struct Change<'c> {
    /// `--kubeconfig`
    pub explicit: Option<&'c Path>,
    /// What is done, for `eksso undo`.
    pub what: &'c str,
    /// Whether it is written.
    pub mode: Mode,
    /// Whether inside a shell of `eksso shell` the files outside of it are meant.
    pub outer: bool,
    /// What would have been written before it: a dry run shows it together with the change.
    pub first: Option<First>,
}

/// Decides what is written before a change.
pub type First = fn(&World, &Kubeconfigs) -> Result<Vec<Edit>>;

impl Change<'_> {
    /// The files that it is about, as they are before it.
    pub fn read(self, world: &World) -> Result<Kubeconfigs> {
        let files = match self.outer {
            true => Kubeconfigs::open_outer(world, self.explicit),
            false => Kubeconfigs::open(world, self.explicit),
        };
        Ok(self.begin(world, files?))
    }

    /// The files with what would have been written first; as they are, where that cannot be done.
    fn begin(self, world: &World, mut files: Kubeconfigs) -> Kubeconfigs {
        let edits = self.first.and_then(|first| first(world, &files).ok()).unwrap_or_default();
        if !edits.is_empty() && files.try_edits(&edits).is_ok() {
            for (place, edits) in files.by_file(edits) {
                let document = files.documents[place].get_or_insert_default();
                let text = document.text().to_owned();
                if document.edit(&edits).is_ok_and(|replaced| replaced.is_some()) {
                    files.on_disk[place] = Some(text);
                }
            }
        }
        files
    }

    /// The same, read again where the context that is named, else a current one, is not in them and they were changed just now.
    pub fn read_for(self, world: &World, context: Option<&str>) -> Result<Kubeconfigs> {
        self.read_with(world, |files| files.holds(context))
    }

    /// The same for anything that is wanted.
    pub fn read_with(self, world: &World, wanted: impl Fn(&Kubeconfigs) -> bool) -> Result<Kubeconfigs> {
        let files = match self.outer {
            true => Kubeconfigs::open_outer_with(world, self.explicit, wanted),
            false => Kubeconfigs::open_with(world, self.explicit, wanted),
        };
        Ok(self.begin(world, files?))
    }

    /// Where they are.
    pub fn paths(self, world: &World) -> Vec<PathBuf> {
        match self.outer {
            true => outer_path(world, self.explicit),
            false => search(world, self.explicit),
        }
    }

    /// An error where one of them is no file; reads none.
    pub fn changeable(self, world: &World) -> Result<()> {
        self.paths(world).iter().try_for_each(|path| world.files.changeable(path))
    }

    /// Whether a word may stand anywhere in them, as it is or written with escapes; they are not taken apart for it. What
    /// cannot be read is for who does.
    pub fn may_hold(self, world: &World, word: &str) -> bool {
        let has = |path: &PathBuf| {
            let holds = |piece: &[u8]| memmem::find(piece, word.as_bytes()).is_some() || has_escapes(piece);
            world.files.any_piece(path, word.len(), &holds).unwrap_or_default()
        };
        self.paths(world).iter().any(has)
    }

    /// Reads the files under their locks, lets `decide` say what to change, and changes it.
    pub fn make<T>(
        self,
        world: &World,
        decide: impl FnOnce(&Kubeconfigs) -> Result<(Vec<Edit>, T)>,
    ) -> Result<(T, Outcome)> {
        self.make_with(world, |_| true, decide)
    }

    /// The same, read again where what is wanted is not in the files and they were changed just now.
    pub fn make_with<T>(
        self,
        world: &World,
        wanted: impl Fn(&Kubeconfigs) -> bool,
        decide: impl FnOnce(&Kubeconfigs) -> Result<(Vec<Edit>, T)>,
    ) -> Result<(T, Outcome)> {
        let paths = self.paths(world);
        let locks = match self.mode {
            Mode::DryRun => None,
            Mode::Write | Mode::WriteAndShow => Some(lock(world, &paths)?),
        };
        let files = match &locks {
            Some(_) => Kubeconfigs::locked_with(world, paths, wanted)?,
            None => Kubeconfigs::unlocked_with(world, paths, wanted)?,
        };
        let files = self.begin(world, files);
        let paths = files.paths.clone();
        let written = || paths.iter().map(|path| written::load(world, path)).collect::<Vec<_>>();
        let before = written();
        let (edits, decided) = decide(&files)?;
        let unlocked = locks.as_ref().map_or(&[][..], |locks| &locks.unlocked);
        let outcome = files.apply(world, self.what, self.mode, edits, unlocked).inspect_err(|_| {
            // What was noted as written was not.
            let changed = paths.iter().zip(&before).zip(written()).filter(|((_, before), now)| *before != now);
            changed.for_each(|((path, before), _)| written::save(world, path, before));
        })?;
        Ok((decided, outcome))
    }
}

/// Whether a text may spell a letter otherwise: JSON's and YAML's `\u`, YAML's `\x` and `\U`, and its line that goes on.
fn has_escapes(text: &[u8]) -> bool {
    memchr_iter(b'\\', text).any(|at| text.get(at + 1).is_some_and(|next| b"uxU\r\n".contains(next)))
}

impl Kubeconfigs {
    /// Whether the files take these edits; changes nothing.
    pub(super) fn try_edits(&self, edits: &[Edit]) -> Result<()> {
        for (place, mine) in self.by_file(edits.to_vec()) {
            let refused = |problem: Problem| unusable(&self.paths[place], &problem.to_string());
            let text = self.documents[place].as_ref().map(Document::text).unwrap_or_default();
            Document::parse(text.to_owned()).map_err(refused)?.edit(&mine).map_err(refused)?;
        }
        Ok(())
    }

    /// Notes under its new name what eksso wrote into a context, so that `sync` goes on telling it from a person's changes.
    pub fn note_rename(&self, world: &World, mode: Mode, old: &str, new: &str) {
        let Some(path) = self.paths.get(self.place(List::Contexts, old)).filter(|_| mode != Mode::DryRun) else {
            return;
        };
        let mut record = written::load(world, path);
        let fields = record.entry(List::Contexts, old);
        record.set(List::Contexts, new, fields);
        written::save(world, path, &record);
    }

    /// Edits by the file that they are made in: the one that holds the entry already, else the one that takes new entries.
    fn by_file(&self, edits: Vec<Edit>) -> Vec<(usize, Vec<Edit>)> {
        let renamed = edits.iter().filter_map(|edit| match edit {
            Edit::Rename(List::Contexts, old, new) => Some((old.clone(), new.clone())),
            _ => None,
        });
        let renamed: Vec<(String, String)> = renamed.collect();
        let mut homes = HashMap::new();
        for edit in &edits {
            if let Edit::Near(name) = edit {
                homes.extend(self.holding(List::Contexts, name).map(|place| (List::Contexts, place)));
                let user = self.meaning(List::Contexts, name).ok().flatten();
                let user = user.and_then(|body| body.get("user")?.as_str().map(str::to_owned));
                let user = user.and_then(|user| self.holding(List::Users, &user));
                homes.extend(user.map(|place| (List::Users, place)));
            }
        }
        let mut by_file: HashMap<usize, Vec<Edit>> = HashMap::new();
        for edit in edits {
            let place = match &edit {
                Edit::Near(_) => continue,
                Edit::Put(list, name, _) | Edit::Remove(list, name) | Edit::Rename(list, name, _) => {
                    let home = || homes.get(list).copied().unwrap_or(self.target);
                    self.holding(*list, name).unwrap_or_else(home)
                }
                // A context that gets another name is current in the file that says so.
                Edit::CurrentContext(name) => {
                    let old = renamed.iter().find(|(_, new)| new == name).map(|(old, _)| old);
                    let says = |document: &Document| old.is_some() && document.current_context().as_ref() == old;
                    let holder = self.documents.iter().position(|document| document.as_ref().is_some_and(says));
                    holder.unwrap_or(self.target)
                }
            };
            by_file.entry(place).or_default().push(edit);
        }
        // What was edited before and not written is shown, too.
        for place in (0..self.paths.len()).filter(|place| self.on_disk[*place].is_some()) {
            by_file.entry(place).or_default();
        }
        let mut files: Vec<(usize, Vec<Edit>)> = by_file.into_iter().collect();
        files.sort_by_key(|(file, _)| *file);
        files
    }

    /// Makes edits.
    fn apply(
        mut self,
        world: &World,
        what: &str,
        mode: Mode,
        edits: Vec<Edit>,
        unlocked: &[(PathBuf, Error)],
    ) -> Result<Outcome> {
        let files = self.by_file(edits);
        let (mut outcome, mut changed) = (Outcome::default(), Vec::new());
        for (file, edits) in files {
            let path = &self.paths[file];
            let there = self.documents[file].is_some();
            let document = self.documents[file].get_or_insert_default();
            let unwritten = self.on_disk[file].take();
            let is_edited = unwritten.is_some();
            let old = (mode != Mode::Write && there).then(|| unwritten.unwrap_or_else(|| document.text().to_owned()));
            let replaced = document.edit(&edits).map_err(|problem| unusable(path, &problem.to_string()))?;
            if replaced.is_none() && !is_edited {
                continue;
            }
            if mode != Mode::Write {
                let diff = diff(&path.display().to_string(), old.as_deref(), Some(document.text()));
                outcome.diff.push_str(&diff);
            }
            // A file that cannot be locked stops only who would write it.
            if let Some((_, error)) = unlocked.iter().find(|(unlocked, _)| unlocked == path) {
                return Err(error.clone());
            }
            changed.push((file, replaced.filter(|_| there)));
        }
        outcome.changed = !changed.is_empty();
        if outcome.changed && mode != Mode::DryRun {
            let edited = |(file, replaced): (usize, Option<Replaced>)| {
                let text = self.documents[file].as_ref()?.text();
                let (before, after) = match replaced.map(|replaced| replaced.digests(text)) {
                    Some((before, after)) => (Some(before), after),
                    None => (None, digest_of(text.as_bytes())),
                };
                Some(Edited { path: &self.paths[file], before, after, text })
            };
            let edited: Vec<Edited<'_>> = changed.into_iter().filter_map(edited).collect();
            outcome.warnings.extend(history::replace(world, what, &self.paths, &edited)?);
        }
        Ok(outcome)
    }
}

/// Contexts that are to be written.
pub struct Added {
    /// The edits.
    pub edits: Vec<Edit>,
    /// The names of the contexts, in order.
    pub names: Vec<String>,
    /// What was changed by others than eksso and stays, in words.
    pub kept: Vec<String>,
    written: Vec<(List, String, Fields)>,
}

impl Added {
    /// Notes what eksso is about to write, before it does: a value that is written and not noted would pass for a
    /// person's. The caller holds the locks of the files.
    pub fn note(&self, world: &World, files: &Kubeconfigs, args: Mode) {
        if args == Mode::DryRun {
            return;
        }
        for (place, path) in files.paths.iter().enumerate() {
            let mine = |(list, name, _): &&(List, String, Fields)| files.place(*list, name) == place;
            let mut record = written::load(world, path);
            let before = record.clone();
            for (list, name, fields) in self.written.iter().filter(mine) {
                record.set(*list, name, fields.clone());
            }
            let new = |list, name: &str| self.written.iter().any(|(l, n, _)| *l == list && n == name);
            let known: HashSet<(List, &str)> = List::ALL
                .into_iter()
                .flat_map(|list| {
                    let document = files.documents[place].as_ref();
                    document
                        .map(|document| document.names(list))
                        .unwrap_or_default()
                        .into_iter()
                        .map(move |name| (list, name))
                })
                .collect();
            record.retain(|list, name| known.contains(&(list, name)) || new(list, name));
            if record != before {
                written::save(world, path, &record);
            }
        }
    }
}

/// What writes contexts. A context of ours for the same identity keeps its name and what the user added to it; no other
/// context is touched. A new one begins in the namespace that the settings give it, else in the only one of its access entry.
pub fn additions(
    world: &World,
    files: &Kubeconfigs,
    config: &Config,
    mut new: Vec<(NewContext, Known)>,
) -> Result<Added> {
    let known = files.contexts();
    let taken: Taken = known.iter().map(|context| (context.name.clone(), context.identity.clone())).collect();
    // Of several for one identity, the one that was written for it: a person may have given another this one's user.
    let is_marked = |context: &ContextEntry| {
        context.identity.as_ref().zip(context.mark.as_ref()).is_some_and(|(identity, mark)| is_same(identity, mark))
    };
    let order = known.iter().rev().filter(|context| !is_marked(context));
    let order = order.chain(known.iter().rev().filter(|context| is_marked(context)));
    let by_identity: HashMap<&Identity, &str> =
        order.filter_map(|context| Some((context.identity.as_ref()?, context.name.as_str()))).collect();
    let mut fresh = Vec::new();
    for (place, (context, _)) in new.iter_mut().enumerate() {
        match by_identity.get(&context.identity) {
            Some(name) => context.name = (*name).to_owned(),
            None => fresh.push(place),
        }
    }
    let identities: Vec<_> =
        fresh.iter().map(|place| (new[*place].0.identity.clone(), new[*place].1.clone())).collect();
    let named = names(&config.context_name, &identities, &taken).map_err(|name| {
        Error::usage(format!("`{name}` would name two contexts; nothing was changed"))
            .hint("set another `context_name` in config.toml")
    })?;
    for (place, name) in fresh.into_iter().zip(named) {
        new[place].0.name = name;
    }
    let records: Vec<Written> = files.paths.iter().map(|path| written::load(world, path)).collect();
    let failed = RefCell::new(None);
    let there = |list, name: &str| {
        let read = |found: Result<Option<Value>>| {
            found.unwrap_or_else(|error| {
                failed.replace(Some(error));
                None
            })
        };
        let mapping = |value: Option<Value>| match value {
            Some(Value::Mapping(body)) => body,
            _ => Mapping::new(),
        };
        match read(files.body(list, name)) {
            // What an entry of this name held before it went says nothing about a new one.
            None => There::default(),
            Some(body) => There {
                body: mapping(Some(body)),
                meaning: mapping(read(files.meaning(list, name))),
                exists: true,
                written: records[files.place(list, name)].entry(list, name),
            },
        }
    };
    let mut added = Added { edits: Vec::new(), names: Vec::new(), kept: Vec::new(), written: Vec::new() };
    let wanted: HashSet<&Identity> = new.iter().map(|(context, _)| &context.identity).collect();
    // Written for one of these, and somebody else's since: `kubectl` runs what its user says, so that it is left as it is.
    let changed = |context: &&ContextEntry| {
        let by_mark =
            context.mark.as_ref().filter(|mark| context.identity.as_ref().is_none_or(|now| !is_same(now, mark)));
        by_mark.is_some_and(|mark| wanted.iter().any(|wanted| is_same(wanted, mark)))
    };
    added.kept = known.iter().filter(changed).map(|context| kept_line(&context.name, "user")).collect();
    for (context, Known { namespace, .. }) in new {
        let Additions { mut edits, kept, written } = additions_for(there, &context);
        stay(files, &mut edits, &context)?;
        let own = config.namespace(&context.name, &context.identity.cluster_arn()).cloned();
        if let (Some(namespace), false) = (own.or(namespace), files.has(&context.name)) {
            set_namespace(files, &mut edits, &context.name, &namespace)?;
        }
        added.edits.extend(edits);
        added.written.extend(written);
        for (list, name, fields) in kept {
            let line = match list {
                List::Clusters => format!("the cluster `{name}` keeps its {}: not what eksso wrote", fields.join(", ")),
                _ => kept_line(&context.name, &fields.join(", ")),
            };
            if !added.kept.contains(&line) {
                added.kept.push(line);
            }
        }
        added.names.push(context.name);
    }
    match failed.take() {
        Some(error) => Err(error),
        None => Ok(added),
    }
}

/// Whether two ask for the same; a mark does not always say in which account the cluster is.
fn is_same(one: &Identity, other: &Identity) -> bool {
    Identity { elsewhere: None, ..one.clone() } == Identity { elsewhere: None, ..other.clone() }
}

fn kept_line(context: &str, fields: &str) -> String {
    format!("`{context}` keeps its {fields}: not what eksso wrote")
}

/// A context that was made for a use with an end stays behind it, once it is written for other reasons.
fn stay(files: &Kubeconfigs, edits: &mut Vec<Edit>, new: &NewContext) -> Result<()> {
    let planned = edits.iter_mut().find_map(|edit| match edit {
        Edit::Put(List::Contexts, name, body) if *name == new.name => Some(body),
        _ => None,
    });
    if let Some(body) = planned {
        stays(body, &new.identity.user_name());
    } else if let Some(mut body) = files.body(List::Contexts, &new.name)?
        && stays(&mut body, &new.identity.user_name())
    {
        edits.push(Edit::Put(List::Contexts, new.name.clone(), body));
    }
    Ok(())
}

/// Puts a namespace into a context's body, in the edit that writes it or in one of its own.
pub fn set_namespace(files: &Kubeconfigs, edits: &mut Vec<Edit>, context: &str, namespace: &Namespace) -> Result<()> {
    let planned = edits.iter_mut().find_map(|edit| match edit {
        Edit::Put(List::Contexts, name, body) if name == context => Some(body),
        _ => None,
    });
    let mut fresh = None;
    let body = match planned {
        Some(body) => body,
        None => fresh.insert(files.body(List::Contexts, context)?.unwrap_or_default()),
    };
    // A body that was read is a mapping or `null`, which becomes one.
    body["namespace"] = namespace.as_str().into();
    edits.extend(fresh.map(|body| Edit::Put(List::Contexts, context.to_owned(), body)));
    Ok(())
}
