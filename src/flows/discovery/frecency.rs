//! Which contexts were used how often and when, so that pickers offer first what is wanted most.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::World;

const MAX_FILE: u64 = 1 << 20;
/// More contexts than anybody uses; the ones that matter least are forgotten.
const MAX_CONTEXTS: usize = 500;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Uses {
    count: u32,
    last: Timestamp,
}

/// What was used.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Frecency(BTreeMap<String, Uses>);

impl Frecency {
    /// Reads it; what cannot be read is nothing.
    pub fn load(world: &World) -> Self {
        let bytes = world.files.read(&path(world), MAX_FILE).ok().flatten();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Frequency and recency in one number, as zoxide and browsers rank: how often, times how lately. 0: never.
    pub fn weight(&self, context: &str, now: Timestamp) -> f64 {
        self.0.get(context).map_or(0.0, |uses| uses.weight(now))
    }

    /// When a context was used last.
    pub fn last(&self, context: &str) -> Option<Timestamp> {
        self.0.get(context).map(|uses| uses.last)
    }

    /// Follows a context to its new name.
    pub fn rename(world: &World, old: &str, new: &str) {
        let mut used = Self::load(world);
        if let Some(uses) = used.0.remove(old) {
            used.0.insert(new.to_owned(), uses);
            used.save(world);
        }
    }

    /// Notes that a context is used now.
    pub fn note(world: &World, context: &str) {
        let now = world.clock.now();
        let mut used = Self::load(world);
        let uses = used.0.entry(context.to_owned()).or_insert(Uses { count: 0, last: now });
        *uses = Uses { count: uses.count.saturating_add(1), last: now };
        if used.0.len() > MAX_CONTEXTS {
            let least = used.0.iter().min_by(|(_, a), (_, b)| a.weight(now).total_cmp(&b.weight(now)));
            if let Some(least) = least.map(|(name, _)| name.clone()) {
                used.0.remove(&least);
            }
        }
        used.save(world);
    }

    fn save(&self, world: &World) {
        if let Ok(json) = serde_json::to_vec(self) {
            // Only the order of rows depends on it.
            _ = world.files.write_fleeting(&path(world), &json);
        }
    }
}

impl Uses {
    fn weight(self, now: Timestamp) -> f64 {
        let recency = match now.duration_since(self.last).as_hours() {
            ..1 => 4.0,
            1..24 => 2.0,
            24..168 => 0.5,
            _ => 0.25,
        };
        f64::from(self.count) * recency
    }
}

fn path(world: &World) -> PathBuf {
    world.folders.state.join("used.json")
}
