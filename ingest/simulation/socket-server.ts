import { createHash } from 'node:crypto'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** A WebSocket that somebody opened to a server of a test. */
export type ServerSocket = {
  readonly send: (text: string) => void
  readonly destroy: () => void
}

/** Takes upgrades of an HTTP server and hands over what comes; only what RPC clients use. */
export function acceptSockets(
  server: Server,
  onText: (text: string, socket: ServerSocket) => void,
): ReadonlySet<ServerSocket> {
  const open = new Set<ServerSocket>()
  server.on('upgrade', (request, stream: Duplex) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    )
    const socket: ServerSocket = {
      send: (text) => stream.write(frameOf(text)),
      destroy: () => stream.destroy(),
    }
    open.add(socket)
    stream.on('close', () => open.delete(socket)).on('error', () => undefined)
    let held: Buffer = Buffer.alloc(0)
    stream.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes])
      for (let frame = firstFrame(held); frame !== undefined; frame = firstFrame(held)) {
        held = held.subarray(frame.byteLength)
        if (frame.opcode === CLOSE) stream.end()
        else if (frame.opcode === TEXT) onText(frame.text, socket)
      }
    })
  })
  return open
}

const TEXT = 1
const CLOSE = 8

type Frame = { readonly opcode: number; readonly text: string; readonly byteLength: number }

/** Clients mask what they send and, as far as RPC goes, send each message whole. */
function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 127
  const lengthEnd = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < lengthEnd + 4) return undefined
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const byteLength = lengthEnd + 4 + length
  if (bytes.length < byteLength) return undefined
  const mask = bytes.subarray(lengthEnd, lengthEnd + 4)
  const payload = Buffer.from(bytes.subarray(lengthEnd + 4, byteLength))
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0)
  return { opcode: bytes.readUInt8(0) & 15, text: payload.toString('utf8'), byteLength }
}

function frameOf(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10)
  head.writeUInt8(128 | TEXT, 0)
  if (head.length === 2) head.writeUInt8(payload.length, 1)
  else if (head.length === 4) {
    head.writeUInt8(126, 1)
    head.writeUInt16BE(payload.length, 2)
  } else {
    head.writeUInt8(127, 1)
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}
