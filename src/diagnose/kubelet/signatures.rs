//! What the last words of a kubelet tell.

use crate::diagnose::Signature;

/// What the kubelet's last words tell. Order matters: the special before the general.
pub(in crate::diagnose) const TABLE: &[Signature] = &[
    Signature {
        code: "KI-KUBELET-CGROUP-V1",
        words: &["configured to not run on a host using cgroup v1"],
        cause: "the kubelet refuses this host, because it uses cgroup v1",
        remedy: "boot the host with cgroup v2 (systemd.unified_cgroup_hierarchy=1 on the kernel's command line), or \
                 choose cgroup v1 for now with --allow-cgroup-v1, or failCgroupV1: false in a KubeletConfiguration \
                 document",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-CGROUPS-READ-ONLY",
        words: &["cgroup", "read-only file system"],
        cause: "the kubelet cannot make cgroups, because /sys/fs/cgroup is mounted read-only",
        remedy: "mount the cgroup file systems writable (in a container: start it with writable cgroups)",
        commands: &["mount | grep cgroup", "mount -o remount,rw /sys/fs/cgroup"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-CGROUPS-MISSING",
        words: &["Following Cgroup subsystem not mounted"],
        cause: "the kubelet misses cgroup controllers",
        remedy: "enable the controllers that it names (often cgroup_enable=memory on the kernel's command line)",
        commands: &["cat /proc/cgroups"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-CGROUP-DRIVER",
        words: &["kubelet cgroup driver", "is different from"],
        cause: "the kubelet and the container runtime use different cgroup drivers",
        remedy: "set cgroupDriver in the KubeletConfiguration to the runtime's",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-SWAP",
        words: &["running with swap on is not supported"],
        cause: "the kubelet refuses to run with swap on",
        remedy: "turn swap off and take it out of /etc/fstab, or allow it with failSwapOn: false in a \
                 KubeletConfiguration document",
        commands: &["swapoff -a"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-FLAG",
        words: &["failed to parse kubelet flag"],
        cause: "the kubelet does not know one of its flags",
        remedy: "take the flag out of nodeRegistration.kubeletExtraArgs, /var/lib/kubelet/kubeadm-flags.env, \
                 /etc/default/kubelet or /etc/sysconfig/kubelet",
        commands: &["systemctl cat kubelet", "cat /var/lib/kubelet/kubeadm-flags.env"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-CONFIG-MISSING",
        words: &["failed to load kubelet config file", "no such file"],
        cause: "the kubelet's configuration is missing",
        remedy: "write it with the phase kubelet-start",
        commands: &["ls -l /var/lib/kubelet/config.yaml"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-CONFIG",
        words: &["failed to load kubelet config file"],
        cause: "the kubelet cannot read its configuration",
        remedy: "mend the KubeletConfiguration document (or the patch to it) that it complains of",
        commands: &["cat /var/lib/kubelet/config.yaml"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-CONFIG",
        words: &["failed to validate kubelet"],
        cause: "the kubelet refuses its configuration",
        remedy: "mend the KubeletConfiguration document (or the patch to it) that it complains of",
        commands: &["cat /var/lib/kubelet/config.yaml"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-FEATURE-GATE",
        words: &["unrecognized feature gate"],
        cause: "the kubelet does not know one of the feature gates that it was given",
        remedy: "take it out of featureGates in the KubeletConfiguration document",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-CRI-DISABLED",
        words: &["validate CRI v1", "Unimplemented"],
        cause: "the kubelet cannot use the container runtime, because CRI v1 is disabled in it",
        remedy: "take \"cri\" out of disabled_plugins in /etc/containerd/config.toml and restart containerd",
        commands: &["grep disabled_plugins /etc/containerd/config.toml", "systemctl restart containerd"],
        once: true,
    },
    Signature {
        code: "KI-KUBELET-CRI",
        words: &["validate CRI v1"],
        cause: "the kubelet cannot reach the container runtime",
        remedy: "start the runtime, or correct containerRuntimeEndpoint in /var/lib/kubelet/instance-config.yaml \
                 (nodeRegistration.criSocket, --cri-socket)",
        commands: &["systemctl status containerd", "grep containerRuntimeEndpoint /var/lib/kubelet/config.yaml"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-KUBECONFIG",
        words: &["unable to load bootstrap kubeconfig"],
        cause: "the kubelet has neither a usable kubeconfig nor one to bootstrap with",
        remedy: "run the phase kubeconfig kubelet (init) or join again with a fresh token",
        commands: &["ls -l /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-KUBECONFIG",
        words: &["invalid kubeconfig"],
        cause: "the kubelet cannot use its kubeconfig",
        remedy: "remove /etc/kubernetes/kubelet.conf and run the phase kubeconfig kubelet again",
        commands: &["ls -l /etc/kubernetes/kubelet.conf"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-CA",
        words: &["unable to load client CA file"],
        cause: "the kubelet cannot read the cluster's CA certificate",
        remedy: "put the CA certificate where authentication.x509.clientCAFile points",
        commands: &["ls -l /etc/kubernetes/pki/ca.crt"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-PORT",
        words: &["address already in use"],
        cause: "another process holds a port of the kubelet",
        remedy: "stop the process that holds it (often a second kubelet, or another Kubernetes distribution)",
        commands: &["ss -tlnp | grep -E ':(10248|10250) '"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-INOTIFY",
        words: &["too many open files"],
        cause: "the kubelet runs out of file watches",
        remedy: "raise the kernel's limits on inotify",
        commands: &["sysctl -w fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-DISK-FULL",
        words: &["no space left on device"],
        cause: "the kubelet cannot write, because a disk is full",
        remedy: "make room",
        commands: &["df -h /var/lib/kubelet /var/lib/containerd /var/log"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-KUBELET-BINARY",
        words: &["Failed to locate executable"],
        cause: "there is no kubelet where its unit looks for it",
        remedy: "install the kubelet at the path that ExecStart names",
        commands: &["systemctl cat kubelet"],
        once: true,
    },
];
