const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text: UTF-8 where they are valid UTF-8, every other byte written as `\xNN`. */
export function textOf(bytes: Uint8Array): string {
  return decode(bytes) ?? patch(bytes);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function patch(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = sequenceLength(lead);
    const sequence = length > 0 ? decode(bytes.subarray(at, at + length)) : undefined;
    text += sequence ?? `\\x${lead.toString(16).padStart(2, '0')}`;
    at += sequence === undefined ? 1 : length;
  }
  return text;
}

/** Bytes of the UTF-8 sequence that a byte leads (RFC 3629 section 3); 0 when it leads none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}
