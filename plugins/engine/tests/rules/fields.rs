//! Formula fields, and defaults that are formulas.

use engine::RuleKind;
use formula::{Lookup, Value};
use metadata::RuleSet;

use crate::org::{BOTH, compiled};
use crate::world::new;

#[test]
fn fields_with_formulas_have_values() {
    for evaluator in BOTH {
        let compiled = compiled(RuleSet::default(), evaluator);
        let rules = &compiled.rules;
        let world = new(&["Score__c:number=3"]);
        let field = |name: &str| rules.formula_field("account", name, &world);
        assert_eq!(field("FOUR__c"), Some(Lookup::Known(Value::whole(12))));
        assert_eq!(field("Fixed__c"), Some(Lookup::Known(Value::text("always"))));
        assert_eq!(field("Score__c"), None);
        assert_eq!(field("Since__c"), None);
        assert!(matches!(field("Loop__c"), Some(Lookup::Unknown(why)) if why.contains("20 deep")));
        let since = rules.default_value("Account", "since__c", &world).map(|found| match found {
            Lookup::Known(value) => value.to_string(),
            other => format!("{other:?}"),
        });
        assert_eq!(since.as_deref(), Some("2024-02-07"));
        assert_eq!(rules.default_value("Account", "Score__c", &world), None);
        let kinds = |kind| compiled.report.compiled.iter().filter(|rule| rule.kind == kind).count();
        assert_eq!((kinds(RuleKind::Formula), compiled.report.errors.len()), (5, 1));
        assert_eq!(compiled.report.errors[0].rule.name, "Account.Bad__c");
    }
}
