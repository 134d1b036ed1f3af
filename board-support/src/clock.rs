//! The battery-backed clock, through the kernel's driver.

use crate::BoardError;
use crate::files::{bad_input, read_bytes, read_text};
use std::path::{Path, PathBuf};

/// The battery-backed clock.
pub trait Rtc: Send {
    /// Unix seconds; `None` where there is no clock or it says it lost power.
    ///
    /// # Errors
    /// [`BoardError::Read`]; [`BoardError::BadInput`] where it tells no time.
    fn read(&mut self) -> Result<Option<u64>, BoardError>;
}

pub(crate) const RTC_CLASS: &str = "/sys/class/rtc";

/// The first of January 2024. A DS3231 that lost its power begins at 2000, and the kernel's driver takes its word for it (it clears the
/// chip's flag when it starts): a time before this one is nobody's setting.
const EARLIEST: u64 = 1_704_067_200;

/// A time that somebody can have set.
pub(crate) fn believed(unix: u64) -> Option<u64> {
    (unix >= EARLIEST).then_some(unix)
}

/// A clock in `/sys/class/rtc`.
pub(crate) struct KernelRtc {
    class: PathBuf,
    /// What its `name` holds; `None` takes the kernel's first.
    named: Option<&'static str>,
}

impl KernelRtc {
    /// The kernel's first clock.
    pub(crate) fn first() -> Self {
        Self {
            class: RTC_CLASS.into(),
            named: None,
        }
    }

    /// The clock of this name: a Pi 5 has one of its own, without a battery, before ours.
    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            class: RTC_CLASS.into(),
            named: Some(name),
        }
    }

    fn folder(&self) -> Option<PathBuf> {
        let Some(wanted) = self.named else {
            return Some(self.class.join("rtc0"));
        };
        clock_folder(&self.class, wanted)
    }
}

/// The folder of the clock of this name in the class.
pub(crate) fn clock_folder(class: &Path, name: &str) -> Option<PathBuf> {
    let folders = std::fs::read_dir(class).ok()?;
    folders
        .flatten()
        .map(|entry| entry.path())
        .find(|folder| has_name(folder, name))
}

fn has_name(folder: &Path, wanted: &str) -> bool {
    read_text(&folder.join("name")).ok().flatten().as_deref() == Some(wanted)
}

impl Rtc for KernelRtc {
    fn read(&mut self) -> Result<Option<u64>, BoardError> {
        let Some(path) = self.folder().map(|folder| folder.join("since_epoch")) else {
            return Ok(None);
        };
        // A clock that lost power makes the kernel refuse the read with EINVAL: that is no fault of the bus, it is no time.
        if read_bytes(&path)
            .is_err_and(|error| error.raw_os_error() == Some(nix::errno::Errno::EINVAL as i32))
        {
            return Ok(None);
        }
        let shown = read_text(&path)?.map_or(Ok(None), |text| seconds(&path, &text))?;
        Ok(shown.and_then(believed))
    }
}

/// The text of a clock: seconds, or nothing.
pub(crate) fn seconds(path: &Path, text: &str) -> Result<Option<u64>, BoardError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        bad_input(
            path,
            text,
            "a whole number of seconds since 1970, or nothing,",
        )
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests {
    use super::*;
    use std::fs;

    fn clock(class: &Path, folder: &str, name: &str, since_epoch: &str) {
        fs::create_dir(class.join(folder)).unwrap();
        fs::write(class.join(folder).join("name"), format!("{name}\n")).unwrap();
        fs::write(class.join(folder).join("since_epoch"), since_epoch).unwrap();
    }

    #[test]
    fn the_clock_is_chosen_by_name() {
        let class = tempfile::tempdir().unwrap();
        clock(class.path(), "rtc0", "rpi-rtc soc:rpi_rtc", "1800000000\n");
        clock(class.path(), "rtc1", "rtc-ds1307 1-0068", "1772434800\n");
        let read = |named| {
            KernelRtc {
                class: class.path().to_owned(),
                named,
            }
            .read()
            .unwrap()
        };
        assert_eq!(read(Some("rtc-ds1307 1-0068")), Some(1_772_434_800));
        assert_eq!(read(None), Some(1_800_000_000));
        assert_eq!(read(Some("pcf8523 1-0068")), None);
    }

    #[test]
    fn a_clock_that_lost_its_power_tells_no_time() {
        let class = tempfile::tempdir().unwrap();
        clock(class.path(), "rtc0", "lost", "946684812\n");
        clock(class.path(), "rtc1", "set", "1704067200\n");
        let read = |name| {
            let class = class.path().to_owned();
            let named = Some(name);
            KernelRtc { class, named }.read().unwrap()
        };
        assert_eq!(read("lost"), None);
        assert_eq!(read("set"), Some(EARLIEST));
    }

    #[test]
    fn no_class_is_no_clock_and_nonsense_is_named() {
        let class = tempfile::tempdir().unwrap();
        let rtc = |named| KernelRtc {
            class: class.path().to_owned(),
            named,
        };
        assert_eq!(rtc(None).read().unwrap(), None);
        assert_eq!(rtc(Some("x")).read().unwrap(), None);
        clock(class.path(), "rtc0", "x", "noon\n");
        let error = rtc(None).read().unwrap_err().to_string();
        assert!(
            error.contains("since_epoch") && error.contains("noon"),
            "{error}"
        );
    }
}
