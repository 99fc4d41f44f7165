//! What the last words of a static pod's container tell.

use crate::diagnose::Signature;

/// Init makes a manifest anew that is not there, and replaces none.
const MOVE_AWAY: &[&str] = &["mv /etc/kubernetes/manifests/{}.yaml /root/"];

/// What a component's last words tell; `{}` is its name.
pub(in crate::diagnose) const TABLE: &[Signature] = &[
    Signature {
        code: "KI-POD-FLAG",
        words: &["unknown flag"],
        cause: "{} does not know one of its flags",
        remedy: "take the flag out of extraArgs of {} in the ClusterConfiguration (or out of the patch to its manifest), move the \
                 manifest that has it away, and run init again",
        commands: MOVE_AWAY,
        once: true,
    },
    Signature {
        code: "KI-POD-FLAG",
        words: &["flag provided but not defined"],
        cause: "{} does not know one of its flags",
        remedy: "take the flag out of extraArgs of {} in the ClusterConfiguration (or out of the patch to its manifest), move the \
                 manifest that has it away, and run init again",
        commands: MOVE_AWAY,
        once: true,
    },
    Signature {
        code: "KI-POD-FLAG",
        words: &["invalid argument", "for \"--"],
        cause: "{} refuses the value of one of its flags",
        remedy: "correct extraArgs of {} in the ClusterConfiguration (or the patch to its manifest), move the wrong manifest \
                 away, and run init again",
        commands: MOVE_AWAY,
        once: true,
    },
    Signature {
        code: "KI-POD-FEATURE-GATE",
        words: &["unrecognized feature gate"],
        cause: "{} does not know one of the feature gates that it was given",
        remedy: "take it out of the feature-gates among the extraArgs of {}, move the manifest that has it away, and run init \
                 again",
        commands: MOVE_AWAY,
        once: true,
    },
    Signature {
        code: "KI-POD-PORT",
        words: &["address already in use"],
        cause: "another process holds a port of {}",
        remedy: "stop the process that holds it, or choose another port",
        commands: &["ss -tlnp"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-ETCD-ADDRESS",
        words: &["cannot assign requested address"],
        cause: "{} cannot listen on an address that this host does not have",
        remedy: "correct localAPIEndpoint.advertiseAddress, and remove the manifests that were made with the wrong one",
        commands: &["ip address"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-ETCD-MEMBER",
        words: &["has already been bootstrapped"],
        cause: "etcd's data does not belong to the cluster that this member is to start or join",
        remedy: "remove the member from the cluster that it belongs to, and reset this node",
        commands: &["ls -l /var/lib/etcd/member"],
        once: true,
    },
    Signature {
        code: "KI-ETCD-MEMBER",
        words: &["cluster ID mismatch"],
        cause: "etcd's data belongs to another cluster",
        remedy: "empty etcd's data directory, if the data is of no use any more, with reset",
        commands: &["ls -l /var/lib/etcd/member"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-ETCD-DATA",
        words: &["crc mismatch"],
        cause: "etcd's data is damaged",
        remedy: "restore it from a snapshot, or remove the member and join this node again",
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-FILE",
        words: &["no such file or directory"],
        cause: "{} misses a file",
        remedy: "make the file that it names (certificates: the phase certs), or mount it with extraVolumes",
        commands: &["ls -lR /etc/kubernetes/pki"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-PERMISSION",
        words: &["permission denied"],
        cause: "{} may not read or write a file that it needs",
        remedy: "correct the owner or mode of the file that it names",
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-CERTIFICATE",
        words: &["authentication handshake failed", "x509:"],
        cause: "{} does not trust the certificate of a server that it needs",
        remedy: "compare the server's certificate with the CA that {} is given; those of another cluster must be \
                 removed and made anew",
        commands: &["openssl verify -CAfile /etc/kubernetes/pki/etcd/ca.crt /etc/kubernetes/pki/etcd/server.crt"],
        once: true,
    },
    Signature {
        code: "KI-POD-CERTIFICATE",
        words: &["command failed", "x509:"],
        cause: "{} does not trust a certificate, or is not trusted",
        remedy: "compare the certificates with their CA; those of another cluster must be removed and made anew",
        commands: &["openssl x509 -noout -text -in /etc/kubernetes/pki/apiserver.crt"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-CERTIFICATE",
        words: &["private key does not match public key"],
        cause: "a certificate of {} does not match its key",
        remedy: "remove both files of the pair that it names and make them anew with the phase certs",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-ARCHITECTURE",
        words: &["exec format error"],
        cause: "the image of {} is for another machine architecture",
        remedy: "remove the image from the runtime and pull the right one",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-CPU",
        words: &["CPU does not support x86-64"],
        cause: "the image of {} needs a newer CPU than this machine has (or shows to its guest)",
        remedy: "give the virtual machine the host's CPU model, or use images for older CPUs",
        once: true,
        ..Signature::ROW
    },
    Signature {
        code: "KI-POD-COMMAND",
        words: &["executable file not found"],
        cause: "the image of {} does not hold the program that its manifest starts",
        remedy: "correct the image or the patch to the manifest, move the wrong manifest away, and run init again",
        commands: MOVE_AWAY,
        once: true,
    },
    Signature {
        code: "KI-POD-MEMORY",
        words: &["OOMKilled"],
        cause: "{} was killed for want of memory",
        remedy: "give the machine more memory, or lift the limit that a patch set",
        commands: &["free -m"],
        ..Signature::ROW
    },
    Signature {
        code: "KI-DISK-FULL",
        words: &["no space left on device"],
        cause: "{} cannot write, because a disk is full",
        remedy: "make room",
        commands: &["df -h /var/lib/etcd /var/log"],
        ..Signature::ROW
    },
];
