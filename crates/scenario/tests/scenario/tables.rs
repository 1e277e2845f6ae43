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
