//! Values of picklists: global value sets, standard value sets, and what a field says about its own values.
//!
//! Which values a record type leaves over is not read; nothing enforces that yet.

use std::collections::BTreeMap;

use crate::error::OrgError;
use crate::folder::{FileKind, Folder};
use crate::org::{Picklist, PicklistValue};
use crate::read::Findings;
use crate::xml::Element;

/// The values that a new org has in its standard picklists.
const BUILT_IN: &str = include_str!("../standard/value-sets.txt");

/// Every named list of values, by lower-cased name.
pub(crate) struct ValueSets {
    global: BTreeMap<String, Vec<PicklistValue>>,
    standard: BTreeMap<String, Picklist>,
}

impl ValueSets {
    /// The sets of the folder over the built-in ones.
    pub fn read(folder: &Folder, findings: &mut Findings) -> Result<ValueSets, OrgError> {
        let mut sets = ValueSets { global: BTreeMap::new(), standard: built_in() };
        for source in folder.of(FileKind::GlobalValueSet) {
            let values = source.read(findings, |root, _| values(root.children("customValue")))?;
            if let Some(values) = values {
                sets.global.insert(source.name.to_ascii_lowercase(), values);
            }
        }
        for source in folder.of(FileKind::StandardValueSet) {
            let values = source.read(findings, |root, _| values(root.children("standardValue")))?;
            if let Some(values) = values {
                sets.standard.entry(source.name.to_ascii_lowercase()).or_default().values = values;
            }
        }
        Ok(sets)
    }

    /// A standard value set; without values when nobody knows it.
    pub fn standard(&self, name: &str) -> Picklist {
        self.standard.get(&name.to_ascii_lowercase()).cloned().unwrap_or_default()
    }

    /// A set that a field names: global (with or without its namespace) or standard.
    fn named(&self, name: &str) -> Option<&Vec<PicklistValue>> {
        let name = name.to_ascii_lowercase();
        let bare = name.split_once("__").map_or(name.as_str(), |(_, bare)| bare);
        let global = self.global.get(&name).or_else(|| self.global.get(bare));
        global.or_else(|| self.standard.get(&name).map(|set| &set.values))
    }
}

/// The picklist that a `CustomField` element describes; `None` when it says nothing about values.
///
/// A global value set that is not there leaves the picklist without values and unrestricted: nothing is refused on a
/// guess.
pub(crate) fn of_field(
    field: Element<'_>,
    sets: &ValueSets,
    findings: &mut Findings,
) -> Result<Option<Picklist>, OrgError> {
    if let Some(value_set) = field.child("valueSet") {
        let restricted = value_set.flag("restricted")?.unwrap_or(false);
        if let Some(name) = value_set.text("valueSetName") {
            let Some(values) = sets.named(&name) else {
                let message = format!("value set {name} is not in the folder: any value is taken");
                findings.warnings.push(value_set.warning(message));
                return Ok(Some(Picklist::default()));
            };
            return Ok(Some(Picklist { values: values.clone(), restricted }));
        }
        let values = match value_set.child("valueSetDefinition") {
            Some(definition) => values(definition.children("value"))?,
            None => Vec::new(),
        };
        return Ok(Some(Picklist { values, restricted }));
    }
    let Some(picklist) = field.child("picklist") else { return Ok(None) };
    let restricted =
        picklist.flag("restrictedPicklist")?.or(field.flag("restrictedPicklist")?).unwrap_or(false);
    Ok(Some(Picklist { values: values(picklist.children("picklistValues"))?, restricted }))
}

fn values<'a>(elements: impl Iterator<Item = Element<'a>>) -> Result<Vec<PicklistValue>, OrgError> {
    let mut values = Vec::new();
    for element in elements {
        let Some(value) = element.text("fullName") else { continue };
        values.push(PicklistValue {
            label: element.text("label").unwrap_or_else(|| value.clone()),
            active: element.flag("isActive")?.unwrap_or(true),
            default: element.flag("default")?.unwrap_or(false),
            value,
        });
    }
    Ok(values)
}

fn built_in() -> BTreeMap<String, Picklist> {
    let lines = BUILT_IN.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(':')).map(|(name, values)| built_in_set(name, values)).collect()
}

fn built_in_set(name: &str, values: &str) -> (String, Picklist) {
    let (name, restricted) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
    let values = values.split(';').map(str::trim).map(|value| {
        let (value, default) = value.strip_suffix('*').map_or((value, false), |value| (value, true));
        PicklistValue { value: value.to_string(), label: value.to_string(), active: true, default }
    });
    (name.to_ascii_lowercase(), Picklist { values: values.collect(), restricted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    fn sets() -> ValueSets {
        let built_in = built_in_set("Tiers", "Gold*; Silver");
        ValueSets { global: BTreeMap::from([(built_in.0, built_in.1.values)]), standard: super::built_in() }
    }

    /// `expected`: values as `value=label`, `*` default, `-` inactive; then `!` when restricted.
    fn check(inner: &str, expected: Option<&str>, warning: &str) {
        let mut findings = Findings::default();
        let text = format!("<CustomField>{inner}</CustomField>");
        let found = xml::read("f.xml", &text, |root| of_field(root, &sets(), &mut findings)).unwrap();
        let found = found.map(|picklist| {
            let shown = picklist.values.iter().map(|value| {
                let mark = if value.default { "*" } else { "" };
                format!("{}{}={}{mark}", if value.active { "" } else { "-" }, value.value, value.label)
            });
            let shown = shown.collect::<Vec<_>>().join(" ");
            format!("{shown}{}", if picklist.restricted { " !" } else { "" })
        });
        assert_eq!(found.as_deref(), expected, "{inner}");
        let warnings: Vec<_> = findings.warnings.into_iter().map(|warning| warning.message).collect();
        assert_eq!(warnings.join("|"), warning, "{inner}");
    }

    #[test]
    fn every_form_of_a_picklist() {
        check(
            "<valueSet><restricted>true</restricted><valueSetDefinition><value><fullName>A</fullName><label>Å</label>\
             <default>true</default></value><value><fullName>B</fullName><isActive>false</isActive></value>\
             </valueSetDefinition></valueSet>",
            Some("A=Å* -B=B !"),
            "",
        );
        check(
            "<picklist><picklistValues><fullName>A</fullName><default>true</default></picklistValues>\
             <restrictedPicklist>true</restrictedPicklist></picklist>",
            Some("A=A* !"),
            "",
        );
        check(
            "<picklist><picklistValues><fullName>A</fullName></picklistValues></picklist>",
            Some("A=A"),
            "",
        );
        check(
            "<valueSet><valueSetName>TIERS</valueSetName></valueSet>",
            Some("Gold=Gold* Silver=Silver"),
            "",
        );
        check(
            "<valueSet><restricted>true</restricted><valueSetName>ns__Tiers</valueSetName></valueSet>",
            Some("Gold=Gold* Silver=Silver !"),
            "",
        );
        check(
            "<valueSet><valueSetName>AccountRating</valueSetName></valueSet>",
            Some("Hot=Hot Warm=Warm Cold=Cold"),
            "",
        );
        check(
            "<valueSet><restricted>true</restricted><valueSetName>Gone</valueSetName></valueSet>",
            Some(""),
            "value set Gone is not in the folder: any value is taken",
        );
        check("<valueSet><restricted>true</restricted></valueSet>", Some(" !"), "");
        check("<label>Rating</label>", None, "");
    }
}
