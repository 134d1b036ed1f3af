//! What is kept as it stands though no word of it is listed: times, measurements, the lights, and marks of parts. Each has a form so narrow that
//! neither a name nor a telephone fits into it, and stands alone: a letter or a digit more, on either side, and it is looked at word by word. Pure.

use super::MOST_DIGITS;
use std::ops::RangeInclusive;

/// What a measurement is in, as our messages write it. Those with capital letters are no words of the list: without a number they are initials.
pub(super) const UNITS: [&str; 24] = [
    "%", "A", "Ah", "B", "C", "GB", "GHz", "KiB", "MB", "MB/s", "MHz", "MiB", "V", "W", "Wh",
    "dBm", "h", "kB", "kB/s", "min", "ms", "s", "x", "\u{b0}C",
];
/// Digits behind the point of a measurement.
const MOST_DECIMALS: usize = 3;

/// The lights, and how each is lit: see `board_support::panel::Lights`.
const LIGHTS: [&str; 4] = ["battery", "wifi", "lessons", "help"];
const LIT: [&str; 11] = [
    "off", "on", "slow", "quick", "blink1", "blink2", "blink3", "blink4", "green", "amber", "red",
];

/// Parts, and what has capital letters or figures in its name.
pub(super) const MARKS: [&str; 17] = [
    "slot A",
    "slot B",
    "A or B",
    "I/O",
    "Wi-Fi",
    "VE.Direct",
    "Raspberry Pi",
    "Compute Module",
    "Model A",
    "Model B",
    "Broadcom BCM2835 Watchdog timer",
    "MANUFACTURER_ID",
    "DEVICE_ID",
    "SHUNT_CAL",
    "ADC_CONFIG",
    "DIAG_ALRT",
    "-40 to 85 \u{b0}C",
];

/// Unix seconds that a clock of ours may tell: from the first of January 1970 to the end of the year 2100.
const KNOWN: RangeInclusive<i64> = 0..=4_133_980_799;

/// The length of what `text` begins with and is kept whole, `before` standing before it. `None`: it is looked at word by word.
pub(super) fn length(text: &str, before: char) -> Option<usize> {
    let forms: [fn(&str) -> Option<usize>; 4] = [moment, measurement, light, mark];
    if !matches!(before, ' ' | '(' | '"' | '`') {
        return None;
    }
    let length = forms.into_iter().find_map(|form| form(text))?;
    ends(&text[length..]).then_some(length)
}

/// Whether what is kept whole may end where this follows.
fn ends(after: &str) -> bool {
    let sign = |next| matches!(next, ' ' | ',' | ';' | '.' | ':' | ')' | '"' | '`');
    after.chars().next().is_none_or(sign)
}

/// A time: RFC 3339 in UTC to the second, or to the minute as the self-test tells that of its clock. There is no other way to write that time.
fn moment(text: &str) -> Option<usize> {
    const TO_THE_SECOND: &str = "0000-00-00T00:00:00Z";
    const TO_THE_MINUTE: &str = "0000-00-00 00:00 UTC";
    let told = text.get(..TO_THE_SECOND.len())?;
    let exact = if has_form(told, TO_THE_SECOND) {
        told.to_owned()
    } else if has_form(told, TO_THE_MINUTE) {
        format!("{}T{}:00Z", &told[..10], &told[11..16])
    } else {
        return None;
    };
    let time: jiff::Timestamp = exact.parse().ok()?;
    let sound = KNOWN.contains(&time.as_second()) && format!("{time:.0}") == exact;
    sound.then_some(told.len())
}

/// Byte by byte; `0` stands for any digit.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// A number, signed or not, with its unit: `13.40 V`, `+1.00 A`, `97 %`.
fn measurement(text: &str) -> Option<usize> {
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(number);
    if !(1..=MOST_DIGITS).contains(&whole) {
        return None;
    }
    let mut rest = &number[whole..];
    if let Some(behind) = rest.strip_prefix('.') {
        let decimals = digits(behind);
        if !(1..=MOST_DECIMALS).contains(&decimals) {
            return None;
        }
        rest = &behind[decimals..];
    }
    let rest = rest.strip_prefix(' ')?;
    let is_here = |unit: &&&str| rest.strip_prefix(**unit).is_some_and(ends);
    let unit = UNITS.iter().find(is_here)?;
    Some(text.len() - rest.len() + unit.len())
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A light and how it is lit: `wifi=on`. The colour's own rhythm, as in `battery=red:quick`, is a word of the list.
fn light(text: &str) -> Option<usize> {
    let told = |light: &&'static str| Some((light.len(), text.strip_prefix(*light)?));
    let (light, rest) = LIGHTS.iter().find_map(told)?;
    let rest = rest.strip_prefix('=')?;
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric());
    let lit = &rest[..length.unwrap_or(rest.len())];
    LIT.contains(&lit).then_some(light + 1 + lit.len())
}

fn mark(text: &str) -> Option<usize> {
    let is_here = |mark: &&&str| text.strip_prefix(**mark).is_some_and(ends);
    MARKS.iter().find(is_here).map(|mark| mark.len())
}
