//! Expressions to the world's compiled form. The analysis has typed them already.

use ordain_kernel::Sym;
use ordain_world::Value;
use ordain_world::expr::{Expr, Fold, Op};
use ordain_world::fact::Gauge;
use ordain_world::spec::{Col, TableId};

use crate::lower::scope::{Bind, Scope};
use crate::lower::{Lowered, Lowering, constants, refuse};
use crate::source::Span;
use crate::syntax::ast::{self as ast, BinaryOp, ExprKind, Ident, UnaryOp};

/// What an expression comes to: a value, or something that is only part of one.
enum Part {
    Value(Expr),
    Table(TableId),
    /// A row by its key.
    Row(TableId, Expr),
    /// The row in scope.
    Here(TableId),
    Groups(TableId, Option<Col>),
    Group(TableId),
    /// A column of all rows of a table; without the table, of the group in scope.
    Column(Option<TableId>, Expr),
    Service(ordain_world::spec::ServiceId, String),
    Dedup(ordain_world::spec::ServiceId),
    Sagas,
    Saga(ordain_world::spec::SagaId),
    Envelope,
    External(Expr),
}

impl Lowering<'_> {
    /// An expression that has a value.
    pub(super) fn expr(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Lowered<Expr> {
        match self.part(expr, scope)? {
            Part::Value(value) => Ok(value),
            _ => refuse(expr.span, "this has no value of its own", "name a column or a counter of it"),
        }
    }

    fn boxed(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Lowered<Box<Expr>> {
        self.expr(expr, scope).map(Box::new)
    }

    fn part(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Lowered<Part> {
        let value = match &expr.kind {
            ExprKind::Null => Expr::Const(Value::Nil),
            ExprKind::Bool(value) => Expr::Const(Value::Bool(*value)),
            ExprKind::Int(value) => Expr::Const(Value::Int(*value)),
            ExprKind::Decimal(value) => Expr::Const(Value::Dec(constants::decimal(*value, expr)?)),
            ExprKind::Text(text) => Expr::Const(Value::Str(self.spec.names.intern(text))),
            ExprKind::Duration(value) => Expr::Const(Value::Span(i64::try_from(value.as_nanos()).unwrap_or(i64::MAX))),
            ExprKind::Percent(_) => return refuse(expr.span, "a percentage is not a value", "use it after `chance`"),
            ExprKind::Name(name) => return self.name(name, expr.span, scope),
            ExprKind::Field(base, field) => return self.field(base, field, scope),
            ExprKind::Index(base, index) => {
                let Part::Table(table) = self.part(base, scope)? else {
                    return refuse(base.span, "only tables can be indexed", "name a table");
                };
                let key = self.expr(index, scope)?;
                return Ok(Part::Row(table, key));
            }
            ExprKind::Call(name, arguments) => self.function(name, arguments, scope)?,
            ExprKind::Method(base, name, arguments) => return self.method(base, name, arguments, scope),
            ExprKind::List(items) => self.list(items, scope)?,
            ExprKind::Range(..) => {
                return refuse(expr.span, "a range is not a value", "use it after `in`, or in `load`");
            }
            ExprKind::Unary(UnaryOp::Not, operand) => Expr::Not(self.boxed(operand, scope)?),
            ExprKind::Unary(UnaryOp::Minus, operand) => match self.expr(operand, scope)? {
                Expr::Const(Value::Int(value)) => Expr::Const(Value::Int(value.saturating_neg())),
                other => Expr::Neg(Box::new(other)),
            },
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, scope)?,
            ExprKind::Ternary(condition, yes, no) => {
                let condition = self.boxed(condition, scope)?;
                let yes = self.boxed(yes, scope)?;
                Expr::If(condition, yes, self.boxed(no, scope)?)
            }
        };
        Ok(Part::Value(value))
    }

    fn list(&mut self, items: &[ast::Expr], scope: &mut Scope) -> Lowered<Expr> {
        let items: Vec<Expr> = items.iter().map(|item| self.expr(item, scope)).collect::<Lowered<_>>()?;
        let constant = |item: &Expr| if let Expr::Const(value) = item { Some(value.clone()) } else { None };
        // A list of constants is itself one: `x in ['A', 'B']` allocates nothing.
        let values: Option<Vec<Value>> = items.iter().map(constant).collect();
        Ok(values.map_or(Expr::List(items), |values| Expr::Const(constants::list(values))))
    }

    fn name(&mut self, name: &str, span: Span, scope: &Scope) -> Lowered<Part> {
        let Some(bind) = scope.find(name).cloned() else {
            return refuse(span, format!("unknown name `{name}`"), "declare it");
        };
        Ok(match bind {
            Bind::Field(at) => Part::Value(Expr::Field(at)),
            Bind::Local(at) => Part::Value(Expr::Local(at)),
            Bind::Table(table) => Part::Table(table),
            Bind::Own(col) => Part::Value(self.own_column(col, scope)),
            Bind::Row(table) => Part::Here(table),
            Bind::Group(table) => Part::Group(table),
            Bind::Envelope => Part::Envelope,
            Bind::Service(id, name) => Part::Service(id, name),
            Bind::Sagas => Part::Sagas,
            Bind::Count(expr) => Part::Value(expr),
            Bind::External(expr) => Part::External(expr),
        })
    }

    /// A column of the projection's own row; its default, or nil, while there is no row yet.
    fn own_column(&self, col: Col, scope: &Scope) -> Expr {
        let Some((table, key)) = &scope.own else { return Expr::Col(col) };
        let value = if scope.in_row { Expr::Col(col) } else { Expr::At(*table, Box::new(key.clone()), col) };
        self.if_there(*table, key, col, value)
    }

    /// The value where the row is there, else the column's default, or nil.
    pub(super) fn if_there(&self, table: TableId, key: &Expr, col: Col, value: Expr) -> Expr {
        let default = self.default_of(table, col).unwrap_or_default();
        let has = Expr::Has(table, Box::new(key.clone()));
        Expr::If(Box::new(has), Box::new(value), Box::new(Expr::Const(default)))
    }

    fn field(&mut self, base: &ast::Expr, field: &Ident, scope: &mut Scope) -> Lowered<Part> {
        let name = field.value.as_str();
        let unknown = || refuse(field.span, format!("unknown field `{name}`"), "name a column or a counter");
        Ok(match self.part(base, scope)? {
            Part::Here(table) => Part::Value(self.column_here(table, field)?),
            Part::Row(table, key) => Part::Value(match self.column(table, field)? {
                Some(col) => Expr::At(table, Box::new(key), col),
                None => key,
            }),
            Part::Table(table) => Part::Column(Some(table), self.column_here(table, field)?),
            Part::Group(table) => Part::Column(None, self.column_here(table, field)?),
            Part::Service(id, service) => match (name, self.table_ids.get(&(service.as_str(), name))) {
                (_, Some(table)) => Part::Table(*table),
                ("dedup", None) => Part::Dedup(id),
                ("crashes", None) => Part::Value(Expr::Gauge(Gauge::Crashes(id))),
                _ => return unknown(),
            },
            Part::Dedup(id) => Part::Value(Expr::Gauge(Gauge::DedupHits(id))),
            Part::Sagas => match self.saga_ids.get(name) {
                Some(id) => Part::Saga(*id),
                None => return unknown(),
            },
            Part::Saga(id) => Part::Value(Expr::Gauge(match name {
                "done" => Gauge::SagaDone(id),
                "undone" => Gauge::SagaUndone(id),
                "stuck" => Gauge::SagaStuck(id),
                "open" => Gauge::SagaOpen(id),
                _ => return unknown(),
            })),
            Part::Envelope => Part::Value(Expr::MessageId),
            Part::External(count) => Part::Value(count),
            Part::Value(_) | Part::Groups(..) | Part::Column(..) => return unknown(),
        })
    }

    /// A column of the row in scope.
    fn column_here(&self, table: TableId, name: &Ident) -> Lowered<Expr> {
        Ok(self.column(table, name)?.map_or(Expr::RowKey, Expr::Col))
    }

    /// A column by name; `None` is the key.
    pub(super) fn column(&self, table: TableId, name: &Ident) -> Lowered<Option<Col>> {
        let spec = &self.spec.tables[table.at()];
        let sym: Option<Sym> = self.spec.names.find(&name.value);
        if sym.is_some() && spec.key == sym {
            return Ok(None);
        }
        match spec.columns.iter().position(|(column, _)| Some(*column) == sym) {
            Some(at) => Ok(Some(Col(at as u16))),
            None => refuse(name.span, format!("unknown column `{}`", name.value), "name a column of the table"),
        }
    }

    fn function(&mut self, name: &Ident, arguments: &[ast::Expr], scope: &mut Scope) -> Lowered<Expr> {
        let choose = |op: Op, a: Expr, b: Expr| {
            let test = Expr::Bin(op, Box::new(a.clone()), Box::new(b.clone()));
            Expr::If(Box::new(test), Box::new(a), Box::new(b))
        };
        match (name.value.as_str(), arguments) {
            ("size", [whole]) => self.size(whole, scope),
            ("now", []) => Ok(Expr::Now),
            ("abs", [number]) => {
                let number = self.expr(number, scope)?;
                let negative = Expr::Bin(Op::Lt, Box::new(number.clone()), Box::new(Expr::Const(Value::Int(0))));
                Ok(Expr::If(Box::new(negative), Box::new(Expr::Neg(Box::new(number.clone()))), Box::new(number)))
            }
            ("min" | "max", [first, rest @ ..]) => {
                let op = if name.value == "min" { Op::Le } else { Op::Ge };
                let mut best = self.expr(first, scope)?;
                for next in rest {
                    best = choose(op, best, self.expr(next, scope)?);
                }
                Ok(best)
            }
            _ => refuse(name.span, format!("`{}` cannot be used here", name.value), "it belongs in `load`"),
        }
    }

    fn size(&mut self, whole: &ast::Expr, scope: &mut Scope) -> Lowered<Expr> {
        Ok(match self.part(whole, scope)? {
            Part::Table(table) => Expr::Rows(table),
            Part::Group(_) => Expr::Over(Fold::Count, Box::new(truth(true))),
            // A channel is its counter already.
            Part::Value(counter @ (Expr::Gauge(_) | Expr::Bin(..))) if matches!(whole.kind, ExprKind::Name(_)) => {
                counter
            }
            Part::Value(value) => Expr::Size(Box::new(value)),
            _ => return refuse(whole.span, "this has no size", "use `size` on a table, a channel, a list or a text"),
        })
    }

    fn method(&mut self, base: &ast::Expr, name: &Ident, arguments: &[ast::Expr], scope: &mut Scope) -> Lowered<Part> {
        let part = self.part(base, scope)?;
        let value = match (part, name.value.as_str(), arguments) {
            (Part::Table(table), "by", [column]) => {
                let ExprKind::Name(column_name) = &column.kind else {
                    return refuse(column.span, "expected a column", "write `.by(column)`");
                };
                let column = self.column(table, &Ident::new(column_name.clone(), column.span))?;
                return Ok(Part::Groups(table, column));
            }
            (Part::Table(table), "all", [row, test]) => {
                Expr::All(table, Box::new(self.lambda(row, Bind::Row(table), test, scope)?))
            }
            (Part::Table(table), "exists", [row, test]) => {
                Expr::Exists(table, Box::new(self.lambda(row, Bind::Row(table), test, scope)?))
            }
            (Part::Table(table), "count", []) => Expr::Rows(table),
            (Part::Table(table), "count", [row, test]) => {
                Expr::OverTable(table, Fold::Count, Box::new(self.lambda(row, Bind::Row(table), test, scope)?))
            }
            (Part::Groups(table, by), "all", [group, test]) => {
                Expr::AllGroups(table, vec![by], Box::new(self.lambda(group, Bind::Group(table), test, scope)?))
            }
            (Part::Groups(table, by), "exists", [group, test]) => {
                let test = self.lambda(group, Bind::Group(table), test, scope)?;
                Expr::Not(Box::new(Expr::AllGroups(table, vec![by], Box::new(Expr::Not(Box::new(test))))))
            }
            (Part::Group(_), "count", []) => Expr::Over(Fold::Count, Box::new(truth(true))),
            (Part::Group(table), word @ ("all" | "exists" | "count"), [row, test]) => {
                let test = self.lambda(row, Bind::Row(table), test, scope)?;
                self.over_group(word, test)
            }
            (Part::Column(table, column), word @ ("sum" | "min" | "max" | "count"), []) => {
                let fold = match word {
                    "sum" => Fold::Sum,
                    "min" => Fold::Min,
                    "max" => Fold::Max,
                    _ => Fold::Count,
                };
                let column = if fold == Fold::Count { truth(true) } else { column };
                table.map_or_else(
                    || Expr::Over(fold, Box::new(column.clone())),
                    |table| Expr::OverTable(table, fold, Box::new(column.clone())),
                )
            }
            _ => {
                return refuse(
                    name.span,
                    format!("`.{}` cannot be used here", name.value),
                    "use it on a table, a group or a column",
                );
            }
        };
        Ok(Part::Value(value))
    }

    fn over_group(&self, word: &str, test: Expr) -> Expr {
        let count = |test: Expr| Expr::Over(Fold::Count, Box::new(test));
        let zero = Box::new(Expr::Const(Value::Int(0)));
        match word {
            "all" => Expr::Bin(Op::Eq, Box::new(count(Expr::Not(Box::new(test)))), zero),
            "exists" => Expr::Bin(Op::Gt, Box::new(count(test)), zero),
            _ => count(test),
        }
    }

    fn lambda(&mut self, variable: &ast::Expr, bind: Bind, test: &ast::Expr, scope: &mut Scope) -> Lowered<Expr> {
        let ExprKind::Name(name) = &variable.kind else {
            return refuse(variable.span, "expected a name", "write `.all(row, ..)`");
        };
        let mark = scope.enter();
        scope.add(name, bind);
        let test = self.expr(test, scope);
        scope.leave(mark);
        test
    }

    fn binary(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, scope: &mut Scope) -> Lowered<Expr> {
        let op = match op {
            BinaryOp::Or => {
                let left = self.boxed(left, scope)?;
                return Ok(Expr::Or(left, self.boxed(right, scope)?));
            }
            BinaryOp::And => {
                let left = self.boxed(left, scope)?;
                return Ok(Expr::And(left, self.boxed(right, scope)?));
            }
            BinaryOp::In => return self.contains(left, right, scope),
            BinaryOp::Equal | BinaryOp::NotEqual => return self.equal(op == BinaryOp::Equal, left, right, scope),
            BinaryOp::Less => Op::Lt,
            BinaryOp::LessOrEqual => Op::Le,
            BinaryOp::Greater => Op::Gt,
            BinaryOp::GreaterOrEqual => Op::Ge,
            BinaryOp::Plus => Op::Add,
            BinaryOp::Minus => Op::Sub,
            BinaryOp::Times => Op::Mul,
            BinaryOp::Over => Op::Div,
            BinaryOp::Remainder => Op::Rem,
        };
        let left = self.boxed(left, scope)?;
        Ok(Expr::Bin(op, left, self.boxed(right, scope)?))
    }

    /// Equality; a row compared with `null` asks whether it is there.
    fn equal(&mut self, equal: bool, left: &ast::Expr, right: &ast::Expr, scope: &mut Scope) -> Lowered<Expr> {
        let sides = (self.part(left, scope)?, self.part(right, scope)?);
        match sides {
            (Part::Row(table, key), Part::Value(_)) | (Part::Value(_), Part::Row(table, key)) => {
                let has = Expr::Has(table, Box::new(key));
                Ok(if equal { Expr::Not(Box::new(has)) } else { has })
            }
            (Part::Value(a), Part::Value(b)) => {
                Ok(Expr::Bin(if equal { Op::Eq } else { Op::Ne }, Box::new(a), Box::new(b)))
            }
            _ => refuse(left.span.to(right.span), "these have no value to compare", "compare columns"),
        }
    }

    /// `x in list`, `key in table`, `x in 1..3`.
    fn contains(&mut self, item: &ast::Expr, whole: &ast::Expr, scope: &mut Scope) -> Lowered<Expr> {
        let item = self.boxed(item, scope)?;
        if let ExprKind::Range(least, most) = &whole.kind {
            let (least, most) = (self.boxed(least, scope)?, self.boxed(most, scope)?);
            let above = Expr::Bin(Op::Ge, item.clone(), least);
            return Ok(Expr::And(Box::new(above), Box::new(Expr::Bin(Op::Le, item, most))));
        }
        match self.part(whole, scope)? {
            Part::Table(table) => Ok(Expr::Has(table, item)),
            Part::Value(list) => Ok(Expr::Bin(Op::In, item, Box::new(list))),
            _ => refuse(whole.span, "this cannot be searched", "use a list or a table"),
        }
    }
}

/// A truth value.
pub(super) fn truth(value: bool) -> Expr {
    Expr::Const(Value::Bool(value))
}
