#!/usr/bin/env bash
# Several Docker engines on one machine, joined to a Swarm: what the swarm suite runs on. Each is in a network namespace of its
# own, and the wire between them is a bridge in one more: nothing in there reaches the machine's network.
#
#   test/swarm/engines.sh up [N]    starts N engines (3) and prints the address of each, a manager first
#   test/swarm/engines.sh down      ends them and removes what they had
#
# Needs root and a Docker engine of this machine: the others are the same program and get its base images.
set -euo pipefail

state=${ENGINES_STATE:-/var/lib/kadlab-engines}
wire=kadlab-wire
images=(debian:bookworm-slim node:24-bookworm-slim)
# The daemon of the engine that runs, where it is not on the path; what it starts lies beside it.
daemon=$(command -v dockerd || readlink "/proc/$(pgrep -o -x dockerd)/exe")
beside=$(dirname "$daemon")
export PATH=$PATH:$beside:$(dirname "$beside")/bin:$(dirname "$beside")/sbin

address() { echo "unix://$state/$1/docker.sock"; }
on() { local engine=$1; shift; docker -H "$(address "$engine")" "$@"; }

wire_up() {
  ip netns add "$wire"
  ip -n "$wire" link add wire type bridge
  ip -n "$wire" link set wire up
}

start() {
  local engine=$1 place=kadlab-engine-$1 folder=$state/$1
  mkdir -p "$folder"
  ip netns add "$place"
  ip -n "$wire" link add "to-$engine" type veth peer name wire0 netns "$place"
  ip -n "$wire" link set "to-$engine" master wire up
  ip -n "$place" addr add "192.168.231.$((10 + engine))/24" dev wire0
  ip -n "$place" link set lo up
  ip -n "$place" link set wire0 up
  # `ip netns exec` would mount a /sys without control groups.
  setsid nohup nsenter --net="/run/netns/$place" "$daemon" --data-root "$folder/data" --exec-root "$folder/exec" \
    --pidfile "$folder/docker.pid" -H "$(address "$engine")" >"$folder/log" 2>&1 </dev/null &
}

# An engine says nothing to whoever waits for it but that it answers.
wait_for() {
  for _ in $(seq 240); do
    on "$1" info >/dev/null 2>&1 && return
    sleep 0.25
  done
  tail -n 5 "$state/$1/log" >&2
  echo "expected engine $1 to answer within a minute; it did not" >&2
  return 1
}

up() {
  local count=$1 engine token image
  mkdir -p "$state"
  wire_up
  for engine in $(seq "$count"); do start "$engine"; done
  for engine in $(seq "$count"); do wait_for "$engine"; done
  # Its own pool: the default one overlaps with what labs take.
  on 1 swarm init --advertise-addr 192.168.231.11 --default-addr-pool 172.30.0.0/16 >/dev/null
  token=$(on 1 swarm join-token -q worker)
  for engine in $(seq 2 "$count"); do
    on "$engine" swarm join --token "$token" 192.168.231.11:2377 >/dev/null
  done
  for image in "${images[@]}"; do
    docker image inspect "$image" >/dev/null 2>&1 || docker pull -q "$image" >/dev/null
    for engine in $(seq "$count"); do docker save "$image" | on "$engine" load -q >/dev/null; done
  done
  for engine in $(seq "$count"); do address "$engine"; done
}

down() {
  local folder pid place
  for folder in "$state"/*/; do
    [ -d "$folder" ] || continue
    timeout 30 docker -H "unix://${folder}docker.sock" ps -q 2>/dev/null |
      timeout 30 xargs -r docker -H "unix://${folder}docker.sock" rm -f >/dev/null 2>&1 || true
    pid=$(cat "$folder/docker.pid" 2>/dev/null || true)
    [ -n "$pid" ] || continue
    kill "$pid" 2>/dev/null || continue
    timeout 30 tail --pid="$pid" -f /dev/null || true
  done
  for place in $(ip netns list | awk '$1 ~ /^kadlab-(engine-[0-9]+|wire)$/ { print $1 }'); do ip netns del "$place"; done
  { grep -o " $state[^ ]*" /proc/mounts || true; } | sort -r | xargs -r umount -l
  rm -rf "$state"
}

case ${1:-} in
  up)
    down
    up "${2:-3}"
    ;;
  down) down ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
