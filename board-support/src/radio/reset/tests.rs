#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests"
)]

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// A tree of sysfs with one radio, `wlan0`.
struct Sys {
    root: TempDir,
}

impl Sys {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("class/net")).unwrap();
        Self { root }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// A device, its bus and its driver, each with the files to let it go and to take it.
    fn device(&self, path: &str, bus: &str, driver: Option<&str>) -> &Self {
        let device = self.path(path);
        fs::create_dir_all(&device).unwrap();
        let bus = self.path(&format!("bus/{bus}"));
        fs::create_dir_all(&bus).unwrap();
        symlink(&bus, device.join("subsystem")).unwrap();
        if let Some(name) = driver {
            let driver = bus.join("drivers").join(name);
            fs::create_dir_all(&driver).unwrap();
            for file in ["bind", "unbind"] {
                fs::write(driver.join(file), "").unwrap();
            }
            symlink(&driver, device.join("driver")).unwrap();
        }
        self
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        fs::write(self.path(path), text).unwrap();
        self
    }

    fn radio_at(&self, device: &str) -> &Self {
        let net = self.path(device).join("net/wlan0");
        fs::create_dir_all(&net).unwrap();
        symlink(self.path(device), net.join("device")).unwrap();
        symlink(&net, self.path("class/net/wlan0")).unwrap();
        self
    }

    fn reset(&self) -> Result<(), ResetError> {
        in_sys(self.root.path(), "wlan0")
    }

    fn holds(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }
}

#[test]
fn a_usb_radio_is_forbidden_and_allowed() {
    let sys = Sys::new();
    sys.device("devices/usb1", "usb", Some("usb"))
        .device("devices/usb1/1-1", "usb", Some("usb"))
        .file("devices/usb1/1-1/idVendor", "0e8d\n")
        .file("devices/usb1/1-1/authorized", "?")
        .device("devices/usb1/1-1/1-1:1.3", "usb", Some("mt7921u"))
        // An interface has such a file too, which takes away that alone.
        .file("devices/usb1/1-1/1-1:1.3/authorized", "1\n")
        .radio_at("devices/usb1/1-1/1-1:1.3");
    sys.reset().unwrap();
    // What was there is longer than what is written: a file of sysfs takes one write.
    assert_eq!(sys.holds("devices/usb1/1-1/authorized"), "1");
    assert_eq!(sys.holds("devices/usb1/1-1/1-1:1.3/authorized"), "1\n");
    let device = sys.path("devices/usb1/1-1/1-1:1.3").canonicalize().unwrap();
    let switch = Switch::of(&device).unwrap();
    assert_eq!((switch.off.1.as_str(), switch.on.1.as_str()), ("0", "1"));
    assert_eq!(sys.holds("bus/usb/drivers/mt7921u/unbind"), "", "untouched");
}

#[test]
fn an_sdio_radio_loses_its_host() {
    let sys = Sys::new();
    let host = "devices/platform/soc/fe300000.mmcnr";
    sys.device("devices/platform/soc", "platform", None)
        .device(host, "platform", Some("mmc-bcm2835"))
        .device(&format!("{host}/mmc_host/mmc1/mmc1:0001"), "mmc", None)
        .device(
            &format!("{host}/mmc_host/mmc1/mmc1:0001/mmc1:0001:1"),
            "sdio",
            Some("brcmfmac"),
        )
        .radio_at(&format!("{host}/mmc_host/mmc1/mmc1:0001/mmc1:0001:1"));
    sys.reset().unwrap();
    for file in ["unbind", "bind"] {
        let path = format!("bus/platform/drivers/mmc-bcm2835/{file}");
        assert_eq!(sys.holds(&path), "fe300000.mmcnr");
    }
    assert_eq!(sys.holds("bus/sdio/drivers/brcmfmac/unbind"), "");
}

#[test]
fn another_radio_is_let_go_and_taken_by_its_driver() {
    let sys = Sys::new();
    sys.device("devices/pci0/0000:01:00.0", "pci", Some("mt7915e"))
        .radio_at("devices/pci0/0000:01:00.0");
    sys.reset().unwrap();
    for file in ["unbind", "bind"] {
        let path = format!("bus/pci/drivers/mt7915e/{file}");
        assert_eq!(sys.holds(&path), "0000:01:00.0");
    }
}

#[test]
fn what_may_not_be_written_is_named() {
    let sys = Sys::new();
    sys.device("devices/pci0/0000:01:00.0", "pci", Some("mt7915e"))
        .radio_at("devices/pci0/0000:01:00.0");
    // A folder can be written by nobody, root included.
    let unbind = sys.path("bus/pci/drivers/mt7915e/unbind");
    fs::remove_file(&unbind).unwrap();
    fs::create_dir(&unbind).unwrap();
    let error = sys.reset().unwrap_err();
    let named = unbind.canonicalize().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "wlan0 cannot be reset: {} cannot be written",
            named.display()
        )
    );
    // It was asked to take the device all the same: half a reset is none.
    assert_eq!(sys.holds("bus/pci/drivers/mt7915e/bind"), "0000:01:00.0");
}

#[test]
fn what_hangs_on_no_device_is_not_reset() {
    let sys = Sys::new();
    let error = sys.reset().unwrap_err();
    assert_eq!(
        error.to_string(),
        "wlan0 cannot be reset: it hangs on no device"
    );
    sys.device("devices/virtual/x", "virtual", None)
        .radio_at("devices/virtual/x");
    assert!(matches!(sys.reset(), Err(ResetError::NoDevice { .. })));
}

#[test]
fn who_may_not_write_is_told_what_it_needs() {
    let error = |kind: io::ErrorKind| {
        let error = ResetError::Write {
            interface: "wlan0".to_owned(),
            path: PathBuf::from("/sys/x/unbind"),
            source: kind.into(),
        };
        error.to_string()
    };
    for kind in [
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::ReadOnlyFilesystem,
    ] {
        assert!(error(kind).ends_with("ReadWritePaths= in its unit)"));
    }
    assert!(error(io::ErrorKind::NotFound).ends_with("/sys/x/unbind cannot be written"));
}
