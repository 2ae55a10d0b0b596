//! When the faults happen: each counts the writes that it is about.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::explaining::Explaining;
use super::fault::{Effect, Fault, Selector};
use super::messages;
use super::unknown::UnknownRules;
use crate::error::{ApiError, RowError};

/// What a sandbox watches while it serves.
#[derive(Default)]
pub struct Watch {
    /// Each with the number of writes that it was about.
    faults: Vec<(Fault, AtomicU64)>,
    /// Rules whose answer was not known.
    pub unknown: UnknownRules,
    /// Why rules refused.
    pub explaining: Explaining,
}

/// A write that a fault may be about: its object, and the values of its record as texts.
pub struct Write<'w> {
    /// API name of the object.
    pub object: &'w str,
    /// A field's value; none when the write does not say it.
    pub value: &'w dyn Fn(&str) -> Option<String>,
}

/// What happens to a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestFault {
    /// It is refused.
    pub error: Option<ApiError>,
    /// The answer waits so long.
    pub delay: Duration,
    /// The connection drops before it is carried out.
    pub disconnect: bool,
    /// The connection drops after it was carried out.
    pub lose_answer: bool,
}

impl Watch {
    /// Watches for these faults.
    pub fn new(faults: Vec<Fault>) -> Watch {
        let faults = faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect();
        Watch { faults, ..Watch::default() }
    }

    /// Whether there is a fault at all.
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// The error that a row meets now. Every fault counts the row, the first that happens speaks.
    pub fn on_row(&self, write: &Write<'_>, id: Option<&str>) -> Option<RowError> {
        let happening = self.happening(&|fault| fault.effect == Effect::Row, std::slice::from_ref(write));
        happening.first().map(|fault| messages::of_row(&fault.code, write.object, id))
    }

    /// What a request meets now. `writes` are the rows that it is known to write.
    pub fn on_request(&self, writes: &[Write<'_>]) -> RequestFault {
        let mut met = RequestFault::default();
        let of_requests = |fault: &Fault| !matches!(fault.effect, Effect::Row | Effect::SignIn);
        for fault in self.happening(&of_requests, writes) {
            match fault.effect {
                Effect::Request(status) if met.error.is_none() => {
                    met.error = Some(ApiError::new(status, &fault.code, messages::of_request(&fault.code)));
                }
                Effect::Disconnect => met.disconnect = true,
                Effect::LoseAnswer => met.lose_answer = true,
                Effect::Slow(delay) => met.delay += delay,
                _ => {}
            }
        }
        met
    }

    /// Code and message that a sign-in meets now.
    pub fn on_sign_in(&self) -> Option<(String, &'static str)> {
        let happening = self.happening(&|fault| fault.effect == Effect::SignIn, &[]);
        happening.first().map(|fault| (fault.code.clone(), messages::of_request(&fault.code)))
    }

    /// The faults of a sort that happen now; those that are about the writes count them as one.
    fn happening(&self, of_sort: &dyn Fn(&Fault) -> bool, writes: &[Write<'_>]) -> Vec<&Fault> {
        let concerned = self.faults.iter().filter(|(fault, _)| of_sort(fault) && is_about(fault, writes));
        let happening =
            concerned.filter(|(fault, count)| fault.happens_at(count.fetch_add(1, Ordering::Relaxed) + 1));
        happening.map(|(fault, _)| fault).collect()
    }
}

fn is_about(fault: &Fault, writes: &[Write<'_>]) -> bool {
    fault.only.is_empty()
        || writes.iter().any(|write| fault.only.iter().all(|selector| selects(selector, write)))
}

fn selects(selector: &Selector, write: &Write<'_>) -> bool {
    match selector {
        Selector::Object(object) => object.eq_ignore_ascii_case(write.object),
        Selector::Value { object, field, value } => {
            object.eq_ignore_ascii_case(write.object)
                && (write.value)(field).is_some_and(|found| found == *value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the writes (object and external id) meet the fault.
    fn check(fault: &str, writes: &[(&str, &str)], expected: &[usize]) {
        let watch = Watch::new(vec![fault.parse().unwrap()]);
        let meets = |(object, key): &(&str, &str)| {
            let value = |field: &str| (field == "Ext__c").then(|| (*key).to_owned());
            watch.on_row(&Write { object, value: &value }, None).is_some()
        };
        let met: Vec<usize> =
            writes.iter().enumerate().filter(|(_, write)| meets(write)).map(|(at, _)| at + 1).collect();
        assert_eq!(met, expected, "{fault}");
    }

    #[test]
    fn faults_count_the_writes_that_they_are_about() {
        let writes =
            [("Account", "1"), ("Contact", "1"), ("Contact", "2"), ("Account", "2"), ("Contact", "3")];
        check("ENTITY_IS_LOCKED:always", &writes, &[1, 2, 3, 4, 5]);
        check("ENTITY_IS_LOCKED:once", &writes, &[1]);
        check("ENTITY_IS_LOCKED:4", &writes, &[4]);
        check("ENTITY_IS_LOCKED:every=2", &writes, &[2, 4]);
        check("ENTITY_IS_LOCKED:first=2", &writes, &[1, 2]);
        check("ENTITY_IS_LOCKED:contact__x", &writes, &[]);
        check("ENTITY_IS_LOCKED:Contact", &writes, &[2, 3, 5]);
        check("ENTITY_IS_LOCKED:Contact,2", &writes, &[3]);
        check("ENTITY_IS_LOCKED:Contact.Ext__c=3", &writes, &[5]);
        check("ENTITY_IS_LOCKED:every=2,first=3", &writes, &[2]);
        check("SERVER_UNAVAILABLE:always", &writes, &[]);
    }

    #[test]
    fn a_request_meets_all_its_faults() {
        let faults = ["SLOW=20:always", "SERVER_UNAVAILABLE:2", "DISCONNECT:3", "LOST_ANSWER:Contact"];
        let watch = Watch::new(faults.iter().map(|fault| fault.parse().unwrap()).collect());
        let slow = || RequestFault { delay: Duration::from_millis(20), ..RequestFault::default() };
        assert_eq!(watch.on_request(&[]), slow());
        let error = ApiError::new(503, "SERVER_UNAVAILABLE", "Server Unavailable");
        assert_eq!(watch.on_request(&[]), RequestFault { error: Some(error), ..slow() });
        let value = |_: &str| None;
        let contact = Write { object: "Contact", value: &value };
        assert_eq!(
            watch.on_request(&[contact]),
            RequestFault { disconnect: true, lose_answer: true, ..slow() }
        );
    }
}
