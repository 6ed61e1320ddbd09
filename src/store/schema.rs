//! The tables. Records carry the values of the stored layer only; what an RMM shows over them stands
//! in the review queue and is joined when the combined view is read.

/// Version of the tables, kept in `PRAGMA user_version`.
pub(super) const VERSION: i64 = 4;

/// The last decision on a remote record stands with its link, or with its device; `decisions` holds those
/// on records that have neither. What a device says beyond what it is matched by stands apart, so that a
/// sync that only asks whether it changed does not read over it.
///
/// Ids of records are never given twice, since reports and people's notes name records by them: the last
/// one of each kind stands in `sequences`, written once a transaction and not once a record.
///
/// No index on serial or MAC: matching works on one organization in memory, and an index on either
/// would cost every load several times its price.
pub(super) const TABLES: &str = "
CREATE TABLE organizations (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL, short_name TEXT, organization_type TEXT, status TEXT,
  parent_remote_id TEXT, primary_location_remote_id TEXT,
  parent_id INTEGER, primary_location_id INTEGER,
  quick_notes TEXT, is_primary INTEGER NOT NULL
) STRICT;
CREATE TABLE locations (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
  organization_id INTEGER NOT NULL, name TEXT NOT NULL,
  address_1 TEXT, address_2 TEXT, city TEXT, region TEXT, postal_code TEXT, country TEXT,
  phone TEXT, fax TEXT, is_primary INTEGER NOT NULL
) STRICT;
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
  organization_id INTEGER NOT NULL, location_id INTEGER,
  first_name TEXT NOT NULL, last_name TEXT, title TEXT, contact_type TEXT,
  emails TEXT NOT NULL, phones TEXT NOT NULL
) STRICT;
CREATE TABLE configurations (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
  organization_id INTEGER NOT NULL, location_id INTEGER, contact_id INTEGER,
  name TEXT NOT NULL, hostname TEXT, configuration_type TEXT, status TEXT, asset_tag TEXT,
  serial TEXT, primary_mac TEXT, primary_ip TEXT, default_gateway TEXT,
  manufacturer TEXT, model TEXT, operating_system TEXT,
  purchased_on TEXT, installed_on TEXT, installed_by TEXT, warranty_expires_on TEXT,
  rmm_location TEXT, notes TEXT, interfaces TEXT
) STRICT;
CREATE INDEX locations_by_organization ON locations (organization_id);
CREATE INDEX contacts_by_organization ON contacts (organization_id);
CREATE INDEX configurations_by_organization ON configurations (organization_id);

CREATE TABLE sequences (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE integrations (
  id INTEGER PRIMARY KEY, tool TEXT NOT NULL, vendor TEXT NOT NULL, state TEXT NOT NULL,
  settings TEXT NOT NULL, full_syncs INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE links (
  id INTEGER PRIMARY KEY, integration_id INTEGER NOT NULL, kind TEXT NOT NULL,
  remote_id TEXT NOT NULL, record_id INTEGER NOT NULL, state TEXT NOT NULL,
  hash INTEGER NOT NULL,
  decided_in INTEGER, decided_rule TEXT, decided_outcome TEXT, decided_record INTEGER,
  decided_by TEXT
) STRICT;
CREATE UNIQUE INDEX links_by_remote_id ON links (integration_id, kind, remote_id);
CREATE INDEX links_by_record ON links (kind, record_id);

CREATE TABLE push_failures (
  kind TEXT NOT NULL, record_id INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY (kind, record_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rmm_companies (
  id INTEGER PRIMARY KEY, integration_id INTEGER NOT NULL, external_id TEXT NOT NULL,
  name TEXT NOT NULL, state TEXT NOT NULL, record_id INTEGER,
  rule TEXT, suggestion_id INTEGER, reason TEXT
) STRICT;
CREATE UNIQUE INDEX rmm_companies_by_external_id ON rmm_companies (integration_id, external_id);
CREATE TABLE rmm_devices (
  id INTEGER PRIMARY KEY, integration_id INTEGER NOT NULL, external_id TEXT NOT NULL,
  company_external_id TEXT NOT NULL, name TEXT NOT NULL, serial TEXT, macs TEXT,
  state TEXT NOT NULL, record_id INTEGER,
  rule TEXT, suggestion_id INTEGER, reason TEXT, hash INTEGER NOT NULL,
  decided_in INTEGER, decided_rule TEXT, decided_outcome TEXT, decided_record INTEGER,
  decided_by TEXT
) STRICT;
CREATE TABLE rmm_device_data (id INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX rmm_devices_by_external_id ON rmm_devices (integration_id, external_id);
CREATE INDEX rmm_devices_by_company ON rmm_devices (integration_id, company_external_id);
CREATE INDEX rmm_devices_by_record ON rmm_devices (record_id) WHERE record_id IS NOT NULL;

CREATE TABLE syncs (
  id INTEGER PRIMARY KEY, integration_id INTEGER NOT NULL, status TEXT NOT NULL,
  error_code TEXT, error_message TEXT, writes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE ledgers (
  sync_id INTEGER NOT NULL, kind TEXT NOT NULL, fetched INTEGER NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL,
  skipped TEXT NOT NULL, rejected INTEGER NOT NULL, PRIMARY KEY (sync_id, kind)
) STRICT;
CREATE TABLE decisions (
  integration_id INTEGER NOT NULL, kind TEXT NOT NULL, external_id TEXT NOT NULL,
  sync_id INTEGER NOT NULL, rule TEXT NOT NULL, outcome TEXT NOT NULL, record_id INTEGER,
  compared TEXT, PRIMARY KEY (integration_id, kind, external_id)
) STRICT, WITHOUT ROWID;
";
