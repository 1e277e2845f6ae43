//! Which column or path each field comes from.

use crate::capture::Fault;
use crate::model::{CaptureFormat, Captured, Message, Type};
use ordain_world::Datum;

/// Where one field comes from.
pub(super) struct FieldFrom {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) ty: Type,
    /// What it is when the line does not have it.
    pub(super) default: Option<Datum>,
}

/// Where everything comes from.
pub(super) struct Plan {
    pub(super) fields: Vec<FieldFrom>,
    pub(super) time: String,
    pub(super) id: Option<String>,
    /// The path of the event's type, and the type that is taken.
    pub(super) only: Option<(String, String)>,
}

impl Plan {
    pub(super) fn new(captured: &Captured, message: &Message) -> Result<Plan, Fault> {
        let events = captured.format == CaptureFormat::CloudEvents;
        let path = |name: &str| match captured.map.get(name) {
            Some(path) => path.value.clone(),
            None if events => format!("data.{name}"),
            None => name.to_owned(),
        };
        let time = captured.time.clone().or_else(|| events.then(|| "time".to_owned()));
        let Some(time) = time else {
            return Err(Fault::new(
                "the load does not say which column holds the time",
                "add `time: COLUMN` beside `file`",
            ));
        };
        let fields = message.layout().into_iter().map(|column| FieldFrom {
            name: column.name.value.clone(),
            path: path(&column.name.value),
            ty: column.ty.clone(),
            default: column.default.as_ref().and_then(|default| crate::lower::constant(default, &column.ty).ok()),
        });
        Ok(Plan {
            fields: fields.collect(),
            time,
            id: captured.id.clone().or_else(|| events.then(|| "id".to_owned())),
            only: captured.event_type.clone().map(|only| ("type".to_owned(), only)),
        })
    }
}
