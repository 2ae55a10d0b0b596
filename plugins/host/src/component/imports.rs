//! What a component may import: nothing, or a sealed WASI for language runtimes that cannot be built without.
//!
//! The sealed WASI opens no way out and tells nothing that differs from run to run: no files, no network, no clock, no
//! environment, chance that is always zero. What cannot be answered so is linked, too, and stops the plugin by name when
//! it is called: many runtimes import much that they never call.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType, Val};
use wasmtime::{Engine, Result};

use crate::failure::{FailureKind, Stopped};

/// What a plugin may import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Offer {
    /// Nothing, as the contract says.
    #[default]
    Nothing,
    /// A WASI (`wasi:*`) that leads nowhere.
    SealedWasi,
}

/// Zeros that one call of `get-random-bytes` may ask for.
const RANDOM_BYTES_MAX: u64 = 4096;

/// Links what is offered; anything else is refused by its name.
pub(crate) fn link<T: 'static>(
    linker: &mut Linker<T>,
    component: &Component,
    engine: &Engine,
    offer: Offer,
) -> Result<()> {
    let ty = component.component_type();
    for (name, import) in ty.imports(engine) {
        let is_wasi = offer == Offer::SealedWasi && name.starts_with("wasi:");
        // An interface from which only types are used needs nothing.
        match &import.ty {
            ComponentItem::ComponentInstance(instance) => {
                let mut inner = linker.instance(name)?;
                for (function, item) in instance.exports(engine) {
                    seal(&mut inner, name, function, &item.ty, is_wasi)?;
                }
            }
            ComponentItem::Type(_) => {}
            _ => return Err(refused(name.to_owned())),
        }
    }
    Ok(())
}

fn seal<T: 'static>(
    linker: &mut LinkerInstance<'_, T>,
    interface: &str,
    name: &str,
    item: &ComponentItem,
    is_wasi: bool,
) -> Result<()> {
    let full = format!("{interface}#{name}");
    match item {
        ComponentItem::Type(_) => Ok(()),
        ComponentItem::Resource(_) if is_wasi => {
            linker.resource(name, ResourceType::host::<()>(), |_, _| Ok(()))
        }
        ComponentItem::ComponentFunc(_) if is_wasi => {
            linker.func_new(name, move |_, _, arguments, results| match answer(&full, arguments) {
                Some(value) => {
                    results[0] = value;
                    Ok(())
                }
                None => Err(refused(full.clone())),
            })
        }
        _ => Err(refused(full)),
    }
}

/// What the sealed WASI answers; none where the plugin is stopped. The version is not looked at: these are the same in
/// all of 0.2.
fn answer(full: &str, arguments: &[Val]) -> Option<Val> {
    let (interface, function) = full.split_once('#')?;
    let interface = interface.split('@').next()?;
    Some(match (interface, function) {
        ("wasi:random/random", "get-random-u64")
        | ("wasi:random/insecure", "get-insecure-random-u64")
        | ("wasi:clocks/monotonic-clock", "now") => Val::U64(0),
        ("wasi:clocks/monotonic-clock", "resolution") => Val::U64(1),
        ("wasi:random/random", "get-random-bytes")
        | ("wasi:random/insecure", "get-insecure-random-bytes") => {
            let Some(Val::U64(length)) = arguments.first() else { return None };
            let length = usize::try_from(*length).ok().filter(|_| *length <= RANDOM_BYTES_MAX)?;
            Val::List(vec![Val::U8(0); length])
        }
        ("wasi:random/insecure-seed", "insecure-seed") => Val::Tuple(vec![Val::U64(0), Val::U64(0)]),
        ("wasi:cli/environment", "get-environment" | "get-arguments") => Val::List(Vec::new()),
        ("wasi:cli/environment", "initial-cwd")
        | ("wasi:cli/terminal-stdin", "get-terminal-stdin")
        | ("wasi:cli/terminal-stdout", "get-terminal-stdout")
        | ("wasi:cli/terminal-stderr", "get-terminal-stderr") => Val::Option(None),
        ("wasi:filesystem/preopens", "get-directories") => Val::List(Vec::new()),
        _ => return None,
    })
}

fn refused(name: String) -> wasmtime::Error {
    Stopped(FailureKind::Import(name)).into()
}
