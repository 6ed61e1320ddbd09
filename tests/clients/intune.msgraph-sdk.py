"""msgraph-sdk against the Intune simulator, with a token of each tenant."""

import asyncio

import httpx
from checks import PLAIN, equal, names, same, say, serials

from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.contracts.contracts_request_builder import ContractsRequestBuilder
from msgraph.generated.device_management.managed_devices.item.managed_device_item_request_builder import (
    ManagedDeviceItemRequestBuilder,
)
from msgraph.generated.device_management.managed_devices.managed_devices_request_builder import (
    ManagedDevicesRequestBuilder,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.tasks.page_iterator import PageIterator

HOST, ACCESS = PLAIN["base_url"], PLAIN["credentials"]
Contracts = ContractsRequestBuilder.ContractsRequestBuilderGetQueryParameters
Devices = ManagedDevicesRequestBuilder.ManagedDevicesRequestBuilderGetQueryParameters
Device = ManagedDeviceItemRequestBuilder.ManagedDeviceItemRequestBuilderGetQueryParameters


def log_in(tenant, secret=ACCESS["client_secret"]):
    """The reply of the token endpoint, which the library leaves to others."""
    form = {
        "grant_type": "client_credentials",
        "client_id": ACCESS["client_id"],
        "client_secret": secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    return httpx.post(f"{HOST}/{tenant}/oauth2/v2.0/token", data=form)


class Static(AuthenticationProvider):
    """A token that is there already. The library's own providers send none over plain HTTP."""

    def __init__(self, token):
        self.token = token

    async def authenticate_request(self, request, additional_authentication_context=None):
        request.headers.add("Authorization", f"Bearer {self.token}")


def client(token):
    adapter = GraphRequestAdapter(Static(token))
    adapter.base_url = f"{HOST}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def inside(tenant):
    return client(log_in(tenant).json()["access_token"])


async def every(api, page):
    """Every record from this page on, by the library's own iterator."""
    records = []

    def take(record):
        records.append(record)
        return True

    await PageIterator(page, api.request_adapter).iterate(take)
    return records


async def refused(check, what, status, code):
    try:
        say(check, f"answered {await what}")
    except ODataError as error:
        equal(check, (error.response_status_code, error.error.code), (status, code))


async def main():
    partner = inside(ACCESS["tenant_id"])
    asked = RequestConfiguration(query_parameters=Contracts(top=25))
    contracts = await every(partner, await partner.contracts.get(request_configuration=asked))
    same("contracts, in pages of 25", [it.display_name for it in contracts], names("organizations"))

    devices, tenants = [], []
    asked = RequestConfiguration(query_parameters=Devices(top=3))
    for contract in contracts:
        api = inside(contract.customer_id)
        tenants.append((await api.organization.get()).value[0])
        listed = await every(api, await api.device_management.managed_devices.get(request_configuration=asked))
        devices += [(api, it) for it in listed]
    same("each tenant by its own token", [str(it.id) for it in tenants], [str(it.customer_id) for it in contracts])
    same("the names of tenants", [it.display_name for it in tenants], names("organizations"))
    same("devices of all tenants, in pages of 3", [it.device_name for _, it in devices], names("devices"))
    same("their serial numbers", [it.serial_number for _, it in devices], serials())

    api, first = devices[5]
    equal("a list lacks wired addresses", {it.ethernet_mac_address for _, it in devices}, {None})
    equal("and memory", {it.physical_memory_in_bytes for _, it in devices}, {0})
    equal("a device that never checked in", first.last_sync_date_time.year, 1)
    equal("an enumeration is one", first.compliance_state.value, "compliant")
    query = Device(select=["id", "ethernetMacAddress", "physicalMemoryInBytes"])
    item = api.device_management.managed_devices.by_managed_device_id
    one = await item(first.id).get(request_configuration=RequestConfiguration(query_parameters=query))
    equal("a device asked about itself", (one.ethernet_mac_address, one.device_name), ("001B44013A01", None))

    async def found(text, **more):
        query = RequestConfiguration(query_parameters=Devices(filter=text, **more))
        return [it.device_name for it in (await api.device_management.managed_devices.get(request_configuration=query)).value]

    equal("a filter by serial number", await found("serialNumber eq '5CG0012XYZ'"), ["C001-WS2"])
    equal("a filter by time", await found("lastSyncDateTime ge 2020-01-01T00:00:00Z"), [])
    backwards = await found("contains(deviceName,'WS')", orderby=["deviceName desc"])
    equal("a filter in an order", backwards, ["C001-WS3", "C001-WS2", "C001-WS1", "C001-WS0"])

    batch = BatchRequestContent()
    for _, it in devices[4:8]:
        batch.add_request_information(item(it.id).to_get_request_information())
    replies = await api.batch.post(batch)
    equal("a batch of four", {it.status for it in replies.responses.values()}, {200})
    equal("and its bodies", len({it.body.read() for it in replies.responses.values()}), 4)

    missing = "11111111-2222-4333-8444-555555555555"
    await refused("a device that is missing", item(missing).get(), 404, "ResourceNotFound")
    await refused("another tenant's device", item(devices[0][1].id).get(), 404, "ResourceNotFound")
    await refused("a filter that is none", found("deviceName"), 400, "BadRequest")
    await refused("a token that was never given", client("a.b.c").contracts.get(), 401, "InvalidAuthenticationToken")
    wrong = log_in(contracts[0].customer_id, "wrong")
    equal("a wrong secret", (wrong.status_code, wrong.json()["error_codes"]), (401, [7000215]))


asyncio.run(main())
