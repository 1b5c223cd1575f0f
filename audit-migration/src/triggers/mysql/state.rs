//! How the triggers in the database stand to those that should be there.

use sea_orm_migration::sea_orm::ConnectionTrait;

use super::{
    body::Event,
    catalog::{self, Place, Server, Table, Trigger},
    plan::{self, Plan, Wanted},
    quote,
    session::SQL_MODE,
};
use crate::triggers::{
    error::Result,
    stamp::differences,
    status::{State, TableStatus},
    table::TriggerTable,
};

/// Whether a trigger is what it should be, to the letter.
pub(super) fn is_as_wanted(trigger: &Trigger, wanted: &Wanted) -> bool {
    trigger.name == wanted.name
        && trigger.timing == "AFTER"
        && trigger.event == wanted.event.sql()
        && trigger.sql_mode == SQL_MODE
        && trigger.body.trim() == wanted.body.trim()
}

/// Whether the triggers of a table are those of the plan, and no more.
pub(super) fn is_as_planned(plan: &Plan, present: &[&Trigger]) -> bool {
    present.len() == plan.triggers.len()
        && plan
            .triggers
            .iter()
            .all(|wanted| present.iter().any(|trigger| is_as_wanted(trigger, wanted)))
}

/// How each of these tables stands, and which other tables have triggers of ours.
///
/// # Errors
///
/// What the database says.
pub(super) async fn status<C: ConnectionTrait>(
    db: &C,
    expected: &[TriggerTable],
) -> Result<Vec<TableStatus>> {
    let server = Server::read(db).await?;
    let places = expected
        .iter()
        .map(|table| plan::place(table, &server))
        .collect::<Result<Vec<Place>>>()?;
    let mut schemas: Vec<String> = places.iter().map(|(schema, _)| schema.clone()).collect();
    schemas.extend(server.database.clone());
    schemas.sort();
    schemas.dedup();
    let tables = catalog::tables(db, &server, &places).await?;
    let triggers = catalog::triggers(db, &schemas, &[]).await?;
    let mut all = Vec::new();
    for ((table, place), actual) in expected.iter().zip(&places).zip(&tables) {
        let present: Vec<&Trigger> = triggers
            .iter()
            .filter(|trigger| server.same_place(&trigger.place, place))
            .collect();
        all.push(stands(table, &server, actual.as_ref(), &present));
    }
    all.extend(left_over(&server, &places, &triggers));
    Ok(all)
}

fn stands(
    table: &TriggerTable,
    server: &Server,
    actual: Option<&Table>,
    present: &[&Trigger],
) -> TableStatus {
    let name = table.display();
    let Some(actual) = actual else {
        let missing = Event::ALL.map(|event| plan::name(&table.0.name, event));
        return TableStatus::new(name, State::Missing(missing.into()));
    };
    let state = match Plan::new(table, server, actual) {
        Ok(plan) => compare(&plan, present),
        // What keeps the triggers from being installed again is the difference, if there are any.
        Err(err) if !present.is_empty() => State::Outdated(vec![err.to_string()]),
        Err(_) => State::Missing(
            Event::ALL
                .map(|event| plan::name(&table.0.name, event))
                .into(),
        ),
    };
    TableStatus {
        gaps: gaps(actual),
        ..TableStatus::new(name, state)
    }
}

fn compare(plan: &Plan, present: &[&Trigger]) -> State {
    let of = |event: Event| present.iter().find(|trigger| trigger.event == event.sql());
    let missing: Vec<String> = plan
        .triggers
        .iter()
        .filter(|wanted| of(wanted.event).is_none())
        .map(|wanted| wanted.name.clone())
        .collect();
    if !missing.is_empty() {
        return State::Missing(missing);
    }
    if is_as_planned(plan, present) {
        return State::Installed;
    }
    let mut all = Vec::new();
    for trigger in present {
        let installed = quote::unseal(&trigger.body).unwrap_or_default();
        for difference in differences(&installed, &plan.stamp) {
            if !all.contains(&difference) {
                all.push(difference);
            }
        }
    }
    if all.is_empty() {
        all.push("the triggers are not what they would be if they were installed now".to_owned());
    }
    State::Outdated(all)
}

/// What no trigger of a table sees.
fn gaps(table: &Table) -> Vec<String> {
    let mut gaps: Vec<String> = table
        .cascades
        .iter()
        .map(|cascade| {
            format!(
                "rows that foreign key `{}` changes when a row of `{}` does ({}): no trigger fires for them; change them in \
                 the application before their parent, or make the key RESTRICT",
                cascade.name,
                cascade.parent,
                cascade.rules.join(", ")
            )
        })
        .collect();
    if !table.transactional {
        gaps.push(
            "a rollback: the table's engine has no transactions, and keeps changes whose entries are gone; use InnoDB"
                .to_owned(),
        );
    }
    gaps
}

/// Other tables that have triggers of ours.
fn left_over<'a>(
    server: &'a Server,
    places: &'a [Place],
    triggers: &'a [Trigger],
) -> Vec<TableStatus> {
    let mut names: Vec<String> = triggers
        .iter()
        .filter(|trigger| {
            !places
                .iter()
                .any(|place| server.same_place(place, &trigger.place))
        })
        .map(|Trigger { place, .. }| {
            if server
                .database
                .as_ref()
                .is_some_and(|own| server.same_name(own, &place.0))
            {
                place.1.clone()
            } else {
                format!("{}.{}", place.0, place.1)
            }
        })
        .collect();
    names.dedup();
    names
        .into_iter()
        .map(|name| TableStatus::new(name, State::LeftOver))
        .collect()
}
