//! The process's streams and the person behind them.
//!
//! Data goes to stdout, words to stderr. Questions are asked only when stdin and stderr are a terminal, so that reading
//! stdin is reading the person.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

use super::screen;
use crate::domain::picker::Picker;
use crate::error::{Error, Kind, Result};
use crate::ports::Terminal;

/// Longest answer that is read.
const MAX_ANSWER: usize = 4096;

/// stdin, stdout and stderr of this process.
#[derive(Debug)]
pub struct ProcessTerminal;

impl Terminal for ProcessTerminal {
    fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn stdout_is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    fn width(&self) -> usize {
        crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns).max(20))
    }

    fn data(&self, data: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(data).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::new(Kind::LocalState, "cannot write to stdout").cause(error))
            }
            _ => Ok(()),
        }
    }

    fn words(&self, words: &str) {
        // Nobody is left to tell when stderr is gone.
        _ = io::stderr().lock().write_all(words.as_bytes());
    }

    fn ask(&self, question: &str) -> Result<String> {
        self.words(&format!("{question} "));
        let mut answer = String::new();
        let read = io::Read::take(io::stdin().lock(), MAX_ANSWER as u64).read_line(&mut answer);
        match read {
            Ok(0) => Err(Error::interrupted()),
            Ok(_) => Ok(answer.trim().to_owned()),
            Err(error) => Err(Error::new(Kind::LocalState, "cannot read from the terminal").cause(error)),
        }
    }

    fn pick(&self, title: &str, picker: &mut Picker) -> Result<Option<Vec<usize>>> {
        screen::run(title, picker)
            .map_err(|error| Error::new(Kind::LocalState, "the picker cannot use this terminal").cause(error))?
            .ok_or_else(Error::interrupted)
    }
}
