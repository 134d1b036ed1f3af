//! A stick that comes is mounted by its kernel name, to be read and nothing more, and the supervisor sees it; pulled out while somebody reads, it
//! is gone at once and nothing fails. Not a byte of it is written: but one that has a folder for it gets the support bundle or the records, and is
//! read-only again.
//!
//! Controls: a disk that was cut as a box's own is no stick, nor is one without a file system; a plain mount of the same stick does write to it.

use super::stick_records::{Programme, a_courier_comes_and_goes};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use system_tests::disk::run_tool;
use system_tests::need;
use system_tests::vm::{Bench, Card, Inside, Launch, Made, Vm};
use system_tests::world::depot;

const MIB: u64 = 1 << 20;
const SECTOR: u64 = 512;
/// Of the first partition, in sectors.
const START: u64 = 2048;
/// A box's own, as `yocto-layer/files/wic/*.wks.in` give it.
const BOX_ID: u32 = 0x5c40_01b0;
const HELLO: &str = "school-box/metadata/timestamp.json";
/// Who has it on a stick wants the support bundle.
const FOLDER: &str = "school-box-report";

#[test]
fn sticks_come_and_go() {
    let test = "image::stick";
    let Some(made) = Made::found(test) else {
        return;
    };
    if need::program(test, "mkfs.ext4", "e2fsprogs").is_none()
        || need::program(test, "mkfs.vfat", "dosfstools").is_none()
    {
        return;
    }
    let (card, bench) = (Card::fresh(&made), Bench::new());
    card.lay_over(ota::Slot::A, &Inside::shell());
    let programme = Programme::of(&card);
    let sticks = Sticks::in_folder(card.folder());
    let launch = Launch::of(&card, "stick").with_bench(&bench).with_usb();
    let mut vm = launch.boot();
    vm.wait_for_page();

    let before = fs::read(&sticks.fat).unwrap();
    vm.plug("fat", &sticks.fat);
    let name = read_only(&mut vm, "vfat", "900 900 400");
    assert!(name.ends_with('1'), "the partition: {name}");
    pulled_out_while_read(&mut vm, &name);
    assert!(
        fs::read(&sticks.fat).unwrap() == before,
        "not a byte is written"
    );

    let before = fs::read(&sticks.linux).unwrap();
    vm.plug("linux", &sticks.linux);
    let name = read_only(&mut vm, "ext4", "0 0 644");
    vm.shell("sync");
    assert!(
        fs::read(&sticks.linux).unwrap() == before,
        "not a byte is written"
    );
    control_a_plain_mount_writes(&mut vm, &name, &sticks.linux, &before);
    one_that_asks_gets_the_report(&mut vm, &sticks.asks);
    a_courier_comes_and_goes(&mut vm, &programme, &sticks.courier);
    no_sticks(&mut vm, &sticks);
    let failed = vm.shell("systemctl --failed --no-legend");
    assert_eq!(failed, "", "nothing failed");
    eprintln!("{:?} of CPU", vm.cpu_time());
}

/// Waits for the one stick; the name of its place.
pub(crate) fn mounted(vm: &mut Vm<'_>) -> String {
    let name = vm.shell(
        "for n in $(seq 300); do for place in /run/school-box-sticks/*; do mountpoint -q $place && echo ${place##*/} && exit 0; done; sleep 0.2; done
         ls /dev/sd*; udevadm info /dev/sd*; journalctl --no-pager | tail -n 20; exit 1",
    );
    name.trim().to_owned()
}

pub(crate) fn gone(vm: &mut Vm<'_>, name: &str) {
    vm.shell(&format!(
        "for n in $(seq 300); do [ -e /run/school-box-sticks/{name} ] || exit 0; sleep 0.2; done; exit 1"
    ));
}

/// As the supervisor's own view of the system has it, and its user; its name.
fn read_only(vm: &mut Vm<'_>, kind: &str, owner_and_mode: &str) -> String {
    let name = mounted(vm);
    assert!(
        name.starts_with("sd"),
        "the kernel's name, not its label: {name}"
    );
    let place = format!("/run/school-box-sticks/{name}");
    let mount = vm.shell(&format!("grep ' {place} ' /proc/mounts"));
    let fields: Vec<&str> = mount.split_whitespace().collect();
    assert_eq!(fields[2], kind, "{mount}");
    for option in ["ro", "nosuid", "nodev", "noexec"] {
        assert!(
            fields[3].split(',').any(|word| word == option),
            "{option}: {mount}"
        );
    }
    let file = format!("{place}/{HELLO}");
    let said = vm.shell(&format!("stat -c '%u %g %a' {file}"));
    assert_eq!(said.trim(), owner_and_mode);
    let said = vm.shell(&format!(
        "cat /proc/$(systemctl show --property=MainPID --value school-box)/root{file}"
    ));
    assert_eq!(said, "hello", "the supervisor sees it");
    let said = vm.shell(&format!(
        "setpriv --reuid 900 --regid 900 --clear-groups cat {file} && ! setpriv --reuid 65534 --regid 65534 --clear-groups cat {file} 2>/dev/null && ! touch {place}/x 2>/dev/null"
    ));
    assert_eq!(
        said, "hello",
        "its user reads it, nobody else does, and root does not write"
    );
    name
}

fn pulled_out_while_read(vm: &mut Vm<'_>, name: &str) {
    vm.shell(&format!(
        "sleep 1000 </run/school-box-sticks/{name}/{HELLO} >/dev/null 2>&1 & echo $! >/run/reader"
    ));
    vm.unplug("fat");
    gone(vm, name);
    let left = vm.shell("grep school-box-sticks /proc/mounts || true");
    assert_eq!(left, "");
    vm.shell("kill $(cat /run/reader)");
}

/// The journal is played back.
fn control_a_plain_mount_writes(vm: &mut Vm<'_>, name: &str, image: &Path, before: &[u8]) {
    vm.shell(&format!(
        "umount /run/school-box-sticks/{name} && mkdir -p /run/plain && mount -t ext4 /dev/{name} /run/plain && umount /run/plain && sync"
    ));
    assert!(
        fs::read(image).unwrap() != before,
        "control: a plain mount writes"
    );
    vm.unplug("linux");
    gone(vm, name);
}

fn one_that_asks_gets_the_report(vm: &mut Vm<'_>, image: &Path) {
    vm.plug("asks", image);
    let name = read_only(vm, "vfat", "900 900 400");
    let place = format!("/run/school-box-sticks/{name}");
    let report = vm.shell(&format!(
        "for n in $(seq 300); do set -- {place}/{FOLDER}/*; [ \"${{1%.sbr}}\" != \"$1\" ] && break; sleep 0.2; done
         while systemctl is-active --quiet school-box-stick-errands@{name} || [ \"$(systemctl show --property=SubState --value school-box-stick-errands@{name})\" = start ]; do sleep 0.2; done
         ls {place}/{FOLDER}"
    ));
    let report = report.trim();
    assert!(report.ends_with(".sbr"), "one whole file: {report}");
    vm.shell(&format!(
        "! touch {place}/x 2>/dev/null && grep ' {place} ' /proc/mounts | grep -q ' ro,'"
    ));
    vm.unplug("asks");
    gone(vm, &name);
    let got = image.with_extension("sbr");
    copy_out(image, &format!("{FOLDER}/{report}"), &got);
    let read = Command::new(depot())
        .args(["report", "show"])
        .arg(&got)
        .output()
        .unwrap();
    assert!(read.status.success(), "{read:?}");
}

/// The control: seen by the kernel, and left alone.
fn no_sticks(vm: &mut Vm<'_>, sticks: &Sticks) {
    for (name, image) in [("own", &sticks.own), ("blank", &sticks.blank)] {
        vm.plug(name, image);
        vm.shell("for n in $(seq 300); do [ -n \"$(ls /dev/sd* 2>/dev/null)\" ] && sleep 2 && udevadm settle && exit 0; sleep 0.2; done; exit 1");
        let said = vm.shell("ls /run/school-box-sticks; systemctl list-units --all --no-legend 'school-box-stick@sd*' | grep -w active || true");
        assert_eq!(said, "", "{name} is no stick");
        vm.unplug(name);
        vm.shell("for n in $(seq 300); do [ -z \"$(ls /dev/sd* 2>/dev/null)\" ] && exit 0; sleep 0.2; done; exit 1");
    }
}

/// Images of sticks.
struct Sticks {
    /// FAT in a partition, with a name of somebody.
    fat: PathBuf,
    /// ext4 on the whole of it, with a journal that a careless mount plays back.
    linux: PathBuf,
    /// The same FAT, cut as a box's disk.
    own: PathBuf,
    /// Nothing.
    blank: PathBuf,
    /// FAT, with the folder that asks for the support bundle.
    asks: PathBuf,
    /// FAT, for records.
    courier: PathBuf,
}

/// The first partition of `image`, for mtools.
fn at(image: &Path) -> String {
    format!("{}@@{}", image.display(), START * SECTOR)
}

pub(crate) fn make_folder(image: &Path, name: &str) {
    run_tool("mmd", ["-i", &at(image), &format!("::{name}")]).unwrap();
}

pub(crate) fn copy_out(image: &Path, name: &str, to: &Path) {
    let (at, to) = (at(image), to.display().to_string());
    run_tool("mcopy", ["-i", &at, &format!("::{name}"), &to]).unwrap();
}

pub(crate) fn copy_in(image: &Path, from: &Path, name: &str) {
    let (at, from) = (at(image), from.display().to_string());
    run_tool("mcopy", ["-i", &at, &from, &format!("::{name}")]).unwrap();
}

impl Sticks {
    fn in_folder(folder: &Path) -> Self {
        let path = |name: &str| folder.join(format!("stick-{name}.img"));
        let (fat, own) = (path("fat"), path("own"));
        partitioned(&fat, 0x0bad_cafe);
        partitioned(&own, BOX_ID);
        let blank = path("blank");
        fs::File::create(&blank).unwrap().set_len(16 * MIB).unwrap();
        let linux = path("linux");
        with_ext4(&linux, folder);
        let asks = path("asks");
        partitioned(&asks, 0x0bad_cafe);
        make_folder(&asks, FOLDER);
        let courier = path("courier");
        partitioned(&courier, 0x0bad_cafe);
        Self {
            fat,
            linux,
            own,
            blank,
            asks,
            courier,
        }
    }
}

fn partitioned(image: &Path, id: u32) {
    let file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .open(image)
        .unwrap();
    file.set_len(START * SECTOR + 32 * MIB).unwrap();
    let mut entry = [
        0x00, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    entry[8..12].copy_from_slice(&u32::try_from(START).unwrap().to_le_bytes());
    entry[12..].copy_from_slice(&u32::try_from(32 * MIB / SECTOR).unwrap().to_le_bytes());
    file.write_all_at(&id.to_le_bytes(), 440).unwrap();
    file.write_all_at(&entry, 446).unwrap();
    file.write_all_at(b"\x55\xaa", 510).unwrap();
    let image = image.display().to_string();
    run_tool(
        "mkfs.vfat",
        [
            "-n",
            "MARIA CRUZ",
            "--offset",
            &START.to_string(),
            &image,
            &(32 * MIB / 1024).to_string(),
        ],
    )
    .unwrap();
    let at = at(Path::new(&image));
    run_tool("mmd", ["-i", &at, "::school-box", "::school-box/metadata"]).unwrap();
    let hello = format!("{image}.hello");
    fs::write(&hello, "hello").unwrap();
    run_tool("mcopy", ["-i", &at, &hello, &format!("::{HELLO}")]).unwrap();
}

fn with_ext4(image: &Path, folder: &Path) {
    let tree = folder.join("stick-tree");
    let hello = tree.join(HELLO);
    fs::create_dir_all(hello.parent().unwrap()).unwrap();
    fs::write(&hello, "hello").unwrap();
    fs::File::create(image).unwrap().set_len(32 * MIB).unwrap();
    let (tree, image) = (tree.display().to_string(), image.display().to_string());
    run_tool(
        "mkfs.ext4",
        [
            "-q",
            "-F",
            "-L",
            "../../data",
            "-E",
            "root_owner=0:0",
            "-d",
            &tree,
            &image,
        ],
    )
    .unwrap();
}
