//! The portal's page of the box's state for any state: what `GET /api/v1/status` answers comes in on the standard input, the page in
//! the language of the first argument (`en` without one) goes out.
//!
//! ```text
//! curl -s http://localhost:8080/api/v1/status | cargo run -p firmware --example status_page -- ar > page.html
//! ```

use anyhow::Context as _;
use firmware::web::{Languages, status_page};
use std::io::{Read as _, Write as _};

fn main() -> anyhow::Result<()> {
    let language = std::env::args().nth(1).unwrap_or_else(|| "en".to_owned());
    let mut state = String::new();
    std::io::stdin().read_to_string(&mut state)?;
    let status = serde_json::from_str(&state)
        .context("the standard input is no answer of /api/v1/status")?;
    let page = status_page(&Languages::load(), &language, &status);
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}
