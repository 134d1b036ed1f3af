//! A class that fills the radio.

use super::school::{PART, School};

/// The most devices that the radio takes.
const SEATS: u8 = 30;

pub(crate) fn thirty_come(mut school: School) {
    let devices: Vec<u8> = (1..=SEATS).collect();
    let took = school.class.all_arrive(&devices, PART);
    eprintln!(
        "air: {SEATS} devices joined, leased, loaded portal and lesson within {took:.1} s of the guest; {:?} of CPU since its start",
        school.class.cpu_time()
    );
    let radio = school.radio();
    assert_eq!(radio["clients"], SEATS, "{radio}");
    assert_eq!(radio["client_limit"], SEATS, "{radio}");
    assert_eq!(radio["leases"], SEATS, "{radio}");
    assert_eq!(radio["refused"], 0, "{radio}");

    let sent_off = school.class.arrive(&[SEATS + 1], PART, 6);
    assert_eq!(sent_off[0].joined, None, "no seat was left");
    let log = school.class.log_of(SEATS + 1);
    assert!(
        log.contains("status_code=17"),
        "refused in words of the standard, not ignored: {log}"
    );
    let radio = school.radio();
    assert!(radio["refused"].as_u64() >= Some(1), "{radio}");
    assert_eq!(radio["clients"], SEATS, "nobody was put off: {radio}");

    the_kits_own_comes_while_guests_wait(&mut school);
    eprintln!("air, a full class: {:?} of CPU", school.class.cpu_time());
}

/// The same devices find the network again by themselves; one seat is the kit's now, and device 31 is of the kit.
fn the_kits_own_comes_while_guests_wait(school: &mut School) {
    let _ = school
        .class
        .run(&format!("switch_off {}", SEATS + 1))
        .well();
    let kit = format!("02:00:00:00:{:02x}:00", SEATS + 1);
    school.restart_with(&format!(
        "country = \"PH\"\nchannel = 1\nkit = [\"{kit}\"]\nreserved_seats = 4"
    ));
    // Those who had a seat come back as they find the network again.
    let back = school.class.run(
        "until_within 60 eval '[ $(iw dev wlan0 station dump | grep -c ^Station) -ge 26 ]' && now",
    );
    let _ = back.well();
    let _ = school
        .class
        .run("until_within 20 eval 'status | grep -q \"\\\"waiting\\\":[1-9]\"' && status")
        .well();
    let began = school.class.now();
    let came = school.class.arrive(&[SEATS + 1], PART, 60);
    let radio = school.radio();
    eprintln!(
        "air: kept seats: {} of {} taken, place {} waits; the kit's own was on after {:?} s of the guest",
        radio["clients"],
        radio["client_limit"],
        radio["waiting"],
        came[0].joined.map(|at| at - began)
    );
    assert!(
        came[0].part.is_some(),
        "the kit's own is let in: {came:?}\n{}",
        school.log()
    );
}
