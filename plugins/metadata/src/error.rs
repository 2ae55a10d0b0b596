//! Why an org folder cannot be read: one error type, always naming the file and what to do about it.
//!
//! What can be read past is not an error; it is a [`crate::org::Warning`].

/// The folder cannot be used until a person has looked at `file`. Its text fits after "failed to".
#[derive(Debug, thiserror::Error)]
#[error("read {file}{kind}")]
pub struct OrgError {
    /// The file, relative to the org folder; the folder itself when no one file is to blame.
    pub file: String,
    /// What is wrong with it.
    pub kind: OrgErrorKind,
}

/// What is wrong with the file of an [`OrgError`]. Lines and columns start at 1.
#[derive(Debug, thiserror::Error)]
pub enum OrgErrorKind {
    /// The folder is not there.
    #[error(": there is no such folder; give the folder that `sf project retrieve` wrote")]
    MissingFolder,
    /// A file was given where the folder is meant.
    #[error(": it is a file; give the folder that holds the org's metadata")]
    NotAFolder,
    /// The folder holds no metadata of any kind that is read.
    #[error(
        ": it holds no Salesforce metadata (no *.object-meta.xml, *.field-meta.xml, *.object, *.profile, ...); \
         give the folder that `sf project retrieve` wrote"
    )]
    NoMetadata,
    /// The operating system refused.
    #[error(": {0}; check that the file exists and may be read")]
    Unreadable(#[source] std::io::Error),
    /// Not UTF-8.
    #[error(", line {line}: it is not UTF-8; save it as UTF-8")]
    NotUtf8 {
        /// Where the first bad byte is.
        line: u32,
    },
    /// Not well-formed XML.
    #[error(", line {line}, column {column}: broken XML: {reason}; correct the file or retrieve it again")]
    BrokenXml {
        /// Where the parser stopped.
        line: u32,
        /// Where the parser stopped, in characters.
        column: u32,
        /// The parser's words.
        reason: String,
    },
    /// A value that cannot be what its element says.
    #[error(", line {line}: <{element}> is \"{found}\"; give {expected}")]
    BadValue {
        /// Line of the element.
        line: u32,
        /// The element's name.
        element: String,
        /// Its text.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// `export-user.json` is not the JSON that is expected.
    #[error(
        ", line {line}, column {column}: {reason}; it takes username, profile, permissionSets, fields, profileFields, \
         userRole, organization and setup"
    )]
    BadUser {
        /// Where the parser stopped.
        line: usize,
        /// Where the parser stopped.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// `export-user.json` names a permission set that is not in the folder.
    #[error(
        ": permission set \"{name}\" is not in the folder; add its file, correct the name or remove it here"
    )]
    UnknownPermissionSet {
        /// As written in the file.
        name: String,
    },
}
