-- Copies what each order of `copies` (old, new) has left behind to an id of its own, and adds up what sums over orders.

BEGIN IMMEDIATE;

INSERT INTO orders
SELECT new, tenant, status, version, placed_at_ms, CAST(replace(CAST(body AS TEXT), old, new) AS BLOB)
FROM copies JOIN orders ON order_id = old;

INSERT INTO events
SELECT new, version, CAST(replace(CAST(body AS TEXT), old, new) AS BLOB)
FROM copies JOIN events ON order_id = old;

INSERT INTO idempotency_keys
SELECT tenant, idempotency_key || '-' || new, body_sha256, new, expires_at_ms
FROM copies JOIN idempotency_keys ON order_id = old;

INSERT INTO reservations
SELECT new, state, lines
FROM copies JOIN reservations ON order_id = old;

INSERT INTO ledger
SELECT replace(entry_key, old, new), CAST(replace(CAST(entry AS TEXT), old, new) AS BLOB)
FROM ledger JOIN copies ON old = substr(entry_key, instr(entry_key, 'ord_'), 30);

INSERT INTO inbox
SELECT replace(message_key, old, new), tenant, new, subject
FROM copies JOIN inbox ON order_id = old;

INSERT INTO demand_events
SELECT replace(event_id, old, new)
FROM demand_events JOIN copies ON old = substr(event_id, instr(event_id, 'ord_'), 30);

INSERT INTO saga_runs
    (workflow, run_id, definition, data, status, failure, uncompensated, started_at_ms, ended_at_ms)
SELECT workflow, new, definition, replace(data, old, new), status, failure, uncompensated, started_at_ms, ended_at_ms
FROM copies JOIN saga_runs ON run_id = old;

INSERT INTO saga_journal
SELECT copy.sequence, position, kind, phase, step, attempt, at_ms, code, message
FROM copies
JOIN saga_runs AS made ON made.run_id = old
JOIN saga_runs AS copy ON copy.run_id = new
JOIN saga_journal ON run = made.sequence;

UPDATE stock SET
    on_hand = on_hand - sold * (SELECT more FROM multiplied),
    sold = sold * (1 + (SELECT more FROM multiplied));
UPDATE demand SET units = units * (1 + (SELECT more FROM multiplied));

-- The copies' events were never changes that somebody has to hear of; as many rows stay as the run time keeps.
UPDATE feed_cursors SET position = (SELECT max(position) FROM change_feed);
DELETE FROM change_feed
WHERE position <= (SELECT max(position) FROM change_feed) - (SELECT kept FROM multiplied);

COMMIT;
