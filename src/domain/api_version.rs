//! The versions of client-go's exec credential protocol that carry a token.

use std::fmt;
use std::str::FromStr;

/// A version of the protocol. Both carry a token the same way, and clients insist on the one that the kubeconfig names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiVersion {
    /// `client.authentication.k8s.io/v1`
    V1,
    /// `client.authentication.k8s.io/v1beta1`, which every client takes: what `aws eks update-kubeconfig` writes.
    #[default]
    V1Beta1,
}

impl ApiVersion {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V1, Self::V1Beta1];

    /// As it stands in `apiVersion`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "client.authentication.k8s.io/v1",
            Self::V1Beta1 => "client.authentication.k8s.io/v1beta1",
        }
    }

    /// As it stands in `--exec-api-version` and in config.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1Beta1 => "v1beta1",
        }
    }

    /// The version of a whole `apiVersion`.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ApiVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|version| version.name() == text);
        found.ok_or_else(|| format!("`{text}` is no version of the exec credential protocol; choose v1beta1 or v1"))
    }
}
