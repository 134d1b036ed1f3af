//! What a delta costs, each step in a process of its own: bytes, CPU seconds, peak memory.
//!
//! ```text
//! delta_figures describe IMAGE OUT [work]        OUT/{seal.json,crown,blocks,frames}
//! delta_figures patch BASE IMAGE OUT          OUT/patch
//! delta_figures survey BASE                   how long the look at a base takes
//! delta_figures build BASE|- OUT TARGET [patch]   fetches (a copy: not counted as CPU of others), builds, says what it took
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example on a desk: it has files"
)]

use ota::bundle::{CHUNK, FileRef, PatchRef, Payload};
use ota::delta::{self, BlockIndex, Plan, ReadAt, Survey, WriteAt};
use ota::image::{Crown, Seal};
use ota::publish::{self, Saving};
use sha2::{Digest as _, Sha256};
use std::env;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

type Outcome = Result<(), Box<dyn Error>>;

const SALT: &str = "5a17";

/// A file.
struct Disk(File);

impl ReadAt for Disk {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(into, at)
    }
}

impl WriteAt for Disk {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }
}

/// No base at all.
struct Nothing;

impl ReadAt for Nothing {
    fn read_at(&mut self, _at: u64, _into: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["describe", image, out] => describe(image, Path::new(out), Saving::Bytes)?,
        ["describe", image, out, "work"] => describe(image, Path::new(out), Saving::Work)?,
        ["patch", base, image, out] => patch(base, image, Path::new(out))?,
        ["survey", base] => drop(survey(base, &[])?),
        ["build", base, out, target] => build(base, Path::new(out), target, false)?,
        ["build", base, out, target, "patch"] => build(base, Path::new(out), target, true)?,
        _ => return Err("see the first lines of delta_figures.rs".into()),
    }
    say_cost()
}

fn describe(image: &str, out: &Path, saving: Saving) -> Outcome {
    fs::create_dir_all(out)?;
    let mut frames = BufWriter::new(File::create(out.join("frames"))?);
    let made = publish::describe_for(&fs::read(image)?, SALT, saving, &mut frames)?;
    drop(frames);
    fs::write(out.join("seal.json"), serde_json::to_vec(&made.seal)?)?;
    fs::write(out.join("crown"), &made.crown)?;
    fs::write(out.join("blocks"), &made.blocks)?;
    let frames = fs::metadata(out.join("frames"))?.len();
    let (crown, blocks) = (made.crown.len(), made.blocks.len());
    println!("crown {crown} blocks {blocks} frames {frames} bytes");
    Ok(())
}

fn patch(base: &str, image: &str, out: &Path) -> Outcome {
    fs::create_dir_all(out)?;
    let patch = publish::patch(&fs::read(base)?, &fs::read(image)?, &mut |_| {})?;
    println!("patch {} bytes", patch.len());
    Ok(fs::write(out.join("patch"), patch)?)
}

fn survey(base: &str, lengths: &[u64]) -> Result<Survey, Box<dyn Error>> {
    if base == "-" {
        return Ok(Survey::default());
    }
    let file = File::open(base)?;
    let bytes = file.metadata()?.len();
    Ok(Survey::of(&mut Disk(file), bytes, lengths)?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file_ref(path: &Path) -> Result<FileRef, Box<dyn Error>> {
    Ok(FileRef {
        location: path.display().to_string(),
        bytes: fs::metadata(path)?.len(),
        sha256: hex(&Sha256::digest(path.display().to_string())),
    })
}

fn build(base: &str, out: &Path, target: &str, by_patch: bool) -> Outcome {
    let seal: Seal = serde_json::from_slice(&fs::read(out.join("seal.json"))?)?;
    let crown = fs::read(out.join("crown"))?;
    let mut payload = Payload {
        seal: seal.clone(),
        crown: file_ref(&out.join("crown"))?,
        blocks: file_ref(&out.join("blocks"))?,
        frames: file_ref(&out.join("frames"))?,
        patches: Vec::new(),
    };
    if by_patch {
        payload.patches.push(patch_ref(base, &out.join("patch"))?);
    }
    let lengths: Vec<u64> = payload.patches.iter().map(|p| p.from_bytes).collect();
    let survey = survey(base, &lengths)?;
    let crown = Crown::read(&crown, &seal)?;
    let plan = match delta::plan(&payload, &survey) {
        Some(plan) => plan,
        None => {
            let index = BlockIndex::read(&fs::read(out.join("blocks"))?, &seal)?;
            delta::plan_frames(&payload, index, &survey, &[])
        }
    };
    let file = if by_patch { "patch" } else { "frames" };
    let parcel = format!("{target}.parcel");
    fetch(&plan, &out.join(file), &parcel)?;
    let all = plan.shipment.bytes() + payload.crown.bytes;
    let all = all + if by_patch { 0 } else { payload.blocks.bytes };
    println!(
        "{} chunks, {} bytes; with crown and index {all}; reused {}",
        plan.shipment.chunks.len(),
        plan.shipment.bytes(),
        plan.reused
    );
    run(&plan, &crown, &survey, base, &parcel, target)?;
    Ok(fs::remove_file(parcel)?)
}

fn run(
    plan: &Plan,
    crown: &Crown,
    survey: &Survey,
    base: &str,
    parcel: &str,
    target: &str,
) -> Outcome {
    let file = OpenOptions::new();
    let file = file
        .clone()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(target)?;
    file.set_len(crown.seal().bytes)?;
    let mut disk: Box<dyn ReadAt> = match base {
        "-" => Box::new(Nothing),
        base => Box::new(Disk(File::open(base)?)),
    };
    let mut last = delta::Built::default();
    let mut parcel = Disk(File::open(parcel)?);
    let wanted = delta::build(
        plan,
        crown,
        survey,
        &mut *disk,
        &mut parcel,
        &mut Disk(file),
        &mut |b| last = b,
    )?;
    let left = wanted.iter().filter(|wanted| **wanted).count();
    println!("{last:?}, still wanted: {left}");
    Ok(())
}

/// The parcel: the chunks one after the other.
fn fetch(plan: &Plan, from: &Path, to: &str) -> Outcome {
    let from = File::open(from)?;
    let to = File::create(to)?;
    let mut at = 0;
    for chunk in &plan.shipment.chunks {
        let mut bytes = vec![0; usize::try_from(chunk.bytes)?];
        from.read_exact_at(&mut bytes, chunk.at)?;
        to.write_all_at(&bytes, at)?;
        at += u64::from(chunk.bytes);
    }
    Ok(())
}

fn patch_ref(base: &str, path: &Path) -> Result<PatchRef, Box<dyn Error>> {
    // As the publisher would have written it; the base's hash is taken in a process of its own.
    let sums = std::process::Command::new("sha256sum").arg(base).output()?;
    let sums = String::from_utf8(sums.stdout)?;
    let patch = File::open(path)?;
    let bytes = patch.metadata()?.len();
    let mut chunks = Vec::new();
    for at in (0..bytes).step_by(usize::try_from(CHUNK)?) {
        let mut chunk = vec![0; usize::try_from((bytes - at).min(CHUNK))?];
        patch.read_exact_at(&mut chunk, at)?;
        chunks.push(hex(&Sha256::digest(&chunk)));
    }
    Ok(PatchRef {
        from_version: 1,
        from_bytes: fs::metadata(base)?.len(),
        from_sha256: sums.split(' ').next().unwrap_or_default().to_owned(),
        file: file_ref(path)?,
        chunks,
    })
}

/// CPU seconds and peak memory of this process, as the kernel counts them (`proc_pid_stat(5)`, `proc_pid_status(5)`).
fn say_cost() -> Outcome {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let (user, system) = (ticks(11) / 100.0, ticks(12) / 100.0);
    println!(
        "CPU {:.2} s (user {user:.2}, system {system:.2}), peak {}",
        user + system,
        peak.unwrap_or("?").trim()
    );
    Ok(())
}
