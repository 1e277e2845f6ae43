//! Bodies: tables, messages and fields they name, and the fields they leave out.

use crate::analyse::Analysis;
use crate::analyse::exprs::columns;
use crate::analyse::kinds::{Kind, fits};
use crate::analyse::names::emitted_versions;
use crate::analyse::scope::Scope;
use crate::diag::{Code, Diagnostic};
use crate::model::{Column, Message, Service, Table, Type};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{Argument, Body, Expr, ExprKind, Ident, MessageName, Statement, StatementKind, UpdateOp};

/// Where a body stands.
pub(super) struct BodyContext<'a> {
    /// The service whose transaction it is; none for a projection.
    pub(super) service: Option<&'a Service>,
    /// The projection's own rows.
    pub(super) own: Option<&'a Table>,
    /// Fields that are copied by name into messages.
    pub(super) copied: &'a [Column],
    /// What they come from.
    pub(super) from: String,
}

impl<'a> Analysis<'a> {
    pub(super) fn body(&mut self, body: &Body, context: &BodyContext<'a>, scope: &mut Scope<'a>) {
        let mark = scope.enter();
        let mut ended: Option<&str> = None;
        for statement in &body.statements {
            if let Some(word) = ended.take() {
                let text = format!("this is never reached: `{word}` ends the body");
                self.warn(Code::Unused, statement.span, text, "remove it, or move it up");
            }
            self.statement(statement, context, scope);
            ended = match &statement.kind {
                StatementKind::Fail { .. } => Some("fail"),
                StatementKind::Reject { .. } => Some("reject"),
                _ => None,
            };
        }
        scope.leave(mark);
    }

    fn statement(&mut self, statement: &Statement, context: &BodyContext<'a>, scope: &mut Scope<'a>) {
        if context.own.is_some() {
            self.allowed_in_fold(statement);
        }
        match &statement.kind {
            StatementKind::Put { table, arguments } => {
                self.put(table.as_ref(), arguments, statement.span, context, scope)
            }
            StatementKind::Add { table, arguments } => self.add(table, arguments, statement.span, context, scope),
            StatementKind::Delete { table, key } => {
                if let Some(table) = self.table_named(table, context) {
                    self.row_key(table, key, scope);
                }
            }
            StatementKind::Update { table, key, column, op, value } => {
                if let Some(table) = self.table_named(table, context) {
                    self.row_key(table, key, scope);
                    self.assign(table, column, *op, value, scope);
                }
            }
            StatementKind::UpdateOwn { column, op, value } => match context.own {
                Some(table) => self.assign(table, column, *op, value, scope),
                None => {
                    let text = format!("`{}` cannot be changed", column.value);
                    self.error(
                        Code::Type,
                        column.span,
                        text,
                        "change a row: `table[key].column = value`; name a new value: `let x = value`",
                    );
                }
            },
            StatementKind::If { condition, then, otherwise } => {
                self.expect_bool(condition, scope, "the condition");
                self.body(then, context, scope);
                self.body(otherwise, context, scope);
            }
            StatementKind::Chance { then, otherwise, .. } => {
                self.body(then, context, scope);
                self.body(otherwise, context, scope);
            }
            StatementKind::Emit { message, arguments } | StatementKind::Send { message, arguments } => {
                self.outgoing(message, arguments, statement.span, context, scope);
            }
            StatementKind::Call { target, arguments, latency } => {
                self.call(target, arguments, latency.as_ref(), context, scope)
            }
            StatementKind::Let { name, value } => {
                let mut kind = self.kind(value, scope);
                if !matches!(kind, Kind::Any | Kind::Plain(_) | Kind::EmptyList) {
                    let text = format!("`let` names a value, but this is {}", kind.show());
                    self.error(Code::Type, value.span, text, "name a column of it: `let left = items[sku].left`");
                    kind = Kind::Any;
                }
                scope.add(&name.value, kind);
            }
            StatementKind::Sleep { duration } => self.literal_time(duration, false, "a sleep"),
            StatementKind::Commit | StatementKind::Fail { .. } | StatementKind::Reject { .. } => {}
        }
    }

    fn allowed_in_fold(&mut self, statement: &Statement) {
        let word = match &statement.kind {
            StatementKind::Emit { .. } => "emit",
            StatementKind::Send { .. } => "send",
            StatementKind::Call { .. } => "call",
            StatementKind::Chance { .. } => "chance",
            StatementKind::Commit => "commit",
            _ => return,
        };
        let text = format!("a projection cannot `{word}`: it only folds events into its own rows");
        self.error(Code::Conflict, statement.span, text, "do it in a service that handles the event");
    }

    fn literal_time(&mut self, expr: &Expr, range: bool, what: &str) {
        let mend = match (&expr.kind, range) {
            (ExprKind::Duration(_), _) => return,
            (ExprKind::Range(least, most), true) => match (&least.kind, &most.kind) {
                (ExprKind::Duration(least), ExprKind::Duration(most)) if least <= most => return,
                (ExprKind::Duration(_), ExprKind::Duration(_)) => "write the shorter one first".to_owned(),
                _ => "give both ends a unit: `20ms..2s`".to_owned(),
            },
            (ExprKind::Int(number), _) => format!("give it a unit: `{number}ms`"),
            (_, true) => "write `20ms` or `20ms..2s`".to_owned(),
            (_, false) => "write `20ms`".to_owned(),
        };
        let wanted = if range { "a duration, or a range from short to long" } else { "one duration" };
        self.error(Code::Type, expr.span, format!("{what} must be {wanted}"), mend);
    }

    fn table_named(&mut self, name: &Ident, context: &BodyContext<'a>) -> Option<&'a Table> {
        let own = context.own.filter(|table| table.name.value == name.value);
        let found = own.or_else(|| context.service?.tables.get(&name.value));
        if found.is_none() {
            let tables = context.service.iter().flat_map(|service| service.tables.keys()).map(String::as_str);
            let tables: Vec<&str> = tables.chain(context.own.map(|table| table.name.value.as_str())).collect();
            let owner =
                context.service.map_or_else(String::new, |service| format!(" in service `{}`", service.name.value));
            let elsewhere = self.scenario.services.values().find(|service| service.tables.contains_key(&name.value));
            let mend = match elsewhere {
                Some(other) => format!(
                    "`{}` belongs to service `{}`; a service changes only its own tables: send it a message",
                    name.value, other.name.value
                ),
                None => suggest::mend(&name.value, "table", tables),
            };
            self.error(Code::UnknownName, name.span, format!("unknown table `{}`{owner}", name.value), mend);
        }
        found
    }

    fn assign(&mut self, table: &Table, name: &Ident, op: UpdateOp, value: &Expr, scope: &mut Scope<'a>) {
        let Some(column) = self.column(table, name) else { return };
        if table.key.as_ref().is_some_and(|key| key.name.value == name.value) {
            let text = format!("`{}` is the key of `{}` and cannot be changed", name.value, table.name.value);
            self.error(Code::Type, name.span, text, "delete the row and put another");
        }
        if op != UpdateOp::Set && !matches!(column.ty, Type::Int | Type::Decimal | Type::Duration) {
            let text = format!("column `{}` is a {}, which cannot be added to", name.value, column.ty.show());
            self.error(Code::Type, name.span, text, "assign it with `=`");
            return;
        }
        let what = format!("column `{}`", name.value);
        let ty = column.ty.clone();
        self.expect_type(&ty, value, scope, &what);
    }

    fn column<'t>(&mut self, table: &'t Table, name: &Ident) -> Option<&'t Column> {
        let found = table.column(&name.value);
        if found.is_none() {
            let text = format!("table `{}` has no column `{}`", table.name.value, name.value);
            self.error(Code::UnknownName, name.span, text, suggest::mend(&name.value, "column", columns(table)));
        }
        found
    }

    fn put(
        &mut self,
        table: Option<&Ident>,
        arguments: &[Argument],
        span: Span,
        context: &BodyContext<'a>,
        scope: &mut Scope<'a>,
    ) {
        let target = match (table, context.own) {
            (Some(name), _) => self.table_named(name, context),
            (None, Some(own)) => Some(own),
            (None, None) => {
                self.error(
                    Code::Syntax,
                    span,
                    "`put` does not say into which table",
                    "write `put table(key, column = value)`",
                );
                None
            }
        };
        let Some(target) = target else { return };
        let Some(key) = &target.key else {
            let text = format!("table `{}` has no key: rows are only added to it", target.name.value);
            self.error(Code::Type, span, text, format!("write `add {}(..)`", target.name.value));
            return;
        };
        let key_given = self.row_fields(target, arguments, scope, true);
        let implied = table.is_none() || context.copied.iter().any(|field| field.name.value == key.name.value);
        if !key_given && !implied {
            let text = format!("`put` does not give the key `{}` of `{}`", key.name.value, target.name.value);
            self.error(Code::Gap, span, text, format!("write `put {}(KEY, ..)`", target.name.value));
        }
        if !key_given && table.is_none() && !context.copied.iter().any(|field| field.name.value == key.name.value) {
            let text =
                format!("{} has no field `{}`, the key of `{}`", context.from, key.name.value, target.name.value);
            self.error(Code::Gap, span, text, "give the key first: `put (KEY, column = value)`");
        }
    }

    fn add(
        &mut self,
        table: &Ident,
        arguments: &[Argument],
        span: Span,
        context: &BodyContext<'a>,
        scope: &mut Scope<'a>,
    ) {
        let Some(target) = self.table_named(table, context) else { return };
        self.row_fields(target, arguments, scope, false);
        let gaps: Vec<&Column> = target
            .all_columns()
            .filter(|column| column.default.is_none() && !given(arguments, column, target, context.copied))
            .collect();
        for column in gaps {
            let text = format!("`add` does not give `{}` of `{}`", column.name.value, target.name.value);
            let error = Diagnostic::error(Code::Gap, span, text).related(column.name.span, "the column");
            self.report.push(error.mend(format!("add `{} = ..`, or give the column a default", column.name.value)));
        }
    }

    /// Checks the fields given to a row; tells whether the key is among them.
    fn row_fields(&mut self, table: &Table, arguments: &[Argument], scope: &mut Scope<'a>, key_first: bool) -> bool {
        let mut key_given = false;
        for (at, argument) in arguments.iter().enumerate() {
            let pun = pun(argument, table);
            match (&argument.name, &table.key) {
                (Some(name), key) => {
                    key_given |= key.as_ref().is_some_and(|key| key.name.value == name.value);
                    if let Some(column) = self.column(table, name) {
                        let (ty, what) = (column.ty.clone(), format!("column `{}`", name.value));
                        self.expect_type(&ty, &argument.value, scope, &what);
                    }
                }
                (None, Some(_)) if at == 0 && (key_first || pun.is_none()) => {
                    key_given = true;
                    self.row_key(table, &argument.value, scope);
                }
                (None, _) => match pun {
                    Some(column) => {
                        let (ty, what) = (column.ty.clone(), format!("column `{}`", column.name.value));
                        self.expect_type(&ty, &argument.value, scope, &what);
                    }
                    None => {
                        let mend = format!(
                            "name the column: `{} = ..`",
                            table.columns.first().map_or("column", |column| &column.name.value)
                        );
                        self.error(Code::Syntax, argument.value.span, "this value has no column", mend);
                    }
                },
            }
        }
        key_given
    }

    fn outgoing(
        &mut self,
        name: &MessageName,
        arguments: &[Argument],
        span: Span,
        context: &BodyContext<'a>,
        scope: &mut Scope<'a>,
    ) {
        let Some(message) = self.message(&name.name) else {
            for argument in arguments {
                self.kind(&argument.value, scope);
            }
            return;
        };
        if self.scenario.home(&name.name.value).is_none() {
            let text = format!("no channel carries `{}`, so it cannot be emitted or sent", name.name.value);
            self.error(
                Code::Conflict,
                name.name.span,
                text,
                format!("list it under `carries` of a channel, or ask with `call {}`", name.name.value),
            );
        }
        let numbers = match &name.version {
            Some(version) => {
                let text = format!("a body does not choose the version of `{}`: its service does", name.name.value);
                let mend = format!(
                    "write `{}`, and roll the version out with `deploys: [{{ service: .., emits: {}@{}, at: 90s }}]`",
                    name.name.value, name.name.value, version.value
                );
                self.error(Code::Conflict, version.span, text, mend);
                return;
            }
            None => context
                .service
                .map_or(Vec::new(), |service| emitted_versions(self.scenario, &service.name.value, message)),
        };
        self.fields(message, &numbers, arguments, span, context, scope);
    }

    /// Fields given to a message, and the gaps they leave.
    fn fields(
        &mut self,
        message: &Message,
        numbers: &[u32],
        arguments: &[Argument],
        span: Span,
        context: &BodyContext<'a>,
        scope: &mut Scope<'a>,
    ) {
        let mut named: Vec<&str> = Vec::new();
        for argument in arguments {
            let bare = if let ExprKind::Name(name) = &argument.value.kind { Some(name.as_str()) } else { None };
            let (name, at) = match (&argument.name, bare) {
                (Some(name), _) => (name.value.as_str(), name.span),
                (None, Some(bare)) => (bare, argument.value.span),
                (None, None) => {
                    self.error(Code::Syntax, argument.value.span, "this value has no field", "write `field = value`");
                    continue;
                }
            };
            named.push(name);
            let known = message.versions.iter().rev().flat_map(|version| &version.fields);
            match known.clone().find(|field| field.name.value == name) {
                Some(field) => {
                    let (ty, what) = (field.ty.clone(), format!("field `{name}` of `{}`", message.name.value));
                    self.expect_type(&ty, &argument.value, scope, &what);
                }
                None => {
                    let mend = suggest::mend(name, "field", known.map(|field| field.name.value.as_str()));
                    self.error(
                        Code::UnknownName,
                        at,
                        format!("message `{}` has no field `{name}`", message.name.value),
                        mend,
                    );
                }
            }
        }
        for version in message.versions.iter().filter(|version| numbers.contains(&version.number)) {
            for field in version
                .fields
                .iter()
                .filter(|field| !named.contains(&field.name.value.as_str()) && field.default.is_none())
            {
                self.gap(message, field, span, context, scope);
            }
        }
    }

    fn gap(&mut self, message: &Message, field: &Column, span: Span, context: &BodyContext<'a>, scope: &Scope<'a>) {
        let name = &field.name.value;
        let copied = context.copied.iter().find(|copied| copied.name.value == *name);
        let (text, mend) = match copied {
            Some(copied) if fits(&field.ty, &Kind::Plain(copied.ty.clone())) => return,
            Some(copied) => {
                let (wants, has) = (field.ty.show(), copied.ty.show());
                let text = format!(
                    "field `{name}` of `{}` is a {wants}, but {} has a {has} of that name",
                    message.name.value, context.from
                );
                (text, format!("give it: `{name} = ..`"))
            }
            None => {
                let text = format!(
                    "nothing gives the field `{name}` of `{}`: {} has no field of that name",
                    message.name.value, context.from
                );
                let local = scope
                    .find(name)
                    .map(|_| format!("a value named with `let` is not copied: write `{name} = {name}`"));
                (text, local.unwrap_or_else(|| format!("give it: `{name} = ..`, or give the field a default")))
            }
        };
        self.report.push(Diagnostic::error(Code::Gap, span, text).related(field.name.span, "the field").mend(mend));
    }

    fn call(
        &mut self,
        target: &Ident,
        arguments: &[Argument],
        latency: Option<&Expr>,
        context: &BodyContext<'a>,
        scope: &mut Scope<'a>,
    ) {
        if let Some(latency) = latency {
            self.literal_time(latency, true, "a latency");
        }
        let Some(message) = self.scenario.messages.get(&target.value) else {
            if arguments.len() > 1 || arguments.iter().any(|argument| argument.name.is_some()) {
                let mend = format!("write `call {}(order_id)`", target.value);
                self.error(
                    Code::Syntax,
                    target.span,
                    "a call to an external system takes one value, its business key",
                    mend,
                );
            }
            for argument in arguments {
                self.kind(&argument.value, scope);
            }
            return;
        };
        if self.scenario.home(&target.value).is_none() {
            let text = format!("`{}` is a request to another service, and a body cannot wait for one", target.value);
            self.error(
                Code::Conflict,
                target.span,
                text,
                "carry it on a channel and `send` it, or `call` an external system",
            );
            return;
        }
        if let Some(channel) = self.scenario.home(&target.value) {
            let text =
                format!("`{}` is carried by channel `{}`, so it is not called", target.value, channel.name.value);
            self.error(
                Code::Conflict,
                target.span,
                text,
                format!("write `send {}` or `emit {}`", target.value, target.value),
            );
        }
        let numbers: Vec<u32> = message.newest().map(|version| version.number).into_iter().collect();
        self.fields(message, &numbers, arguments, target.span, context, scope);
    }
}

/// A bare name that is a column: `add charges(order_id, ..)` is `order_id = order_id`.
pub(crate) fn pun<'t>(argument: &Argument, table: &'t Table) -> Option<&'t Column> {
    match (&argument.name, &argument.value.kind) {
        (None, ExprKind::Name(name)) => table.column(name),
        _ => None,
    }
}

fn given(arguments: &[Argument], column: &Column, table: &Table, copied: &[Column]) -> bool {
    let name = &column.name.value;
    let is_key = table.key.as_ref().is_some_and(|key| key.name.value == *name);
    let by_name = arguments.iter().any(|argument| argument.name.as_ref().is_some_and(|given| given.value == *name));
    let by_pun = arguments.iter().any(|argument| pun(argument, table).is_some_and(|column| column.name.value == *name));
    let by_place = is_key && arguments.first().is_some_and(|argument| argument.name.is_none());
    by_name || by_pun || by_place || copied.iter().any(|field| field.name.value == *name)
}
