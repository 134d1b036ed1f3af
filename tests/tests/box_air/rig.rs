//! Boxes on the air, and what is read of them.

use serde_json::Value;
use system_tests::world::{RunningBox, World};

pub(crate) fn air(world: &World) -> String {
    world.sim().read("radio/air")
}

/// Starts on the air with this configuration.
pub(crate) fn start(world: &World, config: &str) -> RunningBox {
    let config = world.write("box.toml", config);
    world.launch().on_air().config(&config).start()
}

/// Waits until the box tells a line of trouble that holds `words`; the state then.
pub(crate) fn told(running: &RunningBox, words: &str) -> Value {
    running.wait_for_status(words, |status| {
        let lines = status["degraded"].as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .any(|line| line.as_str().unwrap_or_default().contains(words))
    })
}

pub(crate) fn is_on(status: &Value) -> bool {
    status["radio"]["state"] == "on"
}
