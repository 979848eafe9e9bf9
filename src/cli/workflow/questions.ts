export interface Question {
  readonly text: string
  /** What is put into the answer while it streams, where that is possible. */
  readonly steer?: string
}

/** What the workflow asks. Each question takes several turns, because the model looks things up first. */
export const QUESTIONS: readonly Question[] = Object.freeze([
  { text: 'How long does Holdline wait before it reconnects, and where is that written?' },
  {
    text: 'After which close codes does it try again, and what does it do when the account is out of credit?',
  },
  {
    text: 'Which turns does it send again by itself, and which not? Explain it at length.',
    steer: 'One sentence is enough: what does it do by default?',
  },
])

export const INSTRUCTIONS =
  'You answer questions about the TypeScript package that your tools can read. Look things up before you answer, ' +
  'without saying so first, name the file and the line, and answer in at most three sentences of plain text unless ' +
  'you are asked for more.'
