//! Manufacturers, callbacks, definitions of custom fields, countries and states.

use super::field::{ID, INFO_FIELD, Kind, field, flag, required, text};
use super::{Schema, operations};

pub(super) const MANUFACTURER: Schema = Schema {
    noun: "manufacturer",
    label: "Manufacturer",
    path: "/procurement/manufacturers",
    href: "manufacturer",
    name_field: "name",
    owner: None,
    unique_name: true,
    operations: operations!("manufacturers"),
    fields: &[
        ID,
        required("name", Kind::Text(50)),
        flag("inactiveFlag", false),
        INFO_FIELD,
    ],
};

pub(super) const CALLBACK: Schema = Schema {
    noun: "callback",
    label: "Callback",
    path: "/system/callbacks",
    href: "callback",
    name_field: "description",
    owner: None,
    unique_name: false,
    operations: operations!("callbacks"),
    fields: &[
        ID,
        text("description", 100),
        required("url", Kind::Text(0)),
        required("objectId", Kind::Integer),
        required("type", Kind::Text(0)),
        required("level", Kind::Text(0)),
        field("memberId", Kind::Integer),
        text("payloadVersion", 0),
        flag("inactiveFlag", false),
        flag("isSoapCallbackFlag", false),
        flag("isSelfSuppressedFlag", false),
        field("connectWiseID", Kind::Guid),
        INFO_FIELD,
    ],
};

pub(super) const USER_DEFINED_FIELD: Schema = Schema {
    noun: "userDefinedField",
    label: "UserDefinedField",
    path: "/system/userDefinedFields",
    href: "userDefinedField",
    name_field: "caption",
    owner: None,
    unique_name: false,
    operations: operations!("user-defined-fields"),
    fields: &[
        ID,
        required("podId", Kind::Integer),
        required("caption", Kind::Text(25)),
        required("sequenceNumber", Kind::Integer),
        text("screenId", 25),
        text("helpText", 1000),
        required("fieldTypeIdentifier", Kind::Text(0)),
        field("numberDecimals", Kind::Integer),
        text("entryTypeIdentifier", 0),
        flag("requiredFlag", false),
        flag("displayOnScreenFlag", true),
        flag("readOnlyFlag", false),
        flag("listViewFlag", false),
        text("buttonUrl", 1000),
        field("options", Kind::Any),
        field("businessUnitIds", Kind::Any),
        field("locationIds", Kind::Any),
        field("connectWiseID", Kind::Guid),
        field("dateCreated", Kind::Moment),
        INFO_FIELD,
    ],
};

/// Fields of countries and states are inferred from the references to them.
pub(super) const COUNTRY: Schema = Schema {
    noun: "country",
    label: "Country",
    path: "/company/countries",
    href: "country",
    name_field: "name",
    owner: None,
    unique_name: true,
    operations: operations!("countries"),
    fields: &[
        ID,
        text("identifier", 5),
        required("name", Kind::Text(50)),
        flag("defaultFlag", false),
        INFO_FIELD,
    ],
};

pub(super) const STATE: Schema = Schema {
    noun: "state",
    label: "State",
    path: "/company/states",
    href: "state",
    name_field: "name",
    owner: None,
    unique_name: true,
    operations: operations!("states"),
    fields: &[
        ID,
        text("identifier", 50),
        required("name", Kind::Text(50)),
        INFO_FIELD,
    ],
};
