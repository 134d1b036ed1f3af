//! A web server that does as it is told, right or wrong: a thread a connection.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Where the file stands.
pub const FILE: &str = "system/file.bin";
/// Metadata that is there.
pub const METADATA: &[u8] = b"{\"signed\": {}}";

/// The file: no two runs of it are equal.
pub fn file() -> Vec<u8> {
    (0..300_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

/// A request's head.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    pub head: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// First byte and one past the last.
    pub fn range(&self) -> Option<(usize, usize)> {
        let (from, to) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let last = to.parse::<usize>().map_or(usize::MAX, |last| last + 1);
        Some((from.parse().ok()?, last))
    }
}

/// After an answer.
#[derive(PartialEq, Eq)]
pub enum Then {
    Keep,
    Close,
}

/// A connection, plain or not.
pub trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// What is done with a request.
pub type Conduct = dyn Fn(&Request, &mut Out<'_>) -> io::Result<Then> + Send + Sync;

/// Where the answer goes.
pub struct Out<'a> {
    wire: &'a mut dyn Wire,
    stopped: &'a AtomicBool,
}

impl Out<'_> {
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.wire.write_all(bytes.as_ref())?;
        self.wire.flush()
    }

    /// Says `bytes` again and again, until the other side is gone or the test is over.
    pub fn for_ever(&mut self, bytes: impl AsRef<[u8]>, every: Duration) -> io::Result<Then> {
        while !self.stopped.load(Ordering::Relaxed) {
            self.say(bytes.as_ref())?;
            std::thread::sleep(every);
        }
        Ok(Then::Close)
    }

    /// Says nothing more, until the other side hangs up.
    pub fn silence(&mut self) -> io::Result<Then> {
        self.wire.read(&mut [0]).map(|_| Then::Close)
    }

    pub fn answer(&mut self, status: &str, headers: &str, body: &[u8]) -> io::Result<Then> {
        let length = body.len();
        self.say(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n"
        ))?;
        self.say(body)?;
        Ok(Then::Keep)
    }
}

/// As a server should be.
pub fn good(request: &Request, out: &mut Out<'_>) -> io::Result<Then> {
    let file = file();
    if request.path.ends_with("/metadata/timestamp.json") {
        return out.answer("200 OK", "", METADATA);
    }
    if !request.path.ends_with(&format!("/targets/{FILE}")) {
        return out.answer("404 Not Found", "", b"no such page");
    }
    match request.range() {
        None => out.answer("200 OK", "", &file),
        Some((from, _)) if from >= file.len() => out.answer("416 Range Not Satisfiable", "", b""),
        Some((from, to)) => {
            let to = to.min(file.len());
            let range = format!("Content-Range: bytes {from}-{}/{}\r\n", to - 1, file.len());
            out.answer("206 Partial Content", &range, &file[from..to])
        }
    }
}

/// What the server saw.
#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    open: AtomicUsize,
    requests: Mutex<Vec<Request>>,
}

/// The server, until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Seen>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    pub fn start(
        conduct: impl Fn(&Request, &mut Out<'_>) -> io::Result<Then> + Send + Sync + 'static,
    ) -> Self {
        Self::at("127.0.0.1:0", None, Arc::new(conduct)).unwrap()
    }

    pub fn secure(
        config: Arc<ServerConfig>,
        conduct: impl Fn(&Request, &mut Out<'_>) -> io::Result<Then> + Send + Sync + 'static,
    ) -> Self {
        Self::at("127.0.0.1:0", Some(config), Arc::new(conduct)).unwrap()
    }

    pub fn at(
        address: &str,
        tls: Option<Arc<ServerConfig>>,
        conduct: Arc<Conduct>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let server = Self {
            address: listener.local_addr()?,
            seen: Arc::default(),
            stopped: Arc::default(),
        };
        let (seen, stopped) = (Arc::clone(&server.seen), Arc::clone(&server.stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                seen.connections.fetch_add(1, Ordering::Relaxed);
                seen.open.fetch_add(1, Ordering::Relaxed);
                let (tls, conduct) = (tls.clone(), Arc::clone(&conduct));
                let (seen, stopped) = (Arc::clone(&seen), Arc::clone(&stopped));
                std::thread::spawn(move || {
                    // Whoever goes away in the middle is no fault of a test.
                    let _ = converse(stream, tls, &*conduct, &seen, &stopped);
                    seen.open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("http://{}/repo", self.address)
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Waits until nobody is connected any more.
    pub fn left_by_all(&self) -> bool {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            if self.seen.open.load(Ordering::Relaxed) == 0 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    conduct: &Conduct,
    seen: &Seen,
    stopped: &AtomicBool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut wire: Box<dyn Wire> = match tls {
        None => Box::new(stream),
        Some(config) => {
            let session = ServerConnection::new(config).map_err(io::Error::other)?;
            Box::new(StreamOwned::new(session, stream))
        }
    };
    while let Some(request) = read(&mut wire)? {
        seen.requests.lock().unwrap().push(request.clone());
        let mut out = Out {
            wire: &mut wire,
            stopped,
        };
        if conduct(&request, &mut out)? == Then::Close {
            break;
        }
    }
    Ok(())
}

/// Requests come one after the other: nothing of the next is in the buffer that goes.
fn read(wire: &mut dyn Wire) -> io::Result<Option<Request>> {
    let mut reader = BufReader::with_capacity(1, wire);
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        if head[before..].trim().is_empty() {
            break;
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Some(Request { path, head }))
}
