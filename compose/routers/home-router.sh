# Made from orchestrator/scenarios/compose-cluster.yaml by npm run docs; a change here is lost.
set -eu
cat > /run/kadlab.nft <<'RULESET'
# home-router: port-restricted
table ip kadlab
delete table ip kadlab
table ip kadlab {
  map outside_tcp {
    type ipv4_addr . inet_service : ipv4_addr . inet_service
    flags dynamic, timeout
    size 65535
  }
  map inside_tcp {
    type inet_service : ipv4_addr . inet_service
    flags dynamic, timeout
    size 65535
  }
  set taken_tcp {
    type inet_service
    flags dynamic, timeout
    size 65535
  }
  set owned_tcp {
    type inet_service . ipv4_addr . inet_service
    flags dynamic, timeout
    size 65535
  }

  map outside_udp {
    type ipv4_addr . inet_service : ipv4_addr . inet_service
    flags dynamic, timeout
    size 65535
  }
  map inside_udp {
    type inet_service : ipv4_addr . inet_service
    flags dynamic, timeout
    size 65535
  }
  set taken_udp {
    type inet_service
    flags dynamic, timeout
    size 65535
  }
  set owned_udp {
    type inet_service . ipv4_addr . inet_service
    flags dynamic, timeout
    size 65535
  }

  chain dstnat {
    type nat hook prerouting priority dstnat; policy accept;
    ip saddr 10.213.0.0/24 accept
  }

  # Whoever routes straight to an inside address is not translated, and so not let in.
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state invalid drop
    ct state established,related accept
    ip saddr 10.213.0.0/24 ip daddr != 10.213.0.0/24 accept
    ct status dnat accept
  }

  chain choose_tcp {
    meta l4proto tcp snat ip to ct original ip saddr . ct original proto-src map @outside_tcp
    tcp sport != @taken_tcp snat ip to 11.210.0.13
    meta l4proto tcp snat ip to 11.210.0.13:1024-65535 fully-random
  }

  chain choose_udp {
    meta l4proto udp snat ip to ct original ip saddr . ct original proto-src map @outside_udp
    udp sport != @taken_udp snat ip to 11.210.0.13
    meta l4proto udp snat ip to 11.210.0.13:1024-65535 fully-random
  }

  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr != 10.213.0.0/24 accept
    meta l4proto tcp goto choose_tcp
    meta l4proto udp goto choose_udp
    snat ip to 11.210.0.13
  }

  chain keep_original_tcp {
    meta l4proto tcp ct state established ct mark 0 update @outside_tcp { ct original ip saddr . ct original proto-src timeout 7440s : ip saddr . tcp sport }
    meta l4proto tcp ct state established ct mark 0 update @inside_tcp { tcp sport timeout 7440s : ct original ip saddr . ct original proto-src }
    meta l4proto tcp ct state established ct mark 0 update @taken_tcp { tcp sport timeout 7440s }
    meta l4proto tcp ct state established ct mark 0 update @owned_tcp { tcp sport . ct original ip saddr . ct original proto-src timeout 7440s }
    meta l4proto tcp ct state new update @outside_tcp { ct original ip saddr . ct original proto-src timeout 240s : ip saddr . tcp sport }
    meta l4proto tcp ct state new update @inside_tcp { tcp sport timeout 240s : ct original ip saddr . ct original proto-src }
    meta l4proto tcp ct state new update @taken_tcp { tcp sport timeout 240s }
    meta l4proto tcp ct state new update @owned_tcp { tcp sport . ct original ip saddr . ct original proto-src timeout 240s }
    meta l4proto tcp ct mark 1 update @outside_tcp { ct original ip saddr . ct original proto-src timeout 240s : ip saddr . tcp sport }
    meta l4proto tcp ct mark 1 update @inside_tcp { tcp sport timeout 240s : ct original ip saddr . ct original proto-src }
    meta l4proto tcp ct mark 1 update @taken_tcp { tcp sport timeout 240s }
    meta l4proto tcp ct mark 1 update @owned_tcp { tcp sport . ct original ip saddr . ct original proto-src timeout 240s }
  }
  chain keep_reply_tcp {
    meta l4proto tcp ct state established ct mark 0 update @outside_tcp { ct reply ip saddr . ct reply proto-src timeout 7440s : ip saddr . tcp sport }
    meta l4proto tcp ct state established ct mark 0 update @inside_tcp { tcp sport timeout 7440s : ct reply ip saddr . ct reply proto-src }
    meta l4proto tcp ct state established ct mark 0 update @taken_tcp { tcp sport timeout 7440s }
    meta l4proto tcp ct state established ct mark 0 update @owned_tcp { tcp sport . ct reply ip saddr . ct reply proto-src timeout 7440s }
    meta l4proto tcp ct state new update @outside_tcp { ct reply ip saddr . ct reply proto-src timeout 240s : ip saddr . tcp sport }
    meta l4proto tcp ct state new update @inside_tcp { tcp sport timeout 240s : ct reply ip saddr . ct reply proto-src }
    meta l4proto tcp ct state new update @taken_tcp { tcp sport timeout 240s }
    meta l4proto tcp ct state new update @owned_tcp { tcp sport . ct reply ip saddr . ct reply proto-src timeout 240s }
    meta l4proto tcp ct mark 1 update @outside_tcp { ct reply ip saddr . ct reply proto-src timeout 240s : ip saddr . tcp sport }
    meta l4proto tcp ct mark 1 update @inside_tcp { tcp sport timeout 240s : ct reply ip saddr . ct reply proto-src }
    meta l4proto tcp ct mark 1 update @taken_tcp { tcp sport timeout 240s }
    meta l4proto tcp ct mark 1 update @owned_tcp { tcp sport . ct reply ip saddr . ct reply proto-src timeout 240s }
  }
  # A port that is another's already: the packet is not sent, and the next one draws again.
  chain learn_tcp {
    meta l4proto tcp ct state new tcp sport . ct original ip saddr . ct original proto-src @owned_tcp goto keep_original_tcp
    meta l4proto tcp ct state new tcp sport @taken_tcp drop
    goto keep_original_tcp
  }

  chain keep_original_udp {
    meta l4proto udp update @outside_udp { ct original ip saddr . ct original proto-src timeout 120s : ip saddr . udp sport }
    meta l4proto udp update @inside_udp { udp sport timeout 120s : ct original ip saddr . ct original proto-src }
    meta l4proto udp update @taken_udp { udp sport timeout 120s }
    meta l4proto udp update @owned_udp { udp sport . ct original ip saddr . ct original proto-src timeout 120s }
  }
  chain keep_reply_udp {
    meta l4proto udp update @outside_udp { ct reply ip saddr . ct reply proto-src timeout 120s : ip saddr . udp sport }
    meta l4proto udp update @inside_udp { udp sport timeout 120s : ct reply ip saddr . ct reply proto-src }
    meta l4proto udp update @taken_udp { udp sport timeout 120s }
    meta l4proto udp update @owned_udp { udp sport . ct reply ip saddr . ct reply proto-src timeout 120s }
  }
  # A port that is another's already: the packet is not sent, and the next one draws again.
  chain learn_udp {
    meta l4proto udp ct state new udp sport . ct original ip saddr . ct original proto-src @owned_udp goto keep_original_udp
    meta l4proto udp ct state new udp sport @taken_udp drop
    goto keep_original_udp
  }

  # Where packets leave, when the outside port is chosen.
  chain learn {
    type filter hook postrouting priority srcnat + 10; policy accept;
    # Marked: a TCP connection that is closing.
    tcp flags & (fin | rst) != 0 ct mark set 1
    ct direction original ct original ip saddr 10.213.0.0/24 meta l4proto tcp jump learn_tcp
    ct direction original ct original ip saddr 10.213.0.0/24 meta l4proto udp jump learn_udp
    ct direction reply ct reply ip saddr 10.213.0.0/24 meta l4proto tcp jump keep_reply_tcp
    ct direction reply ct reply ip saddr 10.213.0.0/24 meta l4proto udp jump keep_reply_udp
  }

  # The router itself. A peer that dials one of its mappings too early is not answered: a reset would end the attempt,
  # and a connection that is tracked here would take the inside host's port from it.
  chain input {
    type filter hook input priority filter; policy accept;
    ct state established,related accept
    ip daddr { 11.210.0.13 } drop
  }
}
RULESET
nft -f /run/kadlab.nft
interface_of() { ip -o -4 addr show to "$1" | { read -r _ name _; echo "$name"; }; }
lan=$(interface_of 10.213.0.2)
ip addr replace 10.213.0.1/24 dev "$lan"
while ip route del default 2>/dev/null; do :; done
