//! How messages, moments and places read: `Charge(c7)`, `committed(Refund)`, `payment.charges`, `work@payment`.

use ordain_brokers::{ChannelId, MsgId, SubId};
use ordain_kernel::{Names, Sym};
use ordain_world::spec::{Spec, TableId, TypeId};
use ordain_world::{Value, View};

use crate::spec::Moment;

/// A type's name.
pub(crate) fn type_text(spec: &Spec, ty: TypeId) -> &str {
    spec.names.text(spec.types[ty.at()].name)
}

/// A message: `Charge(c7)`.
pub(crate) fn message(view: &View<'_>, msg: MsgId) -> String {
    let of = view.messages.get(msg);
    format!("{}(c{})", type_text(view.spec, of.ty), of.command)
}

/// A moment: `Charge`, `handled(Charge)`, `committed(Charge)`.
pub(crate) fn moment(spec: &Spec, moment: Moment) -> String {
    match moment {
        Moment::Accepted(ty) => type_text(spec, ty).to_owned(),
        Moment::Handled(ty) => format!("handled({})", type_text(spec, ty)),
        Moment::Committed(ty) => format!("committed({})", type_text(spec, ty)),
    }
}

/// A table: `payment.charges`.
pub(crate) fn table(spec: &Spec, table: TableId) -> String {
    let of = &spec.tables[table.at()];
    let service = &spec.services[of.service.at()];
    format!("{}.{}", spec.names.text(service.name), spec.names.text(of.name))
}

/// A channel.
pub(crate) fn channel(spec: &Spec, channel: ChannelId) -> &str {
    spec.names.text(spec.channels[channel.0 as usize].name)
}

/// A channel as a subscription reads it: `work@payment`.
pub(crate) fn subscription(spec: &Spec, of: ChannelId, sub: SubId) -> String {
    format!("{}@{}", channel(spec, of), spec.names.text(spec.subs[sub.0 as usize].name))
}

/// A value in a sentence: strings quoted, so that they can be told from names.
pub(crate) fn quoted(value: &Value, names: &Names) -> String {
    match value {
        Value::Str(_) => format!("'{}'", value.render(names)),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item, names)).collect();
            format!("[{}]", items.join(", "))
        }
        _ => value.render(names),
    }
}

/// Where a type's layout has a field of this name.
pub(crate) fn field(spec: &Spec, ty: TypeId, name: Sym) -> Option<u16> {
    spec.types[ty.at()].fields.iter().position(|field| field.name == name).map(|at| at as u16)
}

/// What identifies the subject of a message: a field, or the command at its root.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyOf {
    /// The field of this index.
    Field(u16),
    /// The command.
    Command,
}

impl KeyOf {
    /// A field by name, or the command; a type without the field falls back to the command.
    pub(crate) fn new(spec: &Spec, ty: TypeId, name: Option<Sym>) -> KeyOf {
        name.and_then(|name| field(spec, ty, name)).map_or(KeyOf::Command, KeyOf::Field)
    }

    /// The value.
    #[inline]
    pub(crate) fn value(self, view: &View<'_>, msg: MsgId) -> Value {
        match self {
            KeyOf::Field(at) => view.messages.fields(msg).get(at as usize).cloned().unwrap_or_default(),
            KeyOf::Command => Value::Int(i64::from(view.messages.get(msg).command)),
        }
    }

    /// The value as people read it: commands as `c7`.
    pub(crate) fn text(self, value: &Value, names: &Names) -> String {
        match (self, value) {
            (KeyOf::Command, Value::Int(number)) => format!("c{number}"),
            _ => value.render(names),
        }
    }
}
