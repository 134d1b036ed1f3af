//! hostapd: one daemon a radio.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | its configuration, from ours (pure) |
//! | [`said`] | what it says on its way (pure) |
//! | [`control`] | its control socket: questions and orders |

pub(crate) mod config;
pub(crate) mod control;
pub(crate) mod said;
