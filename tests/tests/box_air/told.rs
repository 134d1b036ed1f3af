//! What is wrong with the air, or open, is said in a line and shown by a light.

use crate::rig::{air, is_on, start, told};
use system_tests::world::{World, wait_until};

/// Each is served on what works, said in one line, and shown by a light.
#[test]
fn what_is_wrong_is_said_in_a_line_and_shown_by_a_light() {
    struct Case {
        config: &'static str,
        files: &'static [(&'static str, &'static str)],
        line: &'static str,
        on_air: Option<&'static str>,
    }
    let case = |config, files, line, on_air| Case {
        config,
        files,
        line,
        on_air,
    };
    for Case {
        config,
        files,
        line,
        on_air,
    } in [
        case("", &[("facts", "")], "there is no radio", None),
        case(
            "",
            &[("facts", "wlan0 driver=rtl8xxxu ap=no")],
            "radio wlan0 (rtl8xxxu) cannot be an access point",
            None,
        ),
        case(
            "",
            &[("facts", "wlan0 ap=no\nwlan1 limit=11")],
            "radio wlan0 (simulated) cannot be",
            Some("wlan1 lock=wpa2 country=00 band=2.4 channel=1 dbm=20 beacon_tu=100 clients=10"),
        ),
        case(
            "[air]\ncountry = 'KE'\n",
            &[("countries", "PH\nUA")],
            "air.country = \"KE\" is not taken",
            Some("country=00 band=2.4"),
        ),
        case(
            "[air]\ncountry = 'PH'\nchannel = 100\n",
            &[],
            "air.channel = 100 may be taken by radar under the rules of PH",
            Some("country=PH band=2.4 channel=1 "),
        ),
        case(
            "[air]\ncountry = 'PH'\nchannel = 13\n",
            &[("facts", "wlan0 forbidden=12,13")],
            "air.channel = 13 is not allowed",
            Some("channel=1 "),
        ),
        case(
            "[air]\nband_ghz = 5\n",
            &[("facts", "wlan0 bands=2.4")],
            "air.band_ghz = 5: radio wlan0 may not serve there",
            Some("band=2.4 channel=1 "),
        ),
        case(
            "",
            &[("rival", "10.48.0.77")],
            "another device, 10.48.0.77, gives out addresses",
            Some("channel=1 "),
        ),
    ] {
        let world = World::new();
        for (name, text) in files {
            world.sim().set(&format!("radio/{name}"), text);
        }
        let running = start(&world, config);
        told(&running, line);
        let blink = if on_air.is_some() {
            "help=blink1"
        } else {
            "help=blink4"
        };
        world
            .sim()
            .wait_for_panel(line, |panel| panel.contains(blink));
        wait_until(line, || world.sim().serial().contains("Needs help:"));
        match on_air {
            Some(served) => wait_until(served, || air(&world).contains(served)),
            None => wait_until("the cable alone", || air(&world).starts_with("net ")),
        }
        running.wait_for_status("its state", |status| is_on(status) == on_air.is_some());
        running.stop();
    }
}

#[test]
fn a_neighbour_of_the_same_name_is_told_and_another_one_is_evaded() {
    let world = World::new();
    world
        .sim()
        .set("radio/heard", "02:00:00:00:00:09 2412 -50 Market");
    let running = start(&world, "");
    let status = running.wait_for_status("on the air", is_on);
    assert!(air(&world).contains("channel=6 "), "{}", air(&world));
    assert_eq!(
        status["degraded"].as_array().unwrap().len(),
        0,
        "the control"
    );
    let name = status["radio"]["network"].as_str().unwrap().to_owned();
    running.stop();
    world
        .sim()
        .set("radio/heard", &format!("02:00:00:00:00:09 2412 -50 {name}"));
    let running = start(&world, "");
    told(
        &running,
        &format!("another network nearby is called {name} too"),
    );
    running.wait_for_status("on the air", is_on);
    running.stop();
}

#[test]
fn an_open_network_is_warned_of() {
    let world = World::new();
    let risk = "anybody near can join, and can read what learners send and see";
    let running = start(&world, "[air]\nsecurity = 'open'\n");
    let status = running.wait_for_status("on the air", is_on);
    assert!(air(&world).contains("lock=open"));
    assert!(status["radio"]["notice"].as_str().unwrap().contains(risk));
    assert!(running.log().contains(risk) && running.get("/status").text().contains(risk));
    wait_until("the technician's line", || {
        world.sim().serial().contains("(OPEN)")
    });
    assert_eq!(
        status["degraded"].as_array().unwrap().len(),
        0,
        "a choice is no fault"
    );
    running.stop();
    let running = start(&world, "[air]\nsecurity = 'wpa3'\n");
    let status = running.wait_for_status("on the air", is_on);
    assert!(
        air(&world).contains("lock=wpa2 "),
        "a radio that is not known to do it well"
    );
    assert!(
        status["radio"]["notice"].is_null() && !running.log().contains(risk),
        "the control"
    );
    running.stop();
}
