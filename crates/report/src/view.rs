//! A view of a trace: events by number, with their lane and path.

use ordain_explore::TraceData;
use ordain_kernel::{EventId, Recorded};

/// The event with this number.
pub(crate) fn event(trace: &TraceData, id: EventId) -> Option<&Recorded> {
    let at = trace.events.binary_search_by_key(&id, |e| e.id).ok()?;
    trace.events.get(at)
}

/// The name of an event's lane.
pub(crate) fn lane<'a>(trace: &'a TraceData, event: &Recorded) -> &'a str {
    trace.lanes.get(usize::from(event.lane.0)).map_or("?", String::as_str)
}
