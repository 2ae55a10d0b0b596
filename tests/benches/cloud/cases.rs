//! The three cases: what was sent, what refused it, and what was counted by the time that all was settled.

use serde_json::{Value, json};
use tests::cloud::{Deploy, Functions, LocalCloud, LocalCrm, Proxy, Stack, eventually};

/// A case.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// Every so many-th record is refused.
    refused_every: Option<usize>,
    /// The setting.
    pause: bool,
}

/// All of them.
pub const ALL: [Case; 3] = [
    Case { name: "nothing failing", refused_every: None, pause: true },
    Case { name: "1 % failing, pause off", refused_every: Some(100), pause: false },
    Case { name: "pause on, halted at the first tenth, mended, drained", refused_every: None, pause: true },
];

/// What was counted.
#[derive(Debug, Default)]
pub struct Counts {
    pub sqs_units: u64,
    pub invocations: u64,
    /// What the invocations took, without the CRM's part: that is measured with a CRM that answers at once.
    pub own_seconds: f64,
    pub write_units: f64,
    pub read_units: f64,
    pub events: u64,
    pub bytes_logged: u64,
    pub crm_calls: u64,
    pub exported: u64,
    pub open_errors: u64,
}

/// Runs a case on a local cloud of its own.
pub fn run(case: &Case, functions: &Functions, records: usize) -> Counts {
    let halts = case.pause && case.name.starts_with("pause");
    let fault = format!("INACTIVE_OWNER_OR_USER:Account.Ext__c=A-{:07},first=4", records / 10);
    let faults = ["--fault", fault.as_str()];
    let crm = LocalCrm::start(if halts { &faults } else { &[] });
    let mut proxy = None;
    let cloud = LocalCloud::start_with(|address| {
        let started = Proxy::start(address);
        let endpoint = started.endpoint();
        proxy = Some(started);
        endpoint
    });
    let proxy = proxy.expect("the local cloud was told an endpoint");
    let stack = Stack::deploy(&cloud, functions, &crm, Deploy::Sam);
    stack.connect();
    if !case.pause {
        let off = ["settings", "set", "pauseOnExportErrors=false", "--accept-data-inconsistency"];
        assert_eq!(stack.run(&off).status, 0);
    }
    let (before, stack) = (proxy.seen(), stack.seen_from(&proxy.endpoint()));
    stack.send_lines("many.ndjson", &lines(case, records));
    let sent = proxy.seen();
    let settled = || {
        let queued = cloud.aws().queue_length(stack.output("QueueUrl"));
        let table = tests::cloud::Table::scan(&cloud.aws(), stack.output("TableName"));
        (queued, table.parked("acme", "Account").len())
    };
    eventually("all is settled", settled, |left| *left == (0, 0));
    let seen = proxy.seen();

    let logged = logged(&stack);
    let table = tests::cloud::Table::scan(&cloud.aws(), stack.output("TableName"));
    let messages = (sent.sqs_units - before.sqs_units).max(1);
    Counts {
        // Sending, receiving the same bytes again, and one delete for each batch.
        sqs_units: messages * 2 + logged.batches,
        invocations: logged.invocations,
        own_seconds: logged.seconds,
        write_units: seen.write_units - before.write_units,
        read_units: seen.read_units - before.read_units,
        events: seen.count("AWSEvents.PutEvents") - before.count("AWSEvents.PutEvents"),
        bytes_logged: logged.bytes,
        crm_calls: table.calls(),
        exported: crm.count("Account"),
        open_errors: table.open_errors("acme", "Account").len() as u64,
    }
}

/// Records of 1 KB. Those that are refused lack a name, which is required.
fn lines(case: &Case, records: usize) -> Vec<String> {
    let (street, description) = ("x".repeat(240), "y".repeat(560));
    let line = |n: usize| {
        let refused = case.refused_every.is_some_and(|every| n.is_multiple_of(every));
        let name = if refused { Value::Null } else { json!(format!("Name {n}")) };
        let fields = json!({
            "Name": name, "BillingStreet": street, "Description": description, "BillingCity": "Oslo", "Tier__c": "Gold",
            "NumberOfEmployees": n % 5000,
        });
        json!({ "object": "Account", "externalId": { "field": "Ext__c", "value": format!("A-{n:07}") }, "fields": fields })
            .to_string()
    };
    (1..=records).map(line).collect()
}

/// What the function's log says.
#[derive(Default)]
struct Logged {
    invocations: u64,
    batches: u64,
    seconds: f64,
    bytes: u64,
}

/// Reads the whole log. Lambda's own lines (START, END, REPORT) are not kept on AWS: the template's system log level is WARN.
fn logged(stack: &Stack) -> Logged {
    let mut logged = Logged::default();
    for event in stack.logged("export") {
        event.lines().for_each(|line| logged.line(line));
    }
    // Ticks of the schedule read what waits; each other invocation is a batch.
    logged.batches = logged.invocations;
    logged
}

impl Logged {
    fn line(&mut self, line: &str) {
        if let Some(report) = line.strip_prefix("REPORT ") {
            self.invocations += 1;
            let milliseconds = report.split("Duration: ").nth(1).and_then(|rest| rest.split(' ').next());
            self.seconds += milliseconds.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1000.0;
        } else if !line.starts_with("START ") && !line.starts_with("END ") {
            self.bytes += line.len() as u64 + 1;
        }
    }
}
