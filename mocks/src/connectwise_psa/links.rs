//! The instance's own address in the links of its records: every client sees the one that it came by
//! (inferred). Records are kept with the links of one origin, which is at home here and is served as
//! they are kept; replies to others are rewritten. It must not know what a record is.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use memchr::memmem::Finder;

use super::json::write_text;
use super::refs::API_PATH;

/// Origin of links until the first request tells how the instance is reached.
const ORIGIN_UNKNOWN: &str = "http://localhost";

/// Which origin the kept links name, and whether another has a better claim to that.
#[derive(Debug)]
pub(super) struct Links {
    home: String,
    /// What moving costs: the bytes of all records, 0 before the first request.
    kept_bytes: u64,
    /// Bytes rewritten for others, less those that were served at home since.
    lent_bytes: AtomicU64,
}

impl Links {
    pub(super) fn new() -> Self {
        Self {
            home: ORIGIN_UNKNOWN.to_owned(),
            kept_bytes: 0,
            lent_bytes: AtomicU64::new(0),
        }
    }

    /// The origin that kept links name.
    pub(super) fn home(&self) -> &str {
        &self.home
    }

    /// Whether the records should be rewritten for an origin once and for all: it is the first, or
    /// rewriting replies has cost as much by now as that will. So moves never cost more than the
    /// rewriting of replies, and who asks for everything again and again is served at home in the end.
    pub(super) fn should_move(&self, origin: &str) -> bool {
        self.home != origin && self.lent_bytes.load(Ordering::Relaxed) >= self.kept_bytes
    }

    /// Makes an origin the home. The kept records, which are the caller's, must follow.
    pub(super) fn move_home(&mut self, origin: &str) -> Rewrite {
        let rewrite = Rewrite::new(&self.home, origin);
        origin.clone_into(&mut self.home);
        self.lent_bytes = AtomicU64::new(0);
        rewrite
    }

    /// Notes how large the records are that moved.
    pub(super) fn set_kept_bytes(&mut self, bytes: u64) {
        self.kept_bytes = bytes;
    }

    /// Turns the frames of a reply, none of which cuts a record, into what a client of the origin
    /// sees.
    pub(super) fn show(&self, origin: &str, frames: &mut [Bytes]) {
        let served = frames.iter().map(|frame| frame.len() as u64).sum();
        let at_home = self.home == origin;
        let count = |lent: u64| {
            Some(if at_home {
                lent.saturating_sub(served)
            } else {
                lent.saturating_add(served)
            })
        };
        // Always written, since the closure always answers.
        let _before = (self.lent_bytes).fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        if at_home {
            return;
        }
        let rewrite = Rewrite::new(&self.home, origin);
        for frame in frames {
            if let Some(shown) = rewrite.frame(frame) {
                *frame = shown;
            }
        }
    }
}

/// Puts one origin in the place of another.
#[derive(Debug)]
pub(super) struct Rewrite {
    /// Looks for what the links of the one begin with.
    finder: Finder<'static>,
    to: String,
}

impl Rewrite {
    fn new(from: &str, to: &str) -> Self {
        Self {
            finder: Finder::new(&start_of_link(from)).into_owned(),
            to: start_of_link(to),
        }
    }

    /// Rewrites a record.
    pub(super) fn record(&self, json: &[u8], out: &mut Vec<u8>) {
        let mut written = 0;
        for at in self.places(json) {
            out.extend_from_slice(&json[written..at]);
            out.extend_from_slice(self.to.as_bytes());
            written = at + self.finder.needle().len();
        }
        out.extend_from_slice(&json[written..]);
    }

    /// Rewrites a frame; `None` when it has no link.
    fn frame(&self, frame: &Bytes) -> Option<Bytes> {
        self.places(frame).next()?;
        let mut out = Vec::with_capacity(frame.len() + frame.len() / 8);
        self.record(frame, &mut out);
        Some(out.into())
    }

    fn places<'a>(&'a self, json: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.finder.find_iter(json)
    }
}

/// What a link of an origin begins with, from the end of its member's name on. A quote within text
/// is escaped, so text cannot be mistaken for a link.
fn start_of_link(origin: &str) -> String {
    let mut start = b"_href\":".to_vec();
    write_text(&format!("{origin}{API_PATH}/"), &mut start);
    start.pop();
    String::from_utf8_lossy(&start).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(origin: &str) -> Bytes {
        let mut json = b"{\"a\":1,\"status_href\":".to_vec();
        write_text(&format!("{origin}{API_PATH}/x/1"), &mut json);
        json.push(b'}');
        json.into()
    }

    fn settled(origin: &str, kept_bytes: u64) -> Links {
        let mut links = Links::new();
        links.move_home(origin);
        links.set_kept_bytes(kept_bytes);
        links
    }

    fn shown(links: &Links, origin: &str) -> Bytes {
        let mut frames = [link(links.home())];
        links.show(origin, &mut frames);
        let [frame] = frames;
        frame
    }

    #[test]
    fn each_origin_sees_its_own_links_whatever_stands_in_it() {
        let origins = [
            "http://a",
            "https://a",
            "http://a:80",
            "http://a.b",
            "http://\"\\",
        ];
        for home in origins {
            let links = settled(home, 1_000);
            for origin in origins {
                assert_eq!(shown(&links, origin), link(origin), "{home} {origin}");
            }
        }
    }

    #[test]
    fn only_links_into_the_api_are_rewritten() {
        let links = settled("http://a", 1_000);
        let page = Bytes::from_static(br#"{"x_href":"http://a.b/v4_6_release/apis/3.0/"},{"_href":"http://a/y"},{"x":"\"_href\":\"http://a/v4_6_release/apis/3.0/z"}"#);
        let mut frames = [page.clone()];
        links.show("http://b", &mut frames);
        assert_eq!(frames[0], page);
        assert_eq!(frames[0].as_ptr(), page.as_ptr());
    }

    #[test]
    fn the_first_origin_is_at_home_at_once() {
        let links = Links::new();
        assert!(links.should_move("http://a"));
        assert!(!links.should_move(ORIGIN_UNKNOWN));
    }

    #[test]
    fn a_home_is_moved_for_who_asks_more_than_it_costs() {
        let size = link("http://a").len() as u64;
        let mut links = settled("http://a", 3 * size);
        for _ in 0..10 {
            shown(&links, "http://b");
            shown(&links, "http://b");
            shown(&links, "http://a");
            shown(&links, "http://a");
            assert!(!links.should_move("http://b"));
        }
        for _ in 0..3 {
            assert!(!links.should_move("http://b"));
            shown(&links, "http://b");
        }
        assert!(links.should_move("http://b"));
        assert!(!links.should_move("http://a"));
        links.move_home("http://b");
        assert!(!links.should_move("http://a"));
        assert_eq!(links.home(), "http://b");
    }
}
