//! A service manager's end of `NOTIFY_SOCKET`.

use super::wait::wait_for;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Listens as systemd would and keeps what it was told, with the time.
#[derive(Debug)]
pub struct NotifySocket {
    path: PathBuf,
    heard: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl NotifySocket {
    /// Binds a socket at `path` and listens for as long as the test runs.
    #[must_use]
    pub fn bind(path: PathBuf) -> Self {
        let socket = UnixDatagram::bind(&path).expect("a datagram socket");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::downgrade(&heard);
        socket
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a read timeout");
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Some(sink) = sink.upgrade() {
                if let Ok(len) = socket.recv(&mut buffer) {
                    let text = String::from_utf8_lossy(&buffer[..len]).into_owned();
                    sink.lock()
                        .expect("the list of messages")
                        .push((Instant::now(), text));
                }
            }
        });
        Self { path, heard }
    }

    /// What `NOTIFY_SOCKET` is set to.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// When each message that has the line `wanted` came.
    #[must_use]
    pub fn times_of(&self, wanted: &str) -> Vec<Instant> {
        let heard = self.heard.lock().expect("the list of messages");
        heard
            .iter()
            .filter(|(_, text)| text.lines().any(|line| line == wanted))
            .map(|(time, _)| *time)
            .collect()
    }

    /// Everything that was heard, for a failing test.
    #[must_use]
    pub fn transcript(&self) -> Vec<String> {
        self.heard
            .lock()
            .expect("the list of messages")
            .iter()
            .map(|(_, text)| text.clone())
            .collect()
    }

    /// Waits until `count` messages with the line `wanted` came.
    pub fn wait_for(&self, wanted: &str, count: usize, deadline: Duration) {
        wait_for(
            &format!("{count} × {wanted} on the notify socket"),
            deadline,
            || (self.times_of(wanted).len() >= count).then_some(()),
        );
    }
}
