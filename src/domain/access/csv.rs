//! Grants as CSV for reviews: a row for each person or group of a mapping. RFC 4180.

use crate::domain::access::flat::Flat;
use crate::domain::access::grant::{Grant, Person};
use crate::domain::access::words::seen;
use crate::domain::text::escape;

/// The first line.
const HEADINGS: [&str; 25] = [
    "session",
    "account_id",
    "account_name",
    "region",
    "cluster",
    "who_kind",
    "who",
    "who_id",
    "through",
    "enabled",
    "role",
    "principal",
    "principal_kind",
    "mapped_by",
    "user",
    "groups",
    "policies",
    "rights",
    "ways_in",
    "state",
    "why",
    "unknown",
    "aws_own",
    "arn",
    "evidence",
];

/// The heading line.
pub fn headings() -> String {
    line(&HEADINGS.map(str::to_owned))
}

/// The lines of one mapping: one for each person and group behind it; one without a person where there is none to name.
pub fn lines(flat: &Flat, grant: &Grant) -> String {
    match seen(&grant.people) {
        [] => line(&cells(flat, None)),
        people => people.iter().map(|person| line(&cells(flat, Some(person)))).collect(),
    }
}

/// The line of what could not be looked for.
pub fn unsearched(flat: &Flat) -> String {
    line(&cells(flat, None))
}

fn cells(flat: &Flat, person: Option<&Person>) -> [String; HEADINGS.len()] {
    let list = |values: &[String]| values.join("; ");
    let of = |text: fn(&Person) -> &str| person.map_or("", text).to_owned();
    let unknown = [
        ("mapping", &flat.mapping_unknown),
        ("rights", &flat.rights_unknown),
        ("ways in", &flat.ways_in_unknown),
        ("people", &flat.people_unknown),
    ];
    let unknown = unknown.iter().filter_map(|(what, why)| Some(format!("{what}: {}", why.as_ref()?)));
    let enabled = match person.and_then(|person| person.enabled) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        flat.session.clone(),
        flat.account_id.clone(),
        flat.account_name.clone(),
        flat.region.clone(),
        flat.cluster.clone(),
        of(|person| &person.kind),
        person.map(Person::shown).unwrap_or_default(),
        of(|person| &person.id),
        of(|person| &person.through),
        enabled.to_owned(),
        flat.role.clone(),
        flat.principal.clone(),
        flat.principal_kind.to_owned(),
        flat.mapped_by.to_owned(),
        flat.user.clone(),
        list(&flat.groups),
        list(&flat.policies),
        list(&flat.rights),
        list(&flat.ways_in),
        flat.state.to_owned(),
        flat.why.clone().unwrap_or_default(),
        unknown.collect::<Vec<_>>().join("; "),
        if flat.aws_own { "yes" } else { "no" }.to_owned(),
        flat.arn.clone(),
        list(&flat.evidence),
    ]
}

/// One line. Each cell is quoted, so that a list in it stays one cell where `;` parts cells, too.
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that no spreadsheet takes for a formula and no terminal for a command. What it begins with decides that it is a
/// formula, also in full width, as spreadsheets take those for the same; an apostrophe makes it text.
/// Source: OWASP, CSV Injection.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, escape(cell).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_it_begins_with() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula:?}: {}", quoted(formula));
        }
        assert_eq!(quoted("a\"b,c"), "\"a\"\"b,c\"");
        assert_eq!(quoted("\u{1b}[2J"), "\"\\u{1b}[2J\"");
        assert_eq!(quoted("a=b"), "\"a=b\"");
    }
}
