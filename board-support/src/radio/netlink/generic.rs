//! Generic netlink: families of messages that the kernel numbers when it starts, found by their names.

use super::{Answer, Attributes, Deadline, Line, Refusal, Writer};
use nix::errno::Errno;

// Kernel, include/uapi/linux/genetlink.h.
const CONTROLLER: u16 = 16;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;
const GROUPS: u16 = 7;
const GROUP_NAME: u16 = 1;
const GROUP_ID: u16 = 2;
/// Of command, version and two spare bytes.
pub(crate) const HEAD: usize = 4;

/// A family, as this kernel numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) id: u16,
    pub(crate) groups: Vec<Group>,
}

/// Those who hear an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) id: u32,
}

impl Family {
    /// `None` where this kernel has none of that name.
    pub(crate) fn find(
        line: &mut Line,
        name: &str,
        until: Deadline,
    ) -> Result<Option<Self>, Refusal> {
        let question = command(GET_FAMILY).text(FAMILY_NAME, name);
        match line.ask(CONTROLLER, 0, question.bytes(), until) {
            Ok(answers) => Ok(answers.iter().find_map(Self::told)),
            Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What an answer tells of a family; `None` for another answer.
    pub(crate) fn told(answer: &Answer) -> Option<Self> {
        let attributes = body(answer)?.1;
        let groups = attributes.within(GROUPS).each();
        Some(Self {
            id: attributes.u16(FAMILY_ID)?,
            groups: groups
                .filter_map(|(_, group)| {
                    let (name, id) = (group.text(GROUP_NAME)?, group.u32(GROUP_ID)?);
                    Some(Group { name, id })
                })
                .collect(),
        })
    }

    pub(crate) fn group(&self, name: &str) -> Option<u32> {
        let group = self.groups.iter().find(|group| group.name == name)?;
        Some(group.id)
    }
}

/// A question with that command.
pub(crate) fn command(command: u8) -> Writer {
    Writer::after(&[command, 1, 0, 0])
}

/// Command and attributes of an answer; `None` for one that is too short.
pub(crate) fn body(answer: &Answer) -> Option<(u8, Attributes<'_>)> {
    let (head, attributes) = answer.payload.split_at_checked(HEAD)?;
    Some((*head.first()?, Attributes::new(attributes)))
}
