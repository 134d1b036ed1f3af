//! An outside tool with a credential, and statements as it would send them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

/// A tool that writes statements.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its name towards the record store.
    pub username: String,
    /// Its secret.
    pub password: String,
}

impl Tool {
    /// From what `records credential --json` prints.
    pub(super) fn from_json(value: &Value) -> Self {
        let field = |name: &str| {
            value[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name} in {value}"))
                .to_owned()
        };
        Self {
            username: field("username"),
            password: field("password"),
        }
    }

    /// The value of its `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> String {
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", self.username, self.password))
        )
    }
}

/// A small valid statement with this id, of a learner whose account name is a UUID.
#[must_use]
pub fn statement(id: Uuid) -> Value {
    json!({
        "id": id.to_string(),
        "actor": {
            "objectType": "Agent",
            "account": { "homePage": "http://school.internal", "name": "3f0c1c6e-6c3b-4b5e-9a52-6b5bd1b0a001" }
        },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/completed", "display": { "en": "completed" } },
        "object": {
            "objectType": "Activity",
            "id": "http://school.internal/start/first-day",
            "definition": { "name": { "en": "The first day" } }
        },
        "result": { "score": { "scaled": 0.8 }, "completion": true },
        "timestamp": "2026-03-01T08:30:00Z"
    })
}
