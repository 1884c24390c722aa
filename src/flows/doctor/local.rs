//! What this machine alone tells: settings, kubeconfig, programs, variables, the kernel.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use serde_yaml::Value;

use crate::domain::doctor::environment::{MISLEADING, unset};
use crate::domain::doctor::kubectl::{PluginPolicy, allows, policy, snippet, version};
use crate::domain::doctor::{Check, Finding, Status};
use crate::domain::kubeconfig::{end_of, meaning, plugin_identity};
use crate::domain::lifetime::whole_second;
use crate::domain::settings::keyring::Backend;
use crate::domain::text::shell_word;
use crate::error::Result;
use crate::flows::doctor::base::{Context, Patient, failed, lock_of, not_checked};
use crate::ports::{Keyring, Launch, World};

/// kubectl starts in well under a second.
const ANSWER: Duration = Duration::from_secs(5);
/// kubectl holds its lock for milliseconds.
const LOCK_LOOK: Duration = Duration::from_secs(1);
const MAX_KUBERC: u64 = 1 << 20;

/// config.toml.
pub(super) fn settings(world: &World, patient: &Patient<'_>) -> Option<Finding> {
    Some(match patient.settings {
        Ok(settings) => {
            let path = settings.path.display();
            let is_there = !matches!(world.files.read(&settings.path, 1), Ok(None));
            let fact = if is_there { format!("{path} can be used") } else { format!("there is no {path}: defaults") };
            Finding::new(Check::Settings, Status::Ok, fact)
        }
        Err(error) => failed(Check::Settings, error),
    })
}

/// The files, their locks, the context.
pub(super) async fn kubeconfig(world: &World, patient: &Patient<'_>) -> Finding {
    if let Err(error) = patient.read {
        return failed(Check::Kubeconfig, error);
    }
    for path in &patient.kubeconfigs {
        let lock = lock_of(path);
        let is_there = || !matches!(world.files.read(&lock, 1), Ok(None));
        if is_there() {
            world.clock.sleep(LOCK_LOOK).await;
            if is_there() {
                let lock = lock.display().to_string();
                let fact = format!("the kubeconfig is locked by another program: {lock} stays, as after a crash");
                return Finding::new(Check::Kubeconfig, Status::Failed, fact)
                    .fix(format!("rm {}  # if nothing is changing the kubeconfig now", shell_word(&lock)));
            }
        }
    }
    match patient.context {
        Some(Ok(context)) => {
            let name = &context.name;
            match &context.identity {
                Some(identity) => {
                    let fact = format!(
                        "`{name}` is {} in {} as {} of {}",
                        identity.cluster, identity.region, identity.role, identity.account
                    );
                    Finding::new(Check::Kubeconfig, Status::Ok, fact)
                }
                None => Finding::new(
                    Check::Kubeconfig,
                    Status::Failed,
                    format!("the context `{name}` was not written by eksso, so its role is not known"),
                )
                .fix("eksso import --dry-run")
                .fix("eksso add"),
            }
        }
        Some(Err(error)) => failed(Check::Kubeconfig, error),
        None => not_checked(Check::Kubeconfig, "there is no current context").fix("eksso use").fix("eksso add"),
    }
}

/// The end of the context's role, where it has one: behind it kubectl gets no token, whatever else is right.
pub(super) fn end(world: &World, context: Option<&Context>) -> Option<Finding> {
    let until = context?.user.as_ref().and_then(end_of)?;
    let at = whole_second(until);
    Some(match until > world.clock.now() {
        true => Finding::new(Check::End, Status::Ok, format!("the role's use ends at {at}, as it was asked for")),
        false => Finding::new(
            Check::End,
            Status::Failed,
            format!("the role's use ended at {at}, as it was asked for: kubectl gets no token"),
        )
        .fix("eksso status  # puts back what was there before")
        .fix("eksso use CONTEXT"),
    })
}

/// What the context's user makes kubectl run, and which program that is.
pub(super) fn exec_entry(world: &World, context: Option<&Context>) -> Vec<Finding> {
    let Some(context) = context else {
        return vec![not_checked(Check::ExecEntry, "there is no context"), path(world, "eksso")];
    };
    let Some(user) = &context.user else {
        let fact = format!("the context `{}` lacks its user", context.name);
        let entry = Finding::new(Check::ExecEntry, Status::Failed, fact).fix("eksso sync");
        return vec![entry, path(world, "eksso")];
    };
    let text = |key: &str| user.get("exec")?.get(key)?.as_str();
    let command = text("command").unwrap_or_default();
    let entry = |status, fact: &str| Finding::new(Check::ExecEntry, status, fact);
    let anew = |finding: Finding| finding.fix("eksso sync");
    let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
    let finding = if plugin_identity(user).is_none() {
        match command.is_empty() {
            true => entry(Status::Failed, "the context's user runs no program: it is not eksso's")
                .fix("eksso import --dry-run"),
            false if context.identity.is_some() => anew(entry(
                Status::Failed,
                &format!("the context's user runs `{command}` without all that eksso needs to know"),
            )),
            false => entry(Status::Failed, &format!("the context's user runs `{command}`, not eksso"))
                .fix("eksso import --dry-run"),
        }
    } else if !text("apiVersion").is_some_and(|version| versions.contains(&version)) {
        let fact = format!("its apiVersion is `{}`, which eksso does not speak", text("apiVersion").unwrap_or("none"));
        anew(entry(Status::Failed, &fact))
    } else if text("apiVersion") == Some(versions[0]) && text("interactiveMode").is_none() {
        anew(entry(Status::Failed, "it lacks interactiveMode, without which kubectl refuses v1"))
    } else if ["token", "tokenFile", "client-certificate", "client-certificate-data", "username"]
        .iter()
        .any(|key| user.get(key).is_some())
    {
        anew(entry(Status::Failed, "the user has credentials of its own beside it, so kubectl does not run it"))
    } else {
        entry(Status::Ok, &format!("kubectl runs `{command} token` with all that it needs"))
    };
    vec![finding, path(world, if command.is_empty() { "eksso" } else { command })]
}

/// The programs of a name, first found first, as Go's `exec.LookPath` finds them: relative folders count for nothing.
fn found(world: &World, name: &str) -> Vec<(PathBuf, PathBuf)> {
    let folders = world.env.var("PATH").unwrap_or_default();
    let names = [name.to_owned(), format!("{name}.exe")];
    let names = &names[..if cfg!(windows) { 2 } else { 1 }];
    let folders = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
    let paths = folders.flat_map(|folder| names.iter().map(move |name| folder.join(name)).collect::<Vec<_>>());
    paths.filter_map(|path| Some((world.processes.program_at(&path)?, path))).map(|(real, path)| (path, real)).collect()
}

/// Whether the command of the entry is found, and is this program.
fn path(world: &World, command: &str) -> Finding {
    let finding = |status, fact: String| Finding::new(Check::Path, status, fact);
    let own = world.env.program().ok().and_then(|own| Some((world.processes.program_at(&own)?, own)));
    if command.contains(['/', '\\']) {
        return match world.processes.program_at(Path::new(command)) {
            None => {
                finding(Status::Failed, format!("`{command}`, which the context names, is not there")).fix("eksso sync")
            }
            Some(real) => differs(world, Path::new(command), &real, own.as_ref().map(|(real, _)| real.as_path())),
        };
    }
    let all = found(world, command);
    let Some((first, real)) = all.first() else {
        let fact =
            format!("there is no `{command}` on PATH: kubectl, and programs without your shell's PATH, do not find it");
        return finding(Status::Failed, fact).fix("eksso add --absolute-command").fix("eksso sync");
    };
    // /bin is often another name of /usr/bin.
    let mut seen = HashSet::from([real]);
    let others: Vec<String> =
        all[1..].iter().filter(|(_, other)| seen.insert(other)).map(|(path, _)| path.display().to_string()).collect();
    let found = differs(world, first, real, own.as_ref().map(|(real, _)| real.as_path()));
    match others.is_empty() || found.status != Status::Ok {
        true => found,
        false => {
            let fact = format!("{}; further ones on PATH: {}", found.fact, others.join(", "));
            Finding { status: Status::Warning, fact, ..found }.fix(format!("rm {}", shell_word(&others[0])))
        }
    }
}

/// Whether the program that was found is this one; where it is not, which version it says it is.
fn differs(world: &World, path: &Path, real: &Path, own: Option<&Path>) -> Finding {
    const OWN: &str = env!("CARGO_PKG_VERSION");
    let shown = path.display();
    if own == Some(real) {
        return Finding::new(Check::Path, Status::Ok, format!("{shown} is this eksso {OWN}"));
    }
    let launch =
        Launch { command: vec![path.into(), "--version".into()], env: Vec::new(), without: &[], passphrase: false };
    let said = world.processes.answer(&launch, ANSWER).ok().filter(|(code, _)| *code == 0);
    let other = said.and_then(|(_, text)| Some(text.trim().strip_prefix("eksso ")?.to_owned()));
    match other {
        Some(other) if other == OWN => Finding::new(
            Check::Path,
            Status::Warning,
            format!("kubectl runs {shown}, another copy of eksso {OWN}, not the one that was called now"),
        ),
        Some(other) => Finding::new(
            Check::Path,
            Status::Warning,
            format!("kubectl runs {shown}, which is eksso {other}; this one is {OWN}"),
        )
        .fix(format!("rm {}", shell_word(&shown.to_string()))),
        None => Finding::new(
            Check::Path,
            Status::Failed,
            format!("kubectl runs {shown}, which does not answer as eksso does"),
        )
        .fix("eksso sync"),
    }
}

/// kubectl and its version; answers the minor one.
pub(super) fn kubectl(world: &World, findings: &mut Vec<Finding>) -> Option<u32> {
    let finding = |status, fact: String| Finding::new(Check::Kubectl, status, fact);
    let Some((path, _)) = found(world, "kubectl").into_iter().next() else {
        let none = finding(Status::Warning, "there is no `kubectl` on PATH".to_owned());
        findings.push(none.fix("https://kubernetes.io/docs/tasks/tools/"));
        return None;
    };
    let words = ["version", "--client", "-o", "json"].map(Into::into);
    let command = std::iter::once(path.clone().into_os_string()).chain(words).collect();
    let said = world.processes.answer(&Launch { command, env: Vec::new(), without: &[], passphrase: false }, ANSWER);
    let read = match said {
        Ok((_, text)) => version(&text),
        Err(error) => {
            let shown = path.display().to_string();
            findings.push(failed(Check::Kubectl, &error).fix(format!("{} version --client", shell_word(&shown))));
            return None;
        }
    };
    let (minor, found) = match read {
        // v1beta1 of exec credentials is of 1.11; clients that lost v1alpha1 are of 1.24.
        Some((minor, words)) if minor < 24 => {
            let fact = format!("{} is {words}, older than any that EKS supports", path.display());
            (Some(minor), finding(Status::Warning, fact).fix("https://kubernetes.io/docs/tasks/tools/"))
        }
        Some((minor, words)) => (Some(minor), finding(Status::Ok, format!("{} is {words}", path.display()))),
        None => {
            let fact = format!("{} does not say which version it is", path.display());
            (
                None,
                finding(Status::Warning, fact)
                    .fix(format!("{} version --client", shell_word(&path.display().to_string()))),
            )
        }
    };
    findings.push(found);
    minor
}

/// Whether kubectl may run the context's command. Source: kubectl v0.35 `pkg/kuberc/kuberc.go`, LoadKuberc.
pub(super) fn plugin_policy(world: &World, context: Option<&Context>, minor: Option<u32>) -> Option<Finding> {
    let finding = |status, fact: String| Finding::new(Check::PluginPolicy, status, fact);
    let named = world.env.var("KUBERC");
    if minor.is_some_and(|minor| minor < 35) {
        return Some(finding(Status::Ok, "this kubectl has none: all plugins may run".to_owned()));
    }
    if named.as_deref() == Some("off") || world.env.var("KUBECTL_KUBERC").as_deref() == Some("false") {
        return Some(finding(Status::Ok, "switched off: all plugins may run".to_owned()));
    }
    let path = named.map_or_else(|| world.folders.home.join(".kube").join("kuberc"), PathBuf::from);
    let read: Result<Option<Vec<u8>>> = world.files.read(&path, MAX_KUBERC);
    let shown = path.display().to_string();
    let text = match read {
        Ok(None) => return Some(finding(Status::Ok, format!("there is no {shown}: all plugins may run"))),
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => return Some(failed(Check::PluginPolicy, &error)),
    };
    let read: Option<Value> = meaning(&text).ok();
    let Some(kuberc) = read else {
        return Some(finding(Status::Warning, format!("{shown} cannot be read, so kubectl goes on without it")));
    };
    let command = context.and_then(|context| context.user.as_ref()?.get("exec")?.get("command")?.as_str());
    let command = command.unwrap_or("eksso");
    let resolve = |name: &str| {
        let path = Path::new(name);
        match path.is_absolute() {
            true => world.processes.program_at(path).map(|_| name.to_owned()),
            false => found(world, name).first().map(|(path, _)| path.display().to_string()),
        }
    };
    let place = resolve(command).unwrap_or_else(|| command.to_owned());
    let allow = |found: Finding| found.fix(format!("in {shown}:\n{}", snippet(command, minor)));
    Some(match policy(&kuberc) {
        PluginPolicy::All => finding(Status::Ok, format!("{shown} lets all plugins run")),
        PluginPolicy::List(entries) if allows(&entries, command, &place, resolve) => {
            finding(Status::Ok, format!("{shown} lets `{command}` run"))
        }
        PluginPolicy::List(_) => allow(finding(
            Status::Failed,
            format!("{shown} has a list of plugins that kubectl may run, and `{command}` is not in it"),
        )),
        PluginPolicy::None => allow(finding(Status::Failed, format!("{shown} forbids kubectl all plugins"))),
        PluginPolicy::Broken(why) => {
            allow(finding(Status::Failed, format!("kubectl runs no plugin with this {shown}: {why}")))
        }
    })
}

/// Variables by which other programs are somebody else.
pub(super) fn environment(world: &World) -> Finding {
    let set: Vec<&str> = MISLEADING.into_iter().filter(|name| world.env.var(name).is_some()).collect();
    match set.is_empty() {
        true => Finding::new(Check::Environment, Status::Ok, "none is set"),
        false => Finding::new(
            Check::Environment,
            Status::Warning,
            format!("{} set: `aws` and others in this shell use that identity; eksso never does", set.join(", ")),
        )
        .fix(unset(&set, cfg!(windows))),
    }
}

/// Whether and for how long the kernel keeps a copy of the sign-in's key.
pub(super) fn kernel_key(keyring: Keyring, backend: Backend) -> Option<Finding> {
    let finding = |fact: String| Finding::new(Check::KernelKey, Status::Ok, fact);
    Some(match keyring.kernel_copy {
        _ if !cfg!(target_os = "linux") => return None,
        _ if backend == Backend::Keyutils => finding("the kernel is the keyring: it forgets at a reboot".to_owned()),
        None => finding("off: each call asks the keyring".to_owned()),
        Some(time) => finding(format!(
            "kept for at most {:#} after it was fetched (`kernel_key_cache`), so that not every call asks the keyring",
            SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
        )),
    })
}
