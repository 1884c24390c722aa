//! Where lines of the audit trail go: the setting `trail`.

use std::fmt;

use serde::Deserialize;

/// Where lines of the audit trail go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sink {
    /// There is no trail.
    #[default]
    Off,
    /// Files of the user's own, which `eksso log` reads.
    File,
    /// systemd's journal.
    Journald,
    /// The system log.
    Syslog,
}

impl Sink {
    /// How the settings call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::File => "file",
            Self::Journald => "journald",
            Self::Syslog => "syslog",
        }
    }
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
