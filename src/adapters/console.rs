//! What Windows' consoles want in place of plain bytes: to be told that colours come, and text in place of bytes.

use std::borrow::Cow;

/// Switches on what colours and the like are written with. It is off in consoles of programs that never ask for it; whatever
/// the person chose about colours, the same words are written.
pub fn take_escape_sequences() {
    #[cfg(windows)]
    {
        use std::io::{IsTerminal, stderr, stdout};
        if stdout().is_terminal() || stderr().is_terminal() {
            // Consoles of Windows 10 and later all know them.
            _ = crossterm::ansi_support::supports_ansi();
        }
    }
}

/// What another program wrote, for a stream of ours that may be a console. One that is handed UTF-8 shows it; for other bytes
/// the standard library has an error. So they are read as the program meant them, which saw no console: in its code page.
pub fn for_stream(bytes: &[u8], is_console: bool) -> Cow<'_, [u8]> {
    if cfg!(windows) && is_console { as_text(bytes, of_code_page) } else { Cow::Borrowed(bytes) }
}

/// The text up to the first byte that is no UTF-8 is as it is: what we put before a line is.
fn as_text(bytes: &[u8], decode: impl Fn(&[u8]) -> String) -> Cow<'_, [u8]> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Cow::Borrowed(bytes),
        Err(error) => {
            let (text, rest) = bytes.split_at(error.valid_up_to());
            Cow::Owned([text, decode(rest).as_bytes()].concat())
        }
    }
}

#[cfg(windows)]
#[allow(unsafe_code, reason = "the standard library knows no code pages")]
fn of_code_page(bytes: &[u8]) -> String {
    use windows_sys::Win32::Globalization::MultiByteToWideChar;
    use windows_sys::Win32::System::Console::GetConsoleOutputCP;
    // A line is shorter than 2 GiB. No code page takes fewer bytes than it gives units.
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    let mut wide = vec![0; usize::try_from(length).unwrap_or_default()];
    // SAFETY: as many bytes are read, and at most as many units written, as the two have.
    let written =
        unsafe { MultiByteToWideChar(GetConsoleOutputCP(), 0, bytes.as_ptr(), length, wide.as_mut_ptr(), length) };
    match usize::try_from(written) {
        Ok(1..) => String::from_utf16_lossy(&wide[..usize::try_from(written).unwrap_or_default()]),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(not(windows))]
fn of_code_page(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_line_is_lost_that_is_no_utf_8() {
        let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
        let shown = |bytes: &'static [u8]| String::from_utf8(as_text(bytes, latin).into_owned()).expect("text");
        assert_eq!(shown("contéxt | ok\n".as_bytes()), "contéxt | ok\n");
        assert_eq!(shown(b"cont\xc3\xa9xt | caf\xe9 \xe0\n"), "contéxt | café à\n");
        assert_eq!(for_stream(b"caf\xe9", false), b"caf\xe9".as_slice(), "no console takes bytes as they are");
        assert_eq!(of_code_page(b"plain"), "plain");
    }

    /// In a console of its own, as tests may run without one.
    #[cfg(windows)]
    #[test]
    #[allow(unsafe_code, reason = "a console is made and asked")]
    fn a_console_is_told_that_colours_come() {
        use std::os::windows::io::AsRawHandle;

        use windows_sys::Win32::System::Console::{AllocConsole, ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleMode};
        // SAFETY: the call takes nothing; it fails where there is a console already.
        _ = unsafe { AllocConsole() };
        _ = crossterm::ansi_support::supports_ansi();
        let console = std::fs::OpenOptions::new().read(true).write(true).open("CONOUT$").expect("a console");
        let mut mode = 0;
        // SAFETY: the handle is open, and the place outlives the call.
        assert_ne!(unsafe { GetConsoleMode(console.as_raw_handle(), &raw mut mode) }, 0);
        assert_ne!(mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING, 0);
    }
}
