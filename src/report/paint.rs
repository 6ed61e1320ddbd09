//! Colours, and text that a terminal cannot take for orders.

/// A way to show a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Plain,
    Bold,
    Red,
    Green,
    Magenta,
    Cyan,
}

/// Paints, or does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    pub(crate) const fn new(on: bool) -> Self {
        Self { on }
    }

    pub(crate) fn show(self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Plain => return text.to_owned(),
            Colour::Bold => "1",
            Colour::Red => "1;31",
            Colour::Green => "32",
            Colour::Magenta => "1;35",
            Colour::Cyan => "36",
        };
        if self.on {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The text with control characters and marks of direction spelled out, line breaks excepted: it may
/// hold a vendor's words.
pub(super) fn harmless(text: &str) -> String {
    spelled(text, |c| c == '\n')
}

/// The same on one line.
pub(crate) fn one_line(text: &str) -> String {
    spelled(text, |_| false)
}

fn spelled(text: &str, allowed: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() && !allowed(c)) || reorders(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Marks that show the text behind them in another order than it is written.
const fn reorders(c: char) -> bool {
    matches!(
        c,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::{harmless, one_line};

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(harmless("a\nb\u{202e}c"), "a\nb\\u{202e}c");
        assert_eq!(one_line("株式会社 Ærø שלום"), "株式会社 Ærø שלום");
    }
}
