//! Formulas grown from the function table, mostly of the right types, and what they are asked about.

use formula::functions::{Form, Function, ResultType, all};
use formula::{Decimal, Environment, Fields, Kinds, Lookup, Type, Value, Values};

use crate::choices::Choices;

/// The fields that formulas use.
pub const FIELDS: [(&str, Type); 20] = [
    ("Amount", Type::NUMBER),
    ("Price", Type::Number(formula::NumberStyle::Currency)),
    ("Rate", Type::Number(formula::NumberStyle::Percent)),
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
];
/// Where nothing else fits.
const TYPES: [Type; 7] =
    [Type::NUMBER, Type::Text, Type::Boolean, Type::Date, Type::DateTime, Type::Time, Type::Picklist];
const LITERALS: [&str; 16] = [
    "1",
    "0",
    "-2.5",
    "99999999999999999999",
    "1e3",
    "0.000001",
    "\"\"",
    "\"Open\"",
    "'a b'",
    "\"%\\\"\"",
    "TRUE",
    "FALSE",
    "NULL",
    "\"2024-02-29\"",
    "\"{\\\"a\\\":[1]}\"",
    "\"([a-z]+)+$\"",
];
const OPERATORS: [&str; 17] =
    ["+", "-", "*", "/", "^", "&", "=", "<>", "<", "<=", ">", ">=", "&&", "||", "==", "!=", " "];
const DEPTH_MAX: usize = 6;
/// Expressions of one formula: calls of many arguments multiply.
const PARTS_MAX: usize = 120;

/// The schema of the fields.
pub fn schema() -> Fields {
    FIELDS.iter().fold(Fields::new(), |fields, (path, given)| fields.with(path, *given))
}

/// A formula.
pub fn formula(choices: &mut Choices<'_>) -> String {
    let wanted = choices.of(&TYPES);
    Grower { choices, parts: 0 }.expression(wanted, 0)
}

struct Grower<'c, 'b> {
    choices: &'c mut Choices<'b>,
    parts: usize,
}

impl Grower<'_, '_> {
    fn expression(&mut self, wanted: Type, depth: usize) -> String {
        self.parts += 1;
        if depth >= DEPTH_MAX || self.parts > PARTS_MAX || self.choices.used_up() {
            return self.leaf(wanted);
        }
        match self.choices.below(8) {
            0 | 1 => self.leaf(wanted),
            2 | 3 => self.operation(wanted, depth),
            4 => format!("({})", self.expression(wanted, depth + 1)),
            _ => self.call(wanted, depth),
        }
    }

    fn leaf(&mut self, wanted: Type) -> String {
        let fields: Vec<&str> =
            FIELDS.iter().filter(|(_, given)| *given == wanted).map(|(path, _)| *path).collect();
        match self.choices.below(8) {
            0..=3 if !fields.is_empty() => self.choices.of(&fields).to_owned(),
            4 => self.choices.of(&FIELDS).0.to_owned(),
            5 => format!("{{!$Record.{}}}", self.choices.of(&FIELDS).0),
            6 => match wanted {
                Type::Text => format!("\"{}\"", self.choices.text(12).replace(['"', '\\'], "")),
                _ => self.choices.of(&LITERALS).to_owned(),
            },
            _ => literal(wanted).to_owned(),
        }
    }

    fn operation(&mut self, wanted: Type, depth: usize) -> String {
        let (operators, sides): (&[&str], Type) = match wanted {
            Type::Number(_) => (&["+", "-", "*", "/", "^"], Type::NUMBER),
            Type::Text => (&["&", "+"], Type::Text),
            Type::Date | Type::DateTime => (&["+", "-"], wanted),
            Type::Boolean => (
                &["=", "<>", "<", ">=", "&&", "||"],
                self.choices.of(&[Type::NUMBER, Type::Text, Type::Boolean, Type::Date]),
            ),
            _ => (&OPERATORS, wanted),
        };
        if self.choices.once_in(16) {
            let before = self.choices.of(&["-", "+", "NOT ", "!", "-", "NOT("]);
            return format!("{before}{}", self.expression(sides, depth + 1));
        }
        let operator =
            if self.choices.once_in(10) { self.choices.of(&OPERATORS) } else { self.choices.of(operators) };
        let right = if matches!(wanted, Type::Date | Type::DateTime) { Type::NUMBER } else { sides };
        format!("{} {operator} {}", self.expression(sides, depth + 1), self.expression(right, depth + 1))
    }

    fn call(&mut self, wanted: Type, depth: usize) -> String {
        let gives = |function: &&Function| match function.result {
            ResultType::Is(given) => given == wanted,
            ResultType::First | ResultType::Common(_) => true,
        };
        let odd = self.choices.once_in(12);
        let functions: Vec<&Function> = all().filter(|function| odd || gives(function)).collect();
        let function = self.choices.of(&functions);
        let counts: Vec<usize> = (0..=7).filter(|count| function.takes(*count)).collect();
        let count = if odd || counts.is_empty() { self.choices.below(5) } else { self.choices.of(&counts) };
        let arguments: Vec<String> =
            (0..count).map(|at| self.argument(function, at, count, wanted, depth)).collect();
        format!("{}({})", function.name, arguments.join(", "))
    }

    fn argument(
        &mut self,
        function: &Function,
        at: usize,
        count: usize,
        wanted: Type,
        depth: usize,
    ) -> String {
        let Some(parameter) = function.parameter(at, count) else { return self.leaf(wanted) };
        match parameter.form {
            Form::Literal => self.choices.of(&["\"Open\"", "\"Closed\"", "\"\"", "\"a;b\""]).to_owned(),
            Form::Field => self.choices.of(&FIELDS).0.to_owned(),
            Form::ObjectField => "$ObjectType.Zip__c.Fields.Name".to_owned(),
            Form::Expression => {
                let becomes_result = match function.result {
                    ResultType::Is(_) => false,
                    ResultType::First => at == 0,
                    ResultType::Common(branches) => branches.holds(at, count),
                };
                let fitting = fitting(parameter.kinds, self.choices);
                self.expression(if becomes_result { wanted } else { fitting }, depth + 1)
            }
        }
    }
}

fn fitting(kinds: Kinds, choices: &mut Choices<'_>) -> Type {
    let types: Vec<Type> = TYPES.into_iter().filter(|given| kinds.fit(*given)).collect();
    if types.is_empty() { Type::Text } else { choices.of(&types) }
}

fn literal(wanted: Type) -> &'static str {
    match wanted {
        Type::Number(_) => "2",
        Type::Text => "\"Open\"",
        Type::Boolean => "TRUE",
        Type::Date => "TODAY()",
        Type::DateTime => "NOW()",
        _ => "NULL",
    }
}

/// Records that formulas are asked about: an ordinary one that changes, one of nulls, one of extremes.
pub fn records() -> Vec<Values> {
    vec![ordinary().changed_from(blank()), blank(), extreme(), Values::new()]
}

fn of_texts(texts: [&str; 20]) -> Values {
    let mut record = Values::new();
    for ((path, given), text) in FIELDS.iter().zip(texts) {
        match given {
            Type::Location => record.set(path, Value::Location(Decimal::ONE, Decimal::from(7_i64))),
            _ => record.read(path, *given, text).expect("the text is of its field's type"),
        }
    }
    record
}

fn ordinary() -> Values {
    of_texts([
        "100.25",
        "7",
        "50",
        "Österreich 😀",
        "ab-12",
        "true",
        "false",
        "2024-02-29",
        "2024-01-31",
        "2024-01-31T23:59:59Z",
        "10:40:00.000",
        "Open",
        "red;blue",
        "001D000000IRFmaIAH",
        "",
        "x",
        "Acme",
        "Customer",
        "12",
        "true",
    ])
}

fn blank() -> Values {
    of_texts([""; 20])
}

fn extreme() -> Values {
    of_texts([
        "999999999999999999999999.999999999",
        "-0.0000000000000000000001",
        "1e60",
        "\\\"'%_<&>\n\t\u{1F468}\u{200D}\u{1F469}",
        "((((((((((a*)*)*)*)*)*",
        "false",
        "true",
        "9999-12-31",
        "0001-01-01",
        "1700-01-01T00:00:00Z",
        "23:59:59.999",
        "no such value",
        ";;;a",
        "x",
        "",
        "1e400",
        "",
        "",
        "-1",
        "false",
    ])
}

/// Surroundings: a fixed moment, a zone behind UTC.
pub fn environment() -> Environment<'static> {
    let now = formula::DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z");
    let mut environment = Environment::at(now);
    environment.offset_minutes = -11 * 60;
    environment.currency_rates.insert("EUR".to_owned(), Decimal::from(2_i64));
    environment.records = Some(&Nowhere);
    environment
}

struct Nowhere;

impl formula::Records for Nowhere {
    fn look_up(&self, _: &str, field: &str, _: &str, key: &Value) -> Lookup {
        match key {
            Value::Null => Lookup::Unknown("a key is needed".to_owned()),
            key => Lookup::Known(Value::text(format!("{field} {key}"))),
        }
    }
}
