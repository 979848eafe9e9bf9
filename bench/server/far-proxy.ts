import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** Added to everything that crosses, in ms, in each direction. */
const ONE_WAY_MS = 10

/**
 * A proxy that makes the server look as far away as a service is: a round trip takes 20 ms longer.
 *
 * @param narrow carries one read of at most 64 KiB at a time, as a sender does that waits for its window: some
 * 50 Mbit/s in each direction. Else any number of bytes crosses at once.
 */
export async function startFarProxy(port: number, narrow: boolean): Promise<number> {
  const proxy = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    carry(near, far, narrow)
    carry(far, near, narrow)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return (proxy.address() as AddressInfo).port
}

function carry(from: Socket, to: Socket, narrow: boolean): void {
  from.on('error', () => to.destroy())
  from.on('data', (chunk) => {
    if (narrow) from.pause()
    later(() => {
      to.write(chunk)
      from.resume()
    })
  })
  from.on('end', () => later(() => to.end()))
  from.on('close', () => later(() => to.destroy()))
}

function later(task: () => void): void {
  setTimeout(task, ONE_WAY_MS)
}
