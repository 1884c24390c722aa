//! `eksso doctor`: each thing that can be wrong is found, and comes with what to do.

mod bundle;
mod checks;
