//! A small view of an XML file: children by local name, their text, numbers, flags and line numbers.
//!
//! Namespaces are not looked at, and a prefix that nobody declared is let pass: hand-edited metadata has both.

use std::borrow::Cow;

use roxmltree::{Document, Node, TextPos};

use crate::error::{OrgError, OrgErrorKind};
use crate::org::Warning;

/// One element of a file.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    file: &'a str,
    node: Node<'a, 'a>,
}

/// Parses `text`, the content of `file`, and hands its root element to `take`.
pub(crate) fn read<T>(
    file: &str,
    text: &str,
    take: impl FnOnce(Element<'_>) -> Result<T, OrgError>,
) -> Result<T, OrgError> {
    let mut text = Cow::Borrowed(text);
    loop {
        let undeclared = match Document::parse(&text) {
            Ok(document) => return take(Element { file, node: document.root_element() }),
            Err(roxmltree::Error::UnknownNamespace(prefix, _)) if !text.contains(&declaration(&prefix)) => {
                prefix
            }
            Err(error) => return Err(broken(file, &error)),
        };
        match declare(&text, &undeclared) {
            Some(repaired) => text = Cow::Owned(repaired),
            None => return Err(broken(file, &roxmltree::Error::NoRootNode)),
        }
    }
}

fn broken(file: &str, error: &roxmltree::Error) -> OrgError {
    let TextPos { row, col } = error.pos();
    // The parser's text ends in " at 3:5"; line and column are said in our own words.
    let reason = error.to_string();
    let reason = reason.strip_suffix(&format!(" at {row}:{col}")).unwrap_or(&reason).to_string();
    OrgError { file: file.to_string(), kind: OrgErrorKind::BrokenXml { line: row, column: col, reason } }
}

fn declaration(prefix: &str) -> String {
    format!(" xmlns:{prefix}=\"undeclared\"")
}

/// The text with `prefix` declared on its root element; lines stay the same. `None` when there is no root element.
fn declare(text: &str, prefix: &str) -> Option<String> {
    let starts_name = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let (start, _) = text.match_indices('<').find(|(at, _)| starts_name(&text[at + 1..]))?;
    let name = text[start..].find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let (before, after) = text.split_at(start + name);
    Some(format!("{before}{}{after}", declaration(prefix)))
}

impl<'a> Element<'a> {
    /// Local name.
    pub fn name(&self) -> &'a str {
        self.node.tag_name().name()
    }

    /// The file it is in, relative to the org folder.
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// Line in its file, from 1.
    pub fn line(&self) -> u32 {
        self.node.document().text_pos_at(self.node.range().start).row
    }

    /// Line in its file, from 1, on which its text begins; of the element itself when it has none.
    pub fn text_line(&self) -> u32 {
        let mut texts = self.node.children().filter(Node::is_text);
        let first = texts.find(|text| text.text().is_some_and(|text| !text.trim().is_empty()));
        let Some(first) = first else { return self.line() };
        let start = first.range().start;
        let source = &self.node.document().input_text()[start..];
        let blank = source.len() - source.trim_start().len();
        self.node.document().text_pos_at(start + blank).row
    }

    /// Every child element of this name.
    pub fn children(&self, name: &str) -> impl Iterator<Item = Element<'a>> {
        let file = self.file;
        self.node
            .children()
            .filter(move |node| node.is_element() && node.tag_name().name() == name)
            .map(move |node| Element { file, node })
    }

    /// The last child element of this name: a repeated single value is overruled by the later one.
    pub fn child(&self, name: &str) -> Option<Element<'a>> {
        self.children(name).last()
    }

    /// Its own text, trimmed. Comments within are no part of it.
    pub fn own_text(&self) -> String {
        let text: String =
            self.node.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
        text.trim().to_string()
    }

    /// Text of the child of this name; `None` when it is missing or blank.
    pub fn text(&self, name: &str) -> Option<String> {
        self.child(name).map(|child| child.own_text()).filter(|text| !text.is_empty())
    }

    /// Whole number in the child of this name.
    pub fn number(&self, name: &str) -> Result<Option<u32>, OrgError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.bad_value(name, text, "a whole number")),
        }
    }

    /// Truth in the child of this name (`true`, `false`, also `1` and `0` as XML Schema has it).
    pub fn flag(&self, name: &str) -> Result<Option<bool>, OrgError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(self.bad_value(name, text, "true or false")),
        }
    }

    /// A warning about this element.
    pub fn warning(&self, message: impl Into<String>) -> Warning {
        Warning { file: self.file.to_string(), line: self.line(), message: message.into() }
    }

    fn bad_value(&self, name: &str, found: String, expected: &'static str) -> OrgError {
        let line = self.child(name).map_or_else(|| self.line(), |child| child.line());
        let kind = OrgErrorKind::BadValue { line, element: name.to_string(), found, expected };
        OrgError { file: self.file.to_string(), kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = read("a.xml", text, |root| {
            let words = [root.text("label"), root.number("length")?.map(|n| n.to_string())];
            let flag = root.flag("required")?.map(|f| f.to_string());
            let words: Vec<_> = words.into_iter().chain([flag]).map(Option::unwrap_or_default).collect();
            Ok(format!("{} {}", root.name(), words.join("|")))
        });
        assert_eq!(answer.unwrap_or_else(|error| error.to_string()), expected, "{text}");
    }

    #[test]
    fn values_by_local_name() {
        check("<F><label> a &amp; b </label></F>", "F a & b||");
        check("<F><label>a<!-- no --> b<![CDATA[<c>]]></label><other/></F>", "F a b<c>||");
        check("<F><length>1</length><length>2</length><required>1</required></F>", "F |2|true");
        check("<m:F xmlns:m='urn:x'><m:label>Æ</m:label></m:F>", "F Æ||");
        check(
            "<?xml version='1.0'?>\n<!-- é --><F><label xsi:nil='true'/><m:length>3</m:length></F>",
            "F |3|",
        );
        check("<F><label/><length> </length></F>", "F ||");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        check(
            "<F>\n <label>a</lable>\n</F>",
            "read a.xml, line 2, column 10: broken XML: expected 'label' tag, not 'lable'; \
             correct the file or retrieve it again",
        );
        check(
            "<F>\n<length>ten</length></F>",
            "read a.xml, line 2: <length> is \"ten\"; give a whole number",
        );
        check("<F><length>-1</length></F>", "read a.xml, line 1: <length> is \"-1\"; give a whole number");
        check(
            "<F><required>yes</required></F>",
            "read a.xml, line 1: <required> is \"yes\"; give true or false",
        );
        check(
            "",
            "read a.xml, line 1, column 1: broken XML: the document does not have a root node; \
             correct the file or retrieve it again",
        );
    }
}
