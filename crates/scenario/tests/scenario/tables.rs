//! What the key table gives: the JSON Schema and the reference.

use ordain_scenario::keys;

#[test]
fn the_schema_knows_every_top_level_key() {
    let schema = keys::schema();
    let properties = schema["properties"].as_object().expect("the file is an object");
    assert_eq!(properties.len(), keys::ROOT.keys.len());
    assert_eq!(schema["required"], serde_json::json!(["scenario", "brokers", "channels", "services"]));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn the_reference_has_every_section() {
    let reference = keys::reference();
    for section in ["`brokers.NAME`", "`services.NAME.tables.NAME`", "`faults[]`", "`checks.NAME`", "`load.TYPE.from`"]
    {
        assert!(reference.contains(&format!("## {section}")), "{section} is missing");
    }
    insta::assert_snapshot!(keys::broker_reference("sqs").expect("sqs is a kind"));
    assert_eq!(keys::broker_reference("carrier_pigeon"), None);
}

#[test]
fn the_reference_tells_the_language_of_bodies_and_predicates() {
    let reference = keys::reference();
    for section in ["Statements", "Expressions", "Boundaries", "Keys in regressions"] {
        assert!(reference.contains(&format!("\n## {section}\n")), "{section} is missing");
    }
    for line in reference.lines().filter(|line| line.starts_with('|')) {
        let cells = line.replace("\\|", "").matches('|').count() - 1;
        assert!([2, 3, 5].contains(&cells), "{cells} cells: {line}");
    }
}

#[test]
fn the_language_document_is_the_reference() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/language.md");
    let document = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        document == keys::reference(),
        "docs/language.md is out of date. Write it anew: cargo run -- schema --reference > docs/language.md"
    );
}
