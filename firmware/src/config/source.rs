//! The text of a configuration: finds the line that an error has to name.

use super::ConfigError;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use toml::Spanned;

/// The text an error points into.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) path: &'a Path,
}

impl Source<'_> {
    pub(crate) fn error(&self, line: Option<usize>, problem: String) -> ConfigError {
        ConfigError {
            file: self.path.to_owned(),
            line,
            problem,
        }
    }

    pub(crate) fn line_at(&self, offset: usize) -> usize {
        1 + self
            .text
            .bytes()
            .take(offset)
            .filter(|&b| b == b'\n')
            .count()
    }

    /// Where `TABLE.KEY` stands: looked up only once something is wrong with it.
    pub(crate) fn line_of_key(&self, dotted: &str) -> Option<usize> {
        type Tables = BTreeMap<String, BTreeMap<String, Spanned<toml::Value>>>;
        let (table, key) = dotted.split_once('.')?;
        let tables: Tables = toml::from_str(self.text).ok()?;
        let value = tables.get(table)?.get(key)?;
        Some(self.line_at(value.span().start))
    }

    /// serde's message says what is expected, but names neither the key of a wrong value nor a type as people do.
    pub(crate) fn toml_error(&self, error: &toml::de::Error) -> ConfigError {
        let mut problem = error
            .message()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for (rust, plain) in [
            ("expected f64", "expected a number"),
            ("expected u64", "expected a whole number of 0 or more"),
            ("expected i64", "expected a whole number"),
        ] {
            problem = problem.replace(rust, plain);
        }
        let line = error.span().map(|span| self.line_at(span.start));
        let key = line
            .and_then(|line| self.text.lines().nth(line - 1)?.split_once('='))
            .map(|(key, _)| key.trim());
        if let Some(key) = key.filter(|key| !key.is_empty() && !problem.contains(key)) {
            problem = format!("{key}: {problem}");
        }
        self.error(line, problem)
    }

    pub(crate) fn check<T: fmt::Debug, U>(
        &self,
        key: &str,
        value: Option<T>,
        allowed: &str,
        accept: impl FnOnce(&T) -> Option<U>,
        default: U,
    ) -> Result<U, ConfigError> {
        let Some(value) = value else {
            return Ok(default);
        };
        accept(&value).ok_or_else(|| {
            self.error(
                self.line_of_key(key),
                format!("{key} = {value:?} is not allowed; give {allowed}"),
            )
        })
    }
}
