//! Taking over the users that the AWS CLI and others made: which session, account and role each of them means.

use std::path::Path;

use serde_yaml::Value;

use crate::domain::identity::Identity;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleArn, RoleName};
use crate::domain::kubeconfig::{Edit, Foreign, List, Plugin, foreign, import_edits};
use crate::error::{Error, Result};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::Settings;
use crate::ports::World;

/// A user of another program, and what became of it.
pub struct Import {
    /// The contexts that use it.
    pub contexts: Vec<String>,
    /// What it stands for; else the reason why that cannot be told.
    pub identity: Result<Identity>,
    /// What takes it over.
    pub edits: Vec<Edit>,
}

/// Looks at the users of these contexts.
pub fn imports(
    world: &World,
    settings: &Settings,
    files: &Kubeconfigs,
    wanted: &[&str],
    session: Option<&str>,
    command: &str,
) -> Vec<Import> {
    let mut users: Vec<(String, Vec<(String, Value)>)> = Vec::new();
    for name in files.names().into_iter().filter(|name| wanted.contains(name)) {
        let Ok(Some(body)) = files.body(List::Contexts, name) else { continue };
        let Some(user) = body.get("user").and_then(Value::as_str).map(str::to_owned) else { continue };
        match users.iter_mut().find(|(known, _)| *known == user) {
            Some((_, contexts)) => contexts.push((name.to_owned(), body)),
            None => users.push((user, vec![(name.to_owned(), body)])),
        }
    }
    let mut imports = Vec::new();
    for (user, contexts) in users {
        let names = || contexts.iter().map(|(name, _)| name.clone()).collect();
        let read = files.body(List::Users, &user).and_then(|body| Ok(body.zip(files.meaning(List::Users, &user)?)));
        let (body, meaning) = match read {
            Ok(Some(read)) => read,
            Ok(None) => continue,
            // One that cannot be read stays as it is, and stops no other.
            Err(error) => {
                imports.push(Import { contexts: names(), identity: Err(error), edits: Vec::new() });
                continue;
            }
        };
        let Some(theirs) = foreign(&meaning) else { continue };
        let place = cluster_place(files, &contexts);
        let theirs = theirs.map_err(Error::usage);
        let identity =
            theirs.as_ref().map_err(Error::clone).and_then(|theirs| identity(world, settings, theirs, place, session));
        let (cluster_id, api_version, variables) = theirs
            .map_or_else(|_| Default::default(), |theirs| (theirs.cluster_id, theirs.api_version, theirs.variables));
        let plugin = Plugin { command: command.to_owned(), cluster_id, api_version };
        let edits = identity.as_ref().map_or_else(
            |_| Vec::new(),
            |identity| import_edits((&user, &body), &contexts, identity, &plugin, &variables),
        );
        imports.push(Import { contexts: names(), identity, edits });
    }
    leave_what_cannot_be_edited(files, &mut imports);
    imports
}

/// Takes the edits of those back that the files cannot take, such as one that others refer to with YAML's aliases. What
/// refers to another entry goes first, so that this one may follow.
fn leave_what_cannot_be_edited(files: &Kubeconfigs, imports: &mut [Import]) {
    let all: Vec<Edit> = imports.iter().flat_map(|import| import.edits.clone()).collect();
    if files.try_edits(&all).is_ok() {
        return;
    }
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    let mut left: Vec<usize> = (0..imports.len()).filter(|place| !imports[*place].edits.is_empty()).collect();
    loop {
        let before = left.len();
        refused.clear();
        left.retain(|place| {
            let with = [accepted.as_slice(), &imports[*place].edits].concat();
            match files.try_edits(&with) {
                Ok(()) => accepted = with,
                Err(error) => {
                    refused.push((*place, error));
                    return true;
                }
            }
            false
        });
        if left.len() == before || left.is_empty() {
            break;
        }
    }
    for (place, error) in refused {
        imports[place].identity = Err(error);
        imports[place].edits.clear();
    }
}

/// Region and account of the cluster entry: out of its ARN; else the region out of its host.
fn cluster_place(files: &Kubeconfigs, contexts: &[(String, Value)]) -> (Option<Region>, Option<AccountId>) {
    let entry = contexts.first().and_then(|(_, body)| body.get("cluster")?.as_str());
    if let Some([_, _, "eks", region, account, _]) = entry.map(|arn| arn.splitn(6, ':').collect::<Vec<_>>()).as_deref()
    {
        return (region.parse().ok(), account.parse().ok());
    }
    (entry.and_then(|entry| host_region(files, entry)), None)
}

fn host_region(files: &Kubeconfigs, entry: &str) -> Option<Region> {
    let body = files.body(List::Clusters, entry).ok().flatten();
    let host = body.as_ref().and_then(|body| body.get("server")?.as_str());
    let labels: Vec<&str> = host?.split(['.', '/', ':']).collect();
    labels.windows(2).find(|pair| pair[1] == "eks").and_then(|pair| pair[0].parse().ok())
}

fn identity(
    world: &World,
    settings: &Settings,
    theirs: &Foreign,
    (cluster_region, cluster_account): (Option<Region>, Option<AccountId>),
    session: Option<&str>,
) -> Result<Identity> {
    let own = world.folders.home.join(".aws");
    if let Some(folder) = theirs.settings.as_ref().filter(|folder| *folder != "~/.aws" && Path::new(folder) != own) {
        return Err(Error::usage(format!("its settings are those of {folder}, and not of {}", own.display())));
    }
    let cluster: ClusterName = theirs.cluster.as_deref().ok_or_else(|| Error::usage("it names no cluster"))?.parse()?;
    let region = theirs.region.as_deref().map(str::parse).transpose()?.or(cluster_region);
    let no_region = || Error::usage("it names no region").hint("add --region to its args");
    let arn: Option<RoleArn> = theirs.role_arn.as_deref().map(str::parse).transpose()?;
    if let Some((account, role)) = arn.as_ref().and_then(permission_set) {
        let session = settings.require(world, session)?.name;
        let region = region.ok_or_else(no_region)?;
        return Ok(Identity { session, account, role, region, cluster, assume: None, elsewhere: None });
    }
    let name = theirs.profile.as_deref().unwrap_or("default");
    let (session, profile) = settings.profile(world, name)?;
    // Without a profile of its own it took whatever the shell said; that this was `default` is a guess, and rule enough
    // only for a cluster of the same account.
    if theirs.profile.is_none() && cluster_account.as_ref() != Some(&profile.account) {
        return Err(Error::usage("it names no profile, and profile `default` is of another account than its cluster")
            .hint("add --profile NAME to its args"));
    }
    // A context has no place for these, and they decide whether the role is given, and to whom.
    let options = profile.options.names();
    if !options.is_empty() {
        return Err(Error::usage(format!("profile `{name}` sends {} when it assumes its role", options.join(" and "))));
    }
    if profile.assume.is_some() && arn.is_some() {
        return Err(Error::usage(format!("profile `{name}` assumes a role, and so does it; eksso goes one step")));
    }
    Ok(Identity {
        session: session.name,
        role: profile.role,
        region: region.or(profile.region).ok_or_else(no_region)?,
        cluster,
        elsewhere: cluster_account.filter(|account| *account != profile.account),
        account: profile.account,
        assume: arn.or(profile.assume),
    })
}

/// Account and permission set of a role that IAM Identity Center made: `AWSReservedSSO_NAME_16 hex digits`.
fn permission_set(arn: &RoleArn) -> Option<(AccountId, RoleName)> {
    let account = arn.as_str().split(':').nth(4)?.parse().ok()?;
    let (name, suffix) = arn.as_str().rsplit('/').next()?.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
    let hex = suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| name.parse().ok().map(|name| (account, name)))?
}

/// The contexts that globs mean; all of them without any.
pub fn wanted<'k>(files: &'k Kubeconfigs, patterns: &[String]) -> Result<Vec<&'k str>> {
    match patterns {
        [] => Ok(files.names()),
        patterns => crate::flows::kubeconfig::contexts::matching(files, patterns, "import"),
    }
}
