/** pkt-lines out of an answer that comes in pieces, which end anywhere. */
import { LENGTH_BYTES, type Packet, packetAt, packetBytesAt } from './pkt-line.ts'

export interface PacketReader {
  /** @throws where what came is no pkt-line */
  read(piece: Buffer): void
  /** @throws where the answer ended in the middle of a packet */
  end(): void
}

/** Four hex digits say no more. */
const PACKET_MAX_BYTES = 0xffff

/** @param take gets each packet; what it holds is overwritten by the next */
export function openPacketReader(take: (packet: Packet) => void): PacketReader {
  const room = Buffer.allocUnsafeSlow(PACKET_MAX_BYTES)
  let held = 0
  return {
    read(piece) {
      for (let at = 0; at < piece.length; ) {
        const wanted = held < LENGTH_BYTES ? LENGTH_BYTES : packetBytesAt(room, 0)
        const taken = piece.copy(room, held, at, at + wanted - held)
        held += taken
        at += taken
        if (held < LENGTH_BYTES || held < packetBytesAt(room, 0)) continue
        take(packetAt(room.subarray(0, held), 0).packet)
        held = 0
      }
    },
    end() {
      if (held > 0) throw new Error("the git server's answer was cut")
    },
  }
}
