//! Words that have no place: bare allows, promises, panics outside tests, time and environment outside their ports.

use tests::source::SourceFile;

/// Not even in tests. Split so that this file does not find itself.
const NOWHERE: [&str; 7] = [
    concat!("#[", "allow("),
    concat!("#![", "allow("),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[", "ignore"),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
];

/// Time, chance and the environment, with the files that may use them.
const ONLY_IN: [(&str, &[&str]); 6] = [
    (concat!("SystemTime::", "now"), &["functions/jobs/src/clock/system.rs"]),
    (concat!("Instant::", "now"), &[]),
    (concat!("OffsetDateTime::", "now"), &[]),
    (
        concat!("env::", "var"),
        &[
            "functions/cloud/src/config.rs",
            "functions/local/src/config.rs",
            "functions/settings/src/aws/config.rs",
        ],
    ),
    (concat!("thread_", "rng"), &[]),
    (concat!("rand::", "rng"), &[]),
];

#[test]
fn banned_words_stand_nowhere() {
    crate::check(|file| find(file, &file.lines, &NOWHERE));
}

#[test]
fn nothing_panics_outside_tests() {
    crate::check(|file| {
        if file.is_test() { Vec::new() } else { find(file, file.before_tests(), &[concat!(".unwrap", "()")]) }
    });
}

#[test]
fn time_chance_and_environment_come_through_ports() {
    crate::check(|file| {
        if file.is_test() {
            return Vec::new();
        }
        let banned = ONLY_IN.iter().filter(|(_, files)| !files.contains(&file.path.as_str()));
        banned.flat_map(|(word, _)| find(file, file.before_tests(), &[word])).collect()
    });
}

fn find(file: &SourceFile, lines: &[String], words: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = !line.trim_start().starts_with("//");
        for word in words.iter().filter(|word| line.contains(*word)) {
            if code || ["TO", "FI"].iter().any(|start| word.starts_with(start)) {
                findings.push(format!("{}:{}: `{word}` has no place here", file.path, at + 1));
            }
        }
    }
    findings
}

#[test]
fn a_banned_word_is_found() {
    let file = SourceFile::new("functions/a.rs", concat!("//! x\nlet x = y.unwrap", "();"));
    assert_eq!(find(&file, &file.lines, &[concat!(".unwrap", "()")]).len(), 1);
}
