//! What an installed trigger says of itself: what it was made from, in a comment inside it.

use sea_orm_audit::{
    __private::{Hiding, Kind},
    Values,
};
use serde_json::{Map, Value as Json, json};

use super::table::TriggerTable;

/// How the stamp begins; whatever has it is ours.
pub(super) const MARK: &str = "-- sea-orm-audit triggers ";

/// Rises with every change of what is generated from the same description.
const GENERATOR: u32 = 1;

/// One line, without the line break: the generator's version and the description, as JSON.
///
/// `columns` are the table's own, name and type, as the database has them.
pub(super) fn stamp(table: &TriggerTable, columns: &[(String, String)]) -> String {
    let described = table.0.columns.iter().map(|column| {
        // What an excluded column holds counts for nothing, and a description that is written out does not say.
        let recorded = column.hiding != Some(Hiding::Excluded);
        let kind = column.kind.as_ref().filter(|_| recorded).map(kind_name);
        let hiding = column.hiding.map(|hiding| match hiding {
            Hiding::Excluded => "excluded",
            Hiding::Redacted => "redacted",
        });
        (
            column.name.clone(),
            json!({ "kind": kind, "hiding": hiding, "read_as": column.read_as }),
        )
    });
    let in_table: Map<String, Json> = columns
        .iter()
        .map(|(name, ty)| (name.clone(), Json::from(ty.as_str())))
        .collect();
    let body = json!({
        "generator": GENERATOR,
        "log": table.0.log,
        "key": table.0.key,
        "values": match table.0.values { Values::Full => "full", _ => "changed" },
        "require_actor": table.0.require_actor,
        "columns": described.collect::<Map<_, _>>(),
        "table": in_table,
    });
    format!("{MARK}{body}")
}

fn kind_name(kind: &Kind) -> String {
    match kind {
        Kind::Array(element) => format!("{}[]", kind_name(element)),
        kind => format!("{kind:?}").to_lowercase(),
    }
}

/// In what two stamps differ, in words; the first is of what is installed, the second of what should be.
///
/// Empty if they are the same.
pub(super) fn differences(installed: &str, expected: &str) -> Vec<String> {
    let (Some(installed), Some(expected)) = (read(installed), read(expected)) else {
        return vec!["it was not made by this library, or changed by hand".to_owned()];
    };
    let mut differences = Vec::new();
    for (part, name) in [
        ("generator", "the generator's version"),
        ("log", "the log table"),
        ("key", "the key"),
        ("values", "`values`"),
        ("require_actor", "`require_actor`"),
    ] {
        let (was, is) = (&installed[part], &expected[part]);
        if was != is {
            differences.push(format!("{name} was {was} and is {is}"));
        }
    }
    for (part, place) in [("columns", "the entity"), ("table", "the table")] {
        let empty = Map::new();
        let was = installed[part].as_object().unwrap_or(&empty);
        let is = expected[part].as_object().unwrap_or(&empty);
        for (name, column) in is {
            match was.get(name) {
                None => differences.push(format!("{place} has a new column `{name}`")),
                Some(before) if before != column => {
                    differences.push(format!(
                        "column `{name}` of {place} was {before} and is {column}"
                    ));
                }
                Some(_) => {}
            }
        }
        for name in was.keys().filter(|name| !is.contains_key(*name)) {
            differences.push(format!("{place} has no column `{name}` any more"));
        }
    }
    differences
}

/// The stamp's content, from a text that has one somewhere.
fn read(text: &str) -> Option<Json> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(MARK))?;
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product() -> TriggerTable {
        TriggerTable::named("product")
            .key("id", Kind::Integer)
            .column("name", Kind::Text)
    }

    fn columns(names: &[&str]) -> Vec<(String, String)> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), "text".to_owned()))
            .collect()
    }

    #[test]
    fn the_same_description_has_no_differences() {
        let stamp = stamp(&product(), &columns(&["id", "name"]));
        assert!(!stamp.contains('\n'));
        assert!(differences(&stamp, &stamp).is_empty());
        assert!(differences(&format!("BEGIN\n  {stamp}\nEND"), &stamp).is_empty());
    }

    #[test]
    fn every_difference_is_named() {
        let was = stamp(&product(), &columns(&["id", "name"]));
        let is = stamp(
            &product().redacted("secret", Kind::Text).log("other"),
            &columns(&["id", "secret"]),
        );
        let differences = differences(&was, &is);
        for part in [
            "the log table was \"audit_log\" and is \"other\"",
            "the entity has a new column `secret`",
            "the table has a new column `secret`",
            "the table has no column `name` any more",
        ] {
            assert!(
                differences.iter().any(|line| line == part),
                "{part}: {differences:?}"
            );
        }
    }

    #[test]
    fn a_text_without_a_stamp_is_not_ours() {
        let stamp = stamp(&product(), &[]);
        assert_eq!(differences("BEGIN END", &stamp).len(), 1);
    }
}
