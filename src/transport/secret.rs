//! A text that must not be seen: a key, a password, a token. It knows nothing of what it opens.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A secret text. `Debug` shows stars, there is no `Display` and no serialization, and the memory
/// is wiped when it is dropped.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a text in as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text with every secret in it replaced by stars. Secrets shorter than four characters are
    /// left, since a text full of stars would say nothing and hide nothing.
    pub fn redact<'a>(secrets: impl IntoIterator<Item = &'a Self>, text: &str) -> String {
        let mut redacted = text.to_owned();
        for secret in secrets {
            let secret = secret.expose();
            if secret.len() >= 4 && redacted.contains(secret) {
                redacted = redacted.replace(secret, "***");
            }
        }
        redacted
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_no_letter_of_it() {
        let secret = Secret::new("hunter2-qz");
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(format!("{:#?}", Some(&secret)).matches("hunter").count(), 0);
        assert_eq!(secret.expose(), "hunter2-qz");
    }

    #[test]
    fn redaction_hides_each_occurrence() {
        let secrets = [Secret::new("alpha-key"), Secret::new("ab")];
        assert_eq!(
            Secret::redact(&secrets, "alpha-key, abc, x=alpha-key"),
            "***, abc, x=***"
        );
    }
}
