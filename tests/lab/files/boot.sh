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

# The kernel's settings are the computer's, and every machine's: here only those of a network can be changed. A kubelet writes the ones that it
# insists on unless they are as it wants them, so it sees them so.
mkdir -p /run/lab
mount --rbind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
while read -r setting value; do
    echo "$value" > "/run/lab/$setting"
    mount --bind "/run/lab/$setting" "/proc/sys/$(echo "$setting" | tr . /)"
done <<'END'
vm.overcommit_memory 1
vm.panic_on_oom 0
kernel.panic 10
kernel.panic_on_oops 1
kernel.keys.root_maxkeys 1000000
kernel.keys.root_maxbytes 25000000
END

# So is the swap, with which no kubelet starts.
printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' > /run/lab/swaps
mount --bind /run/lab/swaps /proc/swaps

# systemd-networkd never finishes when /sys is writable (it waits for udev), so the address is set by hand.
ip link set lo up
ip addr add "$(cat /etc/lab-address)/24" dev host0
ip link set host0 up
ip route add default via 10.77.0.1

# A new network namespace starts with 0, and preflight refuses that.
echo 1 > /proc/sys/net/ipv4/ip_forward
true
