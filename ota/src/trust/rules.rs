//! The rules between one file and its referrer or forerunner.

use super::metadata::{Document, MetaFile, Root};
use super::{Hashes, Refusal, Role, mismatch};

/// A root that the one before it and itself have signed, and that is the very next.
pub(super) fn succeeds(root: &Document<Root>, bytes: &[u8]) -> Result<Document<Root>, Refusal> {
    let role = Role::Root;
    let next: Document<Root> = Document::read(bytes, &role, "root")?;
    next.check(&role, root.body.signers(&role)?, &root.body.keys)?;
    next.check(&role, next.body.signers(&role)?, &next.body.keys)?;
    let expected = root.common.version + 1;
    if next.common.version == expected {
        return Ok(next);
    }
    Err(Refusal::Version {
        role,
        expected,
        found: next.common.version,
    })
}

pub(super) fn same_version<T>(
    role: &Role,
    meta: &MetaFile,
    new: &Document<T>,
) -> Result<(), Refusal> {
    if new.common.version == meta.version {
        return Ok(());
    }
    Err(Refusal::Version {
        role: role.clone(),
        expected: meta.version,
        found: new.common.version,
    })
}

pub(super) fn no_way_back(role: &Role, known: u64, offered: u64) -> Result<(), Refusal> {
    if offered >= known {
        return Ok(());
    }
    Err(Refusal::Rollback {
        role: role.clone(),
        known,
        offered,
    })
}

pub(super) fn role_of(file: &str) -> Role {
    match file.strip_suffix(".json").unwrap_or(file) {
        "targets" => Role::Targets,
        name => Role::Delegated(name.to_owned()),
    }
}

impl MetaFile {
    /// These bytes are what the referrer names, as far as it names them.
    pub(super) fn check(&self, role: &Role, bytes: &[u8]) -> Result<(), Refusal> {
        let what = role.to_string();
        if self
            .length
            .is_some_and(|length| length != bytes.len() as u64)
        {
            return Err(mismatch(&what, "its length"));
        }
        match &self.hashes {
            Some(hashes) => Hashes::of(hashes).check(&what, bytes),
            None => Ok(()),
        }
    }
}
