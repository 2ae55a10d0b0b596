//! The CRM of the model: what a call does in it, and what the caller is told. The recorded runs of `refine.rs` talk to
//! this very CRM, so that both see the same answers.
//!
//! It answers with the CRM's own codes, which the production code reads; limits of a row, lost requests and lost replies
//! come from outside, as [`Answer`].

use domain::CrmError;
use domain::decide::RowAnswer;

use super::plan::{Content, Flaw, Plan};
use super::state::{Crm, Kept};

/// How a call fares on its way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// It arrives, and its answer too.
    Told,
    /// It never arrives.
    RequestLost,
    /// It arrives, its answer does not.
    ReplyLost,
    /// The row at this index meets a limit.
    Limit(u8),
    /// The row at this index meets a lock.
    Locked(u8),
}

/// What a call did, and what its caller is told: nothing of any record when the CRM was unavailable.
pub struct Outcome {
    pub landed: Vec<Content>,
    pub told: Option<Vec<RowAnswer>>,
}

impl Crm {
    /// Takes a call.
    pub fn call(&mut self, plan: &Plan, sent: &[Content], all_or_none: bool, answer: Answer) -> Outcome {
        if self.away || answer == Answer::RequestLost {
            return Outcome { landed: Vec::new(), told: None };
        }
        let mut rows = self.verdicts(plan, sent, answer);
        if all_or_none && rows.iter().any(|row| *row != RowAnswer::Done) {
            for row in rows.iter_mut().filter(|row| **row == RowAnswer::Done) {
                *row = refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back".to_owned());
            }
        }
        let done = sent.iter().zip(&rows).filter(|(_, row)| **row == RowAnswer::Done);
        let landed: Vec<Content> = done.map(|(content, _)| *content).collect();
        for content in &landed {
            self.records[usize::from(plan.id_of(content.place))].take(*content);
        }
        Outcome { landed, told: (answer != Answer::ReplyLost).then_some(rows) }
    }

    fn verdicts(&mut self, plan: &Plan, sent: &[Content], answer: Answer) -> Vec<RowAnswer> {
        let flaw = |content: &Content| plan.flaw_of(*content).filter(|_| !self.mended);
        let whole = sent.iter().filter_map(flaw).any(|(_, flaw)| flaw == Flaw::WholeCall);
        if whole && sent.len() > 1 {
            let text = "a trigger failed for the whole call";
            return vec![refused("CANNOT_EXECUTE_FLOW_TRIGGER", text.to_owned()); sent.len()];
        }
        let mut tried = self.tried;
        let mut verdict = |(index, content): (u8, &Content)| {
            let text = format!("record {} at {index}", content.place);
            match flaw(content) {
                Some((_, Flaw::Refused)) => return refused("STRING_TOO_LONG", text),
                Some((place, Flaw::Once)) if !tried.has(place) => {
                    tried = tried.with(place);
                    return refused("UNKNOWN_EXCEPTION", text);
                }
                _ => {}
            }
            match answer {
                Answer::Limit(at) if at == index => refused("REQUEST_LIMIT_EXCEEDED", "not now".to_owned()),
                Answer::Locked(at) if at == index => refused("UNABLE_TO_LOCK_ROW", "locked".to_owned()),
                _ => RowAnswer::Done,
            }
        };
        let rows = (0..).zip(sent).map(&mut verdict).collect();
        self.tried = tried;
        rows
    }

    /// Whether every field of a record reached the CRM in this or a newer version, or is moot by a later delete.
    pub fn has(&self, plan: &Plan, place: u8) -> bool {
        let (content, kept) = (plan.content(place), self.records[usize::from(plan.id_of(place))]);
        let version = place + 1;
        let has = |(sent, kept): (u8, u8)| sent == 0 || kept >= version;
        if content.delete {
            return kept.deleted >= version || kept.fields.iter().any(|field| *field > version);
        }
        kept.deleted > version || content.fields.into_iter().zip(kept.fields).all(has)
    }
}

impl Kept {
    /// Whether this content would put an older value in place of a newer one.
    pub fn goes_back(self, content: Content) -> bool {
        if content.delete {
            return self.fields.iter().any(|field| *field > content.place + 1);
        }
        let older = |(sent, kept): (u8, u8)| sent > 0 && (sent < kept || sent < self.deleted);
        content.fields.into_iter().zip(self.fields).any(older)
    }

    fn take(&mut self, content: Content) {
        if content.delete {
            self.deleted = self.deleted.max(content.place + 1);
            return;
        }
        for (kept, sent) in self.fields.iter_mut().zip(content.fields) {
            *kept = (*kept).max(sent);
        }
    }
}

fn refused(code: &str, text: String) -> RowAnswer {
    RowAnswer::Refused(vec![CrmError::new(code, text, &[])])
}
