//! The alarm that switches the box on again, through the latching load switch.

use crate::BoardError;
use crate::bus::BusAddress;
use crate::clock::{believed, clock_folder, seconds};
use crate::ds3231::Ds3231;
use crate::files::{bad_input, read_text, write_error, write_in_place};
use std::path::{Path, PathBuf};

/// The alarm of the battery-backed clock, wired to the latch.
pub trait WakeAlarm: Send {
    /// Sets the alarm to `at` (Unix seconds on the board's own clock), or clears it; checked by reading it back. Either way the flag
    /// that [`WakeAlarm::rang`] tells of is cleared, so that the latch can be let go.
    ///
    /// Gives back when it will really ring: never less than [`LEAST_AHEAD`] from now, so that the box is down by then, and never more
    /// than a clock can look ahead ([`MOST_AHEAD`] for one that matches the day of the month); it is then set again. `None` where it
    /// was cleared.
    ///
    /// # Errors
    /// A [`BoardError`]; the box must then not rely on being woken.
    fn set(&mut self, at: Option<u64>) -> Result<Option<u64>, BoardError>;

    /// Whether the alarm has rung and nobody cleared it since: it was what switched the box on. Asked once at the start, before the first
    /// [`WakeAlarm::set`]. `false` where the board cannot know.
    ///
    /// # Errors
    /// A [`BoardError`] where it cannot be read.
    fn rang(&mut self) -> Result<bool, BoardError> {
        Ok(false)
    }
}

/// The chip behind an alarm that somebody else sets.
pub(crate) trait AlarmChip: WakeAlarm {
    /// It is set for this moment, in its own registers.
    fn rings_at(&mut self, at: u64) -> Result<(), BoardError>;
}

/// Seconds. An alarm sooner than this would ring before the box is down; one that is past would ring next month.
pub const LEAST_AHEAD: u64 = 60;

/// Seconds: 27 days. The shortest month has 28, and an alarm that matches the day of the month must not ring a month early.
pub const MOST_AHEAD: u64 = 27 * 86_400;

/// When an alarm for `at` rings on a clock that shows `now`.
pub(crate) const fn within_reach(now: u64, at: u64) -> u64 {
    let (first, last) = (
        now.saturating_add(LEAST_AHEAD),
        now.saturating_add(MOST_AHEAD),
    );
    if at < first {
        first
    } else if at > last {
        last
    } else {
        at
    }
}

/// The alarm of the clock of this name in the kernel's class, at this place on its bus.
///
/// The kernel's own alarm is used where it offers one (the device tree calls the clock a `wakeup-source`), else the chip itself, whose alarm
/// registers the kernel's driver then leaves alone. Whether it rang is asked of the chip in either case: the kernel does not tell.
///
/// # Errors
/// [`BoardError`] where neither is there.
pub(crate) fn open(
    class: &Path,
    name: &str,
    at: BusAddress,
) -> Result<Box<dyn WakeAlarm>, BoardError> {
    let chip = Ds3231::open(at);
    let alarm = clock_folder(class, name).filter(|folder| folder.join("wakealarm").exists());
    Ok(match alarm {
        Some(folder) => Box::new(KernelAlarm {
            files: Folder(folder),
            chip: chip.ok().map(|chip| Box::new(chip) as Box<dyn AlarmChip>),
        }),
        None => Box::new(chip?),
    })
}

/// The files of a clock in `/sys/class/rtc`.
trait ClockFiles: Send {
    fn path(&self, name: &str) -> PathBuf;
    fn read(&mut self, name: &str) -> Result<String, BoardError>;
    fn write(&mut self, name: &str, text: &str) -> Result<(), BoardError>;
}

struct Folder(PathBuf);

impl ClockFiles for Folder {
    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn read(&mut self, name: &str) -> Result<String, BoardError> {
        Ok(read_text(&self.path(name))?.unwrap_or_default())
    }

    fn write(&mut self, name: &str, text: &str) -> Result<(), BoardError> {
        let path = self.path(name);
        write_in_place(&path, text.as_bytes()).map_err(|error| write_error(&path, error))
    }
}

/// The kernel's alarm of such a clock.
struct KernelAlarm<F> {
    files: F,
    /// The chip, to ask whether it rang, to clear that, and to see that the alarm arrived: the kernel's driver does not look whether its
    /// last write went through.
    chip: Option<Box<dyn AlarmChip>>,
}

impl<F: ClockFiles> KernelAlarm<F> {
    fn now(&mut self) -> Result<u64, BoardError> {
        let text = self.files.read("since_epoch")?;
        let path = self.files.path("since_epoch");
        seconds(&path, &text)?
            .and_then(believed)
            .ok_or_else(|| BoardError::TimeLost {
                clock: self.files.path("").display().to_string(),
            })
    }

    fn check(&mut self, written: &str) -> Result<(), BoardError> {
        let found = self.files.read("wakealarm")?;
        if found == written {
            return Ok(());
        }
        let path = self.files.path("wakealarm");
        Err(bad_input(&path, &found, "what was just written there"))
    }
}

impl<F: ClockFiles> WakeAlarm for KernelAlarm<F> {
    fn set(&mut self, at: Option<u64>) -> Result<Option<u64>, BoardError> {
        // The kernel refuses an alarm while one is set, so it is cleared first; the chip's flag it clears with the next alarm only.
        self.files.write("wakealarm", "0")?;
        self.check("")?;
        if let Some(chip) = &mut self.chip {
            chip.set(None)?;
        }
        let Some(at) = at else {
            return Ok(None);
        };
        let at = within_reach(self.now()?, at);
        let text = at.to_string();
        self.files.write("wakealarm", &text)?;
        self.check(&text)?;
        if let Some(chip) = &mut self.chip {
            chip.rings_at(at)?;
        }
        Ok(Some(at))
    }

    fn rang(&mut self) -> Result<bool, BoardError> {
        self.chip.as_mut().map_or(Ok(false), |chip| chip.rang())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::bus::{SmbusOnly, Stub};
    use nix::errno::Errno;
    use std::io;

    const NOW: u64 = 1_772_434_800;
    const AT: BusAddress = BusAddress {
        bus: 1,
        address: 0x68,
    };

    /// `wakealarm` as the kernel keeps it; a deaf one takes everything and keeps nothing.
    struct Kernel {
        now: &'static str,
        alarm: String,
        deaf: bool,
    }

    impl ClockFiles for Kernel {
        fn path(&self, name: &str) -> PathBuf {
            Path::new("/sys/class/rtc/rtc0").join(name)
        }

        fn read(&mut self, name: &str) -> Result<String, BoardError> {
            Ok(match name {
                "wakealarm" => self.alarm.clone(),
                _ => self.now.to_owned(),
            })
        }

        fn write(&mut self, name: &str, text: &str) -> Result<(), BoardError> {
            let refused = |errno| write_error(&self.path(name), io::Error::from(errno));
            match text {
                _ if self.deaf => {}
                "0" => self.alarm.clear(),
                _ if !self.alarm.is_empty() => return Err(refused(Errno::EBUSY)),
                _ => self.alarm = text.to_owned(),
            }
            Ok(())
        }
    }

    fn kernel(now: &'static str, deaf: bool) -> KernelAlarm<Kernel> {
        KernelAlarm {
            files: Kernel {
                now,
                alarm: String::new(),
                deaf,
            },
            chip: None,
        }
    }

    #[test]
    fn an_alarm_is_never_nearer_than_the_box_is_down_nor_further_than_a_month() {
        assert_eq!(within_reach(NOW, NOW + 3600), NOW + 3600);
        assert_eq!(within_reach(NOW, NOW + 1), NOW + LEAST_AHEAD);
        assert_eq!(within_reach(NOW, 0), NOW + LEAST_AHEAD);
        assert_eq!(within_reach(NOW, NOW + 90 * 86_400), NOW + MOST_AHEAD);
        assert_eq!(within_reach(u64::MAX, 0), u64::MAX);
    }

    #[test]
    fn the_kernels_alarm_is_set_over_another_cleared_and_capped() {
        let mut alarm = kernel("1772434800", false);
        assert_eq!(alarm.set(Some(NOW + 600)).unwrap(), Some(NOW + 600));
        assert_eq!(alarm.set(Some(NOW + 700)).unwrap(), Some(NOW + 700));
        assert_eq!(alarm.files.alarm, (NOW + 700).to_string());
        let capped = alarm.set(Some(NOW + 40 * 86_400)).unwrap();
        assert_eq!(capped, Some(NOW + MOST_AHEAD));
        assert_eq!(alarm.set(None).unwrap(), None);
        assert_eq!(alarm.files.alarm, "");
        assert!(!alarm.rang().unwrap(), "nobody knows");
    }

    #[test]
    fn a_kernel_that_keeps_nothing_and_a_clock_without_its_time_are_told() {
        let deaf = kernel("1772434800", true).set(Some(NOW + 600)).unwrap_err();
        insta::assert_snapshot!(deaf, @"/sys/class/rtc/rtc0/wakealarm holds ``: what was just written there is meant");
        for lost in ["946684812", ""] {
            let lost = kernel(lost, false).set(Some(NOW + 600)).unwrap_err();
            assert_eq!(
                lost.to_string(),
                "/sys/class/rtc/rtc0/ has lost the time: its cell is empty or missing; change it and set the clock"
            );
        }
    }

    #[test]
    fn the_flag_is_read_from_the_chip_and_cleared_with_every_setting() {
        let rung = Stub::new()
            .with_bytes(0, &[0x00, 0x00, 0x07, 0x02, 0x02, 0x03, 0x26])
            .with_bytes(0x0f, &[0x09]);
        let mut alarm = kernel("1772434800", false);
        let chip = Ds3231::new(SmbusOnly(rung), AT).unwrap();
        alarm.chip = Some(Box::new(chip));
        assert!(alarm.rang().unwrap());
        alarm.set(None).unwrap();
        assert!(!alarm.rang().unwrap());
        // This kernel says it is set, and wrote nothing to the chip.
        let lost = alarm.set(Some(NOW + 3600)).unwrap_err();
        insta::assert_snapshot!(lost, @"DS3231 on I2C bus 1, address 0x68: register ALARM_1_HOURS holds 0x0000 after 0x0008 was written");
    }

    #[test]
    fn where_neither_kernel_nor_chip_is_there_the_bus_is_named() {
        let nothing = tempfile::tempdir().unwrap();
        let at = BusAddress { bus: 250, ..AT };
        let error = open(nothing.path(), "rtc-ds1307 1-0068", at).err().unwrap();
        assert_eq!(error.to_string(), "cannot read /dev/i2c-250");
    }
}
