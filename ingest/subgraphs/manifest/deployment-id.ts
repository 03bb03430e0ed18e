import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { dump } from 'js-yaml'
import { parse } from 'yaml'

import { ipfsHash } from './ipfs-hash.ts'
import { items, parseYaml, text } from './yaml-node.ts'

/**
 * The `Qm…` id that a compiled folder has once it is uploaded: the IPFS hash of its manifest, in
 * which every file is a link to that file's hash. graph-cli and gnd write that manifest differently;
 * the id is the one by the tool that wrote the folder.
 *
 * @throws what reading the folder throws.
 */
export async function deploymentId(folder: string): Promise<string> {
  const manifest = await readFile(join(folder, 'subgraph.yaml'), 'utf8')
  const hashes = new Map<string, string>()
  for (const path of linkedFiles(manifest)) {
    hashes.set(path, ipfsHash(await readFile(join(folder, path))))
  }
  return ipfsHash(new TextEncoder().encode(linkedManifest(manifest, hashes)))
}

/** The manifest as it is uploaded, given the hashes of its files by their paths. */
export function linkedManifest(manifest: string, hashes: ReadonlyMap<string, string>): string {
  // gnd writes lists flush with the name before them, graph-cli indents them.
  const isOfGnd = /^dataSources:\n- /m.test(manifest)
  return isOfGnd ? linkLines(manifest, hashes) : linkTree(manifest, hashes)
}

/** The paths of all files that a manifest names, each once. */
function linkedFiles(manifest: string): readonly string[] {
  const root = parseYaml(manifest)
  const sources = [...items(root, 'dataSources'), ...items(root, 'templates')]
  const paths = [
    text(root, 'schema', 'file'),
    ...sources.flatMap((source) => [
      text(source, 'mapping', 'file'),
      ...items(source, 'mapping', 'abis').map((abi) => text(abi, 'file')),
    ]),
  ]
  return [...new Set(paths.filter((path) => path !== undefined))]
}

/** gnd writes what it has read with the same library, so that only the lines with files change. */
function linkLines(manifest: string, hashes: ReadonlyMap<string, string>): string {
  return manifest.replaceAll(
    /^( *(?:- )?)file: (.+)$/gm,
    (line: string, before: string, path: string) => {
      const hash = hashes.get(path)
      if (hash === undefined) return line
      return `${before}file:\n${' '.repeat(before.length + 2)}/: /ipfs/${hash}`
    },
  )
}

/** graph-cli writes with another library than it reads with, and sorts the names. */
function linkTree(manifest: string, hashes: ReadonlyMap<string, string>): string {
  const tree: unknown = parse(manifest, (name: unknown, value: unknown) => {
    const hash = name === 'file' && typeof value === 'string' ? hashes.get(value) : undefined
    return hash === undefined ? value : { '/': `/ipfs/${hash}` }
  })
  return dump(tree, { noRefs: true, sortKeys: true })
}
