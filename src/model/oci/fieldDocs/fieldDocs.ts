import type { JsonPath } from '../json.js';
import { list, record, says, type Field } from './field.js';
import { linux } from './linux.js';
import { mounts } from './mounts.js';
import { processField } from './process.js';

/** What a field of a config.json is for. */
export interface FieldDoc {
  /** One or two sentences, plain text. */
  readonly text: string;
  /** Where the OCI runtime specification says so: `config-linux.md, Memory`. */
  readonly section: string;
}

/** The specification's page of a section, for a link. @param section of a {@link FieldDoc} */
export function sectionUrl(section: string): string {
  const [file = '', heading = ''] = section.split(', ');
  const anchor = heading.toLowerCase().replace(/[^a-z0-9 -]/g, '');
  return `https://github.com/opencontainers/runtime-spec/blob/main/${file}#${anchor.replaceAll(' ', '-')}`;
}

/** What is known of the field at a path; of one that has no words of its own, what holds it. */
export function fieldDoc(path: JsonPath): FieldDoc | undefined {
  for (let length = path.length; length > 0; length--) {
    const doc = exactDoc(path.slice(0, length));
    if (doc) return doc;
  }
  return undefined;
}

function exactDoc(path: JsonPath): FieldDoc | undefined {
  let at: Field | undefined = { fields };
  let section = '';
  for (const step of path) {
    at = typeof step === 'number' ? at.items : (ownField(at, step) ?? at.any);
    if (at === undefined) return undefined;
    section = at.section ?? section;
  }
  return at.text === undefined ? undefined : { text: at.text, section };
}

/** A node's key may be called `constructor`. */
function ownField({ fields: named }: Field, step: string): Field | undefined {
  return named && Object.hasOwn(named, step) ? named[step] : undefined;
}

const hooksOf = (text: string): Field =>
  list(text, {
    text: 'A program of the host.',
    fields: {
      ...record({ path: 'Absolute path of the program.', timeout: 'Seconds after which it is ended.' }),
      args: list('Its arguments; the first is its name.', 'An argument.'),
      env: list('Its environment.', 'A variable, as NAME=value.'),
    },
  });

const fields: Readonly<Record<string, Field>> = {
  ociVersion: says('The version of the OCI runtime specification that this document keeps to.', {
    section: 'config.md, Specification version',
  }),
  root: says('The container’s root filesystem.', {
    section: 'config.md, Root',
    fields: record({
      path: 'Its folder on the host; a relative path is within the bundle.',
      readonly: 'Whether the root is read-only inside the container.',
    }),
  }),
  mounts,
  process: processField,
  hostname: says('The host name inside the container, if it has a UTS namespace of its own.', {
    section: 'config.md, Hostname',
  }),
  domainname: says('The NIS domain name inside the container.', { section: 'config.md, Domainname' }),
  hooks: says('Programs that the runtime runs at stages of the container’s life.', {
    section: 'config.md, POSIX-platform Hooks',
    fields: {
      prestart: hooksOf('After the namespaces are made, before the process starts; deprecated.'),
      createRuntime: hooksOf(
        'While the container is created, in the runtime’s namespaces, before pivot_root.',
      ),
      createContainer: hooksOf('While the container is created, in its namespaces, before pivot_root.'),
      startContainer: hooksOf('In the container, right before the process starts.'),
      poststart: hooksOf('After the process has started, in the runtime’s namespaces.'),
      poststop: hooksOf('After the container is deleted, in the runtime’s namespaces.'),
    },
  }),
  annotations: says('Names and values that mean something to the runtime or to other tools.', {
    section: 'config.md, Annotations',
    any: says('An annotation.'),
  }),
  linux,
  windows: says('What only Windows has.', { section: 'config.md, Platform-specific configuration' }),
  solaris: says('What only Solaris has.', { section: 'config.md, Platform-specific configuration' }),
  zos: says('What only z/OS has.', { section: 'config.md, Platform-specific configuration' }),
  vm: says('The virtual machine that the container runs in.', {
    section: 'config-vm.md, Virtual-machine-specific Container Configuration',
    fields: {
      hypervisor: says('The hypervisor.', {
        fields: record({ path: 'Its program.', parameters: 'Its parameters.' }),
      }),
      kernel: says('The guest’s kernel.', {
        fields: record({
          path: 'Its file.',
          parameters: 'Its command line.',
          initrd: 'Its initial RAM disk.',
        }),
      }),
      image: says('The guest’s root image.', {
        fields: record({ path: 'Its file.', format: 'raw, qcow2, vdi, vmdk or vhd.' }),
      }),
    },
  }),
};
