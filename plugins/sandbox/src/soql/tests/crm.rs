//! The small CRM that is asked, and how its answers are compared.

use metadata::org::Rights;
use rusqlite::Connection;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::super::run::{QueryAnswer, QueryOptions, run};
use crate::config::Database;
use crate::error::ApiError;
use crate::fixture;
use crate::reload::Loaded;
use crate::store::{Record, Store, open};
use crate::view::View;

/// A Monday, 10:00 UTC.
const NOW: i64 = 1_795_428_000;

pub struct Crm {
    connection: Connection,
    loaded: Loaded,
}

impl Crm {
    pub fn empty() -> Crm {
        let connection = open(&Database::Memory).unwrap();
        let loaded = Loaded::new(fixture::org(), Vec::new());
        let crm = Crm { connection, loaded };
        crate::system::seed(&crm.view().store, &crm.loaded.org, crm.view().now).unwrap();
        crm
    }

    pub fn new() -> Crm {
        let crm = Crm::empty();
        crm.add("Account", ACME, json!({"Name": "Acme", "Ext__c": "A-1", "Group__c": "north"}));
        crm.add("Account", BETA, json!({"Name": "beta", "Ext__c": "A-2", "Group__c": "North"}));
        crm.add("Account", GAMMA, json!({"Name": "Gamma 100%"}));
        crm.add("Contact", ANN, json!({
            "LastName": "Lee", "FirstName": "Ann", "Name": "Ann Lee", "Email": "ann@example.com", "AccountId": ACME,
            "Ext__c": "C-1", "Score__c": 7.5, "Active__c": true, "Day__c": "2026-11-22", "Rating__c": "Hot",
            "Interests__c": "A;B", "CreatedDate": "2026-11-23T09:00:00.000+0000",
        }));
        crm.add("Contact", BOB, json!({
            "LastName": "O'Neil", "FirstName": "Bob", "Name": "Bob O'Neil", "AccountId": ACME, "Ext__c": "C-2",
            "Score__c": 2.0, "Day__c": "2026-10-31", "Interests__c": "B", "CreatedDate": "2026-11-22T23:59:59.000+0000",
        }));
        crm.add(
            "Contact",
            CYD,
            json!({"LastName": "lee", "Name": "lee", "AccountId": BETA, "Ext__c": "C-3"}),
        );
        crm.add("Contact", GONE, json!({"LastName": "Gone", "Ext__c": "C-9", "IsDeleted": true}));
        crm.add(
            "Touchpoint__c",
            TOUCH,
            json!({"Name": "TP-0001", "Ext__c": "T-1", "Type__c": "Web", "Contact__c": ANN}),
        );
        crm
    }

    pub fn view(&self) -> View<'_> {
        View {
            org: &self.loaded.org,
            store: Store::new(&self.connection, &self.loaded.plan),
            now: OffsetDateTime::from_unix_timestamp(NOW).unwrap(),
            version: 59,
            rules: &self.loaded.rules,
            watch: fixture::watch(),
            allow_duplicates: false,
        }
    }

    pub fn add(&self, object: &str, id: &str, fields: Value) {
        let Value::Object(mut fields) = fields else { panic!("an object") };
        fields.insert("Id".into(), id.into());
        let deleted = fields.get("IsDeleted") == Some(&json!(true));
        self.view()
            .store
            .insert(&Record { id: id.into(), object: object.to_lowercase(), deleted, fields })
            .unwrap();
    }

    pub fn run(&self, soql: &str) -> Result<QueryAnswer, ApiError> {
        run(&self.view(), soql, QueryOptions::default())
    }

    /// Last names of the contacts, or the error's code.
    pub fn names(&self, condition: &str) -> String {
        match self.run(&format!("SELECT LastName FROM Contact {condition}")) {
            Ok(answer) => {
                let names = answer.records.iter().map(|record| record["LastName"].as_str().unwrap_or("-"));
                names.collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.errors[0].code.clone(),
        }
    }

    pub fn restrict(&mut self, rights: Rights) {
        std::sync::Arc::make_mut(&mut self.loaded.org).user.rights = Some(rights);
    }
}

pub const ACME: &str = "001SB0000000001YAA";
pub const BETA: &str = "001SB0000000002YAA";
pub const GAMMA: &str = "001SB0000000003YAA";
pub const ANN: &str = "003SB0000000001YAA";
pub const BOB: &str = "003SB0000000002YAA";
pub const CYD: &str = "003SB0000000003YAA";
pub const GONE: &str = "003SB0000000004YAA";
pub const TOUCH: &str = "a01SB0000000001YAA";

pub fn attributes(object: &str, id: &str) -> Value {
    json!({"type": object, "url": format!("/services/data/v59.0/sobjects/{object}/{id}")})
}

#[track_caller]
pub fn check(crm: &Crm, soql: &str, expected: Value) {
    let answer = crm.run(soql).map(|answer| answer.to_json().to_string());
    assert_eq!(answer.map_err(|error| error.to_json().to_string()), Ok(expected.to_string()), "{soql}");
}

#[track_caller]
pub fn check_refused(crm: &Crm, soql: &str, code: &str, message: &str) {
    let error = crm.run(soql).map(|answer| answer.to_json()).unwrap_err();
    let expected = json!([{"message": message, "errorCode": code}]);
    assert_eq!((error.status, error.to_json()), (400, expected), "{soql}");
}
