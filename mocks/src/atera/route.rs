//! Which call a request is. It knows paths and methods, and no records.

use http::Method;
use percent_encoding::percent_decode_str;

use super::class::Class;
use crate::Request;

/// What a record's custom values are asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Customer,
    Machine(Class),
}

/// What a request is for. Ids are as they stand in the path: no number that can be is refused as badly
/// put, one that nobody has as missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Customers,
    Customer(String),
    CreateCustomer,
    UpdateCustomer(String),
    DeleteCustomer(String),
    CreateFolder,
    Agents,
    AgentsOf(String),
    AgentsNamed(String),
    Devices(Class),
    Machine(Class, String),
    SnmpByGuid(String),
    CreateDevice(Class),
    DeleteMachine(Class, String),
    Fields,
    Value(String),
    Values(Target, String),
    ValueOf(Target, String, String),
    SetValue(Target, String, String),
    Method,
    Nowhere,
}

impl Route {
    /// Paths are read whatever their case, and with or without a slash at the end (`inferred`: the
    /// server's framework does).
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path().trim_matches('/');
        let parts: Vec<String> = path
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8_lossy().to_lowercase())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ["api", "v3", rest @ ..] = parts.as_slice() else {
            return Self::Nowhere;
        };
        let method = request.method();
        match rest {
            ["customers"] => match *method {
                Method::GET => Self::Customers,
                Method::POST => Self::CreateCustomer,
                _ => Self::Method,
            },
            ["customers", "folders"] if method == Method::POST => Self::CreateFolder,
            ["customers", id] => match *method {
                Method::GET => Self::Customer((*id).to_owned()),
                Method::POST | Method::PUT => Self::UpdateCustomer((*id).to_owned()),
                Method::DELETE => Self::DeleteCustomer((*id).to_owned()),
                _ => Self::Method,
            },
            ["agents", rest @ ..] => Self::agents(method, rest),
            ["devices", rest @ ..] => Self::devices(method, rest),
            ["customvalues", rest @ ..] => Self::values(method, rest),
            _ => Self::Nowhere,
        }
    }

    fn agents(method: &Method, rest: &[&str]) -> Self {
        let read = method == Method::GET;
        match rest {
            [] if read => Self::Agents,
            ["customer", id] if read => Self::AgentsOf((*id).to_owned()),
            ["machine", name] if read => Self::AgentsNamed((*name).to_owned()),
            [id] if read => Self::Machine(Class::Agent, (*id).to_owned()),
            [id] if method == Method::DELETE => Self::DeleteMachine(Class::Agent, (*id).to_owned()),
            [] | [_] | ["customer" | "machine", _] => Self::Method,
            _ => Self::Nowhere,
        }
    }

    fn devices(method: &Method, rest: &[&str]) -> Self {
        let class = |word: &str, tail: &str| {
            let word = word.strip_suffix(tail)?;
            let mut others = Class::ALL.into_iter().skip(1);
            others.find(|class| class.word() == word)
        };
        match rest {
            [list] if class(list, "devices").is_some() => match class(list, "devices") {
                Some(class) if method == Method::GET => Self::Devices(class),
                _ => Self::Method,
            },
            ["snmpdevice", "v1v2" | "v3"] if method == Method::POST => {
                Self::CreateDevice(Class::Snmp)
            }
            ["snmpdevice", "guid", guid] if method == Method::GET => {
                Self::SnmpByGuid((*guid).to_owned())
            }
            [one] => match class(one, "device") {
                // SNMP devices are made by their version (`documented`).
                Some(Class::Snmp) | None => Self::Nowhere,
                Some(class) if method == Method::POST => Self::CreateDevice(class),
                Some(_) => Self::Method,
            },
            [one, id] => match class(one, "device") {
                None => Self::Nowhere,
                Some(class) if method == Method::GET => Self::Machine(class, (*id).to_owned()),
                Some(class) if method == Method::DELETE => {
                    Self::DeleteMachine(class, (*id).to_owned())
                }
                Some(_) => Self::Method,
            },
            _ => Self::Nowhere,
        }
    }

    fn values(method: &Method, rest: &[&str]) -> Self {
        let target = |word: &str, tail: &str| match word.strip_suffix(tail)? {
            "customer" => Some(Target::Customer),
            word => {
                let mut all = Class::ALL.into_iter();
                all.find(|class| class.word() == word).map(Target::Machine)
            }
        };
        match rest {
            ["customfields"] if method == Method::GET => Self::Fields,
            [id] if method == Method::GET => Self::Value((*id).to_owned()),
            [_] => Self::Method,
            [word, id] => match target(word, "fields") {
                Some(target) if method == Method::GET => Self::Values(target, (*id).to_owned()),
                Some(_) => Self::Method,
                None => Self::Nowhere,
            },
            [word, id, name] => match target(word, "field") {
                None => Self::Nowhere,
                Some(target) => {
                    let (id, name) = ((*id).to_owned(), (*name).to_owned());
                    match *method {
                        Method::GET => Self::ValueOf(target, id, name),
                        Method::PUT | Method::POST => Self::SetValue(target, id, name),
                        _ => Self::Method,
                    }
                }
            },
            _ => Self::Nowhere,
        }
    }

    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Customers => "sites.list",
            Self::Customer(_) => "sites.get",
            Self::CreateCustomer => "sites.create",
            Self::UpdateCustomer(_) => "sites.update",
            Self::DeleteCustomer(_) => "sites.delete",
            Self::CreateFolder => "folders.create",
            Self::Agents | Self::AgentsOf(_) | Self::AgentsNamed(_) | Self::Devices(_) => {
                "devices.list"
            }
            Self::Machine(..) | Self::SnmpByGuid(_) => "devices.get",
            Self::CreateDevice(_) => "devices.create",
            Self::DeleteMachine(..) => "devices.delete",
            Self::Fields => "fields.list",
            Self::Values(..) => "values.list",
            Self::Value(_) | Self::ValueOf(..) => "values.get",
            Self::SetValue(..) => "values.set",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
