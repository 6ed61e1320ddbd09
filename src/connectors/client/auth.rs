//! How requests show who asks: headers that never change, or a token that is fetched, kept and
//! renewed. It does not know how a vendor hands tokens out.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use http::header::InvalidHeaderValue;
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{Client, Result};
use crate::transport::Secret;

/// A token is renewed this long before it ends, since requests take time to arrive.
const RENEW_EARLY: SignedDuration = SignedDuration::from_secs(60);

/// How requests are authorized.
pub(crate) enum Auth {
    /// By headers that never change.
    Headers(HeaderMap),
    /// By `Authorization: Bearer` with a token.
    Bearer(BearerAuth),
}

impl Auth {
    /// Authorization by a token from that source, fetched when it is first needed.
    pub(crate) fn bearer(source: impl TokenSource + 'static) -> Self {
        Self::Bearer(BearerAuth {
            source: Box::new(source),
            held: Mutex::new(None),
            no_headers: HeaderMap::new(),
        })
    }

    /// The headers that need no token.
    pub(super) fn fixed_headers(&self) -> &HeaderMap {
        match self {
            Self::Headers(headers) => headers,
            Self::Bearer(bearer) => &bearer.no_headers,
        }
    }

    /// A valid ticket, or `None` where there are none. `refused` is the serial of the ticket that
    /// the vendor has just turned down; of several calls that held it the first one renews.
    pub(super) async fn ticket(
        &self,
        client: &Client,
        refused: Option<u64>,
    ) -> Result<Option<Arc<Ticket>>> {
        match self {
            Self::Headers(_) => Ok(None),
            Self::Bearer(bearer) => bearer.ticket(client, refused).await.map(Some),
        }
    }
}

/// Gets a token from the vendor.
pub(crate) trait TokenSource: Send + Sync {
    /// A new token. Calls made through `client` must be anonymous.
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>>;
}

/// A token as the vendor gave it.
pub(crate) struct Token {
    pub(crate) text: Secret,
    /// `Bearer …`.
    pub(crate) header: HeaderValue,
    pub(crate) expires_at: Timestamp,
}

/// The token that is held, and where the next one comes from.
pub(crate) struct BearerAuth {
    source: Box<dyn TokenSource>,
    held: Mutex<Option<Arc<Ticket>>>,
    no_headers: HeaderMap,
}

impl BearerAuth {
    async fn ticket(&self, client: &Client, refused: Option<u64>) -> Result<Arc<Ticket>> {
        // Held while a token is fetched: the others need the same one.
        let mut held = self.held.lock().await;
        let serial = match held.as_ref() {
            Some(ticket) if ticket.is_good(client.now(), refused) => return Ok(Arc::clone(ticket)),
            Some(ticket) => ticket.serial + 1,
            None => 0,
        };
        let token = self.source.fetch(client).await?;
        let ticket = Arc::new(Ticket { token, serial });
        *held = Some(Arc::clone(&ticket));
        Ok(ticket)
    }
}

/// A token with a number, so that it can be told which one was refused.
pub(super) struct Ticket {
    token: Token,
    serial: u64,
}

impl Ticket {
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    pub(super) fn header(&self) -> &HeaderValue {
        &self.token.header
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.token.text
    }

    fn is_good(&self, now: Timestamp, refused: Option<u64>) -> bool {
        let renew_at = self.token.expires_at.saturating_sub(RENEW_EARLY);
        refused != Some(self.serial) && renew_at.is_ok_and(|renew_at| now < renew_at)
    }
}

/// The value of a header that `Debug` must not show.
///
/// # Errors
/// When the text holds what no header can carry, such as a line break.
pub(crate) fn sensitive(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The value of `Authorization` for Basic credentials, and its secret part for redaction.
pub(crate) fn basic(user: &str, password: &str) -> (HeaderValue, Secret) {
    let encoded = STANDARD.encode(format!("{user}:{password}"));
    let header = sensitive(&format!("Basic {encoded}"));
    // Base64 is made of letters that a header may carry.
    (
        header.unwrap_or_else(|_| HeaderValue::from_static("Basic")),
        Secret::new(encoded),
    )
}
