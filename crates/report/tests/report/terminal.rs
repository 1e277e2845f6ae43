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

#[test]
fn a_schedule_that_could_not_be_shrunk_is_cut_where_it_is_told() {
    let mut finding = fixture::finding();
    let one = finding.deviations[0].clone();
    let all = finding.trace.events.len() as u32;
    finding.deviations = (1..=40)
        .map(|at| ordain_explore::DeviationText { event: ordain_kernel::EventId(at.min(all)), ..one.clone() })
        .collect();
    finding.one_minimal = false;
    finding.runs_failed = 0;
    let whole: Vec<_> = finding.trace.events.iter().map(|event| event.id).collect();
    assert_eq!(story::at_most(&finding, &whole).len(), 15);
    assert!(story::at_most(&finding, &whole).contains(&finding.violation.event));
    let text = story::render(&finding, &whole, "ordain replay x", Look::default());
    assert!(text.contains("  [12] ") && !text.contains("  [13] ") && text.contains("  and 28 more\n"), "{text}");
    assert!(text.contains("what happens: 15 of "), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("not shown to be minimal: 3 deletions re-run"), "{text}");
    assert!(words.contains("no run of the campaign showed it by itself; shrunk from"), "{text}");
    let files = ordain_report::FindingFiles::new(finding, whole, String::new());
    assert_eq!(files.story.len(), 15);
}

#[test]
fn a_replayed_finding_has_no_history_of_shrinking() {
    let mut finding = fixture::finding();
    (finding.runs_failed, finding.shrink_runs, finding.one_minimal) = (0, 0, false);
    let text = story::render(&finding, &fixture::story(), "ordain replay x", Look::default());
    assert!(text.contains("replayed as it is, not shrunk") && !text.contains("met while"), "{text}");
}
