// Packs the package, installs the tarball into an empty project, and proves what a user gets: the right files, types
// under both kinds of module resolution, entry points that run, and a command that starts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const dir = mkdtempSync(join(tmpdir(), 'holdline-consumer-'))

/** What a package must not hold, and what it must. */
const UNWANTED = [
  /(^|\/)node_modules\//,
  /\.map$/,
  /\.test\.[jt]sx?$/,
  /^(src|machines|test|bench|scripts|coverage|\.ci)\//,
]
const WANTED = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'dist/src/cli/main.js',
  'dist/visualize/page/app.js',
  'dist/visualize/layouts/connection.json.gz',
]
/** What a package may weigh. */
const MOST_FILES = 250
const MOST_BYTES = 1.5 * 1024 * 1024

const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

try {
  const tarball = pack()
  install(tarball)
  for (const [name, options] of Object.entries(RESOLUTIONS)) typecheck(name, options)
  // Nobody has written an index of files for `bundler` to run; what `nodenext` emits is what Node runs.
  run('emit and run', () => node('out/program.js'))
  run('require()', () => node('program.cjs'))
  run('command', () => execFileSync(join(dir, 'node_modules/.bin/holdline'), ['--version'], quiet()))
  console.log('consumer: the packed tarball installs, typechecks and runs')
} catch (error) {
  console.error(`consumer: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`)
  process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function pack() {
  // The build ran before; scripts would run it again.
  const [info] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', dir], root))
  const paths = info.files.map(({ path }) => path)
  for (const path of WANTED) assert(paths.includes(path), `the tarball lacks ${path}`)
  for (const path of paths) {
    assert(!UNWANTED.some((pattern) => pattern.test(path)), `the tarball holds ${path}`)
  }
  for (const path of paths.filter((each) => each.endsWith('.md'))) checkLinks(path, paths)
  assert(paths.length <= MOST_FILES, `the tarball holds ${paths.length} files, more than ${MOST_FILES}`)
  const { unpackedSize: bytes } = info
  assert(bytes <= MOST_BYTES, `the tarball has ${bytes} bytes unpacked, more than ${MOST_BYTES}`)
  console.log(`consumer: ${paths.length} files, ${bytes} bytes unpacked`)
  return join(dir, info.filename)
}

/** What a page of the package links to is in the package too: most readers have no checkout. */
function checkLinks(page, paths) {
  for (const [, link] of readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
    // The plots stay in the repository.
    if (link.startsWith('images/performance/')) continue
    const target = new URL(link, `file:///${page}`).pathname.slice(1)
    const found = paths.some((path) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`))
    assert(found, `${page} links to ${target}, which is not in the tarball`)
  }
}

function install(tarball) {
  cpSync(new URL('consumer/', import.meta.url), dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
  // Node's own types are the consumer's to bring, in the version that this package is built with.
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/@types/node/package.json'), 'utf8'))
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--silent']
  npm(['install', ...flags, tarball, `@types/node@${version}`], dir)
}

function typecheck(name, resolution) {
  const options = {
    ...resolution,
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    outDir: 'out',
    declaration: true,
    noEmit: name !== 'nodenext',
  }
  const config = `tsconfig.${name}.json`
  writeFileSync(join(dir, config), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }))
  run(`typecheck under ${name}`, () => execFileSync(process.execPath, [compiler, '-p', config], quiet()))
}

function run(what, task) {
  try {
    task()
  } catch (error) {
    error.message = `failed at: ${what}`
    throw error
  }
}

function node(file) {
  execFileSync(process.execPath, [file], quiet())
}

function npm(args, cwd) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function quiet() {
  return { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 }
}
