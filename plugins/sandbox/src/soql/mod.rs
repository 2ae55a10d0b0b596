//! SOQL: `run` answers a query by the records that a [`View`](crate::view::View) shows, `more` a further page of it.
//!
//! | step | file |
//! |---|---|
//! | tokens, grammar, conditions | `lexer`, `parser`, `conditions` into `ast`; dates in `literal` |
//! | names, rights, misuse | `names`, `plan`; grouped queries in `aggregate` |
//! | rows | `rows` (index or scan), `filter`, `keys`, `order` |
//! | answers | `project`, `page`, `run`; messages in `error`; the columns that `sf` asks for in `columns` |
//!
//! Not understood, and refused with a message that says so: `TYPEOF`, `WITH`, `GROUP BY ROLLUP` and `CUBE`, date and
//! geolocation functions, `FORMAT`, `toLabel`, `convertCurrency`, several objects in `FROM`.

mod aggregate;
mod ast;
mod columns;
mod conditions;
mod error;
mod filter;
mod keys;
mod lexer;
mod literal;
mod names;
mod order;
mod page;
mod parser;
mod plan;
mod project;
mod rows;
mod run;
#[cfg(test)]
mod tests;

pub use columns::{columns, table};
pub use page::more;
pub use run::{QueryOptions, run};
