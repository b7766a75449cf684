#!/usr/bin/env bash
# What the terraform suite wants beyond a terraform binary: a few commands, and cloud-init's own schema. The package is
# unpacked beside the tests, never installed: it would set the machine up anew at its next boot.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
for pair in jq:jq curl:curl ip:iproute2 nft:nftables pgrep:procps setpriv:util-linux; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair##*:}")
done
if ((${#missing[@]} > 0)); then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

folder=.cache/cloud-init
if [ ! -d "$folder/usr" ]; then
  mkdir -p "$folder"
  download() { (cd "$folder" && apt-get download -qq cloud-init 2>/dev/null); }
  download || { apt-get update -qq && download; }
  dpkg -x "$folder"/cloud-init_*.deb "$folder"
  rm "$folder"/cloud-init_*.deb
fi
