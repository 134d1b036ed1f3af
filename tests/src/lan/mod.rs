//! Computers on a cable: each a set of namespaces of this machine, with network, processes, `/etc`, `/run` and `/var/lib` of its own.
//!
//! ```text
//!   Machine (box) eth0 ─┐
//!   Machine       eth0 ─┼─ Switch: a bridge in a machine of its own, as an access point on a cable is
//!   Machine       eth0 ─┘
//! ```
//!
//! Needs root, and no more of the kernel than namespaces, veth and a bridge. A machine that is dropped takes its processes along.

mod machine;

pub use machine::Machine;

use crate::need::{Met, program, root, skip};
use crate::vm::Said;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// What all machines are plugged into.
#[derive(Debug)]
pub struct Switch {
    machine: Machine,
    ports: AtomicU32,
}

impl Switch {
    /// A switch without cables; `None` means that the caller has to return: the test counts as skipped.
    #[must_use]
    pub fn found(test: &str) -> Met<Self> {
        root(test)?;
        program(test, "ip", "iproute2")?;
        program(test, "nsenter", "util-linux")?;
        let machine = match Machine::on() {
            Ok(machine) => machine,
            Err(lack) => return skip(test, &lack, "run the tests where namespaces can be made"),
        };
        let made = machine.shell("ip link add switch type bridge && ip link set switch up");
        if made.code != 0 {
            return skip(
                test,
                &format!("no bridge: {made}"),
                "run the tests on a kernel with bridges",
            );
        }
        Some(Self {
            machine,
            ports: AtomicU32::new(0),
        })
    }

    /// A machine with a cable to this switch, its `eth0`, which is up and has no address.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn machine(&self) -> Machine {
        let machine = Machine::on().expect("a machine");
        let port = self.ports.fetch_add(1, Ordering::Relaxed);
        let line = format!(
            "ip link add port{port} type veth peer name eth0 netns {} && ip link set port{port} master switch up",
            machine.id()
        );
        // By the numbers of this machine's processes, so from outside the switch.
        let done = self.machine.net_only(&line);
        assert_eq!(done.code, 0, "a cable: {done}");
        let up = machine.shell("ip link set eth0 up");
        assert_eq!(up.code, 0, "a cable: {up}");
        machine
    }
}

/// Both outputs, and how it ended.
fn said(mut command: Command) -> Said {
    let done = command.output().expect("a program runs");
    let mut text = String::from_utf8_lossy(&done.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&done.stderr));
    Said {
        text,
        code: done.status.code().unwrap_or(-1),
    }
}
