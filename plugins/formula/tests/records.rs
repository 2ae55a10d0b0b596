//! Records whose fields are known, unknown or errors, at hand or not, and that remember what they were asked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use formula::{DateTime, ErrorKind, EvaluationError, Lookup, Record, Span, Type, Value};
use proptest::prelude::*;

/// A record that remembers which paths it was asked for that it has not at hand: those with a dot, and some others.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    values: BTreeMap<String, Lookup>,
    prior: BTreeMap<String, Lookup>,
    far: BTreeSet<String>,
    is_new: Option<bool>,
    is_clone: Option<bool>,
    asked: RefCell<BTreeSet<String>>,
}

impl Asked {
    /// A new record.
    pub fn new() -> Self {
        Self { is_new: Some(true), is_clone: Some(false), ..Self::default() }
    }

    /// With a value.
    pub fn with(mut self, path: &str, value: Lookup) -> Self {
        self.values.insert(path.to_owned(), value);
        self
    }

    /// What it was asked for that was not at hand, since the last time.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.borrow_mut()).into_iter().collect()
    }

    fn find(&self, values: &BTreeMap<String, Lookup>, path: &str) -> Lookup {
        if !self.at_hand(path) {
            self.asked.borrow_mut().insert(path.to_owned());
        }
        let missing = Lookup::Unknown("the field was not sent".to_owned());
        values.get(path).cloned().unwrap_or(missing)
    }
}

impl Record for Asked {
    fn value(&self, path: &str) -> Lookup {
        self.find(&self.values, path)
    }

    fn at_hand(&self, path: &str) -> bool {
        !path.contains('.') && !self.far.contains(path)
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.find(&self.prior, path)
    }

    fn is_new(&self) -> Option<bool> {
        self.is_new
    }

    fn is_clone(&self) -> Option<bool> {
        self.is_clone
    }
}

/// A value of a type.
fn value(given: Type) -> BoxedStrategy<Value> {
    let number = || {
        prop_oneof![
            3 => (-50_i64..50).prop_map(Value::whole),
            2 => "-?[0-9]{1,4}\\.[0-9]{1,7}".prop_map(|text| Value::Number(text.parse().expect("a number"))),
            1 => "-?[0-9]{10,22}(\\.[0-9]{1,3})?".prop_map(|text| Value::Number(text.parse().expect("a number"))),
        ]
    };
    let text = || {
        prop_oneof![
            4 => proptest::sample::select(vec!["Open", "Closed", "a", "ab", "12", "2024-02-29", "Österreich 😀", ""])
                .prop_map(Value::text),
            3 => "[a-z0-9;é ]{0,12}".prop_map(Value::text),
            1 => (240_usize..270).prop_map(|length| Value::text("x".repeat(length))),
        ]
    };
    let date = || {
        (15_000_i64..25_000)
            .prop_map(|days| Value::Date(formula::Date::from_days(days).expect("it is in range")))
    };
    let moment = || {
        (1_400_000_000_000_i64..1_900_000_000_000)
            .prop_map(|ms| Value::DateTime(DateTime::from_ms(ms).expect("it is in range")))
    };
    match given {
        Type::Number(_) => number().boxed(),
        Type::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Type::Date => date().boxed(),
        Type::DateTime => moment().boxed(),
        Type::Time => (0_i64..86_400_000)
            .prop_map(|ms| Value::Time(formula::Time::from_ms(ms).expect("it is in range")))
            .boxed(),
        Type::Location => Just(Value::Location(formula::Decimal::ONE, formula::Decimal::from(7_i64))).boxed(),
        Type::Any => prop_oneof![number(), text(), any::<bool>().prop_map(Value::Boolean), date()].boxed(),
        _ => text().boxed(),
    }
}

fn lookup(given: Type) -> BoxedStrategy<Lookup> {
    let error = EvaluationError {
        kind: ErrorKind::DivisionByZero,
        message: "division by zero".to_owned(),
        span: Span::new(3, 4),
    };
    prop_oneof![
        14 => value(given).prop_map(Lookup::Known),
        3 => Just(Lookup::Known(Value::Null)),
        1 => Just(Lookup::Known(if given.is_textual() { Value::Text(String::new()) } else { Value::Null })),
        1 => Just(Lookup::Unknown("it is not visible".to_owned())),
        1 => Just(Lookup::Error(error)),
    ]
    .boxed()
}

/// A record of these fields; a few of them are not there.
pub fn asked_record(fields: &'static [(&'static str, Type)]) -> BoxedStrategy<Asked> {
    let values = || {
        let each: Vec<_> = fields
            .iter()
            .map(|(path, given)| {
                proptest::option::weighted(0.92, lookup(*given)).prop_map(|found| (path.to_string(), found))
            })
            .collect();
        each.prop_map(|each| each.into_iter().filter_map(|(path, found)| Some((path, found?))).collect())
    };
    let names: Vec<String> = fields.iter().map(|(path, _)| path.to_string()).collect();
    let far = proptest::sample::subsequence(names, 0..4).prop_map(|far| far.into_iter().collect());
    let event = proptest::sample::select(vec![Some(true), Some(false), Some(false), None]);
    let is_clone = proptest::sample::select(vec![Some(true), Some(false), None]);
    (values(), values(), far, event, is_clone)
        .prop_map(|(values, prior, far, is_new, is_clone)| Asked {
            values,
            prior,
            far,
            is_new,
            is_clone,
            asked: RefCell::default(),
        })
        .boxed()
}
