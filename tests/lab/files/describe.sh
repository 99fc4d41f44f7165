#!/bin/bash
# Prints what a bootstrapper made on this control plane and in its cluster, by value: random parts (keys, tokens, serials, times) are left out or
# replaced by their names, so that two descriptions can be compared line by line.
export KUBECONFIG=/etc/kubernetes/admin.conf

certificate() { # FILE: every field that somebody chose
    openssl x509 -in "$1" -noout -subject -issuer -nameopt RFC2253 2>&1
    local extension
    for extension in basicConstraints keyUsage extendedKeyUsage subjectAltName; do # their order in the file means nothing
        openssl x509 -in "$1" -noout -ext "$extension" 2>/dev/null | sed 's/^ */  /'
    done
    openssl x509 -in "$1" -noout -text | grep -E -m1 'Signature Algorithm' | sed 's/^ */  /'
    openssl x509 -in "$1" -noout -text | grep -E 'Public-Key|Subject Key Identifier|Authority Key Identifier' | sed 's/^ */  /'
    local from to
    from=$(date -d "$(openssl x509 -in "$1" -noout -startdate | cut -d= -f2)" +%s)
    to=$(date -d "$(openssl x509 -in "$1" -noout -enddate | cut -d= -f2)" +%s)
    echo "  valid for $(((to - from + 1800) / 3600)) hours"
}

unquoted() { # YAML: an IPv4 address is a text with quotes and without
    sed -E 's/(: |- )"([0-9]+(\.[0-9]+){3})"$/\1\2/'
}

echo "# files"
find /etc/kubernetes /var/lib/kubelet/config.yaml /var/lib/kubelet/instance-config.yaml /var/lib/kubelet/kubeadm-flags.env -not -path '*/tmp/*' -printf '%M %u %g %p\n' | LC_ALL=C sort -k4
stat -c '%A %U %G %n' /var/lib/etcd /var/lib/kubelet

echo "# users and groups of the components"
grep -h '^kubeadm-' /etc/passwd /etc/group
find /var/lib/etcd -printf '%M %u %g\n' | LC_ALL=C sort -u

echo "# manifests and the kubelet's files"
for file in /etc/kubernetes/manifests/*.yaml /var/lib/kubelet/config.yaml /var/lib/kubelet/instance-config.yaml /var/lib/kubelet/kubeadm-flags.env; do
    echo "## $file"
    unquoted < "$file"
done

echo "# certificates"
for file in $(find /etc/kubernetes/pki -name '*.crt' | LC_ALL=C sort); do
    echo "## $file"
    certificate "$file"
done
for file in $(find /etc/kubernetes/pki -name '*.key' -o -name '*.pub' | LC_ALL=C sort); do
    echo "## $file: $(head -1 "$file")"
done

echo "# what the kubelet serves with, whose names end in a time"
stat -c '%A %U %G %n' /var/lib/kubelet/pki /var/lib/kubelet/pki/kubelet.crt /var/lib/kubelet/pki/kubelet.key
head -1 /var/lib/kubelet/pki/kubelet.key
for number in 1 2; do
    awk -v number=$number '/BEGIN/ { n++ } n == number' /var/lib/kubelet/pki/kubelet.crt > /tmp/serving.crt
    echo "## certificate $number of $(grep -c BEGIN /var/lib/kubelet/pki/kubelet.crt)"
    certificate /tmp/serving.crt | sed -E 's/@[0-9]+/@TIME/'
done
rm -f /tmp/serving.crt

echo "# kubeconfig files"
for file in /etc/kubernetes/*.conf; do
    echo "## $file"
    sed -E 's/-data: .*/-data: …/' "$file" | unquoted
    sed -n 's/.*client-certificate-data: //p' "$file" | base64 -d > /tmp/client.crt
    [ ! -s /tmp/client.crt ] || certificate /tmp/client.crt
done
rm -f /tmp/client.crt

echo "# objects"
# A list that could not be had would be equal to another one.
set -eo pipefail
# Every kind that can be listed, once; events, and what components measure of themselves, are no work of a bootstrapper.
kinds=$(kubectl api-resources --verbs=list --no-headers -o name | sort -u | grep -vE '^(events|events\.events\.k8s\.io|componentstatuses)$' | paste -sd,)
kubectl get "$kinds" -A -o json | jq -S '
    def plain: walk(if type == "string" then
        gsub("-----BEGIN[^-]+-----[^-]+-----END[^-]+-----"; "PEM") | gsub("certificate-authority-data: [A-Za-z0-9+/=]+"; "certificate-authority-data: …")
        | gsub("\\b[a-z0-9]{6}\\.[a-z0-9]{16}\\b"; "TOKEN") | gsub("\"(?<address>[0-9]+(\\.[0-9]+){3})\"\n"; .address + "\n") else . end);
    # Names that the cluster makes up, wherever they are used: the hash of a template, and five random letters.
    def unnamed: walk(if type == "string" then gsub("(?<base>coredns|kube-proxy|kube-dns|kube-api-access)(-[0-9a-f]{7,10})?-[a-z0-9]{5}$"; .base + "-RANDOM")
        | gsub("^(?<base>coredns|kube-proxy)-[0-9a-f]{6,10}$"; .base + "-HASH") else . end);
    [.items[]
    | del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp, .metadata.generation, .metadata.managedFields, .metadata.ownerReferences, .metadata.selfLink)
    | if .kind == "Secret" then
        (.data // {}) as $data | .metadata.name |= sub("bootstrap-token-.*"; "bootstrap-token-ID")
        | .data = ($data | with_entries(if (.key | test("secret|token-id|expiration")) then .value = "…" else .value |= @base64d end)) else . end
    | if .kind == "ConfigMap" and .data then .data |= with_entries(select(.key | startswith("jws-kubeconfig-") | not)) else . end
    | if .kind == "ConfigMap" and .metadata.name == "extension-apiserver-authentication" then .data = "…" else . end
    | if .kind == "Service" then del(.spec.clusterIP, .spec.clusterIPs) + {ip: .spec.clusterIP} else . end
    | if .kind == "Node" then del(.spec.podCIDR, .spec.podCIDRs) else . end
    # Who holds a lease, and since when; which pods are behind a service at the moment.
    | if .kind == "Lease" then del(.spec) | .metadata.name |= sub("^apiserver-.*"; "apiserver-ID") else . end
    | if .kind == "Endpoints" or .kind == "EndpointSlice" then del(.subsets, .endpoints, .metadata.annotations) else . end
    | if .kind == "ControllerRevision" or .kind == "ReplicaSet" or .kind == "Pod" then del(.metadata.labels["pod-template-hash", "controller-revision-hash"]) else . end
    | if .kind == "ReplicaSet" then del(.spec.selector.matchLabels["pod-template-hash"], .spec.template.metadata.labels["pod-template-hash"]) else . end
    # Whose names and contents are those of keys.
    | if .kind == "CertificateSigningRequest" then .metadata.name = "csr-RANDOM" | del(.spec.request, .spec.extra) else . end
    | if .kind == "ClusterTrustBundle" then .metadata.name |= sub(":[0-9a-f]+$"; ":HASH") else . end
    # A mirror of a manifest, that of the file above: the hash is of its text, the rest is when it started.
    | if .metadata.annotations["kubernetes.io/config.source"] == "file" then del(.metadata.annotations["kubernetes.io/config.seen"]) else . end
    | plain | unnamed] | sort_by([.kind, .metadata.namespace, .metadata.name, .spec.parentRef.name])[]'
