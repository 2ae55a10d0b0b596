//! Goes through the files of an org folder and hands each to the reader of its kind.

use super::{apex, duplicate, flow, record_type, stored, validation, workflow};
use crate::error::OrgError;
use crate::folder::{FileKind, Folder, Source};
use crate::read::Findings;
use crate::rules::{
    DuplicateRule, LookupFilter, MatchingRule, Place, RecordType, RollUp, UnknownRule, ValidationRule,
    WorkflowRule,
};
use crate::xml::Element;

/// Reads the rules that lie in files of their own.
pub(crate) fn of_files(folder: &Folder, findings: &mut Findings) -> Result<(), OrgError> {
    for source in folder.of(FileKind::ValidationRule) {
        let Some(object) = object_of(source, findings) else { continue };
        source.read(findings, |root, findings| validation::read(root, &object, &source.name, findings))?;
    }
    for source in folder.of(FileKind::RecordType) {
        let Some(object) = object_of(source, findings) else { continue };
        source.read(findings, |root, findings| record_type::read(root, &object, &source.name, findings))?;
    }
    for source in folder.of(FileKind::Workflow) {
        source.read(findings, |root, findings| workflow::read(root, &source.name, findings))?;
    }
    for source in folder.of(FileKind::MatchingRule) {
        source.read(findings, |root, findings| duplicate::matching(root, &source.name, findings))?;
    }
    // After the matching rules, which they name.
    for source in folder.of(FileKind::DuplicateRule) {
        source.read(findings, |root, findings| duplicate::read(root, &source.name, findings))?;
    }
    duplicate::sort(&mut findings.rules);
    for source in folder.of(FileKind::Flow) {
        source.read(findings, |root, findings| flow::read(root, &source.name, findings))?;
    }
    for source in folder.of(FileKind::Trigger) {
        apex::read(source, findings)?;
    }
    for source in folder.of(FileKind::CustomMetadata) {
        source.read(findings, |root, findings| stored::record(root, &source.name, findings))?;
    }
    for source in folder.of(FileKind::Labels) {
        source.read(findings, |root, findings| {
            stored::labels(root, findings);
            Ok(())
        })?;
    }
    Ok(())
}

/// Reads the rules that an older `.object` file holds itself.
pub(crate) fn of_object(object: &str, root: Element<'_>, findings: &mut Findings) -> Result<(), OrgError> {
    for rule in root.children("validationRules") {
        let name = rule.text("fullName").unwrap_or_default();
        validation::read(rule, object, &name, findings)?;
    }
    for record_type in root.children("recordTypes") {
        let name = record_type.text("fullName").unwrap_or_default();
        record_type::read(record_type, object, &name, findings)?;
    }
    Ok(())
}

fn object_of(source: &Source, findings: &mut Findings) -> Option<String> {
    let object = source.object();
    if object.is_none() {
        let message = "not read: it lies in objects/<Object>/<kind>/, this file does not";
        findings.warnings.push(source.warning(message));
    }
    object
}

/// Place of what `element` describes, at its first line.
pub(super) fn place(element: Element<'_>) -> Place {
    Place { file: element.file().to_string(), line: element.line() }
}

/// Place of what `element` describes, at the text of its child `formula`.
pub(super) fn formula_place(element: Element<'_>, formula: &str) -> Place {
    let line = element.child(formula).map_or_else(|| element.line(), |formula| formula.text_line());
    Place { file: element.file().to_string(), line }
}

/// A rule with a name that only one rule can have.
pub(super) trait Named {
    /// What it is, as shown.
    const KIND: &'static str;

    /// Its object and its own name.
    fn name(&self) -> (&str, &str);

    fn place(&self) -> &Place;
}

/// Adds a rule. Of two with the same name, as in the folders of two packages, the later is used.
pub(super) fn add<T: Named>(
    rules: &mut Vec<T>,
    rule: T,
    element: Element<'_>,
) -> Option<crate::org::Warning> {
    let (object, name) = rule.name();
    let same = |known: &T| {
        let (known_object, known_name) = known.name();
        known_object.eq_ignore_ascii_case(object) && known_name.eq_ignore_ascii_case(name)
    };
    let Some(known) = rules.iter_mut().find(|known| same(known)) else {
        rules.push(rule);
        return None;
    };
    let first = &known.place().file;
    let message =
        format!("{} {object}.{name} is defined again (first in {first}); this definition is used", T::KIND);
    *known = rule;
    Some(element.warning(message))
}

macro_rules! named {
    ($($rule:ty, $kind:literal, $name:ident;)*) => {
        $(impl Named for $rule {
            const KIND: &'static str = $kind;

            fn name(&self) -> (&str, &str) {
                (&self.object, &self.$name)
            }

            fn place(&self) -> &Place {
                &self.place
            }
        })*
    };
}

named! {
    ValidationRule, "validation rule", name;
    LookupFilter, "lookup filter", field;
    WorkflowRule, "workflow rule", name;
    DuplicateRule, "duplicate rule", name;
    MatchingRule, "matching rule", name;
    RecordType, "record type", name;
    RollUp, "roll-up summary", field;
}

impl Findings {
    /// Reports a rule whose effect is not known.
    pub fn unknown(
        &mut self,
        kind: &str,
        name: String,
        object: Option<&str>,
        reason: impl Into<String>,
        file: &str,
    ) {
        self.rules.unknown.push(UnknownRule {
            kind: kind.to_string(),
            name,
            object: object.map(str::to_string),
            reason: reason.into(),
            file: file.to_string(),
        });
    }
}
