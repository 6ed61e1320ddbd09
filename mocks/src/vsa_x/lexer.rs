//! Words of an OData expression. It knows letters and nothing of what words mean.

use std::iter::Peekable;
use std::str::Chars;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, an operator, a number or a time: whatever stands without quotes.
    Bare(String),
    /// What stands between quotes.
    Text(String),
    Open,
    Close,
    Comma,
}

impl Word {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Bare(text) | Self::Text(text) => text,
            Self::Open => "(",
            Self::Close => ")",
            Self::Comma => ",",
        }
    }
}

/// The words of a text; what is wrong with it otherwise.
pub(super) fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '(' => words.push(Word::Open),
            ')' => words.push(Word::Close),
            ',' => words.push(Word::Comma),
            '\'' => words.push(Word::Text(quoted(&mut rest)?)),
            letter if letter.is_whitespace() => {}
            letter => {
                let mut bare = String::from(letter);
                let ends = |it: &char| it.is_whitespace() || matches!(it, '(' | ')' | ',' | '\'');
                while let Some(letter) = rest.next_if(|it| !ends(it)) {
                    bare.push(letter);
                }
                words.push(Word::Bare(bare));
            }
        }
    }
    Ok(words)
}

/// Up to the quote at the end; two quotes stand for one.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match rest.next() {
            Some('\'') if rest.next_if_eq(&'\'').is_some() => text.push('\''),
            Some('\'') => return Ok(text),
            Some(letter) => text.push(letter),
            None => return Err("There is an unterminated string literal".to_owned()),
        }
    }
}
