//! Measures what the image promises in numbers, a plain Debian in the same machine beside it, and prints one table.
//!
//! ```text
//!   make bench-image
//! ```
//!
//! A boot is measured as CPU time of the whole virtual machine (one virtual CPU, software emulation) from power-on to the first
//! answer on port 80: the portal's first 200 here, a socket-activated listener's there (what that Debian is: `tests/image/parts/peer.py`). The two alternate. Nothing
//! here fails on time: machines differ, so mind the ratios.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for the desk: it prints, and has nobody to hand an error to"
)]

use ota::Slot;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use system_tests::vm::{BOOT, Bench, Card, FirstBeacon, Inside, Launch, Made};

/// Boots of each; the median counts.
const BOOTS: usize = 3;

/// Every process but the shell that asks: `kB name`.
const SHARES_OF_MEMORY: &str = r#"
for process in /proc/[0-9]*; do
    grep -q bench-shell "$process/cgroup" 2>/dev/null && continue
    share=$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "$process/smaps_rollup" 2>/dev/null)
    [ -z "$share" ] || echo "$share $(cat "$process/comm")"
done
"#;
const CHAIN: &str = "while systemctl is-system-running | grep -q start; do sleep 1; done; systemd-analyze; systemd-analyze critical-chain school-box.service; systemd-analyze blame | head -n 12";

fn main() {
    let Some(made) = Made::found("bench-image") else {
        std::process::exit(1);
    };
    let (ours, plain) = boots(&made);
    let mut table = Table::default();
    table.boot("CPU of a boot to the first answer, s", 0.7, &ours, &plain);
    sizes(&made, &mut table);
    let (memory, chain) = at_rest(&made);
    table.line("memory (PSS) of all programs, idle, MB", "<= 64", memory);
    let beacon = first_beacon(&made);
    table.line(
        "start of the kernel to the first beacon, s of the guest",
        "-",
        beacon.seconds(),
    );
    println!("{table}\n{beacon}");
    println!("boots of the box: {ours:.1?}\nboots of plain Debian: {plain:.1?}\n\n{chain}");
}

/// CPU seconds of each boot, sorted.
fn boots(made: &Made) -> (Vec<f64>, Vec<f64>) {
    let peer = made.part("peer/disk.img");
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    // The first boot of a box also grows its data and takes in the starter pack: that is part of it.
    for number in 1..=BOOTS {
        eprintln!("measuring boot {number} of {BOOTS} …");
        ours.push(boot(&Card::fresh(made), "bench-box"));
        if peer.is_file() {
            plain.push(boot(&Card::like(made, &peer), "bench-debian"));
        }
    }
    ours.sort_by(f64::total_cmp);
    plain.sort_by(f64::total_cmp);
    (ours, plain)
}

fn boot(card: &Card, name: &str) -> f64 {
    let mut vm = Launch::of(card, name).boot();
    let mut door = Door::of(vm.address());
    vm.wait("the first answer", BOOT, |vm| {
        door.answers().then(|| vm.cpu_time())
    })
    .as_secs_f64()
}

/// Somebody who knocks once a second and goes on listening at every door he knocked on: a request that came before the network is
/// lost, and a busy machine may need its time for one that was not.
struct Door {
    address: SocketAddr,
    knocks: Vec<(Instant, TcpStream)>,
}

impl Door {
    const fn of(address: SocketAddr) -> Self {
        let knocks = Vec::new();
        Self { address, knocks }
    }

    /// Whether a 200 has come.
    fn answers(&mut self) -> bool {
        let second = Duration::from_secs(1);
        if self
            .knocks
            .last()
            .is_none_or(|(at, _)| at.elapsed() >= second)
            && let Ok(knock) = self.knock()
        {
            self.knocks.push((Instant::now(), knock));
        }
        let mut head = [0; 64];
        self.knocks.iter_mut().any(|(_, knock)| {
            let read = knock.read(&mut head).unwrap_or_default();
            head[..read].windows(5).any(|part| part == b" 200 ")
        })
    }

    fn knock(&self) -> io::Result<TcpStream> {
        let mut knock = TcpStream::connect(self.address)?;
        knock.write_all(b"GET / HTTP/1.0\r\nHost: school.internal\r\n\r\n")?;
        knock.set_nonblocking(true)?;
        Ok(knock)
    }
}

fn sizes(made: &Made, table: &mut Table) {
    let root = made.part("root.img");
    let size = std::fs::metadata(&root).expect("the root").len();
    table.line("root file system, MB", "<= 300", megabytes(size));
    let framed = zstd_frames(&root);
    table.line(
        "the same in zstd frames of 1 MiB, no radio firmware, MB",
        "<= 60",
        megabytes(framed),
    );
}

/// Bytes of the file as independently compressed frames of 1 MiB, as an update carries them.
fn zstd_frames(file: &Path) -> u64 {
    let bytes = std::fs::read(file).expect("the root");
    let frame = |chunk| zstd::bulk::compress(chunk, 19).expect("a frame").len() as u64;
    bytes.chunks(1 << 20).map(frame).sum()
}

/// Memory of a box that nobody uses, MB, and where its start spent its time.
fn at_rest(made: &Made) -> (f64, String) {
    let card = Card::fresh(made);
    card.lay_over(Slot::A, &Inside::bench());
    let bench = Bench::new();
    let mut vm = Launch::of(&card, "bench-at-rest").with_bench(&bench).boot();
    vm.wait_for_page();
    let chain = vm.shell(CHAIN);
    std::thread::sleep(Duration::from_secs(20));
    let shares = vm.shell(SHARES_OF_MEMORY);
    let total: u64 = shares
        .lines()
        .map(|line| {
            let kib = line.split(' ').next().expect("a share");
            kib.parse::<u64>().expect("a share in kB") * 1024
        })
        .sum();
    (
        megabytes(total),
        format!("{chain}\nkB of each program:\n{shares}"),
    )
}

/// On a radio of the kernel's own making.
fn first_beacon(made: &Made) -> FirstBeacon {
    let card = Card::fresh(made);
    card.lay_over(Slot::A, &Inside::shell().radios());
    let bench = Bench::new();
    let mut vm = Launch::of(&card, "bench-beacon").with_bench(&bench).boot();
    vm.wait_for_page();
    vm.wait("the air", BOOT, |vm| {
        (vm.status()["radio"]["cells"][0]["on_air"] == true).then_some(())
    });
    FirstBeacon::asked(&mut vm)
}

#[allow(clippy::cast_precision_loss, reason = "sizes far below 2^53")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// One line: what, what is asked, the box, and the peer with the box's ratio to it.
#[derive(Debug)]
struct Line {
    what: &'static str,
    asked: String,
    box_: f64,
    peer: Option<f64>,
}

#[derive(Debug, Default)]
struct Table(Vec<Line>);

impl Table {
    fn line(&mut self, what: &'static str, asked: &str, box_: f64) {
        self.0.push(Line {
            what,
            asked: asked.to_owned(),
            box_,
            peer: None,
        });
    }

    fn boot(&mut self, what: &'static str, ratio: f64, ours: &[f64], plain: &[f64]) {
        self.0.push(Line {
            what,
            asked: format!("ratio <= {ratio}"),
            box_: ours[ours.len() / 2],
            peer: plain.get(plain.len() / 2).copied(),
        });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| {:<56} | {:>12} | {:>10} | {:>12} | {:>5} |\n|{:-<58}|{:->14}|{:->12}|{:->14}|{:->7}|",
            "what", "asked", "school-box", "plain Debian", "ratio", "", ":", ":", ":", ":"
        )?;
        for line in &self.0 {
            let (peer, ratio) = line.peer.map_or_else(
                || ("-".to_owned(), "-".to_owned()),
                |peer| (format!("{peer:.1}"), format!("{:.2}", line.box_ / peer)),
            );
            writeln!(
                f,
                "| {:<56} | {:>12} | {:>10.1} | {peer:>12} | {ratio:>5} |",
                line.what, line.asked, line.box_
            )?;
        }
        Ok(())
    }
}
