//! The smallest of several ways to pack a frame.

use super::{Group, Run, Saving};
use crate::delta::codec::{self, Method, Packing};
use crate::delta::records;
use crate::image::BLOCK;
use lzma_rust2::filter::bcj::BcjWriter;
use lzma_rust2::{EncodeMode, Lzma2Options, Lzma2Writer, LzmaOptions, MfType};
use std::io::{self, Write as _};
use std::thread;

const ZSTD_LEVEL: i32 = 19;
/// 4 MiB: a whole frame.
const ZSTD_WINDOW: u32 = 22;

/// Packs each of `frames`, on all processors; `done` takes them in order.
pub(crate) fn pack(
    payload: &[u8],
    frames: &[Group],
    saving: Saving,
    mut done: impl FnMut(&[Run], Method, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    for batch in frames.chunks(workers * 8) {
        let packed = thread::scope(|scope| {
            let share = batch.len().div_ceil(workers).max(1);
            let work = |share: &'_ [Group]| -> io::Result<Vec<(Method, Vec<u8>)>> {
                share
                    .iter()
                    .map(|group| smallest(&bytes(payload, &group.runs), group.code, saving))
                    .collect()
            };
            let started: Vec<_> = batch
                .chunks(share)
                .map(|share| scope.spawn(move || work(share)))
                .collect();
            let ended = started.into_iter().map(|one| one.join());
            ended
                .map(|one| one.unwrap_or_else(|_| Err(io::Error::other("a packer failed"))))
                .collect::<io::Result<Vec<_>>>()
        })?;
        for (group, (method, packed)) in batch.iter().zip(packed.iter().flatten()) {
            done(&group.runs, *method, packed)?;
        }
    }
    Ok(())
}

/// The bytes of a frame: whole blocks, the last of the payload filled with zeros.
fn bytes(payload: &[u8], runs: &[Run]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (first, blocks) in runs {
        let at = |block: u64| {
            usize::try_from(block)
                .unwrap_or(usize::MAX)
                .saturating_mul(BLOCK)
        };
        let (from, to) = (at(*first), at(first + blocks).min(payload.len()));
        bytes.extend_from_slice(payload.get(from..to).unwrap_or_default());
    }
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn smallest(bytes: &[u8], code: bool, saving: Saving) -> io::Result<(Method, Vec<u8>)> {
    let packing = match saving {
        Saving::Bytes => Packing::Lzma2,
        Saving::Work => Packing::Zstd,
    };
    let squeeze = |bytes: &[u8], code| match saving {
        Saving::Bytes => lzma2(bytes, code),
        Saving::Work => zstd(bytes),
    };
    let mut best = (Method::PLAIN, bytes.to_vec());
    let packed = squeeze(bytes, false)?;
    if packed.len() < best.1.len() {
        let code = false;
        best = (Method { packing, code }, packed);
    }
    if code {
        let packed = squeeze(&filtered(bytes)?, true)?;
        if packed.len() < best.1.len() {
            best = (Method { packing, code }, packed);
        }
    }
    Ok(best)
}

/// Tables of relocations shortened, jumps absolute, the list of tables behind.
fn filtered(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let list = records::shorten(&mut bytes);
    let mut writer = BcjWriter::new_arm64(Vec::with_capacity(bytes.len() + list.len()), 0);
    writer.write_all(&bytes)?;
    let mut bytes = writer.finish()?;
    bytes.extend(list);
    Ok(bytes)
}

fn zstd(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
    packer.set_parameter(zstd::zstd_safe::CParameter::WindowLog(ZSTD_WINDOW))?;
    packer.compress(bytes)
}

fn lzma2(bytes: &[u8], code: bool) -> io::Result<Vec<u8>> {
    let options = Lzma2Options {
        lzma_options: LzmaOptions {
            dict_size: codec::dictionary(bytes.len()),
            // Instructions are four bytes each.
            lc: if code { 2 } else { 3 },
            lp: if code { 2 } else { 0 },
            pb: if code { 2 } else { 0 },
            mode: EncodeMode::Normal,
            nice_len: 273,
            mf: MfType::Bt4,
            depth_limit: 512,
            preset_dict: None,
        },
        ..Lzma2Options::default()
    };
    let mut writer = Lzma2Writer::new(Vec::new(), options);
    writer.write_all(bytes)?;
    writer.finish()
}
