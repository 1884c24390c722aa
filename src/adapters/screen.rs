//! The picker on a terminal: draws the state of `domain::discovery::picker` and turns keys into its moves, in a thread of its own, so
//! that rows may come while somebody chooses.
//!
//! Drawn on stderr's alternate screen; the terminal is given back on every way out: choice, panic, signal.

use std::future::Future;
use std::io::{self, Write};
use std::panic;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use crossterm::{cursor, event, execute, queue, style, terminal};
use tokio::sync::oneshot;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::adapters::job::Job;
use crate::adapters::keyboard::{Key, Keyboard};
use crate::domain::discovery::picker::{Picker, Row, State};
use crate::domain::text;
use crate::error::{Error, Kind, Result};

/// Lines that are not rows: title, query, keys, count.
const FRAME: usize = 4;
/// Terminals of so many lines and more have so many that tell more of the row under the cursor, with the rule above them.
const DETAILS: [(usize, usize); 3] = [(40, 12), (24, 8), (18, 6)];
/// How often it is looked for new rows.
const TICK: Duration = Duration::from_millis(50);
/// How long the thread that draws may take to end.
const LAST_DRAW: Duration = Duration::from_secs(1);
/// A column is not cut below this.
const NARROWEST: usize = 6;

/// What the person chose; `None` for leaving without a choice.
type Answer = Option<Vec<usize>>;

/// A picker that is open; dropping it closes it.
pub struct Open {
    answer: oneshot::Receiver<Result<Answer>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _screen: Screen,
}

/// Opens the picker.
pub fn open(title: &str, picker: Arc<Mutex<Picker>>) -> Result<Open> {
    let screen = Screen::open().map_err(unusable)?;
    let (sender, answer) = oneshot::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let (title, stopped) = (title.to_owned(), Arc::clone(&stop));
    let thread = thread::spawn(move || {
        let answer = run(&title, &picker, &stopped);
        // Nobody listens any more once the question was taken back.
        _ = sender.send(answer.map_err(unusable).and_then(|answer| answer.ok_or_else(Error::interrupted)));
    });
    Ok(Open { answer, stop, thread: Some(thread), _screen: screen })
}

fn unusable(error: io::Error) -> Error {
    Error::new(Kind::LocalState, "the picker cannot use this terminal")
        .cause(error)
        .hint("EKSSO_PICKER=list asks with a plain list instead")
}

impl Future for Open {
    type Output = Result<Answer>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map(|answer| {
            answer.unwrap_or_else(|_| Err(Error::new(Kind::Failed, "the picker ended without an answer")))
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // It must draw no more when the screen is given back. On a terminal that was closed, crossterm reads for ever and
        // the thread does not end: then there is no screen either.
        let began = Instant::now();
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && began.elapsed() < LAST_DRAW {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

enum Outcome {
    Stay,
    Accept,
    Leave,
    Interrupt,
    Suspend,
}

fn lock(picker: &Mutex<Picker>) -> MutexGuard<'_, Picker> {
    picker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `None` is Ctrl-C, or a terminal that is gone; `Some(None)` is leaving without a choice.
fn run(title: &str, picker: &Mutex<Picker>, stop: &AtomicBool) -> io::Result<Option<Answer>> {
    let (job, mut keyboard, mut drawn) = (Job::take(), Keyboard::default(), None);
    while !stop.load(Ordering::SeqCst) {
        let stopped = job.is_to_stop();
        if stopped {
            restore();
            job.stop();
        }
        if job.went_on() || stopped {
            take()?;
            drawn = None;
        }
        let mut state = lock(picker);
        state.refresh();
        let now = (state.version(), terminal::size()?);
        if drawn != Some(now) {
            drawn = Some(now);
            draw(title, &state)?;
            state.drawn();
        }
        drop(state);
        let keys = match keyboard.keys(TICK) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            keys => keys?,
        };
        for key in keys {
            drawn = None;
            let mut state = lock(picker);
            match press(&mut state, key) {
                Outcome::Stay => {}
                Outcome::Accept if state.accept().is_empty() => {}
                Outcome::Accept => return Ok(Some(Some(state.accept()))),
                Outcome::Leave => return Ok(Some(None)),
                Outcome::Interrupt => return Ok(None),
                Outcome::Suspend => job.ask_to_stop(),
            }
        }
    }
    Ok(Some(None))
}

fn press(picker: &mut Picker, key: Key) -> Outcome {
    let page = || isize::try_from(Layout::now().rows).unwrap_or(1);
    match key {
        Key::Ctrl('c') => return Outcome::Interrupt,
        Key::Ctrl('g') | Key::Esc => return Outcome::Leave,
        Key::Ctrl('j' | 'm') | Key::Enter => return Outcome::Accept,
        Key::Ctrl('z') => return Outcome::Suspend,
        Key::Ctrl('u') => picker.clear(),
        Key::Ctrl('w') => picker.drop_word(),
        Key::Ctrl('h') | Key::Backspace => picker.backspace(),
        Key::Ctrl('a') => picker.toggle_all(),
        Key::Ctrl('n') | Key::Down => picker.step(1),
        Key::Ctrl('p') | Key::Up => picker.step(-1),
        Key::Ctrl(_) => {}
        Key::PageUp => picker.step(-page()),
        Key::PageDown => picker.step(page()),
        Key::Home => picker.step(isize::MIN),
        Key::End => picker.step(isize::MAX),
        Key::Tab => picker.toggle(),
        Key::Char(c) => picker.type_char(c),
        Key::Paste(text) => picker.type_text(&text),
    }
    Outcome::Stay
}

/// What fits on the terminal as it is now.
struct Layout {
    width: usize,
    rows: usize,
    details: usize,
}

impl Layout {
    fn now() -> Self {
        let (columns, lines) = terminal::size().unwrap_or((80, 24));
        let lines = usize::from(lines);
        let details = DETAILS.iter().find(|(least, _)| lines >= *least).map_or(0, |(_, details)| *details);
        let rows = lines.saturating_sub(FRAME + details).max(1);
        Self { width: usize::from(columns).saturating_sub(1), rows, details }
    }
}

fn draw(title: &str, picker: &Picker) -> io::Result<()> {
    let Layout { width, rows, details } = Layout::now();
    let top = picker.cursor().saturating_sub(rows.saturating_sub(1));
    let mut out = io::BufWriter::new(io::stderr().lock());
    let line = |out: &mut io::BufWriter<_>, text: &str| {
        queue!(out, style::Print(fit(text, width)), Clear(ClearType::UntilNewLine), cursor::MoveToNextLine(1))
    };
    queue!(out, BeginSynchronizedUpdate, cursor::Hide, cursor::MoveTo(0, 0))?;
    let title = if picker.noticed().is_empty() { title.to_owned() } else { format!("{title}  [{}]", picker.noticed()) };
    line(&mut out, &text::escape(&title))?;
    line(&mut out, &text::escape(&format!("> {}", picker.query())))?;
    // Short enough for 40 columns: nobody should be caught here.
    let keys = if picker.multiple() { "Tab mark, ^A all, Enter ok, Esc quit" } else { "Enter ok, Esc quit" };
    let marked = match (picker.chosen(), picker.hidden()) {
        (0, _) => String::new(),
        (marked, 0) => format!(", {marked} marked"),
        (marked, hidden) => format!(", {marked} marked ({hidden} hidden)"),
    };
    line(&mut out, keys)?;
    line(&mut out, &format!("  {}/{}{marked}", picker.matches().len(), picker.total()))?;
    let columns = columns(picker.widths(), width.saturating_sub(4));
    let mut free = rows;
    for (place, (number, row)) in picker.matches().enumerate().skip(top).take(rows) {
        let Some(row) = row else { continue };
        let pointer = if place == picker.cursor() { '>' } else { ' ' };
        let mark = if picker.is_chosen(number) { '*' } else { ' ' };
        // A sign as well, for terminals that cannot grey.
        let state = match row.state {
            State::Usable => ' ',
            State::Unknown => '?',
            State::Useless => 'x',
        };
        if row.state == State::Useless {
            queue!(out, style::SetAttribute(style::Attribute::Dim))?;
        }
        if place == picker.cursor() {
            queue!(out, style::SetAttribute(style::Attribute::Bold))?;
        }
        line(&mut out, &format!("{pointer}{mark}{state} {}", cells(row, &columns)))?;
        queue!(out, style::SetAttribute(style::Attribute::Reset))?;
        free -= 1;
    }
    if details > 0 {
        for _ in 0..free {
            line(&mut out, "")?;
        }
        line(&mut out, &"-".repeat(width.min(72)))?;
        let texts = picker.current().map(|row| row.details.as_slice()).unwrap_or_default();
        for text in texts.iter().flat_map(|text| wrapped(&text::escape(text), width)).take(details - 1) {
            line(&mut out, &text)?;
        }
    }
    queue!(out, Clear(ClearType::FromCursorDown))?;
    let query = text::escape(picker.query()).width();
    let column = u16::try_from((2 + query).min(width)).unwrap_or(0);
    queue!(out, cursor::MoveTo(column, 1), cursor::Show, EndSynchronizedUpdate)?;
    out.flush()
}

/// The widths of columns that together take no more than `room`; the widest give way first.
fn columns(wanted: &[usize], room: usize) -> Vec<usize> {
    let mut widths = wanted.to_vec();
    let gaps = 2 * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    widths
}

fn cells(row: &Row, columns: &[usize]) -> String {
    let cell = |(text, width): (&String, &usize)| {
        let cut = cut(&text::escape(text), *width);
        let used = cut.width();
        format!("{cut}{}", " ".repeat(width.saturating_sub(used)))
    };
    row.cells.iter().zip(columns).map(cell).collect::<Vec<_>>().join("  ")
}

/// The pieces of a text that a terminal shows as one: a character with what is drawn over it or joined to it, as the people
/// of a family emoji are.
fn pieces(text: &str) -> Vec<&str> {
    let mut begins: Vec<usize> = Vec::new();
    let mut joins = false;
    for (at, c) in text.char_indices() {
        let is_more = c.width() == Some(0) || joins || ('\u{1f3fb}'..='\u{1f3ff}').contains(&c);
        if !is_more || begins.is_empty() {
            begins.push(at);
        }
        joins = c == '\u{200d}';
    }
    let ends = begins.iter().skip(1).copied().chain([text.len()]);
    begins.iter().zip(ends).map(|(begin, end)| &text[*begin..end]).collect()
}

/// Cuts text to the columns it may take.
fn fit(line: &str, width: usize) -> String {
    kept(pieces(line).into_iter(), width).concat()
}

/// As many pieces as fit.
fn kept<'t>(pieces: impl Iterator<Item = &'t str>, width: usize) -> Vec<&'t str> {
    let mut used = 0;
    pieces
        .take_while(|piece| {
            used += piece.width();
            used <= width
        })
        .collect()
}

/// The same, but out of the middle: names differ at their ends.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let pieces = pieces(text);
    let head = kept(pieces.iter().copied(), room.div_ceil(2)).concat();
    let mut tail = kept(pieces.iter().rev().copied(), room.saturating_sub(head.width()));
    tail.reverse();
    format!("{head}~{}", tail.concat())
}

/// The whole text, in lines.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
        if used + piece.width() > width {
            lines.push("  ".to_owned());
            used = 2;
        }
        used += piece.width();
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
    }
    lines
}

/// Raw mode and the alternate screen, given back on drop and on panic.
struct Screen(());

impl Screen {
    fn open() -> io::Result<Self> {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore();
            hook(info);
        }));
        let screen = Self(());
        take()?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        _ = panic::take_hook();
    }
}

/// Takes the terminal, also again: what others set meanwhile is set anew.
fn take() -> io::Result<()> {
    _ = terminal::disable_raw_mode();
    terminal::enable_raw_mode()?;
    execute!(io::stderr(), terminal::EnterAlternateScreen, event::EnableBracketedPaste)
}

fn restore() {
    // On the way out there is nothing better to do than to try both.
    _ = execute!(io::stderr(), event::DisableBracketedPaste, terminal::LeaveAlternateScreen, cursor::Show);
    _ = terminal::disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_columns_give_way() {
        assert_eq!(columns(&[30, 10, 5], 40), [21, 10, 5]);
        assert_eq!(columns(&[30, 10, 5], 80), [30, 10, 5]);
        assert_eq!(columns(&[30, 30], 4), [NARROWEST, NARROWEST]);
        let row = Row { cells: vec!["a long name".into(), "数据".into()], ..Row::default() };
        assert_eq!(cells(&row, &[6, 6]), "a l~me  数据  ");
    }

    #[test]
    fn what_is_shown_as_one_is_cut_as_one() {
        let family = "👩\u{200d}👩\u{200d}👧";
        let text = format!("{family}a\u{301}b数据");
        assert_eq!(pieces(&text), [family, "a\u{301}", "b", "数", "据"]);
        assert_eq!(fit(&text, 3), format!("{family}a\u{301}"));
        assert_eq!(cut(&text, 6), format!("{family}a\u{301}~据"));
        assert_eq!(cut("payments-prod-eu-west-1-blue", 12), "paymen~-blue");
        assert_eq!(wrapped("abcdefgh", 5), ["abcde", "  fgh"]);
    }
}
