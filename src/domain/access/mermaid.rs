//! The graph of grants as a Mermaid flowchart.

use crate::domain::access::graph::{Column, Graph, Stroke};
use crate::domain::text::escape;

/// The most edges that Mermaid draws unless its configuration says more (`maxEdges`).
pub const MOST_EDGES: usize = 500;

/// The flowchart.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for column in Column::ALL {
        let nodes: Vec<_> = graph.nodes.iter().enumerate().filter(|(_, (of, _))| *of == column).collect();
        if nodes.is_empty() {
            continue;
        }
        out.push_str(&format!("  subgraph c{} [\"{}\"]\n", column as usize, column.heading()));
        for (number, (_, text)) in nodes {
            out.push_str(&format!("    n{number}[\"{}\"]\n", label(text)));
        }
        out.push_str("  end\n");
    }
    for ((from, to), stroke) in &graph.edges {
        let arrow = match stroke {
            Stroke::Whole => "-->",
            Stroke::Dotted => "-. unknown .->",
            Stroke::Dead => "-. dead .->",
        };
        out.push_str(&format!("  n{from} {arrow} n{to}\n"));
    }
    out
}

/// Text inside quotes. Whatever could end them, be markup, or be a directive (`%%{`, which Mermaid looks for everywhere) is
/// written as the number of its character. Source: Mermaid, flowchart syntax, "Entity codes to escape characters".
fn label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape(text).chars() {
        match c {
            c if c.is_alphanumeric() || " _.,:@/+=()-?!".contains(c) => out.push(c),
            c => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_label() {
        let hostile = "a\"] --> b\n%%{init: {}}%%<script>`x`&#35;\u{202e}";
        let label = label(hostile);
        assert!(!label.contains(['"', '<', '>', '`', '%', '{', '}', '\n', ']', '&', '\u{202e}']), "{label}");
    }
}
