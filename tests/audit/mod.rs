//! `eksso audit`: the rules over hand-made facts, and the command.

mod rules;
mod seeds;
pub mod world;
