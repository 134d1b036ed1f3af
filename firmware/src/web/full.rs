//! What a newcomer without a seat is told: 503, when to knock again, and a page in the reader's language.
//!
//! This connection never reaches hyper: of its request no more is read than tells the language, and that not for long.

use super::Site;
use super::answer::Wishes;
use super::fault::Fault;
use super::origin::Origin;
use super::portal::{self, Reader};
use http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Of a request that will not be answered, most bytes that are looked at.
const HEAD: usize = 4096;
/// A newcomer has this long to say what they want, and as long again to take the answer.
const WITHIN: Duration = Duration::from_millis(700);

/// For those who are too many even to be told in good order. `Retry-After` is [`portal::error::RETRY_S`].
pub(crate) const BARE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Tells `stream` that the box is full and closes it. It ends within a second and a half, whatever the other side does.
pub(crate) async fn tell(mut stream: TcpStream, site: &Site) {
    let mut head = [0; HEAD];
    let read = timeout(WITHIN, read_head(&mut stream, &mut head))
        .await
        .unwrap_or(Ok(0))
        .unwrap_or(0);
    let answer = answer(site, head.get(..read).unwrap_or_default());
    let telling = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // Closing with the request unread would take the answer away again before it was seen.
        while stream.read(&mut head).await? > 0 {}
        io::Result::Ok(())
    };
    // However it ends, the connection is closed.
    let _ = timeout(WITHIN, telling).await;
}

/// Reads until the empty line, the end, or a full buffer.
async fn read_head(stream: &mut TcpStream, head: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = head.get_mut(filled..).filter(|room| !room.is_empty()) {
        let read = stream.read(room).await?;
        filled += read;
        if read == 0
            || head
                .get(..filled)
                .is_some_and(|seen| seen.windows(4).any(|end| end == b"\r\n\r\n"))
        {
            break;
        }
    }
    Ok(filled)
}

/// Pure: the whole answer to a request whose head began with `head`.
fn answer(site: &Site, head: &[u8]) -> String {
    let accept_language = line(head, ACCEPT_LANGUAGE.as_str());
    let reader = Reader {
        words: site.languages.choose(None, &accept_language),
        languages: &site.languages,
        wishes: Wishes {
            accept_language,
            ..Wishes::default()
        },
        origin: Origin::of(None, &site.host),
        away: false,
        forgotten: site.data_in_memory,
    };
    let page = portal::error::html(&reader, &Fault::Busy);
    let policy = portal::POLICY.to_str().unwrap_or("default-src 'none'");
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: {}\r\nConnection: close\r\nCache-Control: no-store\r\n\
         Content-Type: text/html; charset=utf-8\r\n{CONTENT_SECURITY_POLICY}: {policy}\r\nContent-Length: {}\r\n\r\n{page}",
        portal::error::RETRY_S,
        page.len(),
    )
}

/// The value of the header line `name`; empty when there is none.
fn line(head: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(head);
    let value = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    value
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_read_from_a_torn_head() {
        let head = b"GET / HTTP/1.1\r\nHost: x\r\nAccept-language: ar, en;q=0.5\r\nUser-Age";
        assert_eq!(line(head, "accept-language"), "ar, en;q=0.5");
        assert_eq!(line(b"\xff\xfe", "accept-language"), "");
    }
}
