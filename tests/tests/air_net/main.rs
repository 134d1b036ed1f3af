//! The box's network without a radio: the real dnsmasq, started and configured by the box's own code in a network namespace; real DHCP clients
//! and resolvers at its cables.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod daemon;
mod firewall;
mod leases;
mod names;
mod rivals;
