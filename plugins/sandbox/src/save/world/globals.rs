//! `$User`, `$Profile`, `$Permission` and the other globals: what the org folder says, and the ids that the sandbox makes
//! up.

use formula::{Lookup, Value as Seen};
use metadata::Org;

use crate::system::{ORGANIZATION_ID, PROFILE_ID, USER_ID};

/// The value of a global that does not depend on the record.
pub fn global(org: &Org, path: &str) -> Lookup {
    let own = [
        ("$User.Id", USER_ID),
        ("$User.ProfileId", PROFILE_ID),
        ("$Profile.Id", PROFILE_ID),
        ("$Organization.Id", ORGANIZATION_ID),
    ];
    let said = metadata::global(org, path);
    if let Some(Lookup::Known(value)) = said {
        return Lookup::Known(value);
    }
    match own.iter().find(|(name, _)| name.eq_ignore_ascii_case(path)) {
        Some((_, id)) => Lookup::Known(Seen::text(&id[..15])),
        None => said.unwrap_or_else(|| Lookup::Unknown("it is not known locally".to_owned())),
    }
}
