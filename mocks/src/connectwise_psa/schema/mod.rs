//! The shapes of the vendor's records: which fields each resource has, of which kind and length, and
//! how the resource is called in paths, links and messages. Documented by the vendor's OpenAPI file
//! except where a comment says otherwise. It must not know any record.

mod company;
mod configuration;
mod contact;
mod field;
mod system;

pub(super) use field::{Element, Field, Kind, Located, ValueKind};

/// A resource of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    Companies,
    CompanyStatuses,
    CompanyTypes,
    TypeAssociations,
    Sites,
    Contacts,
    ContactTypes,
    Communications,
    CommunicationTypes,
    Configurations,
    ConfigurationTypes,
    ConfigurationStatuses,
    Questions,
    QuestionValues,
    Manufacturers,
    Callbacks,
    UserDefinedFields,
    Countries,
    States,
}

impl Resource {
    pub(super) const ALL: [Self; 19] = [
        Self::Companies,
        Self::CompanyStatuses,
        Self::CompanyTypes,
        Self::TypeAssociations,
        Self::Sites,
        Self::Contacts,
        Self::ContactTypes,
        Self::Communications,
        Self::CommunicationTypes,
        Self::Configurations,
        Self::ConfigurationTypes,
        Self::ConfigurationStatuses,
        Self::Questions,
        Self::QuestionValues,
        Self::Manufacturers,
        Self::Callbacks,
        Self::UserDefinedFields,
        Self::Countries,
        Self::States,
    ];

    pub(super) const fn schema(self) -> &'static Schema {
        match self {
            Self::Companies => &company::COMPANY,
            Self::CompanyStatuses => &company::STATUS,
            Self::CompanyTypes => &company::TYPE,
            Self::TypeAssociations => &company::TYPE_ASSOCIATION,
            Self::Sites => &company::SITE,
            Self::Contacts => &contact::CONTACT,
            Self::ContactTypes => &contact::TYPE,
            Self::Communications => &contact::COMMUNICATION,
            Self::CommunicationTypes => &contact::COMMUNICATION_TYPE,
            Self::Configurations => &configuration::CONFIGURATION,
            Self::ConfigurationTypes => &configuration::TYPE,
            Self::ConfigurationStatuses => &configuration::STATUS,
            Self::Questions => &configuration::QUESTION,
            Self::QuestionValues => &configuration::QUESTION_VALUE,
            Self::Manufacturers => &system::MANUFACTURER,
            Self::Callbacks => &system::CALLBACK,
            Self::UserDefinedFields => &system::USER_DEFINED_FIELD,
            Self::Countries => &system::COUNTRY,
            Self::States => &system::STATE,
        }
    }
}

/// What is particular to a resource.
#[derive(Debug)]
pub(super) struct Schema {
    /// Noun in messages, as in `configuration object is invalid`.
    pub noun: &'static str,
    /// Noun in `… 99 not found` (inferred).
    pub label: &'static str,
    /// Path below `/apis/3.0`, `{}` for a parent's id.
    pub path: &'static str,
    /// `thing` of the `thing_href` in a reference.
    pub href: &'static str,
    /// The field whose text is the `name` of a reference. Lists of statuses say `description`.
    pub name_field: &'static str,
    /// The reference that puts a record into its parent's list, or a company's.
    pub owner: Option<&'static str>,
    /// Whether another record of the same name is refused (inferred).
    pub unique_name: bool,
    /// Names of the operations, for counting calls.
    pub operations: Operations,
    /// The fields, in the order in which they are sent.
    pub fields: &'static [Field],
}

impl Schema {
    /// A field by its exact name.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A field by its name in any case: .NET reads names so (inferred).
    pub(super) fn field_any_case(&self, name: &str) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Whether records may be written as references by `identifier`.
    pub(super) fn has_identifier(&self) -> bool {
        self.field("identifier").is_some()
    }

    /// The resource's path for a parent.
    pub(super) fn path_under(&self, owners: &[u64]) -> String {
        let mut path = String::with_capacity(self.path.len() + 8);
        let mut owners = owners.iter();
        for (at, part) in self.path.split("{}").enumerate() {
            if at > 0
                && let Some(owner) = owners.next()
            {
                path.push_str(&owner.to_string());
            }
            path.push_str(part);
        }
        path
    }
}

/// Names of a resource's operations.
#[derive(Debug)]
pub(super) struct Operations {
    pub list: &'static str,
    pub count: &'static str,
    pub search: &'static str,
    pub get: &'static str,
    pub create: &'static str,
    pub replace: &'static str,
    pub update: &'static str,
    pub delete: &'static str,
}

macro_rules! operations {
    ($name:literal) => {
        $crate::connectwise_psa::schema::Operations {
            list: concat!($name, ".list"),
            count: concat!($name, ".count"),
            search: concat!($name, ".search"),
            get: concat!($name, ".get"),
            create: concat!($name, ".create"),
            replace: concat!($name, ".replace"),
            update: concat!($name, ".update"),
            delete: concat!($name, ".delete"),
        }
    };
}
use operations;
