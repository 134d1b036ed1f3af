//! A small HTTP client that can also misbehave: it chooses its `Host`, sends raw bytes, reads slowly and walks away.

use super::learner::Tool;
use flate2::read::GzDecoder;
use serde_json::Value;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long one read of an answer may take.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    target: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// Any method on any target.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            host: None,
            headers: Vec::new(),
            body: None,
        }
    }

    /// A plain `GET`.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// `PUT` or `POST` of a statement to the record store.
    #[must_use]
    pub fn xapi(method: &str, target: &str, tool: &Tool, body: &Value) -> Self {
        Self::new(method, target)
            .header("Authorization", &tool.authorization())
            .header("X-Experience-API-Version", "1.0.3")
            .body("application/json", body.to_string())
    }

    /// `GET` from the record store.
    #[must_use]
    pub fn xapi_get(target: &str, tool: &Tool) -> Self {
        Self::get(target)
            .header("Authorization", &tool.authorization())
            .header("X-Experience-API-Version", "1.0.3")
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Chooses the `Host`; without it, the box's own at the port that is called.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Adds a body.
    #[must_use]
    pub fn body(self, mime: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut with_type = self.header("Content-Type", mime);
        with_type.body = Some(body.into());
        with_type
    }

    fn bytes(&self, default_host: &str) -> Vec<u8> {
        let host = self.host.as_deref().unwrap_or(default_host);
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {host}\r\n",
            self.method, self.target
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came, without its framing.
    pub body: Vec<u8>,
    /// Bytes of head and body on the wire.
    pub wire_bytes: usize,
}

impl Answer {
    /// The first header of this name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text, decompressed where it came in gzip.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        if self.header("content-encoding") == Some("gzip") {
            GzDecoder::new(self.body.as_slice())
                .read_to_end(&mut text)
                .expect("a gzip body");
        } else {
            text.extend_from_slice(&self.body);
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("status {}, no JSON ({error}): {text}", self.status))
    }

    /// Insists on a status.
    pub fn expect(self, status: u16) -> Self {
        let text: String = self.text().chars().take(600).collect();
        assert_eq!(
            self.status, status,
            "headers {:?}, body {text}",
            self.headers
        );
        self
    }
}

/// One connection to a box, kept alive from request to request.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When the door is closed.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        Self::patient(address, TIMEOUT)
    }

    /// Connects; nothing may take longer than `patience`.
    ///
    /// # Errors
    /// When the door is closed.
    pub fn patient(address: SocketAddr, patience: Duration) -> io::Result<Self> {
        Self::over(
            TcpStream::connect_timeout(&address, patience)?,
            address,
            patience,
        )
    }

    /// Connects from an address of one's own among those of this machine (127.0.0.0/8): as another phone would.
    ///
    /// # Errors
    /// When the door is closed, or `from` is no address of this machine.
    pub fn from(from: IpAddr, address: SocketAddr) -> io::Result<Self> {
        Self::from_with(from, address, None)
    }

    /// As [`Connection::from`]; this side's kernel takes about `receive` bytes before somebody reads them, as a radio's queue does.
    ///
    /// # Errors
    /// As [`Connection::from`].
    pub fn narrow(from: IpAddr, address: SocketAddr, receive: usize) -> io::Result<Self> {
        Self::from_with(from, address, Some(receive))
    }

    fn from_with(from: IpAddr, address: SocketAddr, receive: Option<usize>) -> io::Result<Self> {
        let kind = Domain::for_address(address);
        let socket = Socket::new(kind, Type::STREAM, Some(Protocol::TCP))?;
        if let Some(receive) = receive {
            socket.set_recv_buffer_size(receive)?;
        }
        socket.bind(&SocketAddr::new(from, 0).into())?;
        socket.connect_timeout(&address.into(), TIMEOUT)?;
        Self::over(socket.into(), address, TIMEOUT)
    }

    fn over(stream: TcpStream, address: SocketAddr, patience: Duration) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        let host = format!("localhost:{}", address.port());
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            host,
        })
    }

    /// Sends a request and reads its whole answer.
    ///
    /// # Errors
    /// When the other side goes away or is silent for [`TIMEOUT`].
    pub fn send(&mut self, request: &Request) -> io::Result<Answer> {
        self.write(&request.bytes(&self.host))?;
        self.read_answer(request.method == "HEAD")
    }

    /// Sends a request and does not wait for the answer.
    ///
    /// # Errors
    /// When the other side went away.
    pub fn start(&mut self, request: &Request) -> io::Result<()> {
        self.write(&request.bytes(&self.host))
    }

    /// The connection itself, of which nothing was read yet.
    #[must_use]
    pub fn into_stream(self) -> TcpStream {
        self.stream.into_inner()
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the other side went away.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads some bytes of whatever comes; 0 when the other side hung up.
    ///
    /// # Errors
    /// When the other side went away or is silent for [`TIMEOUT`].
    pub fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }

    /// Reads one answer.
    ///
    /// # Errors
    /// When the other side goes away or is silent for [`TIMEOUT`], or when it speaks no HTTP.
    pub fn read_answer(&mut self, head_only: bool) -> io::Result<Answer> {
        let mut wire_bytes = 0;
        let status_line = self.line(&mut wire_bytes)?;
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok());
        let status: u16 = status.ok_or_else(|| malformed(&status_line))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line(&mut wire_bytes)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed(&line))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
            wire_bytes,
        };
        if !(head_only || status < 200 || status == 204 || status == 304) {
            self.read_body(&mut answer)?;
        }
        Ok(answer)
    }

    fn read_body(&mut self, answer: &mut Answer) -> io::Result<()> {
        if answer.header("transfer-encoding") == Some("chunked") {
            return self.read_chunks(answer);
        }
        match answer.header("content-length").map(str::parse::<usize>) {
            Some(Ok(length)) => {
                answer.body.resize(length, 0);
                self.stream.read_exact(&mut answer.body)?;
                answer.wire_bytes += length;
            }
            Some(Err(_)) => return Err(malformed("content-length")),
            None => answer.wire_bytes += self.stream.read_to_end(&mut answer.body)?,
        }
        Ok(())
    }

    fn read_chunks(&mut self, answer: &mut Answer) -> io::Result<()> {
        loop {
            let line = self.line(&mut answer.wire_bytes)?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(|_| malformed(&line))?;
            let start = answer.body.len();
            answer.body.resize(start + size, 0);
            self.stream.read_exact(&mut answer.body[start..])?;
            answer.wire_bytes += size;
            self.line(&mut answer.wire_bytes)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self, wire_bytes: &mut usize) -> io::Result<String> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line)?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the box hung up",
            ));
        }
        *wire_bytes += read;
        Ok(String::from_utf8_lossy(&line)
            .trim_end_matches(['\r', '\n'])
            .to_owned())
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("no HTTP answer: {what}"),
    )
}
