//! Who may ask: HTTP Basic with company, public and private key, and the integration's `clientId`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;

use super::fault::Fault;
use super::stamp::request_guid;
use crate::{Access, Request};

/// The concrete codebase; `v4_6_release` leads to it too.
pub(super) const CODEBASE: &str = "v2025_1";

/// The codebase that routes to whatever version a tenant runs.
pub(super) const ROUTER_CODEBASE: &str = "v4_6_release";

/// The keys of the instance.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub company: String,
    public: String,
    private: String,
    client: String,
}

impl Keys {
    /// Keys that follow from the seed.
    pub(super) fn new(seed: u64, msp: &str) -> Self {
        let letters = msp.chars().filter(char::is_ascii_alphanumeric);
        let company: String = letters.take(20).collect::<String>().to_lowercase();
        // Counted down from the end, where request numbers never get to.
        let guid = |back: u64| request_guid(seed, u64::MAX - back);
        let key = |back: u64| guid(back).replace('-', "")[..16].to_owned();
        Self {
            company: if company.is_empty() {
                "msp".to_owned()
            } else {
                company
            },
            public: key(0),
            private: key(1),
            client: guid(2),
        }
    }

    /// How a client gets in. The base path is empty, since clients ask for the codebase or append
    /// `/v4_6_release/apis/3.0` themselves.
    pub(super) fn access(&self) -> Access {
        let credentials = [
            ("company_id", self.company.as_str()),
            ("public_key", &self.public),
            ("private_key", &self.private),
            ("client_id", &self.client),
            ("codebase", ROUTER_CODEBASE),
        ];
        Access {
            base_path: String::new(),
            credentials: credentials
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    /// Whether a company id in a path is this instance's; case does not matter (inferred).
    pub(super) fn is_company(&self, company: &str) -> bool {
        self.company.eq_ignore_ascii_case(company)
    }

    /// Lets a request in or not. Wrong keys are 401 and a missing `clientId` is 403, as a
    /// self-hosted server was seen to do; any `clientId` will do, because which ones the vendor has
    /// registered is not the instance's knowledge.
    pub(super) fn check(&self, request: &Request) -> Result<(), Fault> {
        let given = request.headers().get(AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok()?.split_once(' '));
        let decoded = given
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
            .and_then(|(_, coded)| STANDARD.decode(coded.trim()).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or(Fault::Unauthorized)?;
        let user_and_private = decoded.split_once(':');
        let parts =
            user_and_private.and_then(|(user, private)| Some((user.split_once('+')?, private)));
        let known = parts.is_some_and(|((company, public), private)| {
            self.is_company(company) && public == self.public && private == self.private
        });
        if !known {
            return Err(Fault::Unauthorized);
        }
        let client = request.headers().get("clientid");
        if client.is_none_or(|client| client.as_bytes().trim_ascii().is_empty()) {
            return Err(Fault::NoClientId);
        }
        Ok(())
    }
}
