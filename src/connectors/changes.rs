//! Asking a vendor for what changed, in place of everything. Each vendor that can tell implements it, as
//! far as its API goes; whoever asks must be able to do without any of it. It knows no vendor.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{PageStream, Result};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteDevice, RemoteLocation,
    RemoteOrganization,
};

/// The ids of all records of a list, and nothing else of them.
pub type Ids<'a> = PageStream<'a, String>;

/// What a PSA tells of changes. A list that is `None` cannot be asked for by time, and is read whole.
/// A walk brings every record that was created or changed at or after the moment, by the vendor's clock,
/// and may bring others; a deleted one it never brings.
pub trait PsaChanges: Send + Sync {
    /// Organizations.
    fn organizations(&self, _since: Timestamp) -> Option<PageStream<'_, RemoteOrganization>> {
        None
    }

    /// Locations of the given organizations.
    fn locations(
        &self,
        _organization_ids: &[String],
        _since: Timestamp,
    ) -> Option<PageStream<'_, RemoteLocation>> {
        None
    }

    /// Contacts.
    fn contacts(&self, _since: Timestamp) -> Option<PageStream<'_, RemoteContact>> {
        None
    }

    /// Configurations.
    fn configurations(&self, _since: Timestamp) -> Option<PageStream<'_, RemoteConfiguration>> {
        None
    }

    /// How many records the whole list has now, in one cheap call; none where no call tells.
    fn count(&self, _kind: RecordKind) -> BoxFuture<'_, Result<Option<u64>>> {
        Box::pin(async { Ok(None) })
    }

    /// The ids of the whole list: exactly those that the whole walk would deliver. None where they cost
    /// as much as the records.
    fn ids(&self, _kind: RecordKind) -> Option<Ids<'_>> {
        None
    }
}

/// What an RMM tells of changes to its devices. Its companies are few, and read whole.
pub trait RmmChanges: Send + Sync {
    /// Devices, as [`PsaChanges`] has it.
    fn devices(&self, _since: Timestamp) -> Option<PageStream<'_, RemoteDevice>> {
        None
    }

    /// How many devices there are now.
    fn count(&self) -> BoxFuture<'_, Result<Option<u64>>> {
        Box::pin(async { Ok(None) })
    }

    /// The ids of all devices.
    fn ids(&self) -> Option<Ids<'_>> {
        None
    }
}
