//! AWS credentials for programs that run in contexts: served while they run, and by nothing else of theirs.

use std::ffi::OsString;
use std::sync::mpsc::channel as answer_channel;
use std::thread;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::channel;

use crate::commands::shared::call::{Call, runtime};
use crate::commands::shared::who::Who;
use crate::error::Result;
use crate::flows::credentials::endpoint::Endpoint;
use crate::flows::kubeconfig::isolated::IsolatedKubeconfig;
use crate::flows::settings::{Settings, without_identities};

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
                who.now(call, &settings).await?;
            }
            Endpoint::open(call.world, whose.len()).await
        })?;
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
            ])
        });
        let env = env.collect::<Result<_>>()?;
        Ok(Self { call, settings, whose, endpoint, env, runtime })
    }

    /// The variables for the program in a context.
    pub fn env(&self, place: usize) -> &[(&'static str, OsString)] {
        &self.env[place]
    }

    /// Does work that waits for programs on a thread of its own, and serves meanwhile. What the work has to say is heard on
    /// this thread, which answers it.
    pub fn meanwhile<T: Send, M: Send>(
        &self,
        work: impl FnOnce(&mut dyn FnMut(M) -> bool) -> T + Send,
        mut hear: impl FnMut(M) -> bool,
    ) -> T {
        let get = async |place: usize| {
            let who = &self.whose[place];
            Ok((who.now(self.call, &self.settings).await?, who.account().to_owned()))
        };
        thread::scope(|scope| {
            let (said, mut heard) = channel(1);
            let worker = scope.spawn(move || {
                work(&mut |message| {
                    let (answer, answered) = answer_channel();
                    said.blocking_send((message, answer)).is_ok() && answered.recv().unwrap_or_default()
                })
            });
            // Ends with the work, which holds the other end.
            let hearing = async {
                while let Some((message, answer)) = heard.recv().await {
                    _ = answer.send(hear(message));
                }
            };
            self.runtime.block_on(self.endpoint.serve(get, hearing));
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}
