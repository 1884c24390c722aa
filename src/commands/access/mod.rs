//! `eksso access`: who is let in by which cluster, as what, to do what, and why.

mod form;
mod over_time;
mod reading;
mod table;
mod who;
mod who_can;

use crate::cli::{AccessArgs, AccessCommand};
use crate::commands::access::form::Form;
use crate::commands::access::reading::Reading;
use crate::commands::shared::call::Call;
use crate::domain::access::gaps::unlisted;
use crate::domain::access::grant::Grant;
use crate::error::Result;

/// Runs `eksso access`: a snapshot, two of them compared, or who is let in now.
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
