import { stepsInShort } from '../../../src/testing/coverage/print.ts'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import type { ReferenceModel, Subject } from '../../../src/testing/properties/subject.ts'
import type { Path } from '../../../src/testing/paths/path.ts'

/** How a mutant is put to the test. */
interface PathTest<Step, Options> {
  readonly model: (options: Options) => ReferenceModel<Step>
  readonly subject: (options: Options) => Subject<Step>
}

/**
 * Runs paths on a mutant until one tells it from the model: says which. What notices one mutant often notices the
 * next, so that path comes first from then on.
 */
export async function firstToNotice<Step extends { readonly do: string }, Options>(
  paths: Path<Step, Options>[],
  { model, subject }: PathTest<Step, Options>,
): Promise<string | null> {
  for (const [index, path] of paths.entries()) {
    const one = subject(path.options)
    try {
      await agreeWith(model(path.options), one, path.steps, 'mutant')
    } catch {
      paths.unshift(...paths.splice(index, 1))
      return stepsInShort(path)
    } finally {
      await one.stop()
    }
  }
  return null
}
