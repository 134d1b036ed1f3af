//! The straight lines: every way, every cut, a base that is not what it seemed.

use super::rig::Rig;
use ota::fetch::Fetched;
use ota::install::pack::PackError;

#[test]
fn by_a_patch_by_blocks_and_whole_the_file_is_the_same() {
    let mut bytes = Vec::new();
    for (patched, has_old) in [(true, true), (false, true), (false, false)] {
        let mut rig = Rig::new(patched);
        if !has_old {
            rig.there = None;
        }
        assert!(rig.all().unwrap());
        assert!(rig.disk.file() == rig.new);
        bytes.push(rig.shelf.gave);
    }
    eprintln!("a pack of 1.2 MB: {bytes:?} bytes by a patch, by blocks, whole");
    assert!(bytes[0] * 2 < bytes[1] && bytes[1] < bytes[2], "{bytes:?}");
    assert!(
        bytes[2] > 1_200_000,
        "the control: it does not compress: {bytes:?}"
    );
}

/// The power goes at every write: afterwards it goes on, and what is made is right; little is fetched twice.
#[test]
fn cut_at_every_write_it_goes_on_and_is_right() {
    for patched in [true, false] {
        let mut uncut = Rig::new(patched);
        assert!(uncut.all().unwrap());
        let whole = uncut.shelf.gave;
        let (mut cuts, mut most) = (0, 0);
        for writes in 0.. {
            let mut rig = Rig::new(patched);
            rig.disk.0.lock().unwrap().writes_left = Some(writes);
            let first = rig.all();
            rig.disk.cut();
            if matches!(first, Ok(true)) {
                assert!(
                    rig.disk.file() == rig.new,
                    "what was made is there after a cut"
                );
                break;
            }
            assert!(rig.all().unwrap(), "{writes}");
            assert!(rig.disk.file() == rig.new, "{writes}");
            cuts += 1;
            most = most.max(rig.shelf.gave);
        }
        eprintln!("patched {patched}: {cuts} cuts, {whole} bytes uncut, {most} at most");
        assert!(cuts > 10, "{cuts}");
        assert!(most < whole + 2 * 262_144 + 5_000, "{most} of {whole}");
    }
}

/// The control: a disk whose syncs do nothing loses what was said to be made.
#[test]
fn control_without_syncs_a_made_pack_is_lost() {
    let mut rig = Rig::new(false);
    rig.disk.0.lock().unwrap().lies = true;
    assert!(rig.all().unwrap());
    rig.disk.cut();
    assert!(rig.disk.file() != rig.new);
    // Made again from what is there, it is right again.
    rig.disk.0.lock().unwrap().lies = false;
    assert!(rig.all().unwrap());
    assert!(rig.disk.file() == rig.new);
}

/// A card that rots under the older version: a patch or blocks of it do not help in places, and frames mend just these.
#[test]
fn an_older_version_that_rots_is_mended_piece_by_piece() {
    for patched in [true, false] {
        let mut rig = Rig::new(patched);
        let mut rotten = rig.old.clone();
        rotten[200 * 4096 + 5] ^= 1;
        rig.there = Some(rotten);
        assert!(rig.all().unwrap(), "{patched}");
        assert!(rig.disk.file() == rig.new);
        assert!(
            rig.shelf.gave < 1_200_000,
            "not all of it came: {}",
            rig.shelf.gave
        );
    }
}

#[test]
fn a_budget_is_kept_and_adds_up() {
    let mut rig = Rig::new(false);
    rig.want().unwrap();
    let mut contacts = 0;
    loop {
        let before = rig.shelf.gave;
        let fetched = rig.fetch(100_000).unwrap();
        assert!(rig.shelf.gave - before <= 100_000);
        contacts += 1;
        if fetched == Fetched::All {
            break;
        }
        assert_eq!(fetched, Fetched::BudgetSpent);
    }
    assert!(contacts > 3, "{contacts}");
    assert_eq!(rig.build().unwrap(), Fetched::All);
    assert!(rig.disk.file() == rig.new);
}

#[test]
fn it_stops_where_it_is_told_and_goes_on() {
    let mut rig = Rig::new(true);
    rig.want().unwrap();
    rig.fetch(u64::MAX).unwrap();
    for words in 0..3 {
        assert_eq!(rig.build_until(words).unwrap(), Fetched::Stopped, "{words}");
    }
    assert_eq!(rig.build().unwrap(), Fetched::All);
    assert!(rig.disk.file() == rig.new);
}

#[test]
fn without_an_offer_there_is_nothing_to_do() {
    let mut rig = Rig::new(true);
    assert!(matches!(rig.build(), Err(PackError::Nothing)));
    assert!(matches!(rig.fetch(u64::MAX), Err(PackError::Nothing)));
    rig.want().unwrap();
    assert!(matches!(rig.build(), Err(PackError::Incomplete)));
}
