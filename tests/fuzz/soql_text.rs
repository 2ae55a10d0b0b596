//! SOQL grown from its grammar, over the objects of the sandbox's test org.

use crate::choices::Choices;

const OBJECTS: [&str; 6] = ["Contact", "Account", "Touchpoint__c", "Part__c", "User", "Nothing__c"];
const FIELDS: [&str; 22] = [
    "Id",
    "Name",
    "Ext__c",
    "LastName",
    "Email",
    "AccountId",
    "Account.Name",
    "Account.Owner.Name",
    "Score__c",
    "Active__c",
    "Day__c",
    "Moment__c",
    "Rating__c",
    "Interests__c",
    "Contact__c",
    "Contact__r.Account.Name",
    "Doubled__c",
    "CreatedDate",
    "IsDeleted",
    "OwnerId",
    "None__c",
    "a.b.c.d.e.f.g",
];
const VALUES: [&str; 26] = [
    "'A-1'",
    "''",
    "null",
    "TRUE",
    "false",
    "1",
    "-2.5",
    "1e400",
    "99999999999999999999",
    "2026-11-23",
    "2026-11-23T10:00:00Z",
    "2026-11-23T10:00:00+14:00",
    "TODAY",
    "LAST_N_DAYS:3",
    "NEXT_N_YEARS:9999",
    "N_QUARTERS_AGO:9999",
    "LAST_FISCAL_YEAR",
    "'a%_\\%'",
    "'\\u00e4\\''",
    "'Hot'",
    "'Hot;Cold'",
    "'003000000000001'",
    ":x",
    "USD5",
    "(SELECT Id FROM Account)",
    "'\\q'",
];
const COMPARED: [&str; 9] = ["=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "like"];
const AGGREGATES: [&str; 6] = ["COUNT(", "COUNT_DISTINCT(", "SUM(", "AVG(", "MIN(", "MAX("];
const DEPTH_MAX: usize = 5;

/// A query.
pub fn query(choices: &mut Choices<'_>) -> String {
    nested(choices, 0)
}

fn nested(choices: &mut Choices<'_>, depth: usize) -> String {
    let mut text = String::from("SELECT ");
    let items: Vec<String> = (0..=choices.below(3)).map(|_| item(choices, depth)).collect();
    text += &items.join(", ");
    let children = depth > 0 && choices.once_in(3);
    text += &format!(
        " FROM {}",
        if children { choices.of(&["Contacts", "Touchpoints__r", "Parts__r"]) } else { choices.of(&OBJECTS) }
    );
    if choices.once_in(2) {
        text += &format!(" WHERE {}", condition(choices, depth));
    }
    if choices.once_in(5) {
        text += &format!(" GROUP BY {}", choices.of(&FIELDS));
        if choices.once_in(2) {
            text += &format!(" HAVING {}", condition(choices, depth));
        }
    }
    if choices.once_in(3) {
        let order = choices.of(&["", " ASC", " DESC", " DESC NULLS LAST", " NULLS FIRST"]);
        text += &format!(" ORDER BY {}{order}", operand(choices));
    }
    if choices.once_in(3) {
        text += &format!(" LIMIT {}", choices.of(&["1", "0", "2", "99999999999", "-1", "x"]));
    }
    if choices.once_in(4) {
        text += &format!(" OFFSET {}", choices.of(&["1", "0", "2000", "2001", "18446744073709551615"]));
    }
    text + choices.of(&["", "", " ALL ROWS", " FOR UPDATE", " FOR VIEW", " WITH SECURITY_ENFORCED"])
}

fn item(choices: &mut Choices<'_>, depth: usize) -> String {
    match choices.below(10) {
        0..=5 => choices.of(&FIELDS).to_owned(),
        6 => format!("{} x", operand(choices)),
        7 if depth < DEPTH_MAX => format!("({})", nested(choices, depth + 1)),
        8 => choices
            .of(&["COUNT()", "FIELDS(ALL)", "FIELDS(STANDARD)", "TYPEOF What WHEN Account THEN Id END"])
            .to_owned(),
        _ => operand(choices),
    }
}

fn operand(choices: &mut Choices<'_>) -> String {
    match choices.once_in(3) {
        true => format!("{}{})", choices.of(&AGGREGATES), choices.of(&FIELDS)),
        false => choices.of(&FIELDS).to_owned(),
    }
}

fn condition(choices: &mut Choices<'_>, depth: usize) -> String {
    if depth >= DEPTH_MAX || choices.used_up() {
        return "Id != null".to_owned();
    }
    match choices.below(9) {
        0..=3 => format!("{} {} {}", operand(choices), choices.of(&COMPARED), choices.of(&VALUES)),
        4 => format!("({} AND {})", condition(choices, depth + 1), condition(choices, depth + 1)),
        5 => format!("({} OR {})", condition(choices, depth + 1), condition(choices, depth + 1)),
        6 => format!("NOT ({})", condition(choices, depth + 1)),
        7 => {
            let how = choices.of(&["IN", "NOT IN", "INCLUDES", "EXCLUDES"]);
            format!("{} {how} ({}, {})", choices.of(&FIELDS), choices.of(&VALUES), choices.of(&VALUES))
        }
        _ => format!(
            "{} {} ({})",
            choices.of(&FIELDS),
            choices.of(&["IN", "NOT IN"]),
            nested(choices, depth + 1)
        ),
    }
}
