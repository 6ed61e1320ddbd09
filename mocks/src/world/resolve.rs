//! Checks of a tenant: every reference leads somewhere, in every tool that holds both ends. What
//! passes becomes a [`World`].

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::error::{TenantError, nearest};
use super::generate::generate;
use super::located::Located;
use super::patch::DevicePatch;
use super::push::Pushed;
use super::records::{Kind, Tool};
use super::render::Truth;
use super::shelf::{Shelf, join_key, split_key};
use super::state::World;
use super::tenant::{Device, Entries, Location, Tenant};

/// Errors after which a check stops: more do not help anybody.
const ERRORS_MAX: usize = 100;

const TOOLS: [Tool; 2] = [Tool::Psa, Tool::Rmm];

impl Tenant {
    /// Checks the tenant and makes a world of it; generates it first if it says so.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file, 100 errors at most.
    pub fn resolve(&self) -> Result<World, Vec<TenantError>> {
        self.clone().into_world()
    }

    /// As [`Tenant::resolve`], for a large tenant that is not needed any longer.
    ///
    /// # Errors
    /// As [`Tenant::resolve`].
    pub fn into_world(self) -> Result<World, Vec<TenantError>> {
        let mut tenant = self.expand().map_err(|error| vec![error])?;
        let mut check = Check {
            tenant: &tenant,
            errors: Vec::new(),
        };
        check.everything();
        if !check.errors.is_empty() {
            return Err(check.errors);
        }
        choose_primary_locations(&mut tenant.locations);
        Ok(World {
            company: tenant.company,
            seed: tenant.seed.value,
            contents: tenant.contents,
            organizations: Shelf::new(tenant.organizations),
            locations: Shelf::new(tenant.locations),
            contacts: Shelf::new(tenant.contacts),
            devices: Shelf::new(tenant.devices),
            additions: 0,
            pushed: Pushed::default(),
        })
    }

    /// The tenant with `generate` carried out; any other tenant as it is.
    ///
    /// # Errors
    /// Settings out of range, or entities written beside `generate`.
    pub fn expand(self) -> Result<Self, TenantError> {
        let Some(spec) = &self.generate else {
            return Ok(self);
        };
        let alone = self.seed.value == 0
            && self.organizations.is_empty()
            && self.locations.is_empty()
            && self.contacts.is_empty()
            && self.devices.is_empty();
        let fail = |message: String, hint: String, label: &str| TenantError {
            message,
            hint: Some(hint),
            location: spec.location(),
            label: label.to_owned(),
        };
        if !alone {
            return Err(fail(
                "`generate` stands beside entities or a seed of the tenant's own".to_owned(),
                "leave only `company` and `contents` beside it; the seed goes inside".to_owned(),
                "makes the whole tenant",
            ));
        }
        let made = generate(spec)
            .map_err(|error| fail(error.to_string(), error.hint(), "cannot be generated"))?;
        Ok(Self {
            company: self.company,
            contents: self.contents,
            ..made
        })
    }
}

/// The first location of an organization is the main one when none says so.
fn choose_primary_locations(locations: &mut Entries<Location>) {
    let chosen: HashSet<String> = (locations.values())
        .filter(|location| location.primary == Some(true))
        .map(|location| split_key(&location.organization).0.to_owned())
        .collect();
    let mut served = chosen;
    for location in locations.values_mut() {
        if location.primary.is_none() {
            let organization = split_key(&location.organization).0.to_owned();
            location.primary = Some(served.insert(organization));
        }
    }
}

struct Check<'a> {
    tenant: &'a Tenant,
    errors: Vec<TenantError>,
}

/// A reference from one record, with everything that a message about it needs.
struct Reference<'a> {
    tool: Tool,
    /// Kind and key of the record that refers.
    kind: Kind,
    key: &'a str,
    to: &'a Located<String>,
    /// Where to point when the target is real but not in the tool.
    blame: Option<serde_saphyr::Location>,
}

impl<'a> Check<'a> {
    fn everything(&mut self) {
        let tenant = self.tenant;
        for (key, truth) in &tenant.organizations {
            self.entity(key, truth);
            self.link(key, truth, Kind::Organization, |truth, patch| {
                chosen(
                    truth.parent.as_ref(),
                    patch.and_then(|it| it.parent.as_ref()),
                )
            });
        }
        for (key, truth) in &tenant.locations {
            self.entity(key, truth);
            self.link(key, truth, Kind::Organization, |truth, patch| {
                let patched = patch.and_then(|patch| patch.organization.as_ref());
                patched.or(Some(&truth.organization))
            });
        }
        for (key, truth) in &tenant.contacts {
            self.entity(key, truth);
            self.link(key, truth, Kind::Organization, |truth, patch| {
                let patched = patch.and_then(|patch| patch.organization.as_ref());
                patched.or(Some(&truth.organization))
            });
            self.link(key, truth, Kind::Location, |truth, patch| {
                chosen(
                    truth.location.as_ref(),
                    patch.and_then(|it| it.location.as_ref()),
                )
            });
        }
        for (key, truth) in &tenant.devices {
            self.entity(key, truth);
            self.device(key, truth);
        }
        self.cycles();
    }

    fn full(&self) -> bool {
        self.errors.len() >= ERRORS_MAX
    }

    fn say(
        &mut self,
        location: Option<serde_saphyr::Location>,
        label: &str,
        message: String,
        hint: Option<String>,
    ) {
        if !self.full() {
            self.errors.push(TenantError {
                message,
                hint,
                location,
                label: label.to_owned(),
            });
        }
    }

    /// What holds for entities of all kinds: the key, the tools, the copies.
    fn entity<T: Truth>(&mut self, key: &Located<String>, truth: &T) {
        let kind = T::KIND;
        if key.is_empty() || key.contains('#') {
            let hint = if key.is_empty() {
                "give it a short name".to_owned()
            } else {
                format!("write further records of the same {kind} under its `copies`")
            };
            self.say(
                key.location(),
                "not a key",
                format!("the {kind} key `{key}` is empty or holds `#`"),
                Some(hint),
            );
        }
        let listed = truth.listed_tools().unwrap_or_default();
        for (place, tool) in listed.iter().enumerate() {
            if listed[..place].contains(tool) {
                self.say(
                    tool.location(),
                    "listed before",
                    format!("the {kind} `{key}` is in the {tool} twice"),
                    Some(format!(
                        "a second record goes under `copies: {{ {tool}: [..] }}`"
                    )),
                );
            }
        }
        for tool in TOOLS {
            if !truth.copies().of(tool).is_empty() && !holds(truth, tool, 1) {
                self.say(
                    key.location(),
                    "has copies without an original",
                    format!("the {kind} `{key}` has copies in the {tool}, which does not hold it"),
                    Some(format!("list `{tool}` in its `in`")),
                );
            }
        }
    }

    /// One reference that an entity's records have, in each tool.
    fn link<T: Truth>(
        &mut self,
        key: &'a Located<String>,
        truth: &'a T,
        target: Kind,
        pick: impl Fn(&'a T, Option<&'a T::Patch>) -> Option<&'a Located<String>>,
    ) {
        // The PSA alone knows locations and contacts; in the RMM only an override can name one.
        let known = |tool| target == Kind::Organization || tool == Tool::Psa;
        for tool in TOOLS {
            let blame = blame(truth, tool);
            for (copy, patch) in patches(truth, tool) {
                let own = join_key(key, copy);
                let base = pick(truth, None);
                let Some(to) = pick(truth, patch) else {
                    continue;
                };
                // By place in memory: an override may repeat the text of the base.
                let from_base = base.is_some_and(|base| std::ptr::eq(base, to));
                if from_base && !known(tool) {
                    continue;
                }
                let before = self.errors.len();
                self.reference(
                    target,
                    &Reference {
                        tool,
                        kind: T::KIND,
                        key: &own,
                        to,
                        blame: blame.filter(|_| from_base).or_else(|| to.location()),
                    },
                );
                // One mistake, one error, however many records inherit it.
                if self.errors.len() > before && from_base {
                    return;
                }
            }
        }
        // An entity that no tool holds has no records, but what it says must still be right.
        if holds_nowhere(truth)
            && let Some(to) = pick(truth, None)
        {
            self.exists(target, T::KIND, key, to);
        }
    }

    fn device(&mut self, key: &'a Located<String>, truth: &'a Device) {
        self.link(key, truth, Kind::Organization, |truth, patch| {
            let patched = patch.and_then(|patch| patch.organization.as_ref());
            patched.or(Some(&truth.organization))
        });
        self.link(key, truth, Kind::Location, |truth, patch| {
            chosen(
                truth.location.as_ref(),
                patch.and_then(|it| it.location.as_ref()),
            )
        });
        self.link(key, truth, Kind::Contact, |truth, patch| {
            chosen(
                truth.contact.as_ref(),
                patch.and_then(|it| it.contact.as_ref()),
            )
        });
        let twice = !truth.nics.is_empty() && (!truth.macs.is_empty() || truth.ip.is_some());
        let patched_twice = TOOLS
            .into_iter()
            .flat_map(|tool| patches(truth, tool))
            .any(|(_, patch)| patch.is_some_and(DevicePatch::names_nics_twice));
        if twice || patched_twice {
            self.say(
                key.location(),
                "has adapters in two forms",
                format!("the device `{key}` gives `nics` beside `macs` or `ip`"),
                Some("give addresses inside `nics`, or leave `nics` out".to_owned()),
            );
        }
    }

    fn reference(&mut self, target: Kind, from: &Reference<'_>) {
        if self.exists(target, from.kind, from.key, from.to)
            && !self.in_tool(target, from.tool, from.to)
        {
            let Reference {
                tool,
                kind,
                key,
                to,
                ..
            } = from;
            let (truth, copy) = split_key(to);
            let hint = if copy > 1 {
                format!(
                    "name it in the override of the tool that has it, or add a copy of `{truth}`"
                )
            } else if target == Kind::Organization && *kind == Kind::Organization {
                format!("list `{tool}` in the parent's `in`, or write `{tool}: {{ parent: null }}`")
            } else if target == Kind::Organization {
                format!("list `{tool}` in the organization's `in`, or take it out of `{key}`")
            } else {
                format!(
                    "list `{tool}` in the `in` of `{to}`, or write `{tool}: {{ {target}: null }}`"
                )
            };
            self.say(
                from.blame,
                "not in this tool",
                format!(
                    "the {kind} `{key}` is in the {tool}, but its {} `{to}` is not",
                    noun(*kind, target)
                ),
                Some(hint),
            );
        }
    }

    /// Whether the target of a reference is an entity at all; says so if not.
    fn exists(&mut self, target: Kind, kind: Kind, key: &str, to: &Located<String>) -> bool {
        let tenant = self.tenant;
        let (truth, _) = split_key(to);
        let (known, alike) = match target {
            Kind::Organization => look(&tenant.organizations, truth),
            Kind::Location => look(&tenant.locations, truth),
            Kind::Contact => look(&tenant.contacts, truth),
            Kind::Device => look(&tenant.devices, truth),
        };
        if !known {
            self.say(
                to.location(),
                "no such key",
                format!(
                    "the {kind} `{key}` names the {} `{to}`, which is not there",
                    noun(kind, target)
                ),
                Some(alike.map_or_else(
                    || format!("add `{to}` to `{target}s`"),
                    |alike| format!("did you mean `{alike}`?"),
                )),
            );
        }
        known
    }

    fn in_tool(&self, target: Kind, tool: Tool, to: &str) -> bool {
        let (truth, copy) = split_key(to);
        let tenant = self.tenant;
        match target {
            Kind::Organization => has(&tenant.organizations, truth, tool, copy),
            Kind::Location => has(&tenant.locations, truth, tool, copy),
            Kind::Contact => has(&tenant.contacts, truth, tool, copy),
            Kind::Device => has(&tenant.devices, truth, tool, copy),
        }
    }

    /// Organizations above themselves, in the truth or in a tool.
    fn cycles(&mut self) {
        let organizations = &self.tenant.organizations;
        for tool in [None, Some(Tool::Psa), Some(Tool::Rmm)] {
            let parent = |key: &str| -> Option<&'a Located<String>> {
                let (truth, copy) = split_key(key);
                let entry = organizations.get(truth)?;
                let patch = tool.and_then(|tool| nth_patch(entry, tool, copy));
                chosen(
                    entry.parent.as_ref(),
                    patch.and_then(|it| it.parent.as_ref()),
                )
            };
            let keys: Vec<Cow<'_, str>> = match tool {
                None => organizations
                    .keys()
                    .map(|key| key.as_str().into())
                    .collect(),
                Some(tool) => (organizations.iter())
                    .flat_map(|(key, truth)| {
                        let copies = patches(truth, tool).map(|(copy, _)| copy);
                        copies.map(|copy| join_key(key, copy).into())
                    })
                    .collect(),
            };
            // Each organization is walked through once: a walk ends at ground that an earlier one
            // has covered.
            let mut walked: HashMap<&str, usize> = HashMap::new();
            for (walk, start) in keys.iter().enumerate() {
                let mut at: &str = start;
                while walked.insert(at, walk).is_none() {
                    let Some(next) = parent(at) else { break };
                    if walked.get(next.as_str()) == Some(&walk) {
                        self.say(
                            next.location(),
                            "stands below it",
                            format!("the organization `{at}` has the parent `{next}`, which stands below it"),
                            Some("leave out one `parent` on the way".to_owned()),
                        );
                        break;
                    }
                    at = next.as_str();
                }
            }
            if !self.errors.is_empty() {
                return;
            }
        }
    }
}

impl DevicePatch {
    pub(crate) fn names_nics_twice(&self) -> bool {
        self.nics.is_some() && (self.macs.is_some() || self.ip.is_some())
    }
}

/// What a record calls the one that it refers to.
fn noun(from: Kind, target: Kind) -> String {
    if from == Kind::Organization {
        "parent".to_owned()
    } else {
        target.to_string()
    }
}

/// A reference that an override may replace or clear.
fn chosen<'a>(
    base: Option<&'a Located<String>>,
    patched: Option<&'a Option<Located<String>>>,
) -> Option<&'a Located<String>> {
    match patched {
        Some(patched) => patched.as_ref(),
        None => base,
    }
}

fn look<T>(entries: &Entries<T>, key: &str) -> (bool, Option<String>) {
    if entries.contains_key(key) {
        return (true, None);
    }
    (false, nearest(key, entries.keys().map(Located::as_str)))
}

fn has<T: Truth>(entries: &Entries<T>, truth: &str, tool: Tool, copy: u32) -> bool {
    entries
        .get(truth)
        .is_some_and(|truth| holds(truth, tool, copy))
}

/// Whether a tool holds the n-th record of an entity.
fn holds<T: Truth>(truth: &T, tool: Tool, copy: u32) -> bool {
    let listed = match truth.listed_tools() {
        Some(tools) => tools.iter().any(|listed| listed.value == tool),
        None => T::TOOLS.contains(&tool),
    };
    listed && copy as usize <= 1 + truth.copies().of(tool).len()
}

fn holds_nowhere<T: Truth>(truth: &T) -> bool {
    TOOLS.iter().all(|tool| !holds(truth, *tool, 1))
}

fn nth_patch<T: Truth>(truth: &T, tool: Tool, copy: u32) -> Option<&T::Patch> {
    match copy {
        1 => truth.own_patch(tool),
        copy => truth.copies().of(tool).get(copy as usize - 2),
    }
}

/// The overrides of each record that a tool holds, with the record's number.
fn patches<T: Truth>(truth: &T, tool: Tool) -> impl Iterator<Item = (u32, Option<&T::Patch>)> {
    let count = if holds(truth, tool, 1) {
        1 + truth.copies().of(tool).len()
    } else {
        0
    };
    (1..)
        .take(count)
        .map(move |copy| (copy, nth_patch(truth, tool, copy)))
}

/// The place where the file says that a tool holds an entity, if it does say.
fn blame<T: Truth>(truth: &T, tool: Tool) -> Option<serde_saphyr::Location> {
    let listed = truth.listed_tools()?;
    listed
        .iter()
        .find(|listed| listed.value == tool)?
        .location()
}
