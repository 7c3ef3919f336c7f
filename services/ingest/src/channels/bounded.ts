/** The bytes of an answer, at most `most`: a platform, or whoever answers in its place, must not fill the memory. Throws above that. */
export const bytesOf = async (answer: Response, most = 16 * 1024 * 1024): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += (part as Uint8Array).length;
    if (length > most) throw new RangeError(`the answer is longer than ${most} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts);
};
