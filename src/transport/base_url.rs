//! The one place that may be talked to: scheme, host and port as the user configured them, and a
//! check that a link found in a reply leads there. It does not know what the paths mean.

use http::Uri;
use reqwest::Url;

/// A base URL: scheme, host, port and a path to put before every route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
    /// Without a slash at the end.
    text: String,
}

impl BaseUrl {
    /// Reads a base URL; slashes at its end do not count.
    ///
    /// # Errors
    /// [`BaseUrlError`] when it is no absolute `http` or `https` URL with a host, or carries a user
    /// name, a password, a query or a fragment.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let refuse = |reason: String| BaseUrlError { reason };
        let mut url = Url::parse(text.trim()).map_err(|error| refuse(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse(format!(
                "the scheme is `{}`; it must be http or https",
                url.scheme()
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "it carries a user name or password; give credentials apart from it".to_owned(),
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it carries a query or a fragment".to_owned()));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }

    /// Host and port, for messages.
    pub fn host(&self) -> String {
        host_of(&self.url)
    }

    /// The URI of a route: the base and then `path_and_query`, which begins with a slash and is
    /// percent-encoded.
    ///
    /// # Errors
    /// What the path cannot be, when it is not a valid one.
    pub fn join(&self, path_and_query: &str) -> Result<Uri, http::uri::InvalidUri> {
        let mut uri = String::with_capacity(self.text.len() + path_and_query.len());
        uri.push_str(&self.text);
        uri.push_str(path_and_query);
        Uri::try_from(uri)
    }

    /// Resolves a link found in a reply to `from` and makes sure that it stays on this scheme, host
    /// and port. Parameters of `from` that the link lost are put back where `keep` names them.
    ///
    /// # Errors
    /// [`ForeignHost`] when it leads elsewhere or cannot be read.
    pub fn pin(&self, from: &Uri, link: &str, keep: &[&str]) -> Result<Uri, ForeignHost> {
        let unreadable = || ForeignHost {
            host: "unreadable link".to_owned(),
        };
        let from = Url::parse(&from.to_string()).map_err(|_| unreadable())?;
        let mut target = from.join(link).map_err(|_| unreadable())?;
        let same = target.scheme() == self.url.scheme()
            && target.host() == self.url.host()
            && target.port_or_known_default() == self.url.port_or_known_default()
            && target.username().is_empty()
            && target.password().is_none();
        if !same {
            return Err(ForeignHost {
                host: host_of(&target),
            });
        }
        target.set_fragment(None);
        for (name, value) in from.query_pairs() {
            let kept = keep.iter().any(|wanted| *wanted == name);
            if kept && !target.query_pairs().any(|(present, _)| present == name) {
                target.query_pairs_mut().append_pair(&name, &value);
            }
        }
        Uri::try_from(target.as_str()).map_err(|_| unreadable())
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A text that cannot be a base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BaseUrlError {
    /// What is wrong with it. The text itself is not repeated: people paste passwords into URLs.
    pub reason: String,
}

/// A link that leads to another host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("leads to {host}")]
pub struct ForeignHost {
    /// Scheme, host and port.
    pub host: String,
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("no host");
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;
    use http::Uri;
    use proptest::prelude::{any, prop_assert, proptest};

    fn pinned(base: &str, from: &str, link: &str) -> Result<String, String> {
        let base = BaseUrl::parse(base).unwrap();
        base.pin(&from.parse().unwrap(), link, &["max"])
            .map(|uri| uri.to_string())
            .map_err(|foreign| foreign.host)
    }

    #[test]
    fn slashes_at_the_end_do_not_count() {
        for text in [
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/",
            " http://127.0.0.1:8080// ",
        ] {
            let base = BaseUrl::parse(text).unwrap();
            assert_eq!(base.to_string(), "http://127.0.0.1:8080");
            assert_eq!(
                base.join("/api/v2/account").unwrap(),
                "http://127.0.0.1:8080/api/v2/account"
            );
        }
        let below = BaseUrl::parse("https://h.example/psa/").unwrap();
        assert_eq!(below.join("/x?y=1").unwrap(), "https://h.example/psa/x?y=1");
        assert_eq!(below.host(), "https://h.example");
    }

    #[test]
    fn what_cannot_be_a_base_is_refused_without_repeating_it() {
        for text in [
            "",
            "h.example",
            "ftp://h",
            "http://",
            "http://me:hunter2@h",
            "http://h/?a=hunter2",
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn links_stay_on_scheme_host_and_port() {
        let (base, from) = (
            "http://h.example:81",
            "http://h.example:81/l?max=2&page=0&x=1",
        );
        for (link, target) in [
            (
                "http://h.example:81/l?max=2&page=1",
                "http://h.example:81/l?max=2&page=1",
            ),
            (
                "http://H.EXAMPLE:81/l?page=1",
                "http://h.example:81/l?page=1&max=2",
            ),
            ("/l?page=1#top", "http://h.example:81/l?page=1&max=2"),
            ("?page=1", "http://h.example:81/l?page=1&max=2"),
        ] {
            assert_eq!(pinned(base, from, link).as_deref(), Ok(target), "{link}");
        }
        for (link, host) in [
            ("https://h.example:81/l", "https://h.example:81"),
            ("http://h.example/l", "http://h.example"),
            ("http://other.example:81/l", "http://other.example:81"),
            ("//other.example/l", "http://other.example"),
            ("http://h.example:81@evil.example/", "http://evil.example"),
            ("http://me@h.example:81/l", "http://h.example:81"),
            ("http://[", "unreadable link"),
        ] {
            assert_eq!(pinned(base, from, link), Err(host.to_owned()), "{link}");
        }
    }

    proptest! {
        #[test]
        fn no_link_leads_away(link in any::<String>()) {
            let base = BaseUrl::parse("http://127.0.0.1:9").unwrap();
            if let Ok(uri) = base.pin(&Uri::from_static("http://127.0.0.1:9/a"), &link, &[]) {
                prop_assert!(uri.host() == Some("127.0.0.1") && uri.port_u16() == Some(9));
            }
        }
    }
}
