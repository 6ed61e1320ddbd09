//! Organizations with their locations and contacts.

use std::collections::HashSet;

use fake::Fake;
use fake::faker::name::en::{FirstName, LastName};

use super::draw::{Draw, Purpose};
use super::words::{CITIES, City, PLACES, SITES, STREETS, TITLES, TRADES};
use crate::world::located::Located;
use crate::world::records::{Email, Phone};
use crate::world::tenant::{Contact, Location, Organization};

/// Names that were given: organizations are told apart by name.
#[derive(Default)]
pub(super) struct Names {
    names: HashSet<String>,
    short_names: HashSet<String>,
}

/// An organization and what its locations and contacts are made of.
pub(super) struct Client {
    pub(super) key: String,
    pub(super) short_name: String,
    pub(super) organization: Organization,
    city: &'static City,
    domain: String,
}

impl Client {
    pub(super) fn draw(seed: u64, index: u32, names: &mut Names) -> Self {
        let mut draw = Draw::new(seed, index, Purpose::Organization, 0);
        let city = draw.pick(CITIES);
        let name = names.unique(company(&mut draw), city);
        let short_name = names.unique_short(&name);
        let domain = format!("{}.example", slug(&name));
        Self {
            key: format!("o{}", index + 1),
            organization: Organization {
                name,
                short_name: Some(short_name.clone()),
                phone: Some(phone(&mut draw, city)),
                website: Some(format!("https://www.{domain}")),
                ..Organization::default()
            },
            short_name,
            city,
            domain,
        }
    }

    pub(super) fn location(&self, seed: u64, index: u32, nth: u32) -> (String, Location) {
        let mut draw = Draw::new(seed, index, Purpose::Location, nth);
        // Most branches are in the same town.
        let city = if nth == 0 || draw.chance(0.7) {
            self.city
        } else {
            draw.pick(CITIES)
        };
        let round = nth as usize / SITES.len() + 1;
        let site = SITES[nth as usize % SITES.len()];
        let name = if round == 1 {
            site.to_owned()
        } else {
            format!("{site} {round}")
        };
        let suite = draw
            .chance(0.3)
            .then(|| format!("Suite {}", draw.range(100, 420)));
        let location = Location {
            organization: self.key.clone().into(),
            name,
            address_1: Some(format!("{} {}", draw.range(1, 2400), draw.pick(STREETS))),
            address_2: suite,
            city: Some(city.name.to_owned()),
            region: Some(city.region.to_owned()),
            postal_code: Some(city.postal_code.replace('#', &draw.range(1, 9).to_string())),
            country: Some(city.country.to_owned()),
            phone: Some(phone(&mut draw, city)),
            primary: (nth == 0).then_some(true),
            ..Location::default()
        };
        (format!("{}-l{}", self.key, nth + 1), location)
    }

    pub(super) fn contact(
        &self,
        seed: u64,
        index: u32,
        nth: u32,
        locations: u32,
    ) -> (String, Contact) {
        let mut draw = Draw::new(seed, index, Purpose::Contact, nth);
        let first_name: &str = FirstName().fake_with_rng(&mut draw.rng);
        let last_name: &str = LastName().fake_with_rng(&mut draw.rng);
        let address = format!("{}.{}@{}", slug(first_name), slug(last_name), self.domain);
        let mut phones = vec![Phone {
            number: phone(&mut draw, self.city),
            extension: Some(draw.range(100, 499).to_string()),
            phone_type: Some("Direct".to_owned()),
        }];
        if draw.chance(0.4) {
            phones.push(Phone {
                number: phone(&mut draw, self.city),
                extension: None,
                phone_type: Some("Cell".to_owned()),
            });
        }
        let decides = nth == 0;
        let contact = Contact {
            organization: self.key.clone().into(),
            location: self.some_location(&mut draw, locations),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            title: Some((*draw.pick(TITLES)).to_owned()),
            contact_type: Some(
                if decides {
                    "Decision Maker"
                } else {
                    "End User"
                }
                .to_owned(),
            ),
            emails: vec![Email {
                address,
                email_type: Some("Email".to_owned()),
            }],
            phones,
            ..Contact::default()
        };
        (format!("{}-c{}", self.key, nth + 1), contact)
    }

    /// The main location more often than all others together.
    pub(super) fn some_location(&self, draw: &mut Draw, locations: u32) -> Option<Located<String>> {
        let at_main = draw.chance(0.6);
        let other = draw.range(1, locations.max(1));
        let nth = if at_main { 1 } else { other };
        (locations > 0).then(|| format!("{}-l{nth}", self.key).into())
    }
}

impl Names {
    fn unique(&mut self, name: String, city: &City) -> String {
        let mut tried = name.clone();
        let mut round = 1;
        while !self.names.insert(tried.to_lowercase()) {
            tried = match round {
                1 => format!("{name} of {}", city.name),
                round => format!("{name} {round}"),
            };
            round += 1;
        }
        tried
    }

    /// Letters of the name, the way people make up company ids, and a number when they are taken.
    fn unique_short(&mut self, name: &str) -> String {
        let letters: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(6)
            .collect();
        let short = letters.to_uppercase();
        let mut tried = short.clone();
        let mut round = 2;
        while !self.short_names.insert(tried.clone()) {
            tried = format!("{short}{round}");
            round += 1;
        }
        tried
    }
}

fn company(draw: &mut Draw) -> String {
    let trade = *draw.pick(TRADES);
    let person: &str = LastName().fake_with_rng(&mut draw.rng);
    match draw.range(0, 9) {
        0..=3 => format!("{person} {trade}"),
        4..=7 => format!("{} {trade}", draw.pick(PLACES)),
        8 => {
            let other: &str = LastName().fake_with_rng(&mut draw.rng);
            format!("{person} & {other} {trade}")
        }
        _ => format!("{} {trade}", draw.pick(CITIES).name),
    }
}

/// From the range that is kept free for fiction.
fn phone(draw: &mut Draw, city: &City) -> String {
    format!("{}-555-{:04}", city.area_code, draw.range(100, 199))
}

pub(super) fn slug(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}
