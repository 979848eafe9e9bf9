import { randomBytes } from 'node:crypto'
import type { RecordingEntry } from '../src/recording/format.ts'
import { readPage } from './server/assets.ts'
import { EntryBuffer } from './server/buffer.ts'
import { ViewerFeed } from './server/feed.ts'
import { servePage } from './server/http.ts'
import { welcomeViewers } from './server/viewers.ts'

export interface ShownRecording {
  readonly title: string
  readonly startedAt: string | null
  readonly entries: readonly RecordingEntry[]
}

/**
 * Serves the page with a recording on it.
 *
 * @throws {HoldlineError} `ERR_INSPECTOR` when the port cannot be had
 */
export async function showRecording(
  { title, startedAt, entries }: ShownRecording,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const token = randomBytes(24).toString('base64url')
  const served = await servePage(await readPage(), { port, token })
  const buffer = new EntryBuffer(Infinity)
  for (const entry of entries) buffer.push(entry)
  const end = entries.at(-1)?.at ?? 0
  const feed = new ViewerFeed({
    buffer,
    title,
    startedAt,
    complete: true,
    now: () => end,
    flush: () => {},
    command: null,
  })
  const sendAway = welcomeViewers(served.server, { port: served.port, token }, { '/socket': feed.welcome })
  return {
    url: `http://127.0.0.1:${served.port}/?token=${token}`,
    close: () =>
      new Promise((resolve) => {
        feed.stop()
        sendAway()
        served.server.close(() => resolve())
        served.server.closeAllConnections()
      }),
  }
}
