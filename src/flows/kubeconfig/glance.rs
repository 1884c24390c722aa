//! The kubeconfig files as far as a prompt or a completion asks about them: no lock, nothing made good, nothing written.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::domain::kubeconfig::{Document, Glance, Keep, List, MAX_BYTES};
use crate::error::Result;
use crate::flows::kubeconfig::contexts::{Kubeconfigs, decoded, search, unusable};
use crate::ports::World;

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// The names of all contexts.
    Names,
    /// One context with its user: the named one, else the current one.
    Context(Option<&'a str>),
    /// The same, and the namespaces of all contexts of its cluster.
    Namespaces(Option<&'a str>),
}

/// Reads what an answer needs; all of it where the files are not written plainly.
///
/// # Errors
/// A file cannot be read, is none, or is no kubeconfig.
pub fn glance(world: &World, explicit: Option<&Path>, about: About<'_>) -> Result<Kubeconfigs> {
    let paths = search(world, explicit);
    let text = |path: &PathBuf| {
        // A pipe gives its content once, to the command that it is for.
        world.files.changeable(path)?;
        let content = world.files.read(path, MAX_BYTES)?;
        content.map(|bytes| decoded(path, bytes)).transpose()
    };
    let texts = paths.iter().map(text).collect::<Result<Vec<_>>>()?;
    let glances = Glances { world, glances: texts.into_iter().map(|text| text.map(Glance::new)).collect(), paths };
    match glances.about(about) {
        Some(files) => Ok(files),
        None => glances.whole(),
    }
}

struct Glances<'w> {
    world: &'w World,
    paths: Vec<PathBuf>,
    glances: Vec<Option<Glance>>,
}

impl Glances<'_> {
    fn about(&self, about: About<'_>) -> Option<Kubeconfigs> {
        if !self.glances.iter().flatten().all(Glance::is_worthwhile) {
            return None;
        }
        let (named, with_others) = match about {
            About::Names => return self.files(Keep::All, Keep::Nothing),
            About::Context(named) => (named, false),
            About::Namespaces(named) => (named, true),
        };
        let bare = self.files(Keep::Nothing, Keep::Nothing)?;
        let Some(name) = named.map(str::to_owned).or_else(|| bare.current()) else { return Some(bare) };
        let own = [words(&name)];
        if own[0].is_empty() {
            return None;
        }
        let files = self.files(Keep::Holding(&own), Keep::Nothing)?;
        let Some(body) = files.meaning(List::Contexts, &name).ok()? else { return Some(files) };
        let text = |key: &str| body.get(key).and_then(Value::as_str);
        let [mut wanted, user] = [own.to_vec(), text("user").map(words).into_iter().collect()];
        if let (true, Some(cluster)) = (with_others, text("cluster")) {
            wanted.push(words(cluster).into_iter().chain(["namespace"]).collect());
        }
        self.files(Keep::Holding(&wanted), Keep::Holding(&user))
    }

    fn files(&self, contexts: Keep<'_>, users: Keep<'_>) -> Option<Kubeconfigs> {
        let document = |glance: &Option<Glance>| match glance {
            Some(glance) => glance.document(contexts, users).map(Some),
            None => Some(None),
        };
        let documents = self.glances.iter().map(document).collect::<Option<Vec<_>>>()?;
        Some(Kubeconfigs::of(self.world, self.paths.clone(), documents))
    }

    fn whole(self) -> Result<Kubeconfigs> {
        let document = |(glance, path): (Option<Glance>, &PathBuf)| {
            let parsed = glance.map(|glance| Document::parse(glance.into_text())).transpose();
            parsed.map_err(|problem| unusable(path, &problem.to_string()))
        };
        let documents = self.glances.into_iter().zip(&self.paths).map(document).collect::<Result<Vec<_>>>()?;
        Ok(Kubeconfigs::of(self.world, self.paths, documents))
    }
}

/// The words of a name: one with blanks may go on in the next line.
fn words(name: &str) -> Vec<&str> {
    name.split_whitespace().collect()
}
