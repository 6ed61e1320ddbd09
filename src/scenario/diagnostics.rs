//! What is wrong with a file: a code, the place, and how to mend it; rendered with the line and a
//! caret under the fault. Nothing here knows what a scenario is.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

/// A file, as far as diagnostics need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path or name, as the user gave it.
    pub path: String,
    /// The text; empty when the file could not be read.
    pub text: String,
}

impl Source {
    /// A file with its text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
        })
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The scenario runs, but probably not as meant.
    Warning,
    /// The scenario cannot be run.
    Error,
}

/// Where in the file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// The bytes that are meant.
    pub span: Range<usize>,
}

impl Place {
    /// The place of a value that the YAML parser located, or none when it does not know.
    pub fn of(location: serde_saphyr::Location, text: &str) -> Option<Self> {
        if location == serde_saphyr::Location::UNKNOWN {
            return None;
        }
        let number = |value: u64| usize::try_from(value).ok();
        // Faults of the YAML itself come without a byte offset.
        let offset = match location.span().byte_offset() {
            Some(offset) => number(offset)?,
            None => offset_of(text, number(location.line())?, number(location.column())?),
        };
        let length = number(location.span().byte_len().unwrap_or(0))?;
        Some(Self::new(text, offset..offset.saturating_add(length)))
    }

    /// The place of a range of bytes; made to fit when it leaves the text.
    pub fn new(text: &str, span: Range<usize>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let count = |part: usize| u64::try_from(part).unwrap_or(u64::MAX);
        Self {
            line: count(text[..start].matches('\n').count() + 1),
            column: count(text[line_start..start].chars().count() + 1),
            span: start..word_end(text, start, end),
        }
    }
}

/// The byte at a line and a column, both from 1; the end of the line when it is shorter.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = text[start..].lines().next().unwrap_or_default();
    start
        + rest
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(rest.len(), |(at, _)| at)
}

/// The nearest character boundary at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The parser gives a block map or list no length: then its first word is what is shown.
fn word_end(text: &str, start: usize, end: usize) -> usize {
    if end > start {
        return end;
    }
    let rest = &text[start..];
    let length = rest
        .find(|letter: char| letter.is_whitespace() || matches!(letter, ':' | ',' | '}' | ']'))
        .unwrap_or(rest.len());
    start + length
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code (`scenario-unknown-reference`), see [`super::codes`].
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub source: Arc<Source>,
    /// Where in the file; none when it concerns the file as a whole.
    pub place: Option<Place>,
    /// What is wrong: a fragment in lower case.
    pub message: String,
    /// A few words for the marked text.
    pub label: Option<String>,
    /// How to mend it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error that concerns the file as a whole, until [`Self::at`] says where.
    pub fn error(code: &'static str, source: &Arc<Source>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            source: Arc::clone(source),
            place: None,
            message: message.into(),
            label: None,
            hint: None,
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, location: Option<serde_saphyr::Location>) -> Self {
        self.place = location.and_then(|location| Place::of(location, &self.source.text));
        self
    }

    /// Adds a few words to the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Path of the file.
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// The text for a person: message, place, line, caret, help.
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain().term_width(DEFAULT_TERM_WIDTH),
            Style::Coloured { width } => Renderer::styled().term_width(width),
        };
        let level = match self.severity {
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        let title = level
            .primary_title(normalize_untrusted_str(&self.message))
            .id(self.code);
        let mut group = match &self.place {
            Some(place) => Group::with_title(title).element(
                Snippet::source(self.source.text.as_str())
                    .path(self.source.path.as_str())
                    .annotation(
                        AnnotationKind::Primary
                            .span(place.span.clone())
                            .label(self.label.as_deref().map(normalize_untrusted_str)),
                    ),
            ),
            None => Group::with_title(title).element(Origin::path(self.source.path.as_str())),
        };
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(normalize_untrusted_str(hint)));
        }
        renderer.render(&[group])
    }
}

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For files, pipes and tests: no colours, 140 columns.
    Plain,
    /// For a terminal of the given width.
    Coloured {
        /// Columns.
        width: usize,
    },
}

/// Everything that is wrong with a file, in the order of the file. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Puts diagnostics into the order of their places, those of the file as a whole first.
    pub fn new(mut all: Vec<Diagnostic>) -> Self {
        all.sort_by(|one, other| {
            let key = |it: &Diagnostic| it.place.as_ref().map(|place| place.span.start);
            key(one).cmp(&key(other))
        });
        Self(all)
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// All of them, drawn, with an empty line between and a line break at the end.
    pub fn render(&self, style: Style) -> String {
        let mut text = String::new();
        for (number, diagnostic) in self.0.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            text.push_str(&diagnostic.render(style));
            text.push('\n');
        }
        text
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, diagnostic) in self.0.iter().enumerate() {
            if number > 0 {
                formatter.write_str("; ")?;
            }
            write!(formatter, "{}", diagnostic.path())?;
            if let Some(place) = &diagnostic.place {
                write!(formatter, ":{}:{}", place.line, place.column)?;
            }
            write!(formatter, ": {}", diagnostic.message)?;
        }
        Ok(())
    }
}
