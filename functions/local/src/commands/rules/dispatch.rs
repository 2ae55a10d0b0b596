//! Which of the rules' commands was asked for.

use super::{check, compile, test};
use crate::args::RulesAction;
use crate::context::Context;
use crate::exit::{Exit, Failure};

/// Runs what was asked of the rules.
pub(crate) async fn run(context: &Context, action: RulesAction) -> Result<Exit, Failure> {
    match action {
        RulesAction::Compile { dir, out } => compile::run(context, &dir, out.as_deref()),
        RulesAction::Check(args) => check::run(context, args).await,
        RulesAction::Test { cases, engine } => test::run(context, &cases, engine),
    }
}
