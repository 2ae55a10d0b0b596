//! Where everything lies in the table: partition and sort keys, and nothing else.
//!
//! Sort keys are compared as UTF-8 bytes. Positions are written with leading zeros, so that the order of keys is the
//! job's order. `~` sorts behind every digit, letter and `#`: it ends a range.

use domain::{AccountName, ExternalId, JobId, Position};

use super::item::Key;

/// The end of every range.
pub(super) const END: char = '~';

/// A sort key has at most 1024 bytes. A text up to this length stands in its key as it is.
const PLAIN_BYTES_MAX: usize = 900;

/// How much of a longer one stands there, before its length and hash. Longer than [`PLAIN_BYTES_MAX`] together with
/// those, so that no short text can be taken for a long one.
const SHOWN_BYTES: usize = 920;

/// Of everything that belongs to an account.
pub(super) fn account(account: &AccountName) -> String {
    format!("ACCOUNT#{account}")
}

/// Of what belongs to no account: `#` and small letters are in no name, so this is nobody's.
pub(super) fn nobody() -> String {
    "NOBODY".to_owned()
}

/// Of a job and of all that belongs to it.
pub(super) fn of_job(job: &JobId) -> String {
    format!("JOB#{}#{}", job.account, job.object)
}

/// An account's settings.
pub(super) fn settings(of: &AccountName) -> Key {
    Key::new(account(of), "SETTINGS")
}

/// What a UTC day's figures are counted in.
pub(super) fn figures(of: &AccountName, day: &str) -> Key {
    Key::new(account(of), format!("CALLS#{day}"))
}

/// Says that a job is there: a table lists what shares a partition, and jobs do not.
pub(super) fn listed(job: &JobId) -> Key {
    Key::new(account(&job.account), format!("JOB#{}", job.object))
}

/// The job: cursor, hold, lease and counts.
pub(super) fn job(job: &JobId) -> Key {
    Key::new(of_job(job), "JOB")
}

/// Parked records, under the place of the **last** of them: what lies behind a position is then what sorts behind it.
pub(super) fn parked(job: &JobId, last: Position) -> Key {
    Key::new(of_job(job), format!("PARKED#{}", last.sort_key()))
}

/// The row of the error that is open for an external id.
pub(super) fn open_row(job: &JobId, id: &ExternalId) -> Key {
    Key::new(of_job(job), format!("ERROR#{}", fitted(&id.to_string())))
}

/// Where an open error stands in the order of positions.
pub(super) fn open_place(job: &JobId, position: Position, id: &str) -> Key {
    Key::new(of_job(job), format!("OPEN#{}#{id}", position.sort_key()))
}

/// The row of a closed error.
pub(super) fn closed_row(job: &JobId, position: Position, id: &str) -> Key {
    Key::new(of_job(job), format!("CLOSED#{}#{id}", position.sort_key()))
}

/// Where the row of an error lies, by the error's id.
///
/// Two external ids of a job share an id with a chance of one in 2^48 for each pair; then this finds the one that was
/// written last. Nothing but a look-up by id rests on it.
pub(super) fn by_id(job: &JobId, id: &str) -> Key {
    Key::new(account(&job.account), format!("ERROR#{id}#{}", job.object))
}

/// A message that could not be read.
pub(super) fn rejection(of: Option<&AccountName>, at: &str, message_id: &str) -> Key {
    let pk = of.map_or_else(nobody, account);
    Key::new(pk, format!("REJECTED#{at}#{}", fitted(message_id)))
}

/// The further parts of a text that one item cannot hold, `number` from 1.
pub(super) fn part(pk: &str, owner: &str, number: usize) -> Key {
    Key::new(pk.to_owned(), format!("PART#{}#{number:03}", fitted(owner)))
}

/// The text itself, or so much of it as a key can hold and what tells it from every other: its length and hash.
fn fitted(text: &str) -> String {
    if text.len() <= PLAIN_BYTES_MAX {
        return text.to_owned();
    }
    let shown = &text[..text.floor_char_boundary(SHOWN_BYTES)];
    format!("{shown}#{}#{:032x}", text.len(), hash(text.as_bytes()))
}

/// FNV-1a with 128 bits: small, the same on every machine, and wide enough for texts that nobody makes to collide. (Who
/// would make two of them collide could as well give both the same external id.)
pub(super) fn hash(bytes: &[u8]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> JobId {
        JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits")
    }

    fn sort_key(value: &str) -> String {
        open_row(&contact(), &ExternalId { field: "Ext__c".to_owned(), value: value.to_owned() }).sk
    }

    #[test]
    fn keys_are_written_as_people_look_for_them() {
        let (job_id, place) = (contact(), Position::new(42, 7));
        let acme = &job_id.account;
        let place_text = "000000000000000000000000000000000000042.0000000007";
        let cases = [
            (settings(acme), "ACCOUNT#acme", "SETTINGS".to_owned()),
            (figures(acme, "2026-11-23"), "ACCOUNT#acme", "CALLS#2026-11-23".to_owned()),
            (listed(&job_id), "ACCOUNT#acme", "JOB#Contact".to_owned()),
            (by_id(&job_id, "0a1b"), "ACCOUNT#acme", "ERROR#0a1b#Contact".to_owned()),
            (rejection(Some(acme), "T", "m1"), "ACCOUNT#acme", "REJECTED#T#m1".to_owned()),
            (rejection(None, "T", "m1"), "NOBODY", "REJECTED#T#m1".to_owned()),
            (job(&job_id), "JOB#acme#Contact", "JOB".to_owned()),
            (parked(&job_id, place), "JOB#acme#Contact", format!("PARKED#{place_text}")),
            (open_place(&job_id, place, "0a"), "JOB#acme#Contact", format!("OPEN#{place_text}#0a")),
            (closed_row(&job_id, place, "0a"), "JOB#acme#Contact", format!("CLOSED#{place_text}#0a")),
            (part("JOB#acme#Contact", "ERROR#0a", 2), "JOB#acme#Contact", "PART#ERROR#0a#002".to_owned()),
        ];
        for (key, pk, sk) in cases {
            assert_eq!((key.pk.as_str(), key.sk), (pk, sk));
        }
        assert_eq!(sort_key("it's # = ~"), "ERROR#Ext__c=it's # = ~");
    }

    #[test]
    fn a_long_external_id_has_a_key_of_its_own() {
        let long = "é".repeat(100_000);
        let (mut longer, mut other) = (long.clone(), long.clone());
        longer.push('x');
        other.replace_range(150_000..150_002, "xy");
        let keys = [&long, &longer, &other, "x"].map(sort_key);
        for (at, key) in keys.iter().enumerate() {
            assert!(key.len() <= 1024, "{}", key.len());
            assert!(!keys[..at].contains(key), "{at} has a key of its own");
        }
        assert_eq!(sort_key(&long), keys[0], "the same every time");
        let longest_plain = "x".repeat(PLAIN_BYTES_MAX - "Ext__c=".len());
        assert_eq!(sort_key(&longest_plain), format!("ERROR#Ext__c={longest_plain}"));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of <http://www.isthe.com/chongo/tech/comp/fnv/>.
        assert_eq!(hash(b""), 0x6c62272e07bb014262b821756295c58d);
        assert_eq!(hash(b"a"), 0xd228cb696f1a8caf78912b704e4a8964);
        assert_eq!(hash(b"foobar"), 0x343e1662793c64bf6f0d3597ba446f18);
    }
}
