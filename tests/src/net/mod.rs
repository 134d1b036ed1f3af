//! Networks of one's own: namespaces with cables between them, the box's network in one, devices in the others. No radio: an external access
//! point is a cable.
//!
//! ```text
//!   Namespace ── cable ──► Namespace          programs and threads inside; all of it goes with the value
//!   AirBox: LinuxAir in a Namespace ── joined ──► device (a Namespace): dhclient, udhcpc, dig, sockets
//!   dhcp     a device that asks as it likes: any address, any number of them
//!   dns      a question in bytes, and the bytes of its answer
//! ```
//!
//! Needs root and `ip` (iproute2); what a suite uses of `dhclient`, `udhcpc`, `dig`, `dnsmasq` it asks for itself ([`crate::need::program`]).

mod air_box;
pub mod dhcp;
pub mod dns;
mod namespace;

pub use air_box::AirBox;
pub use namespace::Namespace;
