CREATE ROLE ledger LOGIN PASSWORD 'estate-ledger-password';
CREATE DATABASE ledger OWNER ledger ENCODING 'UTF8' LC_COLLATE 'de_DE.UTF-8' LC_CTYPE 'de_DE.UTF-8' TEMPLATE template0;
\c ledger
SET ROLE ledger;
CREATE TABLE accounts (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE entries (
    id serial PRIMARY KEY,
    account integer NOT NULL REFERENCES accounts,
    cents bigint NOT NULL,
    booked timestamptz NOT NULL DEFAULT now()
);
INSERT INTO accounts (name) VALUES ('Zinsen'), ('Ärzte'), ('Öl und Gas'), ('Miete');
INSERT INTO entries (account, cents, booked)
SELECT 1 + n % 4, n * 137, timestamptz '2019-03-31 01:30:00+01' + n * interval '1 hour' FROM generate_series(1, 48) AS n;
CREATE VIEW balances AS
SELECT name, sum(cents) AS cents FROM accounts JOIN entries ON account = accounts.id GROUP BY name;
