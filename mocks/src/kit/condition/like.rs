//! Patterns of `like`. It knows text and no records.

/// A pattern, cut at its wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// A pattern in which each of these letters stands for any text.
    pub fn new(text: &str, wildcards: &[char]) -> Self {
        Self(text.split(wildcards).map(str::to_owned).collect())
    }

    /// Whether a text is the parts of the pattern with anything between them. Taking each part where it
    /// first occurs is enough, and keeps the work linear.
    pub fn fits(&self, text: &str) -> bool {
        match self.0.as_slice() {
            [] => text.is_empty(),
            [only] => text == only,
            [first, middle @ .., last] => {
                let Some(mut rest) = text.strip_prefix(first.as_str()) else {
                    return false;
                };
                for part in middle {
                    let Some(at) = rest.find(part.as_str()) else {
                        return false;
                    };
                    rest = &rest[at + part.len()..];
                }
                rest.ends_with(last.as_str())
            }
        }
    }
}
