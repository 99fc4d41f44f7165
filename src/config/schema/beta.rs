//! The kinds of v1beta1 and later.
//!
//! From Kubernetes v1.14 (v1beta1), v1.26 (v1beta2), v1.36 (v1beta3) and v1.37 (v1beta4, v1): `types.go` of each version,
//! the bootstrap token's, and core/v1's EnvVar and Taint.

use super::super::shape::Shape::{Flag, FlagMap, Int, Int32, Moment, Quantity, Text, TextMap, Texts, Time, Token};
use super::ApiVersion::{V1, V1alpha1, V1beta1, V1beta2, V1beta3, V1beta4};
use super::Form::{Fields, Is, List, Named};
use super::{Field, Group, Kind, Versions};

/// In every version that has the group at all.
const ALWAYS: Versions = V1alpha1..=V1;

pub(super) static KINDS: &[Kind] = &[
    Kind { name: "InitConfiguration", versions: V1beta1..=V1, fields: INIT, becomes: &["InitConfiguration"] },
    Kind { name: "ClusterConfiguration", versions: V1beta1..=V1, fields: CLUSTER, becomes: &["ClusterConfiguration"] },
    Kind { name: "ClusterStatus", versions: V1beta1..=V1beta2, fields: STATUS, becomes: &["ClusterConfiguration"] },
    Kind { name: "JoinConfiguration", versions: V1beta1..=V1, fields: JOIN, becomes: &["JoinConfiguration"] },
    Kind { name: "ResetConfiguration", versions: V1beta4..=V1, fields: RESET, becomes: &["ResetConfiguration"] },
    Kind { name: "UpgradeConfiguration", versions: V1beta4..=V1, fields: UPGRADE, becomes: &["UpgradeConfiguration"] },
];

const INIT: Group = &[
    Field("bootstrapTokens", ALWAYS, List(BOOTSTRAP_TOKEN)),
    Field("dryRun", V1beta4..=V1, Is(Flag)),
    Field("nodeRegistration", ALWAYS, Fields(NODE_REGISTRATION)),
    Field("localAPIEndpoint", ALWAYS, Fields(API_ENDPOINT)),
    Field("certificateKey", V1beta2..=V1, Is(Text)),
    Field("skipPhases", V1beta3..=V1, Is(Texts)),
    Field("patches", V1beta3..=V1, Fields(PATCHES)),
    Field("timeouts", V1beta4..=V1, Fields(TIMEOUTS)),
];

const CLUSTER: Group = &[
    Field("etcd", ALWAYS, Fields(ETCD)),
    Field("networking", ALWAYS, Fields(NETWORKING)),
    Field("kubernetesVersion", ALWAYS, Is(Text)),
    Field("controlPlaneEndpoint", ALWAYS, Is(Text)),
    Field("apiServer", ALWAYS, Fields(API_SERVER)),
    Field("controllerManager", ALWAYS, Fields(COMPONENT)),
    Field("scheduler", ALWAYS, Fields(COMPONENT)),
    Field("dns", ALWAYS, Fields(DNS)),
    Field("proxy", V1beta4..=V1, Fields(PROXY)),
    Field("certificatesDir", ALWAYS, Is(Text)),
    Field("imageRepository", ALWAYS, Is(Text)),
    Field("useHyperKubeImage", V1beta1..=V1beta2, Is(Flag)),
    Field("featureGates", ALWAYS, Is(FlagMap)),
    Field("clusterName", ALWAYS, Is(Text)),
    Field("encryptionAlgorithm", V1beta4..=V1, Is(Text)),
    Field("certificateValidityPeriod", V1beta4..=V1, Is(Time)),
    Field("caCertificateValidityPeriod", V1beta4..=V1, Is(Time)),
];

const STATUS: Group = &[Field("apiEndpoints", ALWAYS, Named(API_ENDPOINT))];

const JOIN: Group = &[
    Field("dryRun", V1beta4..=V1, Is(Flag)),
    Field("nodeRegistration", ALWAYS, Fields(NODE_REGISTRATION)),
    Field("caCertPath", ALWAYS, Is(Text)),
    Field("discovery", ALWAYS, Fields(DISCOVERY)),
    Field("controlPlane", ALWAYS, Fields(CONTROL_PLANE)),
    Field("skipPhases", V1beta3..=V1, Is(Texts)),
    Field("patches", V1beta3..=V1, Fields(PATCHES)),
    Field("timeouts", V1beta4..=V1, Fields(TIMEOUTS)),
];

const RESET: Group = &[
    Field("cleanupTmpDir", ALWAYS, Is(Flag)),
    Field("certificatesDir", ALWAYS, Is(Text)),
    Field("criSocket", ALWAYS, Is(Text)),
    Field("dryRun", ALWAYS, Is(Flag)),
    Field("force", ALWAYS, Is(Flag)),
    Field("ignorePreflightErrors", ALWAYS, Is(Texts)),
    Field("skipPhases", ALWAYS, Is(Texts)),
    Field("unmountFlags", ALWAYS, Is(Texts)),
    Field("timeouts", ALWAYS, Fields(TIMEOUTS)),
];

const UPGRADE: Group = &[
    Field("apply", ALWAYS, Fields(UPGRADE_APPLY)),
    Field("diff", ALWAYS, Fields(UPGRADE_DIFF)),
    Field("node", ALWAYS, Fields(UPGRADE_NODE)),
    Field("plan", ALWAYS, Fields(UPGRADE_PLAN)),
    Field("timeouts", ALWAYS, Fields(TIMEOUTS)),
];

const UPGRADE_APPLY: Group = &[
    Field("kubernetesVersion", ALWAYS, Is(Text)),
    Field("allowExperimentalUpgrades", ALWAYS, Is(Flag)),
    Field("allowRCUpgrades", ALWAYS, Is(Flag)),
    Field("certificateRenewal", ALWAYS, Is(Flag)),
    Field("dryRun", ALWAYS, Is(Flag)),
    Field("etcdUpgrade", ALWAYS, Is(Flag)),
    Field("forceUpgrade", ALWAYS, Is(Flag)),
    Field("ignorePreflightErrors", ALWAYS, Is(Texts)),
    Field("patches", ALWAYS, Fields(PATCHES)),
    Field("printConfig", ALWAYS, Is(Flag)),
    Field("skipPhases", ALWAYS, Is(Texts)),
    Field("imagePullPolicy", ALWAYS, Is(Text)),
    Field("imagePullSerial", ALWAYS, Is(Flag)),
];

const UPGRADE_DIFF: Group = &[Field("kubernetesVersion", ALWAYS, Is(Text)), Field("contextLines", ALWAYS, Is(Int))];

const UPGRADE_NODE: Group = &[
    Field("certificateRenewal", ALWAYS, Is(Flag)),
    Field("dryRun", ALWAYS, Is(Flag)),
    Field("etcdUpgrade", ALWAYS, Is(Flag)),
    Field("ignorePreflightErrors", ALWAYS, Is(Texts)),
    Field("skipPhases", ALWAYS, Is(Texts)),
    Field("patches", ALWAYS, Fields(PATCHES)),
    Field("imagePullPolicy", ALWAYS, Is(Text)),
    Field("imagePullSerial", ALWAYS, Is(Flag)),
];

const UPGRADE_PLAN: Group = &[
    Field("kubernetesVersion", ALWAYS, Is(Text)),
    Field("allowExperimentalUpgrades", ALWAYS, Is(Flag)),
    Field("allowRCUpgrades", ALWAYS, Is(Flag)),
    Field("dryRun", ALWAYS, Is(Flag)),
    Field("etcdUpgrade", ALWAYS, Is(Flag)),
    Field("ignorePreflightErrors", ALWAYS, Is(Texts)),
    Field("printConfig", ALWAYS, Is(Flag)),
];

pub(super) const BOOTSTRAP_TOKEN: Group = &[
    Field("token", ALWAYS, Is(Token)),
    Field("description", ALWAYS, Is(Text)),
    Field("ttl", ALWAYS, Is(Time)),
    Field("expires", ALWAYS, Is(Moment)),
    Field("usages", ALWAYS, Is(Texts)),
    Field("groups", ALWAYS, Is(Texts)),
];

pub(super) const NODE_REGISTRATION: Group = &[
    Field("name", ALWAYS, Is(Text)),
    Field("criSocket", ALWAYS, Is(Text)),
    Field("taints", ALWAYS, List(TAINT)),
    Field("kubeletExtraArgs", V1alpha1..=V1beta3, Is(TextMap)),
    Field("kubeletExtraArgs", V1beta4..=V1, List(ARG)),
    Field("ignorePreflightErrors", V1beta2..=V1, Is(Texts)),
    Field("imagePullPolicy", V1beta3..=V1, Is(Text)),
    Field("imagePullSerial", V1beta4..=V1, Is(Flag)),
];

const TAINT: Group = &[
    Field("key", ALWAYS, Is(Text)),
    Field("value", ALWAYS, Is(Text)),
    Field("effect", ALWAYS, Is(Text)),
    Field("timeAdded", ALWAYS, Is(Moment)),
];

pub(super) const API_ENDPOINT: Group =
    &[Field("advertiseAddress", ALWAYS, Is(Text)), Field("bindPort", ALWAYS, Is(Int32))];

const ARG: Group =
    &[Field("name", ALWAYS, Is(Text)), Field("value", ALWAYS, Is(Text)), Field("mergeMethod", V1..=V1, Is(Text))];

const PATCHES: Group = &[Field("directory", ALWAYS, Is(Text))];

const TIMEOUTS: Group = &[
    Field("controlPlaneComponentHealthCheck", ALWAYS, Is(Time)),
    Field("kubeletHealthCheck", ALWAYS, Is(Time)),
    Field("kubernetesAPICall", ALWAYS, Is(Time)),
    Field("etcdAPICall", ALWAYS, Is(Time)),
    Field("tlsBootstrap", ALWAYS, Is(Time)),
    Field("discovery", ALWAYS, Is(Time)),
    Field("upgradeManifests", ALWAYS, Is(Time)),
];

const ETCD: Group = &[Field("local", ALWAYS, Fields(LOCAL_ETCD)), Field("external", ALWAYS, Fields(EXTERNAL_ETCD))];

const LOCAL_ETCD: Group = &[
    Field("imageRepository", ALWAYS, Is(Text)),
    Field("imageTag", ALWAYS, Is(Text)),
    Field("dataDir", ALWAYS, Is(Text)),
    Field("extraArgs", V1beta1..=V1beta3, Is(TextMap)),
    Field("extraArgs", V1beta4..=V1, List(ARG)),
    Field("extraEnvs", V1beta4..=V1, List(ENV_VAR)),
    Field("serverCertSANs", ALWAYS, Is(Texts)),
    Field("peerCertSANs", ALWAYS, Is(Texts)),
];

pub(super) const EXTERNAL_ETCD: Group = &[
    Field("endpoints", ALWAYS, Is(Texts)),
    Field("httpEndpoints", V1beta4..=V1, Is(Texts)),
    Field("caFile", ALWAYS, Is(Text)),
    Field("certFile", ALWAYS, Is(Text)),
    Field("keyFile", ALWAYS, Is(Text)),
];

pub(super) const NETWORKING: Group = &[
    Field("serviceSubnet", ALWAYS, Is(Text)),
    Field("podSubnet", ALWAYS, Is(Text)),
    Field("dnsDomain", ALWAYS, Is(Text)),
];

const COMPONENT: Group = &[
    Field("extraArgs", V1beta1..=V1beta3, Is(TextMap)),
    Field("extraArgs", V1beta4..=V1, List(ARG)),
    Field("extraVolumes", ALWAYS, List(HOST_PATH_MOUNT)),
    Field("extraEnvs", V1beta4..=V1, List(ENV_VAR)),
];

const API_SERVER: Group = &[
    Field("extraArgs", V1beta1..=V1beta3, Is(TextMap)),
    Field("extraArgs", V1beta4..=V1, List(ARG)),
    Field("extraVolumes", ALWAYS, List(HOST_PATH_MOUNT)),
    Field("extraEnvs", V1beta4..=V1, List(ENV_VAR)),
    Field("certSANs", ALWAYS, Is(Texts)),
    Field("timeoutForControlPlane", V1beta1..=V1beta3, Is(Time)),
];

const HOST_PATH_MOUNT: Group = &[
    Field("name", ALWAYS, Is(Text)),
    Field("hostPath", ALWAYS, Is(Text)),
    Field("mountPath", ALWAYS, Is(Text)),
    Field("readOnly", ALWAYS, Is(Flag)),
    Field("pathType", ALWAYS, Is(Text)),
];

const ENV_VAR: Group = &[
    Field("name", ALWAYS, Is(Text)),
    Field("value", ALWAYS, Is(Text)),
    Field("valueFrom", ALWAYS, Fields(ENV_VAR_SOURCE)),
];

const ENV_VAR_SOURCE: Group = &[
    Field("fieldRef", ALWAYS, Fields(&[Field("apiVersion", ALWAYS, Is(Text)), Field("fieldPath", ALWAYS, Is(Text))])),
    Field("resourceFieldRef", ALWAYS, Fields(RESOURCE_FIELD_REF)),
    Field("configMapKeyRef", ALWAYS, Fields(KEY_REF)),
    Field("secretKeyRef", ALWAYS, Fields(KEY_REF)),
    Field("fileKeyRef", ALWAYS, Fields(FILE_KEY_REF)),
];

const RESOURCE_FIELD_REF: Group = &[
    Field("containerName", ALWAYS, Is(Text)),
    Field("resource", ALWAYS, Is(Text)),
    Field("divisor", ALWAYS, Is(Quantity)),
];

const KEY_REF: Group =
    &[Field("name", ALWAYS, Is(Text)), Field("key", ALWAYS, Is(Text)), Field("optional", ALWAYS, Is(Flag))];

const FILE_KEY_REF: Group = &[
    Field("volumeName", ALWAYS, Is(Text)),
    Field("path", ALWAYS, Is(Text)),
    Field("key", ALWAYS, Is(Text)),
    Field("optional", ALWAYS, Is(Flag)),
];

const DNS: Group = &[
    Field("type", V1beta1..=V1beta2, Is(Text)),
    Field("imageRepository", ALWAYS, Is(Text)),
    Field("imageTag", ALWAYS, Is(Text)),
    Field("disabled", V1beta4..=V1, Is(Flag)),
];

const PROXY: Group = &[Field("disabled", ALWAYS, Is(Flag))];

const CONTROL_PLANE: Group =
    &[Field("localAPIEndpoint", ALWAYS, Fields(API_ENDPOINT)), Field("certificateKey", V1beta2..=V1, Is(Text))];

const DISCOVERY: Group = &[
    Field("bootstrapToken", ALWAYS, Fields(BOOTSTRAP_TOKEN_DISCOVERY)),
    Field("file", ALWAYS, Fields(&[Field("kubeConfigPath", ALWAYS, Is(Text))])),
    Field("tlsBootstrapToken", ALWAYS, Is(Text)),
    Field("timeout", V1beta1..=V1beta3, Is(Time)),
];

const BOOTSTRAP_TOKEN_DISCOVERY: Group = &[
    Field("token", ALWAYS, Is(Text)),
    Field("apiServerEndpoint", ALWAYS, Is(Text)),
    Field("caCertHashes", ALWAYS, Is(Texts)),
    Field("unsafeSkipCAVerification", ALWAYS, Is(Flag)),
];
