//! The process's streams and the person behind them.
//!
//! Data goes to stdout, words to stderr. Questions are asked only when stdin and stderr are a terminal, so that reading
//! stdin is reading the person.

use std::cell::RefCell;
use std::fmt;
use std::future::ready;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar as Bar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::adapters::{console, foreground, screen};
use crate::domain::discovery::picker::Picker;
use crate::error::{Error, Kind, Result};
use crate::ports::{Choice, ProgressBar, Relay, Reply, Stream, Terminal};

/// Longest answer that is read.
const MAX_ANSWER: usize = 4096;

/// stdin, stdout and stderr of this process.
#[derive(Debug, Default)]
pub struct ProcessTerminal {
    bar: RefCell<Option<Bar>>,
}

fn write_stdout(data: &[u8]) -> Result<bool> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::new(Kind::LocalState, "cannot write to stdout").cause(error)),
    }
}

fn write_stderr(bytes: &[u8]) {
    // Nobody is left to tell when stderr is gone.
    _ = io::stderr().lock().write_all(bytes);
}

/// stdout and stderr of this process, for what other programs write.
#[derive(Debug)]
struct ProcessRelay;

impl Relay for ProcessRelay {
    fn relay(&mut self, stream: Stream, text: &[u8]) -> Result<bool> {
        match stream {
            Stream::Out => write_stdout(&console::for_stream(text, io::stdout().is_terminal())),
            Stream::Err => {
                write_stderr(&console::for_stream(text, io::stderr().is_terminal()));
                Ok(true)
            }
        }
    }
}

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

    fn write_data(&self, data: &[u8]) -> Result<bool> {
        let bar = self.bar.borrow();
        bar.as_ref().map_or_else(|| write_stdout(data), |bar| bar.suspend(|| write_stdout(data)))
    }

    fn write_words(&self, words: &str) {
        match self.bar.borrow().as_ref() {
            Some(bar) => bar.suspend(|| write_stderr(words.as_bytes())),
            None => write_stderr(words.as_bytes()),
        }
    }

    fn relay(&self) -> Box<dyn Relay> {
        Box::new(ProcessRelay)
    }

    fn ask(&self, question: &str) -> Result<String> {
        self.words(&format!("{question} "));
        let mut answer = String::new();
        let read = io::Read::take(io::stdin().lock(), MAX_ANSWER as u64).read_line(&mut answer);
        match read {
            Ok(0) => {
                // Ctrl-D ends no line; what is said next must not stand behind the question.
                self.words("\n");
                Err(Error::interrupted())
            }
            Ok(_) => Ok(answer.trim().to_owned()),
            Err(error) => Err(Error::new(Kind::LocalState, "cannot read from the terminal").cause(error)),
        }
    }

    fn is_at_hand(&self) -> bool {
        foreground::is_at_hand()
    }

    fn ask_within(&self, question: &str, patience: Duration) -> Result<Reply> {
        let failed = |error| Error::new(Kind::LocalState, "cannot read from the terminal").cause(error);
        if !foreground::is_at_hand() {
            return Ok(Reply::Taken);
        }
        // What was typed before the question was seen is no answer to it.
        foreground::forget_typed().map_err(failed)?;
        self.words(&format!("{question} "));
        let reply = foreground::line(patience, MAX_ANSWER).map_err(failed)?;
        if !matches!(reply, Reply::Line(_)) {
            self.words("\n");
        }
        Ok(reply)
    }

    fn pick(&self, title: &str, picker: Arc<Mutex<Picker>>) -> Choice<'_> {
        match screen::open(title, picker) {
            Ok(open) => Box::pin(open),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn progress(&self, progress: Option<ProgressBar<'_>>) {
        let mut bar = self.bar.borrow_mut();
        let Some(ProgressBar { done, total, words }) = progress else {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
            return;
        };
        let bar = bar.get_or_insert_with(|| {
            // Not the whole width: a terminal's `^C` behind it must not begin another line.
            let style = ProgressStyle::with_template("{bar:10} {pos}/{len} {msg}{left}");
            // Nothing tells how long it takes before some of it is done.
            let left = |state: &ProgressState, out: &mut dyn fmt::Write| {
                let seconds = state.eta().as_secs();
                _ = if state.pos() > 0 && seconds > 0 { write!(out, ", {seconds}s left") } else { Ok(()) };
            };
            let style = style.map(|style| style.with_key("left", left));
            let bar = Bar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "))
        });
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(words.to_owned());
    }
}
