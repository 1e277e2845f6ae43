//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};

/// How the names of unfinished files begin.
const UNFINISHED: &str = ".ordain-unfinished-";

/// Makes a folder for output, and proves that it can be written to.
pub(crate) fn output_folder(folder: &Path) -> Outcome<()> {
    let refuse = |error: io::Error| {
        let failure = Failure::file(Exit::BadInput, folder, "write output there", &error);
        failure.mend("name another folder with `--out DIR`")
    };
    fs::create_dir_all(folder).map_err(refuse)?;
    let probe = unfinished(&folder.join("probe"));
    fs::write(&probe, b"").map_err(refuse)?;
    fs::remove_file(&probe).map_err(refuse)
}

/// Makes, before the work begins, the folder of a file which an option names, and proves that the file is none itself.
pub(crate) fn ready_for(file: &Path, option: &str) -> Outcome<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let refuse = |what: String| Failure::bad(format!("{option} {}: {what}", file.display()));
    fs::create_dir_all(folder)
        .map_err(|error| refuse(format!("cannot make the folder {}: {error}", folder.display())))?;
    if file.is_dir() { Err(refuse("this is a folder".to_owned())) } else { Ok(()) }
}

/// Writes a file by way of another beside it: whoever looks sees the old text or the new one, never a part.
pub(crate) fn write(path: &Path, text: &str) -> Outcome<()> {
    let beside = unfinished(path);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        Failure::file(Exit::Unfinished, path, "write it", &error)
    })
}

/// Removes files that an earlier run left in a folder: those with one of these endings that are not among `keep`.
pub(crate) fn sweep(folder: &Path, keep: &[String], endings: &[&str]) -> Outcome<()> {
    let cannot = |error: io::Error| Failure::file(Exit::Unfinished, folder, "remove what an earlier run left", &error);
    #[expect(clippy::disallowed_methods, reason = "the order of removals does not matter")]
    let entries = fs::read_dir(folder).map_err(cannot)?;
    for entry in entries {
        let entry = entry.map_err(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with(UNFINISHED) || endings.iter().any(|ending| name.ends_with(ending));
        if ours && !keep.contains(&name) && entry.file_type().map_err(cannot)?.is_file() {
            fs::remove_file(entry.path()).map_err(cannot)?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "keeps two programs from writing to one file; the name is gone at the end"
)]
fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{UNFINISHED}{}-{name}", std::process::id()))
}

/// A text file that must be UTF-8 and of a sensible size.
pub(crate) fn read(path: &Path, exit: Exit, bytes_max: u64) -> Outcome<String> {
    let refuse = |what: String| Failure::new(exit, format!("{}: {what}", path.display()));
    if path.is_dir() {
        return Err(refuse("this is a directory, not a file".to_owned()));
    }
    // A pipe would be waited for, and a device might never end.
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        return Err(refuse("this is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| refuse(format!("cannot read it: {error}")))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|error| refuse(format!("cannot read it: {error}")))?;
    if bytes.len() as u64 > bytes_max {
        return Err(refuse(format!("longer than {} KiB", bytes_max >> 10)));
    }
    String::from_utf8(bytes).map_err(|_| refuse("not UTF-8 text".to_owned()))
}
