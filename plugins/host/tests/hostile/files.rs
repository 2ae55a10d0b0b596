//! Files that are no plugins at all: not WASM, the other form of it, damaged, or far too large.

use host::{Host, PluginFailure};

use crate::components::component;
use crate::{check_failure, host, plugin_failure};

#[test]
fn what_is_no_plugin_is_refused_by_what_it_is() {
    let host = host();
    let good = component(&[]);
    let module = wat::parse_str("(module)").expect("it is well-formed");
    let mut huge = good.clone();
    huge.resize(50_000_000, 0);
    let cases: [(&str, &[u8], &str, &str); 9] = [
        ("nothing", b"", "NotWasm", "the file is empty"),
        ("text", b"(component)", "NotWasm", "it does not begin with \\0asm"),
        ("short", b"\0asm", "NotWasm", "it does not begin with \\0asm"),
        ("javascript", b"export function evaluate() {}", "NotWasm", "it does not begin with \\0asm"),
        ("core", &module, "NotWasm", "it is a core module, and a component is wanted"),
        ("future", b"\0asm\x02\0\0\0 and so on", "NotWasm", "a version that is not known"),
        ("cut off", &good[..good.len() / 2], "NotWasm", "it is not WASM"),
        ("zeros", b"\0asm\x0d\0\x01\0\0\0\0\0", "NotWasm", "it is not WASM"),
        ("huge", &huge, "TooLarge { bytes: 50000000, limit: 8388608 }", "build it for size"),
    ];
    for (name, bytes, kind, words) in cases {
        check_failure(name, &load(&host, name, bytes).expect_err(name), kind, words);
        assert_eq!(load(&host, "good", &good), Ok(()), "after {name}");
    }
}

#[test]
fn a_component_is_no_core_module() {
    let failure = plugin_failure(host().compile_core(&component(&[]), &[]).expect_err("it is a component"));
    check_failure(
        "the compiled rules",
        &failure,
        "NotWasm",
        "it is a component, and a core module is wanted",
    );
}

/// Bytes changed at random places never harm the host: each is refused, or is a plugin still.
#[test]
fn damaged_plugins_are_refused_or_run() {
    let (host, good) = (host(), component(&[]));
    let mut refused = 0;
    // A multiplicative generator: the same damage in every run.
    let mut state: u64 = 1;
    for _ in 0..200 {
        let mut bytes = good.clone();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = 8 + (state >> 33) as usize % (bytes.len() - 8);
        bytes[at] ^= 1 << (state >> 61);
        refused += usize::from(load(&host, "damaged", &bytes).is_err());
    }
    assert!(refused > 50, "{refused} of 200 were refused");
    assert_eq!(load(&host, "good", &good), Ok(()));
}

fn load(host: &Host, name: &str, wasm: &[u8]) -> Result<(), PluginFailure> {
    host.plugin(name, wasm).map(|_| ()).map_err(plugin_failure)
}
