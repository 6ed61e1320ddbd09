//! Which record a row fits. Organizations are indexed when the first row of theirs comes, so that
//! importing into one organization does not look at the others.

use std::hash::BuildHasher as _;

use super::target::Target;
use crate::engine::error::EngineError;
use crate::engine::pass::Seen;
use crate::model::RecordKind;
use crate::store::{Organization, Record, RowId, Writer};

/// The list of organizations by name, apart from the records that are imported.
const NAMES: i64 = 1;
const RECORDS: i64 = 2;
/// Organizations stand under nothing.
const NOBODY: RowId = 0;

/// The keys of the records here.
pub(super) struct Index<'a> {
    writer: &'a Writer<'a>,
    /// Places of the parts that count; none when no row can find a record.
    key: Option<Vec<usize>>,
    indexed: Seen,
    names: bool,
    last: Option<(String, RowId)>,
}

impl<'a> Index<'a> {
    pub(super) fn begin(
        writer: &'a Writer<'a>,
        key: Option<Vec<usize>>,
    ) -> Result<Self, EngineError> {
        writer.begin_keys()?;
        Ok(Self {
            writer,
            key,
            indexed: Seen::default(),
            names: false,
            last: None,
        })
    }

    /// Whether rows can find records at all.
    pub(super) const fn finds(&self) -> bool {
        self.key.is_some()
    }

    /// The organization of exactly this name, the oldest of several. Archived ones do not count.
    pub(super) fn organization(&mut self, name: &str) -> Result<Option<RowId>, EngineError> {
        if let Some((last, id)) = &self.last
            && last == name
        {
            return Ok(Some(*id));
        }
        if !self.names {
            self.names = true;
            let writer = self.writer;
            writer.each::<Organization>(|record| {
                if !record.archived {
                    let hash = hash(&[Some(&record.value.name)]);
                    writer.add_key(NAMES, NOBODY, hash, record.id)?;
                }
                Ok(())
            })?;
        }
        for id in self.writer.keyed(NAMES, NOBODY, hash(&[Some(name)]))? {
            let record = self.writer.get::<Organization>(id)?;
            if record.is_some_and(|record| record.value.name == name) {
                self.last = Some((name.to_owned(), id));
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Takes note of an organization that the organization column made.
    pub(super) fn add_organization(&mut self, name: &str, id: RowId) -> Result<(), EngineError> {
        self.writer
            .add_key(NAMES, NOBODY, hash(&[Some(name)]), id)?;
        self.indexed.insert(id);
        self.last = Some((name.to_owned(), id));
        Ok(())
    }

    /// The oldest record that a row's values fit.
    pub(super) fn find<T: Target>(
        &mut self,
        owner: Option<RowId>,
        value: &T,
    ) -> Result<Option<Record<T>>, EngineError> {
        if self.key.is_none() {
            return Ok(None);
        }
        let owner = owner.unwrap_or(NOBODY);
        self.index::<T>(owner)?;
        let wanted = self.parts(value);
        for id in self.writer.keyed(RECORDS, owner, hash(&wanted))? {
            if let Some(record) = self.writer.get::<T>(id)?
                && self.parts(&record.value) == wanted
            {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Takes note of a record that a row made. Updates never change a key.
    pub(super) fn add<T: Target>(
        &mut self,
        owner: Option<RowId>,
        id: RowId,
        value: &T,
    ) -> Result<(), EngineError> {
        if self.key.is_some() {
            let owner = owner.unwrap_or(NOBODY);
            self.writer
                .add_key(RECORDS, owner, hash(&self.parts(value)), id)?;
        }
        Ok(())
    }

    fn index<T: Target>(&mut self, owner: RowId) -> Result<(), EngineError> {
        if !self.indexed.insert(owner) {
            return Ok(());
        }
        let writer = self.writer;
        if T::KIND == RecordKind::Organization {
            writer.each::<T>(|record| self.note(owner, &record))?;
        } else {
            for record in writer.of_organization::<T>(owner)? {
                self.note(owner, &record)?;
            }
        }
        Ok(())
    }

    fn note<T: Target>(
        &self,
        owner: RowId,
        record: &Record<T>,
    ) -> Result<(), crate::store::StoreError> {
        if record.archived {
            return Ok(());
        }
        let hash = hash(&self.parts(&record.value));
        self.writer.add_key(RECORDS, owner, hash, record.id)
    }

    fn parts<'v, T: Target>(&self, value: &'v T) -> Vec<Option<&'v str>> {
        let all = value.key();
        let counted = self.key.iter().flatten();
        counted
            .map(|at| {
                all.get(*at)
                    .copied()
                    .flatten()
                    .filter(|part| !part.is_empty())
            })
            .collect()
    }
}

fn hash(parts: &[Option<&str>]) -> i64 {
    const SEED: u64 = 0x69_6d_70_6f_72_74_00_01;
    let hash = foldhash::quality::FixedState::with_seed(SEED).hash_one(parts);
    i64::from_ne_bytes(hash.to_ne_bytes())
}
