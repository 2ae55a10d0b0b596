//! A lead or contact of a company must have a business address. It stands in for the Apex trigger
//!
//! ```text
//! trigger NoFreeMail on Lead (before insert, before update) {
//!     for (Lead lead : Trigger.new)
//!         if (lead.Company != null && FreeMail.isFree(lead.Email)) lead.Email.addError('...');
//! }
//! ```

use sdk::{Answer, Description, Record, Rule, Unknown};

/// Domains of the large free providers.
const FREE: [&str; 10] = [
    "aol.com",
    "gmail.com",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "outlook.com",
    "proton.me",
    "yahoo.com",
];

/// Refuses a free-mail address where the company is known.
#[derive(Debug)]
pub struct NoFreeMail;

impl Rule for NoFreeMail {
    fn describe() -> Description {
        Description::new("no-free-mail")
            .object("Lead")
            .object("Contact")
            .fields(&["Email", "Company", "Account.Name"])
            .before_create()
            .before_update()
    }

    fn judge(record: &Record<'_>) -> Result<Answer, Unknown> {
        let email = record.text("Email")?.unwrap_or_default();
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        // Asked first: a business address is accepted even where the company is not known.
        if !FREE.iter().any(|free| domain.eq_ignore_ascii_case(free)) {
            return Ok(Answer::Accept);
        }
        let company = if record.context.object == "Lead" { "Company" } else { "Account.Name" };
        if record.is_blank(company)? {
            return Ok(Answer::Accept);
        }
        Ok(Answer::refuse("Use the business address, not one of a free provider.", &["Email"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sdk::testing::Case;

    fn lead(email: &str) -> Case {
        Case::create("Lead").text("Company", "Initech").text("Email", email)
    }

    #[track_caller]
    fn check(case: &Case, expected: &Answer) {
        assert_eq!(case.judge::<NoFreeMail>(), *expected);
    }

    #[test]
    fn free_addresses_of_companies_are_refused() {
        let refused = Answer::refuse("Use the business address, not one of a free provider.", &["Email"]);
        check(&lead("ann@gmail.com"), &refused);
        check(&lead("ann@GMail.com"), &refused);
        check(&lead("ann@mail.example.com"), &Answer::Accept);
        check(&lead("ann@notgmail.com"), &Answer::Accept);
        check(&lead("gmail.com"), &Answer::Accept);
        let contact = Case::update("Contact").text("Email", "ann@gmx.net");
        check(&contact, &Answer::Accept);
        check(&contact.clone().text("Account.Name", "Initech"), &refused);
    }

    #[test]
    fn what_is_not_known_matters_only_where_it_decides() {
        let contact = Case::create("Contact").unknown("Account.Name");
        check(&contact.clone().text("Email", "ann@example.com"), &Answer::Accept);
        check(
            &contact.text("Email", "ann@gmail.com"),
            &Answer::Unknown("Account.Name is not known".to_owned()),
        );
        check(&Case::create("Lead").unknown("Email"), &Answer::Unknown("Email is not known".to_owned()));
    }
}
