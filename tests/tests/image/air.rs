//! The air, in a small guest with `mac80211_hwsim`: the real `school-box` with hostapd and dnsmasq; devices with `wpa_supplicant` and a DHCP client,
//! each in a network namespace of its own.
//!
//! Proved: thirty devices join, get leases, load the portal by its name and a part of a lesson; the next is sent off, and the status says so; the
//! kit's own tablet is let in while guests wait. Killed, stopped, misconfigured, with its radio taken away or under a neighbour of the same name, the
//! air is back within ten seconds of the guest: a device that was never there gets on. A hundred restarts of the daemon leave nothing behind.
//!
//! Controls: the same daemons with nobody behind them, killed or stopped, take nobody in, by the same measure; so does a box that is stopped itself.
//!
//! All times are the guest's own, for emulation is slow.

mod bare;
mod class;
mod faults;
mod full;
mod school;

use class::Class;
use school::School;

/// Thirty, and one more.
const DEVICES: u8 = 31;

#[test]
fn thirty_devices_come_and_the_next_is_sent_off() {
    let Some(guest) = Class::found("image::air_full", DEVICES) else {
        return;
    };
    let guest = school::supplied(guest, "country = \"PH\"\nchannel = 1");
    full::thirty_come(School::opened(guest, "air-full", DEVICES));
}

#[test]
fn the_air_comes_back_after_every_fault() {
    let Some(guest) = Class::found("image::air_faults", 4) else {
        return;
    };
    let guest = school::supplied(guest, "channel = 1");
    faults::each_is_healed(School::opened(guest, "air-faults", 4));
}

#[test]
fn bare_daemons_are_healed_by_nobody() {
    let Some(guest) = Class::found("image::air_bare", 4) else {
        return;
    };
    bare::nobody_heals(Class::boot(bare::daemons(guest), "air-bare", 4));
}
