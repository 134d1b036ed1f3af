//! What the box is on the air, whether it is on the air or not: `DATA/air`.
//!
//! | file | holds |
//! |---|---|
//! | `identity` | [`Identity`]: the mark in the network's name, and its key |

mod identity;

pub use identity::{Identity, IdentityError};
