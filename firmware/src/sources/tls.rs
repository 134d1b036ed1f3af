//! Whose certificates are taken, and by which clock.
//!
//! What is fetched is believed by the signatures of its publishers; TLS keeps others on the way from seeing what a school fetches. So a certificate
//! has to name the host and to come from an authority that is known, always. Its dates are judged by a trusted clock alone: a box whose clock is wrong
//! by decades would otherwise never get the update that it needs, and whoever steals an old certificate's key learns which files were asked for.

use super::Around;
use jiff::Timestamp;
use ota::trust::Today;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A file of certificates is no longer than this: the whole list of public authorities is 200 kB.
const MOST_BYTES: u64 = 1 << 20;
/// A moment at which a chain holds is looked for so often: each certificate of one has two dates.
const MOST_STEPS: usize = 16;
/// Where nothing is known of the time the search begins here: 2026-01-01.
const BEGIN: u64 = 1_767_225_600;

/// Why the certificates to trust are not known.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    /// The file.
    #[error("cannot read the certificates in {}", path.display())]
    Read {
        /// It.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it.
    #[error("{} holds no certificates: a PEM file is meant", path.display())]
    None {
        /// It.
        path: PathBuf,
    },
    /// The client's own setting up.
    #[error("cannot set up TLS")]
    SetUp(#[source] Error),
    /// The client's own machinery: threads, descriptors.
    #[error("cannot set up a web client")]
    Client(#[source] io::Error),
}

/// How a server proves who it is.
#[derive(Debug, Clone)]
pub struct Certificates(pub(super) Arc<ClientConfig>);

impl Certificates {
    /// As the box around is.
    ///
    /// # Errors
    /// [`CertificatesError`].
    pub fn new(around: &Around) -> Result<Self, CertificatesError> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(path) = &around.ca_file {
            add(&mut roots, path)?;
        }
        let moment = Moment::of(around.today, around.not_before);
        let provider = Arc::new(ring::default_provider());
        let judge = Judge::new(roots, Arc::clone(&provider), moment)?;
        let config = ClientConfig::builder_with_details(provider, Arc::new(moment))
            .with_safe_default_protocol_versions()
            .map_err(CertificatesError::SetUp)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), CertificatesError> {
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_end(&mut pem))
        .map_err(|source| CertificatesError::Read {
            path: path.to_owned(),
            source,
        })?;
    let certificates = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
    let (added, _) = roots.add_parsable_certificates(certificates);
    match added {
        0 => Err(CertificatesError::None {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What is known of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    at: UnixTime,
    /// A trusted clock says so.
    exact: bool,
}

impl Moment {
    fn of(today: Today, not_before: Option<Timestamp>) -> Self {
        let floor = not_before.map_or(BEGIN, seconds);
        let (at, exact) = match today {
            Today::Trusted(now) => (seconds(now).max(floor), true),
            Today::Unknown => (floor, false),
        };
        Self {
            at: UnixTime::since_unix_epoch(Duration::from_secs(at)),
            exact,
        }
    }
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or(0)
}

/// A source lives for one contact: its time stands still.
impl TimeProvider for Moment {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.at)
    }
}

/// The usual verifier, asked for the right moment.
#[derive(Debug)]
struct Judge {
    usual: Arc<WebPkiServerVerifier>,
    moment: Moment,
}

impl Judge {
    fn new(
        roots: RootCertStore,
        provider: Arc<CryptoProvider>,
        moment: Moment,
    ) -> Result<Self, CertificatesError> {
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| CertificatesError::SetUp(Error::General(error.to_string())))?;
        Ok(Self { usual, moment })
    }
}

impl ServerCertVerifier for Judge {
    /// Where the time is not known: at the nearest moment at which every certificate of the chain holds. A chain whose certificates never held
    /// together is refused.
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut at = self.moment.at;
        let mut judged = self.usual.verify_server_cert(end, between, name, ocsp, at);
        for _ in 0..MOST_STEPS {
            match date_that_failed(&judged).filter(|_| !self.moment.exact) {
                Some(date) => at = date,
                None => break,
            }
            judged = self.usual.verify_server_cert(end, between, name, ocsp, at);
        }
        if judged.is_ok() && at != self.moment.at {
            tracing::info!(
                event = "sources.certificate_dates_not_judged",
                holds_at_unix_s = at.as_secs()
            );
        }
        judged
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// The end of validity that the chain failed on.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "foreign enums that grow: what is no date is none of our business"
)]
fn date_that_failed(judged: &Result<ServerCertVerified, Error>) -> Option<UnixTime> {
    match judged {
        Err(Error::InvalidCertificate(wrong)) => match wrong {
            CertificateError::ExpiredContext { not_after, .. } => Some(*not_after),
            CertificateError::NotValidYetContext { not_before, .. } => Some(*not_before),
            _ => None,
        },
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_moment_is_the_clocks_unless_publishers_know_better() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (early, late) = (at("2027-01-01T00:00:00Z"), at("2029-01-01T00:00:00Z"));
        for (today, floor, seconds, exact) in [
            (Today::Trusted(late), None, late.as_second(), true),
            (Today::Trusted(early), Some(late), late.as_second(), true),
            (Today::Trusted(late), Some(early), late.as_second(), true),
            (Today::Unknown, Some(late), late.as_second(), false),
            (Today::Unknown, None, 1_767_225_600, false),
        ] {
            let moment = Moment::of(today, floor);
            assert_eq!(
                (moment.at.as_secs(), moment.exact),
                (u64::try_from(seconds).unwrap(), exact)
            );
        }
    }

    #[test]
    fn a_file_without_certificates_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let around = |path: &Path| Around {
            ca_file: Some(path.to_owned()),
            ..Around::default()
        };
        let missing = Certificates::new(&around(&file)).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("cannot read the certificates in ")
        );
        std::fs::write(
            &file,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        let empty = Certificates::new(&around(&file)).unwrap_err();
        assert!(
            empty
                .to_string()
                .ends_with("holds no certificates: a PEM file is meant")
        );
        assert!(Certificates::new(&Around::default()).is_ok());
    }
}
