"""slumber, with which the vendor's reference asks, against the VSA X simulator."""

from checks import PLAIN, equal, names, refused, same, serials

import slumber
from slumber.exceptions import HttpClientError, HttpNotFoundError

ACCESS = PLAIN["credentials"]


def client(secret=ACCESS["token_secret"]):
    return slumber.API(PLAIN["base_url"] + "/", auth=(ACCESS["token_id"], secret))


def every(resource, size, **query):
    """Every page, until the number in all is reached."""
    records = []
    while True:
        answer = resource.get(**{"$top": str(size), "$skip": str(len(records))}, **query)
        records += answer["Data"]
        if len(records) >= answer["Meta"]["TotalCount"]:
            return records


def category(asset, name):
    return next(it["CategoryData"] for it in asset["AssetInfo"] if it["CategoryName"] == name)


api = client()
organizations = every(api.organizations, 25)
same("organizations, in pages of 25", [it["Name"] for it in organizations], names("organizations"))
sites = every(api.sites, 100)
same("every site has its organization", [it["ParentName"] for it in sites], names("organizations"))
groups = every(api.groups, 7)
same("every group has its site", [it["ParentSiteId"] for it in groups], [it["Id"] for it in sites])
devices = every(api.devices, 50)
same("devices, in pages of 50", [it["Name"] for it in devices], names("devices"))
assets = every(api.assets, 100)
same("assets, in pages of 100", [it["Identifier"] for it in assets], [it["Identifier"] for it in devices])
same("their serial numbers", [category(it, "BIOS")["Serial Number"] for it in assets], serials())

first = devices[0]
equal("one device", api.devices(first["Identifier"]).get()["Data"]["Name"], first["Name"])
equal("one asset", api.assets(first["Identifier"]).get()["Data"]["Name"], first["Name"])
equal("one organization", api.organizations(str(first["OrganizationId"])).get()["Data"]["Name"], first["OrganizationName"])
own = [it["Name"] for it in devices if it["SiteId"] == first["SiteId"]]
found = every(api.assets, 3, **{"$filter": f"SiteId eq {first['SiteId']}"})
same("a filter by site", [it["Name"] for it in found], own)
found = every(api.organizations, 100, **{"$filter": "contains(tolower(Name), 'client')", "$orderby": "Name desc"})
clients = sorted((it for it in names("organizations") if "client" in it.lower()), reverse=True)
equal("a filter by name, ordered", [it["Name"] for it in found], clients)
quoted = every(api.organizations, 100, **{"$filter": "Name eq 'O''Brien & Sons'"})
equal("a quote in a filter", [it["Name"] for it in quoted], ["O'Brien & Sons"])
equal("the environment", api.environment.get()["Data"]["CustomerName"], "VSA X")
refused("one that is missing", lambda: api.devices("11111111-2222-3333-4444-555555555555").get(), HttpNotFoundError)
refused("a wrong filter", lambda: api.devices.get(**{"$filter": "Nothing eq 1"}), HttpClientError)
refused("a wrong secret", lambda: client("wrong").organizations.get(), HttpClientError)

row = {"InstanceId": "production_website_1", "Name": "Production Web Site", "GroupId": groups[0]["Id"]}
made = api.devices.post(row)["Data"]["Identifier"]
equal("what was published is read back", api.devices(made).get()["Data"]["Name"], "Production Web Site")
again = api.devices.post({"InstanceId": row["InstanceId"], "GroupId": row["GroupId"], "Description": "Up"})
equal("a second time it is the same one", again["Data"]["Identifier"], made)
shown = api.devices(made).get()["Data"]
equal("a change leaves the rest", (shown["Name"], shown["Description"]), ("Production Web Site", "Up"))
