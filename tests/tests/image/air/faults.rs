//! What goes wrong with one radio, and that a newcomer gets on again.

use super::school::{Held, PART, School};

/// Of the guest's own time.
const BACK_WITHIN_S: f64 = 10.0;
/// The same for a radio that was pulled out: its first sign is that nothing is heard of it.
const PLUGGED_WITHIN_S: f64 = 30.0;
const RESTARTS: u32 = 100;
/// A device that comes and goes; devices 1 and 2 stay.
const NEWCOMER: u8 = 3;

/// What is done, and its name.
const FAULTS: [(&str, &str); 3] = [
    ("hostapd killed", "kill -KILL $(pidof hostapd)"),
    ("hostapd stopped", "kill -STOP $(pidof hostapd)"),
    (
        "a bad configuration",
        "echo 'channel=zero' >>/run/school-box/air/wlan0.conf; kill -KILL $(pidof hostapd)",
    ),
];

pub(crate) fn each_is_healed(mut school: School) {
    school.class.all_arrive(&[1, 2], PART);
    insist(&mut school, "nothing wrong", ":");
    for (name, fault) in FAULTS {
        insist(&mut school, name, fault);
    }
    a_neighbour_bears_the_same_name(&mut school);
    the_radio_is_taken_away(&mut school);
    control_a_stopped_box_heals_nothing(&mut school);
    a_hundred_restarts_leave_nothing(&mut school);
    let again = "until_within 30 in_class 1 curl -sf --max-time 3 -o /dev/null http://$HOST/";
    let said = school.class.run(again);
    assert_eq!(said.code, 0, "who stayed is served again: {said}");
    eprintln!("air, faults: {:?} of CPU", school.class.cpu_time());
}

fn insist(school: &mut School, name: &str, fault: &str) {
    insist_within(school, name, fault, BACK_WITHIN_S);
}

fn insist_within(school: &mut School, name: &str, fault: &str, seconds: f64) {
    let back = school.class.back_after(fault, NEWCOMER, 40);
    let Some(back) = back.filter(|back| *back <= seconds) else {
        panic!("{name}: {back:?}\n{}", school.log());
    };
    eprintln!("air: {name}: a newcomer is on after {back:.1} s of the guest");
}

/// With another key, on the same channel: devices that know the box's are not kept from it.
fn a_neighbour_bears_the_same_name(school: &mut School) {
    let script = "in_class 4 hostapd -B -P /run/neighbour.pid /run/neighbour.conf >/dev/null";
    let settings = "mark=$(sed -n 's/^mark=//p' /data/air/identity)
        printf 'interface=wlan4\\ndriver=nl80211\\nssid=School-%s\\nhw_mode=g\\nchannel=1\\nwpa=2\\nwpa_key_mgmt=WPA-PSK\\nrsn_pairwise=CCMP\\n\
        wpa_passphrase=another phrase\\n' $mark >/run/neighbour.conf";
    let _ = school.class.run(&format!("{settings}\n{script}")).well();
    insist(school, "a neighbour with the same name", ":");
    let _ = school.class.run("kill $(cat /run/neighbour.pid)").well();
}

/// Into another namespace, as an adapter that is pulled out; the box says so, and takes it up when it is there again.
fn the_radio_is_taken_away(school: &mut School) {
    let away = "ip netns add away; iw phy phy0 set netns name away; until_within 15 eval '! on_air' && status";
    let said = school.class.run(away);
    assert_eq!(said.code, 0, "{said}\n{}", school.log());
    let radio = school.radio();
    assert_eq!(radio["broken"], true, "{radio}");
    eprintln!("air: a radio that is gone: {}", radio["trouble"]);
    let back = "ip netns exec away iw phy phy0 set netns 1";
    insist_within(school, "the radio there again", back, PLUGGED_WITHIN_S);
}

fn control_a_stopped_box_heals_nothing(school: &mut School) {
    let both = "kill -STOP $(cat /run/box.pid); kill -KILL $(pidof hostapd)";
    let back = school.class.back_after(both, NEWCOMER, 20);
    assert_eq!(back, None, "control: nobody healed it");
    // As systemd does with one that does not answer; what it left is taken over.
    let _ = school.class.run("kill -KILL $(cat /run/box.pid)").well();
    school.start();
    insist(school, "the box killed", ":");
}

fn a_hundred_restarts_leave_nothing(school: &mut School) {
    let before = settled(school);
    let script = format!(
        "n=0; while [ $n -lt {RESTARTS} ]; do
             old=$(pidof hostapd); kill -KILL $old
             until_within 60 eval 'new=$(pidof hostapd) && [ \"$new\" != \"$old\" ] && on_air' || {{ echo \"restart $n\"; exit 1; }}
             n=$((n + 1))
         done; now"
    );
    let began = school.class.now();
    let said = school.class.run(&script);
    assert_eq!(said.code, 0, "{said}\n{}", school.log());
    let after = settled(school);
    let took = school.class.now() - began;
    eprintln!(
        "air: {RESTARTS} restarts in {took:.0} s of the guest: before {before:?}, after {after:?}"
    );
    assert_eq!(after.children, before.children);
    assert!(
        after.descriptors <= before.descriptors + 2,
        "{before:?} {after:?}"
    );
    assert!(after.threads <= before.threads + 2, "{before:?} {after:?}");
    assert!(
        after.anonymous_kib <= before.anonymous_kib + 2048,
        "{before:?} {after:?}"
    );
}

/// When what a restart needs for a moment is let go.
fn settled(school: &mut School) -> Held {
    let _ = school.class.run("sleep 12").well();
    school.held()
}
