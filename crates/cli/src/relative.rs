//! Paths from one file to another, as they are stored in regressions.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The way from `folder` to `file`; both must exist. Written with `/`, on every system.
pub(crate) fn from_to(folder: &Path, file: &Path) -> io::Result<String> {
    Ok(slashed(&between(&folder.canonicalize()?, &file.canonicalize()?)))
}

fn between(folder: &Path, file: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<_>) = (folder.components().collect(), file.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return file.to_owned();
    }
    let up = from[common..].iter().map(|_| Component::ParentDir);
    up.chain(to[common..].iter().copied()).collect()
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::between;
    use std::path::Path;

    #[test]
    fn the_way_goes_up_to_what_is_common_and_down() {
        let way = |folder: &str, file: &str| between(Path::new(folder), Path::new(file)).display().to_string();
        assert_eq!(way("/a/scenarios/x.regressions", "/a/scenarios/x.yaml"), "../x.yaml");
        assert_eq!(way("/a/reports/out/x", "/a/scenarios/x.yaml"), "../../../scenarios/x.yaml");
        assert_eq!(way("/a", "/a/x.yaml"), "x.yaml");
    }
}
