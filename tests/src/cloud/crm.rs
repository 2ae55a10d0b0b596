//! The CRM of a deployed stack: the sandbox as a program of its own, which can be stopped and started at the same port.

use std::io::{BufRead, BufReader};
use std::process::Child;

use serde_json::Value;

use crate::program::Workplace;
use crate::sample::{copy_org, mend_everything};

use super::http;
use super::processes::signal_id;

/// A running sandbox with a copy of the sample org.
pub struct LocalCrm {
    /// Its folder: the org, the records.
    pub workplace: Workplace,
    /// The folder of its org, where a test may mend it.
    pub org: String,
    /// Where it listens, and where it will when it was stopped.
    pub url: String,
    more: Vec<String>,
    child: Option<Child>,
}

impl LocalCrm {
    /// Starts one on a free port.
    pub fn start(more: &[&str]) -> Self {
        let workplace = Workplace::default();
        let org = copy_org(&workplace);
        let more = more.iter().map(|&word| word.to_owned()).collect();
        let mut crm = Self { workplace, org, url: "http://127.0.0.1:0".to_owned(), more, child: None };
        crm.resume();
        crm
    }

    /// One that holds what a local run of the program exported, without a halt: the org is mended.
    pub fn after_a_local_run(files: &[String]) -> Self {
        let workplace = Workplace::default();
        let org = copy_org(&workplace);
        mend_everything(&org);
        let mut arguments = vec!["export", "--json", "--org", &org];
        arguments.extend(files.iter().map(String::as_str));
        let ran = workplace.run(&arguments);
        assert_eq!(ran.status, 0, "{ran:?}");
        let mut crm =
            Self { workplace, org, url: "http://127.0.0.1:0".to_owned(), more: Vec::new(), child: None };
        crm.resume();
        crm
    }

    /// Starts it again, with what it holds.
    pub fn resume(&mut self) {
        let listen = self.url.strip_prefix("http://").expect("a URL").to_owned();
        let mut arguments = vec!["sandbox", "--json", "--org", &self.org, "--listen", &listen];
        arguments.extend(self.more.iter().map(String::as_str));
        let mut child = self.workplace.start(&arguments);
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("standard output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the sandbox says where it listens");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.url = said["url"].as_str().expect("a URL").to_owned();
        self.child = Some(child);
    }

    /// Ends it as a person does; connections are refused from then on.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        signal_id(child.id(), "-TERM");
        child.wait().expect("the child is ours");
    }

    /// Every record of an object with these fields, in the order of the external id.
    pub fn records(&self, object: &str, fields: &[String]) -> Vec<Value> {
        let mut records = Vec::new();
        let mut found = self.query(&format!("SELECT {} FROM {object} ORDER BY Ext__c", fields.join(", ")));
        loop {
            let page = found["records"].as_array().unwrap_or_else(|| panic!("no records: {found}"));
            records.extend(page.iter().cloned().map(without_attributes));
            let Some(next) = found["nextRecordsUrl"].as_str() else { return records };
            found = self.get(next);
        }
    }

    /// Every record of an object, with every field that does not tell when or under which id it was written.
    pub fn whole(&self, object: &str) -> Vec<Value> {
        let described = self.get(&format!("/services/data/v64.0/sobjects/{object}/describe"));
        let fields = described["fields"].as_array().unwrap_or_else(|| panic!("no fields: {described}"));
        let system =
            ["Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "CreatedById", "LastModifiedById"];
        let own = fields.iter().filter(|field| !system.iter().any(|name| field["name"] == *name));
        let selected = own.filter_map(|field| {
            let name = field["name"].as_str().map(str::to_owned);
            if field["type"] != "reference" {
                return name;
            }
            // A parent's id differs from one CRM to the next, its external id does not.
            let parent = field["referenceTo"].as_array().filter(|to| to.len() == 1)?.first()?;
            let ours = ["Account", "Contact", "Touchpoint__c"].iter().any(|object| parent == object);
            ours.then(|| format!("{}.Ext__c", field["relationshipName"].as_str().unwrap_or_default()))
        });
        self.records(object, &selected.collect::<Vec<String>>())
    }

    /// How many records an object has.
    pub fn count(&self, object: &str) -> u64 {
        let found = self.query(&format!("SELECT COUNT() FROM {object}"));
        found["totalSize"].as_u64().unwrap_or_else(|| panic!("no number: {found}"))
    }

    /// Asks it over its API.
    pub fn query(&self, soql: &str) -> Value {
        let escaped: String = soql.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.get(&format!("/services/data/v64.0/query?q={escaped}"))
    }

    fn get(&self, path: &str) -> Value {
        let address = self.url.strip_prefix("http://").expect("a URL");
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let client = b"grant_type=client_credentials&client_id=test&client_secret=test";
        let token = http::send(address, "POST", "/services/oauth2/token", &form, client).expect("it answers");
        let token = token.json()["access_token"].as_str().expect("a token").to_owned();
        let answer = http::send(address, "GET", path, &[("Authorization", &format!("Bearer {token}"))], b"");
        let answer = answer.expect("it answers");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}

/// A record without what Salesforce tells of its address, which has an id in it.
fn without_attributes(mut record: Value) -> Value {
    if let Value::Object(members) = &mut record {
        members.remove("attributes");
        members.values_mut().for_each(|value| *value = without_attributes(value.take()));
    }
    record
}

impl Drop for LocalCrm {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
