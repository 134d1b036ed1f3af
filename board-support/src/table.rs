//! The board table: a row per board, and finding the row from the device tree.
//!
//! Every number is of the reference hardware: GPIO numbers are BCM, addresses 7 bit.

use serde::Serialize;

/// Which board this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoardId {
    /// Files, no hardware.
    Sim,
    /// Raspberry Pi 4 Model B.
    RaspberryPi4,
    /// Raspberry Pi Compute Module 4 on any carrier.
    ComputeModule4,
    /// Raspberry Pi 5 or Compute Module 5.
    RaspberryPi5,
    /// Any other machine: no battery of ours, no lights, no button.
    Generic,
}

/// One board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardRow {
    /// Which.
    pub id: BoardId,
    /// The device tree's `compatible` has one of these.
    pub compatible: &'static [&'static str],
    /// Or, where the boot loader left `compatible` out, its `model` begins so.
    pub model: &'static [&'static str],
    /// Where the parts are.
    pub wiring: Wiring,
}

/// Where the parts of a board are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wiring {
    /// The battery gauge.
    pub gauge: GaugeWiring,
    /// Victron's cables for solar charger or battery monitor, by the name that Linux gives them: a path whose last part ends with `*`.
    pub charger: Option<&'static str>,
    /// The lights, high when lit.
    pub panel: PanelLines,
    /// The button: low when pressed, pulled up.
    pub button: u8,
    /// The rails, high when on.
    pub rails: RailLines,
    /// The power latch: high cuts the power. It is the kernel's (`gpio-poweroff`), which raises it when every file system is down; it stands
    /// here so that no part of ours is ever wired to it.
    pub latch_off: u8,
    /// The battery-backed clock as the kernel names it in `/sys/class/rtc/*/name`: driver, bus, address.
    pub rtc: &'static str,
    /// Its chip, a DS3231, whose alarm switches the box on through the latch.
    pub wake: Option<ClockWiring>,
    /// The technician's line.
    pub uart: &'static str,
    /// The boot choice.
    pub boot: BootWiring,
}

/// Where the boot choice is, on a disk with two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootWiring {
    /// U-Boot with our script.
    UBoot {
        /// The raw partition of the two copies.
        env: &'static str,
    },
    /// The Raspberry Pi's firmware.
    Tryboot {
        /// The FAT partition that holds `autoboot.txt`.
        autoboot: &'static str,
    },
}

/// The battery gauge's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaugeWiring {
    /// `/dev/i2c-N`.
    pub bus: u8,
    /// 7-bit address.
    pub address: u8,
    /// Of the shunt, µΩ.
    pub shunt_micro_ohm: u32,
}

/// The clock chip's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockWiring {
    /// `/dev/i2c-N`.
    pub bus: u8,
    /// 7-bit address.
    pub address: u8,
}

/// The lights' lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelLines {
    /// Battery, red.
    pub battery_red: u8,
    /// Battery, amber.
    pub battery_amber: u8,
    /// Battery, green.
    pub battery_green: u8,
    /// Wi-Fi, blue.
    pub wifi: u8,
    /// Lessons and sync, white.
    pub lessons: u8,
    /// Help, red.
    pub help: u8,
}

/// The rails' lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RailLines {
    /// USB sockets for tablets.
    pub usb_charging: u8,
    /// The projector.
    pub projector: u8,
    /// The external radio.
    pub radio: u8,
}

/// Victron's USB cable is an FTDI chip that names its maker; udev makes the name of it.
pub(crate) const VICTRON_CABLES: &str = "/dev/serial/by-id/usb-VictronEnergy*";

/// The reference board's hat, the same on every Raspberry Pi with a 40-pin header.
const REFERENCE: Wiring = Wiring {
    gauge: GaugeWiring {
        bus: 1,
        address: 0x40,
        shunt_micro_ohm: 5_000,
    },
    charger: Some(VICTRON_CABLES),
    panel: PanelLines {
        battery_red: 5,
        battery_amber: 6,
        battery_green: 13,
        wifi: 19,
        lessons: 26,
        help: 21,
    },
    button: 27,
    rails: RailLines {
        usb_charging: 22,
        projector: 23,
        radio: 24,
    },
    latch_off: 17,
    // The kernel's ds1307 driver serves the DS3231 too; at 0x68 on bus 1.
    rtc: "rtc-ds1307 1-0068",
    wake: Some(ClockWiring {
        bus: 1,
        address: 0x68,
    }),
    // UART0 on the header: the PL011. On a Pi 4 the image gives it back from Bluetooth, on a Pi 5 it switches it on.
    uart: "/dev/ttyAMA0",
    boot: TRYBOOT,
};

pub(crate) const TRYBOOT: BootWiring = BootWiring::Tryboot {
    autoboot: "/dev/school-box/boot-select",
};

/// Any other machine that boots our image does so by U-Boot.
pub(crate) const UBOOT: BootWiring = BootWiring::UBoot {
    env: "/dev/school-box/boot-env",
};

/// Every board with parts of its own. A machine in no row is [`BoardId::Generic`].
pub const BOARDS: &[BoardRow] = &[
    BoardRow {
        id: BoardId::RaspberryPi4,
        compatible: &["raspberrypi,4-model-b"],
        model: &["Raspberry Pi 4 Model B"],
        wiring: REFERENCE,
    },
    BoardRow {
        id: BoardId::ComputeModule4,
        compatible: &["raspberrypi,4-compute-module"],
        model: &["Raspberry Pi Compute Module 4"],
        wiring: REFERENCE,
    },
    BoardRow {
        id: BoardId::RaspberryPi5,
        compatible: &["raspberrypi,5-model-b", "raspberrypi,5-compute-module"],
        model: &["Raspberry Pi 5", "Raspberry Pi Compute Module 5"],
        wiring: REFERENCE,
    },
];

/// The row of a board; `None` for [`BoardId::Sim`] and [`BoardId::Generic`].
#[must_use]
pub fn row(id: BoardId) -> Option<&'static BoardRow> {
    BOARDS.iter().find(|row| row.id == id)
}

/// Where a board's boot choice is; [`BoardId::Sim`] keeps its own. A board in no row is wired as the loader that started it (`uboot` or
/// `tryboot`) says.
#[must_use]
pub fn boot_wiring(id: BoardId, loader: &str) -> BootWiring {
    match (row(id), loader) {
        (Some(row), _) => row.wiring.boot,
        (None, "tryboot") => TRYBOOT,
        (None, _) => UBOOT,
    }
}

/// The board that a device tree describes. `compatible` is its list of NUL-ended strings, `model` its one; either may be empty or
/// hold any bytes.
#[must_use]
pub fn identify(compatible: &[u8], model: &[u8]) -> BoardId {
    let named = |row: &&BoardRow| {
        compatible
            .split(|byte| *byte == 0)
            .any(|one| row.compatible.iter().any(|name| name.as_bytes() == one))
    };
    let looks = |row: &&BoardRow| {
        row.model
            .iter()
            .any(|start| model.starts_with(start.as_bytes()))
    };
    BOARDS
        .iter()
        .find(named)
        .or_else(|| BOARDS.iter().find(looks))
        .map_or(BoardId::Generic, |row| row.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_board_in_no_row_is_wired_as_its_loader_says() {
        for (loader, wiring) in [("tryboot", TRYBOOT), ("uboot", UBOOT), ("", UBOOT)] {
            assert_eq!(boot_wiring(BoardId::Generic, loader), wiring, "{loader}");
        }
        assert_eq!(boot_wiring(BoardId::RaspberryPi4, "uboot"), TRYBOOT);
    }

    #[test]
    fn the_board_table() {
        insta::assert_debug_snapshot!(BOARDS);
    }

    #[test]
    fn no_line_of_a_board_has_two_uses() {
        for board in BOARDS {
            let Wiring {
                panel: p,
                rails: r,
                button,
                latch_off,
                ..
            } = board.wiring;
            let lines = [
                p.battery_red,
                p.battery_amber,
                p.battery_green,
                p.wifi,
                p.lessons,
                p.help,
                r.usb_charging,
                r.projector,
                r.radio,
                button,
                latch_off,
                // Taken by I2C bus 1 and UART0.
                2,
                3,
                14,
                15,
            ];
            let distinct: std::collections::BTreeSet<u8> = lines.into_iter().collect();
            assert_eq!(distinct.len(), lines.len(), "{:?}", board.id);
        }
    }

    #[test]
    fn boards_by_their_device_tree() {
        let table: [(&[u8], &[u8], BoardId); 9] = [
            (
                b"raspberrypi,4-model-b\0brcm,bcm2711\0",
                b"Raspberry Pi 4 Model B Rev 1.5\0",
                BoardId::RaspberryPi4,
            ),
            (
                b"raspberrypi,4-compute-module\0brcm,bcm2711\0",
                b"Raspberry Pi Compute Module 4 Rev 1.1\0",
                BoardId::ComputeModule4,
            ),
            (
                b"raspberrypi,5-model-b\0brcm,bcm2712\0",
                b"Raspberry Pi 5 Model B Rev 1.0\0",
                BoardId::RaspberryPi5,
            ),
            (
                b"raspberrypi,5-compute-module\0brcm,bcm2712\0",
                b"",
                BoardId::RaspberryPi5,
            ),
            (
                b"",
                b"Raspberry Pi 4 Model B Rev 1.2\0",
                BoardId::RaspberryPi4,
            ),
            (
                b"raspberrypi,3-model-b-plus\0brcm,bcm2837\0",
                b"Raspberry Pi 3 Model B Plus Rev 1.3\0",
                BoardId::Generic,
            ),
            (
                b"linux,dummy-virt\0",
                b"linux,dummy-virt\0",
                BoardId::Generic,
            ),
            (b"raspberrypi,4-model-bb\0", b"", BoardId::Generic),
            (b"", b"", BoardId::Generic),
        ];
        for (compatible, model, board) in table {
            assert_eq!(
                identify(compatible, model),
                board,
                "{}",
                String::from_utf8_lossy(compatible)
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_some_board(compatible: Vec<u8>, model: Vec<u8>) {
            let id = identify(&compatible, &model);
            prop_assert!(id == BoardId::Generic || row(id).is_some());
        }
    }
}
