"""syncro-api-ctek against the Syncro simulator."""

import json

from checks import PLAIN, WORLD, equal, last_names, names, refused, same, serials

import requests
import syncro_api_ctek.assets
import syncro_api_ctek.contacts
import syncro_api_ctek.customers
from syncro_api_ctek import get_assets_all, get_contacts_by_customer, get_customers_all

def report(asset):
    return asset["properties"]["kabuto_information"]


def macs(asset):
    """Addresses of the machine's own adapters."""
    own = [it for it in report(asset)["network_adapters"] if not it["description"] or "TAP" not in it["description"]]
    return [it["physical_address"] for it in own]


def known_macs(between):
    return [mac.replace(":", between) for record in WORLD["devices"].values() for mac in record["macs"]]


# It sleeps between pages out of courtesy to the vendor.
for module in (syncro_api_ctek.assets, syncro_api_ctek.contacts, syncro_api_ctek.customers):
    module.time.sleep = lambda _seconds: None

URL, TOKEN = PLAIN["base_url"], PLAIN["credentials"]["api_token"]

customers = get_customers_all(URL, TOKEN)
same("customers, to the last page", [it["business_name"] for it in customers], names("organizations"))
assets = get_assets_all(URL, TOKEN)
agents = [it for it in assets if it["asset_type"] == "Syncro Device"]
others = [it for it in assets if it["asset_type"] != "Syncro Device"]
same("assets kept by hand, to the last page", [it["name"] for it in others], names("devices"))
same("assets with an agent", [it["name"] for it in agents], names("devices"))
equal("no asset comes twice", len({it["id"] for it in assets}), len(assets))
same("serial numbers that agents read", [report(it)["general"]["serial_number"] for it in agents], serials())
same("their MACs, with dashes", [mac for it in agents for mac in macs(it)], known_macs("-"))
same("and without", [mac for it in agents for mac in report(it)["general"]["mac"]], known_macs(""))
kept = [json.loads(it["rmm_store"]["general"]["info"]) for it in agents]
equal("the report stands in the store as text", kept, [report(it) for it in agents])
equal("an agent's asset has its customer", agents[5]["customer"]["id"], agents[5]["customer_id"])
contacts = [one for customer in customers for one in get_contacts_by_customer(URL, TOKEN, customer["id"])]
same("contacts, customer by customer", [it["name"].split()[-1] for it in contacts], last_names())
refused("a wrong token", lambda: get_assets_all(URL, "wrong"), Exception)

# What the package has no call for, as its calls are made.
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


def call(method, path, **options):
    return requests.request(method, f"{URL}{path}", headers=HEADERS, timeout=10, **options)


one = call("GET", f"/customers/{customers[7]['id']}").json()["customer"]
equal("one customer", one["business_name"], customers[7]["business_name"])
equal("a customer that is missing", call("GET", "/customers/99999999").status_code, 404)
found = call("GET", "/customers", params={"business_name": "O'Brien & Sons"}).json()["customers"]
same("a filter with a quote in it", [it["business_name"] for it in found], ["O'Brien & Sons"])
made = call("POST", "/customers", json={"business_name": "Made by a client", "email": "made@client.example"}).json()
again = call("GET", f"/customers/{made['customer']['id']}").json()["customer"]
equal("what was written is read back", again["business_name"], "Made by a client")
call("PUT", f"/customers/{again['id']}", json={"city": "Halifax"})
again = call("GET", f"/customers/{again['id']}").json()["customer"]
equal("a change leaves the rest", (again["business_name"], again["city"]), ("Made by a client", "Halifax"))
equal("what cannot be is refused", call("POST", "/customers", json={"email": "no address"}).status_code, 422)

assets_of = call("GET", "/customer_assets", params={"customer_id": customers[7]["id"]}).json()
equal("assets of a customer, of both kinds", assets_of["meta"]["total_entries"], 8)
equal("pages of assets", assets_of["meta"]["per_page"], 25)
one = call("GET", f"/customer_assets/{agents[3]['id']}").json()["asset"]
equal("one asset is its row", one, agents[3])
every, filtered = (call("GET", "/customers", params=query).json() for query in ({}, {"customer_id": customers[7]["id"]}))
equal("customers have no such filter", filtered["meta"], every["meta"])
equal("no SNMP device", call("GET", "/customer_assets", params={"snmp_enabled": "true"}).json()["assets"], [])
