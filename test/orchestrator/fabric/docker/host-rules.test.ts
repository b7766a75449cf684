import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dropRules, rulesThatCounted } from '#orchestrator/fabric/docker/host-rules.ts'

const RULESET = `table ip raw {
	chain PREROUTING {
		type filter hook prerouting priority raw; policy accept;
		iifname != "br-1" ip daddr 11.1.0.5 counter packets 12 bytes 720 drop
	}
}
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		counter packets 3 bytes 4 drop
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		counter packets 1 bytes 1 jump DOCKER-USER
	}
	chain DOCKER-USER {
		ip saddr 11.0.0.0/8 counter packets 7 bytes 420 drop
		counter packets 9 bytes 9 jump DEEPER
	}
	chain DEEPER {
		ip saddr 10.0.0.1 reject with icmp type port-unreachable
	}
	chain UNUSED {
		drop
	}
}
table inet guard {
	set drop_list {
		type ipv4_addr
	}
	chain all {
		type filter hook forward priority 0; policy accept;
		ip protocol icmp accept
	}
}
`

describe("a host's rules that drop", () => {
  it('are those that a forwarded packet passes, in any table, with their counts', () => {
    assert.deepEqual(dropRules(RULESET), [
      { place: 'ip raw PREROUTING', rule: 'iifname != "br-1" ip daddr 11.1.0.5 drop', packets: 12 },
      { place: 'ip filter FORWARD', rule: 'policy drop', packets: null },
      { place: 'ip filter DOCKER-USER', rule: 'ip saddr 11.0.0.0/8 drop', packets: 7 },
      {
        place: 'ip filter DEEPER',
        rule: 'ip saddr 10.0.0.1 reject with icmp type port-unreachable',
        packets: null,
      },
    ])
    assert.deepEqual(dropRules(''), [])
  })

  it('are found by what they counted in between', () => {
    const before = dropRules(RULESET)
    const after = dropRules(RULESET.replace('packets 7', 'packets 10'))
    assert.deepEqual(
      rulesThatCounted(before, after).map(({ place, more }) => [place, more]),
      [['ip filter DOCKER-USER', 3]],
    )
    assert.deepEqual(rulesThatCounted(before, before), [])
  })
})
