//! Sizes and shape of files: length, length of functions, a doc at the top, maps without logic.

use tests::source::SourceFile;

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

#[test]
fn files_are_short_and_begin_with_their_doc() {
    crate::check(|file| {
        let mut findings = Vec::new();
        let lines = file.before_tests().len();
        if lines > FILE_LINES_MAX && !file.path.ends_with("/tests.rs") {
            findings.push(format!("{}: {lines} lines before its tests, at most {FILE_LINES_MAX}", file.path));
        }
        if !file.lines.first().is_some_and(|line| line.starts_with("//! ")) {
            findings.push(format!("{}: must begin with a `//!` doc: what it is", file.path));
        }
        findings
    });
}

#[test]
fn functions_are_short() {
    crate::check(long_functions);
}

#[test]
fn maps_hold_no_logic() {
    crate::check(|file| {
        let logic = |line: &&String| {
            let line = line.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            line.starts_with("fn ") || line.starts_with("async fn ") || line.starts_with("impl ")
        };
        if !file.is_map() {
            return Vec::new();
        }
        let found = file.before_tests().iter().filter(logic);
        found
            .map(|line| format!("{}: `{line}`: a map holds declarations and re-exports", file.path))
            .collect()
    });
}

/// Functions by indentation: rustfmt closes a function with a brace under its first letter.
fn long_functions(file: &SourceFile) -> Vec<String> {
    let mut findings = Vec::new();
    for (at, line) in file.lines.iter().enumerate() {
        let body = line.trim_start();
        let is_function =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(crate) fn ", "pub(crate) async fn "]
                .iter()
                .any(|start| body.starts_with(start));
        if !is_function || body.ends_with(';') || body.ends_with('}') {
            continue;
        }
        let closing = format!("{}}}", &line[..line.len() - body.len()]);
        let length = file.lines[at..].iter().position(|line| *line == closing).map_or(0, |end| end + 1);
        if length > FUNCTION_LINES_MAX {
            findings.push(format!(
                "{}:{}: {length} lines, at most {FUNCTION_LINES_MAX}: {body}",
                file.path,
                at + 1
            ));
        }
    }
    findings
}

#[test]
fn a_long_function_is_found() {
    let text = format!("//! x\nimpl A {{\n    pub fn long() {{\n{}    }}\n}}\n", "        x();\n".repeat(70));
    let findings = long_functions(&SourceFile::new("a.rs", &text));
    assert_eq!(findings, ["a.rs:3: 72 lines, at most 70: pub fn long() {"]);
}
