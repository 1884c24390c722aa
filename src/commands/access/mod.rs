//! `eksso access`: who is let in by which cluster, as what, to do what, and why.

mod over_time;
mod page;
mod reading;
mod table;
mod who;
mod who_can;

use crate::cli::{AccessArgs, AccessCommand, OutputArg};
use crate::commands::access::reading::Reading;
use crate::commands::shared::call::Call;
use crate::commands::shared::new_file::NewFile;
use crate::domain::access::dot::dot;
use crate::domain::access::gaps::unlisted;
use crate::domain::access::grant::Grant;
use crate::domain::access::graph::Graph;
use crate::domain::access::mermaid::{MOST_EDGES, mermaid};
use crate::domain::access::{csv, flat::Flat};
use crate::error::{Error, Result};
use crate::ui::say::count;
use crate::ui::table::{Output, show};

/// Shows it.
pub fn run(call: &Call<'_>, args: &AccessArgs) -> Result<u8> {
    match &args.over_time {
        Some(AccessCommand::Snapshot(args)) => over_time::snapshot(call, args).map(|()| 0),
        Some(AccessCommand::Diff(args)) => over_time::diff(call, args),
        None => look(call, args).map(|()| 0),
    }
}

fn look(call: &Call<'_>, args: &AccessArgs) -> Result<()> {
    let form = Form::of(call, args)?;
    if let [verb, resource] = args.who_can.as_slice() {
        return who_can::run(call, args, verb, resource);
    }
    let reading = Reading::take(call, &args.which)?;
    if let Some(who) = &args.who {
        reading.check_any()?;
        return who::run(call, &reading, who, form);
    }
    // Whom a list names that could not be read is unknown, not nobody.
    let unlisted = unlisted(&reading.facts);
    let mut all: Vec<&Grant> = reading.grants.iter().chain(&unlisted).collect();
    all.sort_by(|left, right| left.cluster.cmp(&right.cluster));
    form.write(call, &reading, &all, "Who is let in")?;
    reading.tell_gaps(call);
    Ok(())
}

/// What grants are written as.
enum Form<'a> {
    Table,
    Listing(Output),
    Csv,
    Html(NewFile<'a>),
    Mermaid,
    Dot,
}

impl<'a> Form<'a> {
    fn of(call: &'a Call<'a>, args: &'a AccessArgs) -> Result<Self> {
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
    fn write(&self, call: &Call<'_>, reading: &Reading, grants: &[&Grant], title: &str) -> Result<()> {
        let terminal = &call.world.terminal;
        let flat = |grant: &&Grant| Flat::new(&reading.session, reading.account_name(grant), grant);
        let unsearched = reading.facts.unsearched.iter().map(|why| Flat::unsearched(&reading.session, why));
        match self {
            Self::Table => table::write(call, reading, grants),
            Self::Listing(Output::Json) => {
                let rows = grants.iter().map(flat).chain(unsearched).collect::<Vec<_>>();
                show(call.world, Output::Json, rows)
            }
            Self::Listing(output) => {
                let named = grants.iter().filter(|grant| !grant.principal.is_empty());
                show(call.world, *output, named.map(flat).collect::<Vec<_>>())
            }
            Self::Csv => {
                let lines = grants.iter().map(|grant| csv::lines(&flat(grant), grant));
                let unsearched = unsearched.map(|flat| csv::unsearched(&flat));
                terminal.data(&std::iter::once(csv::headings()).chain(lines).chain(unsearched).collect::<String>())
            }
            Self::Html(file) => page::write(call, reading, grants, title, file),
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
