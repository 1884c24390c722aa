//! AWS IAM Identity Center, its directory, IAM, Organizations, Okta, EKS, STS and Kubernetes as far as a credential helper and a
//! reader of access meet them, on the loopback interface.
//!
//! Speaks plainly enough for the real AWS CLI and kubectl. Never depends on eksso, and verifies signatures with its own
//! code, so that eksso is not checked against itself.
#![allow(clippy::disallowed_methods, reason = "the simulator stands outside")]

pub mod access;
mod account;
mod account_access;
pub mod apply;
mod authorizer;
mod eks;
mod fault;
mod iam;
mod identity_center;
mod kube;
mod oidc;
mod okta;
mod organizations;
mod page;
mod portal;
pub mod practice;
mod proxy;
mod rbac;
mod review;
mod saml;
mod signin;
pub mod sigv4;
mod state;
mod sts;
mod web;
mod world;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle};

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

pub use fault::Fault;
use fault::{Planned, Turn};
pub use okta::{App, Org, Shape};
use proxy::Kind;
use state::Shared;
pub use state::{Issued, Recorded, State};
pub use world::{Account, Cluster, Mapping, MappingKind, Policy, Rule, World};

/// A running simulator; it ends when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    handle: Handle<SocketAddr>,
    thread: Option<JoinHandle<()>>,
    proxies: [String; 3],
    authority: Arc<kube::Authority>,
}

impl Simulator {
    /// Starts serving a world on free ports.
    pub fn start(world: World) -> Self {
        Self::start_on(world, 0)
    }

    /// The same with a port of choice for the AWS side.
    pub fn start_on(world: World, port: u16) -> Self {
        let bind = |port| {
            let listener = TcpListener::bind(("127.0.0.1", port)).expect("a loopback port");
            listener.set_nonblocking(true).expect("a socket that does not block");
            listener
        };
        let address = |listener: &TcpListener| listener.local_addr().expect("a bound address");
        // A port of its own for each cluster: older kubectls drop a path from the server's URL.
        let aws = bind(port);
        let clusters: Vec<TcpListener> = world.clusters.iter().take(world.cluster_ports).map(|_| bind(0)).collect();
        let (proxies, inside) = ([bind(0), bind(0), bind(0)], bind(0));
        let inside_at = address(&inside);
        let [plain, secure, socks] = proxies.each_ref().map(address);
        let proxy_urls = [format!("http://{plain}"), format!("https://{secure}"), format!("socks5://{socks}")];
        let authority = Arc::new(kube::Authority::new());
        let shared = Arc::new(Shared::new(
            format!("http://{}", address(&aws)),
            clusters.iter().zip(&world.clusters).map(|(l, c)| (c.key(), format!("https://{}", address(l)))).collect(),
            authority.certificate_pem.clone(),
            world,
        ));
        let handle = Handle::new();
        let own = Arc::clone(&authority);
        let (for_thread, serving) = (Arc::clone(&shared), handle.clone());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let mut for_proxy = Arc::clone(&authority).server_config();
                for_proxy.alpn_protocols.clear();
                let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(for_proxy));
                let tls = RustlsConfig::from_config(Arc::new(authority.server_config()));
                for (listener, (key, _)) in clusters.into_iter().zip(for_thread.endpoints.clone()) {
                    let router = kube::router(Arc::clone(&for_thread), key);
                    let server = axum_server::from_tcp_rustls(listener, tls.clone()).expect("a listening socket");
                    tokio::spawn(server.handle(serving.clone()).serve(router.into_make_service()));
                }
                let hosts = web::router(Arc::clone(&for_thread));
                let server = axum_server::from_tcp_rustls(inside, tls).expect("a listening socket");
                tokio::spawn(server.handle(serving.clone()).serve(hosts.into_make_service()));
                for (listener, kind) in proxies.into_iter().zip([Kind::Connect, Kind::Tls(acceptor), Kind::Socks]) {
                    let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
                    tokio::spawn(proxy::serve(listener, kind, inside_at, Arc::clone(&for_thread)));
                }
                let plain = axum_server::from_tcp(aws).expect("a listening socket").handle(serving);
                _ = plain.serve(web::router(for_thread).into_make_service()).await;
            });
        });
        Self { shared, handle, thread: Some(thread), proxies: proxy_urls, authority: own }
    }

    /// `http://127.0.0.1:PORT` of the AWS side.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The URL of the proxy that leads every https host here.
    pub fn proxy(&self) -> &str {
        &self.proxies[0]
    }

    /// The same inside TLS, with a certificate for 127.0.0.1.
    pub fn secure_proxy(&self) -> &str {
        &self.proxies[1]
    }

    /// The same by SOCKS 5.
    pub fn socks_proxy(&self) -> &str {
        &self.proxies[2]
    }

    /// `https://127.0.0.1:PORT` of the first cluster.
    pub fn first_cluster(&self) -> &str {
        &self.shared.endpoints.first().expect("a cluster with a port").1
    }

    /// The CA of the proxy's hosts and of the clusters, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.shared.ca_pem
    }

    /// A certificate and its key, PEM, of that CA: for a real server at 127.0.0.1 or, with a name and a group, for a user of
    /// such a server.
    pub fn issue(&self, user: Option<(&str, &str)>) -> (String, String) {
        self.authority.issue(user)
    }

    /// The name of the IAM role behind a permission set.
    pub fn iam_role(&self, role: &str) -> String {
        self.state().world.iam_role(role)
    }

    /// The environment that points AWS clients here. STS is left out: its presigned URLs must name the real host.
    pub fn env(&self) -> Vec<(String, String)> {
        ["SSO", "SSO_OIDC", "EKS", "ACCOUNT", "IAM", "SSO_ADMIN", "IDENTITYSTORE", "ORGANIZATIONS", "ACCOUNT_ACCESS"]
            .map(|service| format!("AWS_ENDPOINT_URL_{service}"))
            .map(|name| (name, self.shared.url.clone()))
            .to_vec()
    }

    /// The state, to look at or to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// How often an operation, such as `CreateToken`, was asked for.
    pub fn count(&self, operation: &str) -> usize {
        self.state().requests.iter().filter(|request| request.operation == operation).count()
    }

    /// How many requests the AWS side got.
    pub fn total(&self) -> usize {
        let elsewhere = ["Kubernetes", "CONNECT"];
        self.state().requests.iter().filter(|request| !elsewhere.contains(&request.operation.as_str())).count()
    }

    /// How many calls were refused because they came too fast.
    pub fn throttled(&self) -> usize {
        self.state().throttled
    }

    /// Makes the next requests of an operation go wrong, `times` times.
    pub fn fault(&self, operation: &str, times: usize, fault: Fault) {
        self.fault_where(operation, "", times, fault);
    }

    /// Lets nothing go wrong any more.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// The same for requests whose target, Authorization header and host, with blanks between, contain a text.
    pub fn fault_where(&self, operation: &str, contains: &str, times: usize, fault: Fault) {
        self.plan(operation, contains, Turn::Next(times), fault);
    }

    /// Makes each n-th request of an operation go wrong, for ever.
    pub fn fault_every(&self, operation: &str, every: usize, fault: Fault) {
        assert!(every > 0, "each 0th request is none");
        self.plan(operation, "", Turn::Each { every, seen: 0 }, fault);
    }

    fn plan(&self, operation: &str, contains: &str, turn: Turn, fault: Fault) {
        let (operation, contains) = (operation.to_owned(), contains.to_owned());
        self.state().faults.push(Planned { operation, contains, turn, fault });
    }

    /// Lets time pass, for the simulator.
    pub fn advance(&self, seconds: i64) {
        self.state().offset += seconds;
    }

    /// What a cluster makes of a token: the Kubernetes user, or why it is refused.
    pub fn authenticate(
        &self,
        account: &str,
        region: &str,
        cluster: &str,
        token: &str,
    ) -> Result<serde_json::Value, String> {
        let state = self.state();
        let cluster = state.cluster(account, region, cluster).ok_or("there is no such cluster")?;
        kube::user(&state, cluster, token)
    }

    /// Approves or denies the sign-in with a user code, as a person on the page would. Answers whether there is one.
    pub fn decide(&self, user_code: &str, approve: bool) -> bool {
        self.state().decide(user_code, approve)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}
