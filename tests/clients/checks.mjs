// What a Node script has at hand: its task, a hosts override, and a way to say what held.

import { readFileSync } from 'node:fs'
import { Agent, buildConnector, setGlobalDispatcher } from 'undici'

export const { plain, tls, world } = JSON.parse(readFileSync(process.env.SYNCRIG_TASK, 'utf8'))

/** Reports a check. */
export function say(check, trouble) {
  console.log(JSON.stringify(trouble === undefined ? { check } : { check, trouble: String(trouble) }))
}

/** Checks that two lists hold the same things, in whatever order. */
export function same(check, found, expected) {
  const [left, right] = [found.map(String).sort(), expected.map(String).sort()]
  if (left.length === right.length && left.every((one, at) => one === right[at])) return say(check)
  const lost = right.filter((one) => !left.includes(one)).slice(0, 5)
  const extra = left.filter((one) => !right.includes(one)).slice(0, 5)
  return say(check, `${left.length} instead of ${right.length}; missing [${lost}], not expected [${extra}]`)
}

/** Checks one value. */
export function equal(check, found, expected) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  say(check, left === right ? undefined : `${left} instead of ${right}`)
}

/** Checks that a call fails with an error that `fits`. */
export async function refused(check, what, fits) {
  try {
    say(check, `answered ${JSON.stringify(await what())}`)
  } catch (error) {
    say(check, fits(error) ? undefined : `failed with ${error?.stack ?? JSON.stringify(error)}`)
  }
}

export const names = (kind) => Object.values(world[kind]).map((record) => record.name)
export const serials = () => Object.values(world.devices).map((record) => record.serial)

/** Sends every HTTPS connection of `fetch` to the TLS simulator, as a line in /etc/hosts would. */
export function overrideHosts() {
  const port = new URL(tls.base_url).port
  const connect = buildConnector({ ca: readFileSync(tls.ca_file, 'utf8') })
  setGlobalDispatcher(
    new Agent({
      connect: (to, done) =>
        connect({ ...to, hostname: '127.0.0.1', host: `127.0.0.1:${port}`, port, servername: to.hostname }, done),
    }),
  )
}
