//! Thresholds with the timetable: what holds while the forecast cannot be trusted.

/// Share of charge from which on Minimal, Eco and Full are given in lessons.
const LIMITS: [f64; 3] = [0.15, 0.30, 0.55];

/// The state (0 Off to 3 Full) for a cautious share of charge and a worth of service.
pub(super) fn threshold_state(share: f64, worth: f64) -> usize {
    let by_charge = LIMITS.iter().filter(|limit| share > **limit).count();
    if worth >= 0.75 {
        by_charge
    } else if worth >= 0.2 {
        if share > 0.45 { by_charge.min(2) } else { 0 }
    } else {
        usize::from(share > 0.9)
    }
}

#[cfg(test)]
mod tests {
    use super::threshold_state;
    use core::fmt::Write as _;

    #[test]
    fn the_thresholds_as_a_table() {
        let mut text = alloc::string::String::from("charge  lessons evening night\n");
        for percent in [5, 12, 16, 31, 46, 56, 91, 100] {
            let of = |worth| threshold_state(f64::from(percent) / 100.0, worth);
            let _ = writeln!(
                text,
                "{percent:>5} % {:>7} {:>7} {:>5}",
                of(1.0),
                of(0.5),
                of(0.05)
            );
        }
        insta::assert_snapshot!(text);
    }
}
