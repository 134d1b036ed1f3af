//! A client of any TUF 1.0 repository over [`ota::trust`], with the command line of the TUF project's conformance suite. Its clock is trusted.
//!
//! ```text
//! tuf_client --metadata-dir DIR init TRUSTED_ROOT
//! tuf_client --metadata-dir DIR --metadata-url URL refresh
//! tuf_client --metadata-dir DIR --metadata-url URL --target-name N --target-base-url URL --target-dir DIR download
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "an example on a desk: it has files and a clock"
)]

use jiff::Timestamp;
use ota::trust::{Client, Refusal, Repository, Role, Target, Today, TrustStore};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Characters that a file name of a role keeps; the others are written as `%XX`.
fn quoted(name: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'~');
    name.bytes()
        .map(|byte| match keep(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

/// A folder with a file for each role.
struct Folder(PathBuf);

impl Folder {
    fn file(&self, role: &Role) -> PathBuf {
        self.0.join(format!("{}.json", quoted(role.name())))
    }
}

impl TrustStore for Folder {
    type Error = io::Error;

    fn load(&self, role: &Role) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.file(role)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> io::Result<()> {
        let (file, aside) = (self.file(role), self.0.join("aside"));
        let mut out = fs::File::create(&aside)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::rename(aside, file)?;
        fs::File::open(&self.0)?.sync_all()
    }

    fn forget(&mut self, role: &Role) -> io::Result<()> {
        match fs::remove_file(self.file(role)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// A web server without TLS: enough for a desk.
struct Server(String);

impl Server {
    /// The body of `path`, at most `most` bytes and one; `None` where the server has none.
    fn get(&self, path: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let odd = |what: &str| io::Error::other(format!("{}{path}: {what}", self.0));
        let rest = self
            .0
            .strip_prefix("http://")
            .ok_or_else(|| odd("no http:// address"))?;
        let (host, base) = rest.split_once('/').unwrap_or((rest, ""));
        let stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let base = base.trim_end_matches('/');
        write!(
            &stream,
            "GET /{base}/{path} HTTP/1.0\r\nHost: {host}\r\n\r\n"
        )?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while !line.trim().is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
        }
        match status.as_str() {
            "200" => {
                let mut body = Vec::new();
                reader.take(most.saturating_add(1)).read_to_end(&mut body)?;
                Ok(Some(body))
            }
            "403" | "404" => Ok(None),
            other => Err(odd(&format!("status {other:?}"))),
        }
    }
}

impl Repository for Server {
    type Error = io::Error;

    fn metadata(&mut self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        self.get(&quoted(name), most)
    }
}

/// The options, each with its values, and the words between them.
struct Arguments {
    options: BTreeMap<String, Vec<String>>,
    words: Vec<String>,
}

impl Arguments {
    fn read() -> Outcome<Self> {
        let (mut options, mut words) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        let mut all = std::env::args().skip(1);
        while let Some(one) = all.next() {
            match one.strip_prefix("--") {
                Some(name) => {
                    let value = all
                        .next()
                        .ok_or_else(|| format!("--{name} lacks its value"))?;
                    options.entry(name.to_owned()).or_default().push(value);
                }
                None => words.push(one),
            }
        }
        Ok(Self { options, words })
    }

    fn all(&self, name: &str) -> Outcome<&[String]> {
        let values = self
            .options
            .get(name)
            .ok_or_else(|| format!("--{name} is missing"))?;
        Ok(values)
    }

    fn one(&self, name: &str) -> Outcome<&str> {
        match self.all(name)? {
            [.., last] => Ok(last),
            [] => Err(format!("--{name} is missing").into()),
        }
    }
}

fn download(folder: &Path, server: &Server, target: &Target) -> Outcome<()> {
    let file = folder.join(quoted(&target.path));
    if fs::read(&file).is_ok_and(|bytes| target.check(&bytes).is_ok()) {
        return Ok(());
    }
    let location: Vec<String> = target.location().split('/').map(quoted).collect();
    let bytes = server.get(&location.join("/"), target.length)?;
    let bytes = bytes.ok_or_else(|| format!("the server has no {}", target.location()))?;
    target.check(&bytes)?;
    Ok(fs::write(file, bytes)?)
}

fn run() -> Outcome<()> {
    let arguments = Arguments::read()?;
    let mut store = Folder(arguments.one("metadata-dir")?.into());
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words[..] {
        ["init", root] => Ok(store.keep(&Role::Root, &fs::read(root)?)?),
        ["refresh"] | ["download"] => {
            let mut server = Server(arguments.one("metadata-url")?.to_owned());
            let now = Today::Trusted(Timestamp::now());
            let mut client = Client::new(&mut server, &mut store, now);
            let trusted = client.refresh()?;
            if words == ["refresh"] {
                return Ok(());
            }
            let files = Server(arguments.one("target-base-url")?.to_owned());
            for name in arguments.all("target-name")? {
                let target = client.find(&trusted, name)?;
                download(arguments.one("target-dir")?.as_ref(), &files, &target)?;
            }
            Ok(())
        }
        _ => Err("give init TRUSTED_ROOT, refresh or download".into()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let refusal = error.downcast_ref::<Refusal>();
            eprintln!(
                "{error}{}",
                if refusal.is_some() { ": refused" } else { "" }
            );
            ExitCode::FAILURE
        }
    }
}
