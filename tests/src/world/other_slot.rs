//! A small release in the slot that does not run.

use super::{Outcome, World, depot};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

impl World {
    /// A release of one megabyte, signed, offered and put into slot B of a box that does not run; its root as a file.
    ///
    /// # Panics
    /// When a verb refuses.
    #[must_use]
    pub fn install_into_b(&self) -> PathBuf {
        let desk = self.path("desk");
        fs::create_dir(&desk).expect("a desk");
        let run = |arguments: &[&str]| {
            let mut command = Command::new(depot());
            command.arg("repo").args(arguments).current_dir(&desk);
            Outcome::of(command).succeeded();
        };
        let root: Vec<u8> = (0..1_000_000_u32).map(|n| (n / 7 % 251) as u8).collect();
        fs::write(desk.join("root.img"), root).expect("a root");
        run(&["keygen", "root.key"]);
        run(&["init", "repo", "--root-key", "root.key"]);
        let board = "school-box-sim";
        run(&[
            "add",
            "repo",
            "--root",
            "root.img",
            "--board",
            board,
            "--version",
            "2",
        ]);
        let sim = self.sim().dir();
        fs::copy(
            desk.join("repo/metadata/1.root.json"),
            sim.join("update-root.json"),
        )
        .expect("whom to trust");
        let repo = desk.join("repo").display().to_string();
        let board = format!("sim:{}", sim.display());
        self.run(&["update", "offer", &repo, "--board", &board])
            .succeeded();
        sim.join("slots/b.img")
    }
}
