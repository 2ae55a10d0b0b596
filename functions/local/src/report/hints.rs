//! What to do about a hold, in the words of whoever must do it, with commands that can be copied as they are.

use std::path::Path;

use domain::codes::Class;
use domain::job::{RefusedRecord, Suspension};
use domain::nested::Nested;
use domain::{AccountName, CrmError, Refusal};
use jobs::crm::own_code;

use crate::args::Global;
use crate::paths::shown;
use crate::queue::Target;

/// How commands are written here, and where records go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// The program as it was called.
    pub(crate) program: String,
    /// The options that another command needs too: ` --db x.db`.
    pub(crate) options: String,
    /// Where records go, when that is known.
    pub(crate) target: Option<Target>,
    /// The secret with the CRM's credentials, of a deployed stack; otherwise they come from the environment.
    pub(crate) secret: Option<String>,
}

/// The parent that a record names by an external id which the CRM does not know (reference §3.1, `INVALID_FIELD`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingParent {
    /// Its object.
    pub(crate) object: String,
    /// Its external id's value.
    pub(crate) value: String,
}

impl MissingParent {
    /// Reads the CRM's message: `Foreign key external ID: C-1 not found for field Ext__c in entity Contact`.
    pub(crate) fn read(message: &str) -> Option<Self> {
        let (value, rest) =
            message.strip_prefix("Foreign key external ID: ")?.split_once(" not found for field ")?;
        let (_, object) = rest.split_once(" in entity ")?;
        Some(Self { object: object.trim().to_owned(), value: value.to_owned() })
    }
}

impl Hints {
    /// For a program that was called like this.
    pub(crate) fn new(called: &str, account: &str, db: &Path) -> Self {
        let mut options = String::new();
        if account != "local" {
            options.push_str(&format!(" --account {account}"));
        }
        if db != Path::new("crm-export.db") {
            options.push_str(&format!(" --db {}", quoted(&shown(db))));
        }
        Self { program: program(called), options, ..Self::default() }
    }

    /// For a program that works on a deployed stack, or its table.
    pub(crate) fn deployed(
        called: &str,
        account: &AccountName,
        global: &Global,
        secret: Option<&str>,
    ) -> Self {
        let mut options = String::new();
        let deployed = &global.deployed;
        // A stack says itself whose it is.
        let account = deployed.table.is_some().then_some(account.as_str());
        for (name, value) in [
            ("stack", deployed.stack.as_deref()),
            ("table", deployed.table.as_deref()),
            ("account", account),
            ("crm", global.crm.as_deref()),
            ("region", deployed.region.as_deref()),
            ("profile", deployed.profile.as_deref()),
            ("endpoint-url", deployed.endpoint_url.as_deref()),
        ] {
            if let Some(value) = value {
                options.push_str(&format!(" --{name} {}", quoted(value)));
            }
        }
        Self { program: program(called), options, target: None, secret: secret.map(str::to_owned) }
    }

    /// A command to copy.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("{} {words}{}", self.program, self.options)
    }

    /// What must be mended before a refused record of the job of `object` can pass. `waiting` are the objects whose jobs
    /// have records waiting.
    pub(super) fn mend(&self, held: &RefusedRecord, object: &str, waiting: &[&str]) -> String {
        if let Some(parent) = MissingParent::read(&held.message) {
            let MissingParent { object: of, value } = &parent;
            let waits = waiting.iter().any(|waiting| waiting.eq_ignore_ascii_case(of));
            return if waits && of.eq_ignore_ascii_case(object) {
                format!(
                    "its parent {of} {value} may come later in this very job: let it pass, the daily retry exports it then"
                )
            } else if waits {
                format!(
                    "its parent {of} {value} may wait in CRMExport_{of}: mend that job, this one goes on by itself"
                )
            } else {
                format!("its parent {of} {value} is not in the CRM: export it, or create it there")
            };
        }
        let fields: Vec<&str> = held.fields.iter().map(String::as_str).collect();
        let error = CrmError::new(held.crm_code.clone(), held.message.clone(), &fields);
        let class = Refusal::new(vec![error]).class;
        let place = self.place();
        let named = |what: &str| match held.fields.as_slice() {
            [] => what.to_owned(),
            fields => fields.join(", "),
        };
        match class {
            Class::Permission => {
                format!(
                    "the export user lacks a right: grant access to {} {place}",
                    named("the object or field")
                )
            }
            Class::Validation => {
                format!(
                    "a rule of the CRM refuses the record: correct what it names, or change the rule {place}"
                )
            }
            Class::Automation => match Nested::read(&held.message).and_then(|nested| nested.automation) {
                Some(name) => {
                    format!("`{name}`, an automation of the CRM, failed: have its owner mend it {place}")
                }
                None => format!("a trigger or flow of the CRM failed: have its owner mend it {place}"),
            },
            Class::Duplicate => {
                format!(
                    "another record has the same {}: merge or correct one of the two",
                    named("unique value")
                )
            }
            _ => match held.crm_code.as_str() {
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" => {
                    format!("the picklist {} does not have this value: add it {place}", named("field"))
                }
                "REQUIRED_FIELD_MISSING" => {
                    format!(
                        "{} must have a value: make it optional or give it a default {place}",
                        named("a field")
                    )
                }
                "STRING_TOO_LONG" | "NUMBER_OUTSIDE_VALID_RANGE" => {
                    format!("the value is too large for {}: widen the field {place}", named("its field"))
                }
                _ => format!("the value does not fit {}: change the field {place}", named("its field")),
            },
        }
    }

    /// What to do while the CRM is unavailable.
    pub(super) fn wait(&self, suspension: &Suspension) -> String {
        let code = suspension.code.as_str();
        let credentials = match &self.secret {
            Some(secret) => format!("check the credentials in the secret {secret}"),
            None => "check the credentials (CRM_EXPORT_CLIENT_ID and the like)".to_owned(),
        };
        match suspension.class {
            Class::Auth => return format!("{credentials} and the user's API access"),
            Class::Limit if code == own_code::DAILY_LIMIT_REACHED => {
                "the day's CRM calls are used up: wait for tomorrow, or raise the limit (settings set dailyCrmApiLimit=N)"
            }
            Class::Limit => "the CRM's limit is used up: wait, or have it raised",
            Class::Lock => "another process holds the record: this passes by itself",
            _ if code == own_code::CONNECTION_FAILED && suspension.message.contains("certificate") => {
                "the CRM's certificate is not trusted here: name its root certificate in CRM_EXPORT_CA_FILE"
            }
            _ if code == own_code::CONNECTION_FAILED && suspension.message.starts_with("the secret ") => return credentials,
            _ if code == own_code::CONNECTION_FAILED => "check that the CRM's address is right and can be reached from here",
            _ if code == own_code::SIGN_IN_FAILED => return credentials,
            _ => "the CRM is down or busy: this passes by itself",
        }
        .to_owned()
    }

    /// Where the CRM's metadata is changed.
    fn place(&self) -> String {
        match &self.target {
            Some(Target::Org(folder)) => format!("in the org folder {}", shown(folder)),
            _ => "in the CRM".to_owned(),
        }
    }
}

/// The program as a person here would call it.
fn program(called: &str) -> String {
    if called.contains('/') { shown(Path::new(called)) } else { "crm-export".to_owned() }
}

/// A word of a command line, in quotes when the shell would cut it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use domain::{Hold, Timestamp};

    use super::super::outcome::samples;
    use super::*;
    use crate::args::Cli;

    fn hints() -> Hints {
        Hints {
            target: Some(Target::Org("/org".into())),
            ..Hints::new("crm-export", "local", Path::new("crm-export.db"))
        }
    }

    #[test]
    fn commands_carry_the_options_they_need() {
        let check = |called: &str, account: &str, db: &str, command: &str| {
            assert_eq!(Hints::new(called, account, Path::new(db)).command("resume"), command);
        };
        check("crm-export", "local", "crm-export.db", "crm-export resume");
        check(
            "target/release/crm-export",
            "acme",
            "crm-export.db",
            "target/release/crm-export resume --account acme",
        );
        check("crm-export", "local", "/my data/x.db", "crm-export resume --db '/my data/x.db'");
    }

    #[test]
    fn commands_for_a_stack_lead_to_it() {
        let check = |line: &str, command: &str| {
            let words = format!("crm-export status {line}");
            let cli = Cli::try_parse_from(words.split_whitespace()).expect("fits");
            let account = AccountName::new("acme").expect("fits");
            assert_eq!(Hints::deployed("crm-export", &account, &cli.global, None).command("resume"), command);
        };
        check("--stack crm", "crm-export resume --stack crm");
        check(
            "--stack crm --region eu-west-1 --profile ops",
            "crm-export resume --stack crm --region eu-west-1 --profile ops",
        );
        check(
            "--table t --account acme --crm https://x --endpoint-url http://127.0.0.1:5566",
            "crm-export resume --table t --account acme --crm https://x --endpoint-url http://127.0.0.1:5566",
        );
    }

    #[test]
    fn each_cause_has_its_mend() {
        let check = |code: &str, message: &str, fields: &[&str], expected: &str| {
            let Some(Hold::RecordRefused(held)) =
                samples::paused(CrmError::new(code, message, fields)).status.hold
            else {
                panic!("paused at a record");
            };
            assert_eq!(hints().mend(&held, "Contact", &["Contact", "Lead"]), expected, "{code}");
        };
        check(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: Consent__c.",
            &["Consent__c"],
            "the export user lacks a right: grant access to Consent__c in the org folder /org",
        );
        check(
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Tier is needed",
            &[],
            "a rule of the CRM refuses the record: correct what it names, or change the rule in the org folder /org",
        );
        check(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "ns.Rollups: execution of AfterUpdate\n\ncaused by: System.NullPointerException: x",
            &[],
            "`ns.Rollups`, an automation of the CRM, failed: have its owner mend it in the org folder /org",
        );
        check(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "bad value for restricted picklist field: Partner",
            &["Segment__c"],
            "the picklist Segment__c does not have this value: add it in the org folder /org",
        );
        for (parent, expected) in [
            ("Account", "its parent Account a-1 is not in the CRM: export it, or create it there"),
            (
                "Lead",
                "its parent Lead a-1 may wait in CRMExport_Lead: mend that job, this one goes on by itself",
            ),
            (
                "Contact",
                "its parent Contact a-1 may come later in this very job: let it pass, the daily retry exports it then",
            ),
        ] {
            let message =
                format!("Foreign key external ID: a-1 not found for field Ext__c in entity {parent}");
            check("INVALID_FIELD", &message, &[], expected);
        }
        check(
            "DUPLICATE_VALUE",
            "duplicate value found: Email__c duplicates value on record with id: 003",
            &[],
            "another record has the same unique value: merge or correct one of the two",
        );
        check(
            "JSON_PARSER_ERROR",
            "x",
            &[],
            "the value does not fit its field: change the field in the org folder /org",
        );
    }

    #[test]
    fn waiting_has_a_reason() {
        let of_stack = Hints { secret: Some("crm/crm".to_owned()), ..hints() };
        let check = |hints: &Hints, code: &str, begins: &str| {
            let refusal = Refusal::new(vec![CrmError::new(code, "x", &[])]);
            let Hold::CrmUnavailable(suspension) =
                Hold::unavailable(&refusal, None, Timestamp::default(), Timestamp::default())
            else {
                panic!("suspended");
            };
            let text = hints.wait(&suspension);
            assert!(text.starts_with(begins), "{code}: {text}");
        };
        check(&hints(), "INVALID_SESSION_ID", "check the credentials");
        check(&hints(), own_code::CONNECTION_FAILED, "check that the CRM's address is right");
        check(&hints(), "SERVER_UNAVAILABLE", "the CRM is down");
        check(&hints(), "UNABLE_TO_LOCK_ROW", "another process");
        check(&of_stack, "INVALID_SESSION_ID", "check the credentials in the secret crm/crm and the user's");
        check(&of_stack, own_code::SIGN_IN_FAILED, "check the credentials in the secret crm/crm");
        check(&hints(), "REQUEST_LIMIT_EXCEEDED", "the day's CRM calls are used up");
    }
}
