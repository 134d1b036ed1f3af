//! The rung below the interface: a radio's device is taken from its driver and given back.
//!
//! ```text
//!   USB    the device's `authorized`, 0 and 1: the bus forgets its settings and finds it anew
//!   SDIO   the host is taken from its driver and given back: the chip loses its power (raspberrypi/linux #2453)
//!   else   the device is taken from its driver and given back
//! ```

use crate::files::write_in_place;
use std::io;
use std::path::{Path, PathBuf};

/// A device could not be reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// It has no device of its own, as one of the kernel's own making.
    #[error("{interface} cannot be reset: it hangs on no device")]
    NoDevice {
        /// The radio.
        interface: String,
    },
    /// A file of sysfs was not written.
    #[error("{interface} cannot be reset: {} cannot be written{}", path.display(), advice(source))]
    Write {
        /// The radio.
        interface: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What to do about it, where the driver did not just refuse.
fn advice(why: &io::Error) -> &'static str {
    let forbidden = [
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::ReadOnlyFilesystem,
    ];
    if forbidden.contains(&why.kind()) {
        "; the service needs the right to (its group by a udev rule, ReadWritePaths= in its unit)"
    } else {
        ""
    }
}

/// Resets the device of `interface`; some seconds while its driver lets it go. The interface is gone afterwards until the driver made it
/// anew: wait with [`super::network::wait_for`].
///
/// # Errors
/// [`ResetError`] says which file was not to be written. When it was given up half way, what could be given back was.
pub fn reset(interface: &str) -> Result<(), ResetError> {
    in_sys(Path::new("/sys"), interface)
}

fn in_sys(sys: &Path, interface: &str) -> Result<(), ResetError> {
    let link = sys.join("class/net").join(interface).join("device");
    let device = link.canonicalize().map_err(|_| ResetError::NoDevice {
        interface: interface.to_owned(),
    })?;
    let switch = Switch::of(&device).ok_or_else(|| ResetError::NoDevice {
        interface: interface.to_owned(),
    })?;
    let written = |path: &Path, text: &str| {
        write_in_place(path, text.as_bytes()).map_err(|source| ResetError::Write {
            interface: interface.to_owned(),
            path: path.to_owned(),
            source,
        })
    };
    let off = written(&switch.off.0, &switch.off.1);
    // Whether or not it was let go: what is given back twice is there.
    let on = written(&switch.on.0, &switch.on.1);
    off.and(on)
}

/// A file and what is written to it, to take a device away and to give it back.
#[derive(Debug, PartialEq, Eq)]
struct Switch {
    off: (PathBuf, String),
    on: (PathBuf, String),
}

impl Switch {
    fn of(device: &Path) -> Option<Self> {
        let nearest =
            |wanted: &dyn Fn(&Path) -> bool| device.ancestors().find(|folder| wanted(folder));
        match bus(device).as_deref() {
            Some("usb") => {
                let authorized = nearest(&|folder| {
                    folder.join("authorized").is_file() && folder.join("idVendor").is_file()
                })?
                .join("authorized");
                Some(Self {
                    off: (authorized.clone(), "0".to_owned()),
                    on: (authorized, "1".to_owned()),
                })
            }
            Some("sdio") => Self::driver(nearest(&|folder| {
                bus(folder).as_deref() == Some("platform")
            })?),
            _ => Self::driver(device),
        }
    }

    /// By the files of its driver, which must be found before it is let go.
    fn driver(device: &Path) -> Option<Self> {
        let driver = device.join("driver").canonicalize().ok()?;
        let name = device.file_name()?.to_str()?.to_owned();
        Some(Self {
            off: (driver.join("unbind"), name.clone()),
            on: (driver.join("bind"), name),
        })
    }
}

/// The bus that a device is on.
fn bus(device: &Path) -> Option<String> {
    let link = std::fs::read_link(device.join("subsystem")).ok()?;
    Some(link.file_name()?.to_str()?.to_owned())
}

#[cfg(test)]
mod tests;
