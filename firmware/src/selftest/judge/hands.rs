//! What people take part in: lights, button, sockets.

use crate::selftest::bench::Pressed;
use crate::selftest::facts::Person;
use crate::selftest::outcome::{PartName, Tried, Verdict};

const UNATTENDED: &str = "nobody was asked (--unattended)";
const NO_LIGHTS: &str = "nobody could be asked: the lights could not be driven";
const NO_BUTTON: &str = "nobody could answer: the button could not be read";

/// The lights: they took what they were asked to show, and somebody saw each.
pub(in crate::selftest) fn panel(shown: &Result<(), String>, saw: Person) -> Tried {
    let verdict = match (shown, saw) {
        (Err(why), _) => Verdict::failed(
            format!("the lights cannot be driven ({why})"),
            "see that the panel's cable is in",
        ),
        (Ok(()), Person::Did) => Verdict::Ok,
        (Ok(()), Person::NotAsked) => Verdict::not_tried(UNATTENDED),
        (Ok(()), Person::NoLights) => Verdict::not_tried(NO_LIGHTS),
        (Ok(()), Person::NoButton) => Verdict::not_tried(NO_BUTTON),
        (Ok(()), Person::DidNot) => Verdict::not_tried("nobody said that all four were seen"),
    };
    let measured = match (shown, saw) {
        (Ok(()), Person::Did) => "4 lights, seen one after the other",
        (Ok(()), _) => "4 lights, driven one after the other",
        (Err(_), _) => "",
    };
    Tried::new(PartName::Panel, verdict, measured)
}

/// The button: somebody pressed it.
pub(in crate::selftest) fn button(button: &Result<Pressed, String>, asked: Person) -> Tried {
    let failed = |what: String, remedy: &str| (Verdict::failed(what, remedy), String::new());
    let (verdict, measured) = match (button, asked) {
        (Err(why), _) => failed(
            format!("the button cannot be read ({why})"),
            "see that the panel's cable is in",
        ),
        (
            Ok(Pressed {
                times: times @ 1.., ..
            }),
            _,
        ) => (Verdict::Ok, format!("{times} x pressed")),
        (Ok(Pressed { down: true, .. }), _) => failed(
            "the button is down and is not let go".to_owned(),
            "free it: it hangs, or something leans on it; then test again",
        ),
        (Ok(_), Person::NotAsked) => (Verdict::not_tried(UNATTENDED), String::new()),
        (Ok(_), Person::NoLights) => (Verdict::not_tried(NO_LIGHTS), String::new()),
        (Ok(_), Person::NoButton) => (Verdict::not_tried(NO_BUTTON), String::new()),
        (Ok(_), Person::Did | Person::DidNot) => failed(
            "no press was felt".to_owned(),
            "press it once more with a new test; else see to the panel's cable",
        ),
    };
    Tried::new(PartName::Button, verdict, measured)
}

/// The sockets: a stick was plugged in and can be read. `readable`: how many of the sticks can.
pub(in crate::selftest) fn usb(sticks: usize, readable: usize, asked: Person) -> Tried {
    let measured = match sticks {
        0 => String::new(),
        1 => "1 stick".to_owned(),
        more => format!("{more} sticks"),
    };
    let verdict = match (sticks, readable, asked) {
        (0, _, Person::NotAsked | Person::NoLights | Person::NoButton) => {
            Verdict::not_tried("no stick is plugged in")
        }
        (0, _, Person::Did | Person::DidNot) => Verdict::failed(
            "no stick was seen",
            "try another stick and another socket; else see to the USB cable",
        ),
        (sticks, readable, _) if readable < sticks => {
            Verdict::failed("a stick is there and cannot be read", "try another stick")
        }
        (_, _, _) => Verdict::Ok,
    };
    Tried::new(PartName::Usb, verdict, measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        let people = [
            Person::NotAsked,
            Person::Did,
            Person::DidNot,
            Person::NoLights,
            Person::NoButton,
        ];
        let broken = "GPIO 5".to_owned();
        for person in people {
            for shown in [Ok(()), Err(broken.clone())] {
                let told = panel(&shown, person);
                table += &format!(
                    "lights {shown:?} {person:?}: {} | {:?}\n",
                    told.measured, told.verdict
                );
            }
            let pressed = |times, down| Ok(Pressed { times, down });
            for seen in [
                pressed(0, false),
                pressed(0, true),
                pressed(2, false),
                pressed(2, true),
                Err(broken.clone()),
            ] {
                let told = button(&seen, person);
                table += &format!(
                    "button {seen:?} {person:?}: {} | {:?}\n",
                    told.measured, told.verdict
                );
            }
            for (sticks, readable) in [(0, 0), (1, 1), (2, 2), (2, 1)] {
                let told = usb(sticks, readable, person);
                table += &format!(
                    "sticks {sticks}, {readable} read, {person:?}: {} | {:?}\n",
                    told.measured, told.verdict
                );
            }
        }
        insta::assert_snapshot!(table);
    }
}
