//! "Did you mean ..?": the known word closest to a misspelt one.

/// The candidate that `word` is most likely a misspelling of.
///
/// About a third of the letters may be wrong; anything further away would be a guess.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean `x`? " or nothing, to be put in front of what is allowed.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    closest(word, candidates)
        .map(|candidate| format!("did you mean `{candidate}`? "))
        .unwrap_or_default()
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a_char) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b_char) in row.iter_mut().skip(1).zip(&b) {
            let substitution = diagonal + usize::from(a_char != *b_char);
            diagonal = *cell;
            left = substitution.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("redact", "redact"), 0);
        assert_eq!(distance("redcat", "redact"), 2);
        assert_eq!(distance("", "skip"), 4);
        assert_eq!(distance("skip", ""), 4);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["exclude", "redact", "skip"];
        assert_eq!(closest("redcat", known), Some("redact"));
        assert_eq!(closest("skp", known), Some("skip"));
        assert_eq!(closest("encrypt", known), None);
    }
}
