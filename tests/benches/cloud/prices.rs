//! What AWS takes for what was counted: list prices of us-east-1 in US dollars, November 2026, before free tiers (reference
//! aws §8).

use crate::cases::Counts;

/// For a million: an SQS FIFO request of 64 KB, a Lambda request, a GB-second of an arm64 function, a write and a read unit of
/// DynamoDB, an event put on a bus of one's own.
const SQS: f64 = 0.50;
const REQUEST: f64 = 0.20;
const GB_SECOND: f64 = 13.3334;
const WRITE_UNIT: f64 = 0.625;
const READ_UNIT: f64 = 0.125;
const EVENT: f64 = 1.00;
/// For a GB of logs.
const LOGS: f64 = 0.50;

/// Memory of `export`.
const GB: f64 = 0.25;

/// How long a real CRM takes for a call of up to 200 records. The sandbox takes less; what the functions take themselves is
/// measured.
const CALL_SECONDS: f64 = 1.0;

/// Prints a case's counts and their cost, both for a million records.
pub fn print(name: &str, counts: &Counts, records: usize) {
    let million = 1_000_000.0 / records as f64;
    let gb_seconds = (counts.own_seconds + counts.crm_calls as f64 * CALL_SECONDS) * GB;
    let lines = [
        ("SQS requests, in units of 64 KB", counts.sqs_units as f64, SQS),
        ("Lambda invocations", counts.invocations as f64, REQUEST),
        ("Lambda GB-seconds (1 s a CRM call)", gb_seconds, GB_SECOND),
        ("DynamoDB write units", counts.write_units, WRITE_UNIT),
        ("DynamoDB read units", counts.read_units, READ_UNIT),
        ("events on the bus", counts.events as f64, EVENT),
        ("bytes logged", counts.bytes_logged as f64, LOGS / 1000.0),
        ("CRM calls", counts.crm_calls as f64, 0.0),
    ];
    println!("  {name}");
    let mut sum = 0.0;
    for (what, count, price) in lines {
        let dollars = count * million / 1e6 * price;
        sum += dollars;
        println!("    {what:<36} {:>14.0} {:>9}", count * million, format!("${dollars:.4}"));
    }
    println!("    {:<36} {:>14} {:>9}", "together", "", format!("${sum:.4}"));
    println!(
        "    ({} of {records} exported, {} open errors, {} ms of CPU and waiting of the functions' own a batch)",
        counts.exported,
        counts.open_errors,
        (counts.own_seconds * 1000.0 / counts.invocations.max(1) as f64).round()
    );
}
