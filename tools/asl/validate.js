// Answers each line of its input, a definition in Amazon States Language, with a line: a list of what is wrong with it.
// It runs in the folder that asl-validator is installed in.

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const load = createRequire(join(process.cwd(), "package.json"));
const ajv = load("ajv");
const validate = load("asl-validator");

// asl-validator makes a compiler for its schemas each time, which takes it 0.2 s and comes to the same: give it the first.
const Compiler = ajv.default;
let first;
ajv.default = class {
  constructor(options) {
    if (first) {
      first.addKeyword = () => first; // it has them all, and refuses to be given one twice
    }
    first ??= new Compiler(options);
    return first;
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { errors } = validate(JSON.parse(line), { checkPaths: true, checkArn: true });
  console.log(JSON.stringify(errors.map((error) => `${error["Error code"]}: ${error.Message}`)));
}
