//! The picker on a terminal: draws the state of `domain::picker` and turns keys into its moves.
//!
//! Drawn on stderr's alternate screen; the terminal is given back on every way out, panics included.

use std::io::{self, Write};
use std::panic;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::{cursor, execute, queue, style, terminal};
use unicode_width::UnicodeWidthChar;

use crate::domain::picker::Picker;
use crate::domain::text;

/// Lines that are not rows: title, query, keys, count.
const FRAME: usize = 4;

enum Outcome {
    Stay,
    Accept,
    Leave,
    Interrupt,
}

/// Runs the picker. `None` is Ctrl-C, `Some(None)` is leaving without a choice.
pub fn run(title: &str, picker: &mut Picker) -> io::Result<Option<Option<Vec<usize>>>> {
    let _screen = Screen::open()?;
    loop {
        draw(title, picker)?;
        let Event::Key(key) = event::read()? else { continue };
        match press(picker, key) {
            Outcome::Stay => {}
            Outcome::Accept if picker.accept().is_empty() => {}
            Outcome::Accept => return Ok(Some(Some(picker.accept()))),
            Outcome::Leave => return Ok(Some(None)),
            Outcome::Interrupt => return Ok(None),
        }
    }
}

fn press(picker: &mut Picker, key: KeyEvent) -> Outcome {
    if key.kind == KeyEventKind::Release {
        return Outcome::Stay;
    }
    let page = isize::try_from(visible_rows()).unwrap_or(1);
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => return Outcome::Interrupt,
            KeyCode::Char('u') => picker.clear(),
            KeyCode::Char('a') => picker.toggle_all(),
            KeyCode::Char('n') => picker.step(1),
            KeyCode::Char('p') => picker.step(-1),
            _ => {}
        }
        return Outcome::Stay;
    }
    match key.code {
        KeyCode::Enter => return Outcome::Accept,
        KeyCode::Esc => return Outcome::Leave,
        KeyCode::Up => picker.step(-1),
        KeyCode::Down => picker.step(1),
        KeyCode::PageUp => picker.step(-page),
        KeyCode::PageDown => picker.step(page),
        KeyCode::Home => picker.step(isize::MIN),
        KeyCode::End => picker.step(isize::MAX),
        KeyCode::Tab => picker.toggle(),
        KeyCode::Backspace => picker.backspace(),
        KeyCode::Char(c) => picker.type_char(c),
        _ => {}
    }
    Outcome::Stay
}

fn draw(title: &str, picker: &Picker) -> io::Result<()> {
    let (columns, _) = terminal::size()?;
    let width = usize::from(columns).saturating_sub(1);
    let rows = visible_rows();
    let top = picker.cursor().saturating_sub(rows.saturating_sub(1));
    let mut out = io::stderr().lock();
    queue!(out, cursor::Hide, cursor::MoveTo(0, 0), terminal::Clear(terminal::ClearType::All))?;
    // Short enough for 40 columns: nobody should be caught here.
    let keys = if picker.multiple() { "Tab mark, ^A all, Enter ok, Esc quit" } else { "Enter ok, Esc quit" };
    queue!(out, style::Print(fit(title, width)), cursor::MoveToNextLine(1))?;
    queue!(out, style::Print(fit(&format!("> {}", picker.query()), width)), cursor::MoveToNextLine(1))?;
    let marked = match (picker.chosen(), picker.hidden()) {
        (0, _) => String::new(),
        (marked, 0) => format!(", {marked} marked"),
        (marked, hidden) => format!(", {marked} marked ({hidden} hidden)"),
    };
    let count = format!("  {}/{}{marked}", picker.matches().len(), picker.total());
    queue!(out, style::Print(fit(keys, width)), cursor::MoveToNextLine(1), style::Print(fit(&count, width)))?;
    for (place, (row, line)) in picker.matches().enumerate().skip(top).take(rows) {
        let pointer = if place == picker.cursor() { '>' } else { ' ' };
        let mark = if picker.is_chosen(row) { '*' } else { ' ' };
        queue!(out, cursor::MoveToNextLine(1))?;
        if place == picker.cursor() {
            queue!(out, style::SetAttribute(style::Attribute::Bold))?;
        }
        let line = fit(&format!("{pointer}{mark} {}", text::escape(line)), width);
        queue!(out, style::Print(line), style::SetAttribute(style::Attribute::Reset))?;
    }
    let query = text::escape(picker.query()).chars().filter_map(UnicodeWidthChar::width).sum::<usize>();
    let column = u16::try_from((2 + query).min(width)).unwrap_or(0);
    queue!(out, cursor::MoveTo(column, 1), cursor::Show)?;
    out.flush()
}

fn visible_rows() -> usize {
    terminal::size().map_or(10, |(_, lines)| usize::from(lines).saturating_sub(FRAME).max(1))
}

/// Cuts text to the columns it may take.
fn fit(line: &str, width: usize) -> String {
    let mut used = 0;
    line.chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect()
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
        terminal::enable_raw_mode()?;
        let screen = Self(());
        execute!(io::stderr(), terminal::EnterAlternateScreen)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        _ = panic::take_hook();
    }
}

fn restore() {
    // On the way out there is nothing better to do than to try both.
    _ = execute!(io::stderr(), terminal::LeaveAlternateScreen, cursor::Show);
    _ = terminal::disable_raw_mode();
}
