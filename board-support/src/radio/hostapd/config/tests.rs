use super::*;
use proptest::prelude::*;

fn plan() -> CellPlan {
    CellPlan {
        interface: "wlan0".to_owned(),
        name: "School Box".to_owned(),
        security: Security::Wpa2("river-stone-42".to_owned()),
        country: Country(*b"PH"),
        channel: Channel {
            band: Band::Two,
            number: 6,
            mhz: 2437,
            dbm_at_most: 20,
            permission: Permission::Free,
        },
        dbm: 20,
        beacon_tu: 100,
        clients_at_most: 30,
        only: None,
    }
}

const PLACES: fn() -> Places<'static> = || Places {
    control: Path::new("/run/school-box/air/hostapd"),
    accept: Path::new("/run/school-box/air/wlan0.accept"),
    bridge: "box0",
};

fn made(plan: &CellPlan) -> String {
    text(plan, PLACES()).unwrap()
}

#[test]
fn a_cell_for_a_class() {
    insta::assert_snapshot!(made(&plan()));
}

#[test]
fn an_open_cell_for_chosen_tablets_with_a_name_in_another_script() {
    insta::assert_snapshot!(made(&CellPlan {
        name: "مدرسة".to_owned(),
        security: Security::Open,
        only: Some(vec![Mac([2, 0, 0, 0, 0, 1])]),
        beacon_tu: 300,
        ..plan()
    }));
    assert_eq!(
        accepted(&[Mac([2, 0, 0, 0, 0, 1]), Mac([0xaa, 0xbb, 0, 0, 0, 0xff])]),
        "02:00:00:00:00:01\naa:bb:00:00:00:ff\n"
    );
}

#[test]
fn a_cell_with_wpa3_on_a_channel_that_radar_may_want() {
    let mut five = plan();
    five.security = Security::Wpa3AndWpa2("river-stone-42".to_owned());
    five.channel = Channel {
        band: Band::Five,
        number: 100,
        mhz: 5500,
        dbm_at_most: 24,
        permission: Permission::Radar,
    };
    insta::assert_snapshot!(made(&five));
}

#[test]
fn what_hostapd_could_not_take_is_named_and_the_phrase_is_not() {
    let mut named = Vec::new();
    let mut refused = |change: fn(&mut CellPlan)| {
        let mut plan = plan();
        change(&mut plan);
        named.push(text(&plan, PLACES()).unwrap_err().to_string());
    };
    refused(|p| p.name.clear());
    refused(|p| p.name = "x".repeat(33));
    refused(|p| p.interface = "wlan0\nbridge=eth0".to_owned());
    refused(|p| p.security = Security::Wpa2("seven77".to_owned()));
    refused(|p| p.security = Security::Wpa2("a secret\nphrase".to_owned()));
    refused(|p| p.security = Security::Wpa3AndWpa2("ключ от школы".to_owned()));
    refused(|p| p.country = Country(*b"p\n"));
    refused(|p| p.clients_at_most = 0);
    refused(|p| p.clients_at_most = 2008);
    refused(|p| p.beacon_tu = 14);
    refused(|p| p.channel.number = 14);
    refused(|p| p.channel.permission = Permission::NoInitiate);
    insta::assert_snapshot!(named.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is planned: a name or phrase adds no line, and none is taken for another key.
    #[test]
    fn nothing_slips_into_another_line(name in ".{1,12}", phrase in ".{0,70}", interface in ".{1,16}") {
        let lines = made(&plan()).lines().count();
        let odd = CellPlan { name, interface, security: Security::Wpa2(phrase.clone()), ..plan() };
        if let Ok(text) = text(&odd, PLACES()) {
            prop_assert_eq!(text.lines().count(), lines);
            let line = format!("wpa_passphrase={phrase}");
            prop_assert!(text.lines().any(|l| l == line));
        }
    }
}
