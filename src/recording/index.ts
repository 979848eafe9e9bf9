export { type Conformance, type Departure, conforms } from './conforms.ts'
export { type RecordOptions, type Recorder, record } from './record.ts'
export { type ReplayOptions, type ReplayedTransition, replay } from './replay.ts'
