//! Brokers and channels.

use indexmap::IndexMap;

use crate::keys::KINDS;
use crate::model::{Broker, Channel, Mode, Retry, Setting, Times};
use crate::read::section::Reader;
use crate::read::settings::{Settings, Value};

impl Reader<'_> {
    pub(super) fn brokers(&mut self, root: &Settings<'_>) -> IndexMap<String, Broker> {
        let brokers = root.named("brokers").iter().map(|(name, section)| {
            let kind = KINDS.iter().find(|kind| **kind == section.tag).copied().unwrap_or("");
            let settings = section.values.iter().filter(|(key, _)| **key != "kind");
            let settings =
                settings.filter_map(|(key, setting)| Some((*key, broker_setting(&setting.value)?))).collect();
            (name.value.clone(), Broker { name: name.clone(), kind, settings })
        });
        brokers.collect()
    }

    pub(super) fn channels(&mut self, root: &Settings<'_>) -> IndexMap<String, Channel> {
        let mut channels = IndexMap::new();
        for (name, section) in root.named("channels") {
            let dead_letter = section.text("dead_letter");
            if let Some(dead_letter) = &dead_letter {
                self.check_name(dead_letter, "dead-letter channel");
            }
            let channel = Channel {
                name: name.clone(),
                broker: section.name("broker"),
                mode: if section.word("mode") == "queue" { Mode::Queue } else { Mode::Topic },
                partitions: section.whole("partitions").max(1),
                key: section.text("key"),
                carries: section.names("carries").map_or(Vec::new(), |names| names.value),
                retry: section.section("retry").map(retry),
                dead_letter,
            };
            channels.insert(name.value.clone(), channel);
        }
        channels
    }
}

/// A retry policy.
pub(super) fn retry(section: &Settings<'_>) -> Retry {
    Retry {
        max: section.int("max").map(|max| u32::try_from(max.value).unwrap_or(u32::MAX)),
        backoff: section.times("backoff").map_or(Times::default(), |times| times.value),
        span: section.span,
    }
}

fn broker_setting(value: &Value<'_>) -> Option<Setting> {
    Some(match value {
        Value::Bool(flag) => Setting::Flag(*flag),
        Value::Int(number) => Setting::Number(*number),
        Value::Duration(time) => Setting::Time(*time),
        Value::Choice(word) => Setting::Word(word),
        _ => return None,
    })
}
