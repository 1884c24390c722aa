//! AWS credentials for programs that run in contexts: served while they run, and by nothing else of theirs.

use std::ffi::OsString;
use std::future::pending;
use std::thread;

use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

use crate::commands::shared::call::{Call, runtime};
use crate::commands::shared::who::Who;
use crate::domain::credentials::container::ENDPOINT_HOST;
use crate::domain::proxy::without_proxy;
use crate::error::Result;
use crate::flows::credentials::container::Endpoint;
use crate::flows::kubeconfig::isolated::IsolatedKubeconfig;
use crate::flows::settings::Settings;
use crate::flows::settings::aws_files::without_identities;

/// An endpoint for the roles of contexts, and what programs in them are told of it.
pub struct Served<'c, 'w> {
    call: &'c Call<'w>,
    settings: Settings,
    whose: Vec<Who>,
    endpoint: Endpoint<'w>,
    /// For each context.
    env: Vec<Vec<(&'static str, OsString)>>,
    runtime: Runtime,
}

impl<'c, 'w> Served<'c, 'w> {
    /// Opens one, when the credentials of each role were got once: a program that would be refused is not started.
    pub fn open(call: &'c Call<'w>, isolated: &mut [IsolatedKubeconfig<'w>]) -> Result<Self> {
        let (settings, runtime) = (call.settings()?, runtime()?);
        let whose = isolated.iter().map(|isolated| Who::of_entry(call, &settings, isolated.entry()?));
        let whose = whose.collect::<Result<Vec<_>>>()?;
        let endpoint = runtime.block_on(async {
            for who in &whose {
                who.now(call, &settings, pending()).await?;
            }
            Endpoint::open(call.world, whose.len()).await
        })?;
        let direct = without_proxy(&|name| call.world.env.var(name), ENDPOINT_HOST);
        let direct: Vec<_> = direct.into_iter().map(|(name, value)| (name, OsString::from(value))).collect();
        let env = isolated.iter_mut().zip(&whose).enumerate().map(|(place, (isolated, who))| {
            let region = who.home();
            // Files, where SDKs that find none would look elsewhere for it: the profiles of the user are other identities,
            // and a default one wins over the endpoint.
            let config = isolated.beside("aws-config", &without_identities(call.world, &region)?)?.into_os_string();
            let empty = isolated.beside("aws-none", "")?.into_os_string();
            let (url, token) = endpoint.place(place);
            let region = OsString::from(region.as_str());
            Ok(vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.into()),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", token.expose().into()),
                ("AWS_CONFIG_FILE", config),
                ("AWS_SHARED_CREDENTIALS_FILE", empty.clone()),
                // botocore's oldest source of keys comes before the endpoint, too.
                ("BOTO_CONFIG", empty),
                // The role of the machine is what some SDKs try after an endpoint that refuses.
                ("AWS_EC2_METADATA_DISABLED", "true".into()),
                ("AWS_REGION", region.clone()),
                ("AWS_DEFAULT_REGION", region),
            ]
            .into_iter()
            .chain(direct.iter().cloned())
            .collect())
        });
        let env = env.collect::<Result<_>>()?;
        Ok(Self { call, settings, whose, endpoint, env, runtime })
    }

    /// The variables for the program in a context.
    pub fn env(&self, place: usize) -> &[(&'static str, OsString)] {
        &self.env[place]
    }

    /// Does work that waits for programs on a thread of its own, and serves until it is done. The work's result is then there
    /// at once: what is still being fetched for a program that has ended is given up.
    pub fn meanwhile<T: Send>(self, work: impl FnOnce() -> T + Send) -> T {
        let Self { call, settings, whose, endpoint, runtime, .. } = self;
        let (end, ended) = watch::channel(false);
        let get = async |place: usize| {
            let (who, mut ended) = (&whose[place], ended.clone());
            let stop = async move { _ = ended.wait_for(|ended| *ended).await };
            Ok((who.now(call, &settings, stop).await?, who.account().to_owned()))
        };
        let mut aside = None;
        let result = thread::scope(|scope| {
            let (working, worked) = oneshot::channel::<()>();
            let worker = scope.spawn(move || {
                // Dropped with the end of the work, whatever that is.
                let _working = working;
                work()
            });
            let end = async {
                _ = worked.await;
                aside = Some(call.world.signals.aside());
                _ = end.send(true);
            };
            runtime.block_on(endpoint.serve(get, end));
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        // Dropped plainly, it would wait for a name that is being looked up.
        runtime.shutdown_background();
        drop(aside);
        result
    }
}
