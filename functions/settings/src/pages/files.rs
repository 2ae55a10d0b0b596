//! The files of the pages, as they are in `functions/settings/pages`: no build step stands between the two.

/// A file that the pages load.
#[derive(Debug)]
pub(super) struct File {
    /// Its path below `/assets/`.
    pub(super) path: &'static str,
    /// What is in it.
    pub(super) bytes: &'static [u8],
}

/// What every page begins with.
pub(super) const SHELL: &str = include_str!("../../pages/shell.html");

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(File { path: $path, bytes: include_bytes!(concat!("../../pages/", $path)) },)*]
    };
}

/// All of them. A test compares the list with the folder.
pub(super) const FILES: &[File] = files![
    "app/advice.js",
    "app/api.js",
    "app/errors/causes.js",
    "app/errors/chart.js",
    "app/errors/explanation.js",
    "app/errors/facts.js",
    "app/errors/filters.js",
    "app/errors/list.js",
    "app/errors/model.js",
    "app/errors/one.js",
    "app/errors/table.js",
    "app/format.js",
    "app/html.js",
    "app/jobs/board.js",
    "app/jobs/card.js",
    "app/jobs/model.js",
    "app/main.js",
    "app/parts/dialog.js",
    "app/parts/frame.js",
    "app/parts/icon.js",
    "app/parts/notice.js",
    "app/parts/signin.js",
    "app/parts/state.js",
    "app/parts/trouble.js",
    "app/parts/when.js",
    "app/rejections/page.js",
    "app/router.js",
    "app/settings/fields.js",
    "app/settings/model.js",
    "app/settings/page.js",
    "app/signin.js",
    "app/store.js",
    "app/theme.js",
    "app/words.js",
    "app/words/en.js",
    "app/words/fr.js",
    "icon.svg",
    "styles/base.css",
    "styles/frame.css",
    "styles/parts.css",
    "styles/views.css",
    "vendor/htm.js",
    "vendor/icons/check.svg",
    "vendor/icons/chevron-left.svg",
    "vendor/icons/chevron-right.svg",
    "vendor/icons/circle-check.svg",
    "vendor/icons/circle-pause.svg",
    "vendor/icons/circle-play.svg",
    "vendor/icons/circle-x.svg",
    "vendor/icons/clock.svg",
    "vendor/icons/download.svg",
    "vendor/icons/file-x.svg",
    "vendor/icons/hourglass.svg",
    "vendor/icons/inbox.svg",
    "vendor/icons/info.svg",
    "vendor/icons/languages.svg",
    "vendor/icons/list-checks.svg",
    "vendor/icons/log-in.svg",
    "vendor/icons/log-out.svg",
    "vendor/icons/monitor.svg",
    "vendor/icons/moon.svg",
    "vendor/icons/octagon-alert.svg",
    "vendor/icons/refresh-cw.svg",
    "vendor/icons/search.svg",
    "vendor/icons/settings.svg",
    "vendor/icons/skip-forward.svg",
    "vendor/icons/sun.svg",
    "vendor/icons/triangle-alert.svg",
    "vendor/icons/wrench.svg",
    "vendor/icons/x.svg",
    "vendor/oauth2-client.js",
    "vendor/pico.css",
    "vendor/preact.js",
    "vendor/signals-core.js",
    "vendor/uplot.css",
    "vendor/uplot.js",
];

/// What a browser must take a file for, by the end of its name.
pub(super) fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("pages")
    }

    /// Files below a folder, by path from `pages`.
    fn below(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                below(&path, found);
            } else {
                let name = path.strip_prefix(self::folder()).expect("below it");
                found.insert(name.to_str().expect("a name").replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        let mut there = BTreeSet::new();
        below(&folder(), &mut there);
        let aside = ["shell.html", "vendor/README.md", "vendor/package.json", "vendor/update"];
        there.retain(|path| !aside.contains(&path.as_str()) && !path.ends_with(".LICENSE"));
        let served: BTreeSet<String> = FILES.iter().map(|file| file.path.to_owned()).collect();
        assert_eq!(served, there);
    }

    #[test]
    fn all_of_them_are_small() {
        let bytes: usize = FILES.iter().map(|file| file.bytes.len()).sum();
        assert!(bytes < 350_000, "{bytes} bytes: what the pages load must stay small");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for file in FILES.iter().filter(|file| !file.path.starts_with("vendor/")) {
            let text = std::str::from_utf8(file.bytes).expect("text");
            let words = [
                "src=\"http",
                "href=\"http",
                "url(http",
                "from \"http",
                "import(\"http",
                "innerHTML =",
                "style=\"",
            ];
            let found: Vec<&&str> = words.iter().filter(|word| text.contains(**word)).collect();
            assert!(found.is_empty(), "{}: {found:?} have no place in the pages", file.path);
        }
        for word in ["<script>", "<style", "onload=", "style=\"", "http:", "https:"] {
            assert!(!SHELL.contains(word), "`{word}` has no place in the shell: the CSP forbids it");
        }
    }

    /// The names in a dictionary, in their order.
    fn words(path: &str) -> Vec<&'static str> {
        let file = FILES.iter().find(|file| file.path == path).expect("a dictionary");
        let text = std::str::from_utf8(file.bytes).expect("text");
        let name = |line: &'static str| line.strip_prefix("    \"")?.split_once("\": ").map(|(name, _)| name);
        text.lines().filter_map(name).collect()
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let english = words("app/words/en.js");
        assert!(english.len() > 200, "{} words", english.len());
        assert_eq!(english.iter().collect::<BTreeSet<_>>().len(), english.len(), "a name stands twice");
        assert_eq!(words("app/words/fr.js"), english);
    }

    #[test]
    fn every_word_that_a_page_says_is_in_the_dictionaries() {
        let known = words("app/words/en.js");
        let mut said = 0;
        for file in FILES.iter().filter(|file| file.path.starts_with("app/")) {
            let text = std::str::from_utf8(file.bytes).expect("text");
            for (at, _) in text.match_indices("t(\"") {
                // `t(` of another word, such as `get("/api/jobs")`.
                if text[..at].ends_with(|c: char| c.is_alphanumeric()) {
                    continue;
                }
                let (name, _) = text[at + 3..].split_once('"').expect("a closing quote");
                assert!(known.contains(&name), "{}: no word `{name}`", file.path);
                said += 1;
            }
        }
        assert!(said > 150, "{said} words are said");
    }
}
