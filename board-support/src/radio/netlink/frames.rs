//! Datagrams to messages: which of them answer a question, and whether they are all.

use super::{Attributes, Refusal};
use netlink_packet_core::{
    DecodeError, Emitable as _, NLM_F_ACK_TLVS, NLM_F_DUMP_INTR, NetlinkBuffer,
    NetlinkDeserializable, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use std::io;

/// More than any list of ours has, so that a broken kernel fills no memory.
const MESSAGES_AT_MOST: usize = 20_000;
const HEADER: usize = 16;
/// Kernel, include/uapi/linux/netlink.h: `NLMSGERR_ATTR_MSG`.
const WORDS: u16 = 1;

/// A message of the kernel's, its header taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its type: a route message's, or the family of generic netlink.
    pub(crate) kind: u16,
    /// What it says.
    pub(crate) payload: Vec<u8>,
}

impl NetlinkDeserializable for Answer {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: header.message_type,
            payload: payload.to_vec(),
        })
    }
}

/// A whole message to send.
pub(super) fn question(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    header.length = u32::try_from(HEADER + payload.len()).unwrap_or(u32::MAX);
    header.message_type = kind;
    header.flags = flags;
    header.sequence_number = sequence;
    let mut bytes = vec![0; HEADER];
    header.emit(&mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    Done,
}

/// A question, and its answers so far.
#[derive(Debug)]
pub(super) struct Exchange {
    sequence: u32,
    answers: Vec<Answer>,
    quiet: bool,
}

impl Exchange {
    pub(super) const fn new(sequence: u32) -> Self {
        Self {
            sequence,
            answers: Vec::new(),
            quiet: true,
        }
    }

    /// The answers, and whether nothing changed while they were told.
    pub(super) fn into_answers(self) -> (Vec<Answer>, bool) {
        (self.answers, self.quiet)
    }

    pub(super) fn take(&mut self, datagram: &[u8]) -> Result<Progress, Refusal> {
        for message in messages(datagram) {
            let message = message?;
            if message.header.sequence_number != self.sequence {
                // An event, or the answer to a question that was given up.
                continue;
            }
            self.quiet &= message.header.flags & NLM_F_DUMP_INTR == 0;
            let words = message.header.flags & NLM_F_ACK_TLVS != 0;
            match message.payload {
                NetlinkPayload::InnerMessage(answer) => self.keep(answer)?,
                NetlinkPayload::Done(done) if done.code < 0 => {
                    return Err(said(done.code, String::new()));
                }
                NetlinkPayload::Done(_) => return Ok(Progress::Done),
                NetlinkPayload::Error(error) => match error.code {
                    None => return Ok(Progress::Done),
                    Some(code) if words => {
                        return Err(said(code.get(), words_of(&error.header)));
                    }
                    Some(code) => return Err(said(code.get(), String::new())),
                },
                NetlinkPayload::Noop | NetlinkPayload::Overrun(_) | _ => {}
            }
        }
        Ok(Progress::More)
    }

    fn keep(&mut self, answer: Answer) -> Result<(), Refusal> {
        if self.answers.len() >= MESSAGES_AT_MOST {
            return Err(Refusal::Line(io::Error::other("an answer without end")));
        }
        self.answers.push(answer);
        Ok(())
    }
}

/// The messages of a datagram that are no answers; what is broken is left out.
pub(super) fn events(datagram: &[u8]) -> Vec<Answer> {
    let sound = messages(datagram).map_while(Result::ok);
    sound
        .filter_map(|message| {
            if let NetlinkPayload::InnerMessage(event) = message.payload {
                Some(event)
            } else {
                None
            }
        })
        .collect()
}

fn messages(datagram: &[u8]) -> impl Iterator<Item = Result<NetlinkMessage<Answer>, Refusal>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (message, length) = match NetlinkBuffer::new_checked(rest) {
            Ok(buffer) => {
                let length = usize::try_from(buffer.length()).unwrap_or(usize::MAX);
                let own = rest.get(..length).unwrap_or(rest);
                (NetlinkMessage::deserialize(own), length)
            }
            Err(error) => (Err(error), rest.len()),
        };
        // Each begins at a multiple of four bytes.
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(message.map_err(|error| Refusal::Line(io::Error::other(error.to_string()))))
    })
}

fn said(code: i32, words: String) -> Refusal {
    Refusal::Said {
        why: io::Error::from_raw_os_error(code.saturating_neg()),
        words,
    }
}

/// The kernel's reason behind the header of our question.
fn words_of(behind_the_code: &[u8]) -> String {
    let attributes = behind_the_code.get(HEADER..).unwrap_or_default();
    Attributes::new(attributes).text(WORDS).unwrap_or_default()
}

#[cfg(test)]
mod tests;
