//! Requests over kept-alive connections, and what they cost the server.

use super::server::Server;
use system_tests::world::http::{Connection, Request};

/// Connections at once: what two cores can keep busy.
const AT_ONCE: usize = 4;

/// CPU time a request, µs: `count` requests, made by `request` from their number, over [`AT_ONCE`] connections, after
/// a tenth of them to warm up. `None` when one is not answered with 200 or 206.
pub(crate) fn cpu_us(
    server: &Server,
    count: usize,
    request: impl Fn(usize) -> Request + Sync,
) -> Option<f64> {
    let made = |from: usize, count: usize| {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE)
                .map(|worker| {
                    let request = &request;
                    scope.spawn(move || {
                        ask(
                            server,
                            (from + worker..from + count).step_by(AT_ONCE),
                            request,
                        )
                    })
                })
                .collect();
            workers
                .into_iter()
                .all(|worker| worker.join().unwrap_or(false))
        })
    };
    if !made(0, count / 10) {
        return None;
    }
    let before = server.cpu();
    if !made(0, count) {
        return None;
    }
    Some((server.cpu() - before).as_secs_f64() * 1e6 / count as f64)
}

fn ask(
    server: &Server,
    numbers: impl Iterator<Item = usize>,
    request: &impl Fn(usize) -> Request,
) -> bool {
    let Ok(mut connection) = Connection::open(server.address) else {
        return false;
    };
    for number in numbers {
        let answer = match connection.send(&request(number)) {
            Ok(answer) => answer,
            // A server may end a kept-alive connection after some requests.
            Err(_) => {
                let Ok(anew) = Connection::open(server.address) else {
                    return false;
                };
                connection = anew;
                let Ok(answer) = connection.send(&request(number)) else {
                    return false;
                };
                answer
            }
        };
        if ![200, 206].contains(&answer.status) {
            return false;
        }
        if answer.header("connection") == Some("close") {
            let Ok(anew) = Connection::open(server.address) else {
                return false;
            };
            connection = anew;
        }
    }
    true
}
