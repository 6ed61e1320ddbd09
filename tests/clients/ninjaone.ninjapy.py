"""ninjapy against the NinjaOne simulator."""

import logging

from checks import PLAIN, equal, names, refused, same, serials

from ninjapy import NinjaRMMAuthError, NinjaRMMClient, NinjaRMMError

logging.disable(logging.CRITICAL)

ACCESS = PLAIN["credentials"]


def client(secret=ACCESS["client_secret"]):
    return NinjaRMMClient(
        token_url=f"{PLAIN['base_url']}/ws/oauth/token",
        client_id=ACCESS["client_id"],
        client_secret=secret,
        scope="monitoring management",
        base_url=PLAIN["base_url"],
        retry_total=0,
    )


def every(what, size, **filters):
    """Every page, by the last id of the page before."""
    records, last = [], 0
    while True:
        page = what(page_size=size, after=last, **filters)
        records += page
        if len(page) < size:
            return records
        last = page[-1]["id"]


def report(what, size):
    """Every page of a report, by its cursor."""
    rows, cursor = [], None
    while True:
        answer = what(page_size=size, cursor=cursor)
        if not answer["results"]:
            return rows
        rows += answer["results"]
        cursor = answer["cursor"]["name"]


api = client()
organizations = every(api.get_organizations, 25)
same("organizations, in pages of 25", [it["name"] for it in organizations], names("organizations"))
devices = every(api.get_devices_detailed, 50)
same("devices, in pages of 50", [it["systemName"] for it in devices], names("devices"))
same("their serial numbers", [it["system"]["serialNumber"] for it in devices], serials())
equal("times are converted", isinstance(devices[0]["created"], str), True)

adapters = report(api.query_network_interfaces, 40)
same("every adapter of a report, in pages of 40", [it["deviceId"] for it in adapters], [it["id"] for it in devices])
systems = report(api.query_computer_systems, 100)
same("every system of a report", [it["serialNumber"] for it in systems], serials())

first = organizations[7]["id"]
equal("the devices of an organization", len(api.get_organization_devices(first)), 4)
equal("a filter by organization, in pages of 3", len(every(api.get_devices, 3, org_filter=f"org = {first}")), 4)
servers = api.get_devices(org_filter="class in (WINDOWS_SERVER,LINUX_SERVER)")
equal("a filter by class", len(servers), 0)
equal("a search", [it["systemName"] for it in api.search_devices("C007-WS2")["devices"]], ["C007-WS2"])
equal("one organization", api.get_organization(first)["name"], organizations[7]["name"])
refused("one that is missing", lambda: api.get_organization(99_999_999), NinjaRMMError)
refused("a wrong secret", lambda: client("wrong").get_organizations(), NinjaRMMAuthError)

made = api.create_organization("Made by a client")
equal("what was written is read back", api.get_organization(made["id"])["name"], "Made by a client")
api.update_organization(made["id"], description="Changed by a client")
again = api.get_organization(made["id"])
equal("a change leaves the rest", (again["name"], again["description"]), ("Made by a client", "Changed by a client"))
