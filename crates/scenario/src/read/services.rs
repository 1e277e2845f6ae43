//! Services with their tables, projections, and external systems.

use std::time::Duration;

use indexmap::IndexMap;

use crate::diag::Code;
use crate::model::{Column, Dedup, External, Outbox, Projection, Service, Table, Times, Type, VersionName};
use crate::read::section::{Reader, head};
use crate::read::settings::Settings;
use crate::source::Spanned;
use crate::suggest;
use crate::syntax::ast::{Expr, Ident};
use crate::yaml::Node;

impl Reader<'_> {
    pub(super) fn services(&mut self, root: &Settings<'_>) -> IndexMap<String, Service> {
        let mut services = IndexMap::new();
        for (name, section) in root.named("services") {
            let tables = section
                .named("tables")
                .iter()
                .map(|(name, table)| (name.value.clone(), self.table(name, table)))
                .collect();
            let service = Service {
                name: name.clone(),
                replicas: section.whole("replicas").max(1),
                concurrency: section.whole("concurrency").max(1),
                serializable: section.word("isolation") == "serializable",
                tables,
                outbox: section.section("outbox").map(outbox),
                dedup: section.section("dedup").map(dedup),
                handles: section.bodies("handles"),
            };
            services.insert(name.value.clone(), service);
        }
        services
    }

    pub(super) fn version_names(&mut self, section: &Settings<'_>, key: &str) -> Vec<VersionName> {
        let names = section.names(key).map_or(Vec::new(), |names| names.value);
        names.iter().filter_map(|name| self.versioned(name)).collect()
    }

    fn table(&mut self, name: &Ident, section: &Settings<'_>) -> Table {
        let mut columns = section.columns("columns");
        let key = section.text("key").map(|key| take_key(&mut columns, &key));
        let append = section.flag("append");
        let text = format!("table `{}` has no key", name.value);
        match (&key, append) {
            (None, false) => self.error(
                Code::MissingKey,
                name.span,
                text,
                "add `key: COLUMN`, or `append: true` if rows are only added",
            ),
            (Some(key), true) => {
                let text = format!("table `{}` has a key and is `append`", name.value);
                self.error(Code::Conflict, key.name.span, text, "remove one: rows of an append table have no key");
            }
            _ => {}
        }
        let mut table = Table { name: name.clone(), key, columns, rows: Vec::new() };
        if let Some(rows) = section.own("rows") {
            table.rows = self.rows(rows.value, &table);
        }
        table
    }

    fn rows(&mut self, node: &Node, table: &Table) -> Vec<IndexMap<String, Expr>> {
        let mut rows = Vec::new();
        match (node.map(), node.seq(), &table.key) {
            (Some(entries), _, Some(key)) => {
                for entry in entries {
                    let key_node = Node {
                        kind: crate::yaml::NodeKind::Scalar(entry.key.value.clone(), entry.key_style),
                        span: entry.key.span,
                    };
                    let mut row = self.row(&entry.value, table, false);
                    if let Some(value) = self.constant(&key_node, &key.ty) {
                        row.insert(key.name.value.clone(), value);
                    }
                    rows.push(row);
                }
            }
            (_, Some(items), _) => rows.extend(items.iter().map(|item| self.row(item, table, true))),
            _ => {
                let text = format!("the rows of `{}` must be given by key, or as a list", table.name.value);
                self.error(
                    Code::Value,
                    head(node),
                    text,
                    "write `rows: { A: { left: 400 } }`, or `rows: [{ sku: A, left: 400 }]`",
                );
            }
        }
        rows
    }

    fn row(&mut self, node: &Node, table: &Table, with_key: bool) -> IndexMap<String, Expr> {
        let mut row = IndexMap::new();
        let Some(entries) = node.map() else {
            let text = format!("a row must be a map from columns to values, found {}", node.shape());
            self.error(Code::Value, head(node), text, "write `{ left: 400 }`");
            return row;
        };
        let columns: Vec<&Column> =
            if with_key { table.all_columns().collect() } else { table.columns.iter().collect() };
        for entry in entries {
            let Some(column) = columns.iter().find(|column| column.name.value == entry.key.value) else {
                let mend =
                    suggest::mend(&entry.key.value, "column", columns.iter().map(|column| column.name.value.as_str()));
                let text = format!("table `{}` has no column `{}`", table.name.value, entry.key.value);
                self.error(Code::UnknownName, entry.key.span, text, mend);
                continue;
            };
            if let Some(value) = self.constant(&entry.value, &column.ty) {
                row.insert(entry.key.value.clone(), value);
            }
        }
        for column in columns.iter().filter(|column| column.default.is_none()) {
            let missing =
                !node.map().is_some_and(|entries| entries.iter().any(|entry| entry.key.value == column.name.value));
            if missing {
                let text = format!("this row of `{}` does not give `{}`", table.name.value, column.name.value);
                self.error(
                    Code::Gap,
                    head(node),
                    text,
                    format!("give it, or a default: `{}: {} = ..`", column.name.value, column.ty.show()),
                );
            }
        }
        row
    }

    pub(super) fn projections(&mut self, root: &Settings<'_>) -> IndexMap<String, Projection> {
        let mut projections = IndexMap::new();
        for (name, section) in root.named("projections") {
            let mut columns = section.columns("columns");
            let key = take_key(&mut columns, &section.name("key"));
            let projection = Projection {
                name: name.clone(),
                table: Table { name: name.clone(), key: Some(key), columns, rows: Vec::new() },
                replicas: section.whole("replicas").max(1),
                dedup: section.section("dedup").map(dedup),
                folds: section.bodies("folds"),
            };
            projections.insert(name.value.clone(), projection);
        }
        projections
    }

    pub(super) fn externals(&mut self, root: &Settings<'_>) -> IndexMap<String, External> {
        let external = |(name, section): &(Ident, Settings<'_>)| {
            let latency = section.times("latency").map_or(Times::default(), |times| times.value);
            (name.value.clone(), External { name: name.clone(), latency })
        };
        root.named("externals").iter().map(external).collect()
    }
}

/// The key column: declared under `columns`, or an `id` by default.
fn take_key(columns: &mut Vec<Column>, key: &Ident) -> Column {
    match columns.iter().position(|column| column.name.value == key.value) {
        Some(at) => columns.remove(at),
        None => Column { name: key.clone(), ty: Type::Id, default: None },
    }
}

fn outbox(section: &Settings<'_>) -> Outbox {
    Outbox { span: section.span, relay_every: section.length("relay_every").max(Duration::from_millis(1)) }
}

fn dedup(section: &Settings<'_>) -> Dedup {
    let by = section.text("by").filter(|by| by.value != "message_id").map(|by| Spanned::new(by.value, by.span));
    Dedup { span: section.span, by, window: section.duration("window").map(|window| window.value) }
}
