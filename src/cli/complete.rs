//! `eksso __complete`, which the completions of shells call.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

#[derive(Debug, Default, Args)]
pub struct CompleteArgs {
    /// The line of bash up to the cursor: values come as they are to be put into it
    #[arg(long, value_name = "LINE", conflicts_with_all = ["nushell", "word", "words"])]
    pub bash: Option<String>,
    /// COMP_WORDBREAKS of bash
    #[arg(long, value_name = "CHARACTERS", default_value = "")]
    pub breaks: String,
    /// The line of nushell up to the cursor
    #[arg(long, value_name = "LINE", conflicts_with_all = ["word", "words"])]
    pub nushell: Option<String>,
    /// As kubectl reads it of the completions of a plugin: values, then a directive
    #[arg(long, conflicts_with_all = ["bash", "nushell"])]
    pub kubectl: bool,
    /// The word at the cursor, up to it
    #[arg(long, value_name = "WORD", default_value = "")]
    pub word: String,
    /// Only values that begin with that word, for shells that choose none themselves
    #[arg(long)]
    pub starts: bool,
    /// The words before it, without `eksso`
    #[arg(value_name = "WORDS", last = true)]
    pub words: Vec<String>,
}
