export interface StreamExit {
  /** Absent when the connection ended without a status; `message` says why then. */
  readonly code?: number;
  readonly message?: string;
}

interface Cause {
  readonly reason?: unknown;
  readonly message?: unknown;
}

interface Status {
  readonly status?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: unknown } | null;
}

const asText = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** The exit code is a cause of its own; `message` is for people only and differs between runtimes. */
function exitCode({ details }: Status): number | undefined {
  const causes = Array.isArray(details?.causes) ? (details.causes as readonly (Cause | null)[]) : [];
  const text = causes.find((cause) => cause?.reason === 'ExitCode')?.message;
  return typeof text === 'string' && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/**
 * Reads the status that ends an exec, the JSON of channel 3: `Success`, or `Failure` with the exit code or an error.
 * Both generations of the streaming library: the older one writes a whole metav1.Status, the newer fewer members.
 */
export function readStatus(text: string): StreamExit {
  let status: Status | null;
  try {
    status = JSON.parse(text) as Status | null;
  } catch {
    return { message: text.slice(0, 2000) };
  }
  if (status?.status === 'Success') return { code: 0 };
  const code = status ? exitCode(status) : undefined;
  if (code !== undefined) return { code };
  return {
    message: asText(status?.message, 'The runtime ended the command without a reason.').slice(0, 2000),
  };
}
