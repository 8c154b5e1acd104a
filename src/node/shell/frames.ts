/** What the follow script of a node says, see `followScript`. */
export type Frame =
  | { readonly type: 'data'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'rotated' | 'missing' | 'alive' }
  | { readonly type: 'opened'; readonly identity: string };

/** The stream can't be understood any more: a file shrank while it was read. */
export class BrokenFrames extends Error {}

const maxLine = 256;
const end = Buffer.from('.\n');

/** Takes the frames out of a stream as they become complete. */
export class FrameParser {
  #held: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #missing = 0;
  #offset = 0;
  #inData = false;

  /** Throws {@link BrokenFrames}. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    this.#held = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      if (frame !== 'begun') frames.push(frame);
    }
    return frames;
  }

  /** The next complete frame, `begun` when data begin, undefined when more bytes are needed. */
  #next(): Frame | 'begun' | undefined {
    if (this.#inData) return this.#data();
    const newline = this.#held.indexOf(0x0a);
    if (newline < 0) {
      if (this.#held.length > maxLine) throw new BrokenFrames('a frame’s first line has no end');
      return undefined;
    }
    const line = this.#held.toString('latin1', 0, newline);
    this.#held = this.#held.subarray(newline + 1);
    return this.#line(line);
  }

  #line(line: string): Frame | 'begun' {
    const [type, first = '', second = ''] = line.split(' ');
    switch (type) {
      case 'D':
        this.#offset = Number(first);
        this.#missing = Number(second);
        this.#inData = true;
        return 'begun';
      case 'I':
        return { type: 'opened', identity: first };
      case 'R':
        return { type: 'rotated' };
      case 'M':
        return { type: 'missing' };
      case 'H':
        return { type: 'alive' };
      default:
        throw new BrokenFrames('a frame of an unknown type');
    }
  }

  /** Parts are kept apart until all are there, since joining at each chunk would cost the square of a frame's size. */
  #data(): Frame | undefined {
    const taken = this.#held.subarray(0, this.#missing);
    if (taken.length > 0) this.#parts.push(taken);
    this.#missing -= taken.length;
    this.#held = this.#held.subarray(taken.length);
    if (this.#missing > 0 || this.#held.length < end.length) return undefined;
    if (!this.#held.subarray(0, end.length).equals(end))
      throw new BrokenFrames('a frame is not as long as it said');
    this.#held = this.#held.subarray(end.length);
    this.#inData = false;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    return { type: 'data', offset: this.#offset, bytes };
  }
}
