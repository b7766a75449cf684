# Made from orchestrator/scenarios/compose-cluster.yaml by npm run docs; a change here is lost.
set -eu
cat > /run/kadlab.nft <<'RULESET'
# cloud-a-router: one-to-one
table ip kadlab
delete table ip kadlab
table ip kadlab {
  chain dstnat {
    type nat hook prerouting priority dstnat; policy accept;
    ip saddr != 10.211.0.0/24 dnat ip to ip daddr map { 11.210.0.11 : 10.211.0.10 }
  }

  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    snat ip to ip saddr map { 10.211.0.10 : 11.210.0.11 }
  }

  # The security group: stateful, so that what is let out is answered. Whoever routes straight to a private address is not
  # translated, and so not let in.
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state invalid drop
    ct state established,related accept
    ip saddr { 10.211.0.10 } ip daddr != 10.211.0.0/24 accept
    ct status dnat tcp dport { 3000 } accept
  }

  # The router itself. A peer that dials one of its mappings too early is not answered: a reset would end the attempt,
  # and a connection that is tracked here would take the inside host's port from it.
  chain input {
    type filter hook input priority filter; policy accept;
    ct state established,related accept
    ip daddr { 11.210.0.11 } drop
  }
}
RULESET
nft -f /run/kadlab.nft
interface_of() { ip -o -4 addr show to "$1" | { read -r _ name _; echo "$name"; }; }
lan=$(interface_of 10.211.0.2)
ip addr replace 10.211.0.1/24 dev "$lan"
while ip route del default 2>/dev/null; do :; done
