//! Write a rule for crm-export in Rust: a [`Rule`] says what it is and judges one record at a time; [`export!`] makes it
//! a plugin. See README.md for how to test, build and install it.
//!
//! ```
//! use sdk::{Answer, Description, Record, Rule, Unknown, testing::Case};
//!
//! struct NoSpaces;
//!
//! impl Rule for NoSpaces {
//!     fn describe() -> Description {
//!         Description::new("no-spaces").object("Lead").fields(&["Email"]).before_create().before_update()
//!     }
//!
//!     fn judge(record: &Record) -> Result<Answer, Unknown> {
//!         let email = record.text("Email")?.unwrap_or_default();
//!         if email.contains(' ') { Ok(Answer::refuse("The address has a space.", &["Email"])) } else { Ok(Answer::Accept) }
//!     }
//! }
//!
//! let answer = Case::create("Lead").text("Email", "a b@example.com").judge::<NoSpaces>();
//! assert_eq!(answer, Answer::refuse("The address has a space.", &["Email"]));
//! ```

mod answer;
mod description;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod guest;
mod record;
mod rule;
pub mod testing;
mod value;

pub use answer::{Answer, Change, Refusal};
pub use description::{Description, Event, Phase, Trigger};
pub use record::{Context, Record, Unknown, User};
pub use rule::Rule;
pub use value::Value;

/// Makes a [`Rule`] the plugin of this crate: `sdk::export!(NoSpaces);`, once, in a crate of type `cdylib`. It does
/// nothing when the crate is built for another target than WASM, as for its tests.
#[macro_export]
macro_rules! export {
    ($rule:ty) => {
        #[cfg(target_family = "wasm")]
        type ExportedRule = $crate::guest::Exported<$rule>;
        #[cfg(target_family = "wasm")]
        $crate::guest::bindings::export!(ExportedRule with_types_in $crate::guest::bindings);
    };
}
