//! The namespaces of a cluster: as a role may see them now, and as it listed them last.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::access::answers::Refusal;
use crate::domain::ids::{Namespace, Region};
use crate::domain::text::digest;
use crate::flows::access::verify::Address;
use crate::flows::access::whoami::words;
use crate::flows::credentials::{Wanted, role_credentials};
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{CredentialCache, World};

/// How long a switch waits for the cluster. A private endpoint that cannot be reached from here often just does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
const MAX_KEPT: u64 = 4 << 20;

/// What a cluster says.
#[derive(Debug)]
pub enum Seen {
    /// All that there are.
    All(Vec<Namespace>),
    /// Whether there is the one that was asked about: more the role may not see.
    Named(bool),
    /// It said nothing, or was not asked; why.
    Unknown(String),
}

/// Asks a cluster, as a role, for its namespaces; for one alone where they may not be listed. Never longer than a moment, and
/// nobody is asked to sign in for it.
pub async fn namespaces(
    world: &World,
    cache: &dyn CredentialCache,
    handle: &SessionHandle<'_>,
    (wanted, region): (&Wanted<'_>, &Region),
    address: &Address,
    named: Option<&Namespace>,
) -> Seen {
    let work = async {
        let credentials = match role_credentials(world, cache, handle, wanted).await {
            Ok(credentials) => credentials,
            Err(error) => return Seen::Unknown(error.fact().to_owned()),
        };
        let visit = match handle.aws().and_then(|aws| address.open(world, aws, region, &credentials)) {
            Ok(visit) => visit,
            Err(error) => return Seen::Unknown(error.to_string()),
        };
        let refusal = match visit.kube.namespaces().await {
            // A name that Kubernetes does not allow is a cluster's that is none, and reaches neither a file nor a shell.
            Ok(names) => {
                let names: Vec<Namespace> = names.iter().filter_map(|name| name.parse().ok()).collect();
                return match names.is_empty() {
                    // Something between here and the cluster answered in its place, or left them out.
                    true => Seen::Unknown("it listed no namespace, and no cluster has none".to_owned()),
                    false => Seen::All(names),
                };
            }
            Err(refusal) => refusal,
        };
        let refusal = match (&refusal, named) {
            (Refusal::Forbidden(_), Some(name)) => match visit.kube.has_namespace(name).await {
                Ok(there) => return Seen::Named(there),
                Err(refusal) => refusal,
            },
            _ => refusal,
        };
        Seen::Unknown(words(&refusal))
    };
    let late = || Seen::Unknown(format!("the cluster did not answer within {} s", PATIENCE.as_secs()));
    handle.within(PATIENCE, Box::pin(work)).await.unwrap_or_else(late)
}

/// What a cluster listed last.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    cluster: String,
    names: Vec<String>,
}

/// Keeps what a cluster, by its ARN, listed: completions wait for no network.
pub fn keep(world: &World, cluster: &str, names: &[Namespace]) {
    let kept = Kept { cluster: cluster.to_owned(), names: names.iter().map(Namespace::to_string).collect() };
    if let Ok(json) = serde_json::to_vec(&kept) {
        // What cannot be kept is not completed.
        _ = world.files.write_fleeting(&path(world, cluster), &json);
    }
}

/// What it listed last; nothing where that is not known.
pub fn kept(world: &World, cluster: &str) -> Vec<Namespace> {
    let bytes = world.files.read(&path(world, cluster), MAX_KEPT).ok().flatten();
    let kept = bytes.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    let names = kept.into_iter().filter(|kept| kept.cluster == cluster).flat_map(|kept| kept.names);
    names.filter_map(|name| name.parse().ok()).collect()
}

fn path(world: &World, cluster: &str) -> PathBuf {
    world.folders.cache.join("namespaces").join(format!("{}.json", &digest(cluster)[..32]))
}
