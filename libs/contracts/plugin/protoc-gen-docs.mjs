// A protoc plug-in: docs/api, one page of Markdown per package with its services, methods, messages and enums as the proto files
// comment them, and a page of what all of them have in common.
import { createEcmaScriptPlugin, runNodeJs } from '@bufbuild/protoplugin';
import { ScalarType } from '@bufbuild/protobuf';
import { reasons } from '../src/reasons.ts';
import { topicOf } from '../src/topics.ts';
import { commentsOf, commentsOfFile } from './comments.mjs';

const note = '<!-- Generated from proto/ by protoc-gen-docs; do not edit. -->';
const pageOf = (packageName) => `${packageName.split('.')[1]}.md`;
const anchor = (title) => title.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, '').replaceAll(' ', '-');

/** In a cell of a table: one line, nothing that would end the cell or become HTML. */
const cell = (text = '') => text.split('\n').map((line) => line.trim()).join(' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
const paragraph = (text) => (text === undefined ? [] : [text.split('\n').map((line) => line.trim()).join('\n').replaceAll('<', '&lt;'), '']);

const plugin = createEcmaScriptPlugin({
  name: 'protoc-gen-docs',
  version: 'v1',
  parseOptions: () => ({}),
  generateTs(schema) {
    const packages = Map.groupBy(schema.files, ({ proto }) => proto.package);
    const write = (name, lines) => schema.generateFile(name).print(lines.join('\n').trimEnd());
    for (const [name, files] of packages) write(pageOf(name), pageLines(name, files));
    write('README.md', indexLines(packages));
  },
});

/** A message or enum as a link: on its own page, or on another package's. */
const linked = (desc, from) => {
  const name = desc.file.proto.package;
  return `[${desc.name}](${name === from ? '' : pageOf(name)}#${anchor(desc.name)})`;
};

/**
 * The reasons of the catalogue with which a method is known to answer: those that its comment names, and those that follow from what it
 * takes. What any method may answer stands on the page for all.
 */
const reasonsOf = (method) => {
  const takes = (name) => method.input.fields.some((field) => field.name === name);
  const said = [...(commentsOf(method) ?? '').matchAll(/\b[A-Z][A-Z_]+\b/g)].map(([word]) => word).filter((word) => word in reasons);
  return [...new Set([...said, ...(takes('page') ? ['BAD_PAGE_TOKEN'] : []), ...(takes('request_id') ? ['REQUEST_ID_REUSED', 'CONFLICT'] : [])])];
};

const fieldType = (field, from) => {
  const element = field.message ? linked(field.message, from) : field.enum ? linked(field.enum, from) : ScalarType[field.scalar].toLowerCase();
  if (field.fieldKind === 'list') return `${element}, repeated`;
  return field.fieldKind === 'map' ? `map of ${ScalarType[field.mapKey].toLowerCase()} to ${element}` : element;
};

function pageLines(name, files) {
  const lines = [note, '', `# ${name}`, '', ...files.flatMap((file) => paragraph(commentsOfFile(file)))];
  const all = (kind) => files.flatMap((file) => file[kind]);
  for (const service of all('services')) {
    lines.push(`## ${service.name}`, '', ...paragraph(commentsOf(service)), '| method | takes | answers | | refuses with |', '|---|---|---|---|---|');
    for (const method of service.methods) {
      const stream = (is, desc) => `${is ? 'stream of ' : ''}${linked(desc, name)}`;
      const takes = stream(['client_streaming', 'bidi_streaming'].includes(method.methodKind), method.input);
      const answers = stream(['server_streaming', 'bidi_streaming'].includes(method.methodKind), method.output);
      lines.push(`| \`${service.typeName}/${method.name}\` | ${takes} | ${answers} | ${cell(commentsOf(method))} | ${reasonsOf(method).map((reason) => `\`${reason}\``).join(', ')} |`);
    }
    lines.push('');
  }
  if (all('messages').length > 0) lines.push('## Messages', '');
  for (const message of all('messages').toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const topic = topicOf(message.typeName);
    lines.push(`### ${message.name}`, '', ...(topic ? [`An event on \`${topic}\`.`, ''] : []), ...paragraph(commentsOf(message)));
    if (message.fields.length === 0) lines.push('No fields.', '');
    else {
      lines.push('| field | JSON | type | |', '|---|---|---|---|');
      for (const field of message.fields) lines.push(`| \`${field.name}\` = ${field.number} | \`${field.jsonName}\` | ${fieldType(field, name)} | ${cell(commentsOf(field))} |`);
      lines.push('');
    }
  }
  for (const desc of all('enums')) lines.push(`### ${desc.name}`, '', ...paragraph(commentsOf(desc)), ...desc.values.map((value) => `- \`${value.name}\` = ${value.number}`), '');
  return lines;
}

function indexLines(packages) {
  const lines = [
    note, '',
    '# The API of the fleet', '',
    'gRPC, served by each service at its own address, in clear inside the cluster; `grpc.health.v1.Health` says whether it serves. Where reflection is on (not in production) tools need no proto files;',
    'else they stand in `proto/`, and as the last release published them in `proto/released.binpb` (`buf curl --schema`, `grpcurl -protoset`). Calls to try are in `docs/examples/grpcurl.md`, a typed client in `libs/client`.', '',
    '- **JSON** is ProtoJSON with lowerCamel names. Instants are RFC 3339 texts in UTC, money is in minor units, ids are texts, `""` is "not known".',
    '- **Deadlines:** a call without one has 30 s.',
    '- **Requests with `request_id`** may be repeated for ever: the same id and body get the same answer, and nothing happens twice. Where a repeat would count twice it is demanded (`REQUEST_ID_REQUIRED`).',
    '- **Lists** take a `page` (`size` 50 unless told, 500 at most) and answer `next_token`, which goes into `page.token` of the next call with the same filters; `""` is the end.',
    '- **Errors** are `google.rpc.Status` with one `ErrorInfo`, domain `flotilla`, whose `reason` is of the table below. Any method may answer `CONTRACT_VIOLATED`, `BAD_REQUEST`, `BAD_TEXT`, `OVERLOADED`, `UNAVAILABLE`, `UNAUTHENTICATED`, `INTERNAL`;',
    '  the column *refuses with* names those that are known beside these.', '',
    '| package | service | methods |', '|---|---|---|',
  ];
  for (const [name, files] of packages) {
    const services = files.flatMap((file) => file.services);
    if (services.length === 0) lines.push(`| [${name}](${pageOf(name)}) | – | |`);
    for (const service of services) lines.push(`| [${name}](${pageOf(name)}) | [${service.name}](${pageOf(name)}#${anchor(service.name)}) | ${service.methods.map((method) => method.name).join(', ')} |`);
  }
  lines.push('', '## Reasons', '', '| reason | gRPC | HTTP | | |', '|---|---|---|---|---|');
  for (const [reason, { grpc, http, zh, en }] of Object.entries(reasons)) lines.push(`| \`${reason}\` | ${grpc} | ${http} | ${cell(en)} | ${zh} |`);
  return lines;
}

runNodeJs(plugin);
