-- audit_context version 1
-- The context of the transaction under way: one row, written and removed in that transaction, so that nobody else ever sees it.
CREATE TABLE IF NOT EXISTS audit_context (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    actor TEXT,
    correlation_id TEXT,
    context TEXT
)
