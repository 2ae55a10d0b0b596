//! Finds the metadata files of an org folder, wherever in it they lie, and reads their text.
//!
//! A file is known by its ending, `Status__c.field-meta.xml` as well as the older `Contact.object`. Kinds of metadata
//! that say nothing about saving a record (layouts, reports, ...) are not opened at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::error::{OrgError, OrgErrorKind};
use crate::org::Warning;
use crate::read::Findings;
use crate::xml::{self, Element};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Object,
    Field,
    GlobalValueSet,
    StandardValueSet,
    Profile,
    PermissionSet,
    PermissionSetGroup,
    MutingPermissionSet,
    ValidationRule,
    RecordType,
    Flow,
    Workflow,
    DuplicateRule,
    MatchingRule,
    Trigger,
    CustomMetadata,
    Labels,
    /// A part of a permission set in the "decomposed" source format.
    PermissionSetPart,
}

/// Ending of a file's name, its kind, and the root element that it must have (none for Apex code).
const KINDS: &[(&str, FileKind, &str)] = &[
    ("object", FileKind::Object, "CustomObject"),
    ("field", FileKind::Field, "CustomField"),
    ("globalValueSet", FileKind::GlobalValueSet, "GlobalValueSet"),
    ("standardValueSet", FileKind::StandardValueSet, "StandardValueSet"),
    ("profile", FileKind::Profile, "Profile"),
    ("permissionset", FileKind::PermissionSet, "PermissionSet"),
    ("permissionsetgroup", FileKind::PermissionSetGroup, "PermissionSetGroup"),
    ("mutingpermissionset", FileKind::MutingPermissionSet, "MutingPermissionSet"),
    ("validationRule", FileKind::ValidationRule, "ValidationRule"),
    ("recordType", FileKind::RecordType, "RecordType"),
    ("flow", FileKind::Flow, "Flow"),
    ("workflow", FileKind::Workflow, "Workflow"),
    ("duplicateRule", FileKind::DuplicateRule, "DuplicateRule"),
    ("matchingRule", FileKind::MatchingRule, "MatchingRules"),
    ("trigger", FileKind::Trigger, "ApexTrigger"),
    ("md", FileKind::CustomMetadata, "CustomMetadata"),
    ("labels", FileKind::Labels, "CustomLabels"),
    ("objectSettings", FileKind::PermissionSetPart, ""),
    ("objectPermission", FileKind::PermissionSetPart, ""),
];

/// One metadata file.
#[derive(Debug)]
pub(crate) struct Source {
    pub kind: FileKind,
    /// Its name without endings, URL-decoded: `Status__c`, `Account.Org no`.
    pub name: String,
    /// Relative to the org folder, with `/`.
    pub file: String,
    root: &'static str,
    path: PathBuf,
}

/// Kinds of which a whole file stands for one name; of two files with the same name the later is used.
/// (Objects are put together from many files; of rules the object is a part of the name.)
const ONE_FILE_EACH: &[FileKind] = &[
    FileKind::GlobalValueSet,
    FileKind::StandardValueSet,
    FileKind::Profile,
    FileKind::PermissionSet,
    FileKind::PermissionSetGroup,
    FileKind::MutingPermissionSet,
];

/// The metadata files of an org folder, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Folder {
    pub path: PathBuf,
    sources: Vec<Source>,
}

impl Folder {
    /// Lists the folder. Hidden folders, `node_modules` and links to folders are passed over.
    pub fn open(path: &Path, findings: &mut Findings) -> Result<Folder, OrgError> {
        let failed = |kind| Err(OrgError { file: path.display().to_string(), kind });
        if !path.exists() {
            return failed(OrgErrorKind::MissingFolder);
        }
        if !path.is_dir() {
            return failed(OrgErrorKind::NotAFolder);
        }
        let mut sources = Vec::new();
        walk(path, "", &mut sources)?;
        if sources.is_empty() {
            return failed(OrgErrorKind::NoMetadata);
        }
        Ok(Folder { path: path.to_path_buf(), sources: without_overruled(sources, findings) })
    }

    /// The files of this kind, of [`ONE_FILE_EACH`] no two with the same name.
    pub fn of(&self, kind: FileKind) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| source.kind == kind)
    }
}

fn walk(dir: &Path, relative: &str, sources: &mut Vec<Source>) -> Result<(), OrgError> {
    let unreadable = |error| {
        let file = if relative.is_empty() { dir.display().to_string() } else { relative.to_string() };
        OrgError { file, kind: OrgErrorKind::Unreadable(error) }
    };
    let mut entries =
        fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let file = if relative.is_empty() { name.clone() } else { format!("{relative}/{name}") };
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if !name.starts_with('.') && name != "node_modules" {
                walk(&entry.path(), &file, sources)?;
            }
        } else if let Some(source) = classify(entry.path(), &name, file) {
            sources.push(source);
        }
    }
    Ok(())
}

fn without_overruled(sources: Vec<Source>, findings: &mut Findings) -> Vec<Source> {
    let mut last: BTreeMap<String, Source> = BTreeMap::new();
    let mut kept = Vec::new();
    for source in sources {
        if !ONE_FILE_EACH.contains(&source.kind) {
            kept.push(source);
            continue;
        }
        let key = format!("{:?} {}", source.kind, source.name.to_ascii_lowercase());
        let file = source.file.clone();
        if let Some(first) = last.insert(key, source) {
            findings
                .warnings
                .push(first.warning(format!("not used: {file} has the same name and comes later")));
        }
    }
    kept.extend(last.into_values());
    kept.sort_by(|a, b| a.file.cmp(&b.file));
    kept
}

fn classify(path: PathBuf, name: &str, file: String) -> Option<Source> {
    let described = name.strip_suffix("-meta.xml");
    let (name, ending) = described.unwrap_or(name).rsplit_once('.')?;
    let (_, kind, root) = KINDS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(ending))?;
    let code = *kind == FileKind::Trigger && described.is_none();
    if code && Path::new(&format!("{}-meta.xml", path.display())).exists() {
        return None;
    }
    // Without this, a README.md would be one.
    if *kind == FileKind::CustomMetadata && described.is_none() && !file.contains("customMetadata/") {
        return None;
    }
    let root = if code { "" } else { root };
    Some(Source { kind: *kind, name: decoded(name), file, root, path })
}

/// Names are URL-encoded in paths when they hold special characters, and in some files too.
pub(crate) fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

impl Source {
    /// API name of the object that a file in `objects/<Object>/<kind>/` belongs to.
    pub fn object(&self) -> Option<String> {
        self.file.rsplit('/').nth(2).map(decoded)
    }

    /// Whether it is Apex code that no `-meta.xml` describes.
    pub fn is_code(&self) -> bool {
        self.root.is_empty()
    }

    /// The Apex code, when it is there; what is not UTF-8 in it is replaced.
    pub fn code(&self) -> Option<String> {
        let path = self.path.to_string_lossy();
        let code = fs::read(path.strip_suffix("-meta.xml").unwrap_or(&path)).ok()?;
        Some(String::from_utf8_lossy(&code).into_owned())
    }

    /// A warning about the whole file.
    pub fn warning(&self, message: impl Into<String>) -> Warning {
        Warning { file: self.file.clone(), line: 0, message: message.into() }
    }

    /// Parses the file and hands its root element to `take`; `None`, with a warning, when it holds something else.
    pub fn read<T>(
        &self,
        findings: &mut Findings,
        take: impl FnOnce(Element<'_>, &mut Findings) -> Result<T, OrgError>,
    ) -> Result<Option<T>, OrgError> {
        let text = self.text()?;
        xml::read(&self.file, text.strip_prefix('\u{feff}').unwrap_or(&text), |root| {
            if root.name() == self.root {
                return take(root, findings).map(Some);
            }
            let message = format!("not read: its root element is <{}>, not <{}>", root.name(), self.root);
            findings.warnings.push(root.warning(message));
            Ok(None)
        })
    }

    fn text(&self) -> Result<String, OrgError> {
        let failed = |kind| OrgError { file: self.file.clone(), kind };
        let bytes = fs::read(&self.path).map_err(|error| failed(OrgErrorKind::Unreadable(error)))?;
        String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let lines = good.iter().filter(|byte| **byte == b'\n').count();
            failed(OrgErrorKind::NotUtf8 { line: u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: Option<(FileKind, &str, Option<&str>)>) {
        let name = file.rsplit('/').next().unwrap();
        let found = classify(PathBuf::from(file), name, file.to_string());
        let found = found.as_ref().map(|source| (source.kind, source.name.clone(), source.object()));
        let expected =
            expected.map(|(kind, name, object)| (kind, name.to_string(), object.map(str::to_string)));
        assert_eq!(found, expected, "{file}");
    }

    #[test]
    fn files_are_known_by_their_ending() {
        use FileKind as K;
        let app = "force-app/main/default";
        check(&format!("{app}/objects/A/A.object-meta.xml"), Some((K::Object, "A", Some("objects"))));
        check(
            &format!("{app}/objects/A__c/fields/B__c.field-meta.xml"),
            Some((K::Field, "B__c", Some("A__c"))),
        );
        check("objects/Contact.object", Some((K::Object, "Contact", None)));
        check("profiles/Ops %26 Export%2E.profile", Some((K::Profile, "Ops & Export.", None)));
        check("permissionsets/P.permissionset-meta.xml", Some((K::PermissionSet, "P", None)));
        check("duplicateRules/A.No.duplicateRule-meta.xml", Some((K::DuplicateRule, "A.No", None)));
        check("triggers/T.trigger", Some((K::Trigger, "T", None)));
        check("customMetadata/Rule.A.md", Some((K::CustomMetadata, "Rule.A", None)));
        check("a/b/Rule.A%2EB.md-meta.xml", Some((K::CustomMetadata, "Rule.A.B", Some("a"))));
        check("labels/CustomLabels.labels-meta.xml", Some((K::Labels, "CustomLabels", None)));
        check("docs/README.md", None);
        check("layouts/A.layout-meta.xml", None);
        check("objects/A/A.object-meta.xml.orig", None);
        check("README", None);
    }
}
