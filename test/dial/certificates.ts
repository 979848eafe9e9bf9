import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pair {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly ca: string
  readonly caPath: string
  /** For localhost, 127.0.0.1 and ::1, signed by `ca`. */
  readonly server: Pair
  /** For `api.example.test`, signed by `ca`. */
  readonly named: Pair
  /** CN `client`, signed by `ca`. */
  readonly client: Pair
  /** Signed by itself. */
  readonly stranger: Pair
  /** For localhost and 127.0.0.1, signed by `ca`, expired. */
  readonly expired: Pair
  readonly remove: () => void
}

export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate authority and what it signed, in a directory of their own. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'holdline-tls-'))
  const path = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const pair = (name: string): Pair => ({
    cert: readFileSync(path(`${name}.crt`), 'utf8'),
    key: readFileSync(path(`${name}.key`), 'utf8'),
  })
  const selfSigned = (name: string, ...more: string[]) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
    openssl('req', '-x509', ...EC, ...files, '-days', '2', '-subj', `/CN=${name}`, ...more)
  }
  const signed = (name: string, extensions: string, days = '2') => {
    writeFileSync(path(`${name}.ext`), extensions)
    openssl('req', ...EC, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const files = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`]
    openssl('x509', '-req', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days, ...files)
    return pair(name)
  }
  selfSigned('ca', '-addext', 'keyUsage=critical,keyCertSign,cRLSign')
  selfSigned('stranger')
  const local = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n'
  return {
    ca: readFileSync(path('ca.crt'), 'utf8'),
    caPath: path('ca.crt'),
    server: signed('server', local),
    named: signed('named', 'subjectAltName=DNS:api.example.test\n'),
    client: signed('client', 'extendedKeyUsage=clientAuth\n'),
    stranger: pair('stranger'),
    expired: signed('expired', local, '-1'),
    remove: () => rmSync(directory, { recursive: true }),
  }
}
