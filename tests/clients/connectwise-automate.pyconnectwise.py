"""pyconnectwise against the ConnectWise Automate simulator. It builds `https://` addresses only, and the properties
of its client give modules in place of endpoints, which are therefore made here."""

from urllib.parse import urlsplit

from checks import TLS, WORLD, equal, names, refused, same, serials, trust_authority

trust_authority()

from pyconnectwise import ConnectWiseAutomateAPIClient
from pyconnectwise.endpoints.automate.ClientsEndpoint import ClientsEndpoint
from pyconnectwise.endpoints.automate.ComputersEndpoint import ComputersEndpoint
from pyconnectwise.endpoints.automate.LocationsEndpoint import LocationsEndpoint
from pyconnectwise.endpoints.automate.NetworkdevicesEndpoint import NetworkdevicesEndpoint
from pyconnectwise.exceptions import AuthenticationFailedException, MalformedRequestException, NotFoundException

ACCESS = TLS["credentials"]


def client(password=ACCESS["password"], client_id=ACCESS["client_id"]):
    return ConnectWiseAutomateAPIClient(urlsplit(TLS["base_url"]).netloc, client_id, ACCESS["user_name"], password)


api = client()
clients_of, computers_of = ClientsEndpoint(api), ComputersEndpoint(api)
clients = list(clients_of.paginated(1, 25).all())
expected = names("organizations") + ["New Computers"]
same("clients, in pages of 25, beside the server's own", [it.name for it in clients], expected)
locations = list(LocationsEndpoint(api).paginated(1, 7).all())
same("locations, in pages of 7", [it.name for it in locations], [it.name for it in clients])
equal("a location's client", locations[8].client.name, locations[8].name)
computers = list(computers_of.paginated(1, 100).all())
same("computers, in pages of 100", [it.computer_name for it in computers], names("devices"))
same("their serial numbers", [it.serial_number for it in computers], serials())
macs = [it["macs"][0] for it in WORLD["devices"].values()]
same("their MAC addresses", [it.mac_address for it in computers], macs)
years = {getattr(it.warranty_end_date, "year", None) for it in computers}
equal("dates that nobody set are none, or dates", years, {None, 1, 1970})

chassis = list(computers_of.chassis.paginated(1, 60).all())
same("a chassis of each", [str(it.computer_id) for it in chassis], [it.id for it in computers])
equal("makers and models", {(it.manufacturer, it.product_name) for it in chassis}, {("Dell Inc.", "Latitude 5440")})
equal("drives", list(computers_of.drives.paginated(1, 60).all()), [])
equal("network devices", NetworkdevicesEndpoint(api).get(), [])

odd = clients_of.get(params={"condition": 'Name = "O\'Brien & Sons"'})
same("a condition with a quote in it", [it.name for it in odd], ["O'Brien & Sons"])
condition = f"(Client.Id = {clients[8].id}) and (ComputerName not like '%WS0')"
some = computers_of.get(params={"condition": condition, "orderBy": "ComputerName desc"})
equal("a condition with an order", [it.computer_name for it in some], [f"C007-WS{n}" for n in (3, 2, 1)])
two = [computers[4], computers[9]]
short = computers_of.get(params={"includeFields": "Id,ComputerName", "ids": ",".join(it.id for it in two)})
found = [(it.id, it.computer_name, it.serial_number) for it in short]
equal("chosen fields of chosen computers", found, [(it.id, it.computer_name, None) for it in two])
one = computers_of.id(int(computers[7].id)).get()
equal("one computer", one.serial_number, computers[7].serial_number)
refused("one that is missing", lambda: computers_of.id(99_999_999).get(), NotFoundException)
refused("a condition that is none", lambda: computers_of.get(params={"condition": "Name ="}), MalformedRequestException)
refused("a wrong password", lambda: client("wrong"), AuthenticationFailedException)
refused("a client id that nobody registered", lambda: client(client_id="wrong"), AuthenticationFailedException)
