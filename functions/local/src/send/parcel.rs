//! A message before it is sent: its body, its group, and the id by which SQS knows it again.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// One message that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    /// The message group, `account/Object`: order is kept within it.
    pub(crate) group: String,
    /// The object of its records.
    pub(crate) object: String,
    /// What is sent: `infra/schemas/message.json`.
    pub(crate) body: String,
    /// How many records.
    pub(crate) records: u32,
    /// Where its first record is, for people: `contacts.ndjson:61`.
    pub(crate) place: String,
    id: String,
}

/// Where a message comes from. Two messages with the same text from different places are two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    /// Whose.
    pub(super) account: &'a str,
    /// The file's identity.
    pub(super) file: &'a str,
    /// How often the same file stands before it in the command.
    pub(super) occurrence: u32,
    /// The line of the first record.
    pub(super) line: u64,
}

impl Parcel {
    /// A message with the id that follows from its origin and body, and from nothing else: the same command makes the
    /// same ids again.
    pub(super) fn new(origin: Origin<'_>, object: &str, body: String, records: u32, place: String) -> Self {
        let mut hasher = Sha256::new();
        let (occurrence, line) = (origin.occurrence.to_string(), origin.line.to_string());
        for part in [origin.account, origin.file, &occurrence, &line, &body] {
            // Lengths keep the parts apart.
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let id = hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self {
            group: format!("{}/{object}", origin.account),
            object: object.to_owned(),
            body,
            records,
            place,
            id,
        }
    }

    /// Its deduplication id, 64 letters and a few. `again` counts how often it had to be sent once more on purpose: SQS
    /// takes it for another message then.
    pub(crate) fn deduplication_id(&self, again: u32) -> String {
        if again == 0 { self.id.clone() } else { format!("{}-{again}", self.id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin<'_> = Origin { account: "acme", file: "/a.ndjson", occurrence: 0, line: 7 };

    fn id(origin: Origin<'_>, body: &str) -> String {
        Parcel::new(origin, "Lead", body.to_owned(), 1, String::new()).deduplication_id(0)
    }

    #[test]
    fn the_id_follows_from_place_and_content() {
        let first = id(ORIGIN, "x");
        assert_eq!(
            first, "b1d54b4990616f8fdf57c73d2f4ff9b6ae9afa0eaa908a7273e7630397f2d77e",
            "ids stay the same from version to version"
        );
        assert_eq!(id(ORIGIN, "x"), first);
        let others = [
            id(ORIGIN, "y"),
            id(Origin { line: 8, ..ORIGIN }, "x"),
            id(Origin { occurrence: 1, ..ORIGIN }, "x"),
            id(Origin { file: "/b.ndjson", ..ORIGIN }, "x"),
            id(Origin { account: "acm", file: "e/a.ndjson", ..ORIGIN }, "x"),
        ];
        assert!(others.iter().all(|other| *other != first), "{others:?}");
    }

    #[test]
    fn a_message_that_is_sent_again_on_purpose_has_another_id() {
        let parcel = Parcel::new(ORIGIN, "Lead", "x".to_owned(), 1, String::new());
        assert_eq!(parcel.deduplication_id(2), format!("{}-2", parcel.deduplication_id(0)));
        assert!(parcel.deduplication_id(u32::MAX).len() <= 128, "the most that SQS takes");
        assert_eq!(parcel.group, "acme/Lead");
    }
}
