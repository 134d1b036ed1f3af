//! Where the box serves: bound at start, said once it answers there.

use crate::supervisor::systemd;
use crate::telemetry;
use anyhow::Context as _;
use std::net::{SocketAddr, TcpListener};

/// The listener, and a line where it is not the one that was meant.
pub(super) fn bind(
    address: SocketAddr,
    otherwise: Option<SocketAddr>,
) -> anyhow::Result<(TcpListener, Option<String>)> {
    let (listener, elsewhere) = match (TcpListener::bind(address), otherwise) {
        (Err(error), Some(other)) if other != address => {
            let line = format!(
                "cannot serve on {address} ({error}): the box serves on {other}; correct web.listen in its configuration"
            );
            tracing::error!(problem = line, "web.listen_refused");
            (TcpListener::bind(other), Some(line))
        }
        (bound, _) => (bound, None),
    };
    let listener = listener.with_context(|| {
        format!("cannot serve on {address}; choose another address or port with --listen, or stop what serves there")
    })?;
    listener.set_nonblocking(true)?;
    Ok((listener, elsewhere))
}

/// Called from the probe's thread, once the first page was served.
pub(super) fn announce(address: SocketAddr) {
    let host = if address.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    telemetry::say(&format!("serving http://{host}:{}/", address.port()));
    systemd::ready();
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_to_be_had_gives_way_only_where_nobody_hears_of_it() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let other = TcpListener::bind(any).unwrap();
        let taken = other.local_addr().unwrap();
        let (_listener, told) = bind(any, Some(taken)).unwrap();
        assert_eq!(told, None, "the control");
        let (listener, told) = bind(taken, Some(any)).unwrap();
        assert_ne!(listener.local_addr().unwrap(), taken);
        let told = told.unwrap();
        assert!(
            told.contains(&taken.to_string()) && told.contains("web.listen"),
            "{told}"
        );
        for otherwise in [None, Some(taken)] {
            let error = format!("{:#}", bind(taken, otherwise).unwrap_err());
            assert!(error.contains("--listen"), "{error}");
        }
    }
}
