//! The main job's numbers: records per second through the whole path, CRM calls and ledger writes per 1,000 records,
//! resident memory. Prints them; nothing here is a test.
//!
//!     cargo bench -p tests --bench export                  100,000 records
//!     cargo bench -p tests --bench export -- 1000000       the size of the README's table

mod counting;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tests::program::Workplace;
use tests::sample::copy_org;

fn main() {
    // Cargo adds words of its own.
    let records = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(100_000);
    counting::report();
    whole_path(records);
}

/// The program itself, built as the README's first command builds it, on a file of 1 KB records.
fn whole_path(records: u32) {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let file = workplace.path().join("many.ndjson");
    write_records(&file, records);
    let bytes = fs::metadata(&file).expect("the file is there").len();
    let program = release_program();
    let began = Clock::start();
    let mut child = Command::new(program)
        .args(["export", "--json", "--org", &org, "many.ndjson"])
        .current_dir(workplace.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::inherit())
        .spawn()
        .expect("the program starts");
    let mut peak_kib = 0;
    while child.try_wait().expect("the child is ours").is_none() {
        peak_kib = peak_kib.max(resident_peak_kib(child.id()));
        std::thread::sleep(Duration::from_millis(50));
    }
    let seconds = began.seconds();
    let output = child.wait_with_output().expect("it ended");
    let line = String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned();
    let answer: serde_json::Value = serde_json::from_str(&line).expect("the answer is JSON");
    let exported = answer["jobs"][0]["exported"].as_u64().expect("a number");
    let calls = answer["crmCalls"].as_f64().expect("a number");
    println!("whole path: file → queue → job → Salesforce client → loopback HTTP → sandbox on SQLite");
    println!("  records            {exported} of {records}, {} bytes each", bytes / u64::from(records));
    println!("  records per second {:.0}", f64::from(records) / seconds);
    println!("  CRM calls per 1,000 records {:.2}", calls * 1000.0 / f64::from(records));
    println!("  resident memory at most {} MiB (client, job and sandbox in one process)", peak_kib / 1024);
}

fn write_records(path: &Path, records: u32) {
    let mut file = BufWriter::new(File::create(path).expect("the file can be made"));
    let street = "x".repeat(240);
    let description = "y".repeat(560);
    for n in 0..records {
        let fields = format!(
            r#"{{"Name":"Name {n}","BillingStreet":"{street}","Description":"{description}","BillingCity":"Oslo","Tier__c":"Gold","NumberOfEmployees":{}}}"#,
            n % 5000
        );
        writeln!(
            file,
            r#"{{"object":"Account","externalId":{{"field":"Ext__c","value":"A-{n}"}},"fields":{fields}}}"#
        )
        .expect("the file can be written");
    }
}

fn release_program() -> std::path::PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "-p", "crm-export"])
        .current_dir(tests::source::repository())
        .status();
    assert!(built.expect("cargo runs").success());
    let bench = std::env::current_exe().expect("a bench has a path");
    bench.parent().and_then(Path::parent).expect("it lies in target/release/deps").join("crm-export")
}

/// `VmHWM` of a process; 0 where there is no /proc.
fn resident_peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Real time, which only a benchmark may read.
struct Clock(std::time::Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    fn start() -> Self {
        Self(std::time::Instant::now())
    }

    fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
