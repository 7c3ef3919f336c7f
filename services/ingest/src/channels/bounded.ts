/** Of an answer of a platform's: a page of full orders of a shop with many plugins has some MB. */
export const largestAnswer = 16 * 1024 * 1024;

/** The bytes of an answer, which `ChannelApi.fetch` bounds. */
export const bytesOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer());

/** Why a call came to nothing, without what it was about. Only of a bound is the message ours. */
export const whyNot = (error: unknown): string => ((error as Error).name === 'AnswerTooLarge' ? (error as Error).message : `no answer: ${(error as Error).name}`);
