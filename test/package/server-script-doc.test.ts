import { describe, expect, it } from 'vitest'
import { SimulatedClock, parseScript } from '../../src/testing/index.ts'
import { errorFrame } from '../../src/testing/script/faults.ts'
import { scriptSchema, upgradeAnswer, upgradeForms } from '../../src/testing/script/schema.ts'
import { turn } from '../../src/testing/script/turn.ts'
import { checkOptions, codeSchema } from '../../src/testing/server/options.ts'
import { settingsOf } from '../../src/testing/server/settings.ts'
import { codeBlocks, codeIn, tableRows, textOf } from './markdown.ts'

/** As much of a valibot schema as this walk looks at. */
interface Schema {
  readonly type: string
  readonly wrapped?: Schema
  readonly item?: Schema
  readonly entries?: Readonly<Record<string, Schema>>
  readonly options?: readonly unknown[]
  readonly key?: unknown
  readonly literal?: unknown
}

/** What is described in one place, and named elsewhere. */
const PLACES = new Map<unknown, string>([
  [errorFrame, 'turns[].error'],
  [turn, 'turns[]'],
])

/** The knobs of a schema, as the page names them. */
function knobsOf(schema: Schema, path = ''): string[] {
  const place = PLACES.get(schema)
  if (place !== undefined && place !== path) return [path]
  if (schema.wrapped !== undefined) return knobsOf(schema.wrapped, path)
  if (Object.is(schema, upgradeAnswer))
    return kindsOf(Object.entries(upgradeForms as unknown as Record<string, Schema>), path)
  if (schema.type === 'variant') {
    const key = String(schema.key)
    const kinds = (schema.options as Schema[]).map((one) => [kindOf(one, key), one] as const)
    return kindsOf(kinds, path, key)
  }
  if (schema.type === 'array' && isMany(schema.item)) return knobsOf(schema.item as Schema, `${path}[]`)
  if (schema.entries === undefined) return [path]
  return Object.entries(schema.entries).flatMap(([name, one]) =>
    knobsOf(one, path === '' ? name : `${path}.${name}`),
  )
}

/** The fields that all kinds have, then each kind with those that it has besides. */
function kindsOf(kinds: readonly (readonly [string, Schema])[], path: string, key?: string): string[] {
  const [[, first] = ['', { type: '' }]] = kinds
  const isCommon = ([name, one]: readonly [string, Schema]): boolean =>
    kinds.every(([, kind]) => kind.entries?.[name] === one)
  const common = Object.entries(first.entries ?? {}).filter((entry) => isCommon(entry))
  return [
    ...common.flatMap(([name, one]) => knobsOf(one, `${path}.${name}`)),
    ...kinds.flatMap(([kind, { entries = {} }]) => {
      const own = Object.entries(entries).filter((entry) => entry[0] !== key && !isCommon(entry))
      return [`${path}[${kind}]`, ...own.flatMap(([name, one]) => knobsOf(one, `${path}[${kind}].${name}`))]
    }),
  ]
}

function kindOf(schema: Schema, key: string): string {
  return String(schema.entries?.[key]?.literal)
}

function isMany(item: Schema | undefined): boolean {
  return item?.entries !== undefined || item?.type === 'variant' || Object.is(item, upgradeAnswer)
}

const page = textOf('docs/server-script.md')
const rows = tableRows(page).map(([name = '', type = '', value = '', what = '', example = '']) => ({
  name: codeIn(name)[0] ?? '',
  type,
  value,
  what,
  example: codeIn(example)[0] ?? '',
}))
const ofScript = knobsOf(scriptSchema as unknown as Schema)
const ofCode = knobsOf(codeSchema as unknown as Schema)

/** What an example has at a knob: `undefined` where it does not touch it. */
function valueAt(example: unknown, knob: string): unknown {
  const names = knob.replaceAll(/\[[\w-]*\]/g, (index) => (index === '[]' ? '.0' : '')).split('.')
  return names.reduce(
    (value: unknown, name) => (value as Record<string, unknown> | undefined)?.[name],
    example,
  )
}

describe('docs/server-script.md', () => {
  it('walks a schema of some size', () => {
    expect(ofScript.length).toBeGreaterThan(120)
    expect(ofScript).toEqual(
      expect.arrayContaining([
        'limits.lanes',
        'turns[].faults[].at',
        'turns[].faults[][close].code',
        'upgrades[].times',
        'upgrades[][accept].faults[][binary].bytes',
      ]),
    )
  })

  it('has one row for each knob, and none for what there is not', () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...ofScript, ...ofCode].toSorted())
  })

  it('says of each what it does, and of each field its type and its default', () => {
    const bare = rows.filter(({ name, type, value, what }) => {
      const isKind = name.endsWith(']')
      return what === '' || (type === '') !== isKind || (value === '') !== isKind
    })
    expect(bare).toEqual([])
  })

  it.each(rows.filter(({ name }) => ofScript.includes(name)))(
    'has an example of $name that sets it and is taken: $example',
    ({ name, example }) => {
      const script: unknown = JSON.parse(example)
      expect(valueAt(script, name)).not.toBeUndefined()
      const kind = /\[([\w-]+)\](?:\.\w+)?$/.exec(name)?.[1]
      if (kind !== undefined && !name.startsWith('upgrades[][')) expect(example).toContain(`"${kind}"`)
      expect(() => parseScript(script)).not.toThrow()
    },
  )

  it.each(rows.filter(({ name }) => ofCode.includes(name)))(
    'has an example of $name in code that sets it and is taken: $example',
    ({ name, example }) => {
      const scope = { SimulatedClock, key: 'KEY', cert: 'CERT', ca: 'CA' }
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the text is this project's own
      const evaluate = new Function(...Object.keys(scope), `return (${example})`)
      const options = evaluate(...Object.values(scope)) as object
      expect(valueAt(options, name)).not.toBeUndefined()
      expect(() => checkOptions(options)).not.toThrow()
    },
  )

  const modes = ['generation-1', 'vercel'] as const
  const byMode = rows.filter(({ name }) => valueAt(settingsOf({}), name) !== undefined)

  it.each(byMode)('gives the default of $name in each mode: $value', ({ name, value }) => {
    const usual = JSON.stringify(valueAt(settingsOf({}), name))
    const [first, ...others] = value.split('; ')
    expect(first).toBe(`\`${usual}\``)
    const said = new Map<string, string>(
      others.flatMap((other) => {
        const [names = '', given = ''] = other.split(': ')
        return codeIn(names).map((mode) => [mode, codeIn(given)[0] ?? ''] as const)
      }),
    )
    for (const mode of modes) {
      expect([mode, said.get(mode) ?? usual]).toEqual([
        mode,
        JSON.stringify(valueAt(settingsOf({ mode }), name)),
      ])
    }
  })

  it('gives the defaults of all settings', () => {
    expect(byMode.length).toBeGreaterThan(29)
  })

  it('begins with a script that is taken', () => {
    const [whole = ''] = codeBlocks(page, 'json')
    expect(Object.keys(parseScript(JSON.parse(whole)))).toEqual(
      expect.arrayContaining(['upgrades', 'turns', 'default']),
    )
  })
})
