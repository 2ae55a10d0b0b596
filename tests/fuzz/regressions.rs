//! Inputs that once broke a promise, each with its story. They are met first in every run.

/// An input with its story.
struct Regression {
    target: &'static str,
    /// What was wrong, and what was done about it.
    story: &'static str,
    input: &'static [u8],
    /// How often the input is repeated.
    times: usize,
}

const REGRESSIONS: [Regression; 9] = [
    Regression {
        target: "answers",
        story: "a call for many records was answered 204 without a body, and all of them counted as exported; only rows \
                say that, and sObject Collections always sends them",
        input: b"Q\xdf",
        times: 1,
    },
    Regression {
        target: "deletes",
        story: "an external id with a blank around it was written without it, asked for with it, not found, and so \
                passed as deleted; it is asked for without its outer blanks now",
        input: b"\x9f\x5d\xeb\x0c\x3e",
        times: 1,
    },
    Regression {
        target: "messages",
        story: "JSON that is no record was kept whole, and 300,000 quotes of it became 1,200,188 bytes, which no item \
                of DynamoDB takes: the message could be neither parked nor passed; its beginning is kept now",
        input: b"\x0b\x7d\xc7",
        times: 1,
    },
    Regression {
        target: "payloads",
        story: "a whole number above 2^63 in a text field was not read into the flat record, but into the value",
        input: br#"{"Name":9223372036854775808}"#,
        times: 1,
    },
    Regression {
        target: "queries",
        story: "semi-joins in semi-joins were parsed by recursion without a limit: a query of 90 KB, which Salesforce's \
                limit allows, overran the stack and ended the process; they count as parentheses now",
        input: b"SELECT Id FROM Contact WHERE Id IN (",
        times: 400,
    },
    Regression {
        target: "values",
        story: "an RFC 3339 time whose offset takes it out of the years 0 to 9999 was read, but written as text that \
                nothing reads",
        input: b"0000-01-01T00:00:00+14:00",
        times: 1,
    },
    Regression {
        target: "values",
        story: "the fraction of a time's second was cut after three bytes, inside of a letter: a record's field could \
                end whoever judged it; a fraction is digits now",
        input: "10:40:55.11é".as_bytes(),
        times: 1,
    },
    Regression {
        target: "values",
        story: "a moment of a formula was read into the year before 0, and written as text that nothing reads",
        input: b"0-1-1T0:0+1400",
        times: 1,
    },
    Regression {
        target: "values",
        story: "the same at the other end",
        input: b"9999-12-31T23:59:59.999-14:00",
        times: 1,
    },
];

/// Those of a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let known = REGRESSIONS.iter().filter(|known| known.target == target);
    known.map(|known| known.input.repeat(known.times)).collect()
}

#[test]
fn every_regression_has_its_story() {
    assert!(REGRESSIONS.iter().all(|known| known.story.len() > 20 && !of(known.target).is_empty()));
}
