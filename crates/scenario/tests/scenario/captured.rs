//! Captured load and regression files.

use std::path::{Path, PathBuf};

use ordain_explore::Factory;
use ordain_kernel::Time;
use ordain_scenario::regression::{Regression, StoredCommand, StoredDeviation};
use ordain_scenario::source::Source;
use ordain_scenario::{Runnable, check};
use ordain_world::Datum;

const EVENTS: &str = r#"{"id":"a","type":"ride","time":"2019-03-15T00:00:02Z","data":{"trip":"t2","cents":1656,"miles":2.50}}
{"id":"b","type":"ride","time":"2019-03-15T00:00:00Z","data":{"trip":"t1","cents":900,"miles":0.1}}

{"id":"c","type":"other","time":"2019-03-15T00:00:01Z","data":{}}
"#;

const TABLE: &str =
    "when,name,total,far\n2019-03-15 00:00:00,\"Upper, \"\"West\"\"\",12,0.30\n2019-03-15 00:00:01,x,oops,1\n";

/// A folder of this test, with one file in it.
fn folder(name: &str, file: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(folder.join(file), text).expect("the file can be written");
    folder
}

fn scenario(from: &str) -> Source {
    let text = format!(
        "scenario: rides\nbrokers: {{ bus: {{ kind: kafka }} }}\nchannels: {{ rides: {{ broker: bus, carries: [Ride] }} }}\n\
         messages: {{ Ride: {{ trip: id, cents: int, miles: decimal }} }}\nservices: {{ fares: {{ handles: {{ Ride: 'call bank(trip)' }} }} }}\n\
         load: {{ Ride: {{ from: {from} }} }}\n"
    );
    Source::new("rides.yaml", text)
}

#[test]
fn cloud_events_keep_order_spacing_and_digits() {
    let folder = folder("events", "rides.jsonl", EVENTS);
    let source = scenario("{ file: rides.jsonl, type: ride, scale: 2x }");
    let runnable = Runnable::new(check(source), &folder).unwrap_or_else(|report| panic!("{}", report.render(false)));
    let load = runnable.model().load.load(1);
    assert_eq!(load.commands.iter().map(|c| c.at).collect::<Vec<_>>(), [Time(0), Time(1_000_000_000)]);
    let fields: Vec<String> = load.commands[1].fields.iter().map(Datum::to_string).collect();
    assert_eq!(fields, ["t2", "1656", "2.5"]);
}

#[test]
fn a_bad_line_of_csv_is_named_or_skipped() {
    let folder = folder("table", "rides.csv", TABLE);
    let from = |rest: &str| {
        format!("{{ file: rides.csv, format: csv, time: when, map: {{ trip: name, cents: total, miles: far }}{rest} }}")
    };
    let report = Runnable::new(check(scenario(&from(""))), &folder).expect_err("line 3 has no number");
    insta::assert_snapshot!(report.render(false));
    let runnable =
        Runnable::new(check(scenario(&from(", skip_malformed: true"))), &folder).expect("the line is skipped");
    assert_eq!(runnable.captures()["Ride"].skipped, 1);
    assert_eq!(runnable.captures()["Ride"].commands[0].fields[0], Datum::Str("Upper, \"West\"".into()));
}

#[test]
fn a_missing_file_is_a_diagnostic() {
    let report = Runnable::new(check(scenario("{ file: nowhere.jsonl }")), Path::new("/nonexistent"))
        .expect_err("there is no file");
    assert!(report.render(false).contains("nowhere.jsonl: cannot be read"));
}

#[test]
fn regressions_read_as_they_were_written() {
    let regression = Regression {
        scenario: "../small.yaml".to_owned(),
        scenario_hash: 0x1234,
        without: vec!["payment.dedup".to_owned()],
        signature: ordain_checks::Signature {
            check: "charged_once".into(),
            word: "violated".into(),
            place: "payment.charges".into(),
        },
        says: "charges of order_id c7: sum(amount) is 2".to_owned(),
        trace_hash: u128::MAX,
        load: vec![StoredCommand {
            command: 7,
            at: Time(1_234_000_000),
            ty: "PlaceOrder".to_owned(),
            with: vec![("order_id".to_owned(), Datum::Str("c7".into())), ("amount".to_owned(), Datum::Int(3))],
        }],
        deviations: vec![StoredDeviation {
            key: "c7@order/OrderPlaced@checkout.2".to_owned(),
            value: "copies 1 late 5s".parse().expect("a value"),
            words: String::new(),
        }],
    };
    let text = regression.write();
    insta::assert_snapshot!(text);
    let read =
        Regression::read(&Source::new("r.yaml", text)).unwrap_or_else(|report| panic!("{}", report.render(false)));
    assert_eq!(read, regression);
    let broken = regression.write().replace("copies 1 late 5s", "copies lots").replace("format: 1", "format: 9");
    insta::assert_snapshot!(
        "broken_regression",
        Regression::read(&Source::new("r.yaml", broken)).expect_err("it is broken").render(false)
    );
}
