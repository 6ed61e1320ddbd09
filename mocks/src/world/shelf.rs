//! Where a world keeps the entities of one kind: the true values, and for each tool the records that
//! stand for them. Records that nobody edited are not stored but rendered when asked for, so that a
//! large tenant is held once and not three times.

use indexmap::IndexMap;

use super::records::Tool;
use super::render::{Links, Truth};
use super::tenant::Entries;

/// The entities of one kind, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shelf<T: Truth> {
    entries: IndexMap<String, Entry<T>>,
}

/// One true entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry<T: Truth> {
    /// The true values, without overrides.
    pub(crate) truth: T,
    slots: Vec<Slot<T>>,
    /// How many records each tool ever had; a number is not given twice.
    given: [u32; 2],
    /// Overrides for a tool that does not hold it yet.
    waiting: [Option<Box<T::Patch>>; 2],
}

/// One record of one tool.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slot<T: Truth> {
    pub(crate) tool: Tool,
    /// 1 for the entity's own key, 2 for `key#2` and so on.
    copy: u32,
    /// 0 for the records of the file; those that came later count up.
    since: u32,
    state: State<T>,
}

#[derive(Debug, Clone, PartialEq)]
enum State<T: Truth> {
    /// The truth with overrides.
    Told(Option<Box<T::Patch>>),
    /// A record that was edited, or that another tool's record was copied to.
    Held(Box<T::Record>),
}

impl<T: Truth> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            entries: IndexMap::new(),
        }
    }
}

/// `acme#3` is the third record of `acme`. Any other text names an entity's first record.
pub(crate) fn split_key(key: &str) -> (&str, u32) {
    let copy = key.rsplit_once('#').and_then(|(truth, copy)| {
        let number: u32 = copy.parse().ok()?;
        // `acme#02` and `acme#1` would be second spellings of other keys.
        (number >= 2 && !copy.starts_with(['0', '+'])).then_some((truth, number))
    });
    copy.unwrap_or((key, 1))
}

/// The key of an entity's n-th record in a tool.
pub(crate) fn join_key(truth: &str, copy: u32) -> String {
    if copy == 1 {
        truth.to_owned()
    } else {
        format!("{truth}#{copy}")
    }
}

impl<T: Truth> Slot<T> {
    pub(crate) fn key(&self, truth: &str) -> String {
        join_key(truth, self.copy)
    }

    pub(crate) fn is_active(&self, entry: &Entry<T>) -> bool {
        match &self.state {
            State::Told(patch) => entry.truth.is_active(patch.as_deref()),
            State::Held(record) => T::record_is_active(record),
        }
    }

    /// The record, rendered or as it is held.
    pub(crate) fn record(&self, key: &str, entry: &Entry<T>) -> T::Record {
        match &self.state {
            State::Told(patch) => {
                let mut record = entry.truth.render(self.key(key), key, self.tool);
                if let Some(patch) = patch {
                    T::apply(&mut record, patch, self.tool);
                }
                record
            }
            State::Held(record) => (**record).clone(),
        }
    }

    /// What the record refers to, without rendering it.
    pub(crate) fn links<'a>(&'a self, entry: &'a Entry<T>) -> Links<'a> {
        match &self.state {
            State::Told(patch) => entry.truth.links(patch.as_deref(), self.tool),
            State::Held(record) => T::record_links(record),
        }
    }
}

impl<T: Truth> Entry<T> {
    pub(crate) fn new(mut truth: T) -> Self {
        let mut slots = Vec::new();
        let mut given = [0, 0];
        let mut waiting = [None, None];
        for tool in [Tool::Psa, Tool::Rmm] {
            let holds = match truth.listed_tools() {
                Some(tools) => tools.iter().any(|listed| listed.value == tool),
                None => T::TOOLS.contains(&tool),
            };
            let (own, copies) = truth.take_patches(tool);
            if !holds {
                waiting[tool as usize] = own;
                continue;
            }
            let patches = std::iter::once(own).chain(copies.into_iter().map(|it| Some(it.into())));
            for (copy, patch) in (1..).zip(patches) {
                slots.push(Slot {
                    tool,
                    copy,
                    since: 0,
                    state: State::Told(patch),
                });
                given[tool as usize] = copy;
            }
        }
        Self {
            truth,
            slots,
            given,
            waiting,
        }
    }

    /// The record that the file gives the entity in a tool that does not hold it.
    pub(crate) fn next_record(&self, truth: &str, tool: Tool) -> T::Record {
        let key = join_key(truth, self.given[tool as usize] + 1);
        let mut record = self.truth.render(key, truth, tool);
        if let Some(patch) = &self.waiting[tool as usize] {
            T::apply(&mut record, patch, tool);
        }
        record
    }

    pub(crate) fn slots(&self, tool: Tool) -> impl Iterator<Item = &Slot<T>> {
        self.slots.iter().filter(move |slot| slot.tool == tool)
    }
}

impl<T: Truth> Shelf<T> {
    pub(crate) fn new(entries: Entries<T>) -> Self {
        Self {
            entries: entries
                .into_iter()
                .map(|(key, truth)| (key.value, Entry::new(truth)))
                .collect(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Entry<T>)> {
        self.entries
            .iter()
            .map(|(key, entry)| (key.as_str(), entry))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// An entity with its key, by the key.
    pub(crate) fn find(&self, truth: &str) -> Option<(&str, &Entry<T>)> {
        let (key, entry) = self.entries.get_key_value(truth)?;
        Some((key, entry))
    }

    /// Every record of a tool with its entity's key and values, in the order of the file.
    pub(crate) fn slots(&self, tool: Tool) -> impl Iterator<Item = (&str, &Entry<T>, &Slot<T>)> {
        self.iter()
            .flat_map(move |(key, entry)| (entry.slots(tool)).map(move |slot| (key, entry, slot)))
    }

    /// The record with this key.
    pub(crate) fn slot(&self, tool: Tool, key: &str) -> Option<(&Entry<T>, &Slot<T>)> {
        let (truth, copy) = split_key(key);
        let entry = self.entries.get(truth)?;
        let slot = entry.slots(tool).find(|slot| slot.copy == copy)?;
        Some((entry, slot))
    }

    pub(crate) fn holds(&self, tool: Tool, key: &str) -> bool {
        self.slot(tool, key).is_some()
    }

    /// The record that stands for an entity in a tool: the one under its own key, or the first that
    /// is left.
    pub(crate) fn standing_for(&self, tool: Tool, truth: &str) -> Option<String> {
        let entry = self.entries.get(truth)?;
        let slot = entry.slots(tool).min_by_key(|slot| slot.copy)?;
        Some(slot.key(truth))
    }

    /// Keys of the records whose references pass.
    pub(crate) fn linked(&self, tool: Tool, pass: impl Fn(Links<'_>) -> bool) -> Vec<String> {
        self.slots(tool)
            .filter(|(_, entry, slot)| pass(slot.links(entry)))
            .map(|(truth, _, slot)| slot.key(truth))
            .collect()
    }

    pub(crate) fn record(&self, tool: Tool, key: &str) -> Option<T::Record> {
        let (entry, slot) = self.slot(tool, key)?;
        Some(slot.record(split_key(key).0, entry))
    }

    /// Every record of a tool: those of the file in its order, then later ones as they came.
    pub(crate) fn records(&self, tool: Tool) -> Vec<T::Record> {
        let mut records = Vec::new();
        let mut late = Vec::new();
        for (key, entry, slot) in self.slots(tool) {
            let record = slot.record(key, entry);
            if slot.since == 0 {
                records.push(record);
            } else {
                late.push((slot.since, record));
            }
        }
        late.sort_by_key(|(since, _)| *since);
        records.extend(late.into_iter().map(|(_, record)| record));
        records
    }

    /// Puts an edited record in its place. Nothing happens when there is no such place.
    pub(crate) fn hold(&mut self, tool: Tool, key: &str, record: T::Record) {
        let (truth, copy) = split_key(key);
        let slot = self.entries.get_mut(truth).and_then(|entry| {
            let mut slots = entry.slots.iter_mut();
            slots.find(|slot| slot.tool == tool && slot.copy == copy)
        });
        if let Some(slot) = slot {
            slot.state = State::Held(Box::new(record));
        }
    }

    /// Takes a record out; its number is not given again.
    pub(crate) fn take(&mut self, tool: Tool, key: &str) {
        let (truth, copy) = split_key(key);
        if let Some(entry) = self.entries.get_mut(truth) {
            let gone = |slot: &Slot<T>| slot.tool == tool && slot.copy == copy;
            entry.slots.retain(|slot| !gone(slot));
        }
    }

    /// The key that the entity's next record in a tool gets.
    pub(crate) fn next_key(&self, tool: Tool, truth: &str) -> Option<String> {
        let entry = self.entries.get(truth)?;
        Some(join_key(truth, entry.given[tool as usize] + 1))
    }

    /// Adds a record of an entity to a tool, under its next key.
    pub(crate) fn put_new(&mut self, tool: Tool, truth: &str, since: u32, record: T::Record) {
        if let Some(entry) = self.entries.get_mut(truth) {
            let given = &mut entry.given[tool as usize];
            *given += 1;
            entry.slots.push(Slot {
                tool,
                copy: *given,
                since,
                state: State::Held(Box::new(record)),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plain_spelling_of_a_number_makes_a_copy_key() {
        assert_eq!(split_key("acme"), ("acme", 1));
        assert_eq!(split_key("acme#2"), ("acme", 2));
        assert_eq!(split_key("acme#12"), ("acme", 12));
        for odd in ["acme#1", "acme#02", "acme#+2", "acme#", "acme#x", "acme#0"] {
            assert_eq!(split_key(odd), (odd, 1));
        }
        assert_eq!(join_key("acme", 1), "acme");
        assert_eq!(join_key("acme", 3), "acme#3");
    }
}
