//! Escaping: text made safe for markup, graph languages and scripts.

/// For XML and HTML, text and attributes alike. Characters that XML 1.0 forbids become U+FFFD.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            c if is_forbidden(c) => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

const fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// JSON that may stand inside a `<script>` element: no `<`, `>` or `&`, and none of the line ends of JavaScript.
pub(crate) fn json_in_script(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

/// The inside of a double-quoted string of the DOT language.
pub(crate) fn dot(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if is_forbidden(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The inside of a Mermaid label, quoted or not: everything with a meaning becomes an entity code.
pub(crate) fn mermaid(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '#' | '"' | '<' | '>' | '&' | ';' | '`' | '{' | '}' | '[' | ']' | '|' | '\\' | '%' | ':' | '*' | '_' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            '\n' => out.push_str("<br/>"),
            c if is_forbidden(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        let hostile = "a\"]</script><img onerror=x>\\\u{1}\n`;#";
        assert_eq!(xml(hostile), "a&quot;]&lt;/script&gt;&lt;img onerror=x&gt;\\\u{FFFD}&#10;`;#");
        assert_eq!(dot(hostile), "a\\\"]</script><img onerror=x>\\\\ \\n`;#");
        assert_eq!(mermaid(hostile), "a#34;#93;#60;/script#62;#60;img onerror=x#62;#92; <br/>#96;#59;#35;");
        assert!(!json_in_script(hostile).contains('<'));
    }
}
