//! The signature of a request, scheme `TSI` (`seen`): method, path and time under the rep's private key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderName;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use sha2::Sha256;

use super::word;
use crate::connectors::client::{Call, sensitive};
use crate::transport::Secret;

/// A rep's keys.
pub(super) struct Signer {
    pub(super) public_key: String,
    pub(super) private_key: Secret,
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys are left out.
        formatter.write_str("Signer")
    }
}

impl Signer {
    /// Signs a call for this moment. It is good for some minutes, within which it may be repeated.
    pub(super) fn sign(&self, call: &mut Call, now: Timestamp) {
        let stamp = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let path = call.uri.path().to_lowercase();
        let text = format!("{}|{path}|{}", word(&call.method), stamp.to_lowercase());
        // A key of any length makes a MAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.private_key.expose().as_bytes())
        else {
            return;
        };
        mac.update(text.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let token = STANDARD.encode(format!("{}:{signature}", self.public_key));
        let headers = [
            (AUTHORIZATION, format!("TSI {token}")),
            // `Date` is not for clients behind a proxy to set.
            (HeaderName::from_static("x-tsi-date"), stamp),
        ];
        for (name, value) in headers {
            if let Ok(value) = sensitive(&value) {
                call.headers.insert(name, value);
            }
        }
    }
}
