//! Rules about `access.toml` itself.

use jiff::tz::Offset;

use crate::domain::audit::finding::{Found, Place, Severity};
use crate::domain::audit::rule::{Group, Rule};
use crate::domain::audit::scene::Scene;

/// The rules of this group.
pub const RULES: &[Rule] = &[SUPPRESSION_EXPIRED];

const SUPPRESSION_EXPIRED: Rule = Rule {
    id: "suppression-expired",
    group: Group::File,
    severity: Severity::Medium,
    title: "a suppression has expired",
    why: "What was agreed to for a time is no longer: what it hid is reported again, and somebody has to decide anew.",
    condition: "`expires` of a [[suppress]] in access.toml is before today (UTC).",
    fix: "Mend what it hid, or agree to it again with a new `expires`; else delete the suppression.",
    tags: &[],
    offline: true,
    needs: &[],
    check: |scene: &Scene<'_>, found: &mut Found| {
        let file = scene.file.called();
        let today = Offset::UTC.to_datetime(scene.now).date();
        for suppression in scene.file.suppressions.iter().filter(|suppression| !suppression.holds(today)) {
            let fact = format!(
                "The suppression of {} for `{}` in {file}, line {}, expired on {}; its reason was: {}.",
                suppression.rule, suppression.resource, suppression.line, suppression.expires, suppression.reason
            );
            let resource = format!("suppress/{}/{}", suppression.rule, suppression.resource);
            let fix = format!("In {file}, line {}: set a new `expires`, or delete the suppression", suppression.line);
            found.add(Place::Account(""), resource, fact, fix).at_line(suppression.line);
        }
    },
};
