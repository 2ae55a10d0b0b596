//! Links, images, escaping, and the functions of buttons and pages, which have no meaning for a record.

use super::row::{
    Arity, Body, Call, Computed, Failure, Function, Parameter, ResultType, number, of, row, strict, text,
};
use super::text::limited;
use crate::types::{Kinds, Type};
use crate::value::Value;

const ONE: &[Parameter] = &[text("text")];
const ANY: &[Parameter] = &[of("argument", Kinds::ALL)];
const TEXT: ResultType = ResultType::Is(Type::Text);
const PAGES: Body = Body::NotLocal("it belongs to buttons and pages");
const REPORTS: Body = Body::NotLocal("it belongs to reports");

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("HYPERLINK", &[text("url"), text("friendly_name"), text("target")], Type::Text, hyperlink)
        .optional(1)
        .own_nulls()
        .doc(
            "A link in HTML.",
            "HYPERLINK(\"/001\", \"Account\")",
            "<a href=\"/001\" target=\"_blank\">Account</a>",
        ),
    strict(
        "IMAGE",
        &[text("url"), text("alternate_text"), number("height"), number("width")],
        Type::Text,
        image,
    )
    .optional(2)
    .own_nulls()
    .doc(
        "An image in HTML.",
        "IMAGE(\"/a.gif\", \"hot\", 10, 20)",
        "<img src=\"/a.gif\" alt=\"hot\" style=\"height:10px; width:20px;\" border=\"0\"/>",
    ),
    strict("HTMLENCODE", ONE, Type::Text, html_encode).doc(
        "Text that is safe in HTML.",
        "HTMLENCODE(\"a<b\")",
        "a&lt;b",
    ),
    strict("JSENCODE", ONE, Type::Text, js_encode).doc(
        "Text that is safe in JavaScript.",
        "JSENCODE(\"it's\")",
        "it\\'s",
    ),
    strict("JSINHTMLENCODE", ONE, Type::Text, js_in_html_encode).doc(
        "Text that is safe in JavaScript inside HTML.",
        "JSINHTMLENCODE(\"<'\")",
        "&lt;\\&#39;",
    ),
    strict("URLENCODE", ONE, Type::Text, url_encode).doc(
        "Text that is safe in a URL.",
        "URLENCODE(\"a b&c\")",
        "a+b%26c",
    ),
    strict("GETSESSIONID", &[], Type::Text, session_id).doc(
        "The user's session. Unknown unless one is given.",
        "GETSESSIONID()",
        "unknown",
    ),
    row("IMAGEPROXYURL", ONE, TEXT, PAGES).doc(
        "A proxy's address for an image.",
        "IMAGEPROXYURL(\"x\")",
        "unknown",
    ),
    row("LINKTO", ANY, TEXT, PAGES).taking(Arity::AtLeast(2)).doc(
        "A link to a page.",
        "LINKTO(\"a\", \"b\")",
        "unknown",
    ),
    row("URLFOR", ANY, TEXT, PAGES).taking(Arity::AtLeast(1)).doc(
        "The address of a page.",
        "URLFOR(\"a\")",
        "unknown",
    ),
    row("INCLUDE", ANY, TEXT, PAGES).taking(Arity::AtLeast(1)).doc(
        "The content of an s-control.",
        "INCLUDE(\"a\")",
        "unknown",
    ),
    row("REQUIRESCRIPT", ONE, TEXT, PAGES).doc("A script tag.", "REQUIRESCRIPT(\"a\")", "unknown"),
    row("GETRECORDIDS", ANY, TEXT, PAGES).doc(
        "The chosen records of a list.",
        "GETRECORDIDS(\"a\")",
        "unknown",
    ),
    row("FORMAT", ANY, TEXT, Body::NotLocal("its forms depend on the user's locale"))
        .taking(Arity::AtLeast(1))
        .doc("A value in the user's form.", "FORMAT(1)", "unknown"),
    row("PARENTGROUPVAL", ANY, ResultType::Is(Type::NUMBER), REPORTS).taking(Arity::AtLeast(2)).doc(
        "A value of a report's parent group.",
        "PARENTGROUPVAL(1, \"a\")",
        "unknown",
    ),
    row("PREVGROUPVAL", ANY, ResultType::Is(Type::NUMBER), REPORTS).taking(Arity::AtLeast(2)).doc(
        "A value of a report's group before.",
        "PREVGROUPVAL(1, \"a\")",
        "unknown",
    ),
];

fn hyperlink(call: &Call<'_>) -> Computed {
    let (Some(url), label) = (call.text(0)?, call.text(1)?.unwrap_or_default()) else {
        return Ok(Value::Null);
    };
    let target = call.text(2)?.filter(|target| !target.is_empty()).unwrap_or("_blank");
    limited(format!("<a href=\"{url}\" target=\"{target}\">{label}</a>"))
}

fn image(call: &Call<'_>) -> Computed {
    let Some(url) = call.text(0)? else { return Ok(Value::Null) };
    let alternate = call.text(1)?.unwrap_or_default();
    let mut style = String::new();
    for (at, name) in [(2, "height"), (3, "width")] {
        if let Some(pixels) = call.number(at)? {
            let space = if style.is_empty() { "" } else { " " };
            style += &format!("{space}{name}:{pixels}px;");
        }
    }
    let style = if style.is_empty() { style } else { format!(" style=\"{style}\"") };
    limited(format!("<img src=\"{url}\" alt=\"{alternate}\"{style} border=\"0\"/>"))
}

fn html_encode(call: &Call<'_>) -> Computed {
    limited(escape_html(call.text(0)?.unwrap_or_default()))
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{2028}' => escaped.push_str("<br>"),
            '\u{2029}' => escaped.push_str("<p>"),
            '\u{a9}' => escaped.push_str("&copy;"),
            other if other.len_utf16() == 2 => escaped.push_str(&format!("&#{};", u32::from(other))),
            other => escaped.push(other),
        }
    }
    escaped
}

fn js_encode(call: &Call<'_>) -> Computed {
    limited(escape_js(call.text(0)?.unwrap_or_default()))
}

/// What JavaScript could misread, longer ones first, with what stands in for it (the engine's table).
const JS_ESCAPES: [(&str, &str); 15] = [
    ("&#39;", "\\&#39;"),
    ("!--", "\\!--"),
    ("/*", "\\/\\*"),
    ("*/", "\\*\\/"),
    ("*", "\\*"),
    ("\\", "\\\\"),
    ("'", "\\'"),
    ("\"", "\\\""),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("<", "\\u003C"),
    (">", "\\u003E"),
    ("\u{2028}", "\\n"),
    ("\u{2029}", "\\u2029"),
    ("\0", ""),
];

fn escape_js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        match JS_ESCAPES.iter().find(|(found, _)| rest.starts_with(found)) {
            Some((found, replacement)) => {
                escaped.push_str(replacement);
                rest = &rest[found.len()..];
            }
            None => {
                escaped.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    escaped
}

/// First what JavaScript needs, then what HTML needs; `<` and `>` are left to HTML.
fn js_in_html_encode(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    let for_js = text.replace('\\', "\\\\").replace('\'', "\\'").replace('"', "\\\"").replace('\n', "\\n");
    limited(escape_html(&for_js))
}

/// Java's `URLEncoder`: letters, digits and `.-*_` stay, a space becomes `+`.
fn url_encode(call: &Call<'_>) -> Computed {
    let mut encoded = String::new();
    for byte in call.text(0)?.unwrap_or_default().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    limited(encoded)
}

fn session_id(call: &Call<'_>) -> Computed {
    match &call.environment.session_id {
        Some(id) => Ok(Value::text(id.clone())),
        None => Err(Failure::Unknown("there is no session locally".to_owned())),
    }
}
