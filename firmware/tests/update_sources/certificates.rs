//! Certificates made for a test: just enough DER, signed with ed25519.

use base64::Engine as _;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

/// Years in which a certificate holds: from the beginning of the first to the beginning of the second.
pub type Years = (u16, u16);

/// Whoever can sign certificates.
pub struct Authority {
    name: &'static str,
    key: Ed25519KeyPair,
    pub der: Vec<u8>,
}

/// `{1.3.101.112}`.
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

impl Authority {
    pub fn new(name: &'static str) -> Self {
        let (key, _) = key();
        let der = certificate((name, &key), (name, &key), (2000, 2090), None);
        Self { name, key, der }
    }

    /// Another, vouched for by this one.
    pub fn authority(&self, name: &'static str, years: Years) -> Self {
        let (key, _) = key();
        let der = certificate((self.name, &self.key), (name, &key), years, None);
        Self { name, key, der }
    }

    pub fn pem(&self) -> String {
        let text = base64::prelude::BASE64_STANDARD.encode(&self.der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    /// A server called `host` (a name, or an IPv4 address as four bytes), with those between it and the root.
    pub fn server(&self, host: &Host, years: Years, between: &[&Self]) -> Arc<ServerConfig> {
        let (key, pkcs8) = key();
        let own = certificate((self.name, &self.key), ("server", &key), years, Some(host));
        let chain = std::iter::once(own).chain(between.iter().map(|one| one.der.clone()));
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    chain.map(CertificateDer::from).collect(),
                    PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pkcs8)),
                );
        Arc::new(config.unwrap())
    }
}

/// What a server is called.
pub enum Host {
    Name(&'static str),
    Ip([u8; 4]),
}

fn key() -> (Ed25519KeyPair, Vec<u8>) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    (key, pkcs8.as_ref().to_vec())
}

/// RFC 5280, version 3. Without a host it is an authority's.
fn certificate(
    (issuer, by): (&str, &Ed25519KeyPair),
    (subject, of): (&str, &Ed25519KeyPair),
    (from, to): Years,
    host: Option<&Host>,
) -> Vec<u8> {
    let algorithm = der(0x30, &[ED25519]);
    let public = [&[0][..], of.public_key().as_ref()].concat();
    let date = |year: u16| der(0x18, &[format!("{year}0101000000Z").as_bytes()]);
    let extension = match host {
        // id-ce-subjectAltName
        Some(host) => {
            let name = match host {
                Host::Name(name) => der(0x82, &[name.as_bytes()]),
                Host::Ip(bytes) => der(0x87, &[bytes]),
            };
            let names = der(0x04, &[&der(0x30, &[&name])]);
            der(0x30, &[&[0x06, 0x03, 0x55, 0x1d, 0x11], &names])
        }
        // id-ce-basicConstraints, critical: cA
        None => {
            let is_one = der(0x04, &[&der(0x30, &[&[0x01, 0x01, 0xff]])]);
            der(
                0x30,
                &[&[0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff], &is_one],
            )
        }
    };
    let to_sign = der(
        0x30,
        &[
            &[0xa0, 0x03, 0x02, 0x01, 0x02],
            &[0x02, 0x01, 0x07],
            &algorithm,
            &name(issuer),
            &der(0x30, &[&date(from), &date(to)]),
            &name(subject),
            &der(0x30, &[&algorithm, &der(0x03, &[&public])]),
            &der(0xa3, &[&der(0x30, &[&extension])]),
        ],
    );
    let signature = [&[0][..], by.sign(&to_sign).as_ref()].concat();
    der(0x30, &[&to_sign, &algorithm, &der(0x03, &[&signature])])
}

/// A common name.
fn name(text: &str) -> Vec<u8> {
    let text = der(0x0c, &[text.as_bytes()]);
    let pair = der(0x30, &[&[0x06, 0x03, 0x55, 0x04, 0x03], &text]);
    der(0x30, &[&der(0x31, &[&pair])])
}

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap();
    let mut out = vec![tag];
    match length {
        0..=127 => out.push(length as u8),
        128..=255 => out.extend([0x81, length as u8]),
        _ => out.extend([&[0x82][..], &length.to_be_bytes()].concat()),
    }
    out.extend(content);
    out
}
