"""haloitsm-python against the HaloPSA simulator."""

from checks import PLAIN, equal, last_names, names, refused, same, serials

from halo import HaloClient
from halo.exceptions import HaloAuthenticationError, HaloResourceNotFound

ACCESS = PLAIN["credentials"]


def client(secret=ACCESS["client_secret"]):
    return HaloClient(PLAIN["base_url"], client_id=ACCESS["client_id"], client_secret=secret)


def every(resource, size, **filters):
    """Every page of a list."""
    records = []
    for page in range(1, 1_000):
        found = resource.list(page_size=size, page_no=page, **filters)
        records += found
        if len(found) < size:
            return records
    raise RuntimeError("pages without an end")


api = client()
clients = every(api.clients, 25, inactive=True)
same("clients, in pages of 25", [it.name for it in clients], names("organizations"))
assets = every(api.assets, 100, inactive=True, includeassetfields=True)
same("assets, in pages of 100", [it.key_field for it in assets], names("devices"))
users = every(api.users, 50, inactive=True)
mine = [user for user in users if user.raw.get("surname", "").startswith("Rowe")]
same("users, in pages of 50", [it.surname for it in mine], last_names())

found = api.clients.search("Brien & Sons")
same("a search", [it.name for it in found], ["O'Brien & Sons"])
one = api.client(clients[7].id)
equal("one client", one.name, clients[7].name)
sites = one.get_sites()
equal("its site", [site["name"] for site in sites["sites"]], ["Main"])
of_client = api.assets.list(client_id=one.id)
equal("the assets of a client", len(of_client), 4)
refused("a client that is missing", lambda: api.client(99_999_999), HaloResourceNotFound)
refused("a wrong secret", lambda: client("wrong").clients.list(), HaloAuthenticationError)

made = api.post("/Client", json=[{"name": "Made by a client", "toplevel_id": clients[0].raw.get("toplevel_id")}])
made = made[0] if isinstance(made, list) else made
equal("what was written is read back", api.client(made["id"]).name, "Made by a client")
api.post("/Client", json=[{"id": made["id"], "name": "Changed by a client"}])
equal("what was changed is read back", api.client(made["id"]).name, "Changed by a client")
