//! Step 6: duplicate rules with exact matching. A rule that blocks refuses; one that alerts refuses unless the request
//! says `allowSave=true` (reference §3.1, §3.3).
//!
//! On a change a rule is asked only when a field that it matches by changes. Exact matching compares texts without case
//! (unconfirmed). Fuzzy methods are not known: a rule that only they could fulfil refuses nothing and is noted.

use engine::{Condition, Event, Fault, Query, RecordId, RuleKind, RuleName};
use formula::{Lookup, Value as Seen};
use metadata::rules::{DuplicateAction, DuplicateMatch, DuplicateRule, MatchingItem, MatchingRule};
use serde_json::{Map, Value, json};

use super::draft::{Draft, Refusal, note};
use super::world::{Ground, Known, find};
use crate::error::RowError;
use crate::view::View;

/// Most records that an answer lists for one matching rule.
const MOST_MATCHES: usize = 100;

const BLOCKED: &str = "You're creating a duplicate record. We recommend you use an existing record instead.";
const ALERTED: &str = "Use one of these records?";

/// Refuses a record that a duplicate rule does not let pass.
pub fn check(view: &View<'_>, draft: &Draft<'_>) -> Result<(), Refusal> {
    let object = &draft.object.api_name;
    let ground = Ground::new(view);
    let prior = draft.prior.as_ref().map(|prior| &prior.fields);
    let record = Known::new(&ground, draft.object, &draft.values, prior);
    let (rules, unknown) = view.rules.duplicate_rules(object, &record);
    view.watch.unknown.note(&unknown);
    let event = if draft.prior.is_none() { Event::Create } else { Event::Update };
    for rule in rules {
        let Some(blocks) = refuses(view, rule, event) else { continue };
        let mut results = Vec::new();
        for matched in &rule.matches {
            results.extend(Search { view, ground: &ground, draft, record, rule, matched }.result());
        }
        ground.check()?;
        if !results.is_empty() {
            return Err(error(rule, blocks, results).into());
        }
    }
    Ok(())
}

/// Whether a match blocks (true) or alerts; none when it lets the record pass.
fn refuses(view: &View<'_>, rule: &DuplicateRule, event: Event) -> Option<bool> {
    let (action, alerts) = match event {
        Event::Create => (rule.on_insert, rule.alert_on_insert),
        _ => (rule.on_update, rule.alert_on_update),
    };
    match action {
        DuplicateAction::Block => Some(true),
        DuplicateAction::Allow => (alerts && !view.allow_duplicates).then_some(false),
    }
}

fn name(rule: &DuplicateRule) -> RuleName {
    let name = format!("{}.{}", rule.object, rule.name);
    RuleName { kind: RuleKind::Duplicate, name, file: rule.place.file.clone() }
}

fn error(rule: &DuplicateRule, blocks: bool, results: Vec<Value>) -> RowError {
    let default = if blocks { BLOCKED } else { ALERTED };
    let message = rule.alert_text.as_deref().filter(|text| !text.is_empty()).unwrap_or(default);
    let duplicates = json!({
        "allowSave": !blocks, "duplicateRule": rule.name, "duplicateRuleEntityType": rule.object,
        "errorMessage": message, "matchResults": results,
    });
    RowError {
        duplicates: Some(Box::new(duplicates)),
        rule: Some(Box::new(name(rule))),
        ..RowError::new("DUPLICATES_DETECTED", message)
    }
}

/// The search for the matches of one matching rule.
struct Search<'s, 'a> {
    view: &'s View<'a>,
    ground: &'s Ground<'a>,
    draft: &'s Draft<'a>,
    record: Known<'s, 'a>,
    rule: &'s DuplicateRule,
    matched: &'s DuplicateMatch,
}

impl Search<'_, '_> {
    /// A `matchResult`; none when nothing matches, or what matches is not known.
    fn result(&self) -> Option<Value> {
        let named = |rule: &&MatchingRule| {
            rule.object.eq_ignore_ascii_case(&self.matched.object)
                && rule.name.eq_ignore_ascii_case(&self.matched.rule)
        };
        let Some(matching) = self.view.org.rules.matching.iter().find(named) else {
            self.unknown(format!("the matching rule {} is not in the org folder", self.matched.rule));
            return None;
        };
        if !self.is_concerned(matching) {
            return None;
        }
        match self.find(matching) {
            Ok(found) if found.is_empty() => None,
            Ok(found) => Some(shown(matching, &found)),
            Err(reason) => {
                self.unknown(reason);
                None
            }
        }
    }

    fn unknown(&self, reason: String) {
        note(self.view, name(self.rule), reason);
    }

    /// The record's field that is compared with a field of the other object.
    fn input<'i>(&'i self, item: &'i MatchingItem) -> &'i str {
        let pair = self.matched.mapping.iter().find(|(_, output)| output.eq_ignore_ascii_case(&item.field));
        pair.map_or(&item.field, |(input, _)| input)
    }

    /// A new record, or a change of a field that is compared.
    fn is_concerned(&self, matching: &MatchingRule) -> bool {
        let Some(prior) = &self.draft.prior else { return true };
        matching.items.iter().any(|item| {
            let field = self.draft.object.field(self.input(item));
            field.is_some_and(|field| prior.get(&field.api_name) != self.draft.get(&field.api_name))
        })
    }

    fn find(&self, matching: &MatchingRule) -> Result<Vec<RecordId>, String> {
        let conditions = matching.items.iter().map(|item| self.condition(item));
        let query = Query {
            object: matching.object.clone(),
            conditions: conditions.collect::<Result<_, _>>()?,
            logic: matching.logic.clone().unwrap_or_default(),
            order: None,
            limit: Some(MOST_MATCHES + 1),
        };
        let found = find(self.ground, &query).map_err(|fault| match fault {
            Fault::Unknown(reason) | Fault::Broken(reason) => reason,
            Fault::Refused { message, .. } => message,
        })?;
        let own = self.draft.id();
        let others: Vec<RecordId> =
            found.into_iter().filter(|found| Some(found.id.as_str()) != own).take(MOST_MATCHES).collect();
        let fuzzy = matching.items.iter().find(|item| !is_exact(item));
        match fuzzy {
            Some(item) if others.is_empty() => {
                Err(format!("the matching method {} of {} is not known", item.method, item.field))
            }
            _ => Ok(others),
        }
    }

    /// What a record must have to match in one item. Without a value nothing matches, unless blanks match blanks.
    fn condition(&self, item: &MatchingItem) -> Result<Condition, String> {
        let condition = |operator: &str, values| Condition {
            field: item.field.clone(),
            operator: operator.to_owned(),
            values,
        };
        let never = || condition("In", Vec::new());
        if !is_exact(item) {
            return Ok(never());
        }
        let input = self.input(item);
        Ok(match self.record.lookup(input) {
            Lookup::Known(value) if !value.is_blank() => condition("EqualTo", vec![value]),
            Lookup::Known(_) if item.match_blanks => condition("IsNull", vec![Seen::Boolean(true)]),
            Lookup::Known(_) => never(),
            Lookup::Unknown(why) => return Err(format!("{input}: {why}")),
            Lookup::Error(error) => return Err(format!("{input}: {error}")),
        })
    }
}

fn is_exact(item: &MatchingItem) -> bool {
    item.method.eq_ignore_ascii_case("Exact")
}

fn shown(matching: &MatchingRule, found: &[RecordId]) -> Value {
    let record = |record: &RecordId| {
        json!({
            "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
            "record": { "attributes": { "type": record.object }, "Id": record.id },
        })
    };
    let mut shown = Map::new();
    shown.insert("entityType".into(), matching.object.as_str().into());
    shown.insert("errors".into(), json!([]));
    shown.insert("matchEngine".into(), "ExactMatchEngine".into());
    shown.insert("matchRecords".into(), found.iter().map(record).collect());
    shown.insert("rule".into(), matching.name.as_str().into());
    shown.insert("size".into(), found.len().into());
    shown.insert("success".into(), true.into());
    Value::Object(shown)
}
