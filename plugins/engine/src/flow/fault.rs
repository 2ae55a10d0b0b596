//! What a flow's failure says, in Salesforce's words (reference §3.2).

use metadata::flow::{ElementKind, Flow};

use super::held::Miss;
use crate::verdict::{Refusal, RuleKind, RuleName};

/// Status code of a flow that fails without a fault path.
const FAULT_CODE: &str = "CANNOT_EXECUTE_FLOW_TRIGGER";

/// Status code of a flow's custom error. UNCONFIRMED: reference §3.2 assumes it.
pub const CUSTOM_ERROR_CODE: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";

/// The rule that a flow is.
pub(super) fn rule(flow: &Flow) -> RuleName {
    RuleName { kind: RuleKind::Flow, name: flow.name.clone(), file: flow.file.clone() }
}

/// `$Flow.FaultMessage`. For faults that no record's refusal causes the words are UNCONFIRMED.
pub(super) fn message(kind: &ElementKind, miss: &Miss) -> String {
    let doing = match kind {
        ElementKind::Create(_) => "create records",
        ElementKind::Delete(_) => "delete records",
        ElementKind::Lookup(_) => "look up records",
        _ => "update records",
    };
    match miss {
        Miss::Refused(code, message) => format!(
            "This error occurred when the flow tried to {doing}: {code}: {}. \
             You can look up ExceptionCode values in the SOAP API Developer Guide.",
            message.strip_suffix('.').unwrap_or(message)
        ),
        Miss::Fault(message) | Miss::Unknown(message) => message.clone(),
    }
}

/// The refusal of a record whose flow failed.
pub(super) fn refusal(flow: &Flow, element: &str, message: &str) -> Refusal {
    let shown = format!(
        "We can't save this record because the “{}” process failed. Give your Salesforce admin these details. \
         {message} Error ID: {}",
        flow.label,
        error_id(&flow.name, element)
    );
    Refusal { code: FAULT_CODE.to_owned(), message: shown, fields: Vec::new(), rule: rule(flow) }
}

/// Salesforce numbers every occurrence anew. Here the same fault always has the same number, so that equal errors are
/// seen to be equal.
fn error_id(flow: &str, element: &str) -> String {
    let hash = |seed: u64| {
        let bytes = flow.bytes().chain([b'.']).chain(element.bytes());
        bytes.fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    let (first, second) = (hash(0xcbf2_9ce4_8422_2325), hash(0x8422_2325_cbf2_9ce4));
    let digits = |value: u64, count: u32| 10_u64.pow(count - 1) + value % (9 * 10_u64.pow(count - 1));
    format!("{}-{} (-{})", digits(first, 9), digits(first >> 32, 4), digits(second, 8))
}
