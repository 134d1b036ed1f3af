//! Whose hands a verb works with. A box's data belongs to its own user; what root writes there the running box could neither read nor
//! adopt. So a verb that root calls becomes the data's owner before it opens anything.

use super::Failure;
use nix::errno::Errno;
use nix::unistd::{AccessFlags, Gid, Group, Uid, access, geteuid, setgid, setgroups, setuid};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The groups that the box's unit has beside its own, where the system knows them: the parts of the board, and the slots.
const GROUPS_OF_THE_UNIT: [&str; 2] = ["school-box-parts", "school-box-slots"];

/// The owner of `data`, if root would work there for somebody else. Of data that is not there yet nobody is the owner.
fn other_owner(caller: Uid, data: &Path) -> Option<(Uid, Gid)> {
    let there = data.metadata().ok()?;
    let owner = Uid::from_raw(there.uid());
    (caller.is_root() && !owner.is_root()).then(|| (owner, Gid::from_raw(there.gid())))
}

/// Becomes the owner of `data` for good, if root calls and somebody else owns it. Call it before any file is opened and any thread begins.
/// Then whatever is in `sources` must be readable for that owner.
pub(super) fn become_owner(data: &Path, sources: &[PathBuf]) -> Result<(), Failure> {
    let Some((owner, group)) = other_owner(geteuid(), data) else {
        return Ok(());
    };
    let mut groups = vec![group];
    groups.extend(
        GROUPS_OF_THE_UNIT
            .iter()
            .filter_map(|name| Group::from_name(name).ok().flatten())
            .map(|group| group.gid),
    );
    setgroups(&groups)
        .and_then(|()| setgid(group))
        .and_then(|()| setuid(owner))
        .map_err(|errno| {
            Failure::NotDone(format!(
                "cannot become user {owner}, who owns {}: {}; run this as that user",
                data.display(),
                io::Error::from(errno)
            ))
        })?;
    match sources.iter().find(|source| is_closed_to_us(source)) {
        None => Ok(()),
        Some(source) => Err(Failure::NotDone(format!(
            "{} cannot be read by user {owner}, who owns {} and does the import; copy it to where that user may read, such as /tmp",
            source.display(),
            data.display()
        ))),
    }
}

/// What is missing is told as such by who looks for it.
fn is_closed_to_us(source: &Path) -> bool {
    access(source, AccessFlags::R_OK) == Err(Errno::EACCES)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn only_root_works_for_another_and_only_where_there_is_one() {
        let data = tempfile::tempdir().unwrap();
        let (root, someone) = (Uid::from_raw(0), Uid::from_raw(4711));
        assert_eq!(other_owner(someone, data.path()), None);
        assert_eq!(other_owner(root, &data.path().join("none")), None);
        let owner = data.path().metadata().unwrap();
        let other =
            (owner.uid() != 0).then(|| (Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid())));
        assert_eq!(other_owner(root, data.path()), other);
        if std::os::unix::fs::chown(data.path(), Some(900), Some(901)).is_ok() {
            let box_user = (Uid::from_raw(900), Gid::from_raw(901));
            assert_eq!(other_owner(root, data.path()), Some(box_user));
        }
    }
}
