import { type ChildProcess, fork } from 'node:child_process'

// Questions and answers between a benchmark and the processes that it runs in.

type Question = { readonly number: number; readonly ask: unknown }
type Answer =
  | { readonly number: number; readonly result: unknown }
  | { readonly number: number; readonly error: string }

/** Another process that answers questions, one at a time. */
export class Child {
  readonly #process: ChildProcess
  #asked = 0

  /** Starts a module in a process of its own. */
  constructor(file: string, args: readonly string[] = []) {
    this.#process = fork(file, [...args], { execArgv: ['--expose-gc'] })
  }

  /** Asks it something. @throws {Error} with the child's own error, or when it ends instead of answering */
  ask<Result>(question: unknown): Promise<Result> {
    this.#asked += 1
    const number = this.#asked
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`A process ended with ${code}.`))
      const onMessage = (answer: Answer): void => {
        if (answer.number !== number) return
        this.#process.off('message', onMessage)
        this.#process.off('exit', onExit)
        if ('error' in answer) reject(new Error(answer.error))
        else resolve(answer.result as Result)
      }
      this.#process.on('message', onMessage)
      this.#process.on('exit', onExit)
      this.#process.send({ number, ask: question } satisfies Question)
    })
  }

  stop(): void {
    this.#process.kill('SIGKILL')
  }
}

/** Answers what the parent process asks, and ends with it. */
export function answerParent(answer: (question: never) => unknown): void {
  const reply = async ({ number, ask }: Question): Promise<Answer> => {
    try {
      return { number, result: await answer(ask as never) }
    } catch (error) {
      return { number, error: error instanceof Error ? String(error.stack) : String(error) }
    }
  }
  process.on('message', (question: Question) => {
    void reply(question).then((message) => process.send?.(message))
  })
  process.on('disconnect', () => process.exit())
}
