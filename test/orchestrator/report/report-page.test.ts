import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pageHtml } from '#orchestrator/report/page.ts'
import { reportPage } from '#orchestrator/report/report-page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'

const client = await webClient()
const small = { script: 'run()', style: 'p{}' }

function said(node: string): object {
  return { type: 'node-event', node }
}

function log(node: string): object {
  return { type: 'node-log', node }
}

/** The events in a page, as a browser finds them. */
function eventsIn(html: string): unknown[] {
  const text = /<script type="application\/x-ndjson" id="events">([^]*?)<\/script>/.exec(html)?.[1]
  assert.ok(text !== undefined)
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as unknown)
}

describe('the page of a report', () => {
  it('takes at most 400 KB packed, without its events', () => {
    const size = gzipSync(pageHtml(client, { title: 'x', lines: [], stream: null })).length
    assert.ok(size > 10_000 && size <= 400_000, `${size} bytes`)
  })

  it('may ask nobody, and runs its own script alone', () => {
    const html = pageHtml(small, { title: 'x', lines: [], stream: null })
    assert.match(html, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/)
    assert.match(html, /connect-src 'none'/)
    const live = pageHtml(small, { title: 'x', lines: null, stream: '/events' })
    assert.match(live, /connect-src 'self'/)
    assert.doesNotMatch(live, /id="events"/)
  })

  it('holds hostile events as data that ends nothing', () => {
    const event = {
      type: 'node-log',
      line: `</script><script>alert(1)</script><!-- <img src=x onerror="x">\u2028`,
    }
    const html = reportPage(small, '</title><b>"&', JSON.stringify(event))
    assert.deepEqual(eventsIn(html), [event])
    assert.equal(html.match(/<script/g)?.length, 2)
    assert.match(html, /<title>&lt;\/title&gt;&lt;b&gt;&quot;&amp;<\/title>/)
    assert.doesNotMatch(html, /<img|<!--/)
  })

  it('never lets a script end its own element', () => {
    const html = pageHtml(
      { script: 'a("</script>","<!--")', style: '' },
      { title: '', lines: [], stream: null },
    )
    assert.match(html, /a\("<\\\/script>","<\\!--"\)/)
  })

  it('leaves out events of nodes where they are too many, and says how many', () => {
    const own = { type: 'run-start' }
    const end = { type: 'run-end', holds: true }
    const all = [own, said('A'), said('B'), { type: 'router-state', files: {} }, said('C'), end]
    const ndjson = all.map((each) => JSON.stringify(each)).join('\n')
    const most = [own, end, said('A'), { type: 'router-state', files: {} }]
      .map((each) => JSON.stringify(each).length)
      .reduce((sum, length) => sum + length)
    const html = reportPage(small, '', ndjson, { most })
    assert.deepEqual(eventsIn(html), [own, said('A'), end])
    assert.match(html, /data-omitted="2"/)
    assert.doesNotMatch(reportPage(small, '', ndjson), /data-omitted/)
  })

  it('puts what is no event where it came, wherever events are left out', () => {
    const all = [{ type: 'run-start' }, { type: 'router-state' }, said('A'), said('B')]
    const beside = [0, 2, 3, 4, 9].map((after) => ({
      after,
      text: JSON.stringify(log(String(after))),
    }))
    const ndjson = all.map((each) => JSON.stringify(each)).join('\n')
    assert.deepEqual(eventsIn(reportPage(small, '', ndjson, { beside })), [
      log('0'),
      { type: 'run-start' },
      log('2'),
      said('A'),
      log('3'),
      said('B'),
      log('4'),
      log('9'),
    ])
  })
})
