import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import type { NodeApi } from '#node/api/node-api.ts'
import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'

const A = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const B = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'

/** Lines as rust-kv and go-kv printed them. */
const START = `{"agent":"rust-libp2p/0.48.0","event":"start","mode":"server","protocol":"/ipfs/kad/1.0.0","ms":0,"peer":"${A}"}`
const CONNECTED = `{"address":"/ip4/11.0.0.12/tcp/3000","direction":"inbound","event":"connected","ms":1004,"peer":"${B}"}`
const UNROUTABLE = `{"event":"unroutable-peer","ms":1006,"peer":"${B}"}`
const IDENTIFIED = `{"addresses":["/ip4/127.0.0.1/tcp/3000","/ip4/10.2.0.10/tcp/3000"],"agent":"go-kv@","event":"identified","ms":1007,"observed":"/ip4/11.0.0.11/tcp/3000","peer":"${B}","protocols":["/ipfs/id/1.0.0","/ipfs/kad/1.0.0","/ipfs/ping/1.0.0"]}`
const LISTED = `{"addresses":["/ip4/10.2.0.10/tcp/3000/p2p/${B}"],"event":"listed","ms":1007,"peer":"${B}"}`

interface Rig extends AsyncDisposable {
  api: NodeApi
  /** Resolves with the next command, without its tag. */
  nextCommand: () => Promise<{ tag: string; words: string }>
  say: (...lines: string[]) => void
  end: () => void
}

function rig(): Rig {
  const output = new PassThrough()
  const input = new PassThrough({ encoding: 'utf8' })
  const api = createForeignPeer(output, input)
  const commands = input[Symbol.asyncIterator]()
  return {
    api,
    nextCommand: async () => {
      const { value } = await commands.next()
      const [, tag = '', words = ''] = /^@(\S+) (.*)\n$/.exec(String(value)) ?? []
      return { tag, words }
    },
    say: (...lines) => lines.forEach((line) => output.write(`${line}\n`)),
    end: () => output.end(),
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]()
    },
  }
}

describe('a foreign peer', () => {
  it('that reports UnroutablePeer has found a peer of which no address is known', async () => {
    await using peer = rig()
    const sightings = peer.api.discovery({ targets: [B] })
    const { tag, words } = await peer.nextCommand()
    assert.equal(words, 'PEERS')
    peer.say(
      START,
      CONNECTED,
      UNROUTABLE,
      `{"event":"peers","ok":true,"peers":[],"tag":"${tag}","ms":9}`,
    )
    const [sighting] = await sightings
    assert.equal(sighting?.cause, 'NO_ADDRESS_KNOWN')
    assert.equal(sighting.rung, 'speaks-kademlia')
    assert.equal(sighting.listed, false)
    assert.equal(sighting.dialable, null, 'nothing was dialled')
    assert.equal(sighting.announced, null, 'without identify it has said nothing')
  })

  it('that lists a peer at addresses nobody can dial has it listed and not dialable', async () => {
    await using peer = rig()
    const sightings = peer.api.discovery({ dialBack: true })
    const table = await peer.nextCommand()
    peer.say(
      START,
      CONNECTED,
      IDENTIFIED,
      LISTED,
      `{"event":"peers","ok":true,"peers":[{"peer":"${B}","addresses":["/ip4/10.2.0.10/tcp/3000/p2p/${B}"]}],"tag":"${table.tag}","ms":9}`,
    )
    const dial = await peer.nextCommand()
    assert.equal(dial.words, `DIAL /ip4/10.2.0.10/tcp/3000/p2p/${B}`)
    peer.say(
      `{"event":"dial","ok":false,"address":"x","error":"Timeout has been reached","tag":"${dial.tag}","ms":9}`,
    )
    const [sighting] = await sightings
    assert.equal(sighting?.rung, 'listed')
    assert.equal(sighting.cause, 'ADDRESS_TIMED_OUT')
    assert.equal(sighting.dialable, false)
    assert.deepEqual(
      sighting.evidence?.dials?.map(({ address, ok }) => [address, ok]),
      [['/ip4/10.2.0.10/tcp/3000', false]],
    )
  })

  it('that lists a peer without any address is told what to announce, in its own words', async () => {
    await using peer = rig()
    const sightings = peer.api.discovery({ dialBack: true })
    const table = await peer.nextCommand()
    peer.say(
      START,
      CONNECTED,
      IDENTIFIED,
      `{"addresses":[],"event":"listed","ms":1007,"peer":"${B}"}`,
      `{"event":"peers","ok":true,"peers":[{"peer":"${B}","addresses":[]}],"tag":"${table.tag}","ms":9}`,
    )
    const [sighting] = await sightings
    assert.equal(sighting?.cause, 'LISTED_WITHOUT_ADDRESS')
    assert.match(sighting.remedy?.text ?? '', /libp2p\.AddrsFactory.*11\.0\.0\.12/)
  })

  it('reads the value that a record holds, bytes and all', async () => {
    await using peer = rig()
    const got = peer.api.get('x')
    const { tag, words } = await peer.nextCommand()
    assert.equal(words, 'GET /kv/x')
    peer.say(
      `{"event":"get","ok":true,"key":"/kv/x","value":"?","base64":"AP8=","from":"${B}","tag":"${tag}","ms":1}`,
    )
    const plain = { version: null, writer: null, agreed: 1 }
    assert.deepEqual(await got, { value: Buffer.from([0, 255]), from: B, ...plain })
  })

  it('reads the value in the envelope that a kadlab node has written, once it is verified', async () => {
    const vectors = await readFile(
      new URL('../../../docs/reference/record-vectors.json', import.meta.url),
      'utf8',
    )
    const [{ envelope, writer, version }] = JSON.parse(vectors)
    const base64 = Buffer.from(envelope, 'hex').toString('base64')
    await using peer = rig()
    const read = async (key: string) => {
      const got = peer.api.get(key)
      got.catch(() => {})
      const { tag } = await peer.nextCommand()
      peer.say(
        `{"event":"get","ok":true,"key":"/kv/${key}","value":"?","base64":"${base64}","from":"${B}","tag":"${tag}","ms":1}`,
      )
      return got
    }
    const got = await read('greeting')
    assert.equal(Buffer.from(got?.value ?? []).toString(), 'hello')
    assert.deepEqual([got?.writer, got?.version], [writer, version])
    await assert.rejects(read('another'), { name: 'InvalidRecordError' })
  })

  it('has no value where the query finds no record', async () => {
    await using peer = rig()
    const got = peer.api.get('x')
    const { tag } = await peer.nextCommand()
    peer.say(
      `{"event":"get","ok":false,"key":"/kv/x","error":"the record was not found","tag":"${tag}","ms":1}`,
    )
    assert.equal(await got, null)
  })

  it('refuses a put that its own peer refuses, with its words', async () => {
    await using peer = rig()
    const put = peer.api.put('x', Buffer.from('v'))
    const { tag, words } = await peer.nextCommand()
    assert.equal(words, 'PUT64 /kv/x dg==')
    peer.say(
      `{"event":"put","ok":false,"key":"/kv/x","error":"the quorum failed; needed 1 peers","tag":"${tag}","ms":1}`,
    )
    await assert.rejects(put, { name: 'StoreError', message: /the quorum failed/ })
  })

  it('joins the providers of all lines of an answer', async () => {
    await using peer = rig()
    const providers = peer.api.providers('x')
    const { tag } = await peer.nextCommand()
    peer.say(
      `{"event":"providers","ok":true,"providers":["${A}"],"tag":"${tag}","ms":1}`,
      `{"event":"providers","ok":true,"providers":["${A}","${B}"],"tag":"${tag}","ms":1}`,
      `{"event":"providers-done","tag":"${tag}","ms":1}`,
    )
    assert.deepEqual(await providers, [A, B])
  })

  it('gives pending calls up when its output ends', async () => {
    await using peer = rig()
    const got = peer.api.get('x')
    await peer.nextCommand()
    peer.end()
    await assert.rejects(got, { name: 'DisconnectedError' })
  })

  it('tells its events in the words of kadlab, each move on the ladder with its sighting', async () => {
    await using peer = rig()
    const seen: string[] = []
    const reading = (async () => {
      for await (const event of peer.api.events({ since: 0 })) {
        seen.push(event.event === 'sighting' ? `sighting ${event.rung}` : event.event)
        if (seen.length === 7) return
      }
    })()
    peer.say(START, CONNECTED, IDENTIFIED, LISTED)
    await reading
    assert.deepEqual(seen, [
      'start',
      'connected',
      'sighting connected',
      'identified',
      'sighting addressable',
      'listed',
      'sighting listed',
    ])
  })
})
