import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMachine } from 'xstate'
import { expect, it, onTestFinished } from 'vitest'
import { checkCharts, printCharts } from '../../visualize/print.ts'

const door = createMachine({
  id: 'door',
  initial: 'shut',
  states: { shut: { on: { push: 'open' } }, open: {} },
})
const moved = createMachine({
  id: 'door',
  initial: 'shut',
  states: { shut: { on: { pull: 'open' } }, open: {} },
})

async function folders() {
  const root = await mkdtemp(path.join(tmpdir(), 'holdline-print-'))
  onTestFinished(() => rm(root, { recursive: true }))
  return { diagrams: path.join(root, 'diagrams'), layouts: path.join(root, 'layouts') }
}

it('what was printed passes the check', async () => {
  const at = await folders()
  await printCharts({ door }, at)
  expect(await checkCharts({ door }, at)).toEqual([])
  expect(await readFile(path.join(at.diagrams, 'door.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
})

it('the check names what is missing, what differs, and what belongs to no chart', async () => {
  const at = await folders()
  await printCharts({ door }, at)
  const differs = (await checkCharts({ door: moved }, at)).map(
    ({ file, problem }) => `${path.basename(file)} ${problem}`,
  )
  expect(differs.toSorted()).toEqual(['door.json differs', 'door.mmd differs', 'door.svg differs'])
  await rm(path.join(at.diagrams, 'door.mmd'))
  await writeFile(path.join(at.diagrams, 'gone.svg'), '')
  const problems = (await checkCharts({ door }, at)).map(
    ({ file, problem }) => `${path.basename(file)} ${problem}`,
  )
  expect(problems).toEqual(['door.mmd is missing', 'gone.svg belongs to no chart'])
})

it('printing again deletes what belongs to no chart', async () => {
  const at = await folders()
  await printCharts({ door, other: moved }, at)
  await printCharts({ door }, at)
  expect(await checkCharts({ door }, at)).toEqual([])
})
