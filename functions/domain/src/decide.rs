//! The decision about one answered CRM call: settle, halt, pass, split, wait or suspend.

use crate::classify::{CrmError, Refusal};
use crate::codes::{Advice, Class};

/// What the CRM answered to one record of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowAnswer {
    /// Written (or, for a delete, gone).
    Done,
    /// Refused, with every error.
    Refused(Vec<CrmError>),
}

/// What follows from the answers to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Every record is exported.
    Exported,
    /// Pause on: nothing was written. `culprit` is the first refused record in order; those before it are sent again.
    Halt {
        /// Index of the record that was refused.
        culprit: usize,
        /// Why.
        refusal: Refusal,
    },
    /// Pause off: what is settled is settled, the rest is tried again.
    Pass(Pass),
    /// The call may be the cause: send fewer records.
    Split,
    /// Nothing was written; the same call is worth another try in a moment.
    Wait(Refusal),
    /// Nothing can be said of a record: CRM unavailable.
    Suspend(Refusal),
}

/// The outcome of a call with partial success.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pass {
    /// Records that the CRM refuses.
    pub refused: Vec<(usize, Refusal)>,
    /// Records worth one more call, each alone.
    pub alone: Vec<(usize, Refusal)>,
    /// Records that met a lock or a busy CRM: the same again in a moment.
    pub wait: Vec<(usize, Refusal)>,
    /// Records behind an outage or a limit.
    pub suspend: Vec<(usize, Refusal)>,
}

/// Judges the answers to a call that was sent with `allOrNone=true`.
pub fn decide_all_or_none(rows: &[RowAnswer]) -> Decision {
    let refusals: Vec<(usize, Refusal)> = refusals(rows);
    let Some((culprit, refusal)) = refusals.iter().find(|(_, r)| r.class != Class::Collateral).cloned()
    else {
        return match refusals.into_iter().next() {
            None => Decision::Exported,
            // Rolled back with no culprit named: says nothing about any record.
            Some((_, refusal)) => Decision::Suspend(refusal),
        };
    };
    if !refusal.class.is_record_error() {
        return match refusal.advice {
            Advice::Wait => Decision::Wait(refusal),
            _ => Decision::Suspend(refusal),
        };
    }
    if rows.len() > 1 && (refusal.advice == Advice::SmallerBatch || one_text(rows.len(), &refusals)) {
        return Decision::Split;
    }
    Decision::Halt { culprit, refusal }
}

/// Judges the answers to a call that was sent with `allOrNone=false`.
pub fn decide_partial(rows: &[RowAnswer]) -> Decision {
    let refusals = refusals(rows);
    if refusals.is_empty() {
        return Decision::Exported;
    }
    if rows.len() > 1 && one_text(rows.len(), &refusals) && refusals[0].1.class.is_record_error() {
        return Decision::Split;
    }
    let mut pass = Pass::default();
    for (index, refusal) in refusals {
        let list = match (refusal.class.is_record_error(), refusal.advice) {
            (true, Advice::OnceMore | Advice::SmallerBatch) if rows.len() > 1 => &mut pass.alone,
            (true, _) => &mut pass.refused,
            (false, Advice::Wait | Advice::WithoutCulprit) => &mut pass.wait,
            (false, _) => &mut pass.suspend,
        };
        list.push((index, refusal));
    }
    Decision::Pass(pass)
}

fn refusals(rows: &[RowAnswer]) -> Vec<(usize, Refusal)> {
    let refused = rows.iter().enumerate().filter_map(|(index, row)| match row {
        RowAnswer::Done => None,
        RowAnswer::Refused(errors) => Some((index, Refusal::new(errors.clone()))),
    });
    refused.collect()
}

/// Whether every row was refused with the very same text, as an unhandled trigger exception does to a whole call
/// (reference §3.2).
fn one_text(rows: usize, refusals: &[(usize, Refusal)]) -> bool {
    refusals.len() == rows && refusals.iter().all(|(_, refusal)| refusal.same_text(&refusals[0].1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` done, `r` rolled back, `x` and `y` refused, `s` the same refusal in each row, `l` lock, `u` unknown
    /// exception, `d` daily limit, `c` CPU limit.
    fn rows(text: &str) -> Vec<RowAnswer> {
        let row = |(index, c): (usize, char)| match c {
            '.' => RowAnswer::Done,
            'r' => refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back"),
            'x' => refused("REQUIRED_FIELD_MISSING", &format!("row {index}")),
            'y' => refused("STRING_TOO_LONG", &format!("row {index}")),
            's' => refused("CANNOT_EXECUTE_FLOW_TRIGGER", "the flow failed"),
            'l' => refused("UNABLE_TO_LOCK_ROW", "locked"),
            'u' => refused("UNKNOWN_EXCEPTION", &format!("row {index}")),
            'd' => refused("REQUEST_LIMIT_EXCEEDED", "limit"),
            _ => refused(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                &format!("{index}: Apex CPU time limit exceeded"),
            ),
        };
        text.chars().enumerate().map(row).collect()
    }

    fn refused(code: &str, message: &str) -> RowAnswer {
        RowAnswer::Refused(vec![CrmError::new(code, message, &[])])
    }

    fn shown(decision: &Decision) -> String {
        let indexes = |list: &[(usize, Refusal)]| list.iter().map(|(i, _)| i.to_string()).collect::<String>();
        match decision {
            Decision::Exported => "exported".into(),
            Decision::Halt { culprit, .. } => format!("halt {culprit}"),
            Decision::Pass(pass) => format!(
                "refused {} alone {} wait {} suspend {}",
                indexes(&pass.refused),
                indexes(&pass.alone),
                indexes(&pass.wait),
                indexes(&pass.suspend)
            ),
            Decision::Split => "split".into(),
            Decision::Wait(_) => "wait".into(),
            Decision::Suspend(_) => "suspend".into(),
        }
    }

    #[test]
    fn all_or_none_halts_at_the_first_culprit() {
        let cases = [
            ("...", "exported"),
            ("rxr", "halt 1"),
            ("ryx", "halt 1"),
            ("x", "halt 0"),
            ("xyr", "halt 0"),
            ("rlx", "wait"),
            ("rxl", "halt 1"),
            ("rrd", "suspend"),
            ("rrr", "suspend"),
            ("sss", "split"),
            ("s", "halt 0"),
            ("rcr", "split"),
            ("c", "halt 0"),
            ("ru", "halt 1"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(&decide_all_or_none(&rows(text))), expected, "{text}");
        }
    }

    #[test]
    fn partial_success_sorts_the_rows() {
        let cases = [
            ("...", "exported"),
            (".x.y", "refused 13 alone  wait  suspend "),
            (".xluc", "refused 1 alone 34 wait 2 suspend "),
            ("u", "refused 0 alone  wait  suspend "),
            (".d", "refused  alone  wait  suspend 1"),
            ("sss", "split"),
            ("ss.", "refused 01 alone  wait  suspend "),
            ("ll", "refused  alone  wait 01 suspend "),
            ("r.", "refused  alone  wait 0 suspend "),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(&decide_partial(&rows(text))), expected, "{text}");
        }
    }
}
