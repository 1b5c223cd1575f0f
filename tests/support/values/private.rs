//! Tables of which not everything may be in the log, and what is said about them.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use tracing::{Event, Metadata, Subscriber, field::Field, span, subscriber::DefaultGuard};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt};

/// A table with columns of several types that are nowhere, and as many whose values are nowhere.
pub mod vault {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "vault")]
    #[audited(exclude(no_text, no_bytes))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub name: String,
        pub open: Option<Json>,
        pub no_text: String,
        #[sea_orm(column_type = "Blob")]
        pub no_bytes: Vec<u8>,
        #[audited(skip)]
        pub no_json: Json,
        #[sea_orm(column_type = "Decimal(Some((16, 4)))")]
        #[audited(skip)]
        pub no_decimal: Decimal,
        #[audited(skip)]
        pub no_maybe: Option<String>,
        #[audited(redact)]
        pub text: String,
        #[sea_orm(column_type = "Blob")]
        #[audited(redact)]
        pub bytes: Vec<u8>,
        #[audited(redact)]
        pub json: Json,
        #[sea_orm(column_type = "Decimal(Some((16, 4)))")]
        #[audited(redact)]
        pub decimal: Decimal,
        #[audited(redact)]
        pub maybe: Option<String>,
    }
}

/// All that this library says through `tracing` on this thread, at any level, while it lives.
pub struct Everything {
    text: Arc<Mutex<String>>,
    _guard: DefaultGuard,
}

impl Everything {
    pub fn collect() -> Self {
        let text = Arc::<Mutex<String>>::default();
        let subscriber = tracing_subscriber::registry().with(Collector(text.clone()));
        Self {
            text,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    pub fn said(&self) -> String {
        self.text.lock().unwrap().clone()
    }
}

struct Collector(Arc<Mutex<String>>);

impl Collector {
    fn note(
        &self,
        metadata: &Metadata<'_>,
        record: impl FnOnce(&mut dyn FnMut(&Field, &dyn Debug)),
    ) {
        if metadata.target().starts_with("sea_orm_audit") {
            let mut text = self.0.lock().unwrap();
            write!(text, "\n{}: ", metadata.name()).unwrap();
            record(&mut |field, value| write!(text, "{field}={value:?} ").unwrap());
        }
    }
}

impl<S: Subscriber> Layer<S> for Collector {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.note(event.metadata(), |mut note| event.record(&mut note));
    }

    fn on_new_span(&self, span: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.note(span.metadata(), |mut note| span.record(&mut note));
    }
}
