//! Where the boot choice is kept: one boot loader, one file.

pub mod env_text;
pub mod fixed;
pub mod sim;
