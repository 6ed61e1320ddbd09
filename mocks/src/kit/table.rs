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

/// Boxed, since few records stand on their own and there may be millions of rows.
#[derive(Debug, Clone)]
enum Json {
    Arena(Span),
    Own(Box<Bytes>),
}

/// Where bytes lie in an arena.
#[derive(Debug, Clone, Copy)]
struct Span {
    piece: u32,
    start: u32,
    end: u32,
}

impl Table {
    /// Renders rows into one arena. Rows may come in any order; a later row replaces an earlier one
    /// of the same id.
    pub fn build<T>(
        rows: impl IntoIterator<Item = (u64, T)>,
        mut render: impl FnMut(&T, &mut Vec<u8>),
    ) -> Self {
        let mut builder = TableBuilder::default();
        for (id, value) in rows {
            builder.put(id, |out| render(&value, out));
        }
        builder.finish()
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
                    while done < span.piece as usize {
                        old[done] = Bytes::new();
                        done += 1;
                    }
                    cut(&old, *span)
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

    /// One record, to look at.
    pub fn json(&self, id: u64) -> Option<&[u8]> {
        self.json_at(self.position(id).ok()?)
    }

    /// The record at a position in id order, to look at.
    pub fn json_at(&self, position: usize) -> Option<&[u8]> {
        self.rows.get(position).map(|row| match &row.json {
            Json::Arena(span) => cut(&self.pieces, *span),
            Json::Own(bytes) => bytes,
        })
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
            json: Json::Own(Box::new(json.into())),
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

    /// The position of a record in id order, or where it would stand.
    ///
    /// # Errors
    /// When there is no such record.
    pub fn position(&self, id: u64) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&id, |row| row.id)
    }

    fn bytes(&self, row: &Row) -> Bytes {
        match &row.json {
            Json::Arena(span) => self.slice(*span),
            Json::Own(bytes) => (**bytes).clone(),
        }
    }

    fn slice(&self, span: Span) -> Bytes {
        self.pieces[span.piece as usize].slice(span.start as usize..span.end as usize)
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
                Json::Own(bytes) => frames.push((**bytes).clone()),
            }
        }
        if let Some(run) = run {
            frames.push(self.slice(run));
        }
        frames
    }
}

fn cut(pieces: &[Bytes], span: Span) -> &[u8] {
    &pieces[span.piece as usize][span.start as usize..span.end as usize]
}

/// Makes a [`Table`] record by record, so that what they are rendered from can go as soon as they are.
#[derive(Debug, Default)]
pub struct TableBuilder {
    arena: Arena,
    rows: Vec<(u64, Span)>,
    unordered: bool,
}

impl TableBuilder {
    /// Renders a record; a later one replaces an earlier one of the same id.
    pub fn put(&mut self, id: u64, render: impl FnOnce(&mut Vec<u8>)) {
        let span = self.arena.place(render);
        self.unordered |= self.rows.last().is_some_and(|(last, _)| *last >= id);
        self.rows.push((id, span));
    }

    /// The table.
    pub fn finish(mut self) -> Table {
        let mut pieces = self.arena.finish();
        if self.unordered {
            // Stable, so that of one id the last stays.
            self.rows.sort_by_key(|(id, _)| *id);
            let mut arena = Arena::default();
            let mut rows: Vec<(u64, Span)> = Vec::with_capacity(self.rows.len());
            for (at, (id, span)) in self.rows.iter().enumerate() {
                if self.rows.get(at + 1).is_none_or(|(next, _)| next != id) {
                    let json = cut(&pieces, *span);
                    rows.push((*id, arena.place(|out| out.extend_from_slice(json))));
                }
            }
            self.rows = rows;
            pieces = arena.finish();
        }
        let rows = self.rows.into_iter().map(|(id, span)| Row {
            id,
            json: Json::Arena(span),
        });
        Table {
            rows: rows.collect(),
            pieces,
            generation: 0,
        }
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
            // A little more than a piece: the last record of one reaches over.
            self.close(Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 64));
        }
        if !self.open.is_empty() {
            self.open.push(b',');
        }
        let start = self.open.len();
        render(&mut self.open);
        // A piece holds 8 MiB and a record, and so many pieces no machine holds.
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Span {
            piece: short(self.closed.len()),
            start: short(start),
            end: short(self.open.len()),
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
    fn rows_may_come_in_any_order_and_the_last_of_an_id_counts() {
        let mut builder = TableBuilder::default();
        for (id, text) in [(2, "b"), (7, "g"), (1, "a"), (2, "B")] {
            builder.put(id, |out| out.extend_from_slice(text.as_bytes()));
        }
        let table = builder.finish();
        let frames = table.page(0, 10);
        assert_eq!((text(&frames).as_str(), frames.len()), ("a,B,g", 1));
        assert_eq!(table.json(7), Some(&b"g"[..]));
        assert_eq!(table.json_at(1), Some(&b"B"[..]));
        assert_eq!(table.json(3), None);
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
