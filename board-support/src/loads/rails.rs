//! The switched rails of the board, each on a line that is high when the rail is on.

use super::LoadSwitches;
use crate::BoardError;
use embedded_hal::digital::OutputPin;
use power_mgmt::LoadPlan;
use std::convert::Infallible;

/// Rails on lines, each high when on.
pub(crate) struct LineLoads<P> {
    pub(crate) usb_charging: P,
    pub(crate) projector: P,
    pub(crate) radio: P,
}

impl<P: OutputPin<Error = Infallible> + Send> LineLoads<P> {
    fn rails(&mut self, usb_charging: bool, projector: bool, radio: bool) {
        set(&mut self.usb_charging, usb_charging);
        set(&mut self.projector, projector);
        set(&mut self.radio, radio);
    }
}

impl<P: OutputPin<Error = Infallible> + Send> LoadSwitches for LineLoads<P> {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.rails(plan.usb_charging, plan.projector, plan.radio);
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.rails(false, false, false);
        Ok(())
    }
}

pub(crate) fn set<P: OutputPin<Error = Infallible>>(line: &mut P, on: bool) {
    line.set_state(on.into())
        .unwrap_or_else(|never| match never {});
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::recording::Pin;
    use power_mgmt::PowerState;

    fn loads() -> LineLoads<Pin> {
        LineLoads {
            usb_charging: Pin::default(),
            projector: Pin::default(),
            radio: Pin::default(),
        }
    }

    #[test]
    fn each_rail_follows_its_own_word_of_the_plan() {
        let mut loads = loads();
        for bits in 0..8_u8 {
            let plan = LoadPlan {
                usb_charging: bits & 1 != 0,
                projector: bits & 2 != 0,
                radio: bits & 4 != 0,
                ..LoadPlan::for_state(PowerState::Eco)
            };
            loads.apply(&plan).unwrap();
            let lines = [
                loads.usb_charging.is_high(),
                loads.projector.is_high(),
                loads.radio.is_high(),
            ];
            assert_eq!(lines, [plan.usb_charging, plan.projector, plan.radio]);
        }
    }

    #[test]
    fn power_off_drops_every_rail() {
        let mut loads = loads();
        loads.rails(true, true, true);
        loads.power_off().unwrap();
        assert!(
            !loads.usb_charging.is_high() && !loads.projector.is_high() && !loads.radio.is_high()
        );
    }
}
