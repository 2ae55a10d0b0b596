//! The rule book of the jobs: an org folder's compiled rules, asked before the CRM is (setting `preflight`).

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{AccountName, Operation, Preflight, Record};
use engine::{Rules, Verdict};
use formula::DateTime;
use jobs::clock::Clock;
use jobs::crm::{Crm, CrmWithRules};
use jobs::rules::{Forecast, Foretold, RuleBook, RuleBookError};

use crate::exit::Failure;
use crate::rules::{compile, read_org};

/// Pairs a CRM with the rules of a folder, when the account's settings ask for them.
pub(crate) fn with_rules(
    crm: Arc<dyn Crm>,
    preflight: Preflight,
    folder: Option<&Path>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Crm>, Failure> {
    let (Some(folder), true) = (folder, preflight != Preflight::Off) else { return Ok(crm) };
    let rules = compile(folder, &Arc::new(read_org(folder)?))?.rules;
    Ok(Arc::new(CrmWithRules { crm, rules: Arc::new(OrgRules { rules, clock }) }))
}

/// The rules of an org folder.
struct OrgRules {
    rules: Rules,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl RuleBook for OrgRules {
    async fn forecast(&self, _: &AccountName, records: &[&Record]) -> Result<Vec<Forecast>, RuleBookError> {
        let now = DateTime::from_ms(self.clock.now().millis())
            .ok_or_else(|| RuleBookError::new("the clock shows no date that formulas know"))?;
        Ok(records.iter().map(|record| self.one(record, now)).collect())
    }
}

impl OrgRules {
    fn one(&self, record: &Record, now: DateTime) -> Forecast {
        if record.operation == Operation::Delete {
            return Forecast::Unknown("deletes are not foretold".to_owned());
        }
        let mut fields = record.fields.clone();
        let key = &record.external_id;
        fields.insert(key.field.clone(), key.value.as_str().into());
        forecast(self.rules.preflight(&record.object, &fields, now))
    }
}

fn forecast(verdict: Verdict) -> Forecast {
    let foretold = |refusal: engine::Refusal| Foretold {
        rule: refusal.rule.name,
        code: refusal.code,
        message: refusal.message,
        fields: refusal.fields,
    };
    if !verdict.refusals.is_empty() {
        return Forecast::Refuse(verdict.refusals.into_iter().map(foretold).collect());
    }
    match verdict.unknown.into_iter().next() {
        Some(unknown) => Forecast::Unknown(format!("{}: {}", unknown.rule.name, unknown.reason)),
        None => Forecast::Accept,
    }
}
