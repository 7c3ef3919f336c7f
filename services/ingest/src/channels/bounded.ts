/** Of an answer of a platform's: a page of full orders of a shop with many plugins has some MB. */
export const largestAnswer = 16 * 1024 * 1024;

/** The bytes of an answer, at most `most`: a platform, or whoever answers in its place, must not fill the memory. Throws above that. */
export const bytesOf = async (answer: Response, most = largestAnswer): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += (part as Uint8Array).length;
    if (length > most) throw new RangeError(`the answer is longer than ${most} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts);
};

/** Why a call came to nothing, without what it was about. Only of a bound is the message ours. */
export const whyNot = (error: unknown): string => (error instanceof RangeError || (error as Error).name === 'AnswerTooLarge' ? (error as Error).message : `no answer: ${(error as Error).name}`);
