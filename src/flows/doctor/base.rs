//! What the checks share.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::domain::doctor::{Check, Finding, Status};
use crate::domain::identity::Identity;
use crate::domain::ids::Namespace;
use crate::domain::session::Session;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::Address;
use crate::flows::settings::Settings;
use crate::ports::Keyring;

/// A context, as kubectl reads it.
pub struct Context {
    /// Its name.
    pub name: String,
    /// What it stands for, where it is ours.
    pub identity: Option<Identity>,
    /// Its user.
    pub user: Option<Value>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its cluster's address.
    pub address: Result<Address>,
}

/// What is examined.
pub struct Patient<'p> {
    /// The kubeconfig files.
    pub kubeconfigs: Vec<PathBuf>,
    /// What they could be read as.
    pub read: &'p Result<()>,
    /// The context that was named, or the current one; none where there is no current one.
    pub context: Option<&'p Result<Context>>,
    /// The settings.
    pub settings: &'p Result<Settings>,
    /// The session that the context needs, or that is the usual one; none where there is none yet.
    pub session: Option<&'p Result<Session>>,
    /// The keyring that is wanted.
    pub keyring: Option<&'p Result<Keyring>>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Examined {
    /// The checks in order.
    pub findings: Vec<Finding>,
    /// Names that came up, by kind: what a report for strangers must not hold.
    pub names: Vec<(&'static str, String)>,
}

impl Examined {
    pub(super) fn name(&mut self, kind: &'static str, text: impl Into<String>) {
        self.names.push((kind, text.into()));
    }
}

/// A finding of what an error says.
pub(super) fn of_error(check: Check, status: Status, error: &Error) -> Finding {
    let fact = std::iter::once(error.fact()).chain(error.causes().iter().map(String::as_str));
    let found = Finding::new(check, status, fact.collect::<Vec<_>>().join(": "));
    error.hints().iter().fold(found, Finding::fix)
}

pub(super) fn failed(check: Check, error: &Error) -> Finding {
    of_error(check, Status::Failed, error)
}

/// The same of a keyring, whose other choices are always an answer.
pub(super) fn no_keyring(error: &Error) -> Finding {
    let finding = failed(Check::Keyring, error);
    match finding.fixes.is_empty() {
        true => finding
            .fix("EKSSO_KEYRING=keyutils eksso login  # the kernel's, gone at a reboot")
            .fix("EKSSO_KEYRING=passphrase eksso login"),
        false => finding,
    }
}

pub(super) fn not_checked(check: Check, why: &str) -> Finding {
    Finding::new(check, Status::NotChecked, why)
}

/// The namespace to ask for, where the context's own is none.
pub(super) fn namespace(context: &Context) -> Result<Namespace> {
    context.namespace.as_deref().unwrap_or("default").parse().map_err(Error::from)
}

/// Whether an error says that only a person can help.
pub(super) fn needs_person(error: &Error) -> bool {
    error.kind() == Kind::SignInNeeded
}

/// The lock that kubectl makes beside a kubeconfig.
pub(super) fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
