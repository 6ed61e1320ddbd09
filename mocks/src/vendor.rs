//! The list of vendors: slugs, and which tool each one is. A new vendor joins here.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kaseya_bms::{Bms, KASEYA_BMS};
use crate::pulseway_psa::PULSEWAY_PSA;
use crate::pulseway_rmm::PULSEWAY_RMM;
use crate::simulator::Simulator;
use crate::vsa_x::{VSA_X, VsaX};
use crate::world::{Kind, Tool, World};
use crate::{
    autotask, connectwise_psa, datto_rmm, halopsa, kaseya_vsa9, ninjaone, syncro, tigerpaw,
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
    /// Syncro.
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
        Self::VsaX,
        Self::PulsewayRmm,
    ];

    /// The name used on the command line, in scenarios and in reports.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::ConnectwisePsa => "connectwise-psa",
            Self::DattoRmm => "datto-rmm",
            Self::Autotask => "autotask",
            Self::KaseyaBms => "kaseya-bms",
            Self::PulsewayPsa => "pulseway-psa",
            Self::Tigerpaw => "tigerpaw",
            Self::Syncro => "syncro",
            Self::HaloPsa => "halopsa",
            Self::NinjaOne => "ninjaone",
            Self::KaseyaVsa9 => "kaseya-vsa9",
            Self::VsaX => "vsa-x",
            Self::PulsewayRmm => "pulseway-rmm",
        }
    }

    /// Whether it is a PSA or an RMM.
    pub const fn tool(self) -> Tool {
        match self {
            Self::DattoRmm | Self::NinjaOne | Self::KaseyaVsa9 | Self::VsaX | Self::PulsewayRmm => {
                Tool::Rmm
            }
            _ => Tool::Psa,
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
            // `inferred`, after VSA 10, where both are documented.
            Self::KaseyaVsa9 => &["organizations", "machine_groups"],
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
}

impl fmt::Display for Vendor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.slug())
    }
}

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|vendor| vendor.slug() == text)
            .ok_or_else(|| UnknownVendor {
                name: text.to_owned(),
            })
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

/// Stands up the simulator of a vendor with its share of the world.
pub fn simulator(vendor: Vendor, world: &World, now: Timestamp) -> Arc<dyn Simulator> {
    let records = world.project(vendor.tool());
    match vendor {
        Vendor::ConnectwisePsa => Arc::new(connectwise_psa::ConnectwisePsa::new(&records, now)),
        Vendor::DattoRmm => {
            let options = datto_rmm::DattoOptions {
                autotask_companies: autotask_companies(world, now),
                ..datto_rmm::DattoOptions::default()
            };
            Arc::new(datto_rmm::DattoRmm::with_options(&records, &options, now))
        }
        Vendor::Autotask => Arc::new(autotask::Autotask::new(&records, now)),
        Vendor::KaseyaBms => Arc::new(Bms::new(&records, now, KASEYA_BMS)),
        Vendor::HaloPsa => Arc::new(halopsa::HaloPsa::new(&records, now)),
        Vendor::NinjaOne => Arc::new(ninjaone::NinjaOne::new(&records, now)),
        Vendor::KaseyaVsa9 => Arc::new(kaseya_vsa9::KaseyaVsa9::new(&records, now)),
        Vendor::VsaX => Arc::new(VsaX::new(&records, now, VSA_X)),
        Vendor::PulsewayRmm => Arc::new(VsaX::new(&records, now, PULSEWAY_RMM)),
        Vendor::Syncro => Arc::new(syncro::Syncro::new(&records, now)),
        Vendor::Tigerpaw => Arc::new(tigerpaw::Tigerpaw::new(&records)),
        Vendor::PulsewayPsa => Arc::new(Bms::new(&records, now, PULSEWAY_PSA)),
    }
}

/// The company of Autotask that each site of Datto RMM stands for, as somebody mapped them who knew: by
/// the key of the site's organization.
fn autotask_companies(
    world: &World,
    now: Timestamp,
) -> BTreeMap<String, datto_rmm::AutotaskCompany> {
    let mut psa = world.project(Tool::Psa);
    psa.locations.clear();
    psa.contacts.clear();
    psa.devices.clear();
    let rows = autotask::Autotask::new(&psa, now).truth();
    let ids: HashMap<String, String> = (rows.into_iter())
        .filter(|row| row.kind == Kind::Organization)
        .map(|row| (row.key, row.external_id))
        .collect();
    let names: HashMap<&str, &str> = (psa.organizations.iter())
        .map(|it| (it.key.as_str(), it.name.as_str()))
        .collect();
    let sites = world.project(Tool::Rmm).organizations.into_iter();
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
