//! The functions as packages: their size, and the time from spawn to the first `next` of Lambda's Runtime API, beside a
//! function that does nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::cloud::{Functions, NAMES, Tool, bootstraps, succeed};
use tests::program::without_cargos_words;
use tests::source::repository;

/// How often each function is started.
pub const RUNS: usize = 25;

/// What was built.
pub struct Packages {
    /// For the stack: the three functions.
    pub functions: Functions,
    /// Bytes of the program, and of its zip.
    pub sizes: BTreeMap<String, (u64, u64)>,
    /// Milliseconds to the first `next`: least, median.
    pub starts: BTreeMap<String, (f64, f64)>,
}

/// Builds the functions with cargo-lambda, as `sam build` does, and starts them.
pub fn build() -> Packages {
    let folder = bootstraps().folder.with_file_name("lambda-release");
    let functions = bootstraps().copy_to(&folder);
    let mut programs: BTreeMap<String, PathBuf> = BTreeMap::new();
    for name in NAMES {
        let program = lambda_build(&repository().join("functions").join(name), name);
        let bootstrap = folder.join(name).join("bootstrap");
        fs::copy(program, &bootstrap).expect("a program can be copied");
        programs.insert(name.to_owned(), bootstrap);
    }
    let bare = repository().join("tests/benches/cloud/bare");
    programs.insert("bare".to_owned(), lambda_build(&bare, "bare"));
    let sizes = programs.iter().map(|(name, path)| (name.clone(), sizes(path))).collect();
    Packages { functions, sizes, starts: starts(&programs) }
}

fn lambda_build(folder: &Path, name: &str) -> PathBuf {
    let target = bootstraps().folder.with_file_name("lambda-target");
    // Only the path is taken from it: cargo's own folders lie in the real home.
    let tools = Tool::Sam.command("http://127.0.0.1:9", folder);
    let path = tools.get_envs().find_map(|(name, value)| value.filter(|_| name == "PATH"));
    let mut build = Command::new(env!("CARGO"));
    build.env("PATH", path.expect("a tool has a path")).env("CARGO_TARGET_DIR", &target).current_dir(folder);
    build.args(["lambda", "build", "--release", "--quiet", "--bin", name]);
    without_cargos_words(&mut build);
    succeed(&mut build);
    target.join("lambda").join(name).join("bootstrap")
}

fn sizes(program: &Path) -> (u64, u64) {
    let bytes = fs::metadata(program).expect("the program is there").len();
    let zip = program.with_file_name("package.zip");
    let script = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z: z.write(sys.argv[2], 'bootstrap')";
    succeed(Command::new("python3").args(["-c", script]).arg(&zip).arg(program));
    let zipped = fs::metadata(&zip).expect("the zip is there").len();
    fs::remove_file(&zip).expect("a file can be removed");
    (bytes, zipped)
}

/// Each function in turn, so that a noisy moment meets them all.
fn starts(programs: &BTreeMap<String, PathBuf>) -> BTreeMap<String, (f64, f64)> {
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for run in 0..RUNS + 2 {
        for (name, program) in programs {
            let milliseconds = start(program);
            // The first two read the file from the disk.
            if run >= 2 {
                times.entry(name.clone()).or_default().push(milliseconds);
            }
        }
    }
    let summed = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        (all[0], all[all.len() / 2])
    };
    times.into_iter().map(|(name, all)| (name, summed(all))).collect()
}

fn start(program: &Path) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it has an address").to_string();
    let mut command = Command::new(program);
    command.env_clear().env("AWS_LAMBDA_RUNTIME_API", &address).envs(ENVIRONMENT);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Clock::start();
    let mut child = command.spawn().expect("the function starts");
    let (stream, _) = listener.accept().expect("it asks for an event");
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).expect("a request");
    let milliseconds = began.milliseconds();
    assert!(line.contains("/runtime/invocation/next"), "{}: {line}", program.display());
    child.kill().expect("the child is ours");
    child.wait().expect("the child is ours");
    milliseconds
}

/// What the template and Lambda give.
const ENVIRONMENT: [(&str, &str); 22] = [
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_SESSION_TOKEN", "test"),
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
    ("CRM_EXPORT_ACCOUNT", "acme"),
    ("CRM_EXPORT_STACK", "crm-export"),
    ("CRM_EXPORT_TABLE", "ledger"),
    ("CRM_EXPORT_EVENT_BUS", "crm-export"),
    ("CRM_EXPORT_PAUSE_DEFAULT", "true"),
    ("CRM_EXPORT_RETRY_HOUR", "3"),
    ("CRM_EXPORT_TIME_ZONE", "UTC"),
    ("CRM_EXPORT_RESOLVED_DAYS", "90"),
    ("CRM_EXPORT_LOG", "info"),
    ("CRM_EXPORT_LOGIN_URL", "https://acme.my.salesforce.com"),
    ("CRM_EXPORT_SECRET", "crm-export/crm"),
    ("CRM_EXPORT_SCHEDULE", "crm-export/CRMExport_ExportError"),
    ("CRM_EXPORT_JWT_ISSUER", ""),
];

/// Real time, which only a benchmark may read.
struct Clock(std::time::Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    fn start() -> Self {
        Self(std::time::Instant::now())
    }

    fn milliseconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }
}
