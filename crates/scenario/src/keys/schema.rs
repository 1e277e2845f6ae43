//! The JSON Schema (draft 2020-12) that editors use, from the key table.

use serde_json::{Map, Value, json};

use super::{Default, Key, ROOT, Section, Ty, Variants};

const DURATION: &str = r"^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d)$";
const SPAN: &str = r"^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d)(\.\.[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d))?$";

/// The schema of a scenario file, version 1.
pub fn schema() -> Value {
    let mut root = section_schema(&ROOT);
    if let Value::Object(map) = &mut root {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("$id".to_owned(), json!("scenario.v1.json"));
        map.insert("title".to_owned(), json!("Ordain scenario, version 1"));
    }
    root
}

fn section_schema(section: &Section) -> Value {
    match &section.variants {
        Variants::None => object(section.doc, section.keys.iter(), None),
        Variants::ByKey(variants) => {
            let each =
                variants.iter().map(|variant| object(variant.doc, variant.keys.iter().chain(section.keys), None));
            json!({ "description": section.doc, "oneOf": each.collect::<Vec<_>>() })
        }
        Variants::ByValue(tag, variants) => {
            let each = variants
                .iter()
                .map(|variant| object(variant.doc, section.keys.iter().chain(variant.keys), Some((*tag, variant.tag))));
            json!({ "description": section.doc, "oneOf": each.collect::<Vec<_>>() })
        }
    }
}

fn object<'a>(doc: &str, keys: impl Iterator<Item = &'a Key>, fixed: Option<(&str, &str)>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for key in keys {
        let mut value = type_schema(&key.ty);
        if let Some((_, tag)) = fixed.filter(|(name, _)| *name == key.name) {
            value = json!({ "const": tag });
        }
        describe(&mut value, key);
        properties.insert(key.name.to_owned(), value);
        if key.default == Default::Required {
            required.push(key.name);
        }
    }
    let mut object =
        json!({ "type": "object", "description": doc, "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn describe(value: &mut Value, key: &Key) {
    let Value::Object(map) = value else { return };
    map.insert("description".to_owned(), json!(key.doc));
    map.insert("examples".to_owned(), json!([key.example]));
    if let Default::Is(default) = key.default
        && !default.is_empty()
    {
        let typed = match key.ty {
            Ty::Bool => json!(default == "true"),
            Ty::Int(..) => default.parse::<i64>().map_or(json!(default), |number| json!(number)),
            _ => json!(default),
        };
        map.insert("default".to_owned(), typed);
    }
}

fn type_schema(ty: &Ty) -> Value {
    let any_scalar = json!(["string", "number", "boolean"]);
    match ty {
        Ty::Text | Ty::Name(_) | Ty::Body => json!({ "type": "string" }),
        Ty::Names(_) => json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::Int(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Ty::Count => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": r"^[0-9]+\.\.[0-9]+$" }] })
        }
        Ty::Percent => json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?%$" }),
        Ty::Duration => json!({ "type": "string", "pattern": DURATION }),
        Ty::Span => json!({ "type": "string", "pattern": SPAN }),
        // A word such as `1` is an integer to YAML.
        Ty::Choice(words) => {
            let numbers = words.iter().filter_map(|word| word.parse::<i64>().ok()).map(|number| json!(number));
            let mut all: Vec<Value> = words.iter().map(|word| json!(word)).collect();
            all.extend(numbers);
            json!({ "enum": all })
        }
        Ty::Expr => json!({ "type": any_scalar }),
        Ty::Section(section) => section_schema(section),
        Ty::Named(section, _) => json!({ "type": "object", "additionalProperties": section_schema(section) }),
        Ty::List(section) => json!({ "type": "array", "items": section_schema(section) }),
        Ty::Fields => json!({ "type": "object", "additionalProperties": { "type": ["string", "array"] } }),
        Ty::Bodies(_) => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Ty::Values => json!({ "type": "object", "additionalProperties": { "type": any_scalar } }),
        Ty::Own => json!({ "type": ["object", "array"] }),
    }
}
