//! The peers that write a whole image into a slot: SWUpdate into a file, RAUC into a loop device.

use super::timed::{Cost, RUNS, cost, run};
use super::{FULL, Pair, Way};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A file as a block device, taken down when dropped.
struct Slot {
    device: String,
}

impl Slot {
    fn new(file: &Path) -> Self {
        let empty = fs::File::create(file).expect("a slot");
        empty.set_len(FULL + (20 << 20)).expect("room in the slot");
        let output = Command::new("losetup")
            .args(["--find", "--show"])
            .arg(file)
            .output()
            .expect("losetup");
        assert!(output.status.success(), "losetup: {output:?}");
        let device = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Self { device }
    }
}

fn insist_on(image: &Path, slot: &Path) {
    let same = Command::new("cmp")
        .args(["-n", &FULL.to_string()])
        .arg(image)
        .arg(slot)
        .status();
    assert!(
        same.is_ok_and(|status| status.success()),
        "a peer wrote something else"
    );
}

impl Drop for Slot {
    fn drop(&mut self) {
        let _ = Command::new("losetup")
            .args(["--detach", &self.device])
            .status();
    }
}

fn lacks(program: &str, missing: &mut Vec<String>) -> bool {
    let lacks = Command::new(program)
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_err();
    if lacks {
        missing.push(format!("{program}: it is not installed"));
    }
    lacks
}

fn shell(folder: &Path, script: &str) {
    let status = Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", script])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "failed: {script}"
    );
}

/// A signing key and its certificate, as both peers take them.
fn certificate(folder: &Path) {
    shell(
        folder,
        "[ -s key.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 -subj /CN=bench -addext extendedKeyUsage=emailProtection 2>/dev/null",
    );
}

/// SWUpdate into a file, as ours; its image compressed with `zlib` or `zstd`, signed as its build asks for.
pub(crate) fn swupdate(pair: &Pair, packing: &str, missing: &mut Vec<String>) -> Option<Way> {
    if lacks("swupdate", missing) {
        return None;
    }
    let folder = pair.peers.join("swupdate");
    fs::create_dir_all(&folder).expect("a folder");
    certificate(&folder);
    let image = pair.full.display();
    let slot = folder.join("slot.img");
    let empty = fs::File::create(&slot).expect("a slot");
    empty.set_len(FULL + (20 << 20)).expect("room in the slot");
    let device = slot.display();
    let packs = match packing {
        "zlib" => "gzip -9 --stdout",
        _ => "zstd -q -19 -T1 --stdout",
    };
    eprintln!("preparing SWUpdate …");
    shell(
        &folder,
        &format!(
            "[ -s root.{packing} ] || {packs} {image} >root.{packing}
             printf 'bench 1.0\\n' >revision
             cat >sw-description <<END
software = {{ version = \"1\"; hardware-compatibility: [\"1.0\"]; images: ({{ filename = \"root.{packing}\"; device = \"{device}\"; type = \"raw\";
installed-directly = true; compressed = \"{packing}\"; sha256 = \"$(sha256sum root.{packing} | cut -c 1-64)\"; }}); }}
END
             openssl cms -sign -in sw-description -out sw-description.sig -signer cert.pem -inkey key.pem -outform DER -nosmimecap -binary
             printf 'sw-description\\nsw-description.sig\\nroot.{packing}\\n' | cpio -oL -H crc --quiet >bundle.swu"
        ),
    );
    let bundle = folder.join("bundle.swu");
    let certificate = folder.join("cert.pem");
    eprintln!("measuring SWUpdate …");
    let mut best: Option<Cost> = None;
    for _ in 0..RUNS {
        let mut how: Vec<PathBuf> = ["-H", "bench:1.0", "-k"].map(PathBuf::from).into();
        how.extend([certificate.clone(), "-i".into(), bundle.clone()]);
        let (cost, _) = run("swupdate", how);
        best = Some(best.filter(|best| best.cpu_s < cost.cpu_s).unwrap_or(cost));
    }
    insist_on(&pair.full, &slot);
    Some(Way {
        who: format!("SWUpdate, {packing}"),
        asked: "",
        bytes: fs::metadata(&bundle).expect("a bundle").len(),
        cost: best?,
    })
}

/// RAUC with a plain bundle: its better ones need a device mapper. The service's own CPU; the kernel unpacks the bundle beside it.
pub(crate) fn rauc(pair: &Pair, missing: &mut Vec<String>) -> Option<Way> {
    if lacks("rauc", missing) || lacks("dbus-daemon", missing) {
        return None;
    }
    let folder = pair.peers.join("rauc");
    fs::create_dir_all(folder.join("content")).expect("a folder");
    fs::create_dir_all(folder.join("mount")).expect("a folder");
    certificate(&folder);
    let (running, spare) = (
        Slot::new(&folder.join("running.img")),
        Slot::new(&folder.join("slot.img")),
    );
    let image = pair.full.display();
    eprintln!("preparing RAUC …");
    let here = folder.display();
    fs::write(folder.join("system.conf"), format!("[system]\ncompatible=bench\nbootloader=custom\nmountprefix={here}/mount\nstatusfile={here}/status\n[keyring]\npath={here}/cert.pem\n[handlers]\nbootloader-custom-backend={here}/backend\n[slot.rootfs.0]\ndevice={}\ntype=raw\nbootname=A\n[slot.rootfs.1]\ndevice={}\ntype=raw\nbootname=B\n", running.device, spare.device)).expect("a configuration");
    shell(
        &folder,
        &format!(
            "printf '#!/bin/sh\\ncase $1 in get-primary) echo A;; get-state) echo good;; esac\\n' >backend; chmod +x backend
             if ! [ -s bundle.raucb ]; then
                 cp {image} content/root.img
                 printf '[update]\\ncompatible=bench\\nversion=1\\n[image.rootfs]\\nfilename=root.img\\n' >content/manifest.raucm
                 rauc bundle --cert=cert.pem --key=key.pem content bundle.raucb 2>/dev/null
             fi"
        ),
    );
    eprintln!("measuring RAUC …");
    let costs = (0..RUNS).map(|_| rauc_once(&folder));
    let best = costs.min_by(|a, b| a.cpu_s.total_cmp(&b.cpu_s))?;
    insist_on(&pair.full, Path::new(&spare.device));
    Some(Way {
        who: "RAUC, plain bundle".to_owned(),
        asked: "",
        bytes: fs::metadata(folder.join("bundle.raucb"))
            .expect("a bundle")
            .len(),
        cost: best,
    })
}

fn rauc_once(folder: &Path) -> Cost {
    shell(
        folder,
        "rm -f service.time
         bus=$(dbus-daemon --session --print-address=1 --print-pid=1 --fork)
         export DBUS_SYSTEM_BUS_ADDRESS=${bus%%$'\\n'*}
         env time --format '%U %S %M' --output service.time rauc -c system.conf --override-boot-slot=A service >service.log 2>&1 &
         for try in $(seq 50); do rauc -c system.conf status >/dev/null 2>&1 && break; sleep 0.1; done
         rauc -c system.conf install bundle.raucb >install.log 2>&1 || { tail -n 3 install.log >&2; failed=yes; }
         kill $(pgrep -P $!) || true
         wait || true
         kill ${bus##*$'\\n'}
         [ -z \"${failed:-}\" ]",
    );
    std::thread::sleep(Duration::from_millis(100));
    let text = fs::read_to_string(folder.join("service.time")).expect("what `time` says");
    cost(text.trim_end().lines().last().unwrap_or_default())
}
