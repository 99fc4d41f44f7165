#!/bin/sh
# Runs in a machine before everything that is not systemd itself.

# The kubelet's volumes and containerd's mounts have to be seen by pods, as on a host whose systemd made / shared.
mount --make-rshared /

# nspawn hands the cgroup file systems over read-only; a kubelet has to write in them. On v1 each controller is a mount of its own.
mount -o remount,rw /sys/fs/cgroup
for controller in /sys/fs/cgroup/*/; do
    controller=${controller%/}
    [ -L "$controller" ] || ! mountpoint -q "$controller" || mount -o remount,rw,bind "$controller"
done

# systemd-networkd never finishes when /sys is writable (it waits for udev), so the address is set by hand.
ip link set lo up
ip addr add "$(cat /etc/lab-address)/24" dev host0
ip link set host0 up
ip route add default via 10.77.0.1

# A new network namespace starts with 0, and preflight refuses that.
echo 1 > /proc/sys/net/ipv4/ip_forward
true
