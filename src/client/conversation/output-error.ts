import { HoldlineError } from '../../protocol/errors.ts'
import type { TurnResponse } from '../../protocol/index.ts'

/** Where an answer does not fit its schema, and how. */
export interface OutputIssue {
  /** Names and positions, from the root: `items.0.price`; empty for the root. */
  readonly path: string
  /** The schema's own words. */
  readonly message: string
}

/**
 * The model has answered, and the answer is not what `output` asked for: no JSON, cut short, or JSON that does not
 * fit the schema. Code `ERR_BAD_OUTPUT`. The turn is part of the history: asking again is another turn.
 *
 * What the model wrote is in `text`, `response` and `issues`, and stands in no message and no JSON.
 */
export class OutputError extends HoldlineError {
  override readonly name: string = 'OutputError'
  readonly #issues: readonly OutputIssue[]
  readonly #response: TurnResponse
  readonly #text: string

  constructor(problem: string, text: string, response: TurnResponse, issues: readonly OutputIssue[] = []) {
    super(
      'ERR_BAD_OUTPUT',
      `The answer ${problem}. It was not given as output. It is in the history: ask again, or look at error.text and error.issues.`,
    )
    this.#issues = issues
    this.#response = response
    this.#text = text
  }

  /** What the schema objects to; empty where the answer is no JSON. */
  get issues(): readonly OutputIssue[] {
    return this.#issues
  }

  /** What the model wrote. */
  get text(): string {
    return this.#text
  }

  get response(): TurnResponse {
    return this.#response
  }
}
