//! Records rendered to JSON once and served as slices. A table knows ids and bytes; what the bytes
//! say is the vendor's business.

use std::mem;

use bytes::Bytes;

/// Where a piece of an arena ends and the next begins: large beside a page, small beside a tenant,
/// so that rewriting a table needs room for a piece and not for a second table.
const PIECE_BYTES: usize = 8 << 20;

/// Rendered records of one resource, ordered by id. The records that were there at the start lie
/// side by side in an arena of a few large pieces, comma-separated, so that a page of them is one
/// slice, or two; records written later stand on their own until the table is rewritten.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pieces: Vec<Bytes>,
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
    Arena(Span),
    Own(Bytes),
}

/// Where bytes lie in an arena.
#[derive(Debug, Clone, Copy)]
struct Span {
    piece: usize,
    start: usize,
    end: usize,
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
        let mut arena = Arena::default();
        let mut placed: Vec<Row> = Vec::with_capacity(sorted.len());
        for (id, value) in &sorted {
            let row = Row {
                id: *id,
                json: Json::Arena(arena.place(|out| render(value, out))),
            };
            match placed.last_mut() {
                Some(last) if last.id == *id => *last = row,
                _ => placed.push(row),
            }
        }
        Self {
            pieces: arena.finish(),
            rows: placed,
            generation: 0,
        }
    }

    /// Renders every record anew from what it was, and lays all of them side by side again. This is
    /// no write: ids, order and generation stay, and so does what was derived from them.
    pub fn rewrite(&mut self, mut render: impl FnMut(&[u8], &mut Vec<u8>)) {
        let mut old = mem::take(&mut self.pieces);
        let mut done = 0;
        let mut arena = Arena::default();
        for row in &mut self.rows {
            let json = match &row.json {
                Json::Arena(span) => {
                    // Spans ascend with the ids, so the pieces before this one are read out.
                    while done < span.piece {
                        old[done] = Bytes::new();
                        done += 1;
                    }
                    &old[span.piece][span.start..span.end]
                }
                Json::Own(bytes) => bytes,
            };
            row.json = Json::Arena(arena.place(|out| render(json, out)));
        }
        self.pieces = arena.finish();
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
            Json::Arena(span) => self.slice(*span),
            Json::Own(bytes) => bytes.clone(),
        }
    }

    fn slice(&self, span: Span) -> Bytes {
        self.pieces[span.piece].slice(span.start..span.end)
    }

    /// Neighbours in the arena share their comma, so a run of them is one frame.
    fn frames<'a>(&'a self, rows: impl Iterator<Item = &'a Row>) -> Vec<Bytes> {
        const COMMA: Bytes = Bytes::from_static(b",");
        let mut frames = Vec::new();
        let mut run: Option<Span> = None;
        for row in rows {
            match (&row.json, &mut run) {
                (Json::Arena(span), Some(run))
                    if span.piece == run.piece && span.start == run.end + 1 =>
                {
                    run.end = span.end;
                    continue;
                }
                _ => {}
            }
            if let Some(run) = run.take() {
                frames.push(self.slice(run));
            }
            if !frames.is_empty() {
                frames.push(COMMA);
            }
            match &row.json {
                Json::Arena(span) => run = Some(*span),
                Json::Own(bytes) => frames.push(bytes.clone()),
            }
        }
        if let Some(run) = run {
            frames.push(self.slice(run));
        }
        frames
    }
}

/// Lays records side by side.
#[derive(Debug, Default)]
struct Arena {
    closed: Vec<Bytes>,
    open: Vec<u8>,
}

impl Arena {
    fn place(&mut self, render: impl FnOnce(&mut Vec<u8>)) -> Span {
        if self.open.len() >= PIECE_BYTES {
            // The next piece will come to about the same size.
            let next = Vec::with_capacity(self.open.len());
            self.close(next);
        }
        if !self.open.is_empty() {
            self.open.push(b',');
        }
        let start = self.open.len();
        render(&mut self.open);
        Span {
            piece: self.closed.len(),
            start,
            end: self.open.len(),
        }
    }

    fn close(&mut self, next: Vec<u8>) {
        let mut full = mem::replace(&mut self.open, next);
        full.shrink_to_fit();
        self.closed.push(full.into());
    }

    fn finish(mut self) -> Vec<Bytes> {
        self.close(Vec::new());
        self.closed
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

    #[test]
    fn rewriting_joins_the_edits_and_is_no_write() {
        let mut table = table();
        table.put(2, "B");
        table.put(9, "z");
        table.remove(1);
        let generation = table.generation();
        table.rewrite(|json, out| {
            out.extend_from_slice(json);
            out.push(b'!');
        });
        assert_eq!(table.generation(), generation);
        let frames = table.page(0, 10);
        assert_eq!(text(&frames), "B!,c!,z!");
        assert_eq!(frames.len(), 1);
        assert_eq!(table.ids().collect::<Vec<_>>(), [2, 3, 9]);
    }

    #[test]
    fn pages_run_on_from_piece_to_piece() {
        let record = |id: u64| id.to_string().repeat(PIECE_BYTES / 3);
        let mut table = Table::build((1..=8).map(|id| (id, id)), |id, out| {
            out.extend_from_slice(record(*id).as_bytes());
        });
        let expected: Vec<String> = (1..=8).map(record).collect();
        for _ in 0..2 {
            assert!(table.pieces.len() > 1);
            assert!(text(&table.page(0, 8)) == expected.join(","));
            assert!(text(&table.page(3, 2)) == expected[3..5].join(","));
            assert!(table.get(8).unwrap() == expected[7]);
            table.rewrite(|json, out| out.extend_from_slice(json));
        }
    }

    #[test]
    fn an_empty_table_has_empty_pages() {
        let mut table = Table::default();
        table.rewrite(|json, out| out.extend_from_slice(json));
        assert!(table.page(0, 10).is_empty());
        table.put(1, "a");
        assert_eq!(text(&table.page(0, 10)), "a");
    }
}
