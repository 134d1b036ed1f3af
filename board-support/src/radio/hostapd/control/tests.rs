use super::*;
use proptest::prelude::*;
use std::thread;

const PATIENCE: Duration = Duration::from_secs(10);

/// As hostapd 2.10 answered on `mac80211_hwsim`.
const STATUS: &str = "state=ENABLED\nphy=phy0\nfreq=2437\nnum_sta_non_erp=0\nolbc=0\nht_op_mode=0x0\ncac_time_seconds=0\ncac_time_left_seconds=N/A\nchannel=6\nsecondary_channel=0\nieee80211n=1\nbeacon_int=100\ndtim_period=2\nbss[0]=wlan0\nbssid[0]=02:00:00:00:00:00\nssid[0]=School Box\nnum_sta[0]=2\n";
const STATION: &str = "02:00:00:00:01:00\nflags=[AUTH][ASSOC][AUTHORIZED][WMM][HT]\naid=1\ncapability=0x431\nlisten_interval=5\n";

/// The other end of a control socket, which answers each question with what is due, and hands back what it was asked.
fn with_peer(answers: &[(&'static str, &'static str)], talk: impl FnOnce(&Control)) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wlan0");
    let peer = UnixDatagram::bind(&path).unwrap();
    let control = Control::open(&path, PATIENCE).unwrap();
    thread::scope(|scope| {
        let heard = scope.spawn(move || {
            let mut heard = Vec::new();
            for (question, answer) in answers {
                let mut bytes = [0; ANSWER_BYTES];
                let (length, from) = peer.recv_from(&mut bytes).unwrap();
                let asked = String::from_utf8(bytes[..length].to_vec()).unwrap();
                assert_eq!(&asked, question);
                heard.push(asked);
                peer.send_to_addr(answer.as_bytes(), &from).unwrap();
            }
            heard
        });
        talk(&control);
        heard.join().unwrap()
    })
}

#[test]
fn what_it_is_asked_and_what_its_answers_mean() {
    let talk = [
        ("PING", "PONG\n"),
        ("STATUS", STATUS),
        ("STA-FIRST", STATION),
        (
            "STA-NEXT 02:00:00:00:01:00",
            "02:00:00:00:01:01\nflags=[AUTH][ASSOC]\n",
        ),
        ("STA-NEXT 02:00:00:00:01:01", "FAIL\n"),
        ("LOG_LEVEL DEBUG", "OK\n"),
    ];
    with_peer(&talk, |control| {
        control.ping().unwrap();
        let status = control.status().unwrap();
        assert_eq!(status.state, "ENABLED");
        assert_eq!(
            (status.channel, status.radar_s, status.stations),
            (Some(6), None, 2)
        );
        let listed = control.stations().unwrap();
        assert_eq!(
            listed.iter().map(|l| l.authorized).collect::<Vec<_>>(),
            [true, false]
        );
        assert_eq!(listed[1].mac, Mac([2, 0, 0, 0, 1, 1]));
        control.tell_refusals(true).unwrap();
    });
}

#[test]
fn who_is_in_and_not_taken_in_any_more_is_sent_away_and_nobody_else() {
    let talk = [
        ("SET macaddr_acl 0", "OK\n"),
        ("ACCEPT_ACL CLEAR", "OK\n"),
        ("ACCEPT_ACL ADD_MAC 02:00:00:00:01:00", "OK\n"),
        ("SET macaddr_acl 1", "OK\n"),
        ("STA-FIRST", STATION),
        (
            "STA-NEXT 02:00:00:00:01:00",
            "02:00:00:00:01:01\nflags=[AUTH][ASSOC][AUTHORIZED]\n",
        ),
        ("STA-NEXT 02:00:00:00:01:01", "FAIL\n"),
        ("DEAUTHENTICATE 02:00:00:00:01:01", "OK\n"),
        ("SET macaddr_acl 0", "OK\n"),
        ("SET macaddr_acl 0", "OK\n"),
        ("ACCEPT_ACL CLEAR", "FAIL\n"),
    ];
    with_peer(&talk, |control| {
        let stays = Mac([2, 0, 0, 0, 1, 0]);
        control.take_in(Some(&[stays])).unwrap();
        control.take_in(None).unwrap();
        let error = control.take_in(Some(&[])).unwrap_err();
        assert_eq!(error.to_string(), "to ACCEPT_ACL it says `FAIL`");
    });
}

#[test]
fn one_that_is_gone_and_one_that_is_silent_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wlan0");
    let patience = Duration::from_millis(50);
    assert!(matches!(
        Control::open(&path, patience),
        Err(ControlError::Gone(_))
    ));
    let peer = UnixDatagram::bind(&path).unwrap();
    let control = Control::open(&path, patience).unwrap();
    assert!(matches!(control.ping(), Err(ControlError::Silent)));
    // A stopped daemon's queue fills up: that is waited for no longer.
    for _ in 0..20 {
        assert!(matches!(
            Control::open(&path, patience).unwrap().ping(),
            Err(ControlError::Silent)
        ));
    }
    drop(peer);
    // What is left of one that was killed.
    assert!(matches!(
        Control::open(&path, patience),
        Err(ControlError::Gone(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_is_too_odd(text in "(?s).*") {
        let _ = (status(&text), station(&text));
        let said = refused("SET x", &text).to_string();
        prop_assert!(said.chars().count() < 80 && !said.contains('\n'));
    }

    #[test]
    fn a_status_in_pieces_is_read_as_far_as_it_goes(cut in 0..STATUS.len()) {
        let status = status(&STATUS[..cut]);
        prop_assert!("ENABLED".starts_with(&status.state));
    }
}
