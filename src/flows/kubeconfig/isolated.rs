//! Isolated kubeconfigs: one context alone, for one shell or one command, removed when that has ended.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::domain::identity::Identity;
use crate::domain::ids::{Namespace, RoleName};
use crate::domain::kubeconfig::{ContextEntry, List, NewContext, bound, end_of, lean, plugin_identity, with_role};
use crate::domain::lifetime::whole_second;
use crate::domain::settings::config::Config;
use crate::domain::settings::guard::Guard;
use crate::domain::shell::{Shell, Start, Starting};
use crate::domain::text::{digest, shell_word};
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::contexts::{
    BEFORE_VARIABLE, ISOLATED_VARIABLE, Kubeconfigs, OUTER_VARIABLE, Sibling, is_inside, outer_path,
};
use crate::ports::{ProcessId, World};

/// The largest start file of a shell that is taken into ours.
const MAX_START: u64 = 1 << 20;

/// A context as it is to be used: with a role of its cluster, and the care it asks for.
pub struct Target {
    /// The context that was named.
    pub name: String,
    /// The role to use, where it need not be its own.
    pub role: Option<RoleName>,
    /// The care.
    pub guard: Guard,
    /// Whether the policy of this machine allows its one role only.
    bound: bool,
}

impl Target {
    /// The context with the role that was named, else with the one that its guard prefers.
    ///
    /// # Errors
    /// The policy of this machine allows another role only, or never this one.
    pub fn new(world: &World, config: &Config, name: &str, role: Option<&RoleName>) -> Result<Self> {
        let (policy, guard) = (world.policy()?, config.guard(name));
        role.map_or(Ok(()), |role| policy.context(name, role))?;
        let role = role.or(guard.read_only_role.as_ref()).cloned();
        role.as_ref().map_or(Ok(()), |role| policy.role(role.as_str()))?;
        let bound = policy.guard(name).read_only_role.is_some();
        Ok(Self { name: name.to_owned(), role, guard, bound })
    }

    /// Where it comes to another context than the one that was named: with which role, and why, though nobody named one. What to do
    /// about that is said only where it is not refused.
    pub fn instead(&self, comes_to: &str) -> Option<String> {
        let role = self.role.as_ref().filter(|_| self.is_read_only() && comes_to != self.name)?;
        let why = match self.bound {
            true => "the only role that the policy of this machine allows for it",
            false => "the role that your settings prefer for it (read_only_role); --role names another",
        };
        Some(format!("`{}` is used as {role}, {why}", self.name))
    }

    /// The guard as it works on this use, in a word for prompts: nothing where it does not.
    pub fn word(&self) -> &'static str {
        self.guard.with_role(self.role.as_ref()).word().unwrap_or_default()
    }

    /// The context it comes to: one that is there, else one that could be, which is used in place of the named one.
    pub fn resolve(&self, files: &Kubeconfigs, command: &str) -> Result<(String, Option<NewContext>)> {
        let Some(role) = &self.role else { return Ok((self.name.clone(), None)) };
        let sibling =
            files.sibling(&files.require(&self.name, command)?, role).map_err(|error| match self.is_read_only() {
                true if self.bound => error.cause(format!("the policy of this machine wants the role `{role}` for it")),
                true => error.cause(format!("config.toml wants the role `{role}` for it")),
                false => error,
            });
        match sibling? {
            Sibling::There(name) => Ok((name, None)),
            Sibling::New(new) => Ok((self.name.clone(), Some(*new))),
        }
    }

    /// Whether it asks: because of the name that was given, or of the one it comes to.
    pub fn asks(&self, config: &Config, comes_to: &str) -> bool {
        self.guard.confirm || config.guard(comes_to).confirm
    }

    /// Whether the role is the one that the guard prefers.
    pub fn is_read_only(&self) -> bool {
        self.role.is_some() && self.role == self.guard.read_only_role
    }
}

/// Whether a switch to a context with a role leaves a role that a shell was opened with because it is read-only, or that
/// the settings prefer for what is current in it. The file may be another one by now than the shell's variables say.
pub fn leaves_read_only(world: &World, config: &Config, files: &Kubeconfigs, to: (&str, Option<&RoleName>)) -> bool {
    let (name, role) = to;
    let Some(current) = files.current().filter(|_| files.is_isolated()) else { return false };
    let now = files.context(&current).and_then(|context| context.identity).map(|identity| identity.role);
    let (guard, opened) = (config.guard(&current), world.env.var("EKSSO_GUARD").unwrap_or_default());
    let read_only = opened.contains("read-only") || guard.with_role(now.as_ref()).read_only_role.is_some();
    let still = [&guard, &config.guard(name)].iter().any(|guard| guard.with_role(role).read_only_role.is_some());
    let back = world.env.var("EKSSO_CONTEXT").as_deref() == Some(name);
    read_only && now.as_ref() != role && !still && !back
}

/// What an isolated kubeconfig holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recipe {
    /// The name of its context.
    pub context: String,
    text: String,
    /// What it stands for, where it is one of eksso.
    pub identity: Option<Identity>,
    /// The end of its use, where it has one.
    #[serde(default)]
    until: Option<Timestamp>,
    /// Which context it is, whichever one was named.
    pub result: Resulting,
    /// Whether there may be a secret in it: in a user that is not only ours, or in a proxy's address.
    #[serde(skip)]
    secret: bool,
}

impl Recipe {
    /// For a context with its role, its namespace, and its end where it has one.
    pub fn new(
        files: &Kubeconfigs,
        target: &Target,
        namespace: Option<&Namespace>,
        until: Option<Timestamp>,
    ) -> Result<Self> {
        let (name, new) = target.resolve(files, "exec")?;
        let lacks = |what: &str| {
            Error::new(Kind::LocalState, format!("the context `{name}` lacks its {what}"))
                .hint("eksso add  # writes contexts of yours anew")
        };
        let mut context = files.entry(List::Contexts, &name)?.ok_or_else(|| files.no_context(&name, "exec"))?;
        let named = |key: &str| context.body.get(key).and_then(|name| name.as_str()).map(str::to_owned);
        let (cluster, user) = (named("cluster").unwrap_or_default(), named("user").filter(|user| !user.is_empty()));
        let cluster = files.entry(List::Clusters, &cluster)?.ok_or_else(|| lacks("cluster"))?;
        // A context without a user is nobody to the cluster; one whose user is gone is broken.
        let mut user = match user {
            Some(user) => Some(files.entry(List::Users, &user)?.ok_or_else(|| lacks("user"))?),
            None => None,
        };
        let mut result = Resulting::Named(name.clone());
        let mut identity = files.context(&name).and_then(|entry| entry.identity);
        if let Some(new) = new {
            let user = user.as_mut().ok_or_else(|| lacks("user"))?;
            with_role(&mut context, user, &new.identity).ok_or_else(|| lacks("user"))?;
            context.name = name_with_role(files, &name, &new.identity.role);
            identity = Some(new.identity.clone());
            result = Resulting::Made(new.identity);
        }
        if let Some(until) = until {
            let no_end = || {
                Error::usage(format!("`{name}` cannot be given an end"))
                    .cause("its user is not one that kubectl asks eksso for, and for nothing else")
            };
            let user = user.as_mut().ok_or_else(no_end)?;
            bound(&mut context, user, until).ok_or_else(no_end)?;
        }
        let until = user.as_ref().and_then(|user| end_of(&user.body));
        let context_name = context.name.clone();
        let body = user.as_ref().map(|user| &user.body);
        let ours =
            |body: &Value| plugin_identity(body).is_some() && body.as_mapping().is_some_and(|user| user.len() == 1);
        let proxy = cluster.body.get("proxy-url").and_then(|url| url.as_str()).unwrap_or_default().contains('@');
        let secret = proxy || body.is_some_and(|body| !ours(body));
        let text = lean(context, cluster, user, namespace.map(Namespace::as_str));
        Ok(Self { context: context_name, identity, until, result, secret, text })
    }
}

impl Recipe {
    /// Refuses a role that is never used on this machine, and a use that has ended: asked each time, as a policy may be newer
    /// than a kept recipe, and time passes.
    ///
    /// # Errors
    /// It is one, or there is no policy that can be read.
    pub fn permitted(self, world: &World) -> Result<Self> {
        if let Some(until) = self.until.filter(|until| *until <= world.clock.now()) {
            // A program that is started would be refused at its first call of kubectl.
            let fact = format!("the use of `{}` ended at {}", self.context, whole_second(until));
            return Err(Error::new(Kind::Denied, fact).hint("eksso status  # puts back what was there before"));
        }
        if let Some(Identity { role, assume, .. }) = &self.identity {
            world.policy()?.roles(role, assume.as_ref())?;
        }
        Ok(self)
    }
}

/// What tells the contexts that targets come to apart: the name of one that is there, else what one would stand for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Resulting {
    /// It is there.
    Named(String),
    /// It is made for this use.
    Made(Identity),
}

/// Recipes of contexts of ours, which hold no secret, kept while the kubeconfig files do not change: reading 10 MB of
/// them takes longer than kubectl takes to start.
pub struct Recipes<'w> {
    world: &'w World,
    paths: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    stamps: Vec<String>,
    recipe: Recipe,
}

impl<'w> Recipes<'w> {
    /// Those of the files of a call.
    pub fn new(world: &'w World, explicit: Option<&Path>) -> Self {
        let paths = outer_path(world, explicit);
        Self { world, paths: paths.into_iter().map(|path| std::path::absolute(&path).unwrap_or(path)).collect() }
    }

    /// The recipe, if it was made of the files as they are.
    pub fn get(&self, target: &Target, namespace: Option<&Namespace>) -> Option<Recipe> {
        let content = self.world.files.read(&self.file(target, namespace), 1 << 20).ok()??;
        let kept: Kept = serde_json::from_slice(&content).ok()?;
        (self.stamps()? == kept.stamps).then_some(kept.recipe)
    }

    /// The stamps of the files, to be taken before they are read.
    pub fn stamps(&self) -> Option<Vec<String>> {
        self.paths.iter().map(|path| self.world.files.stamp(path)).collect()
    }

    /// Keeps a recipe, unless there may be a secret in it. Without one the next call takes longer, no more.
    pub fn put(&self, target: &Target, namespace: Option<&Namespace>, stamps: Vec<String>, recipe: Recipe) -> Recipe {
        if recipe.secret {
            return recipe;
        }
        let kept = Kept { stamps, recipe };
        if let Ok(json) = serde_json::to_vec(&kept) {
            _ = self.world.files.write_fleeting(&self.file(target, namespace), &json);
        }
        kept.recipe
    }

    fn file(&self, target: &Target, namespace: Option<&Namespace>) -> PathBuf {
        let role = target.role.as_ref().map(RoleName::as_str);
        let what = format!("{:?}", (&self.paths, &target.name, role, namespace.map(Namespace::as_str)));
        self.world.folders.cache.join("contexts").join(digest(&what))
    }
}

/// An isolated kubeconfig. The file goes when this does, unless it is left to a shell.
pub struct IsolatedKubeconfig<'w> {
    world: &'w World,
    path: PathBuf,
    /// The name of its context.
    pub context: String,
    guard: &'static str,
    outer: OsString,
    before: String,
    /// The folder of a shell's start files.
    start: Option<PathBuf>,
    left: bool,
}

impl<'w> IsolatedKubeconfig<'w> {
    /// Writes one for a process: when that has ended, the file is nobody's.
    pub fn make(recipes: &Recipes<'w>, recipe: Recipe, guard: &'static str, owner: ProcessId) -> Result<Self> {
        let world = recipes.world;
        let folder = world.folders.runtime.join("kubeconfig");
        let path = folder.join(format!("{owner}-{}.yaml", &digest(&recipe.text)[..16]));
        let outer = std::env::join_paths(&recipes.paths);
        let outer = outer.map_err(|error| Error::usage("a kubeconfig's path cannot be handed on").cause(error))?;
        world.files.write_fleeting(&path, recipe.text.as_bytes())?;
        let before = before(world).unwrap_or_default();
        Ok(Self { world, path, context: recipe.context, guard, outer, before, start: None, left: false })
    }

    /// What its context stands for, read as kubectl's eksso will read it.
    pub fn entry(&self) -> Result<ContextEntry> {
        Kubeconfigs::peek(self.world, Some(&self.path))?.require(&self.context, "exec")
    }

    /// Writes another isolated kubeconfig for the same use, which goes when this does.
    pub fn beside(&self, extension: &str, content: &str) -> Result<PathBuf> {
        let path = self.path.with_extension(extension);
        self.world.files.write_fleeting(&path, content.as_bytes())?;
        Ok(path)
    }

    /// The file with those beside it, such as what `-` goes back to in it, and no folder.
    fn own_files(&self) -> Vec<PathBuf> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let beside = self.world.files.list(folder).unwrap_or_default();
        let stem = format!("{}.", self.path.file_stem().unwrap_or_default().to_string_lossy());
        let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&stem));
        let own = |path: &PathBuf| named(path) && Some(path) != self.start.as_ref();
        beside.into_iter().filter(own).collect()
    }

    /// The variables that make a program use it. The guard's word is for prompts.
    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("KUBECONFIG", self.path.clone().into_os_string()),
            ("EKSSO_CONTEXT", self.context.clone().into()),
            ("EKSSO_GUARD", self.guard.into()),
            (ISOLATED_VARIABLE, self.path.clone().into_os_string()),
            (OUTER_VARIABLE, self.outer.clone()),
            (BEFORE_VARIABLE, self.before.clone().into()),
        ]
    }

    /// What makes a shell use it, behind its own start files.
    pub fn start(&mut self, shell: &str) -> Result<Start> {
        let (world, not_text) = (self.world, || Error::usage("a kubeconfig's path is not UTF-8 text"));
        let text = |(name, value): (&'static str, OsString)| {
            let value = value.into_string().map_err(|_| not_text())?;
            Ok((name, Some(value).filter(|value| !value.is_empty())))
        };
        let variables = self.env().into_iter().map(text).collect::<Result<Vec<_>>>()?;
        let folder = self.path.with_extension("start");
        let start = Starting {
            shell,
            folder: folder.to_str().ok_or_else(not_text)?,
            variables: &variables,
            env: &|name| world.env.var(name),
            text: &|path| String::from_utf8(world.files.read(Path::new(path), MAX_START).ok()??).ok(),
        };
        let start = start.start();
        for (name, content) in &start.files {
            world.files.write_fleeting(&folder.join(name), content.as_bytes())?;
            self.start = Some(folder.clone());
        }
        Ok(start)
    }

    /// Leaves the file to a shell; answers the variables.
    pub fn leave(mut self) -> Vec<(&'static str, OsString)> {
        self.left = true;
        self.env()
    }
}

impl Drop for IsolatedKubeconfig<'_> {
    fn drop(&mut self) {
        if !self.left {
            // What cannot be removed now is swept next time.
            for path in self.own_files() {
                _ = self.world.files.remove_own(&path);
            }
            if let Some(folder) = &self.start {
                _ = self.world.files.remove_folder(folder);
            }
        }
    }
}

/// The name of a context that is not in the files, of the same cluster as one that is: under the default template, the one
/// that `eksso add` would give it.
pub fn name_with_role(files: &Kubeconfigs, name: &str, role: &RoleName) -> String {
    let own = files.context(name).and_then(|context| context.identity).map(|own| own.role);
    let stem = own.as_ref().and_then(|own| name.strip_suffix(own.as_str()));
    stem.map_or_else(|| format!("{name}:{role}"), |stem| format!("{stem}{role}"))
}

/// Removes the files whose processes have ended, killed ones too.
pub fn sweep(world: &World) {
    for path in world.files.list(&world.folders.runtime.join("kubeconfig")).unwrap_or_default() {
        let owner: Option<ProcessId> = path.file_name().and_then(|name| name.to_str()?.split_once('-')?.0.parse().ok());
        if owner.is_some_and(|owner| !world.processes.alive(owner)) {
            _ = match path.extension().is_some_and(|extension| extension == "start") {
                true => world.files.remove_folder(&path),
                false => world.files.remove_own(&path).map(|_| ()),
            };
        }
    }
}

/// What is wrong where KUBECONFIG is no longer the isolated kubeconfig of the shell or command that EKSSO_CONTEXT names, as start files
/// of a shell that was started or exec'ed in it leave it: kubectl uses another file there, whatever a prompt shows.
pub fn taken_away(world: &World) -> Option<Error> {
    let env = |name: &str| world.env.var(name).filter(|value| !value.is_empty());
    let (context, own) = (env("EKSSO_CONTEXT")?, env(ISOLATED_VARIABLE)?);
    if is_inside(world) {
        return None;
    }
    let used = env("KUBECONFIG").map_or_else(|| "kubectl's usual file".to_owned(), |used| format!("`{used}`"));
    let (_, program) = world.processes.parent();
    let shell = program.as_deref().and_then(Shell::of);
    let shell = shell.or_else(|| Shell::of(&env("SHELL")?)).unwrap_or(Shell::Posix);
    let there = world.files.read(Path::new(&own), MAX_START).is_ok_and(|text| text.is_some());
    let hint = match there {
        true if shell == Shell::Nushell => format!("$env.KUBECONFIG = '{own}'"),
        true => shell.assignments(&[("KUBECONFIG", Some(own))]).trim_end().to_owned(),
        false => format!("eksso shell {}", shell_word(&context)),
    };
    let fact = format!("this is a shell for `{context}`, and kubectl does not use that context here");
    Some(Error::usage(fact).cause(format!("KUBECONFIG was changed in it: kubectl uses {used}")).hint(hint))
}

/// What KUBECONFIG was before eksso set it.
pub fn before(world: &World) -> Option<String> {
    match is_inside(world) {
        true => world.env.var(BEFORE_VARIABLE),
        false => world.env.var("KUBECONFIG"),
    }
}
