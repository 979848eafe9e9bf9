import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { codeBlocks, textOf } from './markdown.ts'
import { run } from './run-program.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = textOf('README.md')
const programs = codeBlocks(readme, 'js')

describe('the readme', () => {
  it('prints the examples as they are', () => {
    const names = ['first', 'fetch', 'spawned']
    expect(programs).toEqual(names.map((name) => textOf(`examples/${name}.mjs`)))
  })

  it('has a first program of at most fifteen lines', () => {
    expect(programs[0]?.trimEnd().split('\n').length).toBeLessThanOrEqual(15)
  })

  it.each([
    [0, 'Hello over one kept connection.\n'],
    [1, 'Hello through the openai package.\n'],
    [2, 'Hello from a machine in a machine.\n'],
  ])('prints programs that run as they stand there (%i)', (at, output) => {
    expect(run(programs[at] ?? '')).toMatchObject({ stdout: output, stderr: '', status: 0 })
  })

  it('has a first program that ends with the words of the server, and with 1, when the key is wrong', () => {
    const program = programs[0]?.replace(
      'createResponsesServer({',
      "createResponsesServer({ apiKey: 'another',",
    )
    const { stdout, stderr, status } = run(program ?? '')
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /TurnError: .*"Incorrect API key provided\." \(invalid_api_key, status 401\).*Check the key\./,
    )
    expect(status).toBe(1)
  })

  it('prints the two commands, whose scripts exist', () => {
    expect(codeBlocks(readme, 'sh')).toEqual(['npm ci && npm start\n', 'npm ci && npm test\n'])
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']))
  })

  it('draws the transitions between the five states that the chart has', async () => {
    const { connectionChart } = await import('../../machines/index.ts')
    const [drawing = ''] = codeBlocks(readme, 'mermaid')
    const drawn = [...drawing.matchAll(/^ {2}(\w+) --> (\w+):/gm)].map(([, from, to]) => `${from} ${to}`)
    const names = Object.keys(connectionChart.root.states)
    const real = new Set<string>()
    for (const name of names) {
      const [top] = Object.entries(connectionChart.root.states).filter(([key]) => key === name)
      for (const node of top === undefined ? [] : withDescendants(top[1])) {
        for (const { target, eventType } of [...node.transitions.values()].flat()) {
          // What is sent to a restored actor only is left out of the picture.
          if (eventType === 'connection.restored') continue
          for (const { path } of target ?? []) if (path[0] !== name) real.add(`${name} ${path[0]}`)
        }
      }
    }
    // The one transition inside a state that the picture shows: an attempt that failed is waited for again.
    expect(new Set(drawn)).toEqual(new Set([...real, 'reconnecting reconnecting']))
    expect(drawn).toHaveLength(new Set(drawn).size)
  })

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((path) => !existsSync(`${root}/${path}`))).toEqual([])
  })
})

interface Node {
  readonly states: Readonly<Record<string, Node>>
  readonly transitions: ReadonlyMap<
    string,
    readonly {
      readonly eventType: string
      readonly target?: readonly { readonly path: string[] }[] | undefined
    }[]
  >
}

function withDescendants(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(withDescendants)]
}
