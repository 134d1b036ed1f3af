//! A box that serves on loopback, and a client that shows every byte.

use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::Config;
use crate::services::access_point::Waiting;
use crate::services::power::{PowerCommand, PowerDesk, PowerReport};
use crate::status::{Update, View, ViewParts};
use crate::stores::Stores;
use crate::supervisor::health::{Healthz, Verdict};
use crate::web::films::Films;
use crate::web::server::{Door, Limits, keep_door};
use crate::web::{Languages, Site, SiteParts};
use crate::welcome::{Facts, Gate};
use content_store::formats;
use power_mgmt::{LoadPlan, PowerState};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A running box; its data goes when it is dropped.
pub(super) struct Rig {
    pub(super) address: SocketAddr,
    pub(super) plan: watch::Sender<LoadPlan>,
    pub(super) health: watch::Sender<Healthz>,
    /// Who waits for a seat on the radio.
    pub(super) waiting: watch::Sender<Waiting>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) served: JoinHandle<std::io::Result<()>>,
    pub(super) beats: Arc<AtomicU64>,
    pub(super) stores: Stores,
    pub(super) power: watch::Sender<PowerReport>,
    /// What the power service is asked.
    pub(super) asked: mpsc::Receiver<PowerCommand>,
    _verdict: watch::Sender<Verdict>,
    _data: tempfile::TempDir,
}

/// What answers under way have when the door closes.
const GRACE: Duration = Duration::from_secs(2);

/// Bytes of the pack's large file: more than the sockets of both sides hold.
pub(super) const LARGE: usize = 16_000_000;

/// The large file: a block whose length is prime, over and over, so that no two chunks are equal.
pub(super) fn large() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let block: Vec<u8> = (0..=u8::MAX).chain(0..=250).chain(0..=193).collect();
        let mut file = block.repeat(LARGE / block.len() + 1);
        file.truncate(LARGE);
        file
    })
}

pub(super) fn plan(http_connections: u16) -> LoadPlan {
    LoadPlan {
        http_connections,
        ..LoadPlan::for_state(PowerState::Full)
    }
}

fn write_pack(folder: &Path) {
    let page = "<!DOCTYPE html><html lang=en><title>Clean water</title><p>Boil the water. "
        .to_owned()
        + &"Wait. ".repeat(2_000);
    std::fs::create_dir_all(folder.join("sub dir")).unwrap();
    for (name, bytes) in [
        ("index.html", page.as_bytes()),
        ("large.bin", large()),
        ("film.mp4", large()),
        ("song.mp3", b"la la la"),
        ("small.txt", b"0123456789"),
        ("empty.txt", b""),
        ("sub dir/Caf\u{e9}?.html", b"<title>Coffee</title>coffee"),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

impl Rig {
    /// A box with the pack `water` and `seats` connections.
    pub(super) async fn start(seats: u16, limits: Limits) -> Self {
        Self::on_disk_or_memory(seats, limits, false).await
    }

    /// The same, on a box whose data lies in memory if it is told so.
    pub(super) async fn on_disk_or_memory(
        seats: u16,
        limits: Limits,
        data_in_memory: bool,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let stores = Stores::open(
            data.path(),
            &Config {
                keep_free_bytes: 0,
                records_reserve_bytes: 0,
                ..Config::default()
            },
        )
        .unwrap();
        let source = data.path().join("water");
        write_pack(&source);
        let staged = formats::stage(
            &formats::plan(&source).unwrap(),
            data.path(),
            0,
            &mut |_| {},
        )
        .unwrap();
        stores.library().adopt(&staged).unwrap();
        let clock = Clock::start(1, None);
        let report = PowerReport {
            at: Duration::ZERO,
            reading: None,
            reason: None,
            plan: plan(seats),
            on_mains: true,
            story: Arc::default(),
            time_scale: 1,
        };
        let (power, report) = watch::channel(report);
        let (verdict, verdict_seen) = watch::channel(Verdict::Healthy);
        let (health, health_seen) = watch::channel(Healthz::HEALTHY);
        let view = View::new(ViewParts {
            clock: clock.clone(),
            board: "test".to_owned(),
            serial: None,
            update: watch::channel(Update::idle(ota::Slot::A)).1,
            utc_offset_min: 0,
            degraded_at_start: Vec::new(),
            data_in_memory,
            stores: stores.clone(),
            power: report,
            air: crate::services::access_point::AccessPointHandle::off().report,
            panel: watch::channel(crate::status::sample::sample().panel).1,
            verdict: verdict_seen,
            found: watch::channel(Vec::new()).1,
            selftest: tokio::sync::watch::channel(None).1,
            stick: watch::channel(None).1,
        });
        let (commands, asked) = mpsc::channel(4);
        let (waiting, waiting_seen) = watch::channel(Waiting::default());
        let site = Site::new(SiteParts {
            library: stores.library().clone(),
            records: stores.records().clone(),
            view,
            clock,
            health: health_seen,
            host: "School.Internal.".to_owned(),
            languages: Languages::load(),
            activity: Activity::default(),
            data_in_memory,
            power: PowerDesk::over(commands),
            data: data.path().to_owned(),
            welcome: Some(Facts {
                network: "School-7F3A".to_owned(),
                phrase: Some("48213-90577-11604-73928".to_owned()),
                address: "http://school.internal/".to_owned(),
                notice: None,
            }),
            gate: Gate {
                address: Ipv4Addr::new(10, 48, 0, 1),
                prefix: 22,
            },
            waiting: waiting_seen,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (plan, plan_seen) = watch::channel(plan(seats));
        let (stop, stop_seen) = watch::channel(false);
        let beats = Arc::new(AtomicU64::new(0));
        let beat = {
            let beats = Arc::clone(&beats);
            move || {
                beats.fetch_add(1, Ordering::Relaxed);
            }
        };
        let door = Door::new(Arc::new(site), Films::new(plan_seen.clone()), limits);
        let served = tokio::spawn(keep_door(door, listener, plan_seen, beat, stop_seen, GRACE));
        Self {
            address,
            plan,
            health,
            waiting,
            stop,
            served,
            beats,
            stores,
            power,
            asked,
            _verdict: verdict,
            _data: data,
        }
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// One request on a connection of its own.
    pub(super) async fn ask(&self, method: &str, host: &str, path: &str, headers: &str) -> Reply {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n"
        );
        self.raw(request.as_bytes()).await
    }

    pub(super) async fn get(&self, host: &str, path: &str, headers: &str) -> Reply {
        self.ask("GET", host, path, headers).await
    }

    pub(super) async fn raw(&self, request: &[u8]) -> Reply {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        Reply::read(&mut stream).await
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.served.abort();
        self.stores.records().close();
    }
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Reads until the other side closes.
    pub(super) async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(bytes.len(), |place| place + 4);
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        Self {
            status,
            head,
            body: bytes[end..].to_vec(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
