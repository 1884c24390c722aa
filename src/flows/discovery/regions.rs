//! Where to look for clusters, and the error of a filter that lets nothing through.

use crate::domain::filter::{Filter, Glob};
use crate::domain::ids::Region;
use crate::domain::partition::Partition;
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};

/// Where to look for clusters.
#[derive(Debug, Clone)]
pub struct Regions {
    /// The regions.
    pub list: Vec<Region>,
    /// Whether an account may be asked which of them it has enabled: nobody named them.
    pub ask: bool,
}

/// The regions to look in: what the filter names, else what the configuration lists, else everywhere.
pub fn regions(filter: &Filter, configured: &[Region], partitions: &[Partition]) -> Result<Regions> {
    let names = || partitions.iter().flat_map(|partition| partition.eks_regions()).copied();
    let everywhere = || names().filter_map(|name| name.parse().ok());
    let known: Vec<Region> = if configured.is_empty() { everywhere().collect() } else { configured.to_vec() };
    let ask = configured.is_empty();
    if filter.regions.is_empty() {
        return Ok(Regions { list: known, ask });
    }
    let mut list: Vec<Region> = Vec::new();
    for glob in &filter.regions {
        if glob.is_literal() {
            list.push(glob.as_str().to_lowercase().parse()?);
        } else {
            list.extend(
                everywhere().chain(known.iter().cloned()).filter(|region: &Region| glob.matches(region.as_str())),
            );
        }
    }
    list.sort();
    list.dedup();
    match (list.is_empty(), filter.regions.first()) {
        (true, Some(glob)) => Err(no_match("region", glob, names())),
        _ => Ok(Regions { list, ask: ask && !filter.regions.iter().any(Glob::is_literal) }),
    }
}

/// The error of a filter that lets nothing through, with what is near it.
pub fn no_match<'a>(what: &str, glob: &Glob, known: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::new(Kind::NotFound, format!("no {what} of yours matches `{}`", glob.as_str()));
    let mut names: Vec<&str> = known.collect();
    names.sort_unstable();
    names.dedup();
    match near_misses(glob.as_str(), names).as_slice() {
        [] if what == "cluster" => error.hint("eksso clusters  # lists all that your roles can see"),
        [] => error.hint("eksso roles  # lists the accounts and roles you are assigned"),
        near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}
