//! A QR code made of half blocks, for signing in with a phone.

use fast_qr::QRBuilder;

/// Draws a text as a QR code; `None` when it does not fit the terminal's width.
pub fn render(text: &str, width: usize) -> Option<String> {
    let code = QRBuilder::new(text).build().ok()?;
    let picture = code.to_str();
    let columns = picture.lines().map(|line| line.chars().count()).max()?;
    (columns < width).then(|| format!("{picture}\n"))
}
