//! Message types: one layout for all versions.

use ordain_world::spec::{FieldSpec, TypeId, TypeSpec};

use crate::lower::{Lowered, Lowering, constants, refuse};
use crate::model::{Column, Message};

/// The most versions a type may have: they are a bit set.
const VERSIONS_MAX: u32 = 63;

impl Message {
    /// The fields of all versions, each once, in the order of the versions.
    pub fn layout(&self) -> Vec<&Column> {
        let mut layout: Vec<&Column> = Vec::new();
        for field in self.versions.iter().flat_map(|version| &version.fields) {
            match layout.iter_mut().find(|have| have.name.value == field.name.value) {
                // A later version may add a default.
                Some(have) if have.default.is_none() && field.default.is_some() => *have = field,
                Some(_) => {}
                None => layout.push(field),
            }
        }
        layout
    }
}

impl Lowering<'_> {
    pub(super) fn messages(&mut self) -> Lowered<()> {
        for message in self.scenario.messages.values() {
            let newest = message.newest().map_or(1, |version| version.number);
            if newest > VERSIONS_MAX {
                return refuse(
                    message.name.span,
                    format!("version {newest} is too high"),
                    "number versions from 1 to 63",
                );
            }
            let mut fields = Vec::new();
            for column in message.layout() {
                let has = message
                    .versions
                    .iter()
                    .filter(|version| version.fields.iter().any(|field| field.name.value == column.name.value));
                let versions = has.fold(0, |bits, version| bits | (1_u64 << (version.number - 1)));
                let default = column.default.as_ref().map(|default| self.constant(default, &column.ty)).transpose()?;
                let name = self.spec.names.intern(&column.name.value);
                fields.push(FieldSpec { name, ty: constants::ty(&column.ty), default, versions });
            }
            let home = self.scenario.home(&message.name.value);
            let channel = home.and_then(|channel| self.channel_ids.get(channel.name.value.as_str()).copied());
            let id = TypeId(self.spec.types.len() as u16);
            let name = self.spec.names.intern(&message.name.value);
            self.type_ids.insert(&message.name.value, id);
            self.spec.types.push(TypeSpec { name, fields, versions: newest as u8, channel, request_sub: None });
        }
        for (at, channel) in self.scenario.channels.values().enumerate() {
            let carries = channel.carries.iter().filter_map(|name| self.type_ids.get(name.value.as_str()).copied());
            self.spec.channels[at].carries = carries.collect();
        }
        Ok(())
    }

    /// The index of a type.
    pub(super) fn type_id(&self, name: &crate::syntax::ast::Ident) -> Lowered<TypeId> {
        match self.type_ids.get(name.value.as_str()) {
            Some(id) => Ok(*id),
            None => refuse(name.span, format!("unknown message type `{}`", name.value), "declare it under `messages`"),
        }
    }
}
