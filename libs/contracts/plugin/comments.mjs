// What stands above and behind a thing in a proto file: protobuf keeps it in the file's source info, under the descriptor's path.

/** The comment of a message, enum, service, field or method; undefined if there is none. */
export function commentsOf(desc) {
  const file = desc.file ?? desc.parent.file;
  return textAt(file, pathOf(desc));
}

/** What stands above `package`. */
export const commentsOfFile = (file) => textAt(file, [2]);

function textAt(file, path) {
  const key = path.join(',');
  const location = file.proto.sourceCodeInfo?.location.find((entry) => entry.path.join(',') === key);
  const text = `${location?.leadingComments ?? ''}${location?.trailingComments ?? ''}`.trim();
  return text === '' ? undefined : text;
}

function pathOf(desc) {
  switch (desc.kind) {
    case 'message':
      return [4, desc.file.proto.messageType.indexOf(desc.proto)];
    case 'enum':
      return [5, desc.file.proto.enumType.indexOf(desc.proto)];
    case 'service':
      return [6, desc.file.proto.service.indexOf(desc.proto)];
    case 'field':
      return [...pathOf(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    case 'rpc':
      return [...pathOf(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
    default:
      throw new Error(`comments of a ${desc.kind} are not looked for`);
  }
}
