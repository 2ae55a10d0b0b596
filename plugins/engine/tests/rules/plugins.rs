//! Authors' plugins that cannot be loaded. What loaded ones do is tested with the examples, in `plugins/rules`.

use engine::{CompileOptions, Event, compile_with};
use metadata::RuleSet;

use crate::org::org;
use crate::world::new;

#[test]
fn a_plugin_that_is_not_wasm_is_an_error_and_unknown() {
    let plugins = vec![("sync".to_owned(), b"not WASM".to_vec())];
    let options = CompileOptions { plugins, ..CompileOptions::default() };
    let compiled = compile_with(&org(RuleSet::default()), &options);
    let error = compiled.report.errors.iter().find(|error| error.code == "P001").unwrap();
    assert_eq!((error.rule.name.as_str(), error.file.as_str()), ("sync", "plugins/sync.wasm"));
    assert!(error.message.contains("not WASM"), "{}", error.message);
    let [unknown] = compiled.rules.plan().unknown_of("Account").collect::<Vec<_>>()[..] else { panic!() };
    assert!(unknown.reason.starts_with("the plugin cannot be loaded: "), "{}", unknown.reason);
    let verdict = compiled.rules.before_save("Account", Event::Create, &mut new(&[]));
    assert_eq!(verdict, engine::Verdict::default());
}
