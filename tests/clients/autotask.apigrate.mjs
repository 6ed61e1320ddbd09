// @apigrate/autotask-restapi against the Autotask simulator. It looks for its zone at the vendor's own host.

import { AutotaskRestApi } from '@apigrate/autotask-restapi'
import { equal, names, overrideHosts, refused, same, serials, tls } from './checks.mjs'

overrideHosts()

const { user_name, secret, integration_code } = tls.credentials
const client = (with_secret) => new AutotaskRestApi(user_name, with_secret, integration_code)
const api = client(secret)
const everything = { filter: [{ op: 'gte', field: 'id', value: 0 }] }

const companies = (await api.Companies.query(everything)).items.filter((company) => company.id !== 0)
same('companies', companies.map((company) => company.companyName), names('organizations'))
const items = (await api.ConfigurationItems.query(everything)).items
same('configuration items', items.map((item) => item.serialNumber), serials())
equal('the count', (await api.ConfigurationItems.count(everything)).queryCount, serials().length)

const odd = await api.Companies.query({
  filter: [{ op: 'or', items: [
    { op: 'eq', field: 'companyName', value: 'The "Quoted" Clinic' },
    { op: 'beginsWith', field: 'companyName', value: 'Zażółć' },
  ] }],
})
same('a filter of two conditions', odd.items.map((company) => company.companyName), ['The "Quoted" Clinic', 'Zażółć Gęślą'])

equal('one company', (await api.Companies.get(companies[3].id)).item.companyName, companies[3].companyName)
const missing = await api.Companies.get(99999999)
equal('a company that is missing', missing?.item ?? null, null)
await refused('a wrong secret', () => client('wrong').Companies.get(companies[0].id), (error) => error.status === 401)
await refused('a field that there is not', () => api.Companies.query({ filter: [{ op: 'eq', field: 'shoeSize', value: 1 }] }), (error) => error.status >= 400)

const fields = await api.Companies.fieldInfo()
const types = fields.fields.find((field) => field.name === 'companyType').picklistValues
equal('the types of companies are in the metadata', types.some((type) => type.label === 'Client' && Number(type.value) === companies[0].companyType), true)

const made = await api.CompanyContacts.create(companies[3].id, { firstName: 'Made', lastName: 'Byclient', emailAddress: 'made@client.example', isActive: 1 })
const again = await api.Contacts.get(made.itemId)
equal('a contact is written under its company and read back', again.item.lastName, 'Byclient')
await api.CompanyContacts.update(companies[3].id, { id: made.itemId, title: 'Changed' })
equal('and changed', (await api.Contacts.get(made.itemId)).item.title, 'Changed')
equal('without losing the rest', (await api.Contacts.get(made.itemId)).item.firstName, 'Made')
