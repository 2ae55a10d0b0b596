//! Fields that are made of other fields: addresses and geolocations. Their parts are what is written and stored.
//!
//! Field permissions name the compound and hold for its parts.

use crate::org::{Field, FieldKind, NumberStyle, Picklist};

/// Digits of a latitude or longitude in an address (Object Reference, "Address Compound Fields").
const ADDRESS_SCALE: u32 = 15;

/// Parts of a standard address: suffix of the API name, label, length (0: a coordinate).
const ADDRESS: &[(&str, &str, u32)] = &[
    ("Street", "Street", 255),
    ("City", "City", 40),
    ("State", "State/Province", 80),
    ("PostalCode", "Zip/Postal Code", 20),
    ("Country", "Country", 80),
    ("Latitude", "Latitude", 0),
    ("Longitude", "Longitude", 0),
];

/// Parts of a custom address field, which has codes in place of names.
const CUSTOM_ADDRESS: &[(&str, &str, u32)] = &[
    ("Street", "Street", 255),
    ("City", "City", 40),
    ("StateCode", "State/Province Code", 10),
    ("PostalCode", "Zip/Postal Code", 20),
    ("CountryCode", "Country/Territory Code", 10),
    ("Latitude", "Latitude", 0),
    ("Longitude", "Longitude", 0),
];

const ACCURACY: &str = "GeocodeAccuracy";

/// The parts of a standard address: `BillingStreet`, ... for `BillingAddress`; `Street`, ... for `Address`.
pub(crate) fn address_parts(compound: &Field, accuracy: Picklist) -> Vec<Field> {
    let label = compound.label.strip_suffix("Address").unwrap_or(&compound.label);
    let mut parts: Vec<Field> = ADDRESS
        .iter()
        .map(|(part, text, length)| {
            part_of(compound, part, format!("{label}{text}"), address_kind(part, *length))
        })
        .collect();
    parts.push(part_of(
        compound,
        ACCURACY,
        format!("{label}Geocode Accuracy"),
        FieldKind::Picklist(accuracy),
    ));
    parts
}

/// The parts of a custom address field: `Home__Street__s`, ... for `Home__c`.
pub(crate) fn custom_address_parts(compound: &Field) -> Vec<Field> {
    let named = |text: &str| format!("{} ({text})", compound.label);
    let parts = CUSTOM_ADDRESS.iter();
    parts
        .map(|(part, text, length)| part_of(compound, part, named(text), address_kind(part, *length)))
        .collect()
}

/// `Place__Latitude__s` and `Place__Longitude__s` of the geolocation `Place__c`.
pub(crate) fn location_parts(compound: &Field, scale: u32) -> Vec<Field> {
    let parts = ["Latitude", "Longitude"].into_iter();
    parts
        .map(|part| part_of(compound, part, format!("{} ({part})", compound.label), coordinate(scale)))
        .collect()
}

/// API names that a permission for `compound` also holds for.
pub(crate) fn part_names(compound: &str) -> Vec<String> {
    let parts = ADDRESS.iter().chain(CUSTOM_ADDRESS).map(|(part, ..)| *part).chain([ACCURACY]);
    parts.map(|part| part_name(compound, part)).collect()
}

fn part_name(compound: &str, part: &str) -> String {
    match compound.strip_suffix("__c") {
        Some(stem) => format!("{stem}__{part}__s"),
        None => format!("{}{part}", compound.strip_suffix("Address").unwrap_or(compound)),
    }
}

fn part_of(compound: &Field, part: &str, label: String, kind: FieldKind) -> Field {
    let field = Field::new(&part_name(&compound.api_name, part), &label, kind);
    Field { required: compound.required, securable: compound.securable, ..field }
}

fn address_kind(part: &str, length: u32) -> FieldKind {
    match (part, length) {
        (_, 0) => coordinate(ADDRESS_SCALE),
        ("Street", length) => FieldKind::LongText { length, html: false },
        (_, length) => FieldKind::Text { length },
    }
}

/// Three digits before the point, whatever the scale: a longitude goes to 180.
fn coordinate(scale: u32) -> FieldKind {
    FieldKind::Number { precision: scale + 3, scale, style: NumberStyle::Number }
}
