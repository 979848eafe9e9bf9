import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

// The inspector's page: one script and one style sheet under fixed names, so that nothing else has to be served.
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const outDir = at('dist/visualize/page')

await build({
  configFile: false,
  root: at('visualize/page'),
  logLevel: 'warn',
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    rolldownOptions: { output: { minify: true } },
    lib: { entry: at('visualize/page/main.ts'), formats: ['es'], fileName: () => 'app.js' },
  },
})
await Promise.all([
  cp(at('visualize/page/index.html'), `${outDir}/index.html`),
  cp(at('visualize/page/app.css'), `${outDir}/app.css`),
])

// The layouts of the package's own charts: long, and nothing but numbers.
const layouts = at('visualize/layouts')
await mkdir(at('dist/visualize/layouts'), { recursive: true })
for (const name of await readdir(layouts)) {
  await writeFile(at(`dist/visualize/layouts/${name}.gz`), gzipSync(await readFile(`${layouts}/${name}`)))
}
