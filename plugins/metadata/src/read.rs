//! Reads an org folder from beginning to end: files, value sets, objects and fields, rules, then the
//! export user.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::OrgError;
use crate::folder::{FileKind, Folder};
use crate::object;
use crate::org::{Org, Warning};
use crate::picklist::ValueSets;
use crate::rule_files;
use crate::rules::RuleSet;
use crate::user;

/// What reading a folder has to say besides the model itself.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub warnings: Vec<Warning>,
    pub rules: RuleSet,
    /// Lower-cased names of objects of which only a part is known.
    pub undescribed: BTreeSet<String>,
}

impl Findings {
    /// Adds a warning about a whole file.
    pub fn warn_file(&mut self, file: String, message: String) {
        self.warnings.push(Warning { file, line: 0, message });
    }
}

impl Org {
    /// Reads the org folder `dir`: Salesforce metadata in source format or the older form or both, at any depth, and
    /// `export-user.json` at its root.
    ///
    /// The same folder always gives the same org, ids' key prefixes included. The standard objects are always there.
    ///
    /// # Errors
    /// [`OrgError`] when the folder is missing or holds no metadata, a file in it is broken (XML, UTF-8, a bad number),
    /// or `export-user.json` names a permission set that is not there. Everything else that cannot be used is a
    /// [`Warning`].
    pub fn read(dir: &Path) -> Result<Org, OrgError> {
        let mut findings = Findings::default();
        let folder = Folder::open(dir, &mut findings)?;
        for source in folder.of(FileKind::PermissionSetPart) {
            let message =
                "not read: permission sets in parts are not understood; retrieve them as one file each";
            findings.warnings.push(source.warning(message));
        }
        let sets = ValueSets::read(&folder, &mut findings)?;
        let objects = object::read(&folder, &sets, &mut findings)?;
        rule_files::of_files(&folder, &mut findings)?;
        let user = user::read(&folder, &objects, &mut findings)?;
        let Findings { warnings, rules, undescribed } = findings;
        let unchecked = rules.unknown.clone();
        Ok(Org { objects, user, rules, warnings, unchecked, undescribed })
    }
}
