//! What a million records cost on AWS, and how large and how quick to start the functions are. Prints it; nothing here is
//! a test.
//!
//!     cargo bench --profile dev -p tests --features cloud --bench cloud                  20,000 records a case
//!     cargo bench --profile dev -p tests --features cloud --bench cloud -- 100000
//!     cargo bench --profile dev -p tests --features cloud --bench cloud -- counts        without building packages
//!
//! This program's own profile is of no matter. The functions are built as `sam build` builds them, deployed onto the local cloud behind a proxy that counts, and given
//! records of 1 KB. What the local cloud asks of itself is counted by what AWS bills for the same: a batch is one receive
//! of all its bytes and one delete (`cases.rs`). It needs the tools that `tests/run cloud` installs.

mod cases;
mod prices;
mod start;

use tests::cloud::{Functions, NAMES, bootstraps};

fn main() {
    // Cargo adds words of its own.
    let records = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(20_000);
    let functions =
        if std::env::args().any(|word| word == "counts") { bootstraps().clone() } else { packages() };
    println!("counted at the local cloud with {records} records of 1 KB a case, and priced for a million");
    for case in &cases::ALL {
        let counts = cases::run(case, &functions, records);
        prices::print(case.name, &counts, records);
    }
}

/// Builds the packages, and prints their size and start.
fn packages() -> Functions {
    let packages = start::build();
    println!("package and start (spawn to the first `next`), {} runs of each in turn", start::RUNS);
    println!("  {:<10} {:>9} {:>9} {:>10} {:>10}", "", "bytes", "zip", "least, ms", "median, ms");
    for name in NAMES.iter().chain([&"bare"]) {
        let (least, median) = packages.starts[*name];
        let (bytes, zip) = packages.sizes[*name];
        println!("  {name:<10} {bytes:>9} {zip:>9} {least:>10.2} {median:>10.2}");
    }
    packages.functions
}
