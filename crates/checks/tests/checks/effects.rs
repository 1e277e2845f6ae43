//! Effects on external systems.

use ordain_checks::CheckKind;
use ordain_world::What;
use ordain_world::spec::ServiceId;

use crate::bench::*;

fn effect(bench: &mut Bench, command: u32, count: u32) {
    let key = bench.text(&format!("c{command}"));
    let msg = bench.msg(CHARGE, command);
    bench.fact(What::Effect { msg, external: PSP, key, service: ServiceId(1), count });
}

#[test]
fn a_second_effect_is_a_duplicate_at_once() {
    let mut bench = Bench::new(CheckKind::Effects { external: PSP, exactly: false, expected: Vec::new() });
    effect(&mut bench, 7, 1);
    effect(&mut bench, 8, 1);
    bench.expect(&[]);
    effect(&mut bench, 7, 2);
    effect(&mut bench, 7, 3);
    assert_eq!(bench.told(), ["duplicate-effect/payment.psp/c7: 2 effects on psp for c7, the last one by payment"]);
    assert_eq!(bench.violations()[0].command, Some(7));
}

#[test]
fn exactly_asks_for_each_key_that_was_accepted() {
    for field in [None, shop().names.find("order_id")] {
        let mut bench =
            Bench::new(CheckKind::Effects { external: PSP, exactly: true, expected: vec![(CHARGE, field)] });
        bench.accepted(CHARGE, 7);
        effect(&mut bench, 7, 1);
        bench.quiet();
        bench.expect(&[]);
        bench.again();
        bench.accepted(CHARGE, 7);
        bench.accepted(CHARGE, 8);
        bench.accepted(REFUND, 9);
        effect(&mut bench, 7, 1);
        bench.quiet();
        bench.expect(&["missing-effect/psp/c8"]);
    }
}
