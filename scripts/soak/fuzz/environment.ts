import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { CONFIG_VARIABLES, ConfigError, parseConfig } from '#node/config/config.ts'
import { type FuzzOptions, parametersOf, Tally } from './fuzz.ts'

const NAMES = CONFIG_VARIABLES.map(({ name }) => name)
/** What is never printed. */
const SECRETS = new Set<string>(['API_TOKEN', 'IDENTITY_SEED'])

const values = fc.oneof(
  fc.constantFrom(...CONFIG_VARIABLES.map((each) => each.default)),
  fc.constantFrom(
    'yes',
    'no',
    'true',
    '0',
    '-1',
    '1e3',
    '0x10',
    ' 7 ',
    '99999999999999999999',
    'NaN',
  ),
  fc.constantFrom(
    '/ip4/11.0.0.1/tcp/3000',
    '/ip4/0.0.0.0/tcp/0',
    '/ip6/::1/tcp/1',
    '/dns4/a/tcp/1',
  ),
  fc.constantFrom(
    '11.0.0.1',
    '256.1.1.1',
    '::',
    '10.0.0.0/8',
    '127.0.0.1:80',
    ':80',
    'unix:/x',
    '/',
  ),
  fc.integer().map(String),
  fc.double().map(String),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ minLength: 60, maxLength: 300 }),
  fc
    .array(fc.constantFrom('/ip4/11.0.0.1/tcp/1', ' ', ',', 'x', '11.0.0.0/8'), { maxLength: 6 })
    .map((parts) => parts.join('')),
)

const environments = fc.oneof(
  fc.dictionary(fc.constantFrom(...NAMES), values, { maxKeys: 6 }),
  fc.dictionary(fc.constantFrom(...NAMES), values, { maxKeys: 1 }),
  fc.dictionary(
    fc.oneof(
      fc.constantFrom(...NAMES).map((name) => `${name.slice(0, -1)}S`),
      fc.string(),
    ),
    values,
    { maxKeys: 3 },
  ),
)

/** Whatever the environment holds makes settings, or an error that names each wrong variable and no secret. */
export function fuzzEnvironment(options: FuzzOptions, parse = parseConfig): Tally {
  const tally = new Tally()
  fc.assert(
    fc.property(environments, (env) => {
      try {
        const settings = parse(env)
        tally.add('settings')
        for (const [field, value] of Object.entries(settings)) {
          assert.notEqual(value, undefined, field)
          if (typeof value === 'number') assert.ok(Number.isFinite(value), field)
        }
      } catch (error) {
        assert.ok(error instanceof ConfigError, `not on purpose: ${String(error)}`)
        assert.ok(error.faults.length > 0)
        tally.add(error.name)
        for (const { variable, seen, allowed } of error.faults) {
          assert.ok(error.message.includes(`${variable}: expected ${allowed}`), error.message)
          if (SECRETS.has(variable)) assert.equal(seen, null, variable)
        }
      }
    }),
    parametersOf(options),
  )
  return tally
}
