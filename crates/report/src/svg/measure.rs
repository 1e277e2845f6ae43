//! Measuring: how wide text is in a proportional typeface, on the safe side.

/// The width of a text at 12.5 px, in tenths of a pixel.
pub(super) fn tenths(text: &str) -> usize {
    text.chars().map(char_tenths).sum()
}

const fn char_tenths(c: char) -> usize {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 36,
        'f' | 't' | 'r' | 'I' | ' ' | '(' | ')' | '[' | ']' | '/' | '-' => 47,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 112,
        'A'..='Z' | '&' | '#' | '+' | '<' | '>' | '=' | '_' | '~' => 89,
        '\0'..='\u{024F}' => 73,
        _ => 130,
    }
}
