//! Writes JSON objects member by member. It must not know what a member means.

use serde::Serialize;

/// An object being written.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Sheet<'a> {
    /// Begins an object.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        out.push(b'{');
        Self { out, start }
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> u32 {
        u32::try_from(self.out.len() - self.start).unwrap_or(u32::MAX)
    }

    /// A member with a value.
    pub(super) fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.name(name);
        // Text and values that are JSON already always are again.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }

    /// A member, if it has a value.
    pub(super) fn member_if(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.member(name, &value);
        }
    }

    /// A member with an object for its value.
    pub(super) fn within(&mut self, name: &str, write: impl FnOnce(&mut Sheet<'_>)) {
        self.name(name);
        self.object(write);
    }

    /// A member with a list of objects for its value.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(T, &mut Sheet<'_>),
    ) {
        self.name(name);
        self.out.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.object(|sheet| write(item, sheet));
        }
        self.out.push(b']');
    }

    /// Ends the object.
    pub(super) fn finish(self) {
        self.out.push(b'}');
    }

    fn object(&mut self, write: impl FnOnce(&mut Sheet<'_>)) {
        let mut sheet = Sheet::new(self.out);
        write(&mut sheet);
        sheet.finish();
    }

    fn name(&mut self, name: &str) {
        if self.out.len() > self.start + 1 {
            self.out.push(b',');
        }
        // Members of records that clients wrote are among those that are named in the code.
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}
