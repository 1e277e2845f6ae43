//! What holds for terminal output whatever it says.

use ordain_report::{Look, Marks, Paint, story, summary};

use crate::fixture;

fn without_escape_codes(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('\u{1b}');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    out
}

/// Everything that goes to a terminal, in one look; the replay line alone may be as long as it likes.
fn everything(look: Look) -> String {
    let finding = fixture::finding();
    let story = story::render(&finding, &fixture::story(), "ordain replay x", look);
    let log = story::event_log(&finding.trace, &Marks::of(&finding), look);
    format!("{story}{log}{}", summary::render(&fixture::campaign(), look))
}

#[test]
fn colours_change_nothing_but_colours() {
    for width in [40, 60, 80, 100, 200] {
        let plain = everything(Look { paint: Paint::Plain, width });
        let ansi = everything(Look { paint: Paint::Ansi, width });
        assert!(ansi.contains("\u{1b}[") && !plain.contains('\u{1b}'));
        assert_eq!(without_escape_codes(&ansi), plain);
    }
}

#[test]
fn lines_fit_and_have_no_blanks_at_their_end() {
    for width in [80, 100, 140] {
        for line in everything(Look { paint: Paint::Plain, width }).lines() {
            assert!(line.chars().count() <= width, "{} columns, {width} wanted: {line}", line.chars().count());
            assert_eq!(line.trim_end(), line);
        }
    }
}

#[test]
fn a_name_cannot_paint_the_terminal() {
    let mut finding = fixture::finding();
    finding.violation.message = "a\u{1b}[31mred\u{7}".to_owned();
    finding.trace.events[0].text = "two\nlines \u{202e}backwards".to_owned();
    let text = story::render(&finding, &fixture::story(), "x\u{1b}[0m", Look::default());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(!text.contains('\u{202e}'));
}
