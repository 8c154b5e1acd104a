// Makes src/cri/generated/ from proto/: static encoders and decoders by pbjs, and types of our own, since those of pbts
// hide which fields a decoded message always has. Quick when nothing changed; run on install and before each build.
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const script = fileURLToPath(import.meta.url);
const proto = path('proto/runtime/v1/api.proto');
const folder = path('src/cri/generated');
const outputs = [`${folder}/api.js`, `${folder}/api.d.ts`];

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const scalars = {
  string: 'string',
  bool: 'boolean',
  bytes: 'Uint8Array',
  double: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'Long',
  uint64: 'Long',
};

const doc = (text, indent = '') => (text ? `${indent}/** ${text.replaceAll('\n', ' ')} */\n` : '');

/** `SecurityProfile.ProfileType` becomes `SecurityProfile_ProfileType`. */
const typeName = (type) => type.fullName.replace(/^\.runtime\.v1\./, '').replaceAll('.', '_');

/** The type of a decoded field: protobuf's zero value when the wire has none, null for an absent message. */
function fieldType(field, Type) {
  if (field.map) return `Record<string, ${scalars[field.type]}>`;
  const plain = field.resolvedType ? typeName(field.resolvedType) : scalars[field.type];
  if (field.repeated) return `${plain}[]`;
  return field.resolvedType instanceof Type ? `${plain} | null` : plain;
}

function enumTypes(type) {
  const values = Object.entries(type.values).map(([name, value]) => `  readonly ${name}: ${value};\n`);
  return {
    declaration: `${doc(type.comment)}export type ${typeName(type)} = number;\n`,
    value: `{\n${values.join('')}}`,
  };
}

function messageTypes(type, { Type }) {
  const fields = type.fieldsArray.map(
    (field) => `${doc(field.comment, '  ')}  ${field.name}: ${fieldType(field, Type)};\n`,
  );
  return `${doc(type.comment)}export interface ${typeName(type)} {\n${fields.join('')}}\n`;
}

/** Every RPC as [name, { service, request, response, stream }]. */
function rpcsOf(root, { Service }) {
  const services = root.lookup('runtime.v1').nestedArray.filter((item) => item instanceof Service);
  return services.flatMap((service) =>
    service.methodsArray.map((method) => [
      method.name,
      {
        service: service.name,
        request: method.requestType,
        response: method.responseType,
        stream: method.responseStream === true,
      },
    ]),
  );
}

function rpcInterface(name, rpcs) {
  const rows = rpcs.map(
    ([method, { request, response }]) => `  ${method}: { request: ${request}; response: ${response} };\n`,
  );
  return `export interface ${name} {\n${rows.join('')}}\n`;
}

function declarations(root, protobuf) {
  const { Enum, Type } = protobuf;
  const parts = [];
  const members = [];
  for (const item of root.lookup('runtime.v1').nestedArray) {
    if (item instanceof Enum) {
      const { declaration, value } = enumTypes(item);
      parts.push(declaration);
      members.push(`readonly ${item.name}: ${value};\n`);
    } else if (item instanceof Type) {
      const nested = item.nestedArray.map((inner) => [inner.name, enumTypes(inner)]);
      parts.push(...nested.map(([, { declaration }]) => declaration), messageTypes(item, protobuf));
      const inner = nested.map(([name, { value }]) => ` & { readonly ${name}: ${value} }`).join('');
      members.push(`readonly ${item.name}: Codec<${item.name}>${inner};\n`);
    }
  }
  const rpcs = rpcsOf(root, protobuf);
  return `// Made by scripts/generate.mjs from proto/runtime/v1/api.proto.
import type Long from 'long';
import type { Reader, Writer } from 'protobufjs/minimal.js';

/** What may be encoded as a T: every field may be left out, and 64-bit integers may be safe numbers. */
export type Input<T> = T extends Long
  ? Long | number
  : T extends Uint8Array
    ? Uint8Array
    : T extends readonly (infer E)[]
      ? readonly Input<E>[]
      : T extends object
        ? string extends keyof T
          ? Readonly<T>
          : { readonly [K in keyof T]?: Input<T[K]> | undefined }
        : T;

export interface Codec<T> {
  create(properties?: Input<T>): T;
  encode(message: Input<T>, writer?: Writer): Writer;
  /** Zero values live on the prototype: \`{...message}\` and JSON lack them. */
  decode(source: Reader | Uint8Array, length?: number): T;
}

${parts.join('\n')}
export declare const runtime: {
readonly v1: {
${members.join('')}};
};

${rpcInterface(
  'UnaryRpcs',
  rpcs.filter(([, rpc]) => !rpc.stream),
)}
${rpcInterface(
  'StreamRpcs',
  rpcs.filter(([, rpc]) => rpc.stream),
)}
export declare const rpcs: Readonly<
  Record<
    keyof UnaryRpcs | keyof StreamRpcs,
    { readonly service: string; readonly request: string; readonly response: string; readonly stream: boolean }
  >
>;
`;
}

/** By renaming, so that a test run under way never reads half a file. */
function write(file, text) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

async function generate({ main }, { default: protobuf }) {
  const options = ['verify', 'convert', 'delimited', 'typeurl', 'service', 'comments', 'beautify'];
  const args = ['-t', 'static-module', '-w', 'esm', '--dependency', 'protobufjs/minimal.js', '--force-long'];
  const code = await new Promise((resolve, reject) => {
    main([...args, ...options.map((name) => `--no-${name}`), proto], (error, text) =>
      error ? reject(error) : resolve(text),
    );
  });
  const root = new protobuf.Root();
  root.loadSync(proto, { alternateCommentMode: true }).resolveAll();
  mkdirSync(folder, { recursive: true });
  const table = JSON.stringify(Object.fromEntries(rpcsOf(root, protobuf)), undefined, 2);
  write(outputs[0], `${code}\nexport const rpcs = ${table};\n`);
  write(outputs[1], declarations(root, protobuf));
}

async function main() {
  if (Math.min(...outputs.map(modified)) > Math.max(modified(proto), modified(script))) return;
  let pbjs;
  try {
    pbjs = await import('protobufjs-cli/pbjs.js');
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.log(
      'generate: development dependencies are not installed, so src/cri/generated is left as it is',
    );
    return;
  }
  await generate(pbjs.default ?? pbjs, await import('protobufjs'));
}

await main();
