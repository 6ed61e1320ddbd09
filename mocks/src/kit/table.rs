//! Records rendered to JSON once and served as slices. A table knows ids and bytes; what the bytes
//! say is the vendor's business.

use bytes::Bytes;

/// Rendered records of one resource, ordered by id. The records that were there at the start lie
/// side by side in one arena, comma-separated, so that a page of them is one slice; records written
/// later stand on their own until the table is rebuilt.
#[derive(Debug, Clone, Default)]
pub struct Table {
    arena: Bytes,
    rows: Vec<Row>,
    generation: u64,
}

#[derive(Debug, Clone)]
struct Row {
    id: u64,
    json: Json,
}

#[derive(Debug, Clone)]
enum Json {
    Arena { start: usize, end: usize },
    Own(Bytes),
}

impl Table {
    /// Renders rows into one arena. Rows may come in any order; a later row replaces an earlier one
    /// of the same id.
    pub fn build<T>(
        rows: impl IntoIterator<Item = (u64, T)>,
        mut render: impl FnMut(&T, &mut Vec<u8>),
    ) -> Self {
        let mut sorted: Vec<(u64, T)> = rows.into_iter().collect();
        sorted.sort_by_key(|(id, _)| *id);
        let mut arena = Vec::new();
        let mut placed: Vec<Row> = Vec::with_capacity(sorted.len());
        for (id, value) in &sorted {
            if !arena.is_empty() {
                arena.push(b',');
            }
            let start = arena.len();
            render(value, &mut arena);
            let row = Row {
                id: *id,
                json: Json::Arena {
                    start,
                    end: arena.len(),
                },
            };
            match placed.last_mut() {
                Some(last) if last.id == *id => *last = row,
                _ => placed.push(row),
            }
        }
        Self {
            arena: arena.into(),
            rows: placed,
            generation: 0,
        }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Counts the writes so far; what was derived from the table under another generation is stale.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The ids, ascending.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.rows.iter().map(|row| row.id)
    }

    /// One record.
    pub fn get(&self, id: u64) -> Option<Bytes> {
        let at = self.position(id).ok()?;
        self.rows.get(at).map(|row| self.bytes(row))
    }

    /// Adds a record or replaces the one with this id.
    pub fn put(&mut self, id: u64, json: impl Into<Bytes>) {
        let row = Row {
            id,
            json: Json::Own(json.into()),
        };
        match self.position(id) {
            Ok(at) => self.rows[at] = row,
            Err(at) => self.rows.insert(at, row),
        }
        self.generation += 1;
    }

    /// Takes a record out.
    pub fn remove(&mut self, id: u64) -> Option<Bytes> {
        let at = self.position(id).ok()?;
        let row = self.rows.remove(at);
        self.generation += 1;
        Some(self.bytes(&row))
    }

    /// The highest id, or 0.
    pub fn last_id(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.id)
    }

    /// The id of the record at a position in id order.
    pub fn id_at(&self, position: usize) -> Option<u64> {
        self.rows.get(position).map(|row| row.id)
    }

    /// How many records have an id of at most `id`: the position where a keyset walk goes on.
    pub fn position_after(&self, id: u64) -> usize {
        self.rows.partition_point(|row| row.id <= id)
    }

    /// A page of records in id order as frames of comma-separated JSON, without brackets.
    pub fn page(&self, skip: usize, take: usize) -> Vec<Bytes> {
        let start = skip.min(self.rows.len());
        let end = start.saturating_add(take).min(self.rows.len());
        self.frames(self.rows[start..end].iter())
    }

    /// The records with these ids, in this order, as frames of comma-separated JSON. Unknown ids
    /// are left out.
    pub fn select(&self, ids: &[u64]) -> Vec<Bytes> {
        self.frames(
            ids.iter()
                .filter_map(|id| self.rows.get(self.position(*id).ok()?)),
        )
    }

    fn position(&self, id: u64) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&id, |row| row.id)
    }

    fn bytes(&self, row: &Row) -> Bytes {
        match &row.json {
            Json::Arena { start, end } => self.arena.slice(*start..*end),
            Json::Own(bytes) => bytes.clone(),
        }
    }

    /// Neighbours in the arena share their comma, so a run of them is one frame.
    fn frames<'a>(&'a self, rows: impl Iterator<Item = &'a Row>) -> Vec<Bytes> {
        const COMMA: Bytes = Bytes::from_static(b",");
        let mut frames = Vec::new();
        let mut run: Option<(usize, usize)> = None;
        for row in rows {
            match (&row.json, run) {
                (Json::Arena { start, end }, Some((first, last))) if *start == last + 1 => {
                    run = Some((first, *end));
                    continue;
                }
                _ => {}
            }
            if let Some((first, last)) = run.take() {
                frames.push(self.arena.slice(first..last));
            }
            if !frames.is_empty() {
                frames.push(COMMA);
            }
            match &row.json {
                Json::Arena { start, end } => run = Some((*start, *end)),
                Json::Own(bytes) => frames.push(bytes.clone()),
            }
        }
        if let Some((first, last)) = run {
            frames.push(self.arena.slice(first..last));
        }
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(frames: &[Bytes]) -> String {
        String::from_utf8(frames.concat()).unwrap()
    }

    fn table() -> Table {
        Table::build([(3, "c"), (1, "a"), (2, "b")], |value, out| {
            out.extend_from_slice(value.as_bytes());
        })
    }

    #[test]
    fn an_untouched_page_is_one_slice_of_the_arena() {
        let frames = table().page(0, 10);
        assert_eq!(text(&frames), "a,b,c");
        assert_eq!(frames.len(), 1);
    }

    #[test]
    fn edits_stand_between_slices() {
        let mut table = table();
        table.put(2, "B");
        table.put(9, "z");
        table.remove(1);
        assert_eq!(text(&table.page(0, 10)), "B,c,z");
        assert_eq!(text(&table.page(1, 1)), "c");
        assert_eq!(text(&table.page(3, 1)), "");
        assert_eq!(text(&table.select(&[9, 3, 77])), "z,c");
        assert_eq!(table.last_id(), 9);
        assert_eq!(table.generation(), 3);
    }

    #[test]
    fn a_keyset_walk_survives_the_removal_of_its_key() {
        let mut table = table();
        table.remove(2);
        assert_eq!(table.position_after(2), 1);
        assert_eq!(text(&table.page(table.position_after(2), 5)), "c");
    }
}
