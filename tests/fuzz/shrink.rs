//! Makes a text smaller as long as it stays interesting.

/// Enough for texts of some hundred bytes.
const MOST_TRIES: usize = 4_000;

/// The smallest text found for which `holds` is true, as it is for `text`.
pub(crate) fn shrink(text: &[u8], mut holds: impl FnMut(&[u8]) -> anyhow::Result<bool>) -> anyhow::Result<Vec<u8>> {
    let mut text = text.to_vec();
    let mut tries = 0;
    let mut size = text.len() / 2;
    while size > 0 {
        let before = text.len();
        let mut at = 0;
        while at + size <= text.len() && tries < MOST_TRIES {
            let mut less = text.clone();
            less.drain(at..at + size);
            tries += 1;
            if holds(&less)? {
                text = less;
            } else {
                at += 1;
            }
        }
        // Once through with the smallest piece is not enough: one removal makes another possible.
        if size > 1 || text.len() == before || tries == MOST_TRIES {
            size /= 2;
        }
    }
    Ok(text)
}
