//! Reads the real cause out of the message of a trigger or flow failure (reference §3.2).
//!
//! It recognises the public shapes and gives up quietly on others: a message is people's text, never proof.

use serde::Serialize;

/// What a trigger's or flow's message tells of the failure inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Nested {
    /// Trigger or flow (a flow by its label), as the message names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<String>,
    /// `AfterUpdate` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Apex exception class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// The CRM code inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Fields that the inner error names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

impl Nested {
    /// Reads a message of `CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY` or `CANNOT_EXECUTE_FLOW_TRIGGER`; `None` when nothing
    /// in it is known.
    pub fn read(message: &str) -> Option<Self> {
        let mut nested = Self::default();
        nested.read_trigger(message);
        nested.read_flow(message);
        nested.read_inner(message);
        (nested != Self::default()).then_some(nested)
    }

    fn read_trigger(&mut self, message: &str) {
        if let Some((name, rest)) = message.split_once(": execution of ") {
            self.automation = name.lines().last().map(|line| line.trim().to_owned());
            self.event = rest.split_whitespace().next().map(str::to_owned);
        }
        if let Some((_, cause)) = message.split_once("caused by: ") {
            let class = cause.split(':').next().unwrap_or_default().trim();
            if class.contains("Exception") {
                self.exception = Some(class.to_owned());
            }
        }
    }

    fn read_flow(&mut self, message: &str) {
        let Some((_, rest)) = message.split_once('“') else { return };
        if let Some((label, tail)) = rest.split_once('”')
            && (tail.trim_start().starts_with("process") || tail.trim_start().starts_with("flow"))
        {
            self.automation = Some(label.to_owned());
        }
    }

    fn read_inner(&mut self, message: &str) {
        let inner =
            ["first error: ", "tried to update records: ", "tried to create records: ", "error occurred: "]
                .iter()
                .find_map(|mark| message.split_once(mark).map(|(_, rest)| rest));
        let Some(inner) = inner else { return };
        let code: String =
            inner.chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_').collect();
        if code.len() < 4 {
            return;
        }
        let text = inner[code.len()..].trim_start_matches([',', ':', ' ']);
        let text = text.split(". You can look up ExceptionCode").next().unwrap_or(text);
        let text = text.lines().next().unwrap_or(text);
        let (text, fields) = split_fields(text);
        self.message = Some(text.to_owned());
        self.fields = fields;
        self.code = Some(code);
    }
}

/// `Tier is needed: [Tier__c, Rating]` is the text and its fields.
fn split_fields(text: &str) -> (&str, Vec<String>) {
    let Some((head, list)) = text.trim_end().strip_suffix(']').and_then(|text| text.rsplit_once(": ["))
    else {
        return (text.trim_end(), Vec::new());
    };
    (head, list.split(',').map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_message_is_read() {
        let message = "ns.OpportunityRollups: execution of AfterUpdate\n\ncaused by: System.DmlException: Update failed. First \
            exception on row 0 with id 001SIM0000000001AAA; first error: FIELD_CUSTOM_VALIDATION_EXCEPTION, Tier is needed \
            for partners: [Tier__c]\n\n(ns)";
        let nested = Nested::read(message).expect("known");
        assert_eq!(
            nested,
            Nested {
                automation: Some("ns.OpportunityRollups".into()),
                event: Some("AfterUpdate".into()),
                exception: Some("System.DmlException".into()),
                code: Some("FIELD_CUSTOM_VALIDATION_EXCEPTION".into()),
                message: Some("Tier is needed for partners".into()),
                fields: vec!["Tier__c".into()],
            }
        );
    }

    #[test]
    fn a_flow_message_is_read() {
        let message = "We can't save this record because the “Sync partner tier” process failed. Give your Salesforce admin \
            these details. This error occurred when the flow tried to update records: FIELD_CUSTOM_VALIDATION_EXCEPTION: Tier \
            is needed. You can look up ExceptionCode values in the SOAP API Developer Guide. Error ID: 1-2 (-3)";
        let nested = Nested::read(message).expect("known");
        assert_eq!(nested.automation.as_deref(), Some("Sync partner tier"));
        assert_eq!(nested.code.as_deref(), Some("FIELD_CUSTOM_VALIDATION_EXCEPTION"));
        assert_eq!(nested.message.as_deref(), Some("Tier is needed"));
    }

    #[test]
    fn other_text_says_nothing() {
        for message in [
            "",
            "entity type cannot be updated: Account",
            "<b>An unhandled fault has occurred in this flow</b>",
        ] {
            assert_eq!(Nested::read(message), None, "{message}");
        }
    }
}
