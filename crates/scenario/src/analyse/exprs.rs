//! The type checker of expressions.

use crate::analyse::Analysis;
use crate::analyse::kinds::{Kind, comparable, fits, ordered};
use crate::analyse::scope::{Place, Scope};
use crate::diag::Code;
use crate::model::{Table, Type};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Ident, UnaryOp};

/// Functions, and where they can be called.
const FUNCTIONS: [(&str, &[Place]); 7] = [
    ("size", &[Place::Body, Place::Check]),
    ("oneof", &[Place::Load]),
    ("ordinal", &[Place::Load]),
    ("now", &[Place::Body]),
    ("abs", &[Place::Body, Place::Load, Place::Check]),
    ("min", &[Place::Body, Place::Load, Place::Check]),
    ("max", &[Place::Body, Place::Load, Place::Check]),
];

/// Methods of lists, tables and groups.
const METHODS: [&str; 7] = ["all", "exists", "by", "count", "sum", "min", "max"];

/// All functions and all methods.
#[cfg(test)]
pub(crate) fn words() -> (Vec<&'static str>, Vec<&'static str>) {
    (FUNCTIONS.iter().map(|(name, _)| *name).collect(), METHODS.to_vec())
}

impl<'a> Analysis<'a> {
    /// The kind of an expression; what is wrong is reported, once.
    pub(super) fn kind(&mut self, expr: &Expr, scope: &mut Scope<'a>) -> Kind<'a> {
        match &expr.kind {
            ExprKind::Null => Kind::Null,
            ExprKind::Bool(_) => Kind::BOOL,
            ExprKind::Int(_) => Kind::INT,
            ExprKind::Decimal(_) => Kind::Plain(Type::Decimal),
            ExprKind::Text(_) => Kind::Plain(Type::Text),
            ExprKind::Duration(_) => Kind::Plain(Type::Duration),
            ExprKind::Percent(_) => Kind::Percent,
            ExprKind::Name(name) => self.name_kind(name, expr.span, scope),
            ExprKind::Field(base, field) => self.field_kind(base, field, scope),
            ExprKind::Index(base, index) => self.index_kind(base, index, scope),
            ExprKind::Call(name, arguments) => self.call_kind(name, arguments, expr.span, scope),
            ExprKind::Method(base, name, arguments) => self.method_kind(base, name, arguments, scope),
            ExprKind::List(items) => self.list_kind(items, scope),
            ExprKind::Range(least, most) => self.range_kind(least, most, expr.span, scope),
            ExprKind::Unary(op, operand) => self.unary_kind(*op, operand, scope),
            ExprKind::Binary(op, left, right) => self.binary_kind(*op, (left, right), expr.span, scope),
            ExprKind::Ternary(condition, yes, no) => self.ternary_kind(condition, (yes, no), expr.span, scope),
        }
    }

    /// The expression must be a bool.
    pub(super) fn expect_bool(&mut self, expr: &Expr, scope: &mut Scope<'a>, what: &str) {
        let kind = self.kind(expr, scope);
        if !kind.is_bool() {
            let text = format!("{what} must be true or false, but this is {}", kind.show());
            self.error(Code::Type, expr.span, text, "compare it with something: `==`, `<`, `in` ..");
        }
    }

    /// The expression must fit a type.
    pub(super) fn expect_type(&mut self, wanted: &Type, expr: &Expr, scope: &mut Scope<'a>, what: &str) {
        let kind = self.kind(expr, scope);
        let drawn = scope.place == Place::Load && matches!(&kind, Kind::Range(ty) if ty == wanted);
        if fits(wanted, &kind) || drawn {
            return;
        }
        let text = format!("{what} is {}, but this is {}", Kind::Plain(wanted.clone()).show(), kind.show());
        let mend = match (wanted, &expr.kind) {
            (Type::Text | Type::Id, ExprKind::Int(number)) => format!("write it in quotes: '{number}'"),
            (Type::Duration, ExprKind::Int(number)) => format!("give it a unit: `{number}s` or `{number}ms`"),
            (_, ExprKind::Range(..)) => "a range is drawn from in `load` only; give one value here".to_owned(),
            _ => format!("give {}", Kind::Plain(wanted.clone()).show()),
        };
        self.error(Code::Type, expr.span, text, mend);
    }

    fn name_kind(&mut self, name: &str, span: Span, scope: &Scope<'a>) -> Kind<'a> {
        if let Some(kind) = scope.find(name) {
            let kind = kind.clone();
            if scope.is_hidden(name) {
                let text = format!(
                    "`{name}` is a row of an outer `.all` or `.exists`; only the innermost row can be looked at"
                );
                self.error(Code::Type, span, text, "take the row by its key: `table[key]`");
            }
            return kind;
        }
        let bare_word = matches!(scope.place, Place::Load | Place::Constant);
        let near = suggest::nearest(name, scope.names());
        let mend = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if bare_word => format!("a text stands in quotes: \"'{name}'\""),
            None => {
                let names: Vec<&str> = scope.names().collect();
                format!("the names here are {}; a text stands in quotes: '{name}'", suggest::list(&names))
            }
        };
        self.error(Code::UnknownName, span, format!("unknown name `{name}`"), mend);
        Kind::Any
    }

    fn field_kind(&mut self, base: &Expr, field: &Ident, scope: &mut Scope<'a>) -> Kind<'a> {
        let base = self.kind(base, scope);
        let name = field.value.as_str();
        let (found, names): (Option<Kind<'a>>, Vec<&str>) = match &base {
            Kind::Any => return Kind::Any,
            Kind::Row(table) => (column(table, name).map(Kind::Plain), columns(table)),
            Kind::Group(table) | Kind::Table(table) => (column(table, name).map(Kind::Column), columns(table)),
            Kind::External => counters(name, &["effects"]),
            Kind::Service(service) => {
                let table = service.tables.get(name).map(Kind::Table);
                let dedup = (name == "dedup" && service.dedup.is_some()).then_some(Kind::Dedup);
                let crashes = (name == "crashes").then_some(Kind::INT);
                let names = service.tables.keys().map(String::as_str).chain(service.dedup.iter().map(|_| "dedup"));
                (table.or(dedup).or(crashes), names.chain(["crashes"]).collect())
            }
            Kind::Sagas => (
                self.scenario.sagas.get(name).map(Kind::Saga),
                self.scenario.sagas.keys().map(String::as_str).collect(),
            ),
            Kind::Saga(_) => counters(name, &["open", "done", "undone", "stuck"]),
            Kind::Dedup => counters(name, &["hits"]),
            Kind::Envelope => envelope(name),
            _ => (None, Vec::new()),
        };
        found.unwrap_or_else(|| {
            let text = format!("{} has no field `{name}`", base.show());
            let mend = match &base {
                Kind::Groups(_) => "look at each group: `.all(g, ..)`".to_owned(),
                _ if names.is_empty() => "only rows, groups, services and sagas have fields".to_owned(),
                _ => suggest::mend(name, "field", names),
            };
            self.error(Code::UnknownName, field.span, text, mend);
            Kind::Any
        })
    }

    fn index_kind(&mut self, base: &Expr, index: &Expr, scope: &mut Scope<'a>) -> Kind<'a> {
        match self.kind(base, scope) {
            Kind::Table(table) => {
                self.row_key(table, index, scope);
                Kind::Row(table)
            }
            Kind::Any => {
                self.kind(index, scope);
                Kind::Any
            }
            other => {
                self.error(Code::Type, base.span, format!("{} cannot be indexed", other.show()), "only tables can");
                Kind::Any
            }
        }
    }

    /// The key of a row: the table must have one, and of this type.
    pub(super) fn row_key(&mut self, table: &Table, index: &Expr, scope: &mut Scope<'a>) {
        match &table.key {
            Some(key) => {
                let what = format!("the key `{}` of `{}`", key.name.value, table.name.value);
                self.expect_type(&key.ty, index, scope, &what);
            }
            None => {
                let text = format!("table `{}` has no key: rows are only added to it", table.name.value);
                self.error(
                    Code::Type,
                    index.span,
                    text,
                    "give the table a `key`, or look at its rows with `.all`, `.exists` or `.count`",
                );
            }
        }
    }

    fn call_kind(&mut self, name: &Ident, arguments: &[Expr], span: Span, scope: &mut Scope<'a>) -> Kind<'a> {
        let kinds: Vec<Kind<'a>> = arguments.iter().map(|argument| self.kind(argument, scope)).collect();
        let place = scope.place;
        let here = FUNCTIONS.iter().filter(|(_, places)| places.contains(&place)).map(|(name, _)| *name);
        if !here.clone().any(|function| function == name.value) {
            let exists = FUNCTIONS.iter().any(|(function, _)| *function == name.value);
            let text = if exists {
                format!("`{}` cannot be used here", name.value)
            } else {
                format!("unknown function `{}`", name.value)
            };
            self.error(Code::UnknownName, name.span, text, suggest::mend(&name.value, "function", here));
            return Kind::Any;
        }
        let number = |kind: &Kind<'a>| kind.is_number() || matches!(kind, Kind::Plain(Type::Duration));
        let (good, usage, result) = match (name.value.as_str(), kinds.as_slice()) {
            ("size", [kind]) => (has_size(kind), "size(table)", Kind::INT),
            ("oneof", [first, rest @ ..]) => {
                (rest.iter().all(|kind| comparable(first, kind)), "oneof('A', 'B')", first.clone())
            }
            ("ordinal", []) => (true, "", Kind::INT),
            ("now", []) => (true, "", Kind::Plain(Type::Time)),
            ("abs", [kind]) => (number(kind), "abs(number)", kind.clone()),
            ("min" | "max", [first, rest @ ..]) => {
                (number(first) && rest.iter().all(|kind| comparable(first, kind)), "min(a, b)", first.clone())
            }
            ("size", _) => (false, "size(table)", Kind::INT),
            ("oneof", _) => (false, "oneof('A', 'B')", Kind::Any),
            ("ordinal", _) => (false, "ordinal()", Kind::INT),
            ("now", _) => (false, "now()", Kind::Any),
            ("abs", _) => (false, "abs(number)", Kind::Any),
            _ => (false, "min(a, b)", Kind::Any),
        };
        if !good && !kinds.iter().any(|kind| matches!(kind, Kind::Any)) {
            let given: Vec<String> = kinds.iter().map(Kind::show).collect();
            let given = if given.is_empty() { "nothing".to_owned() } else { given.join(" and ") };
            self.error(
                Code::Type,
                span,
                format!("`{}` cannot take {given}", name.value),
                format!("use it as `{usage}`"),
            );
        }
        result
    }

    fn method_kind(&mut self, base: &Expr, name: &Ident, arguments: &[Expr], scope: &mut Scope<'a>) -> Kind<'a> {
        let kind = self.kind(base, scope);
        let item = match &kind {
            Kind::Any => None,
            Kind::Table(table) | Kind::Group(table) => Some(Kind::Row(table)),
            Kind::Groups(table) => Some(Kind::Group(table)),
            Kind::Column(_) => Some(Kind::Any),
            _ => {
                let text = format!("{} has no methods", kind.show());
                self.error(
                    Code::Type,
                    name.span,
                    text,
                    "only tables, groups and their columns have: `.all`, `.exists`, `.by`, `.count`, `.sum` ..",
                );
                return Kind::Any;
            }
        };
        match (name.value.as_str(), arguments) {
            ("all" | "exists", [variable, predicate]) if !matches!(kind, Kind::Column(_)) => {
                self.lambda(variable, item.unwrap_or(Kind::Any), predicate, scope);
                Kind::BOOL
            }
            ("count", []) if !matches!(kind, Kind::Groups(_)) => Kind::INT,
            ("count", [variable, predicate]) if matches!(kind, Kind::Any | Kind::Table(_) | Kind::Group(_)) => {
                self.lambda(variable, item.unwrap_or(Kind::Any), predicate, scope);
                Kind::INT
            }
            ("by", [column]) => self.by_kind(&kind, column),
            ("sum" | "min" | "max", []) => self.fold_kind(&kind, name),
            (method, _) if METHODS.contains(&method) => {
                let usage = match method {
                    "all" | "exists" => format!("{method}(row, row.column > 0)"),
                    "by" => "by(column)".to_owned(),
                    _ => format!("{method}()"),
                };
                let text = format!("`.{method}` of {} cannot take {} arguments", kind.show(), arguments.len());
                self.error(Code::Type, name.span, text, format!("use it as `.{usage}`"));
                Kind::Any
            }
            (method, _) => {
                self.error(
                    Code::UnknownName,
                    name.span,
                    format!("unknown method `{method}`"),
                    suggest::mend(method, "method", METHODS),
                );
                Kind::Any
            }
        }
    }

    fn lambda(&mut self, variable: &Expr, item: Kind<'a>, predicate: &Expr, scope: &mut Scope<'a>) {
        let ExprKind::Name(name) = &variable.kind else {
            self.error(
                Code::Syntax,
                variable.span,
                "expected a name for each row",
                "write `.all(row, row.column > 0)`",
            );
            return;
        };
        let mark = scope.enter();
        scope.add(name, item);
        self.expect_bool(predicate, scope, "the predicate");
        scope.leave(mark);
    }

    fn by_kind(&mut self, kind: &Kind<'a>, argument: &Expr) -> Kind<'a> {
        let Kind::Table(table) = kind else {
            if !matches!(kind, Kind::Any) {
                self.error(
                    Code::Type,
                    argument.span,
                    format!("{} cannot be split by a column", kind.show()),
                    "use `.by` on a table",
                );
            }
            return Kind::Any;
        };
        match &argument.kind {
            ExprKind::Name(name) if column(table, name).is_some() => {}
            ExprKind::Name(name) => {
                let text = format!("table `{}` has no column `{name}`", table.name.value);
                self.error(Code::UnknownName, argument.span, text, suggest::mend(name, "column", columns(table)));
            }
            _ => self.error(Code::Syntax, argument.span, "`.by` takes the name of a column", "write `.by(order_id)`"),
        }
        Kind::Groups(table)
    }

    fn fold_kind(&mut self, kind: &Kind<'a>, name: &Ident) -> Kind<'a> {
        match kind {
            Kind::Column(ty) if matches!(ty, Type::Int | Type::Decimal | Type::Duration) => Kind::Plain(ty.clone()),
            Kind::Any => Kind::Any,
            other => {
                let mend = match other {
                    Kind::Table(_) => "name a column of groups: `table.by(key).all(g, g.column.sum() > 0)`",
                    Kind::Group(_) => "name a column: `g.column.sum()`",
                    _ => "use it on a column of numbers or durations",
                };
                self.error(Code::Type, name.span, format!("{} has no {}", other.show(), name.value), mend);
                Kind::Any
            }
        }
    }

    fn list_kind(&mut self, items: &[Expr], scope: &mut Scope<'a>) -> Kind<'a> {
        let kinds: Vec<Kind<'a>> = items.iter().map(|item| self.kind(item, scope)).collect();
        let Some(first) = kinds.first() else { return Kind::EmptyList };
        for (item, kind) in items.iter().zip(&kinds).skip(1) {
            if !comparable(first, kind) {
                let text = format!("a list holds one type, but here are {} and {}", first.show(), kind.show());
                self.error(Code::Type, item.span, text, "give all items the same type");
                return Kind::Any;
            }
        }
        match first {
            Kind::Plain(ty) => Kind::Plain(Type::List(Box::new(ty.clone()))),
            _ => Kind::Any,
        }
    }

    fn range_kind(&mut self, least: &Expr, most: &Expr, span: Span, scope: &mut Scope<'a>) -> Kind<'a> {
        let (low, high) = (self.kind(least, scope), self.kind(most, scope));
        match (&low, &high) {
            (Kind::Any, _) | (_, Kind::Any) => Kind::Any,
            (Kind::Plain(a @ (Type::Int | Type::Decimal | Type::Duration)), Kind::Plain(b)) if a == b => {
                self.range_order(least, most, span);
                Kind::Range(a.clone())
            }
            _ => {
                let text = format!(
                    "`..` is for two numbers or two durations, but here are {} and {}",
                    low.show(),
                    high.show()
                );
                self.error(
                    Code::Type,
                    span,
                    text,
                    "write `1..3` or `20ms..2s`; choose among texts with `oneof('A', 'B')`",
                );
                Kind::Any
            }
        }
    }

    fn range_order(&mut self, least: &Expr, most: &Expr, span: Span) {
        let falls = match (&least.kind, &most.kind) {
            (ExprKind::Int(a), ExprKind::Int(b)) => a > b,
            (ExprKind::Duration(a), ExprKind::Duration(b)) => a > b,
            _ => false,
        };
        if falls {
            self.error(
                Code::Value,
                span,
                "the range is empty: its end lies before its beginning",
                "write the smaller value first",
            );
        }
    }

    fn unary_kind(&mut self, op: UnaryOp, operand: &Expr, scope: &mut Scope<'a>) -> Kind<'a> {
        let kind = self.kind(operand, scope);
        let (good, sign) = match op {
            UnaryOp::Not => (kind.is_bool(), "!"),
            UnaryOp::Minus => (kind.is_number(), "-"),
        };
        if !good {
            let wants = if op == UnaryOp::Not { "a bool" } else { "a number" };
            self.error(
                Code::Type,
                operand.span,
                format!("`{sign}` needs {wants}, but this is {}", kind.show()),
                format!("give it {wants}"),
            );
            return Kind::Any;
        }
        kind
    }

    fn binary_kind(
        &mut self,
        op: BinaryOp,
        (left, right): (&Expr, &Expr),
        span: Span,
        scope: &mut Scope<'a>,
    ) -> Kind<'a> {
        let (a, b) = (self.kind(left, scope), self.kind(right, scope));
        let result = match op {
            BinaryOp::And | BinaryOp::Or => (a.is_bool() && b.is_bool()).then_some(Kind::BOOL),
            BinaryOp::Equal | BinaryOp::NotEqual => comparable(&a, &b).then_some(Kind::BOOL),
            BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
                ordered(&a, &b).then_some(Kind::BOOL)
            }
            BinaryOp::In => contains(&a, &b).then_some(Kind::BOOL),
            BinaryOp::Plus | BinaryOp::Minus | BinaryOp::Times | BinaryOp::Over | BinaryOp::Remainder => {
                arithmetic(op, &a, &b)
            }
        };
        if result.is_none() {
            let text = format!("`{}` cannot take {} and {}", op.sign(), a.show(), b.show());
            let mend = match op {
                BinaryOp::And | BinaryOp::Or => "both sides must be true or false",
                BinaryOp::In => "write `x in [a, b]`, or `key in table`",
                BinaryOp::Equal | BinaryOp::NotEqual => "compare values of the same type",
                _ => "use numbers, durations or times of the same type",
            };
            self.error(Code::Type, span, text, mend);
        }
        let is_bool =
            !matches!(op, BinaryOp::Plus | BinaryOp::Minus | BinaryOp::Times | BinaryOp::Over | BinaryOp::Remainder);
        result.unwrap_or(if is_bool { Kind::BOOL } else { Kind::Any })
    }

    fn ternary_kind(
        &mut self,
        condition: &Expr,
        (yes, no): (&Expr, &Expr),
        span: Span,
        scope: &mut Scope<'a>,
    ) -> Kind<'a> {
        self.expect_bool(condition, scope, "the condition of `c ? a : b`");
        let (yes, no) = (self.kind(yes, scope), self.kind(no, scope));
        if !comparable(&yes, &no) {
            let text = format!("the two values of `c ? a : b` differ: {} and {}", yes.show(), no.show());
            self.error(Code::Type, span, text, "give both the same type");
            return Kind::Any;
        }
        yes
    }
}

fn column(table: &Table, name: &str) -> Option<Type> {
    table.column(name).map(|column| column.ty.clone())
}

/// The names of a table's columns.
pub(super) fn columns(table: &Table) -> Vec<&str> {
    table.all_columns().map(|column| column.name.value.as_str()).collect()
}

fn counters<'a>(name: &str, names: &[&'static str]) -> (Option<Kind<'a>>, Vec<&'static str>) {
    (names.contains(&name).then_some(Kind::INT), names.to_vec())
}

fn envelope<'a>(name: &str) -> (Option<Kind<'a>>, Vec<&'static str>) {
    let kind = match name {
        "id" => Some(Kind::Plain(Type::Id)),
        _ => None,
    };
    (kind, vec!["id"])
}

fn has_size(kind: &Kind<'_>) -> bool {
    let plain = matches!(kind, Kind::Plain(Type::List(_) | Type::Text) | Kind::EmptyList | Kind::Any);
    plain || matches!(kind, Kind::Table(_) | Kind::Group(_) | Kind::Channel)
}

fn contains(item: &Kind<'_>, whole: &Kind<'_>) -> bool {
    match whole {
        Kind::Any | Kind::EmptyList => true,
        Kind::Plain(Type::List(inner)) => comparable(&Kind::Plain((**inner).clone()), item),
        Kind::Table(table) => table.key.as_ref().is_some_and(|key| fits(&key.ty, item)),
        Kind::Range(ty) => fits(ty, item),
        _ => false,
    }
}

fn arithmetic<'a>(op: BinaryOp, a: &Kind<'a>, b: &Kind<'a>) -> Option<Kind<'a>> {
    let (a, b) = match (a, b) {
        (Kind::Any, _) | (_, Kind::Any) => return Some(Kind::Any),
        (Kind::Plain(a), Kind::Plain(b)) => (a, b),
        _ => return None,
    };
    let ty = match (op, a, b) {
        (_, Type::Int, Type::Int) => Type::Int,
        (_, Type::Int | Type::Decimal, Type::Int | Type::Decimal) => Type::Decimal,
        (BinaryOp::Plus | BinaryOp::Minus, Type::Duration, Type::Duration) => Type::Duration,
        (BinaryOp::Plus | BinaryOp::Minus, Type::Time, Type::Duration) => Type::Time,
        (BinaryOp::Minus, Type::Time, Type::Time) => Type::Duration,
        (BinaryOp::Times | BinaryOp::Over, Type::Duration, Type::Int) => Type::Duration,
        _ => return None,
    };
    Some(Kind::Plain(ty))
}
