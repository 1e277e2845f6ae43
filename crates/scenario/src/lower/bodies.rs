//! Bodies to flat programs.

use std::rc::Rc;

use ordain_kernel::{Chance, Form, Seg, Span as Time};
use ordain_world::Program;
use ordain_world::Value;
use ordain_world::body::{Body, FieldFrom, Instr};
use ordain_world::expr::{Expr, Op};
use ordain_world::spec::{Col, ExternalId, TableId};

use crate::lower::scope::{Bind, Scope};
use crate::lower::{Lowered, Lowering, refuse, time};
use crate::model::{Column, Table};
use crate::source::Span;
use crate::syntax::ast::{self, Argument, ExprKind, Ident, MessageName, StatementKind, UpdateOp};

/// Where a body stands.
pub(super) struct Stand<'a> {
    /// The service, or the projection, whose tables it names.
    pub(super) owner: &'a str,
    /// The projection's own table.
    pub(super) own: Option<&'a Table>,
    /// The fields that are copied by name, by index of the layout.
    pub(super) copied: Vec<&'a str>,
}

/// A body on its way.
struct Draft<'s, 'a> {
    code: Vec<Instr>,
    scope: Scope,
    stand: &'s Stand<'a>,
}

impl<'a> Lowering<'a> {
    /// Compiles a body.
    pub(super) fn body(&mut self, body: &ast::Body, stand: &Stand<'a>, scope: Scope) -> Lowered<Rc<dyn Program>> {
        let mut program = Draft { code: Vec::new(), scope, stand };
        self.statements(body, &mut program)?;
        program.code.push(Instr::End);
        let body = Body { code: program.code };
        body.validate();
        Ok(Rc::new(body))
    }

    fn statements(&mut self, body: &ast::Body, program: &mut Draft<'_, 'a>) -> Lowered<()> {
        let mark = program.scope.enter();
        for statement in &body.statements {
            self.statement(&statement.kind, statement.span, program)?;
        }
        program.scope.leave(mark);
        Ok(())
    }

    fn statement(&mut self, kind: &StatementKind, span: Span, program: &mut Draft<'_, 'a>) -> Lowered<()> {
        let instr = match kind {
            StatementKind::Put { table, arguments } => self.put(table.as_ref(), arguments, span, program)?,
            StatementKind::Add { table, arguments } => self.add(table, arguments, program)?,
            StatementKind::Delete { table, key } => {
                let id = self.table(table, program.stand)?;
                Instr::Delete(self.step("del", &table.value), id, self.expr(key, &mut program.scope)?)
            }
            StatementKind::Update { table, key, column, op, value } => {
                let id = self.table(table, program.stand)?;
                let key = self.expr(key, &mut program.scope)?;
                self.update((id, key), column, *op, value, program)?
            }
            StatementKind::UpdateOwn { column, op, value } => self.update_own(column, *op, value, program)?,
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.expr(condition, &mut program.scope)?;
                return self.branch(|target| Instr::Unless(condition, target), then, otherwise, program);
            }
            StatementKind::Chance { chance_ppm, then, otherwise } => {
                let ppm = chance_ppm.value;
                let (likely, unlikely) = if ppm >= 500_000 { (then, otherwise) } else { (otherwise, then) };
                let answer = self.spec.answers.len() as u16;
                self.spec.answers.push(Chance::from_ppm(ppm.min(1_000_000 - ppm)));
                let seg = self.step("chance", "");
                return self.branch(|target| Instr::Chance(seg, answer, target), likely, unlikely, program);
            }
            StatementKind::Emit { message, arguments } => {
                let fields = self.outgoing(message, arguments, program)?;
                Instr::Emit(self.step("emit", &message.name.value), self.type_id(&message.name)?, fields)
            }
            StatementKind::Send { message, arguments } => {
                let fields = self.outgoing(message, arguments, program)?;
                Instr::Send(self.step("send", &message.name.value), self.type_id(&message.name)?, fields)
            }
            StatementKind::Call { target, arguments, latency } => {
                self.call(target, arguments, latency.as_ref(), program)?
            }
            StatementKind::Commit => Instr::Commit,
            StatementKind::Fail { why } => Instr::Fail(self.text(why.as_deref().unwrap_or("failed"))),
            StatementKind::Reject { why } => Instr::Reject(self.text(why.as_deref().unwrap_or("rejected"))),
            StatementKind::Let { name, value } => {
                let value = self.expr(value, &mut program.scope)?;
                let at = program.scope.locals;
                program.scope.locals += 1;
                program.scope.add(&name.value, Bind::Local(at));
                Instr::Let(at, value)
            }
            StatementKind::Sleep { duration } => Instr::Sleep(self.step("sleep", ""), literal_times(duration).0),
        };
        program.code.push(instr);
        Ok(())
    }

    /// A branch: jumps to `no` by the head, which runs on into `yes`.
    fn branch(
        &mut self,
        head: impl FnOnce(u32) -> Instr,
        yes: &ast::Body,
        no: &ast::Body,
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<()> {
        let at = program.code.len();
        program.code.push(Instr::Commit);
        self.statements(yes, program)?;
        let jump = program.code.len();
        if !no.statements.is_empty() {
            program.code.push(Instr::Commit);
        }
        program.code[at] = head(program.code.len() as u32);
        if !no.statements.is_empty() {
            self.statements(no, program)?;
            program.code[jump] = Instr::Jump(program.code.len() as u32);
        }
        Ok(())
    }

    /// A step segment: `:put orders`.
    fn step(&mut self, verb: &str, target: &str) -> Seg {
        let name = if target.is_empty() { verb.to_owned() } else { format!("{verb} {target}") };
        Seg::new(&mut self.spec.names, Form::Step, &name)
    }

    fn text(&mut self, text: &str) -> Expr {
        Expr::Const(Value::Str(self.spec.names.intern(text)))
    }

    fn table(&self, name: &Ident, stand: &Stand<'_>) -> Lowered<TableId> {
        let found = self.table_ids.get(&(stand.owner, name.value.as_str())).copied();
        found.map_or_else(
            || refuse(name.span, format!("unknown table `{}`", name.value), "name a table of the service"),
            Ok,
        )
    }

    fn put(
        &mut self,
        name: Option<&Ident>,
        arguments: &[Argument],
        span: Span,
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<Instr> {
        let stand = program.stand;
        let (id, table) = match (name, stand.own) {
            (Some(name), _) => (self.table(name, stand)?, self.model_table(stand, &name.value)),
            (None, Some(own)) => (self.table(&own.name, stand)?, Some(own)),
            (None, None) => return refuse(span, "`put` does not say into which table", "name a table"),
        };
        let Some((table, key)) = table.and_then(|table| Some((table, table.key.as_ref()?))) else {
            return refuse(span, "the table has no key", "use `add`");
        };
        let own_row = stand.own.is_some_and(|own| own.name.value == table.name.value);
        let first = arguments.first().filter(|argument| argument.name.is_none());
        let named =
            arguments.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name.value == key.name.value));
        let key_value = match (first.or(named), stand.copied.iter().position(|field| *field == key.name.value)) {
            (Some(argument), _) => self.expr(&argument.value, &mut program.scope)?,
            (None, Some(field)) => Expr::Field(field as u16),
            (None, None) => {
                return refuse(span, format!("nothing gives the key `{}`", key.name.value), "give it first");
            }
        };
        program.scope.in_row = own_row;
        let given = self.assignments(id, table, arguments, program);
        program.scope.in_row = false;
        let mut columns = given?;
        for (at, column) in table.columns.iter().enumerate() {
            let col = Col(at as u16);
            if columns.iter().all(|(have, _)| *have != col) && column.default.is_some() {
                columns.push((col, self.if_there(id, &key_value, col, Expr::Col(col))));
            }
        }
        Ok(Instr::Put(self.step("put", &table.name.value), id, key_value, columns))
    }

    /// The columns that the arguments give, the key left out.
    fn assignments(
        &mut self,
        id: TableId,
        table: &Table,
        arguments: &[Argument],
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<Vec<(Col, Expr)>> {
        let mut columns = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let name = match (&argument.name, crate::analyse::pun(argument, table)) {
                (Some(name), _) => name.clone(),
                (None, _) if at == 0 && table.key.is_some() => continue,
                (None, Some(column)) => column.name.clone(),
                (None, None) => return refuse(argument.value.span, "this value has no column", "name the column"),
            };
            if let Some(col) = self.column(id, &name)? {
                columns.push((col, self.expr(&argument.value, &mut program.scope)?));
            }
        }
        Ok(columns)
    }

    fn add(&mut self, name: &Ident, arguments: &[Argument], program: &mut Draft<'_, 'a>) -> Lowered<Instr> {
        let stand = program.stand;
        let id = self.table(name, stand)?;
        let Some(table) = self.model_table(stand, &name.value) else {
            return refuse(name.span, "unknown table", "name a table");
        };
        if table.key.is_some() {
            return refuse(
                name.span,
                format!("table `{}` has a key, and `add` is for tables without", name.value),
                "write `put TABLE(KEY, ..)`, or make the table `append: true`",
            );
        }
        let mut columns = self.assignments(id, table, arguments, program)?;
        for (at, column) in table.columns.iter().enumerate() {
            let col = Col(at as u16);
            if columns.iter().any(|(have, _)| *have == col) {
                continue;
            }
            let copied = stand.copied.iter().position(|field| *field == column.name.value);
            let value = match (copied, &column.default) {
                (Some(field), _) => Expr::Field(field as u16),
                (None, Some(default)) => Expr::Const(self.constant(default, &column.ty)?),
                (None, None) => continue,
            };
            columns.push((col, value));
        }
        Ok(Instr::Add(self.step("add", &name.value), id, columns))
    }

    fn update(
        &mut self,
        (id, key): (TableId, Expr),
        column: &Ident,
        op: UpdateOp,
        value: &ast::Expr,
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<Instr> {
        let Some(col) = self.column(id, column)? else {
            return refuse(column.span, "a key cannot be changed", "delete the row and put another");
        };
        let op = match op {
            UpdateOp::Set => None,
            UpdateOp::Add => Some(Op::Add),
            UpdateOp::Subtract => Some(Op::Sub),
        };
        let value = self.expr(value, &mut program.scope)?;
        let table = self.spec.names.text(self.spec.tables[id.at()].name).to_owned();
        Ok(Instr::Update(self.step("update", &table), id, key, col, op, value))
    }

    /// `count += 1` in a projection: the row is made if it is not there.
    fn update_own(
        &mut self,
        column: &Ident,
        op: UpdateOp,
        value: &ast::Expr,
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<Instr> {
        let Some((own, (id, key))) = program.stand.own.zip(program.scope.own.clone()) else {
            return refuse(
                column.span,
                "only a projection changes its own row by name",
                "write `table[key].column = value`",
            );
        };
        let Some(col) = self.column(id, column)? else {
            return refuse(column.span, "a key cannot be changed", "delete the row and put another");
        };
        program.scope.in_row = true;
        let given = self.expr(value, &mut program.scope);
        program.scope.in_row = false;
        let given = given?;
        let old = self.if_there(id, &key, col, Expr::Col(col));
        let new = match op {
            UpdateOp::Set => given,
            UpdateOp::Add => Expr::Bin(Op::Add, Box::new(old), Box::new(given)),
            UpdateOp::Subtract => Expr::Bin(Op::Sub, Box::new(old), Box::new(given)),
        };
        let mut columns = vec![(col, new)];
        for (at, _) in own.columns.iter().enumerate().filter(|(at, other)| *at != col.at() && other.default.is_some()) {
            let at = Col(at as u16);
            columns.push((at, self.if_there(id, &key, at, Expr::Col(at))));
        }
        Ok(Instr::Put(self.step("put", &own.name.value), id, key, columns))
    }

    /// The fields of an outgoing message, in the order of its layout.
    fn outgoing(
        &mut self,
        name: &MessageName,
        arguments: &[Argument],
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<Vec<FieldFrom>> {
        let scenario = self.scenario;
        let Some(message) = scenario.messages.get(&name.name.value) else {
            return refuse(name.name.span, "unknown message type", "declare it");
        };
        let mut fields = Vec::new();
        for column in message.layout() {
            let is_it = |argument: &&Argument| match (&argument.name, &argument.value.kind) {
                (Some(name), _) => name.value == column.name.value,
                (None, ExprKind::Name(name)) => *name == column.name.value,
                _ => false,
            };
            let copied = program.stand.copied.iter().position(|field| *field == column.name.value);
            fields.push(match (arguments.iter().find(is_it), copied) {
                (Some(argument), _) => FieldFrom::Expr(self.expr(&argument.value, &mut program.scope)?),
                (None, Some(at)) => FieldFrom::Copy(at as u16),
                (None, None) => FieldFrom::Default,
            });
        }
        Ok(fields)
    }

    fn call(
        &mut self,
        target: &Ident,
        arguments: &[Argument],
        latency: Option<&ast::Expr>,
        program: &mut Draft<'_, 'a>,
    ) -> Lowered<Instr> {
        let Some(id) = self.external_ids.get(target.value.as_str()).copied() else {
            return refuse(
                target.span,
                format!("`{}` is not an external system", target.value),
                "only external systems can be called",
            );
        };
        let key = arguments.first().map(|argument| self.expr(&argument.value, &mut program.scope)).transpose()?;
        let latency = match latency {
            Some(latency) => literal_times(latency),
            None => self.latency_of(id),
        };
        Ok(Instr::Call(self.step("call", &target.value), id, key, latency))
    }

    fn latency_of(&self, id: ExternalId) -> (Time, Time) {
        let external = self.scenario.externals.get_index(id.at());
        external.map_or((Time::ZERO, Time::ZERO), |(_, external)| crate::lower::times(external.latency))
    }

    /// The table as the model has it.
    fn model_table(&self, stand: &Stand<'a>, name: &str) -> Option<&'a Table> {
        let own = stand.own.filter(|own| own.name.value == name);
        own.or_else(|| self.scenario.services.get(stand.owner)?.tables.get(name))
    }

    /// The default of a column, if it has one.
    pub(super) fn default_of(&self, id: TableId, col: Col) -> Option<Value> {
        let spec = &self.spec.tables[id.at()];
        let owner = self.spec.names.text(self.spec.services[spec.service.at()].name);
        let name = self.spec.names.text(spec.name);
        let services = self.scenario.services.get(owner).and_then(|service| service.tables.get(name));
        let table = services.or_else(|| Some(&self.scenario.projections.get(owner)?.table))?;
        let column: &Column = table.columns.get(col.at())?;
        let datum = crate::lower::constants::constant(column.default.as_ref()?, &column.ty).ok()?;
        match datum {
            ordain_world::Datum::Str(text) => self.spec.names.find(&text).map(Value::Str),
            other => Some(Value::from_datum(&other, &mut ordain_kernel::Names::default())),
        }
    }
}

/// A literal duration, or range of durations; the analysis allows nothing else.
fn literal_times(expr: &ast::Expr) -> (Time, Time) {
    match &expr.kind {
        ExprKind::Duration(duration) => (time(*duration), time(*duration)),
        ExprKind::Range(least, most) => (literal_times(least).0, literal_times(most).1),
        _ => (Time::ZERO, Time::ZERO),
    }
}
