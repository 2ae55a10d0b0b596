//! The language reference, written from the function table; a test runs its examples and holds `reference.md` to it.

use std::fmt::Write;

use crate::functions::{Arity, FAMILIES, Function, ResultType};

const HEAD: &str = "# The formula language

Written from the function table (`plugins/formula/src/functions`); every example is run by a test.
`UPDATE=1 cargo test -p formula` writes this file anew.

Operators, from tight to loose, all from left to right: `-` `+` `NOT` `!` before a value; `*` `/`; `^`; `+` `-` `&`;
`<` `<=` `>` `>=`; `=` `==` `<>` `!=`; `&&`; `||`. Texts stand in `\"...\"` or `'...'`, with `\\\\` and `\\\"` as escapes.
Comments stand in `/* ... */`. Names and functions may be written in any case. Flows write fields as `{!$Record.Name}`.

A comparison or calculation with a null is null, and AND, OR and IF take a null condition as FALSE. Texts are the
exception: null and `\"\"` are equal, and `&` passes over nulls. *null* below says what a null argument does: *null*
makes the result null, *own* is said in the text.

Fields of the examples: `Amount` 100, `Status` \"Open\", `Colours` \"red;blue\"; the record is new, the time
2024-01-31T12:00:00Z.
";

/// The reference as Markdown.
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    for family in &FAMILIES {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "\n## {}\n\n| function | gives | null | | example |\n|---|---|---|---|---|",
            family.name
        );
        for function in family.functions {
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {} | `{}` → `{}` |",
                signature(function),
                result(function),
                match function.nulls {
                    crate::functions::NullRule::Propagate
                        if !function.parameters.is_empty() && is_strict(function) =>
                    {
                        "null"
                    }
                    _ => "own",
                },
                escaped(function.doc),
                escaped(function.example),
                escaped(function.gives)
            );
        }
    }
    out
}

fn is_strict(function: &Function) -> bool {
    matches!(function.body, crate::functions::Body::Strict(_))
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn signature(function: &Function) -> String {
    let names: Vec<&str> = function.parameters.iter().map(|parameter| parameter.name).collect();
    let list = match function.arity {
        Arity::Between(min, _) if min < names.len() => {
            let (required, optional) = names.split_at(min);
            let comma = if required.is_empty() { "" } else { ", " };
            format!("{}[{comma}{}]", required.join(", "), optional.join(", "))
        }
        Arity::Between(..) => names.join(", "),
        Arity::AtLeast(_) => format!("{}, ...", names.join(", ")),
        Arity::Case | Arity::Ifs => {
            let (last, rest) = names.split_last().map_or(("", &names[..]), |(last, rest)| (*last, rest));
            format!("{}, ..., {last}", rest.join(", "))
        }
    };
    format!("{}({list})", function.name)
}

fn result(function: &Function) -> String {
    match function.result {
        ResultType::Is(given) => given.to_string(),
        ResultType::First => "as the first".to_owned(),
        ResultType::Common(_) => "as the results".to_owned(),
    }
}
