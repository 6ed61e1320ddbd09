//! The valid name that somebody probably meant.

/// The candidate nearest to a name, when it is near enough to be worth proposing: a typing mistake
/// for every three letters, three at most, or one name is the beginning of the other. The first of
/// equals wins.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let mut distance = strsim::damerau_levenshtein(&wanted, &lower);
        let shorter = wanted.len().min(lower.len());
        if shorter >= 3 && (wanted.starts_with(&lower) || lower.starts_with(&wanted)) {
            distance = distance.min(limit);
        }
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// As [`nearest`], for names that live as long as the program.
pub(super) fn nearest_static(name: &str, candidates: &[&'static str]) -> Option<&'static str> {
    nearest(name, candidates.iter().copied())
}

/// A hint for an unknown name: the nearest one, or a list when the list is short enough to read.
pub(super) fn hint<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(near) = nearest(name, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let mut shown: Vec<String> = candidates
        .into_iter()
        .take(LISTED_MAX + 1)
        .map(|candidate| format!("`{candidate}`"))
        .collect();
    let more = shown.len() > LISTED_MAX;
    shown.truncate(LISTED_MAX);
    match shown.len() {
        0 => None,
        1 if !more => Some(format!("the only valid name is {}", shown[0])),
        _ if more => Some(format!("valid names are {}, …", shown.join(", "))),
        _ => Some(format!("valid names are {}", shown.join(", "))),
    }
}

const LISTED_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::{hint, nearest};

    #[test]
    fn proposes_what_is_near_and_nothing_else() {
        let names = ["organizations", "locations", "contacts", "configurations"];
        assert_eq!(nearest("organisations", names), Some("organizations"));
        assert_eq!(nearest("Contact", names), Some("contacts"));
        assert_eq!(nearest("config", names), Some("configurations"));
        assert_eq!(nearest("devices", names), None);
        assert_eq!(nearest("ws2", ["ws1", "ws3"]), Some("ws1"));
        assert_eq!(nearest("", ["ws1"]), None);
    }

    #[test]
    fn lists_names_when_none_is_near() {
        assert_eq!(
            hint("x", ["alpha", "beta"]).as_deref(),
            Some("valid names are `alpha`, `beta`")
        );
        assert_eq!(hint("x", []), None);
    }
}
