"""npycentral against the N-central simulator. It takes a plain address, with its scheme."""

import logging

from checks import PLAIN, equal, names, refused, same, serials

from npycentral import NCentralClient
from npycentral.exceptions import AuthenticationError, NotFoundError

logging.disable(logging.CRITICAL)

JWT = PLAIN["credentials"]["jwt"]


def client(jwt=JWT):
    return NCentralClient(base_url=PLAIN["base_url"], jwt=jwt, max_retries=0)


api = client()
orgs = api.get_service_orgs()
equal("one service organization", [(it.soId, it.soName) for it in orgs], [("50", "Northwind IT")])
customers = api.get_customers(pagesize=25)
same("customers, in pages of 25", [it.customerName for it in customers], names("organizations"))
everybody = api.get_all_customers()
same("customers of every service organization", [it.customerId for it in everybody], [it.customerId for it in customers])
sites = api.get_all_sites(pagesize=40)
same("a site of each, in pages of 40", [it.customerId for it in sites], [it.customerId for it in customers])

devices = api.get_devices(pagesize=50)
same("devices, in pages of 50", [it.longName for it in devices], names("devices"))
same("devices, all at once", [it.deviceId for it in api.get_devices(pagesize=1000)], [it.deviceId for it in devices])
first = customers[7]
own = api.find_devices_by_customer(first.customerId)
equal("the devices of a customer", {it.customerName for it in own}, {first.customerName})
equal("how many they are", api.get_customer_device_count(first.customerId), len(own))
same("the devices of its site", [it.deviceId for it in api.find_devices_by_site(own[0].siteId)], [it.deviceId for it in own])
equal("a filter, by its name", len(api.get_devices(filter_name="All Servers")), 0)
equal("another, by its id", len(api.get_devices(filter_id=3)), len(devices))

assets = [device.load_assets() for device in devices]
same("serial numbers, one by one", [it.data.computersystem.serialnumber for it in assets], serials())
equal("an inventory is text", {type(it.data.device.deleted) for it in assets}, {str})
equal("none is deleted", [it.device_id for it in assets if it.data.device.is_deleted], [])
equal("times are read", {it.data.device.last_login_datetime.tzinfo is not None for it in assets}, {True})
equal("so is when they came", {it.data._extra.device.created_datetime.year > 2000 for it in assets}, {True})
one = assets[0].data.networkadapter[0]
equal("an adapter", (one.macaddress, one.uses_dhcp), ("00:1B:44:00:3A:00", False))

equal("one device", api.get_device(device_id=devices[3].deviceId, use_cache=False).longName, devices[3].longName)
equal("one customer", api.get_customer(customer_id=first.customerId, use_cache=False).customerName, first.customerName)
refused("one that is missing", lambda: api.get_customer(customer_id=99_999_999, use_cache=False), NotFoundError)
refused("a wrong token", lambda: client("wrong").get_service_orgs(), AuthenticationError)
before = api.get_token()
equal("a refresh that is refused falls back to the permanent token", api.refresh_token() not in (None, before), True)
equal("and the new token opens", len(api.get_service_orgs(use_cache=False)), 1)

made = api.create_customer({"customerName": "Made by a client"})["data"]["customerId"]
equal("what was written is read back", api.get_customer(customer_id=made, use_cache=False).customerName, "Made by a client")
api.create_site(made, {"siteName": "Its site"})
equal("and its site", [it.siteName for it in api.get_sites(made)], ["Its site"])
gone = devices[-1].deviceId
equal("a device is deleted", api.delete_device(gone), True)
refused("and is missing", lambda: api.get_device(device_id=gone, use_cache=False), NotFoundError)
equal("its inventory says so", devices[-1].load_assets(force_refresh=True).data.device.is_deleted, True)
