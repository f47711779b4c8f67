// Reads what was written with other people's programs, and prints what they say as JSON.
//   node check.js town.glb tiles/
const fs = require("fs");
const path = require("path");
const validator = require("gltf-validator");
const tools = require("3d-tiles-tools");

async function validated(file) {
  const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)), { maxIssues: 100 });
  const { numErrors, numWarnings } = report.issues;
  return { errors: numErrors, warnings: numWarnings, codes: report.issues.messages.map((item) => item.code) };
}

async function traversed(folder, name) {
  const tileset = JSON.parse(fs.readFileSync(path.join(folder, name)));
  const tiles = [];
  const source = tools.ResourceResolvers.createFileResourceResolver(folder);
  await new tools.TilesetTraverser(folder, source, { traverseExternalTilesets: true }).traverse(tileset, async (tile) => {
    for (const content of tile.getFinalContents()) tiles.push(content.uri);
    return true;
  });
  return tiles;
}

async function names(file) {
  const io = await tools.GltfTransform.getIO();
  const document = await io.readBinary(new Uint8Array(fs.readFileSync(file)));
  const metadata = document.getRoot().getExtension("EXT_structural_metadata");
  const [mesh] = document.getRoot().listMeshes();
  const features = mesh.listPrimitives()[0].getExtension("EXT_mesh_features");
  return {
    tables: metadata.listPropertyTables().map((table) => ({ name: table.getName(), count: table.getCount() })),
    features: features.listFeatureIDs().map((ids) => ids.getFeatureCount()),
  };
}

(async () => {
  const [town, folder] = process.argv.slice(2);
  const found = { gltf: {}, tilesets: {}, features: {} };
  const contents = fs.readdirSync(folder);
  found.gltf[path.basename(town)] = await validated(town);
  for (const name of contents.filter((item) => item.endsWith(".glb"))) {
    found.gltf[name] = await validated(path.join(folder, name));
    if (name !== "ground.glb") found.features[name] = await names(path.join(folder, name));
  }
  for (const name of contents.filter((item) => item.endsWith(".json"))) {
    found.tilesets[name] = await traversed(folder, name);
  }
  console.log(JSON.stringify(found));
})();
