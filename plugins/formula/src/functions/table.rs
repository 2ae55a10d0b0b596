//! All families, and the look-up by name.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::row::Function;
use super::{date, event, html, json, logic, math, money, slices, text};
use crate::schema::nearest;

/// Functions that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its heading in the reference.
    pub name: &'static str,
    /// Its functions.
    pub functions: &'static [Function],
}

/// Every family, in the order of the reference.
pub const FAMILIES: [Family; 9] = [
    Family { name: "Logic", functions: logic::FUNCTIONS },
    Family { name: "The record and what happens to it", functions: event::FUNCTIONS },
    Family { name: "Text", functions: text::FUNCTIONS },
    Family { name: "Parts of text", functions: slices::FUNCTIONS },
    Family { name: "JSON", functions: json::FUNCTIONS },
    Family { name: "Links and escaping", functions: html::FUNCTIONS },
    Family { name: "Numbers", functions: math::FUNCTIONS },
    Family { name: "Money and places", functions: money::FUNCTIONS },
    Family { name: "Dates and times", functions: date::FUNCTIONS },
];

/// Every function.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.functions)
}

/// The function of a name, in any case.
pub fn function(name: &str) -> Option<&'static Function> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Function>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| all().map(|function| (function.name, function)).collect());
    by_name.get(name.to_ascii_uppercase().as_str()).copied()
}

/// The function whose name is nearest to a wrong one.
pub fn nearest_name(name: &str) -> Option<String> {
    nearest(name, all().map(|function| function.name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_in_capitals_and_used_once() {
        let mut seen = BTreeSet::new();
        for function in all() {
            assert_eq!(function.name, function.name.to_ascii_uppercase());
            assert!(seen.insert(function.name), "{} has two rows", function.name);
            assert!(!function.doc.is_empty() && !function.example.is_empty(), "{}", function.name);
        }
        assert!(function("iSpIcKvAl").is_some());
        assert_eq!(nearest_name("LENN").as_deref(), Some("LEN"));
    }
}
