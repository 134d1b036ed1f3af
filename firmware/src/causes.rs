//! An error and all that caused it, for people.

use std::error::Error;

/// One line, down to the first cause.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        cause = inner.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("nobody can come in")]
    struct House(#[source] Door);
    #[derive(Debug, thiserror::Error)]
    #[error("the door is stuck")]
    struct Door(#[source] Hinge);
    #[derive(Debug, thiserror::Error)]
    #[error("the hinge is rusty")]
    struct Hinge;

    #[test]
    fn a_chain_is_one_line_with_every_cause() {
        assert_eq!(
            chain(&House(Door(Hinge))),
            "nobody can come in: the door is stuck: the hinge is rusty"
        );
        assert_eq!(chain(&Hinge), "the hinge is rusty");
    }
}
