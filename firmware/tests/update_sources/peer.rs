//! Another box as the source: the real program, its `/updates/`, read by the client that boxes have.

use crate::server::METADATA;
use crate::{line, read, source};
use board_support::usb::FolderSource;
use ota::Source;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LARGE: usize = 24_000_000;

/// A running box with a repository.
struct Peer {
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

fn hashed(name: &str) -> String {
    format!("system/b/7/{}.{name}", "5a".repeat(32))
}

fn large() -> Vec<u8> {
    (0..LARGE as u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8)
        .collect()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

impl Peer {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("data/updates/repository");
        put(&repository, "metadata/timestamp.json", METADATA);
        put(&repository, "metadata/1.root.json", b"{\"root\": 1}");
        put(
            &repository,
            &format!("targets/{}", hashed("root")),
            &large(),
        );
        put(&repository, "targets/system/plain.bin", b"no hash, no file");
        put(&repository, "targets/.hidden", b"hidden");
        put(&repository, "secret.json", b"secret");
        put(folder.path(), "data/updates/trust/root.json", b"secret");
        symlink(
            repository.join("secret.json"),
            repository.join("metadata/2.root.json"),
        )
        .unwrap();
        symlink(folder.path(), repository.join("targets/out")).unwrap();
        for (input, value) in [
            ("voltage_v", "13.4"),
            ("current_a", "1.0"),
            ("temperature_c", "25"),
        ] {
            put(
                folder.path(),
                &format!("sim/battery/{input}"),
                value.as_bytes(),
            );
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_school-box"))
            .args(["run", "--listen", "127.0.0.1:0", "--no-radio", "--board"])
            .arg(format!("sim:{}", folder.path().join("sim").display()))
            .arg("--data")
            .arg(folder.path().join("data"))
            .env_remove("NOTIFY_SOCKET")
            .env_remove("RUNTIME_DIRECTORY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let address = said
            .split(['/', ' ', '\n'])
            .find_map(|word| word.replace("localhost", "127.0.0.1").parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {said:?}"));
        Self {
            child,
            address,
            folder,
        }
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("data/updates/repository")
    }

    fn url(&self) -> String {
        format!("http://{}/updates/", self.address)
    }

    fn send(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let address = self.address;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn head(&self, path: &str, headers: &str) -> String {
        let mut answer = Vec::new();
        self.send(path, headers)
            .take(4096)
            .read_to_end(&mut answer)
            .unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        answer
            .split("\r\n\r\n")
            .next()
            .unwrap()
            .to_ascii_lowercase()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn another_box_and_a_folder_give_the_same_bytes_and_nothing_else() {
    let peer = Peer::start();
    let mut folder = FolderSource::new(peer.repository(), "folder".to_owned());
    let mut web = source(&peer.url());
    for (from, bytes) in [
        (0, 1000),
        (23_000_000, 5_000_000),
        (LARGE as u64, 1),
        (12_345_678, 1_000_000),
    ] {
        let name = hashed("root");
        let wanted = read(&mut folder, &name, from, bytes).unwrap();
        assert!(
            read(&mut *web, &name, from, bytes).unwrap() == wanted,
            "{from}+{bytes}"
        );
    }
    assert_eq!(
        web.metadata("timestamp.json", 100).unwrap().as_deref(),
        Some(METADATA)
    );
    assert_eq!(
        web.metadata("1.root.json", 100).unwrap(),
        folder.metadata("1.root.json", 100).unwrap()
    );
    assert_eq!(
        web.metadata("2.root.json", 100).unwrap(),
        None,
        "a link leads to a secret"
    );
    assert_eq!(web.metadata("3.root.json", 100).unwrap(), None);
    for name in [
        "system/plain.bin",
        ".hidden",
        "out/data/updates/trust/root.json",
        "none",
    ] {
        let error = read(&mut *web, name, 0, 10).unwrap_err();
        assert_eq!(
            line(&error),
            format!("http://{}/updates has no {name}", peer.address)
        );
    }
    for path in [
        "/updates",
        "/updates/",
        "/updates/metadata",
        "/updates/metadata/",
        "/updates/targets/system/",
        "/updates/secret.json",
        "/updates/metadata/..%2fsecret.json",
        "/updates/targets/%2e%2e/secret.json",
        "/updates/targets//system",
    ] {
        let head = peer.head(path, "");
        assert!(
            head.starts_with("http/1.1 404") || head.starts_with("http/1.1 400"),
            "{path}: {head}"
        );
    }
}

#[test]
fn what_never_changes_says_so_and_what_does_has_a_tag() {
    let peer = Peer::start();
    let target = format!("/updates/targets/{}", hashed("root"));
    let head = peer.head(&target, "Range: bytes=5-9\r\n");
    assert!(head.starts_with("http/1.1 206"), "{head}");
    for part in [
        "content-range: bytes 5-9/24000000",
        "immutable",
        "content-length: 5",
        "accept-ranges: bytes",
    ] {
        assert!(head.contains(part), "{part}: {head}");
    }
    let tag = format!("\"{}\"", "5a".repeat(32));
    assert!(head.contains(&tag), "{head}");
    assert!(
        peer.head(&target, &format!("If-None-Match: {tag}\r\n"))
            .starts_with("http/1.1 304")
    );
    assert!(
        peer.head(&target, "Range: bytes=24000000-\r\n")
            .starts_with("http/1.1 416")
    );
    let timestamp = peer.head("/updates/metadata/timestamp.json", "");
    assert!(
        timestamp.contains("cache-control: no-cache") && !timestamp.contains("immutable"),
        "{timestamp}"
    );
    let tag = timestamp
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    let again = format!("If-None-Match: {tag}\r\n");
    assert!(
        peer.head("/updates/metadata/timestamp.json", &again)
            .starts_with("http/1.1 304")
    );
    put(
        &peer.repository(),
        "metadata/timestamp.json",
        b"{\"signed\": 22}",
    );
    assert!(
        peer.head("/updates/metadata/timestamp.json", &again)
            .starts_with("http/1.1 200"),
        "it has changed"
    );
}

#[test]
fn two_are_served_at_a_time_and_the_third_waits_while_lessons_go_on() {
    let peer = Peer::start();
    let target = format!("/updates/targets/{}", hashed("root"));
    // They take a little, and then nothing more.
    let hogs: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut hog = peer.send(&target, "");
            hog.read_exact(&mut [0; 1000]).unwrap();
            hog
        })
        .collect();
    let third = peer.head(&target, "");
    assert!(
        third.starts_with("http/1.1 503") && third.contains("retry-after: "),
        "{third}"
    );
    assert!(peer.head("/", "").starts_with("http/1.1 200"));
    let mut web = source(&peer.url());
    assert!(
        web.metadata("timestamp.json", 100).unwrap().is_some(),
        "what is new is told to all"
    );
    let releaser = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        drop(hogs);
    });
    let began = Instant::now();
    assert_eq!(
        read(&mut *web, &hashed("root"), 77, 100_000).unwrap(),
        &large()[77..100_077]
    );
    assert!(began.elapsed() >= Duration::from_secs(1), "it waited");
    releaser.join().unwrap();
}
