/** Where the pieces of a .nl file go: into text, or into bytes of either order. */
export interface NlSink {
  letter(letter: string): void;
  whole(value: number): void;
  real(value: number): void;
  /** A number that does not directly follow a letter. */
  bound(value: number): void;
  word(text: string): void;
  endLine(): void;
  /** A line of text in every format. */
  headerLine(text: string): void;
  bytes(): Uint8Array;
}

/** Characters after which text is encoded. */
const CHUNK = 1 << 16;

export class TextSink implements NlSink {
  private readonly chunks: Uint8Array[] = [];
  private text = '';
  private afterPiece = false;

  /** Numbers directly follow a letter; other pieces are separated by blanks. */
  private piece(text: string, separate: boolean): void {
    this.text += separate ? ` ${text}` : text;
    this.afterPiece = true;
  }

  letter(letter: string): void {
    this.text += letter;
    this.afterPiece = false;
  }

  whole(value: number): void {
    this.piece(String(value), this.afterPiece);
  }

  real(value: number): void {
    // The shortest text that is read as the same number.
    this.piece(Object.is(value, -0) ? '-0' : String(value), this.afterPiece);
  }

  bound(value: number): void {
    this.afterPiece = true;
    this.real(value);
  }

  word(text: string): void {
    this.piece(text, this.afterPiece);
  }

  endLine(): void {
    this.headerLine('');
  }

  headerLine(text: string): void {
    this.text += `${text}\n`;
    this.afterPiece = false;
    if (this.text.length > CHUNK) this.encode();
  }

  private encode(): void {
    this.chunks.push(new TextEncoder().encode(this.text));
    this.text = '';
  }

  bytes(): Uint8Array {
    this.encode();
    const whole = new Uint8Array(this.chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of this.chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
}

export class BinarySink implements NlSink {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  constructor(private readonly littleEndian: boolean) {}

  private room(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.buffer.length) {
      const longer = new Uint8Array(2 * this.length);
      longer.set(this.buffer);
      this.buffer = longer;
      this.view = new DataView(longer.buffer);
    }
    return at;
  }

  private append(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
  }

  letter(letter: string): void {
    const at = this.room(1);
    this.buffer[at] = letter.charCodeAt(0);
  }

  whole(value: number): void {
    const at = this.room(4);
    this.view.setInt32(at, value, this.littleEndian);
  }

  real(value: number): void {
    const at = this.room(8);
    this.view.setFloat64(at, value, this.littleEndian);
  }

  bound(value: number): void {
    this.real(value);
  }

  word(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.whole(bytes.length);
    this.append(bytes);
  }

  endLine(): void {}

  headerLine(text: string): void {
    this.append(new TextEncoder().encode(`${text}\n`));
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}
