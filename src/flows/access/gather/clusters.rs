//! One cluster: what EKS says of it, and what it says itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt};

use crate::clients::kube::Kube;
use crate::domain::access::actions;
use crate::domain::access::answers::Refusal;
use crate::domain::access::aws_auth::AwsAuth;
use crate::domain::access::cluster::Cluster as Described;
use crate::domain::access::facts::{AccessEntry, Cluster, Fact, Objects, PodIdentity};
use crate::domain::access::{AuthMode, Listed};
use crate::flows::access::gather::ask::Place;
use crate::flows::access::gather::base::{ClusterToRead, Gather, Unit};
use crate::flows::access::gather::looker::Looker;
use crate::flows::access::verify::Address;

const ENTRIES_AT_ONCE: usize = 8;
/// EKS's word where the mode of a cluster has no access entries, or the cluster is a registered one.
const NO_ENTRIES: &str = "InvalidRequestException";

impl Gather<'_> {
    pub(super) async fn cluster(&self, unit: &Unit, target: &ClusterToRead) -> Cluster {
        let ClusterToRead { account, region, name, .. } = target;
        let place = Place::Eks(account, region);
        let described = self
            .ask(unit, account, actions::DESCRIBE_CLUSTER, place, async |credentials| {
                self.eks_client(region, credentials).cluster_settings(name).await
            })
            .await;
        let (at, settings) = match described.answer {
            Listed::Seen((at, settings)) => (Ok(at), Listed::Seen(settings)),
            Listed::Hidden(why) => (Err(why.clone()), Listed::Hidden(why)),
            Listed::Unasked => (Err("nobody asked for its address".to_owned()), Listed::Unasked),
        };
        let settings = Fact { answer: settings, source: described.source };
        let providers = self.ask(unit, account, actions::LIST_IDENTITY_PROVIDER_CONFIGS, place, async |credentials| {
            self.eks_client(region, credentials).identity_providers(name).await
        });
        let identity_providers = providers.await;
        let capabilities = self.ask(unit, account, actions::LIST_CAPABILITIES, place, async |credentials| {
            self.eks_client(region, credentials).capabilities(name).await
        });
        let capabilities = capabilities.await;
        let mode = settings.get().and_then(|settings| settings.mode);
        let mut cluster = Cluster {
            account: account.clone(),
            region: region.clone(),
            name: name.clone(),
            entries: self.entries(unit, target, mode).await,
            settings,
            identity_providers,
            capabilities,
            pod_identities: self.pod_identities(unit, target).await,
            machine_roles: self.machine_roles(unit, target).await,
            aws_auth: Fact::default(),
            roles: Objects::default(),
            bindings: Objects::default(),
            namespaces: Fact::default(),
            service_accounts: Fact::default(),
        };
        self.visit(unit, target, at, &mut cluster).await;
        cluster
    }

    async fn entries(&self, unit: &Unit, target: &ClusterToRead, mode: Option<AuthMode>) -> Fact<Vec<AccessEntry>> {
        let ClusterToRead { account, region, name, .. } = target;
        let place = Place::Eks(account, region);
        let listed = self
            .ask(unit, account, actions::LIST_ACCESS_ENTRIES, place, async |credentials| {
                match self.eks_client(region, credentials).access_entries(name).await {
                    // Only where the mode says so, too: another request that is invalid must not pass for "none".
                    Err(failure) if failure.is(&[NO_ENTRIES]) && mode.is_none_or(|mode| !mode.has_entries()) => {
                        Ok(Vec::new())
                    }
                    answer => answer,
                }
            })
            .await;
        let principals = match listed.answer {
            Listed::Seen(principals) => principals,
            Listed::Hidden(why) => return Fact { answer: Listed::Hidden(why), source: listed.source },
            Listed::Unasked => return Fact::default(),
        };
        let entries = stream::iter(principals).map(async |principal| {
            let details = self.ask_of(unit, account, actions::DESCRIBE_ACCESS_ENTRY, place, async |credentials| {
                self.eks_client(region, credentials).entry_details(name, &principal).await
            });
            // One that was removed since it was listed is none.
            let details = details.await?;
            let policies =
                self.ask_of(unit, account, actions::LIST_ASSOCIATED_ACCESS_POLICIES, place, async |credentials| {
                    self.eks_client(region, credentials).policies(name, &principal).await
                });
            let policies = policies.await?;
            Some(AccessEntry { principal, details, policies })
        });
        let entries: Vec<Option<AccessEntry>> = entries.buffered(ENTRIES_AT_ONCE).collect().await;
        Fact { answer: Listed::Seen(entries.into_iter().flatten().collect()), source: listed.source }
    }

    async fn pod_identities(&self, unit: &Unit, target: &ClusterToRead) -> Fact<Vec<PodIdentity>> {
        let ClusterToRead { account, region, name, .. } = target;
        let place = Place::Eks(account, region);
        let listed = self
            .ask(unit, account, actions::LIST_POD_IDENTITIES, place, async |credentials| {
                self.eks_client(region, credentials).pod_identity_ids(name).await
            })
            .await;
        let ids = match listed.answer {
            Listed::Seen(ids) => ids,
            Listed::Hidden(why) => return Fact { answer: Listed::Hidden(why), source: listed.source },
            Listed::Unasked => return Fact::default(),
        };
        let described = stream::iter(ids).map(async |id| {
            self.ask_of(unit, account, actions::DESCRIBE_POD_IDENTITY, place, async |credentials| {
                self.eks_client(region, credentials).pod_identity(name, &id).await
            })
            .await
        });
        let described: Vec<_> = described.buffered(ENTRIES_AT_ONCE).collect().await;
        let mut found = Vec::new();
        for one in described.into_iter().flatten() {
            match one.answer {
                Listed::Seen(identity) => found.push(identity),
                // A list without some of its roles would pass for the whole.
                Listed::Hidden(why) => return Fact { answer: Listed::Hidden(why), source: one.source },
                Listed::Unasked => {}
            }
        }
        Fact { answer: Listed::Seen(found), source: listed.source }
    }

    /// The roles of node groups and Fargate profiles; hidden where either is.
    async fn machine_roles(&self, unit: &Unit, target: &ClusterToRead) -> Fact<BTreeSet<String>> {
        let ClusterToRead { account, region, name, .. } = target;
        let place = Place::Eks(account, region);
        let nodes = self
            .ask(unit, account, actions::LIST_NODEGROUPS, place, async |credentials| {
                self.eks_client(region, credentials).nodegroup_roles(name).await
            })
            .await;
        let Listed::Seen(mut roles) = nodes.answer else { return nodes };
        let fargate = self
            .ask(unit, account, actions::LIST_FARGATE_PROFILES, place, async |credentials| {
                self.eks_client(region, credentials).fargate_roles(name).await
            })
            .await;
        let Listed::Seen(more) = fargate.answer else { return fargate };
        roles.extend(more);
        Fact { answer: Listed::Seen(roles), source: nodes.source }
    }

    /// What the cluster says itself, to the first role that it lets in and that may ask.
    async fn visit(&self, unit: &Unit, target: &ClusterToRead, at: Result<Described, String>, cluster: &mut Cluster) {
        let address = at.and_then(|at| match at.endpoint.is_empty() {
            true => Err(format!("the cluster has no address: it is {}", at.status)),
            false => Address::of(&at).map_err(|error| error.to_string()),
        });
        let visitors = match address {
            Ok(address) => self.visitors(unit, target, &address).await,
            Err(why) => Visitors::none(why),
        };
        // Also where the mode ignores it: lines that are left there are worth knowing.
        let aws_auth = async |kube: &Kube| match kube.aws_auth().await {
            Err(Refusal::Missing) => Ok(AwsAuth::default()),
            answer => answer,
        };
        cluster.aws_auth = self.ask_cluster(unit, &visitors, "get configmaps kube-system/aws-auth", aws_auth).await;
        let lists = |resource: &str| format!("list {resource}");
        cluster.roles = Objects {
            cluster: self
                .ask_cluster(unit, &visitors, &lists("clusterroles"), async |kube| kube.roles(true).await)
                .await,
            namespaced: self.ask_cluster(unit, &visitors, &lists("roles"), async |kube| kube.roles(false).await).await,
        };
        let bindings = async |kube: &Kube| kube.bindings(true).await;
        let in_namespaces = async |kube: &Kube| kube.bindings(false).await;
        cluster.bindings = Objects {
            cluster: self.ask_cluster(unit, &visitors, &lists("clusterrolebindings"), bindings).await,
            namespaced: self.ask_cluster(unit, &visitors, &lists("rolebindings"), in_namespaces).await,
        };
        let namespaces = async |kube: &Kube| kube.namespaces().await;
        cluster.namespaces = self.ask_cluster(unit, &visitors, &lists("namespaces"), namespaces).await;
        let accounts = async |kube: &Kube| kube.service_accounts().await;
        cluster.service_accounts = self.ask_cluster(unit, &visitors, &lists("serviceaccounts"), accounts).await;
    }

    /// The roles that may be let in, each with a token.
    async fn visitors(&self, unit: &Unit, target: &ClusterToRead, address: &Address) -> Visitors {
        let lookers = match self.lookers.of(&target.account).await {
            Ok(lookers) => lookers,
            Err(error) => return Visitors::none(self.why(unit, error)),
        };
        let may_be_in = |looker: &Looker| looker.role.as_ref().is_none_or(|role| !target.shut_out.contains(role));
        let mut visitors = Visitors::none("none of the roles that may be used to look is let in".to_owned());
        for looker in lookers.into_iter().filter(may_be_in) {
            match self.lookers.credentials(&looker).await {
                Ok(credentials) => match address.open(self.world, self.aws, &target.region, &credentials) {
                    Ok(visit) => visitors.open.push(Visitor { looker, kube: visit.kube, refused: Cell::new(false) }),
                    Err(error) => visitors.why = RefCell::new(error.to_string()),
                },
                Err(error) => visitors.why = RefCell::new(self.why(unit, error)),
            }
        }
        visitors
    }

    async fn ask_cluster<T>(
        &self,
        unit: &Unit,
        visitors: &Visitors,
        what: &str,
        ask: impl AsyncFn(&Kube) -> Result<T, Refusal>,
    ) -> Fact<T> {
        let mut refused = None;
        for visitor in &visitors.open {
            if visitor.refused.get() || visitors.down.get() {
                continue;
            }
            let source = || self.source(&format!("kubernetes:{what}"), &visitor.looker);
            let _turn = self.calls.acquire().await;
            let answer = ask(&visitor.kube).await;
            if !matches!(answer, Err(Refusal::Unreachable(_))) {
                self.answered.set(true);
            }
            let why = match answer {
                Ok(answer) => return Fact::seen(answer, source()),
                Err(Refusal::Unauthorized) => {
                    // No list will be shown to it either.
                    visitor.refused.set(true);
                    visitors.why.replace(format!("the cluster does not know the role {} (401)", visitor.looker.name()));
                    continue;
                }
                Err(Refusal::Forbidden(why)) => why,
                Err(Refusal::Missing) => "the cluster does not know this list (404)".to_owned(),
                Err(Refusal::Unreachable(why)) => {
                    unit.spoil();
                    visitors.down.set(true);
                    format!("the cluster cannot be reached: {why}")
                }
                Err(Refusal::Untrusted(why)) => {
                    visitors.down.set(true);
                    format!("its certificate is not of the CA that EKS names: {why}")
                }
            };
            visitors.why.replace(why.clone());
            refused = refused.or(Some(Fact::hidden(why, source())));
        }
        refused.unwrap_or_else(|| Fact { answer: Listed::Hidden(visitors.why.borrow().clone()), source: None })
    }
}

/// The roles that a cluster is asked as.
struct Visitors {
    open: Vec<Visitor>,
    /// Whether nobody would be answered.
    down: Cell<bool>,
    /// Why the last one was not answered.
    why: RefCell<String>,
}

struct Visitor {
    looker: Looker,
    kube: Kube,
    /// Whether the cluster does not know it.
    refused: Cell<bool>,
}

impl Visitors {
    fn none(why: String) -> Self {
        Self { open: Vec::new(), down: Cell::new(false), why: RefCell::new(why) }
    }
}
