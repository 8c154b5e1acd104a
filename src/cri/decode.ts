import { Reader } from 'protobufjs/minimal.js';
import { breathe } from '../util/async.js';
import type { Codec } from './generated/api.js';

/** Milliseconds of decoding without a pause; two lists at once, and the bytes coming in, make it some 20. */
const slice = 4;
const lengthDelimited = 2;

/**
 * Decodes a message that is a list: each element of the repeated field 1 goes through `map`; other fields are
 * skipped. Lets the event loop run in between, since 5,000 containers take longer than a frame. Throws on bytes that
 * are no protobuf, and the signal's reason.
 */
export async function decodeList<T, R>(
  bytes: Uint8Array,
  codec: Codec<T>,
  map: (item: T) => R,
  signal?: AbortSignal,
): Promise<R[]> {
  const reader = Reader.create(bytes);
  const items: R[] = [];
  let until = performance.now() + slice;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1 && (tag & 7) === lengthDelimited)
      items.push(map(codec.decode(reader, reader.uint32())));
    else reader.skipType(tag & 7);
    if (performance.now() < until) continue;
    await breathe();
    signal?.throwIfAborted();
    until = performance.now() + slice;
  }
  return items;
}
