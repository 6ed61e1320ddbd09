//! A vendor's words, cut to what fits into an error. Bodies are taken for untrusted text.

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, LOCATION};
use serde_json::Value;

/// Longest text of a vendor's that an error repeats, in characters.
const LONGEST: usize = 200;

/// Bodies longer than this are not read as JSON for their message.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// One line of at most 200 characters: white space and control characters become single spaces, and
/// what is cut off is shown as `…`.
pub(crate) fn shorten(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            gap = length > 0;
            continue;
        }
        if length + usize::from(gap) + 1 >= LONGEST {
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            length += 1;
            gap = false;
        }
        line.push(character);
        length += 1;
    }
    line
}

/// What an unsuccessful reply says, not yet shortened.
pub(super) fn words(reply: &Response<Bytes>) -> String {
    if reply.status().is_redirection() && reply.headers().contains_key(LOCATION) {
        // The target may carry a ticket in its query; that it exists says enough.
        return "answered a redirect, which is not followed; check the base URL".to_owned();
    }
    let body = reply.body();
    if body.is_empty() {
        return "no text".to_owned();
    }
    if let Some(html) = html(reply) {
        return html;
    }
    json_message(body).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned())
}

/// Why a successful reply cannot be read, for a body that is no JSON: empty, HTML, or broken off.
pub(crate) fn unreadable(reply: &Response<Bytes>, error: &dyn std::fmt::Display) -> String {
    let body = reply.body();
    if body.iter().all(u8::is_ascii_whitespace) {
        return "empty body where JSON was expected".to_owned();
    }
    if let Some(html) = html(reply) {
        return html;
    }
    let media_type = media_type(reply).unwrap_or("no media type");
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST)]);
    let start: String = shorten(&text).chars().take(60).collect();
    format!("not the JSON that was expected ({media_type}): {error}; starts with `{start}`")
}

/// Whether a refusal speaks of limits.
pub(super) fn mentions_block(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST_ERROR_BODY)]);
    let text = text.to_ascii_lowercase();
    ["rate limit", "too many requests", "blocked"]
        .iter()
        .any(|words| text.contains(words))
}

fn media_type(reply: &Response<Bytes>) -> Option<&str> {
    reply.headers().get(CONTENT_TYPE)?.to_str().ok()
}

/// Says that the body is a web page, where it is one.
fn html(reply: &Response<Bytes>) -> Option<String> {
    let media_type = media_type(reply).unwrap_or("no media type");
    let body = reply.body();
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST)]);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let says_so = media_type.to_ascii_lowercase().contains("html");
    if !says_so && !text.starts_with('<') {
        return None;
    }
    let start: String = shorten(text).chars().take(60).collect();
    Some(format!(
        "answered HTML ({media_type}), starts with `{start}`"
    ))
}

/// The message in an error body of JSON, by the names that vendors use.
fn json_message(body: &[u8]) -> Option<String> {
    if body.len() > LONGEST_ERROR_BODY {
        return None;
    }
    let value: Value = serde_json::from_slice(body).ok()?;
    let message = ["message", "Message", "error_description", "error"]
        .iter()
        .find_map(|name| sentence(value.get(name)?))
        .or_else(|| sentence(value.pointer("/error/message")?));
    match (message, value.get("errors").and_then(sentence)) {
        (Some(message), Some(single)) => Some(format!("{message}: {single}")),
        (message, single) => message.or(single),
    }
}

/// A text, or several texts or messages, as one.
fn sentence(value: &Value) -> Option<String> {
    let Some(several) = value.as_array() else {
        return value.as_str().map(str::to_owned);
    };
    let several = several.iter();
    let texts = several.filter_map(|one| one.as_str().or_else(|| one.get("message")?.as_str()));
    let texts: Vec<&str> = texts.collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::{shorten, unreadable, words};
    use bytes::Bytes;
    use http::Response;
    use proptest::prelude::{any, prop_assert, proptest};

    fn reply(status: u16, media_type: &str, body: &str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .header("content-type", media_type)
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn the_message_is_taken_out_of_json() {
        for (body, message) in [
            (
                r#"{"code":"NotFound","message":"Company 99 not found","errors":null}"#,
                "Company 99 not found",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"Bad credentials"}"#,
                "Bad credentials",
            ),
            (
                r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/v2/x"}"#,
                "Not Found",
            ),
            (
                r#"{"errors":["Picklist value [99] does not exist.","A name is required."]}"#,
                "Picklist value [99] does not exist.; A name is required.",
            ),
            (
                r#"{"Message":"No HTTP resource was found."}"#,
                "No HTTP resource was found.",
            ),
            (
                r#"{"success":false,"error":{"code":400,"message":"The name is required."}}"#,
                "The name is required.",
            ),
            (
                r#"{"success":false,"message":["Email is not an email","Name is missing"]}"#,
                "Email is not an email; Name is missing",
            ),
            (
                r#"{"message":"Invalid","errors":[{"field":"x","message":"is missing"}]}"#,
                "Invalid: is missing",
            ),
            (r#"{"message":7}"#, r#"{"message":7}"#),
            (r#"{"errors":[7]}"#, r#"{"errors":[7]}"#),
            (
                "Cannot route. Codebase/company is invalid",
                "Cannot route. Codebase/company is invalid",
            ),
            ("", "no text"),
        ] {
            assert_eq!(words(&reply(400, "application/json", body)), message);
        }
    }

    #[test]
    fn pages_are_called_pages() {
        let page = "\n<!DOCTYPE html>\n<html><body>Sign in</body></html>";
        let expected = "answered HTML (text/html; charset=utf-8), starts with `<!DOCTYPE html> <html><body>Sign in</body></html>`";
        assert_eq!(
            words(&reply(503, "text/html; charset=utf-8", page)),
            expected
        );
        assert_eq!(
            unreadable(&reply(200, "text/html; charset=utf-8", page), &"x"),
            expected
        );
        let unmarked = unreadable(&reply(200, "application/json", page), &"x");
        assert!(
            unmarked.starts_with("answered HTML (application/json), starts with"),
            "{unmarked}"
        );
    }

    #[test]
    fn a_redirect_does_not_show_its_target() {
        let mut redirect = reply(302, "text/plain", "");
        redirect
            .headers_mut()
            .insert("location", "/login?ticket=hunter2".parse().unwrap());
        assert!(!words(&redirect).contains("hunter2"));
    }

    #[test]
    fn empty_and_broken_bodies_are_told_apart() {
        assert_eq!(
            unreadable(&reply(200, "application/json", " \n"), &"x"),
            "empty body where JSON was expected"
        );
        assert_eq!(
            unreadable(&reply(200, "application/json", "[1,"), &"EOF"),
            "not the JSON that was expected (application/json): EOF; starts with `[1,`"
        );
    }

    proptest! {
        #[test]
        fn shortened_text_is_one_short_line(text in any::<String>()) {
            let line = shorten(&text);
            prop_assert!(line.chars().count() <= 200);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(!line.contains("  ") && line.trim() == line);
        }

        #[test]
        fn short_lines_stay(text in "[a-z<>{}\"]{1,150}") {
            prop_assert!(shorten(&text) == text);
        }
    }
}
