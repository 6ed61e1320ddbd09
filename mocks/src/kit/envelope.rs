//! Putting a page of rendered records between the head and the tail of a list body. What head and
//! tail say is the vendor's business.

use bytes::Bytes;

/// A page of few frames is sent as it is; beyond that one copy is cheaper than many writes.
const FRAMES_AS_THEY_ARE: usize = 8;

/// The frames of a body: head, records, tail.
pub fn envelope(head: impl Into<Bytes>, records: Vec<Bytes>, tail: impl Into<Bytes>) -> Vec<Bytes> {
    let (head, tail) = (head.into(), tail.into());
    if records.len() <= FRAMES_AS_THEY_ARE {
        let mut body = Vec::with_capacity(records.len() + 2);
        body.push(head);
        body.extend(records);
        body.push(tail);
        return body;
    }
    let length: usize = records.iter().map(Bytes::len).sum();
    let mut body = Vec::with_capacity(head.len() + length + tail.len());
    body.extend_from_slice(&head);
    for record in &records {
        body.extend_from_slice(record);
    }
    body.extend_from_slice(&tail);
    vec![body.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_frames_become_one_with_the_same_bytes() {
        for count in [0, 1, 8, 9, 40] {
            let records: Vec<Bytes> = (0..count).map(|n| format!("{n};").into()).collect();
            let expected = format!("[{}]", String::from_utf8(records.concat()).unwrap());
            let body = envelope("[", records, "]");
            assert_eq!(body.concat(), expected.as_bytes());
            assert!(body.len() <= FRAMES_AS_THEY_ARE + 2);
        }
    }
}
