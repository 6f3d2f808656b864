import { wellFormed } from './core.ts';
import { PIECE, type PieceMergesData, type UnigramData } from './data.ts';
import { pieceNormaliser, SPACE } from './normalise.ts';
import { Trie } from './trie.ts';

// What SentencePiece's two models share: the preparation of a text, bytes of what is unknown, and decoding.

/** A part of a prepared text, and its piece. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly id: number;
}

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

const encoder = new TextEncoder();
const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text, with U+FFFD for each byte that is not part of a character, as SentencePiece decodes them. */
function textOfBytes(bytes: readonly number[]): string {
  let out = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at];
    const count = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    try {
      out += fatal.decode(Uint8Array.from(bytes.slice(at, at + count)));
      at += count;
    } catch {
      out += '\uFFFD';
      at++;
    }
  }
  return out;
}

/** Pieces that are found in every text, whatever else it is. */
export function userDefined({ pieces, types }: UnigramData | PieceMergesData): Trie | undefined {
  const found = pieces.flatMap((text, id) => (types[id] === PIECE.userDefined ? [[text, id] as const] : []));
  return found.length > 0 ? new Trie(found) : undefined;
}

/** Preparation, bytes and decoding around a model that splits a prepared text into parts. */
export function pieceCore(data: UnigramData | PieceMergesData, split: (text: string) => readonly Part[]) {
  const { pieces, types, normalisation, special, unknownText = ' \u2047 ' } = data;
  const normalise = pieceNormaliser(normalisation, userDefined(data));
  const byteIds = new Int32Array(256).fill(-1);
  const byteOf = new Map<number, number>();
  pieces.forEach((text, id) => {
    const found = types[id] === PIECE.byte ? BYTE.exec(text) : null;
    if (!found) return;
    const byte = Number.parseInt(found[1], 16);
    byteIds[byte] = id;
    byteOf.set(id, byte);
  });
  const bytes = byteOf.size === 256;
  const { escapeSpaces, prefix, removeExtra } = normalisation;
  const space = escapeSpaces ? SPACE : ' ';
  return {
    encode(given: string, out: number[], first: boolean): void {
      const text = normalise(wellFormed(given), first);
      let lastUnknown = false;
      for (const { from, to, id } of split(text)) {
        const unknown = id === special.unknown;
        if (unknown && bytes) for (const byte of encoder.encode(text.slice(from, to))) out.push(byteIds[byte]);
        // A run of unknown characters is one token.
        else if (!(unknown && lastUnknown)) out.push(id);
        lastUnknown = unknown;
      }
    },
    decode(ids: readonly number[]): string {
      let out = '';
      let run: number[] = [];
      let [atBegin, seen] = [true, false];
      const flush = () => {
        if (run.length > 0) out += textOfBytes(run);
        run = [];
      };
      for (const id of ids) {
        const byte = byteOf.get(id);
        if (byte !== undefined) {
          run.push(byte);
          continue;
        }
        flush();
        if (seen || out !== '') atBegin = false;
        seen = false;
        if (types[id] === PIECE.control) continue;
        if (types[id] === PIECE.unknown) {
          out += unknownText;
          continue;
        }
        let text = pieces[id];
        if (atBegin && (prefix || removeExtra) && text.startsWith(space)) {
          text = text.slice(1);
          seen = !removeExtra;
        }
        out += escapeSpaces ? text.replaceAll(SPACE, ' ') : text;
      }
      flush();
      return out;
    },
    shown: (id: number): string => pieces[id],
  };
}
