use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const PATIENCE: Duration = Duration::from_secs(20);

fn shell(script: &str) -> Program {
    Program {
        name: "sh",
        path: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
    }
}

fn started(script: &str) -> Child {
    Child::start(shell(script), |_| true).unwrap()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = since_boot() + PATIENCE;
    while !holds() {
        assert!(since_boot() < end, "waited in vain for {what}");
        thread::park_timeout(BETWEEN_LOOKS);
    }
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// Processes whose parent we are, zombies too.
fn children() -> usize {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
        .map(|line| line.split_whitespace().count())
        .sum()
}

#[test]
fn what_it_says_is_heard_and_its_last_words_are_kept_without_addresses() {
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let mut child = Child::start(
        shell("for n in $(seq 1 50); do echo line $n; done; echo boring; echo 'from 02:Ab:00:00:00:01 came' >&2; exit 3"),
        move |line| {
            counted.fetch_add(1, Ordering::SeqCst);
            line != "boring"
        },
    )
    .unwrap();
    until("its end", || child.ended().is_some());
    until("all lines", || heard.load(Ordering::SeqCst) == 52);
    assert_eq!(child.ended().unwrap().code(), Some(3));
    until("the last line", || {
        child
            .words()
            .last()
            .is_some_and(|line| line == "from (a device) came")
    });
    let words = child.words();
    assert_eq!(words.len(), LINES);
    assert_eq!(words[LINES - 2], "line 50");
}

#[test]
fn an_endless_line_is_cut_and_takes_no_memory() {
    let child = started("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo done; sleep 100");
    until("the end of the line", || {
        child.words().last().is_some_and(|line| line == "done")
    });
    assert!(
        child
            .words()
            .iter()
            .all(|line| line.len() as u64 <= LINE_BYTES)
    );
}

#[test]
fn one_that_does_not_want_to_end_is_killed_with_what_it_started() {
    let mut child = started("trap '' TERM; sleep 300 & echo $!; wait; wait");
    until("the number of its own child", || !child.words().is_empty());
    let own = PathBuf::from("/proc").join(&child.words()[0]);
    assert!(own.exists());
    child.end(Duration::from_millis(100));
    assert!(child.ended().is_some());
    // A process of nobody is reaped by the first process of the system, if that one does so.
    until("the end of its own child", || is_gone(&own));
}

/// Whether the drop of `child` is over by then; a thread of its own does it, so that one without end fails the test.
fn dropped_within(child: Child, patience: Duration) -> bool {
    let (dropped, wait) = channel();
    thread::spawn(move || {
        drop(child);
        let _ = dropped.send(());
    });
    wait.recv_timeout(patience).is_ok()
}

fn is_gone(process: &Path) -> bool {
    fs::read_to_string(process.join("stat")).map_or(true, |stat| stat.contains(") Z"))
}

/// The daemon ends by itself; what it started lives on and holds the pipe, in its group or in one of its own.
#[test]
fn one_that_left_a_process_behind_does_not_hold_up_the_end() {
    let orphan_of = |script: &str| {
        let mut child = started(script);
        until("the number of its own child", || !child.words().is_empty());
        let own = PathBuf::from("/proc").join(&child.words()[0]);
        until("its end", || child.ended().is_some());
        assert!(!is_gone(&own), "{script}");
        assert!(dropped_within(child, PATIENCE / 2), "{script}");
        own
    };
    let own = orphan_of("sleep 300 & echo $!; exit 1");
    until("the end of its own child", || is_gone(&own));
    // Out of its group it is out of reach, and the thread is left to it.
    let independent = orphan_of("setsid sh -c 'echo $$; exec sleep 300' & exit 1");
    assert!(!is_gone(&independent));
    let number = independent.file_name().unwrap().to_str().unwrap();
    kill(Pid::from_raw(number.parse().unwrap()), Signal::SIGKILL).unwrap();
}

#[test]
fn a_stopped_one_is_ended_too() {
    let mut child = started("echo up; exec sleep 300");
    until("its start", || !child.words().is_empty());
    child.signal(Signal::SIGSTOP);
    child.end(Duration::from_millis(100));
    assert!(child.ended().is_some());
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let missing = Program::found("no-such-daemon", Vec::new());
    let error = Child::start(missing, |_| true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot start no-such-daemon; check the image"
    );
}

#[test]
fn nothing_of_ours_is_open_in_it() {
    const LOOK: &str = "for n in /proc/self/fd/*; do readlink $n; done; echo seen";
    let ours = tempfile::NamedTempFile::new().unwrap();
    let seen = |script: &str| {
        let child = started(script);
        until("its word", || {
            child.words().last().is_some_and(|line| line == "seen")
        });
        child
            .words()
            .iter()
            .any(|line| Path::new(line) == ours.path())
    };
    assert!(!seen(LOOK));
    // The control: what a child has open is seen.
    assert!(seen(&format!("exec 9<{}; {LOOK}", ours.path().display())));
}

/// A process of its own, so that what other tests start is not counted: the test runs itself again.
#[test]
fn a_hundred_restarts_leak_nothing() {
    const ALONE: &str = "SCHOOL_BOX_TEST_RESTARTS";
    if std::env::var_os(ALONE).is_none() {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again
            .env(ALONE, "1")
            .args(["--exact", "--test-threads=1"])
            .arg("radio::child::tests::a_hundred_restarts_leak_nothing");
        let said = again.output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let mut child = started("echo up; exec sleep 300");
    until("its start", || !child.words().is_empty());
    let before = (count("/proc/self/fd"), count("/proc/self/task"), children());
    assert_eq!(before.2, 1);
    for _ in 0..100 {
        child.end(Duration::from_secs(5));
        child = started("echo up; exec sleep 300");
        until("its start", || !child.words().is_empty());
    }
    let after = (count("/proc/self/fd"), count("/proc/self/task"), children());
    assert_eq!(after, before, "descriptors, threads, children");
    // The control: what is not let go is seen.
    let _second = started("exec sleep 300");
    assert!(count("/proc/self/fd") > before.0 && count("/proc/self/task") > before.1);
    assert_eq!(children(), 2);
}

/// What starts a daemon on a thread that ends: the daemon stays, until the process ends.
#[test]
fn it_outlives_the_thread_that_asked_for_it() {
    let mut child = thread::scope(|scope| {
        scope
            .spawn(|| started("echo up; exec sleep 300"))
            .join()
            .unwrap()
    });
    until("its start", || !child.words().is_empty());
    assert!(child.ended().is_none());
    child.end(Duration::from_secs(5));
}

#[test]
fn it_does_not_outlive_its_parent() {
    const PARENT: &str = "SCHOOL_BOX_TEST_PARENT";
    if let Some(file) = std::env::var_os(PARENT) {
        let child = started("echo up; exec sleep 300");
        until("its start", || !child.words().is_empty());
        fs::write(file, child.process.id().to_string()).unwrap();
        // As a crash would: nothing is dropped.
        std::process::abort();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("id");
    let mut parent = Command::new(std::env::current_exe().unwrap());
    parent
        .env(PARENT, &file)
        .args(["--exact", "--test-threads=1"])
        .arg("radio::child::tests::it_does_not_outlive_its_parent");
    assert!(!parent.output().unwrap().status.success());
    let orphan = PathBuf::from("/proc").join(fs::read_to_string(file).unwrap());
    until("the end of the daemon", || is_gone(&orphan));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_address_gets_through(before in ".{0,20}", mac: [u8; 6], after in ".{0,20}") {
        let address = mac.map(|byte| format!("{byte:02x}")).join(":");
        let clean = without_addresses(&format!("{before} {address} {after}"));
        prop_assert!(!clean.contains(&address));
        prop_assert!(!clean.contains('\n'));
    }
}
