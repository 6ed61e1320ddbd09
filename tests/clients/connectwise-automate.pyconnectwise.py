"""pyconnectwise against the ConnectWise Automate simulator. It builds `https://` addresses only."""

from urllib.parse import urlsplit

from checks import TLS, WORLD, equal, names, refused, same, serials, trust_authority

trust_authority()

from pyconnectwise import ConnectWiseAutomateAPIClient
from pyconnectwise.exceptions import AuthenticationFailedException, MalformedRequestException, NotFoundException

ACCESS = TLS["credentials"]


def client(password=ACCESS["password"], client_id=ACCESS["client_id"]):
    return ConnectWiseAutomateAPIClient(urlsplit(TLS["base_url"]).netloc, client_id, ACCESS["user_name"], password)


api = client()
clients = list(api.clients.paginated(1, 25).all())
same("clients, in pages of 25, beside the server's own", [it.name for it in clients], names("organizations") + ["New Computers"])
locations = list(api.locations.paginated(1, 7).all())
same("locations, in pages of 7", [it.name for it in locations], [it.name for it in clients])
equal("a location's client", locations[8].client.name, locations[8].name)
computers = list(api.computers.paginated(1, 100).all())
same("computers, in pages of 100", [it.computer_name for it in computers], names("devices"))
same("their serial numbers", [it.serial_number for it in computers], serials())
same("their MAC addresses", [it.mac_address for it in computers], [it["macs"][0] for it in WORLD["devices"].values()])
equal("dates that nobody set are none, or dates", {getattr(it.warranty_end_date, "year", None) for it in computers}, {None, 1, 1970})

chassis = list(api.computers.chassis.paginated(1, 60).all())
same("a chassis of each", [str(it.computer_id) for it in chassis], [it.id for it in computers])
equal("makers and models", {(it.manufacturer, it.product_name) for it in chassis}, {("Dell Inc.", "Latitude 5440")})
equal("drives", list(api.computers.drives.paginated(1, 60).all()), [])
equal("network devices", api.networkdevices.get(), [])

odd = api.clients.get(params={"condition": 'Name = "O\'Brien & Sons"'})
same("a condition with a quote in it", [it.name for it in odd], ["O'Brien & Sons"])
some = api.computers.get(params={"condition": f"(Client.Id = {clients[8].id}) and (ComputerName not like '%WS0')", "orderBy": "ComputerName desc"})
equal("a condition with an order", [it.computer_name for it in some], [f"C007-WS{n}" for n in (3, 2, 1)])
short = api.computers.get(params={"includeFields": "Id,ComputerName", "ids": f"{computers[4].id},{computers[9].id}"})
equal("chosen fields of chosen computers", [(it.id, it.computer_name, it.serial_number) for it in short], [(computers[n].id, computers[n].computer_name, None) for n in (4, 9)])
one = api.computers.id(int(computers[7].id)).get()
equal("one computer", one.serial_number, computers[7].serial_number)
refused("one that is missing", lambda: api.computers.id(99_999_999).get(), NotFoundException)
refused("a condition that is none", lambda: api.computers.get(params={"condition": "Name ="}), MalformedRequestException)
refused("a wrong password", lambda: client("wrong"), AuthenticationFailedException)
refused("a client id that nobody registered", lambda: client(client_id="wrong"), AuthenticationFailedException)
