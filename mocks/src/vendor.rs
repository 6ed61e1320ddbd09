//! The list of vendors: slugs, and which tool each one is. A new vendor joins here.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kaseya_bms::{Bms, KASEYA_BMS};
use crate::pulseway_psa::PULSEWAY_PSA;
use crate::pulseway_rmm::PULSEWAY_RMM;
use crate::simulator::Simulator;
use crate::vsa_x::{VSA_X, VsaX};
use crate::world::{DeviceRecord, Kind, Tool, ToolRecords, World};
use crate::{
    atera, autotask, connectwise_automate, connectwise_psa, datto_rmm, halopsa, intune,
    kaseya_vsa9, n_central, ninjaone, syncro, tigerpaw,
};

/// A vendor with a simulator.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Vendor {
    /// ConnectWise PSA, formerly ConnectWise Manage.
    ConnectwisePsa,
    /// Datto RMM.
    DattoRmm,
    /// Autotask PSA.
    Autotask,
    /// Kaseya BMS.
    KaseyaBms,
    /// Pulseway PSA.
    PulsewayPsa,
    /// Tigerpaw One.
    Tigerpaw,
    /// Syncro, the PSA.
    Syncro,
    /// HaloPSA.
    #[serde(rename = "halopsa")]
    HaloPsa,
    /// NinjaOne.
    #[serde(rename = "ninjaone")]
    NinjaOne,
    /// Kaseya VSA 9.
    #[serde(rename = "kaseya-vsa9")]
    KaseyaVsa9,
    /// N-able N-central.
    NCentral,
    /// ConnectWise Automate, formerly LabTech.
    ConnectwiseAutomate,
    /// Atera.
    Atera,
    /// Syncro, the RMM: the same product, and the same slug.
    SyncroRmm,
    /// Microsoft Intune.
    Intune,
    /// VSA X, also VSA 10.
    VsaX,
    /// Pulseway RMM.
    PulsewayRmm,
}

impl Vendor {
    /// Every vendor, in the order in which reports list them.
    pub const ALL: &[Self] = &[
        Self::ConnectwisePsa,
        Self::Autotask,
        Self::KaseyaBms,
        Self::PulsewayPsa,
        Self::Tigerpaw,
        Self::HaloPsa,
        Self::Syncro,
        Self::DattoRmm,
        Self::NinjaOne,
        Self::KaseyaVsa9,
        Self::NCentral,
        Self::ConnectwiseAutomate,
        Self::Atera,
        Self::SyncroRmm,
        Self::Intune,
        Self::VsaX,
        Self::PulsewayRmm,
    ];

    /// The name used on the command line, in scenarios and in reports. A product that is a PSA and an RMM
    /// has one name for both, so that a slug is a vendor's only together with the tool
    /// ([`Vendor::named`]); names in serialized data are told apart.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::ConnectwisePsa => "connectwise-psa",
            Self::DattoRmm => "datto-rmm",
            Self::Autotask => "autotask",
            Self::KaseyaBms => "kaseya-bms",
            Self::PulsewayPsa => "pulseway-psa",
            Self::Tigerpaw => "tigerpaw",
            Self::Syncro | Self::SyncroRmm => "syncro",
            Self::HaloPsa => "halopsa",
            Self::NinjaOne => "ninjaone",
            Self::KaseyaVsa9 => "kaseya-vsa9",
            Self::NCentral => "n-central",
            Self::ConnectwiseAutomate => "connectwise-automate",
            Self::Atera => "atera",
            Self::Intune => "intune",
            Self::VsaX => "vsa-x",
            Self::PulsewayRmm => "pulseway-rmm",
        }
    }

    /// Whether it is a PSA or an RMM.
    pub const fn tool(self) -> Tool {
        match self {
            Self::ConnectwisePsa
            | Self::Autotask
            | Self::KaseyaBms
            | Self::PulsewayPsa
            | Self::Tigerpaw
            | Self::HaloPsa
            | Self::Syncro => Tool::Psa,
            _ => Tool::Rmm,
        }
    }

    /// How the vendor's own integration writes into the documentation account; none where the account
    /// reads the vendor, and not the other way round.
    pub const fn neighbour(self) -> Option<Neighbour> {
        match self {
            // `documented`: the vendor's guide.
            Self::HaloPsa => Some(Neighbour {
                needs_location: true,
                takes_names: true,
                marks_deleted: false,
            }),
            // `documented`: the account's article; that assets are not compared `inferred`.
            Self::Syncro => Some(Neighbour {
                needs_location: false,
                takes_names: false,
                marks_deleted: true,
            }),
            _ => None,
        }
    }

    /// What can play the company in an RMM, in the vendor's own words, the usual choice first: where the
    /// product leaves no choice there is one word.
    pub const fn companies(self) -> &'static [&'static str] {
        match self {
            // `documented`: chosen when the integration is set up.
            Self::DattoRmm => &["sites", "autotask_companies"],
            Self::NinjaOne => &["organizations"],
            Self::Atera => &["customers"],
            // `inferred`, after VSA 10, where both are documented.
            Self::KaseyaVsa9 => &["organizations", "machine_groups"],
            // `inferred`: the units of its tree that stand for clients.
            Self::NCentral => &["customers", "sites"],
            // `inferred`: both are in use, and one record stands for a customer in each.
            Self::ConnectwiseAutomate => &["clients", "locations"],
            // `documented`.
            Self::SyncroRmm => &["customers"],
            // `documented`: an organization is matched with the tenant.
            Self::Intune => &["tenants"],
            // `documented`: groups by one article, organizations by another; sites `inferred`.
            Self::VsaX | Self::PulsewayRmm => &["organizations", "groups", "sites"],
            _ => &[],
        }
    }

    /// The vendors that play the given part.
    pub fn of(tool: Tool) -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(move |vendor| vendor.tool() == tool)
    }

    /// The vendor of a slug that plays the given part.
    ///
    /// # Errors
    /// [`UnknownVendor`] when nobody of that name plays it.
    pub fn named(slug: &str, tool: Tool) -> Result<Self, UnknownVendor> {
        Self::all_named(slug)
            .find(|vendor| vendor.tool() == tool)
            .ok_or_else(|| UnknownVendor {
                name: slug.to_owned(),
            })
    }

    /// Everybody of a slug: two where the product plays both parts, the PSA first.
    pub fn all_named(slug: &str) -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(move |vendor| vendor.slug() == slug)
    }

    /// Every slug, each once.
    pub fn slugs() -> Vec<&'static str> {
        let mut slugs = Vec::with_capacity(Self::ALL.len());
        for vendor in Self::ALL {
            if !slugs.contains(&vendor.slug()) {
                slugs.push(vendor.slug());
            }
        }
        slugs
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.slug())
    }
}

/// Rules of an integration that comes from the vendor's side and writes through the account's API. It
/// has a table of its own of what it has written, and takes organizations of exactly the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// Whether it leaves out organizations without a location.
    pub needs_location: bool,
    /// Whether it takes a configuration of exactly the same name; otherwise it makes one.
    pub takes_names: bool,
    /// Whether it makes a configuration inactive when its asset is deleted.
    pub marks_deleted: bool,
}

/// A name that is no vendor's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no vendor `{name}`")]
pub struct UnknownVendor {
    /// The name that was given.
    pub name: String,
}

/// Stands up the whole product that a vendor belongs to: with both shares of the world in one account
/// where it is a PSA and an RMM, otherwise like [`simulator()`].
pub fn product(vendor: Vendor, world: &World, now: Timestamp) -> Arc<dyn Simulator> {
    match vendor {
        Vendor::Syncro | Vendor::SyncroRmm => Arc::new(syncro::Syncro::whole(world, now)),
        _ => simulator(vendor, world, now),
    }
}

/// Stands up the simulator of a vendor with its share of the world.
pub fn simulator(vendor: Vendor, world: &World, now: Timestamp) -> Arc<dyn Simulator> {
    raise(vendor, world, &world.project(vendor.tool()), now)
}

/// As [`simulator()`], with devices that come one by one in place of those of the world, for a tenant so
/// large that there should never be all of them ([`generate_apart`](crate::world::generate_apart)). The
/// vendors that cannot take them so gather them. The world must hold what they refer to, and know the
/// names of their types and statuses, or those must be the usual ones.
pub fn simulator_with_devices(
    vendor: Vendor,
    world: &World,
    devices: impl Iterator<Item = DeviceRecord>,
    now: Timestamp,
) -> Arc<dyn Simulator> {
    let mut records = world.project(vendor.tool());
    match vendor {
        Vendor::ConnectwisePsa => Arc::new(connectwise_psa::ConnectwisePsa::with_devices(
            &records, devices, now,
        )),
        Vendor::NinjaOne => Arc::new(ninjaone::NinjaOne::with_devices(&records, devices, now)),
        _ => {
            records.devices = devices.collect();
            raise(vendor, world, &records, now)
        }
    }
}

fn raise(
    vendor: Vendor,
    world: &World,
    records: &ToolRecords,
    now: Timestamp,
) -> Arc<dyn Simulator> {
    match vendor {
        Vendor::ConnectwisePsa => Arc::new(connectwise_psa::ConnectwisePsa::new(records, now)),
        Vendor::DattoRmm => {
            let options = datto_rmm::DattoOptions {
                autotask_companies: autotask_companies(world, now),
                ..datto_rmm::DattoOptions::default()
            };
            Arc::new(datto_rmm::DattoRmm::with_options(records, &options, now))
        }
        Vendor::Autotask => Arc::new(autotask::Autotask::new(records, now)),
        Vendor::KaseyaBms => Arc::new(Bms::new(records, now, KASEYA_BMS)),
        Vendor::HaloPsa => Arc::new(halopsa::HaloPsa::new(records, now)),
        Vendor::NinjaOne => Arc::new(ninjaone::NinjaOne::new(records, now)),
        Vendor::Atera => Arc::new(atera::Atera::new(records, now)),
        Vendor::KaseyaVsa9 => Arc::new(kaseya_vsa9::KaseyaVsa9::new(records, now)),
        Vendor::NCentral => Arc::new(n_central::NCentral::new(records, now)),
        Vendor::ConnectwiseAutomate => {
            Arc::new(connectwise_automate::ConnectwiseAutomate::new(records, now))
        }
        Vendor::Intune => Arc::new(intune::Intune::new(records, now)),
        Vendor::VsaX => Arc::new(VsaX::new(records, now, VSA_X)),
        Vendor::PulsewayRmm => Arc::new(VsaX::new(records, now, PULSEWAY_RMM)),
        Vendor::Syncro => Arc::new(syncro::Syncro::new(records, now)),
        Vendor::SyncroRmm => Arc::new(syncro::Syncro::rmm(records, now)),
        Vendor::Tigerpaw => Arc::new(tigerpaw::Tigerpaw::new(records)),
        Vendor::PulsewayPsa => Arc::new(Bms::new(records, now, PULSEWAY_PSA)),
    }
}

/// The company of Autotask that each site of Datto RMM stands for, as somebody mapped them who knew: by
/// the key of the site's organization.
fn autotask_companies(
    world: &World,
    now: Timestamp,
) -> BTreeMap<String, datto_rmm::AutotaskCompany> {
    let psa = world.project_organizations(Tool::Psa);
    let rows = autotask::Autotask::new(&psa, now).truth();
    let ids: HashMap<String, String> = (rows.into_iter())
        .filter(|row| row.kind == Kind::Organization)
        .map(|row| (row.key, row.external_id))
        .collect();
    let names: HashMap<&str, &str> = (psa.organizations.iter())
        .map(|it| (it.key.as_str(), it.name.as_str()))
        .collect();
    let sites = world
        .project_organizations(Tool::Rmm)
        .organizations
        .into_iter();
    sites
        .filter_map(|site| {
            let company = world.standing_for(Tool::Psa, &site.truth)?;
            let name = names.get(company.as_str())?;
            let mapped = datto_rmm::AutotaskCompany {
                id: ids.get(&company)?.clone(),
                name: (*name).to_owned(),
            };
            Some((site.key, mapped))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_slug_and_a_tool_name_one_vendor_and_serialized_names_need_no_tool() {
        let mut written = BTreeSet::new();
        for vendor in Vendor::ALL {
            assert_eq!(Vendor::named(vendor.slug(), vendor.tool()), Ok(*vendor));
            let json = serde_json::to_string(vendor).unwrap();
            assert_eq!(serde_json::from_str::<Vendor>(&json).unwrap(), *vendor);
            assert!(written.insert(json), "{vendor:?}");
        }
        assert_eq!(Vendor::named("syncro", Tool::Psa), Ok(Vendor::Syncro));
        assert_eq!(Vendor::named("syncro", Tool::Rmm), Ok(Vendor::SyncroRmm));
        assert!(Vendor::named("datto-rmm", Tool::Psa).is_err());
        assert!(Vendor::named("syncro-rmm", Tool::Rmm).is_err());
        let both: Vec<Vendor> = Vendor::all_named("syncro").collect();
        assert_eq!(both, [Vendor::Syncro, Vendor::SyncroRmm]);
        assert_eq!(Vendor::slugs().len(), Vendor::ALL.len() - 1);
    }
}
