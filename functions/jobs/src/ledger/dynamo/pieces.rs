//! Texts that one item cannot hold: the first piece stands in the item itself, with the number of the others, and each
//! of those is an item under `PART#...` in the same partition.
//!
//! Split, and not compressed, so that people can read what stands in the table. Only records that are no records come
//! here in practice (their raw JSON is kept as text), and whole ones above half the largest size.

use super::item::{Item, Key, Row, number, text};
use super::keys;
use super::table::Table;
use crate::ledger::LedgerError;

/// The largest piece. Two texts of an export error (its record and its errors) and all that is shown of them stay below
/// the 400 KB of an item.
pub(super) const PIECE_BYTES: usize = 150_000;

/// The attribute that holds the number of further parts of the text `name`.
fn parts_of(name: &str) -> String {
    format!("{name}Parts")
}

/// The pieces of a text, cut between letters. The first is there even when the text is empty.
fn cut(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > PIECE_BYTES {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    pieces
}

/// Puts a text into an item as the attribute `name`, and answers the items of what does not fit in. `owner` tells their
/// keys from those of other texts in the partition.
pub(super) fn put(item: &mut Item, name: &str, whole: &str, pk: &str, owner: &str) -> Vec<Item> {
    let pieces = cut(whole);
    item.insert(name.to_owned(), text(pieces[0]));
    if pieces.len() > 1 {
        item.insert(parts_of(name), number(pieces.len() - 1));
    }
    let part = |(at, piece): (usize, &&str)| {
        let mut part = keys::part(pk, &owner_of(owner, name), at).item();
        part.insert("text".to_owned(), text(*piece));
        part
    };
    pieces.iter().enumerate().skip(1).map(part).collect()
}

fn owner_of(owner: &str, name: &str) -> String {
    format!("{owner}#{name}")
}

/// The keys of the further parts of an item's text.
pub(super) fn parts(row: &Row, name: &str, owner: &str) -> Result<Vec<Key>, LedgerError> {
    let count = row.count(&parts_of(name))?;
    // No text has more: the largest message of SQS has 1 MB.
    if count > 99 {
        return Err(row.corrupt(format!("its {} is {count}", parts_of(name))));
    }
    let pk = row.key().pk;
    Ok((1..=usize::try_from(count).unwrap_or(0))
        .map(|at| keys::part(&pk, &owner_of(owner, name), at))
        .collect())
}

/// An item's text, its further parts fetched.
pub(super) async fn whole(table: &Table, row: &Row, name: &str, owner: &str) -> Result<String, LedgerError> {
    let mut text = row.text(name)?.to_owned();
    let keys = parts(row, name, owner)?;
    if keys.is_empty() {
        return Ok(text);
    }
    let mut found = table.get_all(&keys).await?;
    found.sort_by_key(Row::key);
    if found.len() < keys.len() {
        return Err(row.corrupt(format!("{} of {} parts of its {name} are there", found.len(), keys.len())));
    }
    for part in &found {
        text.push_str(part.text("text")?);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_between_letters_and_lose_nothing() {
        for (letter, count) in
            [("x", 0), ("x", PIECE_BYTES), ("x", PIECE_BYTES + 1), ("漢", 250_000), ("é", 1)]
        {
            let whole = letter.repeat(count);
            let pieces = cut(&whole);
            assert_eq!(pieces.concat(), whole, "{letter} {count}");
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE_BYTES));
            assert_eq!(pieces.len(), whole.len().div_ceil(PIECE_BYTES).max(1), "{letter} {count}");
        }
    }

    #[test]
    fn an_item_says_how_many_parts_there_are() {
        let mut item = Key::new("P".to_owned(), "S").item();
        let whole = "x".repeat(2 * PIECE_BYTES + 5);
        let further = put(&mut item, "record", &whole, "P", "ERROR#0a");
        let row = Row(item);
        let keys: Vec<Key> = further.into_iter().map(|part| Row(part).key()).collect();
        assert_eq!(parts(&row, "record", "ERROR#0a"), Ok(keys));
        assert_eq!(row.count("recordParts"), Ok(2));
        assert_eq!(parts(&row, "errors", "ERROR#0a"), Ok(vec![]));
    }
}
