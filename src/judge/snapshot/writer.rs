//! Writes the few forms of YAML that a snapshot needs, into text or into a digest. It knows nothing
//! of what is written.

use serde_json::Value;

/// Where the text goes.
pub(super) trait Sink {
    fn put(&mut self, text: &str);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// FNV-1a with 64 bits: small, and the same everywhere for ever. It guards against accidents, not
/// against forgers.
pub(super) struct Digest {
    state: u64,
}

impl Digest {
    pub(super) const fn new() -> Self {
        Self {
            state: 0xcbf2_9ce4_8422_2325,
        }
    }

    pub(super) const fn value(&self) -> u64 {
        self.state
    }
}

impl Sink for Digest {
    fn put(&mut self, text: &str) {
        for byte in text.bytes() {
            self.state = (self.state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

pub(super) struct Writer<'s> {
    sink: &'s mut dyn Sink,
}

impl<'s> Writer<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink) -> Self {
        Self { sink }
    }

    /// `key:`, with what follows one step deeper.
    pub(super) fn open(&mut self, depth: usize, key: &str) {
        self.indent(depth);
        self.sink.put(&scalar(key));
        self.sink.put(":\n");
    }

    /// `key: value`, the value a text.
    pub(super) fn entry(&mut self, depth: usize, key: &str, value: &str) {
        self.raw_entry(depth, key, &scalar(value));
    }

    /// `key: value`, the value as it stands.
    pub(super) fn raw_entry(&mut self, depth: usize, key: &str, value: &str) {
        self.indent(depth);
        self.sink.put(&scalar(key));
        self.sink.put(": ");
        self.sink.put(value);
        self.sink.put("\n");
    }

    /// `- value`, the value a text.
    pub(super) fn item(&mut self, depth: usize, value: &str) {
        self.indent(depth);
        self.sink.put("- ");
        self.sink.put(&scalar(value));
        self.sink.put("\n");
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.sink.put("  ");
        }
    }
}

/// A JSON value on one line. Nested values stand in flow form, which is JSON and so YAML.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text as a YAML scalar: plain where nothing can be mistaken, otherwise in double quotes.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

fn is_plain(text: &str) -> bool {
    const RESERVED: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '<');
    starts_well
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " _-./()@+'&<>:#~,".contains(c))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains("<<")
        && !text.ends_with([' ', ':'])
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn the_digest_is_fnv_1a() {
        let digest = |text: &str| {
            let mut digest = Digest::new();
            digest.put(text);
            digest.value()
        };
        // The first three of the test vectors published with the function.
        assert_eq!(digest(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(digest("foobar"), 0x8594_4171_f739_67e8);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_reads_back_as_it_was(key in "\\PC{0,12}", value in "[ -~\u{e9}\n\t#:<]{0,16}") {
            let mut text = String::new();
            let mut writer = Writer::new(&mut text);
            writer.open(0, "top");
            writer.entry(1, &key, &value);
            writer.open(0, "list");
            writer.item(1, &value);
            let read: std::collections::BTreeMap<String, Value> =
                serde_saphyr::from_str(&text).unwrap();
            prop_assert_eq!(&read["top"], &serde_json::json!({ key: value.clone() }), "{}", text);
            prop_assert_eq!(&read["list"], &serde_json::json!([value]), "{}", text);
        }
    }
}
