//! Files that appear whole or not at all.

use std::fs::{self, Metadata, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use anyhow::Context;
use tempfile::NamedTempFile;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Everyone,
    /// Mode 0600: it holds a private key.
    OwnerOnly,
    /// Those of the file that it replaces, which must be there.
    AsBefore,
}

/// The text of `file`, or `None` when there is none.
pub(crate) fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        // Something that is no text is no certificate: it is replaced like any unusable one.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", file.display())),
    }
}

/// Writes `text` beside `file` and renames it, so that a server reading `file` sees the old or the new one.
pub(crate) fn write(file: &Path, text: &[u8], readers: Readers) -> anyhow::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(file.file_name().unwrap_or_default());
    prefix.push(".");
    let mode = if readers == Readers::Everyone { 0o644 } else { 0o600 };
    // Never one that is there already, nor where a link leads; until its owner is right, nobody else reads it.
    let mut draft = tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(".tmp")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)
        .with_context(|| format!("failed to make a draft in {}", folder.display()))?;
    let filled = draft.write_all(text).and_then(|()| match readers {
        Readers::AsBefore => dress(&draft, &fs::metadata(file)?),
        Readers::Everyone | Readers::OwnerOnly => Ok(()),
    });
    filled
        .and_then(|()| draft.as_file().sync_all())
        .with_context(|| format!("failed to write a draft of {}", file.display()))?;
    draft
        .persist(file)
        .with_context(|| format!("failed to put {} in its place", file.display()))?;
    Ok(())
}

/// Gives a draft the owner, the group and the mode of a file. Only root can give a file away.
fn dress(draft: &NamedTempFile, before: &Metadata) -> std::io::Result<()> {
    let (uid, gid) = (before.uid(), before.gid());
    let file = draft.as_file();
    // Whether it was of any use is seen on the file.
    let _given = fchown(file, Some(uid), Some(gid)).or_else(|_| fchown(file, None, Some(gid)));
    let now = file.metadata()?;
    file.set_permissions(Permissions::from_mode(mode(
        before.mode(),
        now.uid() == uid,
        now.gid() == gid,
    )))
}

/// The mode of a file whose owner or group may not be those of the file that it replaces: what another group could do
/// is not for this one, and nobody runs it as somebody else.
fn mode(before: u32, same_owner: bool, same_group: bool) -> u32 {
    let mode = if same_owner && same_group {
        before
    } else {
        before & 0o777
    };
    if same_group { mode } else { mode & !0o070 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_group_gets_nothing_and_another_owner_no_set_id() {
        assert_eq!(mode(0o4664, true, true), 0o4664);
        assert_eq!(mode(0o4664, false, true), 0o664);
        assert_eq!(mode(0o2664, true, false), 0o604);
    }

    #[test]
    fn what_was_planted_under_the_name_of_a_draft_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("other"));
        fs::write(&file, "old").unwrap();
        fs::write(&other, "of somebody").unwrap();
        let planted = folder.path().join(format!(".a.{}.tmp", std::process::id()));
        std::os::unix::fs::symlink(&other, &planted).unwrap();
        write(&file, b"new", Readers::AsBefore).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read(&other).unwrap(), b"of somebody");
        fs::remove_file(planted).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn a_draft_that_cannot_take_its_place_goes() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("a");
        fs::create_dir(&taken).unwrap();
        let why = write(&taken, b"new", Readers::OwnerOnly).unwrap_err().to_string();
        assert_eq!(why, format!("failed to put {} in its place", taken.display()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
