import { option, positive, textFile, whole } from '../declaration/option.ts';

/** How the data are read that networks are for, as `materialOf` takes them. */
export const materialOptions = {
  samples: option(whole(1), {
    title: 'Samples',
    about: 'rows or windows of text to use at most',
    argument: 'count',
    default: 512,
    form: { advanced: true },
  }),
  tokenizer: option(textFile(), {
    title: 'Tokeniser',
    about: 'networks that take tokens: tokenizer.json, .model of SentencePiece, or tokenizer.bin of llama2.c',
    otherwise: 'a file beside the model',
  }),
  divide: option(positive(), {
    title: 'Divide',
    about: 'ONNX networks: divide all columns by this first, such as 255 for pixels',
    argument: 'number',
    otherwise: '1',
    form: { advanced: true },
  }),
};
