//! dnsmasq: addresses and names for every device of the network.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | its configuration, from ours (pure) |
//! | [`leases`] | its list of leases: read, and mended where it was damaged (pure) |
//! | [`kept`] | the list kept over restarts of the machine |

pub(crate) mod config;
pub(crate) mod kept;
pub(crate) mod leases;
