//! The same work on several parts of something large, each by a thread of its own.

use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

/// More threads gain little beside what is done with what they make.
pub const MOST_PARTS: usize = 4;

/// What the work makes of each part, in their order.
pub fn in_parallel<P: Clone + Send, R: Send>(parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let work = &work;
        let begin = |part: P| {
            let own = part.clone();
            (part, thread::Builder::new().spawn_scoped(scope, move || work(own)).ok())
        };
        let mut parts = parts.into_iter();
        let first = parts.next();
        let others: Vec<_> = parts.map(begin).collect();
        let end = |(part, thread): (P, Option<ScopedJoinHandle<'_, R>>)| match thread.map(ScopedJoinHandle::join) {
            Some(Ok(made)) => made,
            Some(Err(panic)) => resume_unwind(panic),
            // A user may have no threads left.
            None => work(part),
        };
        first.map(work).into_iter().chain(others.into_iter().map(end)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_in_their_order() {
        for number in 0..9 {
            let parts: Vec<usize> = (0..number).collect();
            assert_eq!(
                in_parallel(parts.clone(), |part| part * 2),
                parts.iter().map(|part| part * 2).collect::<Vec<_>>()
            );
        }
    }
}
