import { fail } from '@southwell/numerics/core';
import { bytesInMemory, Message } from '../../protobuf/index.ts';
import { PIECE, type PieceMergesData, type PieceNormalisation, type SpecialIds, type UnigramData } from '../data.ts';

// Field numbers are those of sentencepiece_model.proto.

const MODELS = ['', 'unigram', 'BPE', 'word', 'character'];

interface Piece {
  text: string;
  score: number;
  type: number;
}

function pieceOf(m: Message): Piece {
  const out: Piece = { text: '', score: 0, type: PIECE.normal };
  for (let field = m.next(); field; field = m.next()) {
    if (field.number === 1) out.text = m.text(field);
    else if (field.number === 2) {
      const score: number[] = [];
      m.floats(field, score);
      out.score = score[0] ?? 0;
    } else if (field.number === 3) out.type = m.int(field);
  }
  return out;
}

/** The settings of the training that matter afterwards. */
function trainerOf(m: Message) {
  const out = { model: 1, suffix: false, begin: 1, end: 2, pad: -1, unknownText: ' \u2047 ' };
  for (let field = m.next(); field; field = m.next()) {
    if (field.number === 3) out.model = m.int(field);
    else if (field.number === 24) out.suffix = m.int(field) !== 0;
    else if (field.number === 41) out.begin = m.int(field);
    else if (field.number === 42) out.end = m.int(field);
    else if (field.number === 43) out.pad = m.int(field);
    else if (field.number === 44) out.unknownText = m.text(field);
  }
  return out;
}

function normaliserOf(m: Message, bytes: Uint8Array): PieceNormalisation {
  let [prefix, removeExtra, escapeSpaces] = [true, true, true];
  let characters: Uint8Array | undefined;
  for (let field = m.next(); field; field = m.next()) {
    if (field.number === 2) {
      // A copy does not keep the file in memory.
      const found = bytes.slice(field.from, field.to);
      characters = found.length > 0 ? found : undefined;
    } else if (field.number === 3) prefix = m.int(field) !== 0;
    else if (field.number === 4) removeExtra = m.int(field) !== 0;
    else if (field.number === 5) escapeSpaces = m.int(field) !== 0;
  }
  return { ...(characters ? { characters } : {}), prefix, removeExtra, escapeSpaces };
}

/**
 * Reads a model of SentencePiece: unigram or byte-pair encoding.
 * @throws INVALID_FORMAT, with place and byte, for a file that is damaged or cut short; NOT_SUPPORTED for models of words and of characters.
 */
export function readSentencePiece(bytes: Uint8Array): UnigramData | PieceMergesData {
  const m = new Message(bytesInMemory(bytes), { from: 0, to: bytes.length }, 'the model', 'a SentencePiece model');
  const all: Piece[] = [];
  let trainer = { model: 1, suffix: false, begin: 1, end: 2, pad: -1, unknownText: ' \u2047 ' };
  let normalisation: PieceNormalisation = { prefix: true, removeExtra: true, escapeSpaces: true };
  for (let field = m.next(); field; field = m.next()) {
    if (field.number === 1) all.push(pieceOf(m.inside(field, `piece ${all.length}`)));
    else if (field.number === 2) trainer = trainerOf(m.inside(field, 'the settings of its training'));
    else if (field.number === 3) normalisation = normaliserOf(m.inside(field, 'its normaliser'), bytes);
  }
  const unknown = all.findIndex(({ type }) => type === PIECE.unknown);
  if (all.length === 0) m.refuse('it has no pieces');
  if (unknown < 0) m.refuse('it has no piece for what is unknown');
  const empty = all.findIndex(({ text }) => text === '');
  if (empty >= 0) m.refuse(`piece ${empty} is empty`);
  const { model, suffix, unknownText } = trainer;
  if (model !== 1 && model !== 2)
    fail(
      'NOT_SUPPORTED',
      `The tokeniser is of the type ${MODELS[model] ?? model}: of SentencePiece, unigram and BPE can be read.`,
    );
  const control = (id: number): id is number => all[id]?.type === PIECE.control;
  const special: SpecialIds = {
    unknown,
    ...(control(trainer.begin) ? { begin: trainer.begin } : {}),
    ...(control(trainer.end) ? { end: trainer.end } : {}),
    ...(control(trainer.pad) ? { pad: trainer.pad } : {}),
  };
  const shared = {
    pieces: all.map(({ text }) => text),
    scores: all.map(({ score }) => score),
    types: all.map(({ type }) => type),
    normalisation: { ...normalisation, ...(suffix ? { suffix } : {}) },
    ...{ special, added: [], unknownText },
    before: special.begin === undefined ? [] : [special.begin],
    after: special.end === undefined ? [] : [special.end],
  };
  return { kind: model === 1 ? 'unigram' : 'pieceMerges', ...shared };
}
