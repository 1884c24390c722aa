//! Pictures of screens that only a real terminal shows: `EKSSO_BLESS=1 cargo test pictures -- --include-ignored` renews them.

use super::terminal::Pane;
use crate::pictures::compare;
use crate::support::Desk;

/// The rows of a screen, each with the colours that it begins in: tmux names a change of them once, for all that follows.
fn rows(screen: &str) -> Vec<String> {
    let mut begins = String::new();
    let row = |row: &str| {
        let whole = format!("{begins}{}", row.trim_end());
        let last = whole.rfind('\u{1b}').and_then(|at| Some(whole[at..].split_once('m')?.0.to_owned() + "m"));
        begins = last.unwrap_or_default();
        whole
    };
    screen.lines().map(row).collect()
}

#[test]
#[ignore = "real part: tmux"]
fn the_picker() {
    let desk = Desk::signed_in();
    let pane = Pane::open(&desk, 100);
    pane.tmux(&["resize-window", "-t", "t", "-x", "100", "-y", "18"]);
    pane.type_line("clear; eksso add");
    pane.see(&["6/6"]);
    // The search is over when no notice stands behind the title any more.
    pane.see_without("[");
    pane.type_keys("web");
    pane.see(&["> web", "4/6"]);
    pane.key("Home");
    for marks in ["1 marked", "2 marked"] {
        pane.key("Tab");
        pane.see(&[marks]);
    }
    let screen = pane.tmux(&["capture-pane", "-e", "-p", "-t", "t"]);
    // The simulator's clusters are on this machine.
    let endpoint = |row: &str| match row.find("https://127.0.0.1:") {
        Some(at) => format!("{}https://0A1B2C3D4E5F.gr7.eu-west-1.eks.amazonaws.com", &row[..at]),
        None => row.to_owned(),
    };
    let rows: Vec<String> = rows(&screen).iter().map(|row| endpoint(row)).collect();
    compare("picker.svg", &format!("\u{1b}[1m$ eksso add\u{1b}[0m\n{}\n", rows.join("\n")), &desk);
}
