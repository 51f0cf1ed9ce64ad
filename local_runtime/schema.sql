-- What the run time itself keeps. Times are milliseconds since 1970 in UTC; attributes and data are JSON.

-- Counts itself with each commit; see local_runtime/acknowledged.py.
CREATE TABLE IF NOT EXISTS commits (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO commits VALUES (1, 0);

CREATE TABLE IF NOT EXISTS messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    attributes TEXT NOT NULL,
    enqueued_at_ms INTEGER NOT NULL,
    visible_at_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    receipt TEXT, -- set while a consumer holds the message
    first_failed_at_ms INTEGER,
    last_failure TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at_ms, sequence);
CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue, enqueued_at_ms);
CREATE INDEX IF NOT EXISTS messages_in_flight ON messages (receipt) WHERE receipt IS NOT NULL;

CREATE TABLE IF NOT EXISTS dead_letters (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL, -- the queue that the message died in
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    attributes TEXT NOT NULL,
    enqueued_at_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL,
    first_failed_at_ms INTEGER,
    died_at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS dead_letters_by_queue ON dead_letters (queue, sequence);

-- The transactional outbox: functions append a row in the transaction that it reports.
CREATE TABLE IF NOT EXISTS change_feed (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS feed_cursors (
    feed TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A run keeps the definition that it began with, whatever is deployed meanwhile.
CREATE TABLE IF NOT EXISTS saga_definitions (
    digest TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS saga_runs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow TEXT NOT NULL,
    run_id TEXT NOT NULL,
    definition TEXT NOT NULL REFERENCES saga_definitions (digest),
    data TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'rejected', 'failed', 'stuck')),
    failure TEXT,
    uncompensated TEXT NOT NULL DEFAULT '[]',
    started_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    UNIQUE (workflow, run_id)
) STRICT;
CREATE INDEX IF NOT EXISTS saga_runs_unfinished ON saga_runs (workflow, sequence) WHERE status = 'running';
CREATE INDEX IF NOT EXISTS saga_runs_stuck ON saga_runs (workflow) WHERE status = 'stuck';
CREATE INDEX IF NOT EXISTS saga_runs_uncompensated ON saga_runs (workflow) WHERE uncompensated <> '[]';

CREATE TABLE IF NOT EXISTS saga_journal (
    run INTEGER NOT NULL REFERENCES saga_runs (sequence),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('started', 'succeeded', 'refused', 'faulted')),
    phase TEXT NOT NULL CHECK (phase IN ('do', 'undo', 'end')),
    step TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS schedule_ticks (
    schedule TEXT PRIMARY KEY,
    last_tick_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tasks that somebody broke on purpose, for so many orders more.
CREATE TABLE IF NOT EXISTS armed_faults (
    task TEXT PRIMARY KEY,
    fault TEXT NOT NULL CHECK (fault IN ('fail', 'stall', 'lose-answer')),
    orders_left INTEGER NOT NULL CHECK (orders_left >= 1)
) STRICT, WITHOUT ROWID;

-- The runs that met one of them: each keeps its fault to its end.
CREATE TABLE IF NOT EXISTS taken_faults (
    workflow TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task TEXT NOT NULL,
    fault TEXT NOT NULL,
    PRIMARY KEY (workflow, run_id, task)
) STRICT, WITHOUT ROWID;
