//! Files of reports. Each is a new file: a name that is typed twice must not cost the record of another day.

use std::path::{Path, PathBuf};

use crate::commands::shared::call::Call;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};

/// A file that a report is to be written to, and that is not there yet.
pub struct NewFile<'c> {
    call: &'c Call<'c>,
    path: &'c Path,
}

impl<'c> NewFile<'c> {
    /// Names it before anything is read or asked for, which may take minutes.
    ///
    /// # Errors
    /// Something is there already, or that cannot be told.
    pub fn new(call: &'c Call<'c>, path: &'c Path) -> Result<Self> {
        let file = Self { call, path };
        file.refuse_existing()?;
        Ok(file)
    }

    /// Its name, for words.
    pub fn shown(&self) -> String {
        shell_word(&self.path.display().to_string()).into_owned()
    }

    /// Writes it, unless something took its place in the meantime.
    pub fn write(&self, text: &str) -> Result<()> {
        self.refuse_existing()?;
        self.call.world.files.replace(self.path, text.as_bytes())
    }

    fn refuse_existing(&self) -> Result<()> {
        if !self.is_there(self.path)? {
            return Ok(());
        }
        let error =
            Error::new(Kind::Usage, format!("{} is there already; a report is a new file", self.path.display()));
        let free =
            (2..100).map(|number| numbered(self.path, number)).find(|path| matches!(self.is_there(path), Ok(false)));
        Err(match free {
            Some(free) => error.hint(format!("a name that is free: {}", shell_word(&free.display().to_string()))),
            None => error,
        })
    }

    /// Whether there is anything of that name: a file, a folder, a device.
    fn is_there(&self, path: &Path) -> Result<bool> {
        let files = &self.call.world.files;
        match files.read(path, 1) {
            Ok(content) => Ok(content.is_some()),
            // It is larger than that, or it cannot be read; the folder tells which.
            Err(error) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let is_listed = |found: &PathBuf| found.file_name() == path.file_name();
                let listed = files.list(folder).is_ok_and(|found| found.iter().any(is_listed));
                if listed { Ok(true) } else { Err(error) }
            }
        }
    }
}

/// `reports/may.json` as `reports/may-2.json`.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{number}{extension}"))
}
