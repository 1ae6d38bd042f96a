// Drivers of the tests in Python: each line of JSON on the standard input is answered by one.
import { createInterface } from "node:readline";

/** @param {(data: any) => any} answer */
export function answerLines(answer) {
  createInterface({ input: process.stdin }).on("line", (line) => {
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
  });
}
