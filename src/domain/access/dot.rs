//! The graph of grants in DOT, for Graphviz.

use crate::domain::access::graph::{Column, Graph, Stroke};
use crate::domain::text::escape;

/// The graph.
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph access {\n  rankdir=LR;\n  node [shape=box];\n");
    for column in Column::ALL {
        out.push_str(&format!("  subgraph cluster_{} {{\n    label=\"{}\";\n", column as usize, column.heading()));
        for (number, (of, text)) in graph.nodes.iter().enumerate() {
            if *of == column {
                out.push_str(&format!("    n{number} [label=\"{}\"];\n", label(text)));
            }
        }
        out.push_str("  }\n");
    }
    for ((from, to), stroke) in &graph.edges {
        let style = match stroke {
            Stroke::Whole => "",
            Stroke::Dotted => " [style=dashed, label=\"unknown\"]",
            Stroke::Dead => " [style=dotted, label=\"dead\"]",
        };
        out.push_str(&format!("  n{from} -> n{to}{style};\n"));
    }
    out.push_str("}\n");
    out
}

/// Text inside quotes: there a backslash begins an escape and `&` an entity. Source: Graphviz, escString.
fn label(text: &str) -> String {
    escape(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_label() {
        assert_eq!(label("a\"; b -> c \\N &lt;\n"), "a\\\"; b -> c \\\\N &amp;lt;\\\\u{a}");
    }
}
