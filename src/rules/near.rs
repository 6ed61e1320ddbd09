//! The name that somebody probably meant.

/// The candidate nearest to a name, when it is near enough to be worth proposing.
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LETTERS_MAX: usize = 3;
    let wanted = name.to_lowercase();
    let limit = LETTERS_MAX.min(wanted.chars().count().div_ceil(3));
    candidates
        .into_iter()
        .map(|it| {
            let distance = strsim::damerau_levenshtein(&wanted, &it.to_lowercase());
            (distance, it)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, it)| it)
}
