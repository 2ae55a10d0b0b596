//! Whether a condition of the start or of a decision holds.

use formula::Value;
use metadata::flow::Condition;

use super::compare;
use super::held::{Held, Miss};
use super::interview::Interview;

/// What the operator `IsChanged` says of a record that is being created. UNCONFIRMED: as ISCHANGED() of formulas
/// (reference §5.4).
const CHANGED_ON_CREATE: bool = false;

/// Whether an operator is understood.
#[cfg(feature = "compile")]
pub(super) fn is_known(operator: &str) -> bool {
    compare::is_known(operator)
        || matches!(operator, "IsNull" | "IsBlank" | "IsEmpty" | "IsChanged" | "WasSet" | "WasVisited")
}

/// Whether it is so, and the values that say it.
type Asked = Result<(bool, String), Miss>;

impl Interview<'_> {
    /// Whether a condition holds, now or for the triggering record before its change.
    pub(super) fn condition(
        &mut self,
        element: &str,
        condition: &Condition,
        prior: bool,
    ) -> Result<bool, Miss> {
        let Condition { left, operator, right, .. } = condition;
        let (holds, values) = match operator.as_str() {
            "IsChanged" => self.wanted(condition, Self::is_changed, prior)?,
            "WasVisited" => self.wanted(condition, Self::was_visited, prior)?,
            "WasSet" => self.wanted(condition, Self::was_set, prior)?,
            "IsNull" | "IsBlank" | "IsEmpty" => self.wanted(condition, Self::is_blank, prior)?,
            operator => {
                let left = self.read_at(left, prior)?;
                let right = match right {
                    Some(metadata::flow::FlowValue::Reference(reference)) => {
                        self.read_at(reference, prior)?
                    }
                    right => self.optional(right.as_ref())?,
                };
                let holds = compare::compare(operator, &left, &right)?;
                (holds, format!("{} and {}", left.shown(), right.shown()))
            }
        };
        let kind = if element == "start" { "criterion" } else { "condition" };
        let when = if prior { " before the change" } else { "" };
        self.step(element, kind, || format!("{left} {operator}{when}: {holds} ({values})"));
        Ok(holds)
    }

    /// An operator that asks one thing, and whether the answer is the one that the right side wants.
    fn wanted(
        &mut self,
        condition: &Condition,
        ask: fn(&mut Self, &str, bool) -> Asked,
        prior: bool,
    ) -> Asked {
        let wanted = match self.optional(condition.right.as_ref())? {
            Held::Value(Value::Boolean(wanted)) => wanted,
            Held::Value(Value::Text(text)) => text.eq_ignore_ascii_case("true"),
            Held::Value(Value::Null) => true,
            other => return Err(Miss::Unknown(format!("{} is no condition", other.shown()))),
        };
        let (holds, values) = ask(self, &condition.left, prior)?;
        Ok((holds == wanted, values))
    }

    fn is_blank(&mut self, left: &str, prior: bool) -> Asked {
        let held = self.read_at(left, prior)?;
        Ok((held.is_blank(), held.shown()))
    }

    fn is_changed(&mut self, left: &str, prior: bool) -> Asked {
        let path = left.split_once('.').filter(|(root, _)| root.eq_ignore_ascii_case("$Record"));
        let Some((_, path)) = path.filter(|_| !prior) else {
            return Err(Miss::Unknown(format!("whether {left} was changed is not known")));
        };
        let view = self.view(false);
        let changed = match formula::Record::is_new(&view) {
            Some(true) => CHANGED_ON_CREATE,
            _ => formula::Record::changed(&view, path)
                .map_err(|why| Miss::Unknown(format!("whether {left} was changed is not known: {why}")))?,
        };
        Ok((changed, if changed { "it was changed" } else { "it was not changed" }.to_owned()))
    }

    fn was_visited(&mut self, left: &str, _: bool) -> Asked {
        let visited = self.state.visited.contains(&left.to_ascii_lowercase());
        Ok((visited, if visited { "it ran" } else { "it did not run" }.to_owned()))
    }

    /// A field of a record that the flow has assigned. For a field that was read its value decides (UNCONFIRMED).
    fn was_set(&mut self, left: &str, prior: bool) -> Asked {
        let held = self.read_at(left, prior)?;
        Ok((!held.is_blank(), held.shown()))
    }
}
