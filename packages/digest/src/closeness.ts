/**
 * The similarity of texts: the cosine between their TF-IDF vectors, as by scikit-learn's TfidfVectorizer. The weight of
 * a word in a text is its count times ln((1 + n) / (1 + df)) + 1, where df of the n texts of the catalogue contain the
 * word. Words missing from the catalogue weigh most: they increase the norm of a text, and so reduce all its
 * similarities.
 */
export class Catalogue {
  private readonly df = new Map<string, number>();
  private readonly vectors: readonly Vector[];

  constructor(private readonly texts: readonly string[]) {
    const counted = texts.map(countWords);
    for (const words of counted) for (const word of words.keys()) this.df.set(word, (this.df.get(word) ?? 0) + 1);
    this.vectors = counted.map((words) => this.weigh(words));
  }

  /** The most similar text of the catalogue and the similarity, from 0 to 1. O(words × texts). */
  nearest(text: string): { readonly index: number; readonly closeness: number } {
    const vector = this.weigh(countWords(text));
    let best = { index: 0, closeness: 0 };
    this.vectors.forEach((other, index) => {
      let closeness = 0;
      for (const [word, weight] of vector) closeness += weight * (other.get(word) ?? 0);
      if (closeness > best.closeness) best = { index, closeness };
    });
    return best;
  }

  private weigh(words: ReadonlyMap<string, number>): Vector {
    const n = this.texts.length;
    const weights = [...words].map(
      ([word, count]) => [word, count * (Math.log((1 + n) / (1 + (this.df.get(word) ?? 0))) + 1)] as const,
    );
    const norm = Math.hypot(...weights.map(([, weight]) => weight));
    return new Map(weights.map(([word, weight]) => [word, weight / norm]));
  }
}

type Vector = ReadonlyMap<string, number>;

/** Counts of words of at least two letters or digits, in lower case, without stop words. */
function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]{2,}/gu)) {
    if (!EMPTY_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

const EMPTY_WORDS = new Set(
  `about above after all also an and any are as at be because been before below between both but by can could do does
  each for from further had has have he her here him his how if in into is it its itself may more most much no nor not
  of off on once only or other our out over own same she should so some such than that the their them then there these
  they this those through to too under until up very was we were what when where which while who whom why will with would
  you your`.split(/\s+/),
);
