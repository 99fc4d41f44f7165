//! The cluster: its components, its etcd, its networks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Arg, empty};

api_type!(
    /// The cluster's configuration, kept in the ConfigMap `kubeadm-config`.
    ClusterConfiguration {
        /// etcd, local or external.
        etcd: Etcd,
        /// Subnets and the DNS domain.
        networking: Networking,
        /// The control plane's version.
        kubernetes_version: String,
        /// A stable `host[:port]` for the control plane.
        control_plane_endpoint: String,
        /// kube-apiserver.
        #[serde(rename = "apiServer")]
        api_server: ApiServer,
        /// kube-controller-manager.
        controller_manager: ControlPlaneComponent,
        /// kube-scheduler.
        scheduler: ControlPlaneComponent,
        /// CoreDNS.
        dns: Dns,
        /// kube-proxy.
        proxy: Proxy,
        /// Directory of certificates and keys.
        certificates_dir: String,
        /// Where images come from.
        image_repository: String,
        /// Feature gates of kubeadm.
        feature_gates: BTreeMap<String, bool>,
        /// The cluster's name.
        cluster_name: String,
        /// Algorithm of new keys.
        encryption_algorithm: String,
        /// Validity of leaf certificates, Go's duration syntax.
        certificate_validity_period: String,
        /// Validity of CAs, Go's duration syntax.
        #[serde(rename = "caCertificateValidityPeriod")]
        ca_certificate_validity_period: String,
    }
);

api_type!(
    /// etcd: exactly one of the two.
    Etcd {
        /// A static pod on each control-plane node.
        local: Option<LocalEtcd>,
        /// Run by somebody else.
        external: Option<ExternalEtcd>,
    }
);

api_type!(
    /// etcd as a static pod.
    LocalEtcd {
        /// Overrides the cluster's image repository.
        image_repository: String,
        /// Overrides the version's tag.
        image_tag: String,
        /// Where the data is.
        data_dir: String,
        /// Extra flags.
        extra_args: Vec<Arg>,
        /// Extra environment (`EnvVar` of core/v1).
        extra_envs: Vec<Value>,
        /// More names for the serving certificate.
        #[serde(rename = "serverCertSANs")]
        server_cert_sans: Vec<String>,
        /// More names for the peer certificate.
        #[serde(rename = "peerCertSANs")]
        peer_cert_sans: Vec<String>,
    }
);

api_type!(
    /// etcd run by somebody else.
    ExternalEtcd {
        /// Client URLs.
        endpoints: Vec<String>,
        /// URLs for /version and /health where they differ.
        #[serde(rename = "httpEndpoints")]
        http_endpoints: Vec<String>,
        /// CA file.
        ca_file: String,
        /// Client certificate file.
        cert_file: String,
        /// Client key file.
        key_file: String,
    }
);

api_type!(
    /// Subnets and the DNS domain.
    Networking {
        /// Service CIDRs, comma separated.
        service_subnet: String,
        /// Pod CIDRs, comma separated.
        pod_subnet: String,
        /// The cluster's DNS domain.
        dns_domain: String,
    }
);

api_type!(
    /// A control plane component's extras.
    ControlPlaneComponent {
        /// Extra flags.
        extra_args: Vec<Arg>,
        /// Extra mounts.
        extra_volumes: Vec<HostPathMount>,
        /// Extra environment (`EnvVar` of core/v1).
        extra_envs: Vec<Value>,
    }
);

api_type!(
    /// kube-apiserver's extras.
    ApiServer {
        /// Extra flags.
        extra_args: Vec<Arg>,
        /// Extra mounts.
        extra_volumes: Vec<HostPathMount>,
        /// Extra environment (`EnvVar` of core/v1).
        extra_envs: Vec<Value>,
        /// More names for the serving certificate.
        #[serde(rename = "certSANs")]
        cert_sans: Vec<String>,
    }
);

api_type!(
    /// A host path mounted into a static pod.
    HostPathMount {
        /// Volume name.
        name: String,
        /// On the host.
        host_path: String,
        /// In the container.
        mount_path: String,
        /// Not writable.
        read_only: bool,
        /// HostPathType.
        path_type: String,
    }
);

api_type!(
    /// CoreDNS.
    Dns {
        /// Overrides the cluster's image repository.
        image_repository: String,
        /// Overrides the version's tag.
        image_tag: String,
        /// Not installed.
        disabled: bool,
    }
);

api_type!(
    /// kube-proxy.
    Proxy {
        /// Not installed.
        disabled: bool,
    }
);
