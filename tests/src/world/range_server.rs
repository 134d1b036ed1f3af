//! A web server for the files of one folder, with ranges, whose manners a test chooses: slow, cut short, lying.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes that are given at a time: no client sees less of a flood.
const STEP: usize = 4096;

/// How it behaves from now on. Each may change while an answer is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manners {
    /// Bytes of each answer in a second; 0: as fast as they are taken.
    pub bytes_per_second: u64,
    /// The connection is cut after so many bytes of each answer; 0: never.
    pub cut_after: u64,
    /// One bit in so many bytes of each file below `targets/` is turned over; 0: none.
    pub flip_every: u64,
}

/// Serves until it is dropped.
#[derive(Debug)]
pub struct RangeServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    folder: Mutex<PathBuf>,
    manners: Mutex<Manners>,
    given: AtomicU64,
    asked: Mutex<Vec<String>>,
    ended: AtomicBool,
}

impl RangeServer {
    /// The files of `folder`, on a free port of the loopback address.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a free port");
        let shared = Arc::new(Shared {
            folder: Mutex::new(folder.to_owned()),
            manners: Mutex::default(),
            given: AtomicU64::new(0),
            asked: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let for_clients = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming() {
                if for_clients.ended.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(client), shared) = (client, Arc::clone(&for_clients)) else {
                    continue;
                };
                // A client that goes away ends its thread, whatever it was told.
                std::thread::spawn(move || shared.serve(&client));
            }
        });
        Self {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its address for a client on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves the files of another folder from now on.
    pub fn serve(&self, folder: &Path) {
        folder.clone_into(&mut self.shared.folder.lock().expect("the folder"));
    }

    /// Changes its manners, for answers under way too.
    pub fn behave(&self, manners: Manners) {
        *self.shared.manners.lock().expect("manners") = manners;
    }

    /// Bytes of answers' bodies that it gave so far.
    #[must_use]
    pub fn given(&self) -> u64 {
        self.shared.given.load(Ordering::Relaxed)
    }

    /// What it was asked, in order: the path and, where there was one, the range.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().expect("what was asked").clone()
    }
}

impl Drop for RangeServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // It looks up when the next one comes.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// What a client asks.
#[derive(Debug, Default)]
struct Asked {
    method: String,
    path: String,
    range: Option<String>,
}

impl Asked {
    /// `None` where the client has nothing more to ask.
    fn from(client: &mut impl io::BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if client.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut asked = Self {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            range: None,
        };
        loop {
            let mut line = String::new();
            if client.read_line(&mut line)? == 0 || line.trim().is_empty() {
                return Ok(Some(asked));
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("range")
            {
                asked.range = Some(value.trim().to_owned());
            }
        }
    }

    /// First byte and count of what is wanted of a file of `len` bytes; `None`: nothing of it.
    fn wanted(&self, len: u64) -> Option<(u64, u64)> {
        let Some(range) = &self.range else {
            return Some((0, len));
        };
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        let from: u64 = from.parse().ok()?;
        let end = match to {
            "" => len,
            to => to.parse::<u64>().ok()?.checked_add(1)?.min(len),
        };
        (from < end).then(|| (from, end - from))
    }
}

impl Shared {
    fn serve(&self, client: &TcpStream) {
        let mut reader = BufReader::new(client);
        while let Ok(Some(asked)) = Asked::from(&mut reader) {
            let told = asked.range.as_ref();
            let told = told.map_or_else(
                || asked.path.clone(),
                |range| format!("{} {range}", asked.path),
            );
            self.asked.lock().expect("what was asked").push(told);
            if self.answer(&asked, client).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }

    fn answer(&self, asked: &Asked, mut client: &TcpStream) -> io::Result<()> {
        let relative = asked.path.trim_start_matches('/');
        let inside = !relative.split('/').any(|part| part == "..");
        let path = self.folder.lock().expect("the folder").join(relative);
        let file = File::open(path);
        let Some(mut file) = file.ok().filter(|_| inside) else {
            return client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        };
        let len = file.metadata()?.len();
        let Some((from, count)) = asked.wanted(len) else {
            let head = format!(
                "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{len}\r\nContent-Length: 0\r\n\r\n"
            );
            return client.write_all(head.as_bytes());
        };
        let status = if asked.range.is_some() {
            format!(
                "206 Partial Content\r\nContent-Range: bytes {from}-{}/{len}",
                from + count - 1
            )
        } else {
            "200 OK".to_owned()
        };
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {count}\r\nAccept-Ranges: bytes\r\n\r\n");
        client.write_all(head.as_bytes())?;
        if asked.method == "HEAD" {
            return Ok(());
        }
        file.seek(SeekFrom::Start(from))?;
        self.give(
            &mut file.take(count),
            from,
            relative.starts_with("targets/"),
            client,
        )
    }

    fn give(
        &self,
        bytes: &mut impl io::Read,
        mut at: u64,
        may_lie: bool,
        mut client: &TcpStream,
    ) -> io::Result<()> {
        let mut step = [0; STEP];
        let mut told = 0;
        loop {
            let manners = *self.manners.lock().expect("manners");
            let left = match manners.cut_after {
                0 => STEP,
                all => {
                    usize::try_from(all.saturating_sub(told)).map_or(STEP, |left| left.min(STEP))
                }
            };
            if left == 0 {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            let count = bytes.read(&mut step[..left])?;
            if count == 0 {
                return Ok(());
            }
            if may_lie {
                flip(&mut step[..count], at, manners.flip_every);
            }
            client.write_all(&step[..count])?;
            self.given.fetch_add(count as u64, Ordering::Relaxed);
            (at, told) = (at + count as u64, told + count as u64);
            if let Some(millis) = (count as u64 * 1000).checked_div(manners.bytes_per_second) {
                std::thread::sleep(Duration::from_millis(millis));
            }
        }
    }
}

/// Of the bytes from `at` on, turns over a bit of each whose place in its file is the middle of `every`.
fn flip(bytes: &mut [u8], at: u64, every: u64) {
    for (place, byte) in (at..).zip(bytes) {
        if every > 0 && place % every == every / 2 {
            *byte ^= 0x10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::http::{Connection, Request};
    use std::fs;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("targets")).unwrap();
        fs::write(
            dir.path().join("targets/file"),
            (0..=255).collect::<Vec<u8>>(),
        )
        .unwrap();
        fs::write(dir.path().join("beside"), "beside").unwrap();
        dir
    }

    fn ask(server: &RangeServer, path: &str, range: Option<&str>) -> io::Result<(u16, Vec<u8>)> {
        let mut request = Request::get(path).host("127.0.0.1");
        if let Some(range) = range {
            request = request.header("Range", range);
        }
        let answer = Connection::open(server.address)?.send(&request)?;
        Ok((answer.status, answer.body))
    }

    #[test]
    fn files_and_ranges_are_given_and_counted() {
        let dir = folder();
        let server = RangeServer::of(dir.path());
        assert_eq!(
            ask(&server, "/beside", None).unwrap(),
            (200, b"beside".to_vec())
        );
        assert_eq!(
            ask(&server, "/targets/file", Some("bytes=250-")).unwrap(),
            (206, (250..=255).collect())
        );
        assert_eq!(
            ask(&server, "/targets/file", Some("bytes=1-2")).unwrap(),
            (206, vec![1, 2])
        );
        assert_eq!(
            ask(&server, "/targets/file", Some("bytes=256-")).unwrap().0,
            416
        );
        assert_eq!(ask(&server, "/none", None).unwrap().0, 404);
        assert_eq!(ask(&server, "/../etc/passwd", None).unwrap().0, 404);
        assert_eq!(server.given(), 6 + 6 + 2);
        assert_eq!(server.asked()[1], "/targets/file bytes=250-");
    }

    #[test]
    fn it_lies_about_targets_alone_and_cuts_when_told_to() {
        let dir = folder();
        let server = RangeServer::of(dir.path());
        server.behave(Manners {
            flip_every: 100,
            ..Manners::default()
        });
        let lie = ask(&server, "/targets/file", Some("bytes=140-160"))
            .unwrap()
            .1;
        let truth: Vec<u8> = (140..=160).collect();
        let wrong: Vec<usize> = (0..21)
            .filter(|place| lie[*place] != truth[*place])
            .collect();
        assert_eq!(wrong, [10]);
        assert_eq!(ask(&server, "/beside", None).unwrap().1, b"beside");
        server.behave(Manners {
            cut_after: 3,
            ..Manners::default()
        });
        assert!(ask(&server, "/beside", None).is_err(), "cut short");
        server.behave(Manners::default());
        assert_eq!(ask(&server, "/beside", None).unwrap().1, b"beside");
    }
}
