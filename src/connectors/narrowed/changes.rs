//! What changed in a narrowed PSA or RMM: the walks narrowed as whole ones are, counts and ids only where
//! narrowing leaves no record out. It knows no vendor.

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use jiff::Timestamp;

use super::rmm::{Devices, NarrowedRmm};
use super::{Eye, Narrowed, Through, configuration, contact, location, organization};
use crate::connectors::capabilities::Places;
use crate::connectors::{Ids, PageStream, PsaChanges, Result, RmmChanges};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteDevice, RemoteLocation,
    RemoteOrganization,
};

impl Narrowed {
    fn asked(&self) -> Option<&dyn PsaChanges> {
        self.psa.changes()
    }

    fn through<'a, T: Send + 'a>(
        &'a self,
        pages: PageStream<'a, T>,
        narrow: fn(Eye<'_>, T) -> Option<T>,
    ) -> PageStream<'a, T> {
        let eye = self.eye();
        Box::new(Through { pages, eye, narrow })
    }

    /// Whether narrowing leaves records of a kind out.
    fn leaves_out(&self, kind: RecordKind) -> bool {
        let own = self.psa.capabilities();
        match kind {
            RecordKind::Organization => own.lists_deleted && !self.table.lists_deleted,
            RecordKind::Location => {
                self.table.locations != Places::Records
                    || (own.makes_first_location && !self.table.makes_first_location)
            }
            RecordKind::Contact => self.table.active_contacts_only && !own.active_contacts_only,
            RecordKind::Configuration => false,
        }
    }
}

impl PsaChanges for Narrowed {
    fn organizations(&self, since: Timestamp) -> Option<PageStream<'_, RemoteOrganization>> {
        let pages = self.asked()?.organizations(since)?;
        Some(self.through(pages, organization))
    }

    fn locations(
        &self,
        organization_ids: &[String],
        since: Timestamp,
    ) -> Option<PageStream<'_, RemoteLocation>> {
        // Addresses depend on what else there is.
        if self.table.locations != Places::Records {
            return None;
        }
        let pages = self.asked()?.locations(organization_ids, since)?;
        Some(self.through(pages, location))
    }

    fn contacts(&self, since: Timestamp) -> Option<PageStream<'_, RemoteContact>> {
        let pages = self.asked()?.contacts(since)?;
        Some(self.through(pages, contact))
    }

    fn configurations(&self, since: Timestamp) -> Option<PageStream<'_, RemoteConfiguration>> {
        let pages = self.asked()?.configurations(since)?;
        Some(self.through(pages, configuration))
    }

    fn count(&self, kind: RecordKind) -> BoxFuture<'_, Result<Option<u64>>> {
        match self.asked() {
            Some(changes) if !self.leaves_out(kind) => changes.count(kind),
            _ => ready(Ok(None)).boxed(),
        }
    }

    fn ids(&self, kind: RecordKind) -> Option<Ids<'_>> {
        if self.leaves_out(kind) {
            return None;
        }
        self.asked()?.ids(kind)
    }
}

impl NarrowedRmm {
    fn asked(&self) -> Option<&dyn RmmChanges> {
        self.rmm.changes()
    }

    fn leaves_out(&self) -> bool {
        !self.table.without_kinds.is_empty()
    }
}

impl RmmChanges for NarrowedRmm {
    fn devices(&self, since: Timestamp) -> Option<PageStream<'_, RemoteDevice>> {
        let pages = self.asked()?.devices(since)?;
        let table = &self.table;
        Some(Box::new(Devices { pages, table }))
    }

    fn count(&self) -> BoxFuture<'_, Result<Option<u64>>> {
        match self.asked() {
            Some(changes) if !self.leaves_out() => changes.count(),
            _ => ready(Ok(None)).boxed(),
        }
    }

    fn ids(&self) -> Option<Ids<'_>> {
        if self.leaves_out() {
            return None;
        }
        self.asked()?.ids()
    }
}
