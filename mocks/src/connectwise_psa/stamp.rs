//! What the server adds to records by itself: `_info` and GUIDs.

use jiff::Timestamp;
use serde_json::Value;

use super::json::{Object, moment, write_value};
use super::refs::API_PATH;
use super::schema::Resource;
use crate::kit::mix;

/// Member that people's changes are signed with.
pub(super) const PERSON: &str = "admin";

/// Member that changes through the API are signed with.
pub(super) const INTEGRATOR: &str = "integrator";

/// Who changed a record, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    pub now: Timestamp,
    pub member: &'static str,
}

impl Stamp {
    /// `_info` of a record. What is known of its creation stays.
    pub(super) fn info(
        self,
        resource: Resource,
        id: u64,
        old: Option<&Value>,
        origin: &str,
    ) -> Object {
        let now = moment(self.now);
        let kept = |name: &str, otherwise: &str| {
            old.and_then(|old| old.get(name))
                .cloned()
                .unwrap_or_else(|| otherwise.into())
        };
        let mut info = Object::new();
        info.insert("dateEntered".to_owned(), kept("dateEntered", &now));
        info.insert("enteredBy".to_owned(), kept("enteredBy", self.member));
        info.insert("lastUpdated".to_owned(), now.into());
        info.insert("updatedBy".to_owned(), self.member.into());
        if resource == Resource::Companies {
            let base = format!("{origin}{API_PATH}/company");
            let contacts = format!("{base}/contacts?conditions=company/id={id}");
            info.insert("contacts_href".to_owned(), contacts.into());
            let sites = format!("{base}/companies/{id}/sites/");
            info.insert("sites_href".to_owned(), sites.into());
        }
        info
    }

    /// [`Stamp::info`] of a new record, as JSON text.
    pub(super) fn info_json(self, resource: Resource, id: u64, origin: &str) -> String {
        let mut out = Vec::with_capacity(128);
        let info = self.info(resource, id, None, origin);
        write_value(&Value::Object(info), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The GUID of a record, always the same for a seed.
pub(super) fn guid(seed: u64, resource: Resource, id: u64) -> String {
    guid_of(seed, resource as u64 + 1, id)
}

/// The GUID of the `number`th request.
pub(super) fn request_guid(seed: u64, number: u64) -> String {
    guid_of(seed, 0, number)
}

fn guid_of(seed: u64, stream: u64, number: u64) -> String {
    let high = mix(seed ^ mix(stream.wrapping_shl(40) ^ number));
    let low = mix(high ^ number);
    // The bits that tell version 4 and its variant.
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
