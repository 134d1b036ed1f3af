//! One server process after the other, on the same bytes.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use system_tests::need::find_program;
use system_tests::world::http::{Connection, Request};
use system_tests::world::{DEADLINE, World, proc, school_box};

/// Bytes of the small page and of the large file.
const SMALL: usize = 2_048;
pub(crate) const LARGE: usize = 16 << 20;
/// The pack with both.
const PACK: &str = "bench";

/// What the servers serve.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) world: World,
    /// A folder with `small.html`, `large.bin` and, under `pages/`, the pages of the ZIM file: for nginx.
    folder: PathBuf,
    zim: Option<PathBuf>,
    /// Paths of the ZIM file's pages, as links of its pack say them.
    pages: Vec<String>,
    /// The pack of the ZIM file.
    book: String,
}

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ours.
    SchoolBox,
    /// The usual server of ZIM files.
    Kiwix,
    /// The usual server of files.
    Nginx,
}

/// A server that runs; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    kind: Kind,
    pub(crate) address: SocketAddr,
    /// From exec to the first 200.
    pub(crate) first_answer: Duration,
}

impl Shelf {
    /// Imports the sample library and copies its pages out for nginx.
    pub(crate) fn lay_out() -> Self {
        let world = World::new();
        let text = "Rain falls on the mountain and runs to the sea. ".repeat(SMALL / 48);
        world.write(
            "bench/small.html",
            format!("<!doctype html><title>Small</title><p>{text}</p>"),
        );
        world.write(
            "bench/index.html",
            "<!doctype html><title>Bench</title><h1>Bench</h1>",
        );
        let noise: Vec<u8> = (0_u32..(LARGE as u32 / 4))
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        let folder = world
            .write("bench/large.bin", noise)
            .parent()
            .unwrap()
            .to_owned();
        world.import(&folder);
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/sample-library");
        let zim = Some(samples.join("developers-reference.zim")).filter(|zim| zim.is_file());
        let room = Some(samples.join("reading-room")).filter(|room| room.is_dir());
        for path in zim.iter().chain(&room) {
            world.import(path);
        }
        let list = world.run(&["library", "list", "--json"]).succeeded().json();
        let book = list
            .as_array()
            .unwrap()
            .iter()
            .find(|pack| pack["kind"] == "zim")
            .cloned()
            .unwrap_or_default();
        let mut shelf = Self {
            world,
            folder,
            zim,
            pages: Vec::new(),
            book: book["id"].as_str().unwrap_or_default().to_owned(),
        };
        if let Some(home) = book["home"].as_str() {
            shelf.pages = shelf.copy_pages(home);
        }
        shelf
    }

    /// Follows the links of the book's first page, one step, and keeps what they lead to.
    fn copy_pages(&self, home: &str) -> Vec<String> {
        let running = self.world.start();
        let text = running
            .get_from(&self.book, &format!("/{home}"))
            .expect(200)
            .text();
        let base = home.rsplit_once('/').map_or("", |(dir, _)| dir);
        let mut pages: Vec<String> = text
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split(['"', '#']).next())
            .map(|link| format!("{base}/{link}").trim_start_matches('/').to_owned())
            .collect();
        pages.sort();
        pages.dedup();
        pages.retain(|page| {
            if !page.ends_with(".html") || page.contains(':') {
                return false;
            }
            let answer = running.get_from(&self.book, &format!("/{page}"));
            self.world
                .write(&format!("bench/pages/{page}"), &answer.body);
            answer.status == 200
        });
        running.stop();
        pages
    }

    /// What cannot be measured here, and why.
    pub(crate) fn not_measured(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.zim.is_none() {
            lines.push("the sample library and kiwix-serve: no developers-reference.zim (tests/setup/sample-library.sh)".into());
        }
        for (name, package) in [("kiwix-serve", "kiwix-tools"), ("nginx", "nginx-light")] {
            if find_program(name).is_none() {
                lines.push(format!("{name}: not installed (apt-get install {package})"));
            }
        }
        lines
    }

    /// Starts one of the servers; `None` where it is missing.
    pub(crate) fn start(&self, kind: Kind) -> Option<Server> {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut command = match kind {
            Kind::SchoolBox => self.school_box(address),
            Kind::Kiwix => self.kiwix(port)?,
            Kind::Nginx => self.nginx(port)?,
        };
        let log = File::create(self.world.path("server.log")).unwrap();
        let begin = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Server {
            child,
            kind,
            address,
            first_answer: Duration::ZERO,
        };
        while !server.answers() {
            assert!(begin.elapsed() < DEADLINE, "{kind:?} does not answer");
            std::thread::sleep(Duration::from_millis(1));
        }
        server.first_answer = begin.elapsed();
        Some(server)
    }

    fn school_box(&self, address: SocketAddr) -> Command {
        let mut command = Command::new(school_box());
        command.args([
            "run",
            "--no-radio",
            "--listen",
            &address.to_string(),
            "--board",
        ]);
        command
            .arg(format!("sim:{}", self.world.sim().dir().display()))
            .arg("--data")
            .arg(self.world.data());
        command
    }

    fn kiwix(&self, port: u16) -> Option<Command> {
        let mut command = Command::new(find_program("kiwix-serve")?);
        command
            .args(["--address=127.0.0.1", &format!("--port={port}")])
            .arg(self.zim.as_ref()?);
        Some(command)
    }

    fn nginx(&self, port: u16) -> Option<Command> {
        let dir = self.world.path("nginx");
        std::fs::create_dir_all(&dir).unwrap();
        let shown = dir.display();
        let config = format!(
            "daemon off; user root; worker_processes 2; pid {shown}/pid; error_log {shown}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; keepalive_requests 1000000; types {{ text/html html; }}\n\
             client_body_temp_path {shown}/a; proxy_temp_path {shown}/b; fastcgi_temp_path {shown}/c;\n\
             uwsgi_temp_path {shown}/d; scgi_temp_path {shown}/e;\n\
             server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
            self.folder.display()
        );
        let file = self.world.write("nginx/nginx.conf", config);
        let mut command = Command::new(find_program("nginx")?);
        command.arg("-c").arg(file).arg("-p").arg(&dir);
        Some(command)
    }

    /// How many pages of the book there are.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// A page of the book, from this server.
    pub(crate) fn page(&self, server: &Server, number: usize) -> Request {
        let page = &self.pages[number % self.pages.len()];
        match server.kind {
            Kind::SchoolBox => {
                Request::get(&format!("/{page}")).host(&server.pack_host(&self.book))
            }
            Kind::Kiwix => Request::get(&format!("/developers-reference/{page}")),
            Kind::Nginx => Request::get(&format!("/pages/{page}")),
        }
    }

    /// A file of the folder, from this server.
    pub(crate) fn file(&self, server: &Server, name: &str) -> Request {
        match server.kind {
            Kind::SchoolBox => Request::get(&format!("/{name}")).host(&server.pack_host(PACK)),
            Kind::Kiwix | Kind::Nginx => Request::get(&format!("/{name}")),
        }
    }
}

impl Server {
    fn answers(&self) -> bool {
        let get = Request::get("/");
        let target = if self.kind == Kind::Nginx {
            Request::get("/small.html")
        } else {
            get
        };
        Connection::open(self.address)
            .and_then(|mut c| c.send(&target))
            .is_ok_and(|answer| answer.status == 200)
    }

    fn pack_host(&self, pack: &str) -> String {
        format!("{pack}.localhost:{}", self.address.port())
    }

    /// The process and those it started.
    fn processes(&self) -> Vec<u32> {
        let mut all = vec![self.child.id()];
        all.extend(proc::children(self.child.id()));
        all
    }

    /// CPU time of all of them, to a clock tick.
    pub(crate) fn cpu(&self) -> Duration {
        self.processes().into_iter().map(proc::cpu_time).sum()
    }

    /// CPU time of their living threads, to the nanosecond.
    pub(crate) fn fine_cpu(&self) -> Duration {
        self.processes()
            .into_iter()
            .map(proc::cpu_time_of_threads)
            .sum()
    }

    /// Memory of all of them, MB.
    pub(crate) fn pss_mb(&self) -> f64 {
        self.processes()
            .into_iter()
            .map(proc::pss_bytes)
            .sum::<u64>() as f64
            / 1e6
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}
