"""pyconnectwise against the ConnectWise PSA simulator. It builds `https://` addresses only."""

from urllib.parse import urlsplit

from checks import TLS, WORLD, equal, names, refused, same, serials, trust_authority

trust_authority()

from pyconnectwise import ConnectWiseManageAPIClient
from pyconnectwise.exceptions import AuthenticationFailedException, NotFoundException

ACCESS = TLS["credentials"]


def client(private_key=ACCESS["private_key"]):
    return ConnectWiseManageAPIClient(
        ACCESS["company_id"],
        urlsplit(TLS["base_url"]).netloc,
        ACCESS["client_id"],
        ACCESS["public_key"],
        private_key,
    )


api = client()
companies = list(api.company.companies.paginated(1, 25).all())
same("companies, in pages of 25", [company.name for company in companies], names("organizations"))
configurations = list(api.company.configurations.paginated(1, 100).all())
same("configurations, in pages of 100", [it.serial_number for it in configurations], serials())
contacts = list(api.company.contacts.paginated(1, 50).all())
same("contacts, in pages of 50", [it.last_name for it in contacts], [it["last_name"] for it in WORLD["contacts"].values()])

odd = api.company.companies.get(params={"conditions": "name = \"O'Brien & Sons\""})
same("a filter with a quote in it", [company.name for company in odd], ["O'Brien & Sons"])
like = api.company.companies.get(params={"conditions": 'name like "Client 01%"', "orderBy": "name desc"})
equal("a filter with an order", [company.name for company in like], [f"Client 01{n}" for n in range(9, -1, -1)])

one = api.company.companies.id(companies[7].id).get()
equal("one company", one.name, companies[7].name)
sites = api.company.companies.id(one.id).sites.get()
equal("its site", [site.name for site in sites], ["Main"])
refused("a company that is missing", lambda: api.company.companies.id(99_999_999).get(), NotFoundException)
refused("a wrong key", lambda: client("wrong").company.companies.get(), AuthenticationFailedException)

made = api.company.configurations.post(
    {
        "name": "MADE-BY-CLIENT",
        "company": {"id": one.id},
        "type": {"id": configurations[0].type.id},
        "status": {"id": configurations[0].status.id},
        "serialNumber": "MADE1",
    }
)
again = api.company.configurations.id(made.id).get()
equal("what was written is read back", (again.name, again.serial_number), ("MADE-BY-CLIENT", "MADE1"))
api.company.configurations.id(made.id).patch([{"op": "replace", "path": "serialNumber", "value": "MADE2"}])
equal("what was changed is read back", api.company.configurations.id(made.id).get().serial_number, "MADE2")
api.company.configurations.id(made.id).delete()
refused("what was deleted is gone", lambda: api.company.configurations.id(made.id).get(), NotFoundException)
