//! `eksso audit`: the rules over hand-made facts, and the command.

mod command;
pub mod large;
pub mod output;
mod rules;
mod seeded;
pub mod seeds;
pub mod world;
