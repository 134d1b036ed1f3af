//! Records leave a box that has no shell, and the programme's receipts come back to it, with a stick that has a folder for them. What is written onto
//! it nobody reads without the programme's key; a bad receipt keeps no good one out; afterwards the stick is read-only again.

use super::stick::{self, gone, mounted};
use super::stored::Stored;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use system_tests::vm::{Card, Vm};
use system_tests::world::depot;

const FOLDER: &str = "school-box-records";
const TAKES_AT_MOST: Duration = Duration::from_secs(120);

/// The programme's desk: its secret key, and the settings of a box that seals to it.
pub(crate) struct Programme {
    folder: PathBuf,
}

impl Programme {
    /// With a key of its own, which the box on `card` knows.
    pub(crate) fn of(card: &Card) -> Self {
        let folder = card.folder().join("programme");
        std::fs::create_dir(&folder).unwrap();
        let this = Self { folder };
        let key = this.key();
        let told = this.depot(&["records", "keygen", "--json", "--out", &key]);
        let settings = format!(
            "[web]\nlisten = \"[::]:80\"\nhost = \"school.internal\"\n[records]\nprogramme_key = {}\n",
            told["public"]
        );
        card.put_in_data("config.toml", settings.as_bytes());
        this
    }

    fn key(&self) -> String {
        self.folder.join("programme.key").display().to_string()
    }

    fn depot(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(depot());
        let done = command.args(arguments).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// Opens what lies on the stick; the receipt for it.
    fn open(&self, bundle: &Path) -> PathBuf {
        let (key, bundle) = (self.key(), bundle.display().to_string());
        let to = self.folder.join("out").display().to_string();
        let told = self.depot(&[
            "records", "open", "--json", "--key", &key, &bundle, "--to", &to,
        ]);
        assert_eq!(told["opened"][0]["statements"], 1, "{told:#}");
        PathBuf::from(told["opened"][0]["receipt"].as_str().unwrap())
    }
}

fn last_stick(vm: &mut Vm<'_>, what: &str, expected: &Value) {
    vm.wait(what, TAKES_AT_MOST, |vm| {
        (vm.status()["records"]["last_stick"] == *expected).then_some(())
    });
}

/// There and back twice, on a stick of FAT.
pub(crate) fn a_courier_comes_and_goes(vm: &mut Vm<'_>, programme: &Programme, image: &Path) {
    let _ = Stored::on(vm);
    stick::make_folder(image, FOLDER);
    vm.plug("records", image);
    let name = mounted(vm);
    last_stick(
        vm,
        "the records on the stick",
        &json!({"out": {"is": "carried", "statements": 1, "bundles": 1}, "receipts": 0, "refused": 0}),
    );
    let bundle = whole_and_read_only(vm, &name);
    vm.unplug("records");
    gone(vm, &name);

    let got = image.with_extension("sealed");
    stick::copy_out(image, &format!("{FOLDER}/{bundle}"), &got);
    let receipt = programme.open(&got);
    let bad = image.with_extension("bad");
    std::fs::write(&bad, "noise").unwrap();
    stick::copy_in(image, &bad, &format!("{FOLDER}/a.receipt"));
    stick::copy_in(image, &receipt, &format!("{FOLDER}/b.receipt"));
    assert_eq!(vm.status()["records"]["waiting"], 1, "the control: not yet");
    vm.plug("records", image);
    let name = mounted(vm);
    last_stick(
        vm,
        "the receipt in the box",
        &json!({"out": {"is": "nothing"}, "receipts": 1, "refused": 1}),
    );
    assert_eq!(vm.status()["records"]["waiting"], 0);
    whole_and_read_only(vm, &name);
    let log = vm.shell("journalctl --no-pager --unit='school-box-stick-errands@*'");
    assert!(log.contains("a.receipt"), "by its name: {log}");
    vm.unplug("records");
    gone(vm, &name);
    let left = vm.shell("ls /data/out");
    assert_eq!(left, "", "nothing sealed is left in the box");
}

/// Once the errand is done; the one bundle.
fn whole_and_read_only(vm: &mut Vm<'_>, name: &str) -> String {
    let place = format!("/run/school-box-sticks/{name}");
    let files = vm.shell(&format!(
        "unit=school-box-stick-errands@{name}
         for n in $(seq 300); do [ \"$(systemctl show --property=SubState --value $unit)\" = start ] || break; sleep 0.2; done
         grep ' {place} ' /proc/mounts | grep -q ' ro,' && ! touch {place}/x 2>/dev/null && ls {place}/{FOLDER}"
    ));
    let mut bundles = files.lines().filter(|file| !file.ends_with(".receipt"));
    let bundle = bundles.next().unwrap_or_default().to_owned();
    assert!(bundle.ends_with("-00001.sealed"), "{files}");
    assert_eq!(bundles.next(), None, "nothing half written: {files}");
    bundle
}
