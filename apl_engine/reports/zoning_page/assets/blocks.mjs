/** The data of the page: blocks of base64, each compressed by raw deflate. */

/** Return the bytes of a block. @param {string} id @returns {Promise<Uint8Array>} */
export async function readBlock(id) {
  const text = document.getElementById(id)?.textContent ?? "";
  const packed = Uint8Array.fromBase64
    ? Uint8Array.fromBase64(text)
    : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Return whether the page has a block. @param {string} id */
export function hasBlock(id) {
  return document.getElementById(id) !== null;
}

/** Return the content of a block of JSON; null if there is none. @param {string} id @returns {Promise<any>} */
export async function readJson(id) {
  if (!hasBlock(id)) return null;
  return JSON.parse(new TextDecoder().decode(await readBlock(id)));
}

/** Reads whole numbers of either sign: zigzag, 7 bits a byte, low bits first. */
export class Varints {
  /** @param {Uint8Array} bytes @param {number} [at] the first byte */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Return the next numbers. @param {number} count @returns {Int32Array} */
  take(count) {
    const numbers = new Int32Array(count);
    const bytes = this.bytes;
    let at = this.at;
    for (let i = 0; i < count; i++) {
      let zigzag = 0;
      let shift = 0;
      let byte;
      do {
        byte = bytes[at++];
        zigzag |= (byte & 127) << shift;
        shift += 7;
      } while (byte & 128);
      numbers[i] = (zigzag >>> 1) ^ -(zigzag & 1);
    }
    this.at = at;
    return numbers;
  }
}
