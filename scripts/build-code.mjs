import { chmod, readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

// The JavaScript of the package, in few files: Node loads those much sooner than a hundred. One build for all entry
// points, so that what two of them share exists once. Dependencies stay outside.
const ENTRIES = [
  'machines/index',
  'src/cli/main',
  'src/fetch/index',
  'src/index',
  'src/protocol/public',
  'src/recording/index',
  'src/testing/index',
  'src/testing/model-testing',
  'visualize/demo',
  'visualize/diagrams',
  'visualize/index',
]

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const within = (pattern) => (id) => pattern.test(relative(at(''), id).replaceAll('\\', '/'))

/** Each is one file, whoever needs which part of it. What is only imported late stays outside. */
const GROUPS = [
  // What a browser can load as well.
  { name: 'machines', test: within(/^(machines|src\/protocol)\//) },
  {
    name: 'client',
    test: within(/^src\/(index|client|http\/errors|socket|dial\/(?!proxy|private-network))/),
  },
]

await build({
  configFile: false,
  root: at(''),
  logLevel: 'warn',
  publicDir: false,
  build: {
    ssr: true,
    outDir: at('dist'),
    emptyOutDir: false,
    target: 'es2023',
    rolldownOptions: {
      input: Object.fromEntries(ENTRIES.map((name) => [name, at(`${name}.ts`)])),
      // Nothing is unused, and an import for its effect alone must stay.
      treeshake: false,
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name].js',
        codeSplitting: { groups: GROUPS },
        // Guards and errors are shown by their names.
        keepNames: true,
        // They stand in the declarations.
        comments: { jsdoc: false },
        // Names stay as they are, and so does what the code does: only blanks go, a third of it.
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
})

const { bin } = JSON.parse(await readFile(at('package.json'), 'utf8'))
await Promise.all(Object.values(bin).map((file) => chmod(at(file), 0o755)))
