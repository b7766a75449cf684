#!/bin/bash
# Makes the file system of a virtual machine of the tests and boots it. Runs in the machine's network namespace, in mount
# and process namespaces of its own:  enter-machine.sh ROOT PROJECT STAND_INS NODE
set -eu
root=$1 project=$2 stand_ins=$3 node=$4
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin

# A mount point of its own, since `ip netns exec` wants / to be one.
mount --bind "$root" "$root"
mkdir -p "$root"/{usr,proc,sys,dev,etc,run/netns,tmp,root,var/lib,var/log} "$root$project"
chmod 1777 "$root/tmp"
ln -sfn usr/bin "$root/bin"
ln -sfn usr/sbin "$root/sbin"
ln -sfn usr/lib "$root/lib"
ln -sfn usr/lib64 "$root/lib64"
cp -a /etc/passwd /etc/group /etc/alternatives /etc/ld.so.cache "$root/etc/"

mount --bind /usr "$root/usr"
# What is not there on the machine that tests, or must not be the real one: docker and systemctl.
mount -t overlay overlay -o "lowerdir=$stand_ins:/usr/bin" "$root/usr/bin"
mkdir -p "$root.local"/{bin,sbin,lib}
mount --bind "$root.local" "$root/usr/local"
mount --bind "$project" "$root$project"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"

# Bash as the first process: it reaps what the machine's programs leave behind.
exec chroot "$root" /bin/bash -c '"$0" "$1" >/var/log/boot.log 2>&1; while true; do sleep 1000 & wait $!; done' \
  "$node" "$project/test/terraform/vm/boot.ts"
