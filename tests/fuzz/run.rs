//! Runs a target: as a test over its corpus and a bounded number of mutations, or by libFuzzer for as long as wanted.
//!
//! The inputs of a test follow from a seed, so that every run is the same. What fails is made smaller and written to a
//! file; an input that kills the process is left in a file, too, and is the first of the next run.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use jobs::clock::{Clock, SystemClock};

use crate::mutate::{BYTES_MAX, Random, input, seed_of};
use crate::regressions;

/// A parser that meets bytes from outside.
pub struct Target {
    /// Its name: the folder of its corpus, and the test's.
    pub name: &'static str,
    /// How many mutations a test tries.
    pub inputs: u64,
    /// Panics when a promise is broken.
    pub check: fn(&[u8]),
    /// What inputs are made of: keywords, names, brackets.
    pub words: &'static [&'static str],
    /// Folders below the repository whose files are inputs, too.
    pub also: &'static [&'static str],
}

/// Where the mutations of a test begin. Another number is another walk.
const SEED: u64 = 1;
/// An input that takes longer hangs. Far above what any takes on a busy machine (the longest are told at the end).
const HANGS_MS: i64 = 60_000;
/// How many changes are tried to make a failing input smaller.
const SHRINK_MAX: usize = 2_000;

impl Target {
    /// Runs it. Built by `tests/fuzz/long`, libFuzzer does, and this does not return.
    pub fn run(&self) {
        if option_env!("CRM_EXPORT_FUZZ_LONG").is_some() {
            return bolero::check!().with_max_len(BYTES_MAX).for_each(|bytes: &[u8]| (self.check)(bytes));
        }
        watch_panics();
        let known = self.known();
        let begun = now_ms();
        let mut session = Session::begin(self);
        for input in &known {
            session.meet(input);
        }
        let words = self.words;
        for number in 0..self.inputs {
            let mut random = Random::new(seed_of(self.name, SEED).wrapping_add(number));
            session.meet(&input(&known, words, &mut random));
        }
        let slowest = session.end();
        let (inputs, known) = (self.inputs + known.len() as u64, known.len());
        let seconds = (now_ms() - begun) / 1_000;
        println!(
            "fuzz {:<10} {inputs:>6} inputs, {known:>3} of them known, in {seconds:>3} s; the slowest took {slowest} ms",
            self.name
        );
    }

    /// Regressions first, then the corpus.
    fn known(&self) -> Vec<Vec<u8>> {
        let mut known = regressions::of(self.name);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(self.name);
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folders = std::iter::once(folder).chain(self.also.iter().map(|folder| top.join(folder)));
        for folder in folders {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            files.sort();
            known.extend(files.iter().filter_map(|file| fs::read(file).ok()));
        }
        assert!(!known.is_empty(), "{} has no corpus: mutations of nothing find nothing", self.name);
        known
    }
}

thread_local! {
    /// Whether a panic of this thread is a finding, which is told once and in our words.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    /// The last such panic.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics of targets silent: making an input smaller makes hundreds of them.
fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match WATCHED.get() {
            true => PANIC.set(info.to_string()),
            false => before(info),
        }));
    });
}

/// A run of a target's inputs.
struct Session<'t> {
    target: &'t Target,
    under_way: Arc<Mutex<UnderWay>>,
    left_over: File,
    slowest_ms: i64,
}

/// What a watching thread sees.
#[derive(Default)]
struct UnderWay {
    begun: Option<i64>,
    ended: bool,
}

impl<'t> Session<'t> {
    fn begin(target: &'t Target) -> Self {
        let under_way = Arc::new(Mutex::new(UnderWay::default()));
        let (name, watched) = (target.name, Arc::clone(&under_way));
        std::thread::spawn(move || {
            while !watched.lock().expect("no panic under the lock").ended {
                std::thread::sleep(Duration::from_millis(200));
                let begun = watched.lock().expect("no panic under the lock").begun;
                if begun.is_some_and(|begun| now_ms() - begun > HANGS_MS) {
                    eprintln!("fuzz {name}: an input hangs; it is in {}", left_over(name).display());
                    std::process::abort();
                }
            }
        });
        let killer = fs::read(left_over(name)).ok().and_then(|left| {
            let (length, input) = left.split_first_chunk::<8>()?;
            input.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?).map(<[u8]>::to_vec)
        });
        let left_over = File::create(left_over(name)).expect("the target folder can be written");
        let mut session = Self { target, under_way, left_over, slowest_ms: 0 };
        if let Some(killer) = killer {
            println!("fuzz {name}: begins with the input that killed the last run");
            session.meet(&killer);
        }
        session
    }

    fn meet(&mut self, input: &[u8]) {
        let begun = now_ms();
        self.leave(input).expect("the target folder can be written");
        self.under_way.lock().expect("no panic under the lock").begun = Some(begun);
        if self.fails(input).is_some() {
            let small = self.smaller(input);
            let why = self.fails(&small).unwrap_or_default();
            self.tell(&small, &why);
        }
        self.slowest_ms = self.slowest_ms.max(now_ms() - begun);
    }

    /// Leaves an input where the next run finds it, should it kill this one: its length, then its bytes. The file is
    /// only written over, which costs next to nothing.
    fn leave(&mut self, input: &[u8]) -> std::io::Result<()> {
        self.left_over.seek(SeekFrom::Start(0))?;
        self.left_over.write_all(&[&(input.len() as u64).to_le_bytes(), input].concat())
    }

    /// Why the target fails over an input, and where.
    fn fails(&self, input: &[u8]) -> Option<String> {
        WATCHED.set(true);
        let panicked = catch_unwind(AssertUnwindSafe(|| (self.target.check)(input))).is_err();
        WATCHED.set(false);
        panicked.then(|| PANIC.take())
    }

    /// The input with parts left out, as long as it fails still.
    fn smaller(&self, input: &[u8]) -> Vec<u8> {
        let (mut small, mut tries) = (input.to_vec(), 0);
        let mut part = small.len() / 2;
        while part > 0 && tries < SHRINK_MAX {
            let mut at = 0;
            while at < small.len() && tries < SHRINK_MAX {
                let mut without = small.clone();
                without.drain(at..(at + part).min(small.len()));
                tries += 1;
                if self.fails(&without).is_some() { small = without } else { at += part }
            }
            part /= 2;
        }
        small
    }

    fn tell(&self, input: &[u8], why: &str) -> ! {
        let name = self.target.name;
        let file = folder().join(format!("{name}-{:016x}", seed_of(&String::from_utf8_lossy(input), 0)));
        fs::write(&file, input).expect("the target folder can be written");
        self.forget();
        let hex: String = input.iter().take(200).map(|byte| format!("{byte:02x}")).collect();
        panic!(
            "fuzz {name}: {why}\n  input   {} bytes (seed {SEED}), in {}\n  text    {}\n  hex     {hex}\n  again   \
             cp {} tests/fuzz/corpus/{name}/ && cargo test -p tests --test fuzz {name}",
            input.len(),
            file.display(),
            String::from_utf8_lossy(&input[..input.len().min(400)]),
            file.display(),
        );
    }

    fn end(self) -> i64 {
        self.forget();
        self.slowest_ms
    }

    fn forget(&self) {
        self.under_way.lock().expect("no panic under the lock").ended = true;
        // An input that is over is no killer.
        let _ = fs::remove_file(left_over(self.target.name));
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// The input that is under way; left over when it kills the process.
fn left_over(name: &str) -> PathBuf {
    folder().join(format!("{name}.under-way"))
}

fn now_ms() -> i64 {
    SystemClock.now().millis()
}
