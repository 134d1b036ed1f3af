//! `school-box storage`: into the warehouse, and out again.

use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request, StorageWish, counted};
use crate::services::power::warehouse::StorageTold;
use crate::telemetry::say;
use board_support::BoardChoice;
use clap::{Args, Subcommand};

/// Warehouse storage: about a milliwatt, and a look at itself once a month
#[derive(Debug, Subcommand)]
pub(super) enum Storage {
    /// Say what will be left of the charge after months, set the monthly alarm, and switch the box off
    #[command(
        after_help = "Example:\n  school-box storage enter --data /var/lib/school-box\n\nThe box comes back into use by its button, by a charger, or with `school-box storage leave`."
    )]
    Enter(Where),
    /// Stay in use, or come back into it
    #[command(after_help = "Example:\n  school-box storage leave --data /var/lib/school-box")]
    Leave(Where),
}

#[derive(Debug, Args)]
pub(super) struct Where {
    #[command(flatten)]
    data: DataFolder,
    /// The board, where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Print what will be left, and when the box wakes, as JSON
    #[arg(long)]
    json: bool,
}

impl Storage {
    pub(super) const fn data(&self) -> &DataFolder {
        match self {
            Self::Enter(place) | Self::Leave(place) => &place.data,
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        let (wish, place) = match self {
            Self::Enter(place) => (StorageWish::Enter, place),
            Self::Leave(place) => (StorageWish::Leave, place),
        };
        let request = Request::Storage {
            wish,
            board: place.board,
        };
        let Answer::Storage(told) = ask(&place.data.data, &request, &mut |_, _| {})? else {
            return Err(misunderstood());
        };
        if place.json {
            return print_json(&*told);
        }
        for line in lines(&told) {
            say(&line);
        }
        Ok(())
    }
}

fn lines(told: &StorageTold) -> Vec<String> {
    if !told.stored {
        return vec!["the box is in use; no alarm is set".to_owned()];
    }
    let battery = format!("a battery of {:.0} Wh", told.capacity_wh);
    let mut lines = vec![match told.charge_percent {
        Some(charge) => format!("{battery}, {charge:.0} % charged, keeps in storage"),
        None => format!("the charge is not known; {battery}, fully charged, keeps in storage"),
    }];
    let months = told.left.iter().map(|left| {
        let unit = if left.months == 1 { "month" } else { "months" };
        format!(
            "  after {:2} {unit:6}  {:5.1} %",
            left.months, left.charge_percent
        )
    });
    lines.extend(months);
    let reserve = told.reserve_percent;
    lines.push(match told.months_until_reserve {
        Some(months) => format!(
            "the reserve of {reserve:.0} % is reached after {}",
            counted(u64::from(months), "month")
        ),
        None => format!("the reserve of {reserve:.0} % is not reached within ten years"),
    });
    lines.push("reckoned with 1 mW, 3 % of self-discharge and one check a month; in great heat twice as fast".to_owned());
    if told.charge_first {
        lines
            .push("WARNING: less than half is left; charge the box before it is stored".to_owned());
    }
    lines.push(match (&told.wakes_at, &told.wake_problem) {
        (Some(at), _) => {
            format!("it wakes by itself on {at} to check itself, and then every month")
        }
        (None, problem) => format!(
            "WARNING: it will not wake to check itself: {}",
            problem.as_deref().unwrap_or("no alarm is set")
        ),
    });
    lines.push(if told.switches_off {
        "it switches off now; press its button to take it into use".to_owned()
    } else {
        "no box runs on this data: switch the machine off now".to_owned()
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::power::warehouse::{StorageRecord, told};
    use power_mgmt::Policy;

    #[test]
    fn what_is_printed() {
        let of = |percent: Option<f64>, wake: Result<u64, String>, runs| {
            let record = StorageRecord {
                charge_percent: percent,
                ..StorageRecord::default()
            };
            lines(&told(&record, &Policy::default(), wake, runs)).join("\n")
        };
        let no_alarm = "this board has no alarm that could wake it".to_owned();
        insta::assert_snapshot!(
            [
                of(Some(82.4), Ok(1_775_026_800), true),
                of(Some(31.0), Err(no_alarm), true),
                of(None, Ok(1_775_026_800), false),
            ]
            .join("\n\n")
        );
    }
}
