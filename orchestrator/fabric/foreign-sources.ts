/** Where a peer of another implementation comes from and how it is built on this machine. */
export interface ForeignSources {
  /** As in a scenario's `program`. */
  name: string
  /** Folder of its sources from the repository's root; its Dockerfile builds it without a local toolchain. */
  folder: string
  /** Files that decide what is built, as globs in the folder. */
  inputs: readonly string[]
  /** Build arguments of its Dockerfile that name base images. */
  baseImages: readonly string[]
  /** The local toolchain. */
  toolchain: {
    command: string
    /** `output` is a folder that is kept between builds. */
    arguments: (output: string) => string[]
    environment: Readonly<Record<string, string>>
    /** The program that comes out, from `output`. */
    program: string
  }
}

export const FOREIGN_SOURCES: readonly ForeignSources[] = [
  {
    name: 'rust-kv',
    folder: 'orchestrator/foreign/rust-kv',
    inputs: ['Cargo.toml', 'Cargo.lock', 'src/**/*.rs', 'Dockerfile', '.dockerignore'],
    baseImages: ['RUST_IMAGE', 'DEBIAN_IMAGE'],
    toolchain: {
      command: 'cargo',
      arguments: (output) => ['build', '--release', '--locked', '--target-dir', output],
      environment: {},
      program: 'release/rust-kv',
    },
  },
  {
    name: 'go-kv',
    folder: 'orchestrator/foreign/go-kv',
    inputs: ['go.mod', 'go.sum', '*.go', 'Dockerfile', '.dockerignore'],
    baseImages: ['GO_IMAGE', 'DEBIAN_IMAGE'],
    toolchain: {
      command: 'go',
      arguments: (output) => ['build', '-trimpath', '-ldflags=-s -w', '-o', `${output}/go-kv`, '.'],
      environment: { CGO_ENABLED: '0' },
      program: 'go-kv',
    },
  },
]
