//! Who may do what, as a matrix: a block for each cluster, with questions below each other and roles beside each other.

use unicode_width::UnicodeWidthStr;

use crate::domain::scaffold::plan::{Plan, scope};
use crate::domain::scaffold::role::Role;
use crate::domain::scaffold::table::{Answer, ENTER, Line, QUESTIONS};
use crate::ui::fitting::cut;
use crate::ui::lines::{prose, words};

/// What a column of answers takes at least: the longest answer.
const ANSWER: usize = 4;
/// What names of roles are not cut below, where the terminal is narrow: questions are cut then, as they are the same for each.
const NAME: usize = 16;

/// The text. `room`: the columns of the terminal; `None` for a file, where nothing is wrapped. Roles that do not fit beside each other stand in
/// further rows of the same block, so that no answer is left out.
pub fn matrix(plan: &Plan, lines: &[Line<'_>], room: Option<usize>) -> String {
    let mut out = String::new();
    let questions = || std::iter::once(ENTER).chain(QUESTIONS);
    let longest = questions().map(|question| question.name.len()).max().unwrap_or(0);
    // Two blanks before each column.
    let first = room.map_or(longest, |room| longest.min(room.saturating_sub(4 + NAME).max(ANSWER)));
    let left = room.map_or(usize::MAX, |room| room.saturating_sub(first + 4).max(ANSWER));
    for (key, cluster) in &plan.clusters {
        let roles: Vec<&Role> = plan.roles.iter().filter(|role| role.clusters.contains(key)).collect();
        let heading = format!("{key} ({}, {}, {})", cluster.account, cluster.region, cluster.mode.word());
        prose(&mut out, "", &heading, room);
        for roles in rows(&roles, left) {
            let widths: Vec<usize> = roles.iter().map(|role| role.name.width().min(left)).collect();
            let mut put = |first_cell: &str, cells: Vec<String>| {
                let pad =
                    |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
                let cells = cells.iter().zip(&widths).map(|(cell, width)| pad(cell, *width));
                let line = format!("  {}  {}", pad(first_cell, first), cells.collect::<Vec<_>>().join("  "));
                out.push_str(line.trim_end());
                out.push('\n');
            };
            put("", roles.iter().map(|role| fitted(&role.name, left)).collect());
            for question in questions() {
                let cells = roles.iter().map(|role| {
                    let is =
                        |line: &&Line<'_>| *line.role == **role && line.cluster == key && line.question == question;
                    word(lines.iter().find(is)).to_owned()
                });
                put(&fitted(question.name, first), cells.collect());
            }
        }
        for role in roles.iter().filter(|role| role.enters()) {
            out.push_str(&words("  ", &format!("in Kubernetes {}", in_kubernetes(role)), room));
            for bound in plan.bound_in(key).iter().filter(|bound| bound.tier.is_none()) {
                let groups: Vec<&str> =
                    bound.groups.iter().filter(|group| role.groups.contains(group)).map(String::as_str).collect();
                if !groups.is_empty() {
                    let line = format!("in Kubernetes {}: {} as {}", role.name, groups.join(", "), bound.words());
                    out.push_str(&words("  ", &line, room));
                }
            }
        }
        out.push('\n');
    }
    out
}

/// Roles that fit beside each other, in their order.
fn rows<'r>(roles: &[&'r Role], left: usize) -> Vec<Vec<&'r Role>> {
    let mut rows: Vec<Vec<&Role>> = Vec::new();
    let mut taken = 0;
    for role in roles {
        let width = role.name.width().min(left);
        match rows.last_mut() {
            Some(row) if taken + 2 + width <= left => {
                taken += 2 + width;
                row.push(role);
            }
            _ => {
                taken = width;
                rows.push(vec![role]);
            }
        }
    }
    // A cluster that nobody has a role in has its questions all the same.
    if rows.is_empty() { vec![Vec::new()] } else { rows }
}

fn fitted(text: &str, room: usize) -> String {
    if text.width() <= room { text.to_owned() } else { cut(text, room) }
}

fn word(line: Option<&Line<'_>>) -> &'static str {
    match line {
        Some(line) if line.is_wrong() && line.answer != Answer::No => "YES!",
        Some(line) if line.is_wrong() => "NO!",
        Some(line) if line.unknown().is_some() => "?",
        Some(line) if line.answer == Answer::Yes => "yes",
        _ => "-",
    }
}

/// `ROLE: POLICY; GROUPS as CLUSTERROLE in NAMESPACES`. Groups that the tier does not bind stand behind, as its scope is not theirs.
fn in_kubernetes(role: &Role) -> String {
    let access = role.access.iter().map(|access| format!("AmazonEKS{access}Policy"));
    let bound = role.rbac.iter().map(|rbac| format!("{} as {rbac}", role.groups.join(", ")));
    let has: Vec<String> = access.chain(bound).collect();
    let has = (!has.is_empty()).then(|| format!("{} in {}", has.join("; "), scope(&role.namespaces)));
    let groups = (role.rbac.is_none() && !role.groups.is_empty()).then(|| format!("groups {}", role.groups.join(", ")));
    format!("{}: {}", role.name, has.into_iter().chain(groups).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::audit::read;
    use crate::domain::scaffold::table::table;

    #[test]
    fn the_matrix_fits_the_room_and_leaves_no_answer_out() {
        let tier = |name: &str| {
            format!(
                "[tiers.{name}]\nroles = [\"A-long-name-of-{name}\"]\npeople = [\"P\"]\nclusters = [\"web\"]\naccess = \"View\"\n\
                 namespaces = [\"payments\", \"payments-blue\", \"payments-green\", \"payments-red\"]\niam = \"viewer\"\n"
            )
        };
        let text = format!(
            "[clusters.web]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n[clusters.nobody]\naccount = \"222222222222\"\n\
             region = \"eu-west-1\"\n{}",
            ["one", "two", "three", "four", "five"].map(tier).concat()
        );
        let plan = Plan::of(&read(&text).expect("a file"), &BTreeMap::new()).expect("a plan");
        let lines = table(&plan).expect("a table");
        let whole = matrix(&plan, &lines, None);
        let answers = |text: &str| text.matches(" yes").count();
        assert!(whole.lines().any(|line| line.width() > 120) && answers(&whole) > 10, "{whole}");
        for room in [30, 40, 60, 80, 100, 120] {
            let shown = matrix(&plan, &lines, Some(room));
            assert!(shown.lines().all(|line| line.width() <= room), "{room}:\n{shown}");
            assert_eq!(answers(&shown), answers(&whole), "{room}:\n{shown}");
        }
        assert_eq!(matrix(&plan, &lines, Some(300)), whole);
    }
}
