//! What grants are written as: a table, a listing, CSV, a page or a graph.

use crate::cli::{AccessArgs, OutputArg};
use crate::commands::access::reading::Reading;
use crate::commands::access::table;
use crate::commands::shared::call::Call;
use crate::commands::shared::new_file::NewFile;
use crate::commands::shared::output::write_page;
use crate::domain::access::dot::dot;
use crate::domain::access::grant::Grant;
use crate::domain::access::graph::Graph;
use crate::domain::access::mermaid::{MOST_EDGES, mermaid};
use crate::domain::access::{csv, flat::Flat};
use crate::error::{Error, Result};
use crate::ui::page::Page;
use crate::ui::say::count;
use crate::ui::table::{Output, show};

/// What grants are written as.
pub enum Form<'a> {
    /// A table.
    Table,
    /// JSON, YAML or a template: `-o`.
    Listing(Output),
    /// A line for each binding.
    Csv,
    /// A page of its own.
    Html(NewFile<'a>),
    /// A graph for Mermaid.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
}

impl<'a> Form<'a> {
    /// The form that is asked for.
    ///
    /// # Errors
    ///
    /// `Kind::Usage`: two forms at once, or CSV for `--who-can`.
    pub fn of(call: &'a Call<'a>, args: &'a AccessArgs) -> Result<Self> {
        let graph = [(args.mermaid, "--mermaid"), (args.dot, "--dot"), (args.html.is_some(), "--html")];
        let graph = graph.iter().find(|(is_asked, _)| *is_asked);
        let output = call.globals.output;
        if let (Some((_, name)), false) = (graph, output == OutputArg::Table) {
            return Err(
                Error::usage(format!("{name} and -o each ask for a form")).hint(format!("eksso access {name} …"))
            );
        }
        if !args.who_can.is_empty() && output == OutputArg::Csv {
            return Err(Error::usage("-o csv lists mappings, not answers to --who-can")
                .hint("eksso access --who-can … -o json"));
        }
        Ok(match (&args.html, output) {
            (Some(file), _) => Self::Html(NewFile::new(call, file)?),
            (None, _) if args.mermaid => Self::Mermaid,
            (None, _) if args.dot => Self::Dot,
            (None, OutputArg::Csv) => Self::Csv,
            (None, OutputArg::Table) => Self::Table,
            (None, _) => Self::Listing(call.output()),
        })
    }

    /// Writes grants to stdout, or to the file that is named.
    pub fn write(&self, call: &Call<'_>, reading: &Reading, grants: &[&Grant], title: &str) -> Result<()> {
        let terminal = &call.world.terminal;
        let flat = |grant: &&Grant| Flat::new(&reading.session, reading.account_name(grant), grant);
        match self {
            Self::Table => table::write(call, reading, grants),
            Self::Listing(output) => show(call.world, *output, grants.iter().map(flat).collect::<Vec<_>>()),
            Self::Csv => {
                let lines = grants.iter().map(|grant| csv::lines(&flat(grant), grant));
                terminal.data(&std::iter::once(csv::headings()).chain(lines).collect::<String>())
            }
            Self::Html(file) => write_html(call, reading, grants, title, file),
            Self::Mermaid | Self::Dot => {
                let graph = Graph::new(grants.iter().copied());
                if matches!(self, Self::Dot) {
                    return terminal.data(&dot(&graph));
                }
                terminal.data(&mermaid(&graph))?;
                if graph.edges.len() > MOST_EDGES {
                    call.voice.warn(
                        call.world,
                        &format!(
                            "Mermaid draws {MOST_EDGES} edges unless maxEdges says more, and this has {}; name a cluster or \
                             --who for less, or take --html",
                            count(graph.edges.len(), "edge")
                        ),
                    );
                }
                Ok(())
            }
        }
    }
}

/// `--html FILE`: the page, written to a file that only its owner can read.
fn write_html(call: &Call<'_>, reading: &Reading, grants: &[&Grant], title: &str, file: &NewFile<'_>) -> Result<()> {
    let grants: Vec<Grant> = grants.iter().map(|grant| (*grant).clone()).collect();
    let made = reading.made(call);
    let notes = reading.gap_lines();
    let names = |account: &_| reading.name_of(account).to_owned();
    let page = Page { title, made: &made, grants: &grants, account_name: &names, notes: &notes, findings: None };
    write_page(call, file, &page)
}
