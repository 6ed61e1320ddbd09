//! Replies of one walk, kept by what was asked, and given again: what a connector does is measured
//! and what a simulator does is not.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Method, Request, Response, Uri};
use syncrig::transport::{Transport, TransportError};

use crate::wire::Wires;

/// Method, URI, body, and the token: Intune asks every tenant the same, each with a token of its own.
type Asked = (Method, Uri, Bytes, Option<HeaderValue>);

type Replies = HashMap<Asked, Response<Bytes>>;

/// Keeps every reply as it comes. Of one question that was asked several times the last reply is
/// kept: whoever asks until something is done then hears at once that it is.
pub(crate) struct Recorder {
    wires: Wires,
    replies: Mutex<Replies>,
}

impl Recorder {
    pub(crate) fn new(wires: Wires) -> Arc<Self> {
        Arc::new(Self {
            wires,
            replies: Mutex::default(),
        })
    }

    /// Gives again what was kept.
    pub(crate) fn replay(&self) -> Arc<Replay> {
        let mut replies = self.replies.lock().expect("nobody panicked");
        Arc::new(Replay(std::mem::take(&mut *replies)))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recorder")
    }
}

fn asked(request: Request<Bytes>) -> Asked {
    let (mut parts, body) = request.into_parts();
    let token = parts.headers.remove(AUTHORIZATION);
    (parts.method, parts.uri, body, token)
}

impl Transport for Recorder {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let key = asked(request.clone());
        self.wires
            .send(request)
            .map(|reply| {
                let reply = reply?;
                let mut replies = self.replies.lock().expect("nobody panicked");
                replies.insert(key, reply.clone());
                Ok(reply)
            })
            .boxed()
    }
}

/// Answers from memory.
pub(crate) struct Replay(Replies);

impl fmt::Debug for Replay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Replay")
    }
}

impl Transport for Replay {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let key = asked(request);
        let Some(reply) = self.0.get(&key) else {
            panic!("{} {} was not asked before", key.0, key.1);
        };
        ready(Ok(reply.clone())).boxed()
    }
}
