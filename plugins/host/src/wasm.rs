//! The first eight bytes of a file: whether it is WASM at all, and which of its two forms.

#[cfg(feature = "compile")]
use crate::failure::FailureKind;

/// The two forms of a `.wasm` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A core module, version 1.
    Core,
    /// A component, version 13 of layer 1.
    Component,
}

impl Form {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Core => "core module",
            Self::Component => "component",
        }
    }
}

/// Runs the compiler over a file that nobody vouches for. It refuses what is not valid; should it panic over a file, that
/// file is refused, too, and the host goes on.
#[cfg(feature = "compile")]
pub(crate) fn compiled<T>(compile: impl FnOnce() -> wasmtime::Result<T>) -> Result<T, FailureKind> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(compile)) {
        Ok(Ok(compiled)) => Ok(compiled),
        Ok(Err(error)) => Err(FailureKind::NotWasm(format!("{error:#}"))),
        Err(_) => Err(FailureKind::NotWasm("the compiler failed over it".to_owned())),
    }
}

#[cfg(feature = "compile")]
const MAGIC: &[u8] = b"\0asm";
#[cfg(feature = "compile")]
const CORE: &[u8] = &[1, 0, 0, 0];
#[cfg(feature = "compile")]
const COMPONENT: &[u8] = &[13, 0, 1, 0];

/// Refuses what is not of the wanted form, in words that say what it is instead.
#[cfg(feature = "compile")]
pub(crate) fn check(bytes: &[u8], wanted: Form) -> Result<(), FailureKind> {
    let refused = |words: &str| Err(FailureKind::NotWasm(words.to_owned()));
    let Some(version) = bytes.strip_prefix(MAGIC).and_then(|rest| rest.get(..4)) else {
        return refused(if bytes.is_empty() { "the file is empty" } else { "it does not begin with \\0asm" });
    };
    match (version, wanted) {
        (CORE, Form::Core) | (COMPONENT, Form::Component) => Ok(()),
        (CORE, Form::Component) => refused("it is a core module, and a component is wanted"),
        (COMPONENT, Form::Core) => refused("it is a component, and a core module is wanted"),
        _ => refused("it is of a version that is not known"),
    }
}
