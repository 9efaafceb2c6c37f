// build.mjs - bundles src/ into dist/report.html; the same input gives the same bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);

const result = await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  charset: "utf8",
  legalComments: "none", // their notices are in dist/LICENSES.txt
  write: false,
  metafile: true,
  loader: { ".json": "json" },
});
const css = await build({ entryPoints: ["src/style.css"], minify: true, charset: "utf8", write: false });
// nothing in the script may end its block or open a comment of the page's
const script = result.outputFiles[0].text.trim().replace(/<\/script/gi, "<\\/script").replace(/<!--/g, "<\\!--");
const hash = createHash("sha256").update(script, "utf8").digest("base64");
const page = readFileSync("src/page.html", "utf8")
  .replace("@@HASH@@", () => hash)
  .replace("@@CSS@@", () => css.outputFiles[0].text.trim())
  .replace("@@JS@@", () => script);
mkdirSync("dist", { recursive: true });
writeFileSync("dist/report.html", page);

// who wrote what is inside
const packages = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const at = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (at) packages.add(at[1]);
}
let notices = "Libraries inside report.html, each under its own licence.\n";
for (const name of [...packages].sort()) {
  const folder = join("node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).sort().find((f) => /^licen[cs]e/i.test(f));
  notices += `\n${"-".repeat(78)}\n${name} ${about.version} (${about.license})\n\n`;
  notices += file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() + "\n" : "";
}
writeFileSync("dist/LICENSES.txt", notices);
console.log(`dist/report.html ${page.length} characters, ${packages.size} libraries`);
