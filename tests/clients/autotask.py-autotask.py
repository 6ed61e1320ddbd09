"""py-autotask against the Autotask simulator. It looks for its zone at the vendor's own host."""

from checks import TLS, equal, last_names, names, override_hosts, refused, same, serials

override_hosts()

from py_autotask import AutotaskClient
from py_autotask.exceptions import AutotaskError

ACCESS = TLS["credentials"]
EVERYTHING = {"op": "gte", "field": "id", "value": 0}


def client(secret=ACCESS["secret"]):
    return AutotaskClient.create(
        username=ACCESS["user_name"], integration_code=ACCESS["integration_code"], secret=secret
    )


def every(api, entity, **fields):
    """All records, by the cursor on ids that the client's own guide advises."""
    records, last = [], 0
    while True:
        page = api.query(
            entity, {"filter": [{"op": "gt", "field": "id", "value": last}], "maxRecords": 50, **fields}
        ).items
        if not page:
            return records
        records += page
        last = page[-1]["id"]


api = client()
companies = [company for company in every(api, "Companies") if company["id"] != 0]
same("companies, in pages of 50", [it["companyName"] for it in companies], names("organizations"))
items = every(api, "ConfigurationItems")
same("configuration items, in pages of 50", [it["serialNumber"] for it in items], serials())
same("contacts, in pages of 50", [it["lastName"] for it in every(api, "Contacts")], last_names())
equal("the count", api.count("ConfigurationItems", {"filter": [EVERYTHING]}), len(serials()))

odd = api.query("Companies", {"filter": [{"op": "eq", "field": "companyName", "value": "O'Brien & Sons"}]}).items
same("a filter with a quote in it", [it["companyName"] for it in odd], ["O'Brien & Sons"])
some = api.query(
    "ConfigurationItems",
    {"filter": [{"op": "beginsWith", "field": "referenceTitle", "value": "C007"}], "includeFields": ["id", "serialNumber"]},
).items
same("a filter on names", [it["serialNumber"] for it in some], [f"5CG007{n}XYZ" for n in range(4)])
equal("only the fields that were asked for", sorted(some[0]), ["id", "serialNumber"])

equal("one company", api.get("Companies", companies[7]["id"])["companyName"], companies[7]["companyName"])
equal("a company that is missing", api.get("Companies", 99_999_999), None)
refused("a wrong secret", lambda: client("wrong").get("Companies", companies[0]["id"]), AutotaskError)

made = api.create_entity(
    "ConfigurationItems",
    {
        "companyID": companies[7]["id"],
        "productID": items[0]["productID"],
        "configurationItemType": items[0]["configurationItemType"],
        "referenceTitle": "MADE-BY-CLIENT",
        "serialNumber": "MADE1",
        "isActive": True,
    },
)
again = api.get("ConfigurationItems", made.item_id)
equal("what was written is read back", (again["referenceTitle"], again["serialNumber"]), ("MADE-BY-CLIENT", "MADE1"))
contact = api.create_child_entity(
    "Companies",
    companies[7]["id"],
    "Contacts",
    {"firstName": "Made", "lastName": "Byclient", "emailAddress": "made@client.example", "isActive": 1},
)
equal("a contact under its company", api.get("Contacts", contact.item_id)["lastName"], "Byclient")
