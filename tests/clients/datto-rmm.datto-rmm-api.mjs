// datto-rmm-api against the Datto RMM simulator. It knows the vendor's hosts only.

import { Platform, createDattoClient } from 'datto-rmm-api'
import { equal, names, overrideHosts, refused, same, say, serials, tls } from './checks.mjs'

overrideHosts()

// Its own login asks for a grant and a path that the vendor does not document, so it is given the documented one.
async function token(apiSecret) {
  const { api_key } = tls.credentials
  const reply = await fetch('https://merlot-api.centrastage.net/auth/oauth/token', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('public-client:public')}` },
    body: new URLSearchParams({ grant_type: 'password', username: api_key, password: apiSecret }),
  })
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`)
  return (await reply.json()).access_token
}

const client = (getToken) => createDattoClient({ platform: Platform.MERLOT, auth: { getToken } })
const good = await token(tls.credentials.api_secret)
const api = client(async () => good)

/** Every page of a list. */
async function all(path, member, max) {
  const records = []
  for (let page = 0; ; page += 1) {
    const { data, error } = await api.GET(path, { params: { query: { page, max } } })
    if (error) throw new Error(JSON.stringify(error))
    records.push(...data[member])
    if (!data.pageDetails.nextPageUrl) return records
  }
}

const sites = await all('/v2/account/sites', 'sites', 25)
same('sites, in pages of 25', sites.map((site) => site.name).filter((name) => !['Managed', 'OnDemand', 'Deleted Devices'].includes(name)), names('organizations'))
const devices = await all('/v2/account/devices', 'devices', 100)
same('devices, in pages of 100', devices.map((device) => device.hostname), names('devices'))

const site = sites.find((one) => one.name === "O'Brien & Sons")
const ofSite = await api.GET('/v2/site/{siteUid}/devices', { params: { path: { siteUid: site.uid } } })
same('devices of a site', ofSite.data.devices.map((device) => device.hostname), ['C000-WS0', 'C000-WS1', 'C000-WS2', 'C000-WS3'])
const found = await api.GET('/v2/account/devices', { params: { query: { hostname: 'C005-WS1' } } })
equal('a filter by host name', found.data.devices.map((device) => device.hostname), ['C005-WS1'])

const audits = await Promise.all(
  devices.slice(0, 8).map((device) => api.GET('/v2/audit/device/{deviceUid}', { params: { path: { deviceUid: device.uid } } })),
)
say('an audit has a serial number of the world', audits.every(({ data }) => serials().includes(data.bios.serialNumber)) ? undefined : JSON.stringify(audits[0].data))

const one = await api.GET('/v2/device/{deviceUid}', { params: { path: { deviceUid: devices[3].uid } } })
equal('one device', one.data.hostname, devices[3].hostname)
const missing = await api.GET('/v2/device/{deviceUid}', { params: { path: { deviceUid: '00000000-0000-0000-0000-000000000000' } } })
equal('a device that is missing', missing.response.status, 404)
await refused('a wrong secret', () => token('wrong'), (error) => /^Error: 40[01] /.test(String(error)))
const stranger = await client(async () => 'made-up').GET('/v2/account')
equal('a token that was never given', stranger.response.status, 401)

const made = await api.PUT('/v2/site', { body: { name: 'Made by a client', description: 'x', notes: '', onDemand: false, splashtopAutoInstall: false } })
equal('a site is made', made.data?.name, 'Made by a client')
const again = await api.GET('/v2/site/{siteUid}', { params: { path: { siteUid: made.data.uid } } })
equal('and read back', again.data.description, 'x')
