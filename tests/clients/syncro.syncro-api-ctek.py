"""syncro-api-ctek against the Syncro simulator."""

from checks import PLAIN, equal, last_names, names, refused, same

import requests
import syncro_api_ctek.assets
import syncro_api_ctek.contacts
import syncro_api_ctek.customers
from syncro_api_ctek import get_assets_all, get_contacts_by_customer, get_customers_all

# It sleeps between pages out of courtesy to the vendor.
for module in (syncro_api_ctek.assets, syncro_api_ctek.contacts, syncro_api_ctek.customers):
    module.time.sleep = lambda _seconds: None

URL, TOKEN = PLAIN["base_url"], PLAIN["credentials"]["api_token"]

customers = get_customers_all(URL, TOKEN)
same("customers, to the last page", [it["business_name"] for it in customers], names("organizations"))
assets = get_assets_all(URL, TOKEN)
same("assets, to the last page", [it["name"] for it in assets], names("devices"))
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
