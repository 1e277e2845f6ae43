//! The event log of a finding: the frame of its table, and its events as compact JSON for the page's script.

use ordain_explore::TraceData;
use ordain_kernel::{EventId, Recorded};
use serde::Serialize;

use crate::escape::{json_in_script, xml};
use crate::input::FindingFiles;
use crate::kind;
use crate::marks::Marks;
use crate::text::counted;

/// A page holds no more events than this for one finding: the last ones, where it broke.
const EVENTS_MAX: usize = 50_000;

/// What the script reads. Small on purpose: a run may have tens of thousands of events.
#[derive(Serialize)]
struct Log<'a> {
    /// The number of the first event.
    first: u32,
    lanes: &'a [String],
    kinds: Vec<&'static str>,
    /// Each path as the number of UTF-16 units that it shares with the one before, and the rest.
    paths: Vec<(usize, &'a str)>,
    events: Vec<Row<'a>>,
    story: Vec<u32>,
    /// Number, CSS class, words.
    marks: Vec<(u32, &'static str, String)>,
}

/// Time, lane, code, path, text, causes.
#[derive(Serialize)]
struct Row<'a>(String, u16, u16, usize, &'a str, Vec<u32>);

impl<'a> Log<'a> {
    fn of(files: &'a FindingFiles) -> Log<'a> {
        let trace = &files.finding.trace;
        let from = trace.events.len().saturating_sub(EVENTS_MAX);
        let mut paths = Paths::default();
        let shown = trace.events.iter().enumerate().skip(from);
        let events = shown.map(|(at, event)| row(event, paths.enter(path(trace, at)))).collect();
        Log {
            first: trace.events.get(from).map_or(1, |e| e.id.0),
            lanes: &trace.lanes,
            kinds: kind::words(),
            paths: paths.folded,
            events,
            story: files.story.iter().map(|e| e.0).collect(),
            marks: marks(&Marks::of(&files.finding)),
        }
    }
}

fn path(trace: &TraceData, at: usize) -> &str {
    trace.paths.get(at).map_or("", String::as_str)
}

fn row(event: &Recorded, path: usize) -> Row<'_> {
    let causes = event.parents.iter().map(|p| p.0).collect();
    Row(event.at.to_string(), event.lane.0, event.code, path, &event.text, causes)
}

fn marks(marks: &Marks) -> Vec<(u32, &'static str, String)> {
    let one = |id: EventId| {
        let numbers: Vec<String> = marks.deviations(id).iter().map(|n| format!("deviation {n}")).collect();
        let broken = marks.is_violation(id);
        let words = numbers.into_iter().chain(broken.then(|| "broken here".to_owned())).collect::<Vec<_>>().join(", ");
        (id.0, if broken { "violation" } else { "deviation" }, words)
    };
    marks.events().map(one).collect()
}

/// The distinct paths in order of appearance, each without the head that it shares with the one before.
#[derive(Default)]
struct Paths<'a> {
    numbers: std::collections::BTreeMap<&'a str, usize>,
    last: &'a str,
    folded: Vec<(usize, &'a str)>,
}

impl<'a> Paths<'a> {
    fn enter(&mut self, path: &'a str) -> usize {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let shared = self.last.chars().zip(path.chars()).take_while(|(a, b)| a == b);
        let (bytes, units) = shared.fold((0, 0), |(b, u), (c, _)| (b + c.len_utf8(), u + c.len_utf16()));
        self.folded.push((units, &path[bytes..]));
        self.last = path;
        self.numbers.insert(path, self.folded.len() - 1);
        self.folded.len() - 1
    }
}

/// Appends the log: controls, an empty table that the script fills, the line of details, and the data.
pub(super) fn table(out: &mut String, id: &str, files: &FindingFiles) {
    let events = files.finding.trace.events.len();
    let whole = counted(events as u64, "event", "events");
    out.push_str(&format!("<h3 id=\"{id}-log\">Event log</h3>\n"));
    if events > EVENTS_MAX {
        let kept = counted(EVENTS_MAX as u64, "event", "events");
        out.push_str(&format!(
            "<p class=\"where\">The last {kept} of {whole}; <code>--verbose</code> shows all.</p>\n"
        ));
    }
    out.push_str(&format!(
        "<form class=\"controls\" aria-label=\"Filter the event log\">\n\
         <label>Find <input type=\"search\" name=\"text\" placeholder=\"text, key or #number\"/></label>\n\
         <label>Lane <select name=\"lane\"><option value=\"\">all</option></select></label>\n\
         <label>Kind <select name=\"kind\"><option value=\"\">all</option></select></label>\n\
         <label><input type=\"checkbox\" name=\"story\"/> only the story</label>\n\
         <output aria-live=\"polite\">{whole}</output>\n</form>\n"
    ));
    out.push_str(&format!(
        "<div class=\"rows\" role=\"grid\" tabindex=\"0\" aria-labelledby=\"{id}-log\" aria-describedby=\"{id}-keys\">\n\
         <div class=\"space\" role=\"presentation\"><div class=\"row head\" role=\"row\" aria-rowindex=\"1\">"
    ));
    for (class, name) in
        [("num", "event"), ("at", "time"), ("", "lane"), ("", "kind"), ("", "what"), ("from", "caused by")]
    {
        out.push_str(&format!("<span class=\"{class}\" role=\"columnheader\">{name}</span>"));
    }
    out.push_str(
        "</div></div>\n</div>\n<noscript><p>The table needs JavaScript; the picture above does not.</p></noscript>\n\
         <div class=\"detail\" role=\"status\" aria-live=\"polite\"><p class=\"meta\">Choose an event in the picture or in the log.</p></div>\n",
    );
    // Serializing strings and numbers cannot fail; an empty object would only leave the table empty.
    let json = serde_json::to_string(&Log::of(files)).unwrap_or_default();
    out.push_str(&format!("<script type=\"application/json\">{}</script>\n", json_in_script(&json)));
    debug_assert!(!json.is_empty(), "the log of {} is JSON", xml(id));
}
