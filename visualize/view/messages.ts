import type { RecordingEntry } from '../../src/recording/format.ts'
import type { ChartLayouts } from '../chart/packaged.ts'
import type { ChartModel } from '../chart/model.ts'

/** What the server tells the page, as JSON. */
export type ServerMessage =
  /** The first message, and again when the page fell so far behind that entries were dropped before they were sent. */
  | {
      readonly type: 'hello'
      readonly startedAt: string | null
      readonly title: string
      /** `at` of now: the page's clock is set by it. */
      readonly at: number
      /** True for a recording that was opened: nothing will be added. */
      readonly complete: boolean
      readonly maySend: boolean
      readonly base: readonly RecordingEntry[]
      readonly dropped: number
    }
  | { readonly type: 'entries'; readonly at: number; readonly entries: readonly RecordingEntry[] }
  /** Layouts of a chart; null where it can only be listed. */
  | {
      readonly type: 'chart'
      readonly chart: string
      readonly model: ChartModel
      readonly layouts: ChartLayouts | null
    }

/** Asks for the layouts of a chart that a recording brought along, or of one of the package's by its name. */
export interface LayoutRequest {
  readonly type: 'layout'
  readonly chart: string
  readonly model: ChartModel | null
}

/** Sends an event to an actor, where that was allowed when the inspector was started. */
export interface SendCommand {
  readonly type: 'send'
  readonly actor: string
  readonly event: { readonly type: string }
}

/** What the page may ask of the server. */
export type PageMessage = LayoutRequest | SendCommand
