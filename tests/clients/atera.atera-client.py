"""atera-client against the Atera simulator."""

from checks import PLAIN, equal, names, refused, same, serials

import atera_client
from atera_client.rest import ApiException


def client(key=PLAIN["credentials"]["api_key"]):
    configuration = atera_client.Configuration()
    configuration.host = PLAIN["base_url"]
    configuration.api_key["X-API-KEY"] = key
    return atera_client.ApiClient(configuration)


def every(what, size, *arguments):
    """Every page, until the link to the next one is empty."""
    records, page = [], 1
    while True:
        answer = what(*arguments, page=page, items_in_page=size)
        records += answer.items
        if not answer.next_link:
            equal(f"as many as are counted, in pages of {size}", len(records), answer.total_item_count)
            return records
        page += 1


api = client()
customers = atera_client.CustomerApi(api)
agents = atera_client.AgentApi(api)
devices = atera_client.DeviceApi(api)
values = atera_client.CustomValuesApi(api)

known = every(customers.customer_get, 25)
same("customers", [it.customer_name for it in known], [*names("organizations"), "Unassigned"])
machines = every(agents.agent_get, 50)
same("agents", [it.machine_name for it in machines], names("devices"))
same("their serial numbers", [it.vendor_serial_number for it in machines], serials())
equal("MACs are a list", machines[0].mac_addresses, ["00:1B:44:00:3A:00"])
equal("times are read", machines[0].created.tzinfo is not None, True)
equal("a page of 500 is one of 50", len(agents.agent_get(items_in_page=500).items), 50)

first = known[7]
equal("the agents of a customer", len(every(agents.agent_get_by_customer, 3, first.customer_id)), 4)
by_name = agents.agent_get_agents_by_machine_name(machines[9].machine_name)
equal("agents of a name", [it.agent_id for it in by_name.items], [machines[9].agent_id])
equal("one agent", agents.agent_agent_query_dto(machines[9].agent_id).device_guid, machines[9].device_guid)
equal("one customer", customers.customer_get_0(first.customer_id).customer_name, first.customer_name)
equal("no SNMP devices", devices.device_get_snmp_devices().total_item_count, 0)
refused("an agent that is missing", lambda: agents.agent_agent_query_dto(99_999_999), ApiException)
refused("a wrong key", lambda: atera_client.AgentApi(client("wrong")).agent_get(), ApiException)

made = customers.customer_post(atera_client.CreateCustomerDTO(customer_name="Made by a client"))
equal("a customer is made", made.action_id.isdigit(), True)
customers.customer_put(made.action_id, atera_client.UpdateCustomerDTO(city="Halifax"))
again = customers.customer_get_0(made.action_id)
equal("a change leaves the rest", (again.customer_name, again.city), ("Made by a client", "Halifax"))

agent = machines[0].agent_id
value = atera_client.SetCustomValueDTO(value="2027-03-31")
values.custom_values_set_agent_field(agent, "Warranty Expiration", value)
kept = values.custom_values_get_agent_field(agent, "Warranty Expiration")
equal("a custom value is kept", [it.value_as_string for it in kept], ["2027-03-31"])
watched = atera_client.CreateGenericDTO(
    name="Camera", customer_id=first.customer_id, monitoring_agent_id=by_name.items[0].agent_id, monitored=True
)
devices.device_create_generic_device(watched)
equal("a device is made", [it.name for it in every(devices.device_get_generic_devices, 10)], ["Camera"])
