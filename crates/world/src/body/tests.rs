//! Tests of bodies: run by hand, step by step, against a tiny world.

use ordain_brokers::MsgId;
use ordain_kernel::{
    Chance, Choices, Draw, EventId, Form, Key, Kind, Names, Rule, Seeded, Seg, Site, Source, Span, Time, Trace,
};

use super::{Body, FieldFrom, Instr};
use crate::expr::{Expr, Op};
use crate::message::Messages;
use crate::program::{CallAnswer, Frame, Outgoing, Program, Step, StepCx};
use crate::spec::{Col, ExternalId, ServiceId, TableId, TableSpec, TypeId};
use crate::table::{RowLock, Tables, Transaction};
use crate::value::{Ty, Value};

const ITEMS: TableId = TableId(0);
const LOG: TableId = TableId(1);
const LEFT: Col = Col(0);
const SOLD: Col = Col(1);

/// A handling of one message with the fields (1, 3), over `items[1] = (10, 0)`.
struct Desk {
    names: Names,
    messages: Messages,
    msg: MsgId,
    tables: Tables,
    tx: Transaction,
    emits: Vec<Outgoing>,
    choices: Choices,
    sites: Vec<Site>,
    trace: Trace,
    frame: Frame,
}

impl Desk {
    fn new(chance: Chance) -> Desk {
        let mut names = Names::default();
        let mut table = |name: &str, rows| TableSpec {
            name: names.intern(name),
            service: ServiceId(0),
            key: None,
            columns: vec![(names.intern("left"), Ty::Int), (names.intern("sold"), Ty::Int)],
            rows,
        };
        let items = table("items", vec![(Value::Int(1), vec![Value::Int(10), Value::Int(0)])]);
        let tables = Tables::new(&[items, table("log", vec![])]);
        let mut messages = Messages::default();
        let msg = messages.push(Messages::blank(Key(1), TypeId(0)), &[Value::Int(1), Value::Int(3)]);
        let mut choices = Choices::default();
        let rule = choices.add_rule(Rule { name: "chance".into(), chance, draw: Draw::Alternative, fault: false });
        let sites = vec![choices.add_site(Kind::Pick, vec![rule])];
        choices.begin(Source::Seeded(Seeded::new(1, choices.rules())));
        let (tx, emits) = (Transaction::begin(1), vec![]);
        let (trace, frame) = (Trace::default(), Frame::default());
        Desk { names, messages, msg, tables, tx, emits, choices, sites, trace, frame }
    }

    fn seg(&mut self, name: &str) -> Seg {
        Seg::new(&mut self.names, Form::Step, name)
    }

    fn resume(&mut self, body: &Body, answer: Option<CallAnswer>) -> Step {
        let mut cx = StepCx {
            now: Time(5),
            msg: self.msg,
            messages: &self.messages,
            names: &mut self.names,
            tables: &mut self.tables,
            tx: &mut self.tx,
            emits: &mut self.emits,
            timers: &mut Vec::new(),
            turns: &mut Vec::new(),
            answer,
            answer_sites: &self.sites,
            choices: &mut self.choices,
            trace: &mut self.trace,
            handling: Key(1),
            record: None,
        };
        body.resume(&mut self.frame, &mut cx)
    }

    fn commit(&mut self) {
        self.tables.commit(&mut self.tx, EventId(1), &mut vec![], &mut vec![]).unwrap();
    }

    fn row(&self, table: TableId, key: i64) -> Option<&[Value]> {
        self.tables.committed(table, &Value::Int(key)).map(|row| row.cols.as_slice())
    }
}

fn body(code: Vec<Instr>) -> Body {
    let body = Body { code };
    body.validate();
    body
}

fn int(n: i64) -> Expr {
    Expr::Const(Value::Int(n))
}

fn bin(op: Op, a: Expr, b: Expr) -> Expr {
    Expr::Bin(op, a.into(), b.into())
}

/// `items[f0].left op= e`
fn update(seg: Seg, op: Option<Op>, e: Expr) -> Instr {
    Instr::Update(seg, ITEMS, Expr::Field(0), LEFT, op, e)
}

#[test]
fn statements_run_one_step_at_a_time() {
    let mut desk = Desk::new(Chance::NEVER);
    let seg = desk.seg("statement");
    let enough = bin(Op::Ge, Expr::At(ITEMS, Expr::Field(0).into(), LEFT), Expr::Local(1));
    let body = body(vec![
        Instr::Let(1, Expr::Field(1)),
        Instr::Unless(enough, 7),
        update(seg, Some(Op::Sub), Expr::Local(1)),
        Instr::Put(seg, ITEMS, int(1), vec![(LEFT, Expr::Col(SOLD)), (SOLD, Expr::Col(LEFT))]),
        Instr::Add(seg, LOG, vec![(SOLD, Expr::Now)]),
        Instr::Emit(seg, TypeId(2), vec![FieldFrom::Copy(1), FieldFrom::Expr(Expr::Local(0)), FieldFrom::Default]),
        Instr::Jump(8),
        Instr::Reject(int(7)),
        Instr::Commit,
        Instr::Send(seg, TypeId(3), vec![FieldFrom::Expr(bin(Op::Add, Expr::Local(1), int(1)))]),
        Instr::Sleep(seg, Span::from_secs(1)),
        Instr::Delete(seg, ITEMS, int(1)),
        Instr::End,
    ]);
    for _ in 0..4 {
        assert_eq!(desk.resume(&body, None), Step::Ran(seg));
    }
    assert_eq!(desk.row(ITEMS, 1).unwrap()[0], Value::Int(10), "nothing is committed yet");
    assert_eq!(desk.emits[0].fields, [Value::Int(3), Value::Nil, Value::Nil]);
    assert_eq!(desk.resume(&body, None), Step::Commit);
    desk.commit();
    assert_eq!(desk.row(ITEMS, 1).unwrap(), [Value::Int(0), Value::Int(7)], "put reads the row as it was");
    assert_eq!(desk.row(LOG, 1).unwrap(), [Value::Nil, Value::Time(Time(5))]);
    let sent = Outgoing { ty: TypeId(3), fields: vec![Value::Int(4)], saga: None, id: None };
    assert_eq!(desk.resume(&body, None), Step::Send(seg, sent));
    assert_eq!(desk.resume(&body, None), Step::Sleep(seg, Span::from_secs(1)));
    assert_eq!(desk.resume(&body, None), Step::Ran(seg));
    assert_eq!(desk.resume(&body, None), Step::Done);
    desk.commit();
    assert_eq!(desk.row(ITEMS, 1), None);
}

#[test]
fn a_locked_row_blocks_at_the_same_place() {
    let mut desk = Desk::new(Chance::NEVER);
    let seg = desk.seg("put items");
    let key = Value::Int(1);
    let body =
        body(vec![Instr::Put(seg, ITEMS, int(1), vec![(LEFT, bin(Op::Add, Expr::Col(LEFT), int(1)))]), Instr::End]);
    let mut other = Transaction::begin(2);
    desk.tables.put(&mut other, ITEMS, &key, [(LEFT, Value::Int(100))]).unwrap();
    for _ in 0..2 {
        assert_eq!(desk.resume(&body, None), Step::Blocked(RowLock { table: ITEMS, key: key.clone() }));
        assert_eq!(desk.frame.pc, 0);
    }
    desk.tables.commit(&mut other, EventId(1), &mut vec![], &mut vec![]).unwrap();
    assert_eq!(desk.resume(&body, None), Step::Ran(seg));
    desk.commit();
    assert_eq!(desk.row(ITEMS, 1).unwrap()[0], Value::Int(101), "no update is lost");
}

#[test]
fn what_has_no_value_fails_the_handling() {
    let mut desk = Desk::new(Chance::NEVER);
    let seg = desk.seg("items");
    let missing = Instr::Update(seg, ITEMS, int(9), LEFT, None, int(1));
    for (instr, want) in [
        (missing, "no such row `items[9]`"),
        (update(seg, Some(Op::Div), int(0)), "division by zero"),
        (update(seg, Some(Op::Mul), int(i64::MAX)), "overflow"),
        (Instr::Unless(int(1), 0), "int where bool is needed"),
        (Instr::Jump(0), "the body takes more instructions than allowed"),
        (Instr::Fail(int(3)), "3"),
    ] {
        desk.frame.reset();
        let step = desk.resume(&body(vec![instr, Instr::End]), None);
        assert_eq!(step, Step::Fail(want.into()));
    }
    desk.frame.reset();
    let step = desk.resume(&body(vec![Instr::Reject(Expr::Field(1)), Instr::End]), None);
    assert_eq!(step, Step::Reject("3".into()));
}

#[test]
fn a_failed_call_fails_the_handling() {
    let mut desk = Desk::new(Chance::NEVER);
    let seg = desk.seg("call psp");
    let latency = (Span::from_millis(20), Span::from_secs(2));
    let body = body(vec![Instr::Call(seg, ExternalId(0), Some(Expr::Field(0)), latency), Instr::End]);
    let call = Step::Call { seg, external: ExternalId(0), key: Some(Value::Int(1)), latency };
    for (answer, then) in [(CallAnswer::Ok, Step::Done), (CallAnswer::Failed, Step::Fail("`call psp` failed".into()))] {
        desk.frame.reset();
        assert_eq!(desk.resume(&body, None), call);
        assert_eq!(desk.resume(&body, Some(answer)), then);
    }
}

#[test]
fn chance_takes_the_branch_that_the_choices_say() {
    for (chance, want) in [(Chance::NEVER, "likely"), (Chance::ALWAYS, "unlikely")] {
        let mut desk = Desk::new(chance);
        let segs = ["chance", "likely", "unlikely"].map(|name| desk.seg(name));
        let text = |at: usize| Expr::Const(Value::Str(segs[at].name));
        let code = vec![Instr::Chance(segs[0], 0, 2), Instr::Fail(text(1)), Instr::Fail(text(2)), Instr::End];
        assert_eq!(desk.resume(&body(code), None), Step::Fail(want.into()));
    }
}

#[test]
#[should_panic(expected = "instruction 0 jumps to 2, outside of a body of 2")]
fn a_jump_out_of_the_body_is_a_bug_of_ours() {
    body(vec![Instr::Jump(2), Instr::End]);
}
