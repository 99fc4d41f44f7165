//! The kinds of v1alpha1, v1alpha2 and v1alpha3.
//!
//! From `types.go` of Kubernetes v1.5 to v1.11 (v1alpha1: fields came and went, and each that any of them had is here),
//! v1.11 and v1.12 (v1alpha2), v1.12 and v1.13 (v1alpha3). Whole component configurations are maps here: their fields
//! are checked when they are documents of their own.

use super::super::shape::Shape::{Flag, FlagMap, Group as Whole, Int32, Text, TextMap, Texts, Time, TimeOrInt};
use super::ApiVersion::{V1alpha1, V1alpha2, V1alpha3};
use super::Form::{Fields, Is, List, Named};
use super::beta::{API_ENDPOINT, BOOTSTRAP_TOKEN, EXTERNAL_ETCD, NETWORKING, NODE_REGISTRATION};
use super::{Field, Group, Kind, Versions};

/// In every version here.
const ALL: Versions = V1alpha1..=V1alpha3;
/// Before the cluster had documents of its own.
const ONE: Versions = V1alpha1..=V1alpha2;
const FIRST: Versions = V1alpha1..=V1alpha1;
const SECOND: Versions = V1alpha2..=V1alpha2;
const THIRD: Versions = V1alpha3..=V1alpha3;

pub(super) static KINDS: &[Kind] = &[
    Kind {
        name: "MasterConfiguration",
        versions: ONE,
        fields: MASTER,
        becomes: &["InitConfiguration", "ClusterConfiguration"],
    },
    Kind { name: "NodeConfiguration", versions: ONE, fields: JOIN, becomes: &["JoinConfiguration"] },
    Kind { name: "InitConfiguration", versions: THIRD, fields: INIT, becomes: &["InitConfiguration"] },
    Kind { name: "ClusterConfiguration", versions: THIRD, fields: MASTER, becomes: &["ClusterConfiguration"] },
    Kind { name: "ClusterStatus", versions: THIRD, fields: STATUS, becomes: &["ClusterConfiguration"] },
    Kind { name: "JoinConfiguration", versions: THIRD, fields: JOIN, becomes: &["JoinConfiguration"] },
];

/// MasterConfiguration; what is left of it in v1alpha3 is ClusterConfiguration.
const MASTER: Group = &[
    Field("bootstrapTokens", SECOND, List(BOOTSTRAP_TOKEN)),
    Field("nodeRegistration", SECOND, Fields(NODE_REGISTRATION)),
    Field("api", ONE, Fields(API)),
    Field("kubeProxy", ONE, Fields(&[Field("config", ONE, Is(Whole))])),
    Field("kubeletConfiguration", ONE, Fields(&[Field("baseConfig", ONE, Is(Whole))])),
    Field("etcd", FIRST, Fields(FLAT_ETCD)),
    Field("etcd", V1alpha2..=V1alpha3, Fields(ETCD)),
    Field("networking", ALL, Fields(NETWORKING)),
    Field("kubernetesVersion", ALL, Is(Text)),
    Field("controlPlaneEndpoint", THIRD, Is(Text)),
    Field("cloudProvider", FIRST, Is(Text)),
    Field("nodeName", FIRST, Is(Text)),
    Field("authorizationMode", FIRST, Is(Text)),
    Field("authorizationModes", FIRST, Is(Texts)),
    Field("noTaintMaster", FIRST, Is(Flag)),
    Field("privilegedPods", FIRST, Is(Flag)),
    Field("selfHosted", FIRST, Is(Flag)),
    Field("token", FIRST, Is(Text)),
    Field("tokenTTL", FIRST, Is(TimeOrInt)),
    Field("tokenUsages", FIRST, Is(Texts)),
    Field("tokenGroups", FIRST, Is(Texts)),
    Field("secrets", FIRST, Fields(SECRETS)),
    Field("discovery", FIRST, Fields(&[Field("bindPort", FIRST, Is(Int32))])),
    Field("criSocket", FIRST, Is(Text)),
    Field("imagePullPolicy", FIRST, Is(Text)),
    Field("apiServerExtraArgs", ALL, Is(TextMap)),
    Field("controllerManagerExtraArgs", ALL, Is(TextMap)),
    Field("schedulerExtraArgs", ALL, Is(TextMap)),
    Field("apiServerExtraVolumes", ALL, List(HOST_PATH_MOUNT)),
    Field("controllerManagerExtraVolumes", ALL, List(HOST_PATH_MOUNT)),
    Field("schedulerExtraVolumes", ALL, List(HOST_PATH_MOUNT)),
    Field("apiServerCertSANs", ALL, Is(Texts)),
    Field("certificatesDir", ALL, Is(Text)),
    Field("imageRepository", ALL, Is(Text)),
    Field("unifiedControlPlaneImage", ALL, Is(Text)),
    Field("auditPolicy", ALL, Fields(AUDIT_POLICY)),
    Field("featureGates", ALL, Is(FlagMap)),
    Field("clusterName", ALL, Is(Text)),
];

/// NodeConfiguration, since v1alpha3 JoinConfiguration.
const JOIN: Group = &[
    Field("nodeRegistration", V1alpha2..=V1alpha3, Fields(NODE_REGISTRATION)),
    Field("nodeName", FIRST, Is(Text)),
    Field("criSocket", FIRST, Is(Text)),
    Field("secrets", FIRST, Fields(SECRETS)),
    Field("masterAddresses", FIRST, Is(Texts)),
    Field("apiPort", FIRST, Is(Int32)),
    Field("discoveryPort", FIRST, Is(Int32)),
    Field("caCertPath", ALL, Is(Text)),
    Field("discoveryFile", ALL, Is(Text)),
    Field("discoveryToken", ALL, Is(Text)),
    Field("discoveryTokenAPIServers", ALL, Is(Texts)),
    Field("discoveryTimeout", ALL, Is(Time)),
    Field("tlsBootstrapToken", ALL, Is(Text)),
    Field("token", ALL, Is(Text)),
    Field("clusterName", ALL, Is(Text)),
    Field("discoveryTokenCACertHashes", ALL, Is(Texts)),
    Field("discoveryTokenUnsafeSkipCAVerification", ALL, Is(Flag)),
    Field("controlPlane", V1alpha2..=V1alpha3, Is(Flag)),
    Field("advertiseAddress", SECOND, Is(Text)),
    Field("bindPort", SECOND, Is(Int32)),
    Field("apiEndpoint", THIRD, Fields(API_ENDPOINT)),
    Field("featureGates", ALL, Is(FlagMap)),
];

const INIT: Group = &[
    Field("bootstrapTokens", ALL, List(BOOTSTRAP_TOKEN)),
    Field("nodeRegistration", ALL, Fields(NODE_REGISTRATION)),
    Field("apiEndpoint", ALL, Fields(API_ENDPOINT)),
];

const STATUS: Group = &[Field("apiEndpoints", ALL, Named(API_ENDPOINT))];

/// `advertiseAddresses` and `externalDNSNames` are v1.5's.
const API: Group = &[
    Field("advertiseAddress", ALL, Is(Text)),
    Field("advertiseAddresses", FIRST, Is(Texts)),
    Field("externalDNSNames", FIRST, Is(Texts)),
    Field("controlPlaneEndpoint", ALL, Is(Text)),
    Field("bindPort", ALL, Is(Int32)),
];

/// v1.5's; `token` is the base64 of the secret part.
const SECRETS: Group = &[
    Field("givenToken", ALL, Is(Text)),
    Field("tokenID", ALL, Is(Text)),
    Field("token", ALL, Is(Text)),
    Field("bearerToken", ALL, Is(Text)),
];

/// etcd inside and outside, in one.
const FLAT_ETCD: Group = &[
    Field("endpoints", ALL, Is(Texts)),
    Field("caFile", ALL, Is(Text)),
    Field("certFile", ALL, Is(Text)),
    Field("keyFile", ALL, Is(Text)),
    Field("dataDir", ALL, Is(Text)),
    Field("extraArgs", ALL, Is(TextMap)),
    Field("image", ALL, Is(Text)),
    Field("selfHosted", ALL, Fields(SELF_HOSTED_ETCD)),
    Field("serverCertSANs", ALL, Is(Texts)),
    Field("peerCertSANs", ALL, Is(Texts)),
];

const SELF_HOSTED_ETCD: Group = &[
    Field("certificatesDir", ALL, Is(Text)),
    Field("clusterServiceName", ALL, Is(Text)),
    Field("etcdVersion", ALL, Is(Text)),
    Field("operatorVersion", ALL, Is(Text)),
];

const ETCD: Group = &[Field("local", ALL, Fields(LOCAL_ETCD)), Field("external", ALL, Fields(EXTERNAL_ETCD))];

const LOCAL_ETCD: Group = &[
    Field("image", ALL, Is(Text)),
    Field("dataDir", ALL, Is(Text)),
    Field("extraArgs", ALL, Is(TextMap)),
    Field("serverCertSANs", ALL, Is(Texts)),
    Field("peerCertSANs", ALL, Is(Texts)),
];

const HOST_PATH_MOUNT: Group = &[
    Field("name", ALL, Is(Text)),
    Field("hostPath", ALL, Is(Text)),
    Field("mountPath", ALL, Is(Text)),
    Field("writable", ALL, Is(Flag)),
    Field("pathType", ALL, Is(Text)),
];

const AUDIT_POLICY: Group =
    &[Field("path", ALL, Is(Text)), Field("logDir", ALL, Is(Text)), Field("logMaxAge", ALL, Is(Int32))];
