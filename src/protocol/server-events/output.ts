import type { OutputContentPart } from '../content-parts.ts'
import type { OutputItem } from '../output-items.ts'
import type { DeltaFields, EventBase, ItemEvent } from './event-base.ts'

export interface OutputItemAddedEvent extends EventBase {
  readonly type: 'response.output_item.added'
  readonly output_index: number
  readonly item: OutputItem
}

/** The item in its final form: this is what belongs into a history. */
export interface OutputItemDoneEvent extends EventBase {
  readonly type: 'response.output_item.done'
  readonly output_index: number
  readonly item: OutputItem
}

interface ContentEvent<Type extends string> extends ItemEvent<Type> {
  readonly content_index: number
}

export interface ContentPartAddedEvent extends ContentEvent<'response.content_part.added'> {
  readonly part: OutputContentPart
}

export interface ContentPartDoneEvent extends ContentEvent<'response.content_part.done'> {
  readonly part: OutputContentPart
}

export interface OutputTextDeltaEvent extends ContentEvent<'response.output_text.delta'>, DeltaFields {
  readonly logprobs?: readonly unknown[] | undefined
}

export interface OutputTextDoneEvent extends ContentEvent<'response.output_text.done'> {
  readonly text: string
  readonly logprobs?: readonly unknown[] | undefined
}

export interface OutputTextAnnotationAddedEvent extends ContentEvent<'response.output_text.annotation.added'> {
  readonly annotation_index: number
  readonly annotation: unknown
}

export interface RefusalDeltaEvent extends ContentEvent<'response.refusal.delta'>, DeltaFields {}

export interface RefusalDoneEvent extends ContentEvent<'response.refusal.done'> {
  readonly refusal: string
}

export interface ReasoningTextDeltaEvent extends ContentEvent<'response.reasoning_text.delta'>, DeltaFields {}

export interface ReasoningTextDoneEvent extends ContentEvent<'response.reasoning_text.done'> {
  readonly text: string
}

interface SummaryEvent<Type extends string> extends ItemEvent<Type> {
  readonly summary_index: number
}

interface SummaryPart {
  readonly type: 'summary_text'
  readonly text: string
}

export interface ReasoningSummaryPartAddedEvent extends SummaryEvent<'response.reasoning_summary_part.added'> {
  readonly part: SummaryPart
}

export interface ReasoningSummaryPartDoneEvent extends SummaryEvent<'response.reasoning_summary_part.done'> {
  readonly part: SummaryPart
  readonly status?: 'incomplete' | undefined
}

export interface ReasoningSummaryTextDeltaEvent
  extends SummaryEvent<'response.reasoning_summary_text.delta'>, DeltaFields {}

export interface ReasoningSummaryTextDoneEvent extends SummaryEvent<'response.reasoning_summary_text.done'> {
  readonly text: string
}

/** Audio carries no item: only its data, in base64. */
export interface AudioDeltaEvent extends EventBase, DeltaFields {
  readonly type: 'response.audio.delta'
}

export interface AudioDoneEvent extends EventBase {
  readonly type: 'response.audio.done'
}

export interface AudioTranscriptDeltaEvent extends EventBase, DeltaFields {
  readonly type: 'response.audio.transcript.delta'
}

export interface AudioTranscriptDoneEvent extends EventBase {
  readonly type: 'response.audio.transcript.done'
}

export type OutputEvent =
  | OutputTextDeltaEvent
  | OutputTextDoneEvent
  | OutputItemAddedEvent
  | OutputItemDoneEvent
  | ContentPartAddedEvent
  | ContentPartDoneEvent
  | OutputTextAnnotationAddedEvent
  | RefusalDeltaEvent
  | RefusalDoneEvent
  | ReasoningTextDeltaEvent
  | ReasoningTextDoneEvent
  | ReasoningSummaryPartAddedEvent
  | ReasoningSummaryPartDoneEvent
  | ReasoningSummaryTextDeltaEvent
  | ReasoningSummaryTextDoneEvent
  | AudioDeltaEvent
  | AudioDoneEvent
  | AudioTranscriptDeltaEvent
  | AudioTranscriptDoneEvent
