//! `Link` headers (RFC 8288): which pages a reply points to. It does not follow them.

use http::HeaderMap;
use http::header::LINK;

/// One link of a `Link` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it points, as written; may be relative.
    pub target: String,
    /// Its relations (`next`, `last`), in lower case.
    pub relations: Vec<String>,
}

/// The target of the first link with the relation `next`.
pub fn next_link(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(parse_links)
        .find(|link| link.relations.iter().any(|relation| relation == "next"))
        .map(|link| link.target)
}

/// Reads the links of one header value. Commas and semicolons inside `<…>` and inside quotes do not
/// divide. What is no link is passed over; nothing makes it fail.
pub fn parse_links(value: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let Some(length) = rest[open + 1..].find('>') else {
            break;
        };
        let target = rest[open + 1..open + 1 + length].trim().to_owned();
        rest = &rest[open + length + 2..];
        let parameters = until_unquoted_comma(rest);
        rest = &rest[parameters.len()..];
        links.push(Link {
            target,
            relations: relations(parameters),
        });
    }
    links
}

/// The beginning of a text up to the first comma outside quotes.
fn until_unquoted_comma(text: &str) -> &str {
    &text[..unquoted(text, b',').unwrap_or(text.len())]
}

/// Where a byte first stands outside quotes.
fn unquoted(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    text.bytes().position(|byte| {
        if escaped {
            escaped = false;
            return false;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        byte == wanted && !quoted
    })
}

/// The values of the first `rel` parameter; later ones do not count (RFC 8288, 3.3).
fn relations(parameters: &str) -> Vec<String> {
    let mut rest = parameters;
    loop {
        let end = unquoted(rest, b';').unwrap_or(rest.len());
        if let Some((name, value)) = rest[..end].split_once('=')
            && name.trim().eq_ignore_ascii_case("rel")
        {
            return value
                .trim()
                .trim_matches('"')
                .split_ascii_whitespace()
                .map(str::to_ascii_lowercase)
                .collect();
        }
        if end == rest.len() {
            return Vec::new();
        }
        rest = &rest[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, next_link, parse_links};
    use http::header::{HeaderMap, HeaderValue, LINK};
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    fn link(target: &str, relations: &[&str]) -> Link {
        Link {
            target: target.to_owned(),
            relations: relations
                .iter()
                .map(|relation| (*relation).to_owned())
                .collect(),
        }
    }

    #[test]
    fn several_links_in_one_value() {
        let value =
            r#"<https://h/a?page=2>; rel="next", <https://h/a?page=4>; title="x, y"; rel=last"#;
        assert_eq!(
            parse_links(value),
            [
                link("https://h/a?page=2", &["next"]),
                link("https://h/a?page=4", &["last"])
            ]
        );
    }

    #[test]
    fn commas_in_targets_and_quotes_do_not_divide() {
        let value =
            r#"<https://h/a?ids=1,2;3>; title="say \"a, b\""; REL="Next prev", </b>; rel=first"#;
        assert_eq!(
            parse_links(value),
            [
                link("https://h/a?ids=1,2;3", &["next", "prev"]),
                link("/b", &["first"])
            ]
        );
    }

    #[test]
    fn the_next_page_may_stand_in_a_second_header() {
        let mut headers = HeaderMap::new();
        headers.append(LINK, HeaderValue::from_static("<https://h/1>; rel=prev"));
        assert_eq!(next_link(&headers), None);
        headers.append(LINK, HeaderValue::from_static("<https://h/3>; rel=next"));
        assert_eq!(next_link(&headers).as_deref(), Some("https://h/3"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(value in any::<String>()) {
            parse_links(&value);
        }

        #[test]
        fn what_is_written_is_read_back(
            links in proptest::collection::vec(
                ("[a-z0-9/:?&=,;%.]{0,30}", proptest::collection::vec("[a-z]{1,8}", 1..4),
                 proptest::option::of("[a-z ,;<>]{0,12}")),
                0..5,
            ).prop_map(|links| links.into_iter().map(|(target, relations, title)| {
                (Link { target, relations }, title)
            }).collect::<Vec<_>>())
        ) {
            let written: Vec<String> = links.iter().map(|(link, title)| {
                let title = title.as_ref().map(|title| format!("; title=\"{title}\"")).unwrap_or_default();
                format!("<{}>{title}; rel=\"{}\"", link.target, link.relations.join(" "))
            }).collect();
            let expected: Vec<Link> = links.into_iter().map(|(link, _)| link).collect();
            prop_assert_eq!(parse_links(&written.join(", ")), expected);
        }
    }
}
