import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
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
    lib: { entry: at('visualize/page/main.ts'), formats: ['es'], fileName: () => 'app.js' },
  },
})
await Promise.all([
  cp(at('visualize/page/index.html'), `${outDir}/index.html`),
  cp(at('visualize/page/app.css'), `${outDir}/app.css`),
])
