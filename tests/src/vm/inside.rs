//! What a test lays over a slot: files for `/run/systemd/system`, carried by the initramfs.

use super::made::repository;
use crate::disk::run_tool;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

/// In the initramfs in place of busybox's link: lays the files over the root, then goes on as before.
const SWITCH_ROOT: &str = include_str!("inside/switch_root");

/// Units, drop-ins and links. The name of a file is its path under `/run/systemd/system`.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    files: Vec<(String, String)>,
    started: Vec<String>,
    init: Option<String>,
}

impl Inside {
    /// Nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The bench: its folder at `/run/bench`, the simulated board on it, and the shell.
    #[must_use]
    pub fn bench() -> Self {
        Self::shell().file(
            "school-box.service.d/bench.conf",
            include_str!("inside/school-box.conf"),
        )
    }

    /// The bench's folder and shell alone: the supervisor starts as on any box, and looks for a board itself.
    #[must_use]
    pub fn shell() -> Self {
        Self::nothing()
            .file("bench.service", include_str!("inside/bench.service"))
            .file("bench-shell", include_str!("inside/bench-shell"))
            .unit(
                "bench-shell.service",
                include_str!("inside/bench-shell.service"),
            )
    }

    /// Two radios, loaded beside the start as a board's own are: wlan0 is the box's, wlan1 belongs to a device in the network of the unit
    /// `radio-owner`.
    #[must_use]
    pub fn radios(self) -> Self {
        self.unit("radios.service", include_str!("inside/radios.service"))
            .unit(
                "radio-owner.service",
                include_str!("inside/radio-owner.service"),
            )
    }

    /// One file.
    #[must_use]
    pub fn file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    /// A unit that is started with the system.
    #[must_use]
    pub fn unit(mut self, name: &str, text: &str) -> Self {
        self.started.push(name.to_owned());
        self.file(name, text)
    }

    /// Another program in the place of the layer's `init`.
    #[must_use]
    pub fn init(mut self, script: &str) -> Self {
        self.init = Some(script.to_owned());
        self
    }

    /// Lays it over what a boot area starts, once an area. `area` is in the words of `mtools`: `IMAGE`, or `IMAGE@@OFFSET`.
    pub fn lay_over(&self, area: &str) {
        let tree = tempfile::tempdir().expect("a folder");
        self.write_to(tree.path());
        let tool = repository().join("tests/image/lay-over");
        run_tool(
            &tool.display().to_string(),
            [area, &tree.path().display().to_string()],
        )
        .expect("an initramfs with something laid over");
    }

    /// Writes the tree that is appended to an initramfs.
    fn write_to(&self, tree: &Path) {
        let program = |path: &str, text: &str| {
            let path = tree.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, text).expect("a program");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
        };
        if let Some(init) = &self.init {
            program("init", init);
        }
        program("usr/bin/switch_root", SWITCH_ROOT);
        let units = tree.join("laid-over");
        let wants = units.join("multi-user.target.wants");
        fs::create_dir_all(&wants).expect("a folder");
        for (name, text) in &self.files {
            let path = units.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a unit");
        }
        for name in &self.started {
            symlink(format!("../{name}"), wants.join(name)).expect("a link");
        }
    }
}
