//! Agents and Groups (xAPI 1.0.3 Data, 2.4.2).

use super::check::{Checked, Fault, Fields, each, fail, filled_text, formatted, string, text};
use super::format::{is_hex, is_iri, is_mbox};
use serde_json::Value;

const IDENTIFIERS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];
const AGENT: [&str; 6] = [
    "objectType",
    "name",
    "mbox",
    "mbox_sha1sum",
    "openid",
    "account",
];
const GROUP: [&str; 7] = [
    "objectType",
    "name",
    "mbox",
    "mbox_sha1sum",
    "openid",
    "account",
    "member",
];

/// `objectType` of an actor: absent means an Agent.
pub(super) fn is_group(value: &Value) -> bool {
    value.get("objectType").and_then(Value::as_str) == Some("Group")
}

/// An Agent or a Group.
pub(super) fn actor(value: &Value) -> Checked {
    if is_group(value) {
        group(value)
    } else {
        agent(value)
    }
}

pub(super) fn agent(value: &Value) -> Checked {
    let fields = Fields::of(value, "an Agent", &AGENT)?;
    fields.optional("objectType", |v| {
        formatted(v, "\"Agent\" or \"Group\" here", |t| t == "Agent")
    })?;
    fields.optional("name", text)?;
    match identifiers(&fields)? {
        0 => fail("an Agent needs one of mbox, mbox_sha1sum, openid, account"),
        _ => Ok(()),
    }
}

pub(super) fn group(value: &Value) -> Checked {
    let fields = Fields::of(value, "a Group", &GROUP)?;
    fields.required("objectType", |v| {
        formatted(v, "\"Group\" here", |t| t == "Group")
    })?;
    fields.optional("name", text)?;
    let anonymous = identifiers(&fields)? == 0;
    if anonymous && !fields.has("member") {
        return fail("a Group without mbox, mbox_sha1sum, openid or account needs member");
    }
    fields.optional("member", |v| {
        if anonymous && v.as_array().is_some_and(Vec::is_empty) {
            return fail("must not be empty in a Group without an identifier");
        }
        each(v, |member| {
            if is_group(member) {
                return fail("a Group may not be a member of a Group");
            }
            agent(member)
        })
    })
}

/// An Agent, or the pair of application and person that OAuth makes.
pub(super) fn authority(value: &Value) -> Checked {
    if !is_group(value) {
        return agent(value);
    }
    group(value)?;
    let members = value
        .get("member")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if members == 2 && IDENTIFIERS.iter().all(|key| value.get(key).is_none()) {
        Ok(())
    } else {
        fail("a Group as authority must be anonymous with exactly two Agents")
    }
}

fn identifiers(fields: &Fields<'_>) -> Result<usize, Fault> {
    let count = IDENTIFIERS.iter().filter(|key| fields.has(key)).count();
    if count > 1 {
        return Err(Fault::new(
            "only one of mbox, mbox_sha1sum, openid, account may be there",
        ));
    }
    fields.optional("mbox", |v| {
        formatted(v, "\"mailto:\" and an e-mail address", is_mbox)
    })?;
    fields.optional("mbox_sha1sum", |v| {
        formatted(v, "40 hexadecimal digits", |t| is_hex(t, 40))
    })?;
    fields.optional("openid", |v| formatted(v, "a URI with a scheme", is_iri))?;
    fields.optional("account", account)?;
    Ok(count)
}

fn account(value: &Value) -> Checked {
    let fields = Fields::of(value, "an account", &["homePage", "name"])?;
    fields.required("homePage", |v| formatted(v, "an IRL with a scheme", is_iri))?;
    fields.required("name", filled_text)
}

/// The identity of an Agent or Group as one text; `None` for an anonymous Group. What is not case-sensitive
/// (hexadecimal digits, an address's domain) is folded.
pub(super) fn identity(value: &Value) -> Option<String> {
    if let Some(mbox) = value.get("mbox").and_then(Value::as_str) {
        return Some(format!("mbox {}", fold_mbox(mbox)));
    }
    if let Some(sum) = value.get("mbox_sha1sum").and_then(Value::as_str) {
        return Some(format!("sha1 {}", sum.to_ascii_lowercase()));
    }
    if let Some(openid) = value.get("openid").and_then(Value::as_str) {
        return Some(format!("openid {openid}"));
    }
    let account = value.get("account")?;
    let home = string(account.get("homePage")?).ok()?;
    let name = string(account.get("name")?).ok()?;
    // A space cannot stand in an IRL, so the two parts never run together.
    Some(format!("account {home} {name}"))
}

pub(super) fn fold_mbox(mbox: &str) -> String {
    match mbox.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => mbox.to_owned(),
    }
}
