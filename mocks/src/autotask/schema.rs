//! Entities and their fields, as the vendor's own Swagger file names them (documented). It knows
//! names and types, and nothing of records.

use std::sync::LazyLock;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Integer,
    Long,
    Text,
    Double,
    Boolean,
    /// A moment in UTC, `2024-01-31T15:04:05.307`.
    Date,
}

/// A field of an entity.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    /// Without it no record is made.
    pub(super) required: bool,
    /// The API writes it never.
    pub(super) read_only: bool,
    /// Whose id it holds.
    pub(super) reference: Option<Entity>,
    /// Whether its values are a list of the instance's own.
    pub(super) picklist: bool,
}

/// The entities that are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entity {
    Companies,
    CompanyLocations,
    Contacts,
    ConfigurationItems,
    ConfigurationItemTypes,
    ConfigurationItemCategories,
    Products,
    Countries,
}

impl Entity {
    pub(super) const ALL: [Self; 8] = [
        Self::Companies,
        Self::CompanyLocations,
        Self::Contacts,
        Self::ConfigurationItems,
        Self::ConfigurationItemTypes,
        Self::ConfigurationItemCategories,
        Self::Products,
        Self::Countries,
    ];

    /// As it stands in paths.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Companies => "Companies",
            Self::CompanyLocations => "CompanyLocations",
            Self::Contacts => "Contacts",
            Self::ConfigurationItems => "ConfigurationItems",
            Self::ConfigurationItemTypes => "ConfigurationItemTypes",
            Self::ConfigurationItemCategories => "ConfigurationItemCategories",
            Self::Products => "Products",
            Self::Countries => "Countries",
        }
    }

    /// By its name in a path, in any case (seen: clients mix them).
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|entity| entity.name().eq_ignore_ascii_case(name))
    }

    /// The member with the id of the owner.
    pub(super) const fn owner(self) -> Option<&'static str> {
        match self {
            Self::CompanyLocations | Self::Contacts | Self::ConfigurationItems => Some("companyID"),
            _ => None,
        }
    }

    /// Whether records are made and changed under the collection itself. Locations and contacts are
    /// written under their company alone (documented).
    pub(super) const fn is_written_here(self) -> bool {
        !matches!(
            self,
            Self::CompanyLocations | Self::Contacts | Self::Countries
        )
    }

    /// Whether the API deletes records.
    pub(super) const fn can_be_deleted(self) -> bool {
        matches!(
            self,
            Self::CompanyLocations | Self::Contacts | Self::ConfigurationItemTypes
        )
    }

    /// Whether it has fields of the customer's own.
    pub(super) const fn has_own_fields(self) -> bool {
        matches!(
            self,
            Self::Companies | Self::Contacts | Self::ConfigurationItems | Self::Products
        )
    }

    pub(super) fn fields(self) -> &'static [Field] {
        &SCHEMA[self as usize].0
    }

    /// Names of all members of a record, in the order of the vendor's file.
    pub(super) fn members(self) -> &'static [&'static str] {
        &SCHEMA[self as usize].1
    }

    /// A field by its name, in any case.
    pub(super) fn field(self, name: &str) -> Option<&'static Field> {
        self.fields()
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

type Schema = (Vec<Field>, Vec<&'static str>);

static SCHEMA: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    Entity::ALL
        .into_iter()
        .map(|entity| {
            let fields: Vec<Field> = text(entity)
                .split_whitespace()
                .filter_map(|word| field(entity, word))
                .collect();
            let mut members: Vec<&str> = fields.iter().map(|field| field.name).collect();
            if entity.has_own_fields() {
                members.push("userDefinedFields");
            }
            (fields, members)
        })
        .collect()
});

fn field(entity: Entity, word: &'static str) -> Option<Field> {
    let (name, letter) = word.split_once(':')?;
    let kind = match letter {
        "I" => Type::Integer,
        "L" => Type::Long,
        "F" => Type::Double,
        "B" => Type::Boolean,
        "D" => Type::Date,
        _ => Type::Text,
    };
    Some(Field {
        name,
        kind,
        required: required(entity).contains(&name),
        read_only: read_only(entity, name),
        reference: reference(entity, name),
        picklist: matches!(
            (entity, name),
            (Entity::Companies, "companyType")
                | (Entity::ConfigurationItems, "configurationItemType")
        ),
    })
}

/// Inferred from older manuals: the vendor's file marks nothing as required. What a client of the API
/// cannot know of an account, an owner and a telephone number, is not asked for, since integrations
/// make companies without.
const fn required(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Companies => &["companyName", "companyType"],
        Entity::CompanyLocations | Entity::ConfigurationItemCategories => &["name"],
        Entity::Contacts => &["firstName", "lastName", "isActive"],
        Entity::ConfigurationItems => &["companyID", "productID", "isActive"],
        Entity::ConfigurationItemTypes | Entity::Products => &["name", "isActive"],
        Entity::Countries => &[],
    }
}

/// What is kept by the system, and what the RMM's own integration fills (inferred).
fn read_only(entity: Entity, name: &str) -> bool {
    entity == Entity::Countries
        || matches!(
            name,
            "id" | "createDate"
                | "createdTime"
                | "createdByResourceID"
                | "createdByPersonID"
                | "lastActivityDate"
                | "lastActivityPersonID"
                | "lastActivityPersonType"
                | "lastModifiedDate"
                | "lastModifiedTime"
                | "lastTrackedModifiedDateTime"
                | "impersonatorCreatorResourceID"
        )
        || name.starts_with("rmmDeviceAudit")
        || name.starts_with("datto")
}

const fn reference(entity: Entity, name: &str) -> Option<Entity> {
    Some(match (entity, name.as_bytes()) {
        (Entity::Companies, b"parentCompanyID") | (_, b"companyID") => Entity::Companies,
        (_, b"companyLocationID") => Entity::CompanyLocations,
        (_, b"contactID") => Entity::Contacts,
        (_, b"productID") => Entity::Products,
        (_, b"countryID") => Entity::Countries,
        (_, b"configurationItemCategoryID") => Entity::ConfigurationItemCategories,
        (_, b"parentConfigurationItemID") => Entity::ConfigurationItems,
        _ => return None,
    })
}

const fn text(entity: Entity) -> &'static str {
    match entity {
        Entity::Companies => COMPANY,
        Entity::CompanyLocations => LOCATION,
        Entity::Contacts => CONTACT,
        Entity::ConfigurationItems => ITEM,
        Entity::ConfigurationItemTypes => ITEM_TYPE,
        Entity::ConfigurationItemCategories => CATEGORY,
        Entity::Products => PRODUCT,
        Entity::Countries => COUNTRY,
    }
}

// Name and type: I integer, L long, T text, F double, B boolean, D date.

const COMPANY: &str = "\
    id:L additionalAddressInformation:T address1:T address2:T alternatePhone1:T \
    alternatePhone2:T apiVendorID:I assetValue:F billToCompanyLocationID:I \
    billToAdditionalAddressInformation:T billingAddress1:T billingAddress2:T \
    billToAddressToUse:I billToAttention:T billToCity:T billToCountryID:I billToState:T \
    billToZipCode:T city:T classification:I companyCategoryID:I companyName:T companyNumber:T \
    companyType:I competitorID:I countryID:I createDate:D createdByResourceID:I currencyID:I \
    fax:T impersonatorCreatorResourceID:I invoiceEmailMessageID:I invoiceMethod:I \
    invoiceNonContractItemsToParentCompany:B invoiceTemplateID:I isActive:B \
    isClientPortalActive:B isEnabledForComanaged:B isSample:B isTaskFireActive:B isTaxExempt:B \
    lastActivityDate:D lastTrackedModifiedDateTime:D marketSegmentID:I ownerResourceID:I \
    parentCompanyID:I phone:T postalCode:T purchaseOrderTemplateID:I quoteEmailMessageID:I \
    quoteTemplateID:I sicCode:T state:T stockMarket:T stockSymbol:T surveyCompanyRating:F \
    taxID:T taxRegionID:I territoryID:I webAddress:T";

const LOCATION: &str = "\
    id:L address1:T address2:T alternatePhone1:T alternatePhone2:T city:T companyID:I \
    countryID:I description:T fax:T isActive:B isPrimary:B isTaxExempt:B \
    overrideCompanyTaxSettings:B name:T phone:T postalCode:T roundtripDistance:F state:T \
    taxRegionID:I";

const CONTACT: &str = "\
    id:L additionalAddressInformation:T addressLine:T addressLine1:T alternatePhone:T \
    apiVendorID:I bulkEmailOptOutTime:D city:T companyID:I companyLocationID:I countryID:I \
    createDate:D emailAddress:T emailAddress2:T emailAddress3:T extension:T externalID:T \
    facebookUrl:T faxNumber:T firstName:T impersonatorCreatorResourceID:I isActive:I \
    isOptedOutFromBulkEmail:B lastActivityDate:D lastModifiedDate:D lastName:T linkedInUrl:T \
    middleInitial:T mobilePhone:T namePrefix:I nameSuffix:I note:T receivesEmailNotifications:B \
    phone:T primaryContact:B billingContact:B roomNumber:T solicitationOptOut:B \
    solicitationOptOutTime:D state:T surveyOptOut:B title:T twitterUrl:T zipCode:T";

const ITEM: &str = "\
    id:L apiVendorID:I configurationItemCategoryID:I companyID:I companyLocationID:I \
    configurationItemType:I contactID:I contractID:I contractServiceBundleID:I \
    contractServiceID:I createDate:D createdByPersonID:I dailyCost:F dattoAvailableKilobytes:L \
    dattoDeviceMemoryMegabytes:I dattoDrivesErrors:B dattoHostname:T dattoInternalIP:T \
    dattoKernelVersionID:I dattoLastCheckInDateTime:D dattoNICSpeedKilobitsPerSecond:I \
    dattoNumberOfAgents:I dattoNumberOfDrives:I dattoNumberOfVolumes:I dattoOffsiteUsedBytes:L \
    dattoOSVersionID:I dattoPercentageUsed:F dattoProtectedKilobytes:L dattoRemoteIP:T \
    dattoSerialNumber:T dattoUptimeSeconds:I dattoUsedKilobytes:L dattoZFSVersionID:I \
    deviceNetworkingID:T domain:T domainRegistrarID:I domainRegistrationDateTime:D \
    domainLastUpdatedDateTime:D domainExpirationDateTime:D hourlyCost:F \
    impersonatorCreatorResourceID:I installDate:D installedByContactID:I installedByID:I \
    isActive:B lastActivityPersonID:I lastActivityPersonType:I lastModifiedTime:D location:T \
    monthlyCost:F notes:T numberOfUsers:F parentConfigurationItemID:I perUseCost:F productID:I \
    referenceNumber:T referenceTitle:T rmmDeviceAuditAntivirusStatusID:I \
    rmmDeviceAuditArchitectureID:I rmmDeviceAuditBackupStatusID:I rmmDeviceAuditDescription:T \
    rmmDeviceAuditDeviceTypeID:I rmmDeviceAuditDisplayAdaptorID:I rmmDeviceAuditDomainID:I \
    rmmDeviceAuditExternalIPAddress:T rmmDeviceAuditHostname:T rmmDeviceAuditIPAddress:T \
    rmmDeviceAuditLastUser:T rmmDeviceAuditMacAddress:T rmmDeviceAuditManufacturerID:I \
    rmmDeviceAuditFirmwareID:I rmmDeviceAuditMemoryBytes:L rmmDeviceAuditMissingPatchCount:I \
    rmmDeviceAuditMobileNetworkOperatorID:I rmmDeviceAuditMobileNumber:T rmmDeviceAuditModelID:I \
    rmmDeviceAuditMotherboardID:I rmmDeviceAuditOperatingSystem:T rmmDeviceAuditPatchStatusID:I \
    rmmDeviceAuditProcessorID:I rmmDeviceAuditServicePackID:I rmmDeviceAuditSNMPContact:T \
    rmmDeviceAuditSNMPLocation:T rmmDeviceAuditSNMPName:T rmmDeviceAuditSoftwareStatusID:I \
    rmmDeviceAuditStorageBytes:L rmmDeviceID:L rmmDeviceUID:T rmmVsaxDeviceID:T \
    rmmOpenAlertCount:I serialNumber:T serviceBundleID:I serviceID:I serviceLevelAgreementID:I \
    setupFee:F sourceChargeID:I sourceChargeType:I sslSource:T sslCommonName:T \
    sslValidFromDateTime:D sslValidUntilDateTime:D sslIssuedBy:T sslOrganization:T \
    sslOrganizationUnit:T sslLocation:T sslSerialNumber:T sslSignatureAlgorithm:T vendorID:I \
    warrantyExpirationDate:D rmmIsInMaintenanceMode:B rmmIsMobileDeviceManagementEnrolled:B \
    rmmDeviceUrl:T";

const ITEM_TYPE: &str = "\
    id:L isActive:B name:T";

const CATEGORY: &str = "\
    id:L displayColorRGB:I isActive:B isClientPortalDefault:B isGlobalDefault:B name:T \
    nickname:T";

const PRODUCT: &str = "\
    id:L billingType:I chargeBillingCodeID:I createdByResourceID:I createdTime:D \
    defaultVendorID:I description:T doesNotRequireProcurement:B externalProductID:T \
    impersonatorCreatorResourceID:I internalProductID:T isActive:B isEligibleForRma:B \
    isSerialized:B link:T manufacturerName:T manufacturerProductName:T markupRate:F msrp:F \
    name:T periodType:I priceCostMethod:I productBillingCodeID:I productCategory:I sku:T \
    unitCost:F unitPrice:F vendorProductNumber:T defaultInstalledProductCategoryID:I";

const COUNTRY: &str = "\
    id:L addressFormatID:L countryCode:T displayName:T invoiceTemplateID:I isActive:B \
    isDefaultCountry:B name:T purchaseOrderTemplateID:I quoteTemplateID:I";
