//! The stack on a local cloud: deployed by the real tools, exporting real records to the sandbox, and what goes wrong there.
//!
//! `tests/run cloud` installs the tools. What is proven by what:
//!
//! * `build`: `sam build` makes a package that Lambda's runtime can start, of one function. The other two are built in the
//!   same way, which the template's comparison holds.
//! * `journey`: the templates, the deployed functions and the program, from `sam deploy` and `cdk deploy` on. The functions
//!   in it are built by cargo together with everything else (see `tests::cloud::bootstraps`).
//! * `outages`, `messages`, `killed`, `edited`: what goes wrong, and that nothing is lost by it.

mod build;
mod edited;
mod journey;
mod killed;
mod messages;
mod outages;
mod world;
