//! The forms of logins. It knows fields, and nothing of what they mean.

use http::header::CONTENT_TYPE;

use crate::Request;

/// The fields of a form, urlencoded or multipart (documented as the latter, seen as the former), names
/// in lower case.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(request: &Request) -> Self {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let body = request.body();
        let pairs = match kind.split_once("boundary=") {
            Some((_, boundary)) => {
                let boundary = format!("--{}", boundary.trim_matches('"'));
                let text = String::from_utf8_lossy(body).into_owned();
                text.split(&boundary)
                    .filter_map(|part| {
                        let (head, value) = part.split_once("\r\n\r\n")?;
                        let (_, name) = head.split_once("name=\"")?;
                        let name = name.split('"').next()?.to_lowercase();
                        Some((name, value.trim_end_matches("\r\n").to_owned()))
                    })
                    .collect()
            }
            None => form_urlencoded::parse(body)
                .map(|(name, value)| (name.to_lowercase(), value.into_owned()))
                .collect(),
        };
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        let (_, value) = pairs.find(|(own, _)| own == name)?;
        Some(value)
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name)
            .is_some_and(|own| own.eq_ignore_ascii_case(value))
    }
}
