//! What `-` goes back to.

use std::path::PathBuf;

use crate::domain::text::digest;
use crate::error::Result;
use crate::flows::kubeconfig::contexts::{Kubeconfigs, is_isolated};
use crate::ports::World;

const MAX_BYTES: u64 = 1 << 16;
/// How many are remembered.
const KEPT: usize = 20;

/// What `-` goes back to: the context, or the namespace of a context, that was current before.
pub struct Previous<'w> {
    world: &'w World,
    file: PathBuf,
    /// Where it was kept before 0.2, for all kubeconfigs together.
    before: Option<PathBuf>,
}

impl<'w> Previous<'w> {
    /// The context in the files of these paths. What was current in others, as with another KUBECONFIG in another terminal or
    /// in a shell of its own, is no way back in these. The history of an isolated kubeconfig lies beside it, and goes with it.
    pub fn context(world: &'w World, paths: &[PathBuf]) -> Self {
        let isolated = paths.iter().find(|path| is_isolated(world, std::slice::from_ref(path)));
        if let Some(path) = isolated {
            return Self { world, file: path.with_extension("previous"), before: None };
        }
        let list = paths.iter().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
        let list: Vec<String> = list.map(|path| path.display().to_string()).collect();
        let name = &digest(&list.join("\n"))[..32];
        let state = &world.folders.state;
        let (file, before) = (state.join("previous-contexts").join(name), Some(state.join("previous-context")));
        Self { world, file, before }
    }

    /// The namespace of a context in the files that it was read from: a context of the same name in another kubeconfig, as in a
    /// shell of its own, was never where this one was. What belongs to an isolated kubeconfig lies beside it, and goes with it.
    pub fn namespace(world: &'w World, files: &Kubeconfigs, context: &str) -> Self {
        let path = files.holder(context);
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let name = digest(&format!("{}\n{context}", path.display()));
        let file = match files.is_isolated() {
            true => path.with_extension(format!("{}.namespace", &name[..16])),
            false => world.folders.state.join("previous-namespace").join(name),
        };
        Self { world, file, before: None }
    }

    /// Its name, if there is one.
    pub fn get(&self) -> Result<Option<String>> {
        Ok(self.names()?.into_iter().next())
    }

    /// All names, the latest first; a name counts once, where it was left last.
    pub fn names(&self) -> Result<Vec<String>> {
        // What is no file is no history, and may be waited for without end.
        let is_file = |file: &&PathBuf| self.world.files.changeable(file).is_ok();
        let read =
            |file: &PathBuf| Some(file).filter(is_file).map_or(Ok(None), |file| self.world.files.read(file, MAX_BYTES));
        let bytes = match read(&self.file)? {
            None => self.before.as_ref().map(read).transpose()?.flatten(),
            own => own,
        };
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let lines = text.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    }

    /// Follows an entry to its new name; the old one stays behind it, as the renaming may be taken back.
    pub fn rename(&self, old: &str, new: &str) {
        let mut names = self.names().unwrap_or_default();
        let Some(place) = names.iter().position(|name| name == old) else { return };
        names.insert(place, new.to_owned());
        self.write(&names);
    }

    /// Remembers what was left, unless nothing was.
    pub fn set(&self, left: Option<&str>, now: &str) {
        // A name of several lines would be read back as several names.
        let Some(left) = left.filter(|left| *left != now && !left.contains('\n')) else { return };
        let mut names = self.names().unwrap_or_default();
        names.retain(|name| name != left && name != now);
        names.insert(0, left.to_owned());
        names.truncate(KEPT);
        self.write(&names);
    }

    /// Forgets a context whose role has ended: `-` takes no role anew. Where the end went back to another context, it leads to
    /// what was current before both.
    pub fn ended(&self, ended: &str, back: Option<&str>) {
        let names = self.names().unwrap_or_default();
        let kept: Vec<String> =
            names.iter().filter(|name| *name != ended && Some(name.as_str()) != back).cloned().collect();
        if kept.len() != names.len() {
            self.write(&kept);
        }
    }

    /// The change itself is made by then: what cannot be remembered costs the way back by `-`, and no more.
    fn write(&self, names: &[String]) {
        let text: String = names.iter().map(|name| format!("{name}\n")).collect();
        // Not synced to the disk: what a power cut takes is one way back, which `eksso undo` has, too.
        _ = self.world.files.write_fleeting(&self.file, text.as_bytes());
    }
}
