//! Hostile core modules, one file each in `core/`.

use std::fs;
use std::path::Path;

use host::core::{CoreInstance, Imports};
use host::{Host, Limits, PluginFailure};

use crate::{check_failure, host, plugin_failure};

/// Answers the argument plus one, if there is so much memory.
struct Answers;

impl Imports for Answers {
    fn call(&mut self, import: usize, arguments: &[i32], memory: &mut [u8]) -> Result<i32, String> {
        assert_eq!(import, 0);
        match arguments {
            [pointer] if memory.is_empty() || usize::try_from(*pointer).is_ok_and(|at| at < memory.len()) => {
                Ok(pointer + 1)
            }
            _ => Err(format!("answer: {arguments:?} lies outside of its {} bytes", memory.len())),
        }
    }
}

#[test]
fn every_hostile_module_is_stopped_by_its_limit() {
    let host = host();
    let cases = [
        ("loops", "Time { milliseconds: 10 }", "10 ms"),
        ("loops-through-the-host", "Time", "10 ms"),
        ("start-loops", "Time", "10 ms"),
        ("grows", "Memory { asked: 16842752, limit: 16777216", "bytes of memory"),
        ("grows-and-fills", "Memory { asked: 16842752, limit: 16777216", "bytes of memory"),
        ("grows-at-once", "Memory { asked: 4294967296,", "bytes of memory"),
        ("grows-its-table", "Memory { asked: 10001, limit: 10000", "entries of a table"),
        ("declares-4-gib", "Memory { asked: 4294967296,", "bytes of memory"),
        ("declares-a-huge-table", "Memory { asked: 10000000,", "entries of a table"),
        ("declares-many-tables", "Memory { asked: 2, limit: 1", "tables"),
        ("recurses", "Stack { bytes: 524288 }", "recursion"),
        ("reads-out-of-bounds", "Trap", "out of bounds memory access"),
        ("gives-the-host-a-bad-pointer", "Host", "[-4] lies outside of its 65536 bytes"),
        ("divides-by-zero", "Trap", "integer divide by zero"),
        ("gives-up", "Trap", "unreachable"),
        ("imports-wasi", "Import", "wasi_snapshot_preview1::fd_write, which is not offered"),
        ("imports-with-other-types", "Import", "crm::answer with other types"),
        ("imports-a-memory", "Import", "crm::memory"),
        ("exports-nothing", "Contract", "it exports no function run of 1 i32"),
        ("two-memories", "Memory { asked: 2, limit: 1", "memories"),
    ];
    for (name, kind, words) in cases {
        let failure = run(&host, name, &wasm(name)).expect_err(name);
        check_failure(name, &failure, kind, words);
        assert_eq!(run(&host, "good", &wasm("good")), Ok(41), "after {name}");
    }
    let files = fs::read_dir(folder()).expect("the corpus is there").count();
    assert_eq!(files, cases.len() + 1, "every file of the corpus has its case");
}

#[test]
fn an_instance_may_be_called_again_after_it_was_stopped() {
    let module = host().compile_core(&wasm("loops-through-the-host"), &[("answer", 1)]).expect("it is valid");
    let mut instance = module.instantiate(Answers).expect("nothing runs yet");
    for _ in 0..2 {
        check_failure(
            "the compiled rules",
            &instance.call("run", &[0]).expect_err("it loops"),
            "Time",
            "10 ms",
        );
    }
}

#[test]
fn many_instances_are_stopped_at_the_same_time() {
    let host = host();
    let module = host.compile_core(&wasm("loops"), &[]).expect("it is valid");
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let module = module.clone();
            std::thread::spawn(move || {
                let mut instance: CoreInstance<Answers> =
                    module.instantiate(Answers).expect("nothing runs yet");
                instance.call("run", &[0]).map_err(|failure| format!("{:?}", failure.kind))
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().expect("it ends"), Err("Time { milliseconds: 10 }".to_owned()));
    }
}

fn run(host: &Host, name: &str, wasm: &[u8]) -> Result<i32, PluginFailure> {
    let imports = [("answer", 1)];
    let module = host.compile_core_within(name, wasm, &imports, Limits::core()).map_err(plugin_failure)?;
    module.instantiate(Answers)?.call("run", &[20])
}

fn wasm(name: &str) -> Vec<u8> {
    wat::parse_file(folder().join(name).with_extension("wat")).expect("the corpus is well-formed")
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile/core"))
}
