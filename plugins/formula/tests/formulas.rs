//! Well-typed random formulas, made from the function table: each function with arguments of types that it takes.

use std::collections::HashMap;

use formula::functions::{Arity, Form, Function, Parameter, ResultType, all};
use formula::{Fields, Kinds, NumberStyle, Type};
use proptest::prelude::*;

/// The fields that they use.
pub const FIELDS: &[(&str, Type)] = &[
    ("Amount", Type::NUMBER),
    ("Price", Type::Number(NumberStyle::Currency)),
    ("Rate", Type::Number(NumberStyle::Percent)),
    ("Name", Type::Text),
    ("Code", Type::Text),
    ("Active", Type::Boolean),
    ("Ready", Type::Boolean),
    ("CloseDate", Type::Date),
    ("StartDate", Type::Date),
    ("CreatedDate", Type::DateTime),
    ("Opens", Type::Time),
    ("Status", Type::Picklist),
    ("Colours", Type::MultiPicklist),
    ("OwnerId", Type::Id),
    ("Place", Type::Location),
    ("Other", Type::Any),
    ("Account.Name", Type::Text),
    ("Account.Type", Type::Picklist),
    ("Account.Size", Type::NUMBER),
    ("$Permission.Bypass", Type::Boolean),
    ("$Setup.Rules__c.Off__c", Type::Any),
];

/// The schema of these fields.
pub fn schema() -> Fields {
    FIELDS.iter().fold(Fields::new(), |fields, (path, given)| fields.with(path, *given))
}

const TYPES: [Type; 10] = [
    Type::Text,
    Type::NUMBER,
    Type::Boolean,
    Type::Date,
    Type::DateTime,
    Type::Time,
    Type::Picklist,
    Type::MultiPicklist,
    Type::Id,
    Type::Location,
];
const DEPTH: usize = 3;

/// An expression of any type.
pub fn expression() -> BoxedStrategy<String> {
    let mut known = Known::default();
    let each: Vec<_> = TYPES.iter().map(|given| known.of(*given, DEPTH)).collect();
    proptest::strategy::Union::new(each).boxed()
}

/// A condition, as rules have it: comparisons of fields joined by AND, OR, NOT and IF, deeper than other expressions.
pub fn condition() -> BoxedStrategy<String> {
    let mut known = Known::default();
    let leaf = prop_oneof![2 => comparison(), 1 => known.of(Type::Boolean, 1)];
    let junction = |name: &'static str, inner: BoxedStrategy<String>| {
        proptest::collection::vec(inner, 1..5).prop_map(move |parts| format!("{name}({})", parts.join(", ")))
    };
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let inner = inner.boxed();
        let two = (inner.clone(), proptest::sample::select(vec!["&&", "||"]), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            junction("AND", inner.clone()),
            junction("OR", inner.clone()),
            inner.clone().prop_map(|of| format!("NOT({of})")),
            two.prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            three.prop_map(|(when, then, otherwise)| format!("IF({when}, {then}, {otherwise})")),
        ]
    })
    .boxed()
}

fn pick(choices: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    proptest::sample::select(choices.to_vec())
}

/// What rules compare: fields with literals, fields, sums, TODAY().
fn comparison() -> BoxedStrategy<String> {
    let order = || pick(&["=", "<>", "<", "<=", ">", ">="]);
    let date = || {
        let sums = ["TODAY() - 30", "CloseDate + Amount", "PRIORVALUE(CloseDate)"];
        prop_oneof![pick(&["CloseDate", "StartDate", "TODAY()"]), pick(&sums)]
    };
    let moment = || pick(&["CreatedDate", "NOW()", "PRIORVALUE(CreatedDate)"]);
    let joined = |(left, symbol, right): (String, &str, String)| format!("{left} {symbol} {right}");
    prop_oneof![
        (number(), order(), number()).prop_map(joined),
        (date(), order(), date()).prop_map(|(left, order, right)| format!("{left} {order} {right}")),
        (moment(), order(), moment()).prop_map(|(left, order, right)| format!("{left} {order} {right}")),
        (text(), pick(&["=", "<>"]), text()).prop_map(joined),
        asked(),
    ]
    .boxed()
}

fn number() -> BoxedStrategy<String> {
    let fields = ["Amount", "Price", "Rate", "PRIORVALUE(Amount)", "$Record__Prior.Price", "Amount * 2"];
    let calls = [
        "LEN(Name)",
        "BLANKVALUE(Amount, 3)",
        "NULLVALUE(Rate, 0.5)",
        "IF(Active, Amount, 5)",
        "IFERROR(Amount, 5)",
    ];
    let sums = ["Amount + Price", "Amount - 0.25", "Rate - Amount - 1", "-Amount", "CloseDate - TODAY()"];
    let literals = ["9999999999999", "0", "NULL", "CloseDate - StartDate"];
    prop_oneof![
        pick(&fields).prop_map(str::to_owned),
        pick(&calls).prop_map(str::to_owned),
        pick(&sums).prop_map(str::to_owned),
        pick(&literals).prop_map(str::to_owned),
        "[0-9]{1,3}(\\.[0-9]{1,8})?",
    ]
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    let fields = [
        "Name",
        "Code",
        "OwnerId",
        "TEXT(Status)",
        "PRIORVALUE(Name)",
        "TEXT(PRIORVALUE(Status))",
        "Account.Name",
    ];
    let literals = ["\"Open\"", "\"\"", "\"a\"", "\"Österreich 😀\"", "NULL"];
    prop_oneof![pick(&fields), pick(&literals)].prop_map(str::to_owned).boxed()
}

/// Questions about one field or the record, and some that only the library answers.
fn asked() -> BoxedStrategy<String> {
    let long = "a very long value that nobody ever picks in any record at all, I think";
    let picked =
        (pick(&["Status", "PRIORVALUE(Status)", "Account.Type"]), pick(&["Open", "Closed", "", long]));
    let blank =
        ["Name", "Amount", "CloseDate", "TEXT(Status)", "CreatedDate", "OwnerId", "PRIORVALUE(Amount)"];
    let events = ["ISNEW()", "ISCLONE()", "ISCHANGED(Amount)", "ISCHANGED(Status)", "ISCHANGED(Name)"];
    let checkboxes =
        ["Active", "Ready", "$Permission.Bypass", "$Setup.Rules__c.Off__c", "PRIORVALUE(Active)", "Other"];
    let calls = [
        "BEGINS(Name, \"a\")",
        "CONTAINS(Name, \"b\")",
        "INCLUDES(Colours, \"a\")",
        "REGEX(Code, \"[a-z]+\")",
        "1 / Amount > 1",
    ];
    let others = ["Active = Ready", "Active <> TRUE", "TRUE", "FALSE", "NULL", "TEXT(Status) = Name"];
    prop_oneof![
        picked.prop_map(|(field, value)| format!("ISPICKVAL({field}, \"{value}\")")),
        (pick(&["ISBLANK", "ISNULL"]), pick(&blank)).prop_map(|(name, field)| format!("{name}({field})")),
        pick(&events).prop_map(str::to_owned),
        pick(&checkboxes).prop_map(str::to_owned),
        pick(&calls).prop_map(str::to_owned),
        pick(&others).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Strategies by type and depth, each made once.
#[derive(Default)]
struct Known(HashMap<(Type, usize), BoxedStrategy<String>>);

impl Known {
    fn of(&mut self, given: Type, depth: usize) -> BoxedStrategy<String> {
        if let Some(known) = self.0.get(&(given, depth)) {
            return known.clone();
        }
        let made = self.make(given, depth);
        self.0.insert((given, depth), made.clone());
        made
    }

    fn make(&mut self, given: Type, depth: usize) -> BoxedStrategy<String> {
        let leaf = leaf(given);
        if depth == 0 {
            return leaf;
        }
        let mut choices: Vec<(u32, BoxedStrategy<String>)> = vec![(2, leaf)];
        choices.extend(self.operators(given, depth - 1).into_iter().map(|made| (3, made)));
        let calls: Vec<_> = all().filter_map(|function| self.call(function, given, depth - 1)).collect();
        if !calls.is_empty() {
            choices.push((8, proptest::strategy::Union::new(calls).boxed()));
        }
        proptest::strategy::Union::new_weighted(choices).boxed()
    }

    fn operators(&mut self, given: Type, depth: usize) -> Vec<BoxedStrategy<String>> {
        let mut two = |left: Type, symbols: &'static [&'static str], right: Type| {
            (self.of(left, depth), pick(symbols), self.of(right, depth))
                .prop_map(|(left, symbol, right)| format!("({left} {symbol} {right})"))
                .boxed()
        };
        match given {
            Type::Number(_) => vec![
                two(Type::NUMBER, &["+", "-", "*", "/", "^"], Type::NUMBER),
                two(Type::Date, &["-"], Type::Date),
                self.of(Type::NUMBER, depth).prop_map(|of| format!("-{of}")).boxed(),
                self.of(Type::NUMBER, depth).prop_map(|of| format!("+{of}")).boxed(),
            ],
            Type::Text => vec![two(Type::Text, &["&", "+"], Type::Text)],
            Type::Date => vec![two(Type::Date, &["+", "-"], Type::NUMBER)],
            Type::DateTime => vec![two(Type::DateTime, &["+", "-"], Type::NUMBER)],
            Type::Boolean => vec![
                two(Type::NUMBER, &["<", "<=", ">", ">=", "=", "<>"], Type::NUMBER),
                two(Type::Text, &["=", "<>", "<", ">"], Type::Text),
                two(Type::Date, &["=", "<>", "<", ">="], Type::Date),
                two(Type::DateTime, &["=", ">"], Type::DateTime),
                two(Type::Boolean, &["&&", "||", "="], Type::Boolean),
            ],
            _ => Vec::new(),
        }
    }

    /// A call of a function that gives this type.
    fn call(
        &mut self,
        function: &'static Function,
        given: Type,
        depth: usize,
    ) -> Option<BoxedStrategy<String>> {
        let fits = match function.result {
            ResultType::Is(result) => result == given || (result == Type::Any && given == Type::Text),
            ResultType::First | ResultType::Common(_) => true,
        };
        if !fits {
            return None;
        }
        let counts: Vec<usize> = (0..=6).filter(|count| function.takes(*count)).collect();
        let calls = counts.into_iter().filter_map(|count| {
            let arguments: Option<Vec<_>> =
                (0..count).map(|at| self.argument(function, (at, count), given, depth)).collect();
            Some(arguments?.prop_map(move |given| format!("{}({})", function.name, given.join(", "))).boxed())
        });
        let calls: Vec<_> = calls.collect();
        if calls.is_empty() { None } else { Some(proptest::strategy::Union::new(calls).boxed()) }
    }

    fn argument(
        &mut self,
        function: &Function,
        (at, count): (usize, usize),
        given: Type,
        depth: usize,
    ) -> Option<BoxedStrategy<String>> {
        let parameter = function.parameter(at, count)?;
        match parameter.form {
            Form::Literal => return Some(leaf_literal(Type::Text)),
            Form::Field => {
                return own_field(if function.result == ResultType::First { given } else { Type::Text });
            }
            Form::ObjectField => return Some(Just("$ObjectType.Zip__c.Fields.Name".to_owned()).boxed()),
            Form::Expression => {}
        }
        let becomes_result = match function.result {
            ResultType::Is(_) => false,
            ResultType::First => at == 0,
            ResultType::Common(branches) => branches.holds(at, count),
        };
        if becomes_result {
            return parameter.kinds.fit(given).then(|| self.of(given, depth));
        }
        Some(self.fitting(function, parameter, depth))
    }

    /// CASE and IN compare: all their values are numbers here. Others take each type that fits.
    fn fitting(&mut self, function: &Function, parameter: &Parameter, depth: usize) -> BoxedStrategy<String> {
        let compares = matches!(function.arity, Arity::Case) || function.name == "IN";
        let types: Vec<Type> = if compares {
            vec![Type::NUMBER]
        } else {
            TYPES.into_iter().filter(|given| parameter.kinds.fit(*given)).collect()
        };
        let special = match function.name {
            "DISTANCE" if parameter.kinds == Kinds::TEXT => Some(Just("\"km\"".to_owned()).boxed()),
            "CURRENCYRATE" => Some(pick(&["\"EUR\"", "\"USD\""]).prop_map(str::to_owned).boxed()),
            _ => None,
        };
        let made = types.into_iter().map(|given| self.of(given, depth));
        special.unwrap_or_else(|| proptest::strategy::Union::new(made).boxed())
    }
}

fn own_field(given: Type) -> Option<BoxedStrategy<String>> {
    let own: Vec<&str> = FIELDS
        .iter()
        .filter(|(path, field)| !path.contains('.') && (*field == given || given == Type::Text))
        .map(|(path, _)| *path)
        .collect();
    (!own.is_empty()).then(|| proptest::sample::select(own).prop_map(str::to_owned).boxed())
}

fn leaf(given: Type) -> BoxedStrategy<String> {
    let fields: Vec<&str> = FIELDS
        .iter()
        .filter(|(_, field)| {
            *field == given || (field.is_number() && given.is_number()) || *field == Type::Any
        })
        .map(|(path, _)| *path)
        .collect();
    let field = proptest::sample::select(fields).prop_map(str::to_owned).boxed();
    match given {
        Type::Picklist | Type::MultiPicklist | Type::Location => field,
        Type::Date => prop_oneof![3 => field, 1 => pick(&["TODAY()", "$Record__Prior.CloseDate"]).prop_map(str::to_owned)]
            .boxed(),
        _ => prop_oneof![3 => field, 2 => leaf_literal(given)].boxed(),
    }
}

fn leaf_literal(given: Type) -> BoxedStrategy<String> {
    match given {
        Type::Number(_) => "[0-9]{1,4}(\\.[0-9]{1,3})?".boxed(),
        Type::Text => prop_oneof![
            "\"[a-z0-9 :%-]{0,6}\"",
            pick(&["\"Open\"", "\"2024-02-29\"", "\"{}\""]).prop_map(str::to_owned)
        ]
        .boxed(),
        Type::Boolean => pick(&["TRUE", "FALSE"]).prop_map(str::to_owned).boxed(),
        _ => Just("NULL".to_owned()).boxed(),
    }
}
