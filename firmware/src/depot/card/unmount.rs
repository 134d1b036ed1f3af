//! The program `umount`. It knows who may unmount what without being root, and tells whoever mounted it (udisks).

use std::path::Path;
use std::process::Command;

/// Unmounts what is mounted on `place`: what is not written yet is written now.
///
/// # Errors
/// What the program says of it.
#[allow(
    clippy::disallowed_methods,
    reason = "the desk's own program; nothing of a box runs here"
)]
pub(super) fn unmount(place: &Path) -> Result<(), String> {
    let ended = Command::new("umount")
        .env("LC_ALL", "C")
        .arg(place)
        .output();
    let ended = ended.map_err(|error| format!("umount cannot be started: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    Err(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_mounted_is_no_success() {
        let told = unmount(Path::new("/nowhere/school-box"));
        assert!(told.is_err_and(|said| said.contains("umount")));
    }
}
