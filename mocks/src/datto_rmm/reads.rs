//! What GET answers. Reads the state; must not change it.

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

use super::filters::Wanted;
use super::ids::{parse_bare_mac, parse_guid};
use super::lists::{self, Page, Paging, parameter};
use super::reply;
use super::route::{Route, Target};
use super::sites::Site;
use super::state::State;
use crate::kit::{Table, query_pairs};
use crate::world::DeviceClass;
use crate::{Reply, Request};

/// What this version of the platform calls itself.
const PLATFORM_VERSION: &str = "14.5.0";

/// A read with what is needed to answer it.
pub(super) struct Read<'a> {
    pub(super) request: &'a Request,
    pub(super) operation: &'static str,
    /// Put the caller's parameters into the links to other pages.
    pub(super) keep_query: bool,
}

type Answer = Result<Reply, StatusCode>;

impl Read<'_> {
    /// Answers a read. The token, status and rate endpoints are not here: they need no state.
    ///
    /// # Errors
    /// The status of an error body.
    pub(super) fn answer(&self, state: &State, route: Route<'_>) -> Answer {
        let devices = |state| table(state, route.v3);
        match route.target {
            Target::Pagination => Ok(reply::json(self.operation, &json!({ "max": lists::MAX }))),
            Target::Account => Ok(self.account(state)),
            Target::Sites => self.sites(state),
            Target::AccountDevices => self.account_devices(state, route.v3),
            Target::EmptyList(_, items) => self.whole(items, &Table::default()),
            Target::DefaultFilters => self.whole("filters", &state.filters.default_table),
            Target::CustomFilters => self.whole("filters", &state.filters.custom_table),
            Target::Site(uid) => self.one(state.sites.table(), site(state, uid)?.id),
            Target::SiteSettings(uid) => Ok(self.site_settings(site(state, uid)?)),
            Target::SiteDevices(uid) => self.site_devices(state, site(state, uid)?, route.v3),
            Target::SiteInterfaces(uid) => {
                self.ids("devices", state.interfaces(), &site(state, uid)?.devices)
            }
            Target::SiteEmptyList(uid, _, items) => {
                site(state, uid)?;
                self.whole(items, &Table::default())
            }
            Target::Device(uid) => self.one(devices(state), device(state, uid)?),
            Target::DeviceById(id) => {
                let id = id.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
                self.one(devices(state), id)
            }
            Target::DeviceByMac(mac) => {
                let ids = with_mac(state, mac).ok_or(StatusCode::NOT_FOUND)?;
                Ok(self.array(devices(state), &ids))
            }
            Target::Audit(uid) => self.audit(state, uid, is_computer),
            Target::AuditByMac(mac) => self.audits_by_mac(state, mac),
            Target::PrinterAudit(uid) => {
                self.audit(state, uid, |class| class == DeviceClass::Printer)
            }
            Target::EsxiAudit(uid) => {
                self.audit(state, uid, |class| class == DeviceClass::Hypervisor)
            }
            Target::Software(uid) => {
                let id = device(state, uid)?;
                self.check_class(state, id, is_computer)?;
                self.whole("software", &Table::default())
            }
            _ => Err(StatusCode::NOT_FOUND),
        }
    }

    /// Status of the platform; needs no token (documented).
    pub(super) fn status(&self, started: Timestamp) -> Reply {
        reply::json(
            self.operation,
            &json!({
                "version": PLATFORM_VERSION,
                "status": "OK",
                "started": started.as_millisecond(),
            }),
        )
    }

    fn account(&self, state: &State) -> Reply {
        let mut totals = [0_u64; 5];
        for site in state.sites.live().filter(|site| !is_deleted_devices(site)) {
            let status = site.status();
            let [all, online, offline, on_demand, managed] = &mut totals;
            *all += status.number_of_devices;
            *online += status.number_of_online_devices;
            *offline += status.number_of_offline_devices;
            *(if site.on_demand { on_demand } else { managed }) += status.number_of_devices;
        }
        let [all, online, offline, on_demand, managed] = totals;
        reply::json(
            self.operation,
            &json!({
                "id": state.account.id,
                "uid": state.account.uid,
                "name": state.account.name,
                "currency": "USD",
                "descriptor": {
                    // So spelt by the vendor.
                    "bilingEmail": null,
                    "deviceLimit": null,
                    "timeZone": "UTC",
                },
                "devicesStatus": {
                    "numberOfDevices": all,
                    "numberOfOnlineDevices": online,
                    "numberOfOfflineDevices": offline,
                    "numberOfOnDemandDevices": on_demand,
                    "numberOfManagedDevices": managed,
                },
            }),
        )
    }

    fn sites(&self, state: &State) -> Answer {
        let query = query_pairs(self.request);
        let Some(pattern) = parameter(&query, "siteName").and_then(super::filters::Pattern::new)
        else {
            return self.whole("sites", state.sites.table());
        };
        let ids: Vec<u64> = state
            .sites
            .live()
            .filter(|site| pattern.matches(&site.name))
            .map(|site| site.id)
            .collect();
        self.ids("sites", state.sites.table(), &ids)
    }

    fn site_settings(&self, site: &Site) -> Reply {
        reply::json(
            self.operation,
            &json!({
                "generalSettings": {
                    "name": site.name,
                    "uid": site.uid,
                    "description": site.description,
                    "onDemand": site.on_demand,
                },
                "proxySettings": site.proxy_settings,
                "mailRecipients": [],
            }),
        )
    }

    fn account_devices(&self, state: &State, v3: bool) -> Answer {
        let wanted = Wanted::of(&query_pairs(self.request)).ok_or(StatusCode::NOT_FOUND)?;
        let table = table(state, v3);
        if wanted.everything() {
            return self.whole("devices", table);
        }
        let ids = state
            .filters
            .select(&wanted, state.devices(), None)
            .ok_or(StatusCode::NOT_FOUND)?;
        self.ids("devices", table, &ids)
    }

    fn site_devices(&self, state: &State, site: &Site, v3: bool) -> Answer {
        let wanted = Wanted::of(&query_pairs(self.request))
            .ok_or(StatusCode::NOT_FOUND)?
            .filter_only();
        let table = table(state, v3);
        if wanted.everything() {
            return self.ids("devices", table, &site.devices);
        }
        let among = Some((site.id, site.devices.as_slice()));
        let ids = state
            .filters
            .select(&wanted, state.devices(), among)
            .ok_or(StatusCode::NOT_FOUND)?;
        self.ids("devices", table, &ids)
    }

    fn audit(&self, state: &State, uid: &str, serves: impl Fn(DeviceClass) -> bool) -> Answer {
        let id = device(state, uid)?;
        self.check_class(state, id, serves)?;
        self.one(state.audits(), id)
    }

    /// 404 when no device has the address, 400 when none that has it is a computer (documented).
    fn audits_by_mac(&self, state: &State, mac: &str) -> Answer {
        let found = with_mac(state, mac).ok_or(StatusCode::NOT_FOUND)?;
        let computers: Vec<u64> = found
            .into_iter()
            .filter(|id| {
                state
                    .entry(*id)
                    .is_some_and(|entry| is_computer(entry.class))
            })
            .collect();
        if computers.is_empty() {
            return Err(StatusCode::BAD_REQUEST);
        }
        Ok(self.array(state.audits(), &computers))
    }

    /// 400 when the path is for another class of device (documented).
    fn check_class(
        &self,
        state: &State,
        id: u64,
        serves: impl Fn(DeviceClass) -> bool,
    ) -> Result<(), StatusCode> {
        match state.entry(id) {
            Some(entry) if serves(entry.class) => Ok(()),
            Some(_) => Err(StatusCode::BAD_REQUEST),
            None => Err(StatusCode::NOT_FOUND),
        }
    }

    fn one(&self, table: &Table, id: u64) -> Answer {
        let json = table.get(id).ok_or(StatusCode::NOT_FOUND)?;
        Ok(reply::json_bytes(self.operation, json))
    }

    fn array(&self, table: &Table, ids: &[u64]) -> Reply {
        let mut reply = reply::json_bytes(self.operation, Bytes::new());
        reply.body = crate::kit::envelope("[", table.select(ids), "]");
        reply
    }

    /// A page of a whole table.
    fn whole(&self, items: &'static str, table: &Table) -> Answer {
        let query = query_pairs(self.request);
        let paging = Paging::of(&query)?;
        let page = Page {
            items,
            records: table.page(paging.skip(), paging.take()),
            total: table.len(),
        };
        Ok(lists::reply(
            self.operation,
            self.request,
            &query,
            paging,
            page,
            self.keep_query,
        ))
    }

    /// A page of some records of a table.
    fn ids(&self, items: &'static str, table: &Table, ids: &[u64]) -> Answer {
        let query = query_pairs(self.request);
        let paging = Paging::of(&query)?;
        let page = Page {
            items,
            records: table.select(paging.of_ids(ids)),
            total: ids.len(),
        };
        Ok(lists::reply(
            self.operation,
            self.request,
            &query,
            paging,
            page,
            self.keep_query,
        ))
    }
}

fn table(state: &State, v3: bool) -> &Table {
    if v3 {
        state.devices_v3()
    } else {
        state.devices()
    }
}

fn site<'a>(state: &'a State, uid: &str) -> Result<&'a Site, StatusCode> {
    state.sites.by_uid(uid).ok_or(StatusCode::NOT_FOUND)
}

fn device(state: &State, uid: &str) -> Result<u64, StatusCode> {
    parse_guid(uid)
        .and_then(|uid| state.device_by_uid(uid))
        .ok_or(StatusCode::NOT_FOUND)
}

fn with_mac(state: &State, mac: &str) -> Option<Vec<u64>> {
    let ids = state.devices_by_mac(parse_bare_mac(mac)?);
    (!ids.is_empty()).then_some(ids)
}

fn is_computer(class: DeviceClass) -> bool {
    matches!(class, DeviceClass::Workstation | DeviceClass::Server)
}

fn is_deleted_devices(site: &Site) -> bool {
    site.id == super::sites::DELETED_DEVICES
}
