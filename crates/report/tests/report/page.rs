//! The size of the page, what it promises not to do, and that it is the same each time.

use ordain_kernel::{EventId, Key, Lane, Recorded, Time};
use ordain_report::html;

use crate::fixture;

/// A campaign whose one finding has a run of `events` events, worded like real ones.
fn long_run(events: u32) -> Vec<ordain_report::ScenarioResult> {
    let mut campaign = fixture::campaign();
    let trace = &mut campaign[0].findings[0].finding.trace;
    for at in trace.events.len() as u32 + 1..=events {
        let (command, step) = (at / 24, at % 24);
        trace.events.push(Recorded {
            id: EventId(at),
            at: Time(3_142_000_000 + u64::from(at) * 1_250_000),
            code: (at % 20) as u16,
            lane: Lane((at % 5) as u16),
            key: Key(u64::from(at)),
            parents: vec![EventId(at - 1), EventId(at - 3)],
            text: format!("deliver ReserveStock(c{command}) to stock/0, attempt {step}"),
            touches: Vec::new(),
        });
        trace.paths.push(format!("c{command}/OrderPlaced@order!checkout/ReserveStock@stock:put items#{step}"));
    }
    campaign
}

#[test]
fn ten_thousand_events_fit_in_a_megabyte_and_a_half() {
    let page = html::page("ten thousand events", &long_run(10_000));
    assert!(page.len() <= 1_500_000, "{} bytes", page.len());
}

#[test]
fn script_and_style_stay_small() {
    let page = html::page("empty", &[]);
    assert!(page.len() <= 30_000, "{} bytes of viewer", page.len());
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = html::page("double charge", &fixture::campaign());
    let page = page.replace("http://www.w3.org/2000/svg", "");
    for word in ["http:", "https:", "@import", "url(", "src=", "innerHTML", "document.write", "eval("] {
        assert!(!page.contains(word), "the page says {word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn the_same_data_gives_the_same_page() {
    let page = || html::page("double charge", &fixture::campaign());
    assert_eq!(page(), page());
}

#[test]
fn the_page_does_not_know_how_long_it_took() {
    let mut later = fixture::campaign();
    for scenario in &mut later {
        scenario.wall_ms += 77_777;
    }
    assert_eq!(html::page("x", &later), html::page("x", &fixture::campaign()));
}
