//! Isolated kubeconfigs for `exec`, `shell` and `env`, once the guards of their contexts have let them pass.

use crate::cli::RoleArgs;
use crate::commands::shared::call::Call;
use crate::domain::ids::{Namespace, RoleName};
use crate::error::Result;
use crate::flows::discovery::frecency::Frecency;
use crate::flows::kubeconfig::contexts::{Kubeconfigs, matching};
use crate::flows::kubeconfig::isolated::{IsolatedKubeconfig, Recipe, Recipes, Target, sweep};

/// The private kubeconfigs for the contexts that names and globs mean, when their guards have let them pass.
pub fn prepare<'w>(
    call: &Call<'w>,
    patterns: &[String],
    args: &RoleArgs,
    command: &str,
    owner: u32,
) -> Result<Vec<IsolatedKubeconfig<'w>>> {
    let (world, settings) = (call.world, call.settings()?);
    let explicit = call.globals.kubeconfig.as_deref();
    let namespace: Option<Namespace> = args.namespace.as_deref().map(str::parse).transpose()?;
    let role: Option<RoleName> = args.role.as_deref().map(str::parse).transpose()?;
    let target = |name: &str| Target::new(&settings.config, name, role.as_ref());
    let recipes = Recipes::new(world, explicit);
    let known = match patterns {
        [name] => Some(target(name)).and_then(|target| Some((recipes.get(&target, namespace.as_ref())?, target))),
        _ => None,
    };
    let prepared: Vec<(Recipe, Target)> = match known {
        Some(known) => vec![known],
        None => {
            let stamps = recipes.stamps();
            let files = Kubeconfigs::open_outer(world, explicit)?;
            let make = |name: &str| {
                let target = target(name);
                let recipe = Recipe::new(&files, &target, namespace.as_ref())?;
                let recipe = match &stamps {
                    Some(stamps) => recipes.put(&target, namespace.as_ref(), stamps.clone(), recipe),
                    None => recipe,
                };
                Ok((recipe, target))
            };
            matching(&files, patterns, command)?.into_iter().map(make).collect::<Result<_>>()?
        }
    };
    let asking = prepared.iter().filter(|(recipe, target)| target.asks(&settings.config, &recipe.context));
    let asking: Vec<String> = asking.map(|(recipe, _)| recipe.context.clone()).collect();
    let doing = match command {
        "exec" => "Run this in",
        "shell" => "Open a shell in",
        _ => "Use",
    };
    call.pass_guards(&asking, args.yes, doing)?;
    prepared.iter().for_each(|(recipe, _)| Frecency::note(world, &recipe.context));
    sweep(world);
    let isolated = prepared.into_iter().map(|(recipe, target)| {
        if let (true, Some(role)) = (target.is_read_only(), &target.role) {
            let line = format!("`{}` as {role}, the role that config.toml prefers; --role names another", target.name);
            call.voice.say(world, &line);
        }
        IsolatedKubeconfig::make(&recipes, recipe, target.word(), owner)
    });
    isolated.collect()
}
