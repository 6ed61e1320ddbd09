"""halopsa against the HaloPSA simulator. It is told a tenant and knows its host."""

from checks import TLS, equal, last_names, names, override_hosts, refused, same, serials

override_hosts()

from HaloPSA import Halo

ACCESS = TLS["credentials"]


def client(secret=ACCESS["client_secret"]):
    return Halo("northwind", ACCESS["client_id"], secret)


def every(resource, name, size, **filters):
    """Every page of a list, as far as the list says that it goes."""
    records, page = [], 1
    while True:
        answer = resource.search(pageinate=True, page_size=size, page_no=page, includeinactive=True, **filters)
        records += answer[name]
        if len(records) >= answer["record_count"]:
            return records
        page += 1


api = client()
clients = every(api.Clients, "clients", 25)
same("clients, in pages of 25", [it["name"] for it in clients], names("organizations"))
everything = api.Clients.get_all(includeinactive=True)
same("clients, all at once", [it["name"] for it in everything], names("organizations"))
equal("no more than 50 when nothing is said", len(api.Clients.search(includeinactive=True)["clients"]), 50)
inactive = api.Clients.get_all(includeinactive=True, includeactive=False)
equal("the inactive ones alone", len(inactive), 3)

assets = every(api.Assets, "assets", 100, includeassetfields=True)
fields = [{field["name"]: field["value"] for field in asset["fields"]} for asset in assets]
same("assets with their fields, in pages of 100", [it["Serial Number"] for it in fields], serials())
sites = every(api.Sites, "sites", 40)
equal("sites, in pages of 40", len(sites), len(clients))
users = [user for user in every(api.Users, "users", 50) if user["surname"].startswith("Rowe")]
same("users, in pages of 50", [user["surname"] for user in users], last_names())

equal("one client", api.Clients.get(clients[7]["id"], includedetails=True)["name"], clients[7]["name"])
refused("a client that is missing", lambda: api.Clients.get(99_999_999), Exception)
refused("a wrong secret", lambda: client("wrong"), ValueError)

made = api.Clients.update(name="Made by a client", toplevel_id=clients[0]["toplevel_id"])
equal("what was written is read back", api.Clients.get(made["id"])["name"], "Made by a client")
api.Clients.update(id=made["id"], name="Changed by a client")
again = api.Clients.get(made["id"])
equal("a change leaves the rest", (again["name"], again["toplevel_id"]), ("Changed by a client", clients[0]["toplevel_id"]))
