//! Who the export user is: `export-user.json`, and which profile and permission sets of the folder are the user's.
//!
//! Metadata does not tell who has which permission set, so without that file the user has all of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use serde::Deserialize;

use crate::error::{OrgError, OrgErrorKind};
use crate::folder::{FileKind, Folder, Source};
use crate::org::{ExportUser, Object};
use crate::read::Findings;
use crate::rights::Grants;

const FILE: &str = "export-user.json";
/// Sign-in name when the file gives none.
const USERNAME: &str = "crm-export@org.invalid";

/// Profiles whose file has another name than the profile (Metadata API, "Profile").
const PROFILE_FILES: &[(&str, &str)] = &[
    ("System Administrator", "Admin"),
    ("Standard User", "Standard"),
    ("Read Only", "ReadOnly"),
    ("Marketing User", "MarketingProfile"),
    ("Contract Manager", "ContractManager"),
    ("Solution Manager", "SolutionManager"),
];

/// `export-user.json`. What it leaves out is as if the file were not there.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserFile {
    username: Option<String>,
    profile: Option<String>,
    permission_sets: Option<Vec<String>>,
    /// Fields of `$User`.
    #[serde(default)]
    fields: Fields,
    /// Fields of `$Profile`.
    #[serde(default)]
    profile_fields: Fields,
    /// Fields of `$UserRole`.
    #[serde(default)]
    user_role: Fields,
    /// Fields of `$Organization`.
    #[serde(default)]
    organization: Fields,
    /// `$Setup`: hierarchy custom settings as they are for the user, `{ "Bypass__c": { "Validation__c": true } }`.
    #[serde(default)]
    setup: BTreeMap<String, Fields>,
}

/// Values by API name, as in Salesforce's REST API.
type Fields = BTreeMap<String, serde_json::Value>;

/// Reads the export user of the folder and resolves the user's rights.
pub(crate) fn read(
    folder: &Folder,
    objects: &BTreeMap<String, Object>,
    findings: &mut Findings,
) -> Result<ExportUser, OrgError> {
    let file = user_file(folder)?;
    let profile = profile(folder, file.profile.as_deref(), findings);
    let assigned = assigned(folder, file.permission_sets.as_deref())?;

    let mut all = Grants::default();
    if let Some(source) = profile {
        all.add(grants(source, objects, findings)?);
    }
    let mut permission_sets: Vec<String> = Vec::new();
    for assignment in &assigned {
        let mut granted = Grants::default();
        let (sets, muting) = assignment.expand(folder, findings)?;
        for set in sets {
            granted.add(grants(set, objects, findings)?);
            if !permission_sets.contains(&set.name) {
                permission_sets.push(set.name.clone());
            }
        }
        for muting in muting {
            granted.mute(&grants(muting, objects, findings)?);
        }
        all.add(granted);
    }
    let restricted = profile.is_some() || !permission_sets.is_empty();
    let (record_types, default_record_types) = all.record_types();
    Ok(ExportUser {
        record_types,
        default_record_types,
        username: file.username.unwrap_or_else(|| USERNAME.to_string()),
        profile: profile.map(|source| shown_name(&source.name).to_string()).or(file.profile),
        permission_sets,
        custom_permissions: all.custom_permissions(),
        permissions_known: restricted || file.permission_sets.is_some(),
        fields: file.fields,
        profile_fields: file.profile_fields,
        role_fields: file.user_role,
        organization: file.organization,
        setup: file.setup,
        rights: restricted.then(|| all.into_rights(objects, profile.is_some())),
    })
}

fn user_file(folder: &Folder) -> Result<UserFile, OrgError> {
    let failed = |kind| OrgError { file: FILE.to_string(), kind };
    let text = match fs::read(folder.path.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(UserFile::default()),
        Err(error) => return Err(failed(OrgErrorKind::Unreadable(error))),
    };
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or(&reason).to_string();
        failed(OrgErrorKind::BadUser { line, column, reason })
    })
}

/// The file of the named profile; of the only one in the folder when none is named.
fn profile<'f>(folder: &'f Folder, name: Option<&str>, findings: &mut Findings) -> Option<&'f Source> {
    let unknown = "what a profile grants is not known";
    let Some(name) = name else {
        let profiles: Vec<_> = folder.of(FileKind::Profile).collect();
        if profiles.len() > 1 {
            let message = format!("names none of the folder's {} profiles: {unknown}", profiles.len());
            findings.warn_file(FILE.to_string(), message);
        }
        return profiles.first().copied().filter(|_| profiles.len() == 1);
    };
    let found = folder.of(FileKind::Profile).find(|source| {
        source.name.eq_ignore_ascii_case(name) || shown_name(&source.name).eq_ignore_ascii_case(name)
    });
    if found.is_none() {
        findings.warn_file(FILE.to_string(), format!("profile \"{name}\" is not in the folder: {unknown}"));
    }
    found
}

/// The profile that a file of this name holds.
fn shown_name(file: &str) -> &str {
    PROFILE_FILES.iter().find(|(_, name)| *name == file).map_or(file, |(shown, _)| shown)
}

/// A permission set or group that the user has.
enum Assignment<'f> {
    Set(&'f Source),
    Group(&'f Source),
}

fn assigned<'f>(folder: &'f Folder, names: Option<&[String]>) -> Result<Vec<Assignment<'f>>, OrgError> {
    let Some(names) = names else {
        return Ok(folder.of(FileKind::PermissionSet).map(Assignment::Set).collect());
    };
    let find = |name: &String| {
        let set = named(folder, FileKind::PermissionSet, name).map(Assignment::Set);
        let found = set.or_else(|| named(folder, FileKind::PermissionSetGroup, name).map(Assignment::Group));
        let unknown = || OrgErrorKind::UnknownPermissionSet { name: name.clone() };
        found.ok_or_else(|| OrgError { file: FILE.to_string(), kind: unknown() })
    };
    names.iter().map(find).collect()
}

impl<'f> Assignment<'f> {
    /// Its permission sets, and the muting permission sets that take away from them.
    fn expand(
        &self,
        folder: &'f Folder,
        findings: &mut Findings,
    ) -> Result<(Vec<&'f Source>, Vec<&'f Source>), OrgError> {
        let group = match self {
            Assignment::Set(set) => return Ok((vec![set], Vec::new())),
            Assignment::Group(group) => group,
        };
        let found = group.read(findings, |root, findings| {
            let mut find = |kind, element: &str| {
                let mut sources = Vec::new();
                for child in root.children(element) {
                    let name = child.own_text();
                    match named(folder, kind, &name) {
                        Some(source) => sources.push(source),
                        None => {
                            let message =
                                format!("{name} of group {} is not in the folder: not used", group.name);
                            findings.warnings.push(child.warning(message));
                        }
                    }
                }
                sources
            };
            let sets = find(FileKind::PermissionSet, "permissionSets");
            Ok((sets, find(FileKind::MutingPermissionSet, "mutingPermissionSets")))
        })?;
        Ok(found.unwrap_or_default())
    }
}

fn named<'f>(folder: &'f Folder, kind: FileKind, name: &str) -> Option<&'f Source> {
    folder.of(kind).find(|source| source.name.eq_ignore_ascii_case(name))
}

fn grants(
    source: &Source,
    objects: &BTreeMap<String, Object>,
    findings: &mut Findings,
) -> Result<Grants, OrgError> {
    let grants = source.read(findings, |root, findings| Grants::read(root, objects, findings))?;
    Ok(grants.unwrap_or_default())
}
