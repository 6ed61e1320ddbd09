//! Reads a few values out of a record's JSON and skips the rest, so that filtering a large table
//! does not build a tree per record.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The values that were asked for, by slot.
pub(in crate::connectwise_psa) type Slots = Vec<Option<Value>>;

/// What to read.
#[derive(Debug, Clone, Default)]
pub(in crate::connectwise_psa) struct Wanted {
    root: Node,
    slots: usize,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Slots that want what stands here.
    here: Vec<usize>,
    inside: Vec<(&'static str, Node)>,
}

impl Wanted {
    /// Asks for one more value; returns its slot.
    pub(in crate::connectwise_psa) fn add(&mut self, path: &[&'static str]) -> usize {
        let mut node = &mut self.root;
        for step in path {
            let at = match node.inside.iter().position(|(name, _)| name == step) {
                Some(at) => at,
                None => {
                    node.inside.push((step, Node::default()));
                    node.inside.len() - 1
                }
            };
            node = &mut node.inside[at].1;
        }
        if let Some(slot) = node.here.first() {
            return *slot;
        }
        let slot = self.slots;
        node.here.push(slot);
        self.slots += 1;
        slot
    }

    /// Reads the values into `slots`. JSON that cannot be read leaves them empty.
    pub(in crate::connectwise_psa) fn read(&self, json: &[u8], slots: &mut Slots) {
        slots.clear();
        slots.resize(self.slots, None);
        let mut reader = serde_json::Deserializer::from_slice(json);
        let seed = Seed {
            node: &self.root,
            slots,
        };
        if seed.deserialize(&mut reader).is_err() {
            slots.fill(None);
        }
    }

    /// Reads one record of which one value is wanted.
    pub(in crate::connectwise_psa) fn one(json: &[u8], path: &[&'static str]) -> Option<Value> {
        let mut wanted = Self::default();
        let slot = wanted.add(path);
        let mut slots = Slots::new();
        wanted.read(json, &mut slots);
        slots.swap_remove(slot)
    }
}

struct Seed<'a> {
    node: &'a Node,
    slots: &'a mut Slots,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.node.here.is_empty() {
            return deserializer.deserialize_any(self);
        }
        // A place that is wanted whole and in part is read whole; its parts are looked up in it.
        let value = serde::Deserialize::deserialize(deserializer)?;
        fill(self.node, &value, self.slots);
        Ok(())
    }
}

fn fill(node: &Node, value: &Value, slots: &mut Slots) {
    for slot in &node.here {
        slots[*slot] = Some(value.clone());
    }
    for (name, inner) in &node.inside {
        if let Some(value) = value.get(name) {
            fill(inner, value, slots);
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(at) = map.next_key_seed(Name(self.node))? {
            match at.and_then(|at| self.node.inside.get(at)) {
                Some((_, node)) => map.next_value_seed(Seed {
                    node,
                    slots: self.slots,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The position of a member among those wanted.
struct Name<'a>(&'a Node);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.inside.iter().position(|(known, _)| *known == name))
    }
}
