//! Counts, as verbs and console tell them to people.

/// So many of `what`: one is no plural.
#[must_use]
pub(crate) fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let told = [0, 1, 2].map(|count| counted(count, "sealed bundle"));
        assert_eq!(
            told,
            ["0 sealed bundles", "1 sealed bundle", "2 sealed bundles"]
        );
    }
}
