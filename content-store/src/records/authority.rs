//! Who vouches for a statement.

use serde_json::{Value, json};
use uuid::Uuid;

/// The Agent that the store writes into a statement as its `authority`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority(Value);

impl Authority {
    /// The tool with this user name at the store `store_id`. The store is part of the account, so that statements of
    /// two boxes never seem to come from one tool; the address names no school.
    pub(super) fn tool(store_id: Uuid, username: &str) -> Self {
        Self(json!({
            "objectType": "Agent",
            "account": {
                "homePage": format!("http://school.internal/records/{store_id}"),
                "name": username,
            },
        }))
    }

    /// As JSON.
    #[must_use]
    pub fn agent(&self) -> &Value {
        &self.0
    }
}
