//! Isolated kubeconfigs for `exec`, `shell` and `env`, once the guards of their contexts have let them pass.

use std::collections::HashSet;

use crate::cli::RoleArgs;
use crate::commands::shared::call::Call;
use crate::domain::ids::{Namespace, RoleName};
use crate::domain::trail::About;
use crate::error::{Error, Result};
use crate::flows::discovery::frecency::Frecency;
use crate::flows::kubeconfig::contexts::{Kubeconfigs, matching};
use crate::flows::kubeconfig::isolated::{IsolatedKubeconfig, Recipe, Recipes, Target, sweep};
use crate::ports::ProcessId;

/// What contexts came to.
pub struct Prepared<'w> {
    /// An isolated kubeconfig for each resulting context.
    pub isolated: Vec<IsolatedKubeconfig<'w>>,
    /// Contexts that only a glob meant and that cannot be used, each with the reason.
    pub left: Vec<(String, Error)>,
}

/// The isolated kubeconfig for the one context that a name or a glob means; of several a person chooses.
pub fn prepare_one<'w>(
    call: &Call<'w>,
    pattern: &str,
    args: &RoleArgs,
    command: &str,
    owner: ProcessId,
) -> Result<IsolatedKubeconfig<'w>> {
    let mut prepared = prepare(call, &[pattern.to_owned()], args, command, owner, false)?;
    prepared.isolated.pop().ok_or_else(|| Error::usage(format!("`{pattern}` means no context")))
}

/// The names of the contexts that names and globs come to with the role that is to be used, without repetition; those that
/// cannot be used are left out where only a glob means them.
pub fn contexts(call: &Call<'_>, patterns: &[String], args: &RoleArgs, command: &str) -> Result<Vec<String>> {
    let (world, settings) = (call.world, call.settings()?);
    let role: Option<RoleName> = args.role.as_deref().map(str::parse).transpose()?;
    let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
    let (mut made, mut seen) = (Vec::new(), HashSet::new());
    for name in call.matching(&files, patterns, command)? {
        let target = Target::new(world, &settings.config, name, role.as_ref());
        match target.and_then(|target| Recipe::new(&files, &target, None, None)?.permitted(world)) {
            Ok(recipe) if seen.insert(recipe.result.clone()) => made.push(recipe.context),
            Ok(_) => {}
            Err(error) if patterns.iter().any(|pattern| pattern == name) => return Err(error),
            Err(error) => call.voice.warn(world, &format!("`{name}` is left out: {error}")),
        }
    }
    Ok(made)
}

/// The isolated kubeconfigs for the contexts that names and globs mean, when their guards have let them pass: one for each
/// context that they come to with the role that is to be used. Where `many` is false, of several a person chooses one.
pub fn prepare<'w>(
    call: &Call<'w>,
    patterns: &[String],
    args: &RoleArgs,
    command: &str,
    owner: ProcessId,
    many: bool,
) -> Result<Prepared<'w>> {
    let (world, settings) = (call.world, call.settings()?);
    let explicit = call.globals.kubeconfig.as_deref();
    let namespace: Option<Namespace> = args.namespace.as_deref().map(str::parse).transpose()?;
    let role: Option<RoleName> = args.role.as_deref().map(str::parse).transpose()?;
    let target = |name: &str| {
        call.about(About::context(name, None, role.as_ref()));
        Target::new(world, &settings.config, name, role.as_ref())
    };
    if let [name] = patterns {
        call.about(About::context(name, None, role.as_ref()));
    }
    args.span.map_or(Ok(()), |span| world.policy()?.elevation(span).map_err(Error::from))?;
    let recipes = Recipes::new(world, explicit);
    let until = args.span.map(|span| world.clock.now() + span);
    let known = match patterns {
        // What is kept has no end, and does not tell whose session it is.
        [name] if until.is_none() && call.globals.session.is_none() => {
            let target = target(name)?;
            let known = recipes.get(&target, namespace.as_ref()).map(|recipe| recipe.permitted(world)).transpose()?;
            known.map(|recipe| (recipe, target))
        }
        _ => None,
    };
    let mut left = Vec::new();
    let prepared: Vec<(Recipe, Target)> = match known {
        Some(known) => vec![known],
        None => {
            let stamps = recipes.stamps().filter(|_| until.is_none());
            let files =
                Kubeconfigs::open_outer_with(world, explicit, |files| matching(files, patterns, command).is_ok())?;
            let make = |name: &str| {
                let target = target(name)?;
                let recipe = Recipe::new(&files, &target, namespace.as_ref(), until)?.permitted(world)?;
                let recipe = match &stamps {
                    Some(stamps) => recipes.put(&target, namespace.as_ref(), stamps.clone(), recipe),
                    None => recipe,
                };
                Ok((recipe, target))
            };
            let matching = call.matching(&files, patterns, command)?;
            let mut names: Vec<String> = matching.into_iter().map(str::to_owned).collect();
            if !many && names.len() > 1 {
                let several = format!("`{}` means {} contexts: {}", patterns.concat(), names.len(), names.join(", "));
                names = vec![call.pick_context_among(&files, names, || {
                    Error::usage(several).hint(format!("eksso {command} CONTEXT"))
                })?];
            }
            let (mut made, mut seen) = (Vec::new(), HashSet::new());
            for name in &names {
                match make(name) {
                    Ok((recipe, target)) if seen.insert(recipe.result.clone()) => made.push((recipe, target)),
                    Ok(_) => {}
                    // What was named is wanted; what a glob took in besides is not worth the others.
                    Err(error) if names.len() == 1 || patterns.contains(name) => return Err(error),
                    Err(error) => {
                        call.refused(&error);
                        left.push((name.clone(), error));
                    }
                }
            }
            if let (true, Some((_, error))) = (made.is_empty(), left.first()) {
                return Err(error.clone());
            }
            made
        }
    };
    let asking = prepared.iter().filter(|(recipe, target)| target.asks(&settings.config, &recipe.context));
    let about = |recipe: &Recipe| About::context(&recipe.context, recipe.identity.as_ref(), None);
    let asking: Vec<About> = asking.map(|(recipe, _)| about(recipe)).collect();
    let doing = match command {
        "exec" => "Run this in",
        "shell" => "Open a shell in",
        _ => "Use",
    };
    // Before the question: it names what the context comes to.
    for (recipe, target) in &prepared {
        target.instead(&recipe.context).iter().for_each(|instead| call.voice.say(world, &format!("{instead}.")));
    }
    let named: Vec<&str> = prepared.iter().map(|(_, target)| target.name.as_str()).collect();
    call.pass_guards_of(asking, &named, args.yes, doing)?;
    prepared.iter().for_each(|(recipe, _)| Frecency::note(world, &recipe.context));
    sweep(world);
    let isolated =
        prepared.into_iter().map(|(recipe, target)| IsolatedKubeconfig::make(&recipes, recipe, target.word(), owner));
    Ok(Prepared { isolated: isolated.collect::<Result<_>>()?, left })
}
