//! Which of the two evaluators runs the rules. They agree; the reference can also say how it came to a result.

/// What evaluates formulas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Evaluator {
    /// Interpretation of the typed tree.
    Reference,
    /// The org's WASM module, within the host's limits.
    #[default]
    Wasm,
}
