//! Which kubeconfig files there are and which one a change goes to: client-go's rules (`tools/clientcmd`).

use std::path::{Path, PathBuf};

/// The files kubectl reads, in its order: the explicit one alone, else the list in KUBECONFIG, else `~/.kube/config`.
pub fn search_path(explicit: Option<&Path>, kubeconfig: Option<&str>, home: &Path) -> Vec<PathBuf> {
    if let Some(path) = explicit {
        return vec![path.to_owned()];
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in std::env::split_paths(kubeconfig.unwrap_or_default()) {
        if !path.as_os_str().is_empty() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        paths.push(home.join(".kube").join("config"));
    }
    paths
}

/// The index of the file that takes new entries and `current-context`: the first that exists, else the last.
pub fn write_target(exists: &[bool]) -> usize {
    exists.iter().position(|exists| *exists).unwrap_or(exists.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_path_is_client_gos() {
        let home = Path::new("/home/u");
        let path = |explicit: Option<&str>, list| search_path(explicit.map(Path::new), list, home);
        assert_eq!(path(None, None), [PathBuf::from("/home/u/.kube/config")]);
        assert_eq!(path(None, Some("")), [PathBuf::from("/home/u/.kube/config")]);
        assert_eq!(path(Some("/x"), Some("/a")), [PathBuf::from("/x")]);
        #[cfg(unix)]
        assert_eq!(path(None, Some("/a::/b:/a")), [PathBuf::from("/a"), PathBuf::from("/b")]);
    }

    #[test]
    fn changes_go_to_the_first_file_that_exists_else_to_the_last() {
        assert_eq!(write_target(&[false, true, true]), 1);
        assert_eq!(write_target(&[false, false]), 1);
        assert_eq!(write_target(&[true]), 0);
    }
}
