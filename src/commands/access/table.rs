//! The table of who is let in: a section for each cluster.

use std::borrow::Cow;

use crate::commands::access::reading::Reading;
use crate::commands::shared::call::Call;
use crate::domain::access::flat::Flat;
use crate::domain::access::grant::Grant;
use crate::error::Result;
use crate::ui::fitting::GivingWay;
use crate::ui::lines::room_for_data;
use crate::ui::say::count;
use crate::ui::sections::Sections;
use crate::ui::table::Row;

const HEADINGS: [&str; 6] = ["WHO", "ROLE", "MAPPED AS", "RIGHTS", "WAY IN", "STATE"];

impl Row for Flat {
    const HEADINGS: &'static [&'static str] = &HEADINGS;

    fn cells(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn name(&self) -> String {
        self.principal.clone()
    }
}

/// Writes it. What AWS made for itself is in the other forms.
pub fn write(call: &Call<'_>, reading: &Reading, grants: &[&Grant]) -> Result<()> {
    let mut sections: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    let shown = grants.iter().filter(|grant| !grant.aws_own);
    for grant in shown.clone() {
        let line = reading.cluster_line(&grant.cluster);
        let row = vec![
            grant.who(),
            grant.role().to_owned(),
            grant.mapped_as(),
            grant.rights_in_short(),
            grant.ways_in_short(),
            grant.life.word().to_owned(),
        ];
        match sections.last_mut() {
            Some((last, rows)) if *last == line => rows.push(row),
            _ => sections.push((line, vec![row])),
        }
    }
    let (world, voice) = (call.world, &call.voice);
    let room = room_for_data(world);
    let way = GivingWay { first: &["WAY IN", "MAPPED AS"], last: "RIGHTS" };
    let (text, was_cut) = Sections { headings: &HEADINGS, sections }.fitted(room, way);
    world.terminal.data(&text)?;
    was_cut.words().iter().for_each(|line| voice.say(world, line));
    let own = grants.len() - shown.count();
    if own > 0 {
        let mappings = count(own, "mapping");
        voice.say(world, &format!("{mappings} of AWS's own (nodes, services) left out; -o json has them."));
    }
    Ok(())
}
