//! Text: measured in columns, wrapped, padded, and made safe to print.

/// How many terminal columns a character takes.
fn char_columns(c: char) -> usize {
    match c {
        '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}' => 0,
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' => 2,
        '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' => 2,
        '\u{1F300}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

/// How many terminal columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// `text` with spaces behind it, up to `width` columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// `text` with spaces before it, up to `width` columns.
pub(crate) fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(columns(text))))
}

/// `text` without control and direction characters, so that it can neither colour nor reorder a terminal.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_direction(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

const fn is_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// `text` in lines of at most `width` units, broken at spaces where there are any; never empty.
///
/// `measure` says how wide a text is, so that terminals and pictures share the rule.
pub(crate) fn wrap_by(text: &str, width: usize, measure: impl Fn(&str) -> usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if measure(&joined) <= width {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(core::mem::take(&mut line));
        }
        while measure(word) > width {
            let cut = head(word, width, &measure);
            lines.push(word[..cut].to_owned());
            word = &word[cut..];
        }
        word.clone_into(&mut line);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `text` in lines of at most `width` terminal columns.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap_by(text, width.max(1), columns)
}

/// The byte length of the longest head of `word` that fits, at least one character; prefers to end after a
/// separator, so that `reports/out/order-saga` breaks behind a slash.
fn head(word: &str, width: usize, measure: &impl Fn(&str) -> usize) -> usize {
    let mut fits = word.chars().next().map_or(0, char::len_utf8);
    let mut nice = 0;
    for (at, c) in word.char_indices() {
        let end = at + c.len_utf8();
        if measure(&word[..end]) > width {
            break;
        }
        fits = fits.max(end);
        if matches!(c, '/' | '.' | ':' | '@' | '-' | ',' | ')' | '_') {
            nice = end;
        }
    }
    if nice * 2 > fits && fits < word.len() { nice } else { fits }
}

/// A count with commas: `12,345`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 run`, `1,200 runs`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Wall time for people: `640 ms`, `3.4 s`, `2 min 5 s`.
pub(crate) fn wall(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_never_exceed_their_width_and_lose_nothing() {
        let text = "copy Charge(c7) -> payment at c7/OrderPlaced@order/Charge@payment.2:call psp#1 again";
        for width in 5..60 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|l| columns(l) <= width), "{lines:?}");
            let squeeze = |t: &str| t.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(text));
        }
    }

    #[test]
    fn counts_have_commas() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn escape_codes_do_not_reach_the_terminal() {
        assert_eq!(clean("a\x1b[31m\u{202E}b\nc"), "a\\u{1b}[31m\\u{202e}b c");
    }
}
