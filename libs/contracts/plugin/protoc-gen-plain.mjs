// A protoc plug-in: one TypeScript file per package with every message as the plain JSON that travels on Kafka and
// through our gRPC binding (see src/plain-codec.ts): lowerCamel, every field present, int64 as number, enums by name.
import { createEcmaScriptPlugin, runNodeJs } from '@bufbuild/protoplugin';
import { ScalarType } from '@bufbuild/protobuf';
import { commentsOf } from './comments.mjs';

const scalar = (type) => {
  switch (type) {
    case ScalarType.STRING:
      return 'string';
    case ScalarType.BOOL:
      return 'boolean';
    case ScalarType.BYTES:
      return 'Uint8Array';
    default:
      return 'number';
  }
};

const moduleOf = (file) => file.proto.package.split('.')[1];

const plugin = createEcmaScriptPlugin({
  name: 'protoc-gen-plain',
  version: 'v1',
  parseOptions: () => ({}),
  generateTs(schema) {
    const modules = new Map();
    for (const file of schema.files) modules.set(moduleOf(file), [...(modules.get(moduleOf(file)) ?? []), file]);
    for (const [name, files] of modules) generateModule(schema, name, files);
    const index = schema.generateFile('index.ts');
    index.print('// Generated from proto/ by protoc-gen-plain; do not edit.');
    for (const name of modules.keys()) index.print(`import type * as ${name}Types from './${name}.js';`);
    for (const name of modules.keys()) index.print(`export * as ${name} from './${name}.js';`);
    const list = schema.generateFile('files.ts');
    list.print('// Generated from proto/ by protoc-gen-plain; do not edit.');
    schema.files.forEach((file, i) => list.print(`import { file_${file.name.replaceAll(/[^a-z0-9]/g, '_')} as file${i} } from '../gen/${file.name}_pb.js';`));
    list.print('');
    list.print('/** The descriptor of every file in proto/. */');
    list.print(`export const files = [${schema.files.map((_, i) => `file${i}`).join(', ')}];`);
    index.print('');
    index.print('/** Every message by its full proto name. */');
    index.print('export interface Messages {');
    for (const [name, files] of modules)
      for (const file of files) for (const message of file.messages) index.print(`  '${message.typeName}': ${name}Types.${message.name};`);
    index.print('}');
  },
});

function generateModule(schema, name, files) {
  const out = schema.generateFile(`${name}.ts`);
  const imports = new Set();
  const typeOf = (desc) => {
    const module = moduleOf(desc.file);
    if (module === name) return desc.name;
    imports.add(module);
    return `${module}.${desc.name}`;
  };
  const element = (field) =>
    field.fieldKind === 'message' || field.listKind === 'message' || field.mapKind === 'message'
      ? typeOf(field.message)
      : field.fieldKind === 'enum' || field.listKind === 'enum'
        ? typeOf(field.enum)
        : scalar(field.scalar);
  const fieldType = (field) => {
    if (field.fieldKind === 'list') return `readonly ${element(field)}[]`;
    if (field.fieldKind === 'map') return `{ readonly [key: string]: ${element(field)} }`;
    return element(field);
  };
  const lines = [];
  const comment = (desc, indent) => {
    const text = commentsOf(desc)?.split('\n').map((line) => line.trim()) ?? [];
    if (text.length === 1) lines.push(`${indent}/** ${text[0]} */`);
    else if (text.length > 1) lines.push(`${indent}/**`, ...text.map((line) => `${indent} * ${line}`), `${indent} */`);
  };
  for (const file of files) {
    for (const desc of file.enums) {
      comment(desc, '');
      lines.push(`export type ${desc.name} =`, ...desc.values.map((value, i) => `  | '${value.name}'${i === desc.values.length - 1 ? ';' : ''}`), '');
    }
    for (const message of file.messages) {
      comment(message, '');
      lines.push(`export interface ${message.name} {`);
      for (const field of message.fields) {
        comment(field, '  ');
        lines.push(`  readonly ${field.localName}: ${fieldType(field)};`);
      }
      lines.push('}', '');
    }
    for (const service of file.services) {
      comment(service, '');
      lines.push(`export interface ${service.name}Rpc {`);
      for (const method of service.methods)
        lines.push(
          `  readonly ${method.localName}: { readonly kind: '${method.methodKind}'; readonly input: ${typeOf(method.input)}; readonly output: ${typeOf(method.output)} };`,
        );
      lines.push('}', `export const ${service.name}: ServiceRef<${service.name}Rpc> = { typeName: '${service.typeName}' };`, '');
    }
  }
  out.print('// Generated from proto/ by protoc-gen-plain; do not edit.');
  for (const module of [...imports].toSorted()) out.print(`import type * as ${module} from './${module}.js';`);
  if (files.some((file) => file.services.length > 0)) out.print(`import type { ServiceRef } from '../service-ref.js';`);
  out.print('');
  for (const line of lines) out.print(line);
}

runNodeJs(plugin);
