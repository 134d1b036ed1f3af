//! What stands out in a bundle, the gravest first. Pure.

use super::bundle::Bundle;
use crate::events::{Event, Level, Value};
use crate::selftest::Wear;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Boots that are looked back at.
const BOOTS: u32 = 30;
/// Kinds of failures that are told at most.
const MOST_KINDS: usize = 8;
/// Below this share of its label, percent, a battery is worn.
const WORN_PERCENT: f64 = 70.0;
/// Days of the health history that are looked back at, and resets of radios in them that stand out.
const DAYS: usize = 30;
const MANY_RESETS: i64 = 5;

/// A line for each thing that stands out.
#[must_use]
pub fn findings(bundle: &Bundle) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(self_test(bundle));
    let degraded = bundle
        .sections
        .get("state")
        .and_then(|state| state.get("degraded"));
    lines.extend(texts(degraded));
    lines.extend(texts(
        bundle
            .sections
            .get("nightly")
            .and_then(|found| found.get("found")),
    ));
    lines.extend(ends(bundle));
    lines.extend(battery(bundle));
    lines.extend(days(bundle));
    lines.extend(failures(bundle));
    if bundle.manifest.damaged_events > 1 {
        lines.push(format!(
            "{} lines of the event ring are damaged: the card may be wearing out",
            bundle.manifest.damaged_events
        ));
    }
    let mut seen = Vec::new();
    lines.retain(|line| {
        let new = !seen.contains(line);
        seen.push(line.clone());
        new
    });
    lines
}

fn texts(list: Option<&Json>) -> Vec<String> {
    let list = list.and_then(Json::as_array).map(Vec::as_slice);
    list.unwrap_or_default()
        .iter()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

/// Parts of the last self-test that failed.
fn self_test(bundle: &Bundle) -> Vec<String> {
    let parts = bundle
        .sections
        .get("selftest")
        .and_then(|test| test.get("parts"));
    let parts = parts.and_then(Json::as_array).map(Vec::as_slice);
    let text = |value: &Json, key: &str| {
        value
            .get(key)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let told = |part: &Json| {
        let verdict = part.get("verdict").unwrap_or(part);
        (text(verdict, "is") == "failed").then(|| {
            let (name, what) = (text(part, "part"), text(verdict, "what"));
            format!("self-test: {name} failed: {what}")
        })
    };
    parts.unwrap_or_default().iter().filter_map(told).collect()
}

/// How the last boots ended.
fn ends(bundle: &Bundle) -> Vec<String> {
    let oldest = bundle.manifest.boot.saturating_sub(BOOTS);
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    for event in bundle.events.iter().filter(|event| event.boot > oldest) {
        if let Some(Value::Words(before)) = event.fields.get("before")
            && event.name == "box.started"
        {
            *ends.entry(before.as_str()).or_default() += 1;
        }
    }
    let told = [
        ("crash", "the box fell over or was killed"),
        ("watchdog", "the machine hung and was reset by its watchdog"),
        ("power cut", "the power was cut"),
    ];
    told.iter()
        .filter_map(|(before, what)| {
            let times = often(u64::from(*ends.get(before)?));
            Some(format!("{what}: {times} in the last {BOOTS} boots"))
        })
        .collect()
}

fn often(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

fn battery(bundle: &Bundle) -> Option<String> {
    let health = bundle
        .sections
        .get("state")?
        .get("battery")?
        .get("health_percent")?;
    let health = health.as_f64().filter(|health| *health < WORN_PERCENT)?;
    Some(format!("the battery holds {health:.0} % of its label"))
}

/// What the last days tell of storage and radios. Days of an older system tell of neither.
fn days(bundle: &Bundle) -> Vec<String> {
    let last = &bundle.days[bundle.days.len().saturating_sub(DAYS)..];
    let number = |day: &Event, field: &str| match day.fields.get(field) {
        Some(Value::Number(number)) => Some(*number),
        Some(_) | None => None,
    };
    let register = |day: &Event, field: &str| {
        let told = number(day, field)?;
        u8::try_from(told).ok()
    };
    let wear = last.last().and_then(|day| {
        Some(Wear {
            life_used_tenths: register(day, "life_used_tenths")?,
            pre_eol: register(day, "pre_eol").unwrap_or(0),
        })
    });
    let worn = wear.filter(|wear| wear.is_worn());
    let worn = worn.map(|_| "the storage is worn out: change the card before it fails".to_owned());
    let resets: i64 = last
        .iter()
        .filter_map(|day| number(day, "radio_resets"))
        .sum();
    let resets = (resets >= MANY_RESETS).then(|| {
        let days = match last.len() {
            1 => "day".to_owned(),
            more => format!("{more} days"),
        };
        format!("radios were reset {resets} times in the last {days}")
    });
    worn.into_iter().chain(resets).collect()
}

/// What failed most often.
fn failures(bundle: &Bundle) -> Vec<String> {
    let mut kinds: BTreeMap<&str, (u64, &Event)> = BTreeMap::new();
    let failed = |event: &&Event| event.level == Level::Error;
    for event in bundle.events.iter().filter(failed) {
        let kind = kinds.entry(event.name.as_str()).or_insert((0, event));
        *kind = (kind.0 + 1, event);
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    kinds.truncate(MOST_KINDS);
    kinds
        .iter()
        .map(|(times, last)| match times {
            1 => format!("once: {last}"),
            more => format!("{}, the last: {last}", often(*more)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::bundle::tests::event;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_worn_card_and_a_radio_that_is_reset_stand_out_of_the_days() {
        let of = |day: Json| {
            let days = vec![event("health.day", 12, day); 3];
            findings(&Bundle {
                days,
                ..Bundle::default()
            })
        };
        assert_eq!(
            of(json!({"life_used_tenths": 10, "pre_eol": 1, "radio_resets": 2})),
            [
                "the storage is worn out: change the card before it fails",
                "radios were reset 6 times in the last 3 days"
            ]
        );
        // The controls: a good card and a quiet radio, and days of an older system.
        let good = json!({"life_used_tenths": 9, "pre_eol": 1, "radio_resets": 1});
        assert_eq!(of(good), [] as [String; 0]);
        assert_eq!(of(json!({"lived_min": 900})), [] as [String; 0]);
    }

    #[test]
    fn what_happened_once_is_told_so() {
        let mut bundle = Bundle::default();
        bundle.manifest.boot = 3;
        let mut failed = event("air.failed", 3, json!({}));
        failed.level = Level::Error;
        let fell = event("box.started", 3, json!({"before": "crash"}));
        bundle.events.extend([fell, failed]);
        bundle.days = vec![event("health.day", 3, json!({"radio_resets": 7}))];
        assert_eq!(
            findings(&bundle),
            [
                "the box fell over or was killed: once in the last 30 boots",
                "radios were reset 7 times in the last day",
                "once: 3.1 0d 00:00:05 E air.failed",
            ]
        );
    }

    #[test]
    fn the_gravest_comes_first_and_a_healthy_box_has_none() {
        assert_eq!(findings(&Bundle::default()), Vec::<String>::new());
        let mut bundle = Bundle::default();
        bundle.manifest.boot = 40;
        bundle.sections.insert(
            "selftest".to_owned(),
            json!({"parts": [
                {"part": "gauge", "verdict": {"is": "ok"}},
                {"part": "storage", "verdict": {"is": "failed", "what": "it is slow"}},
            ]}),
        );
        bundle.sections.insert(
            "state".to_owned(),
            json!({"degraded": ["the disk is full"], "battery": {"health_percent": 55.0}}),
        );
        for boot in [3, 20, 30] {
            bundle
                .events
                .push(event("box.started", boot, json!({"before": "power cut"})));
        }
        let mut failed = event(
            "power.switches_failed",
            40,
            json!({"error": "no such device"}),
        );
        failed.level = Level::Error;
        bundle.events.extend([failed.clone(), failed]);
        assert_eq!(
            findings(&bundle),
            [
                "self-test: storage failed: it is slow",
                "the disk is full",
                "the power was cut: 2 times in the last 30 boots",
                "the battery holds 55 % of its label",
                "2 times, the last: 40.1 0d 00:00:05 E power.switches_failed error=\"no such device\"",
            ]
        );
    }
}
