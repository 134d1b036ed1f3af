-- The tables of format 1, as published. Never changes.
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE statements (
    stored INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL,
    happened INTEGER NOT NULL,
    target BLOB,
    voiding INTEGER NOT NULL,
    voided INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX statements_by_target ON statements (target) WHERE target IS NOT NULL;
CREATE TABLE terms (
    term BLOB NOT NULL,
    stored INTEGER NOT NULL,
    direct INTEGER NOT NULL,
    PRIMARY KEY (term, stored)
) STRICT, WITHOUT ROWID;
CREATE TABLE credentials (
    username TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    password_hash BLOB NOT NULL,
    made INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
