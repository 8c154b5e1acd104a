import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { rpcs, runtime } from '../../../src/cri/generated/api.js';

const source = readFileSync('proto/runtime/v1/api.proto', 'utf8');
const namespace = (keepCase: boolean): protobuf.Namespace => {
  const root = protobuf.parse(source, new protobuf.Root(), { keepCase }).root.resolveAll();
  return root.lookup('runtime.v1') as protobuf.Namespace;
};
const proto = namespace(true);
const camel = namespace(false);

/** Rows of a table of facts without the unreleased ones, each as an object by column name. */
function table(name: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(`test/fixtures/cri/${name}.tsv`, 'utf8').trimEnd().split('\n');
  const columns = head.split('\t');
  return lines
    .map((line) =>
      Object.fromEntries(line.split('\t').map((cell, index) => [columns[index] ?? String(index), cell])),
    )
    .filter((row) => !row.since?.startsWith('HEAD'));
}

const all = <T extends protobuf.ReflectionObject>(kind: new (...args: never[]) => T): T[] =>
  proto.nestedArray
    .flatMap((item) => [item, ...(item instanceof protobuf.Type ? item.nestedArray : [])])
    .filter((item): item is T => item instanceof kind);

const shortName = (item: protobuf.ReflectionObject): string => item.fullName.replace('.runtime.v1.', '');

function typeOf(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) return `map<${field.keyType},${field.type}>`;
  const plain = field.resolvedType ? shortName(field.resolvedType) : field.type;
  return (
    (field.repeated ? 'repeated ' : '') +
    plain +
    (field.resolvedType instanceof protobuf.Enum ? ' (enum)' : '')
  );
}

const noteOf = (field: protobuf.Field): string =>
  ['deprecated', 'debug_redact'].filter((option) => field.getOption(option) === true).join(' ');

describe('api.proto', () => {
  it('has exactly the messages and fields of CRI v1', () => {
    const expected = table('cri-v1').map((row) =>
      [
        row.message,
        row.number === '-' ? '' : row.number,
        row.number === '-' ? '' : row.name,
        row.number === '-' ? '' : row.type,
        ['deprecated', 'debug_redact'].includes(row.note ?? '') ? row.note : '',
      ].join(' '),
    );
    const actual = all(protobuf.Type).flatMap((type) =>
      type.fieldsArray.length === 0
        ? [`${shortName(type)}    `]
        : type.fieldsArray.map((field) =>
            [shortName(type), field.id, field.name, typeOf(field), noteOf(field)].join(' '),
          ),
    );
    expect(expected.length).toBeGreaterThan(460);
    expect(actual.sort()).toEqual(expected.sort());
  });

  it('has exactly the enums of CRI v1', () => {
    const expected = table('cri-v1-enums').map((row) => `${row.enum} ${row.name} ${row.number}`);
    const actual = all(protobuf.Enum).flatMap((type) =>
      Object.entries(type.values).map(([name, value]) => `${shortName(type)} ${name} ${value}`),
    );
    expect(actual.sort()).toEqual(expected.sort());
  });

  it('has exactly the RPCs of CRI v1', () => {
    const expected = table('cri-v1-rpcs').map((row) =>
      [row.service, row.rpc, row.request, row.response, row.streaming].join(' '),
    );
    const actual = all(protobuf.Service).flatMap((service) =>
      service.methodsArray.map((method) =>
        [
          service.name,
          method.name,
          method.requestType,
          method.responseType,
          `${method.requestStream ? 'client-' : ''}${method.responseStream ? 'server-stream' : 'unary'}`,
        ].join(' '),
      ),
    );
    expect(actual.sort()).toEqual(expected.sort());
  });

  it('imports nothing', () => {
    expect(source).not.toMatch(/^\s*import\b/m);
  });
});

/** One value a field, different from zero, nested messages two levels deep. */
function sample(type: protobuf.Type, depth = 2): Record<string, unknown> {
  const one = (field: protobuf.Field): unknown => {
    const { resolvedType } = field.resolve();
    if (resolvedType instanceof protobuf.Type) return depth > 0 ? sample(resolvedType, depth - 1) : {};
    if (resolvedType instanceof protobuf.Enum) return Math.max(...Object.values(resolvedType.values));
    if (field.type === 'string') return `${field.name} é\u0000`;
    if (field.type === 'bool') return true;
    if (field.type === 'bytes') return Buffer.from([0xff, 0xfe, 0]);
    if (field.type === 'int64') return '-9223372036854775807';
    if (field.type === 'uint64') return '18446744073709551615';
    return field.type === 'double' ? 0.25 : 2147483647;
  };
  const value = (field: protobuf.Field): unknown =>
    field.map
      ? { a: one(field), __proto: one(field) }
      : field.repeated
        ? [one(field), one(field)]
        : one(field);
  return Object.fromEntries(type.fieldsArray.map((field) => [field.name, value(field)]));
}

describe('the generated code', () => {
  it.each(camel.nestedArray.filter((item) => item instanceof protobuf.Type).map((item) => [item.name, item]))(
    'reads and writes %s as reflection does',
    (name, type) => {
      const bytes = type.encode(type.fromObject(sample(type))).finish();
      const codec = runtime.v1[name as 'PodSandbox'];
      const decoded = codec.decode(bytes);
      expect(type.toObject(decoded as never, { longs: String })).toEqual(
        type.toObject(type.decode(bytes), { longs: String }),
      );
      expect(Buffer.from(codec.encode(decoded).finish()).equals(bytes)).toBe(true);
    },
  );

  it('knows each RPC', () => {
    const expected = table('cri-v1-rpcs').map((row) => [
      row.rpc,
      {
        service: row.service,
        request: row.request,
        response: row.response,
        stream: row.streaming === 'server-stream',
      },
    ]);
    expect(rpcs).toEqual(Object.fromEntries(expected));
  });

  it('names fields in camel case, the irregular ones too', () => {
    const names = (type: string): string[] => camel.lookupType(type).fieldsArray.map((field) => field.name);
    expect(names('ContainerConfig')).toContain('CDIDevices');
    expect(names('PsiStats')).toEqual(['Full', 'Some']);
    expect(names('PsiData')).toEqual(['Total', 'Avg10', 'Avg60', 'Avg300']);
    expect(names('Mount')).toEqual(expect.arrayContaining(['uidMappings', 'gidMappings', 'selinuxRelabel']));
    const { ContainerConfig, PsiStats, Mount } = runtime.v1;
    const config = ContainerConfig.decode(ContainerConfig.encode({ CDIDevices: [{ name: 'gpu' }] }).finish());
    expect(config.CDIDevices[0]?.name).toBe('gpu');
    expect(PsiStats.decode(PsiStats.encode({ Full: { Avg10: 0.5 } }).finish()).Full?.Avg10).toBe(0.5);
    expect(Mount.decode(Mount.encode({ uidMappings: [{ length: 7 }] }).finish()).uidMappings[0]?.length).toBe(
      7,
    );
  });

  it('fills zero values that the wire leaves out, and keeps 64 bits', () => {
    const { Container } = runtime.v1;
    const empty = Container.decode(new Uint8Array());
    expect([empty.state, empty.id, empty.createdAt.toString()]).toEqual([0, '', '0']);
    const bytes = Container.encode({ createdAt: { low: 1, high: 0x7fffffff, unsigned: false } as never });
    expect(Container.decode(bytes.finish()).createdAt.toString()).toBe('9223372032559808513');
  });
});
