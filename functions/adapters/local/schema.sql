-- What the order system keeps. Times are milliseconds since 1970 in UTC; a body is JSON as functions/codec.py writes it.

CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    placed_at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS orders_by_tenant ON orders (tenant, placed_at_ms, order_id);
CREATE INDEX IF NOT EXISTS orders_by_tenant_and_status ON orders (tenant, status, placed_at_ms, order_id);
CREATE INDEX IF NOT EXISTS orders_by_status ON orders (status, placed_at_ms, order_id);

CREATE TABLE IF NOT EXISTS events (
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    version INTEGER NOT NULL CHECK (version >= 1),
    body BLOB NOT NULL, -- the event as it goes over the wire
    PRIMARY KEY (order_id, version)
) STRICT;

-- The outbox: an event that is committed is in the run time's change feed, whoever wrote it and however.
CREATE TRIGGER IF NOT EXISTS events_to_change_feed AFTER INSERT ON events BEGIN
    INSERT INTO change_feed (body) VALUES (new.body);
END;
CREATE TRIGGER IF NOT EXISTS events_are_facts BEFORE UPDATE ON events BEGIN
    SELECT raise(ABORT, 'an event is never changed');
END;

CREATE TABLE IF NOT EXISTS idempotency_keys (
    tenant TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_keys_by_expiry ON idempotency_keys (expires_at_ms);

CREATE TABLE IF NOT EXISTS stock (
    sku TEXT PRIMARY KEY,
    on_hand INTEGER NOT NULL CHECK (on_hand >= reserved), -- reserved units are on hand until they are sold
    reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    sold INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reservations (
    order_id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'committed', 'released', 'restocked', 'refused')),
    lines BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS demand (
    sku TEXT PRIMARY KEY,
    units INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS demand_events (
    event_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger (
    entry_key TEXT PRIMARY KEY,
    entry BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger_counters (
    counter_key TEXT PRIMARY KEY,
    calls INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS inbox (
    message_key TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inbox_by_order ON inbox (tenant, order_id);
