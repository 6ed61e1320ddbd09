// Microsoft's own Graph client against the Intune simulator, with tokens that Microsoft's own MSAL fetches. Both
// go to the vendor's hosts, over TLS.

import { ConfidentialClientApplication } from '@azure/msal-node'
import { BatchRequestContent, BatchResponseContent, Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client'
import { equal, names, overrideHosts, refused, same, serials, tls } from './checks.mjs'

overrideHosts()

const { tenant_id: partnerTenant, client_id: clientId, client_secret: secret } = tls.credentials
const GRAPH = 'https://graph.microsoft.com'
const DEVICES = '/deviceManagement/managedDevices'
const MISSING = '11111111-2222-4333-8444-555555555555'
const authorityOf = (tenant) => `https://login.microsoftonline.com/${tenant}`

const application = (clientSecret, id = clientId) =>
  new ConfidentialClientApplication({ auth: { clientId: id, clientSecret, authority: authorityOf(partnerTenant) } })
const own = application(secret)
const logIn = (tenant, who = own) =>
  who.acquireTokenByClientCredential({ scopes: [`${GRAPH}/.default`], authority: authorityOf(tenant) })

const withToken = (getAccessToken) => Client.initWithMiddleware({ authProvider: { getAccessToken } })
/** A client of one tenant. MSAL keeps that tenant's token. */
const inside = (tenant) => withToken(async () => (await logIn(tenant)).accessToken)

/** Every record of a list, by the client's own iterator. */
async function every(api, list) {
  const records = []
  const first = await list.get()
  await new PageIterator(api, first, (record) => records.push(record) > 0).iterate()
  return records
}

/** An error of the client's own kind, with what it read in the body. */
const graphError = (status, code) => (error) =>
  error instanceof GraphError && error.statusCode === status && error.code === code && /^[0-9a-f-]{36}$/.test(error.requestId)
/** An error of MSAL's, by the platform's number. */
const loginError = (code, number) => (error) => error.errorCode === code && String(error.errorNo) === String(number)

const partner = inside(partnerTenant)
const contracts = await every(partner, partner.api('/contracts').top(25))
same('contracts, in pages of 25', contracts.map((it) => it.displayName), names('organizations'))

const [tenants, devices] = [[], []]
for (const { customerId } of contracts) {
  const api = inside(customerId)
  tenants.push((await api.api('/organization').select(['id', 'displayName']).get()).value[0])
  for (const device of await every(api, api.api(DEVICES).top(3))) devices.push({ customerId, device })
}
same('each tenant by its own token', tenants.map((it) => it.id), contracts.map((it) => it.customerId))
same('the names of tenants', tenants.map((it) => it.displayName), names('organizations'))
same('devices of all tenants, in pages of 3', devices.map(({ device }) => device.deviceName), names('devices'))
same('their serial numbers', devices.map(({ device }) => device.serialNumber), serials())
const kept = await logIn(contracts[7].customerId)
const seconds = (kept.expiresOn - Date.now()) / 1_000
equal('a token is kept, and for an hour at most', [kept.fromCache, seconds > 3_000 && seconds < 3_600], [true, true])

const { customerId } = contracts[1]
const api = inside(customerId)
const mine = devices.filter((it) => it.customerId === customerId).map(({ device }) => device)
const wired = (it) => it.ethernetMacAddress
equal('a list lacks wired addresses', [...new Set(devices.map(({ device }) => wired(device)))], [null])
const singles = await Promise.all(mine.map((it) => api.api(`${DEVICES}/${it.id}`).get()))
const macs = [0, 1, 2, 3].map((n) => `001B44013A0${n}`)
same('a device asked about itself has one', singles.map(wired), macs)
const chosen = await api.api(`${DEVICES}/${mine[2].id}`).select('id,ethernetMacAddress').get()
equal('of one, what is selected', Object.keys(chosen).sort(), ['@odata.context', 'ethernetMacAddress', 'id'])
const listed = await api.api(DEVICES).select(['id', 'serialNumber']).top(1).get()
equal('of a list, too', Object.keys(listed.value[0]).sort(), ['id', 'serialNumber'])
equal("a next link at the vendor's host", listed['@odata.nextLink'].startsWith(`${GRAPH}/v1.0${DEVICES}?`), true)
const selected = await every(api, api.api(DEVICES).select(['id', 'serialNumber']).top(1))
same('a selection in pages of 1', selected.map((it) => Object.keys(it).join()), mine.map(() => 'id,serialNumber'))

const found = async (list) => (await every(api, list)).map((it) => it.deviceName)
equal('a filter by serial number', await found(api.api(DEVICES).filter("serialNumber eq '5CG0012XYZ'")), ['C001-WS2'])
equal('a filter by time', await found(api.api(DEVICES).filter('lastSyncDateTime ge 2020-01-01T00:00:00Z')), [])
const backwards = api.api(DEVICES).filter("contains(deviceName,'WS')").orderby('deviceName desc').top(3)
equal('a filter in an order, in pages', await found(backwards), ['C001-WS3', 'C001-WS2', 'C001-WS1', 'C001-WS0'])

// The batch is made of requests as `fetch` has them.
const steps = [...mine.map((it) => it.id), MISSING].map((id, at) => ({ id: String(at), request: new Request(`${GRAPH}${DEVICES}/${id}`) }))
const batch = await new BatchRequestContent(steps).getContent()
const replies = new BatchResponseContent(await api.api('/$batch').post(batch)).getResponses()
equal('a batch of five', steps.map(({ id }) => replies.get(id).status), [200, 200, 200, 200, 404])
const bodies = await Promise.all(steps.map(({ id }) => replies.get(id).json()))
equal('and its bodies', bodies.slice(0, 4).map(wired), singles.map(wired))
equal('one of which is an error', bodies[4].error.code, 'ResourceNotFound')

const device = (client, id) => client.api(`${DEVICES}/${id}`).get()
const elsewhere = devices.find((it) => it.customerId !== customerId).device
await refused('a device that is missing', () => device(api, MISSING), graphError(404, 'ResourceNotFound'))
await refused("another tenant's device", () => device(api, elsewhere.id), graphError(404, 'ResourceNotFound'))
await refused('an id that is none', () => device(api, 'abc'), graphError(400, 'BadRequest'))
await refused('a filter that is none', () => api.api(DEVICES).filter('deviceName').get(), graphError(400, 'BadRequest'))
await refused('a path that there is not', () => api.api('/deviceManagement/shoes').get(), graphError(400, 'BadRequest'))
await refused('a token that was never given', () => withToken(async () => 'a.b.c').api('/contracts').get(), graphError(401, 'InvalidAuthenticationToken'))
await refused('a wrong secret', () => logIn(customerId, application('wrong')), loginError('invalid_client', 7000215))
await refused('a wrong application', () => logIn(customerId, application(secret, MISSING)), loginError('unauthorized_client', 700016))
await refused('a tenant that there is not', () => logIn(MISSING), loginError('invalid_request', 90002))
