/** One measured number. `peer` is the same work done by the tool a person would use instead, in the same run. */
export interface Result {
  readonly group: string;
  readonly name: string;
  readonly ours: number;
  readonly peer?: number;
  readonly peerName?: string;
  /** ours / peer. */
  readonly ratio?: number;
  readonly unit: string;
  /** For example `<= 60`; of `ours`, or, as `ratio >= 0.8`, of the ratio. */
  readonly aim?: string;
  readonly met?: boolean;
}

export interface Measured extends Omit<Result, 'group' | 'ratio' | 'met'> {
  /** When the aim is about the ratio and not about ours. */
  readonly aimOfRatio?: boolean;
}

/** Works out ratio and whether the aim is met. */
export function result(group: string, { aimOfRatio = false, ...measured }: Measured): Result {
  const ratio = measured.peer === undefined ? undefined : round(measured.ours / measured.peer);
  const met =
    measured.aim === undefined ? undefined : meets(aimOfRatio ? (ratio ?? NaN) : measured.ours, measured.aim);
  const aim = measured.aim !== undefined && aimOfRatio ? `ratio ${measured.aim}` : measured.aim;
  return {
    group,
    ...measured,
    ours: round(measured.ours),
    ...(measured.peer === undefined ? {} : { peer: round(measured.peer) }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(aim === undefined ? {} : { aim }),
    ...(met === undefined ? {} : { met }),
  };
}

function meets(value: number, aim: string): boolean {
  const [sign, bound] = aim.split(' ');
  return sign === '>=' ? value >= Number(bound) : value <= Number(bound);
}

export function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** A readable table of all results. */
export function table(results: readonly Result[]): string {
  const rows = results.map((one) => [
    one.group,
    one.name,
    `${one.ours} ${one.unit}`,
    one.peer === undefined ? '' : `${one.peerName ?? 'peer'}: ${one.peer} ${one.unit}`,
    one.ratio === undefined ? '' : `x ${one.ratio}`,
    one.aim ?? '',
    one.met === undefined ? '' : one.met ? 'met' : 'MISSED',
  ]);
  const all = [['group', 'what', 'ours', 'peer', 'ratio', 'aim', ''], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
