//! Which user kinit is to the cluster.
//!
//! admin.conf's group has its rights from a ClusterRoleBinding, not from the API server itself. Whoever uses
//! admin.conf first makes sure of it, with super-admin.conf's help where it is still missing.

use std::rc::Rc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::sync::OnceCell;

use super::dry_run::Memory;
use super::{Api, KubeError, rbac};
use crate::host::{Effects, Host};
use crate::paths;
use crate::versions::CLUSTER_ADMINS;

/// How the administrator's kubeconfig is used.
#[derive(Debug, Clone)]
pub struct AdminAccess {
    /// Usually `/etc/kubernetes/admin.conf`. Only that one is pointed at `local_endpoint`, and only its group is given
    /// rights; another is used as it is.
    pub kubeconfig: Utf8PathBuf,
    /// `host:port` of this node's own API server.
    pub local_endpoint: String,
    /// Whether admin.conf's group needs a ClusterRoleBinding.
    pub bound_group: bool,
    /// How long a call is tried.
    pub patience: Duration,
}

/// The cluster's API, by role; connected when first asked for.
#[derive(Debug)]
pub struct Clusters {
    host: Rc<dyn Host>,
    access: AdminAccess,
    dry_run: Option<Effects>,
    admin: OnceCell<Api>,
    super_admin: OnceCell<Api>,
}

impl Clusters {
    /// Connects to nothing yet. With effects (a dry run), never to anything.
    #[must_use]
    pub fn new(host: Rc<dyn Host>, access: AdminAccess, dry_run: Option<Effects>) -> Self {
        Self { host, access, dry_run, admin: OnceCell::new(), super_admin: OnceCell::new() }
    }

    /// The cluster as its administrator.
    pub async fn admin(&self) -> Result<Api, KubeError> {
        self.admin.get_or_try_init(|| self.connect()).await.cloned()
    }

    /// The cluster as its administrator, for one quick look that may fail; connects to nothing yet.
    pub fn glance(&self) -> Result<Api, KubeError> {
        let path = &self.access.kubeconfig;
        let api = self.api(path, &self.admin_kubeconfig()?, *path == paths::ADMIN_CONF)?;
        Ok(api.patience(Duration::ZERO))
    }

    /// The administrator's kubeconfig as it is on disk: its server is what joining nodes are told.
    pub fn admin_kubeconfig(&self) -> Result<String, KubeError> {
        let path = &self.access.kubeconfig;
        self.host.read_text(path)?.ok_or_else(|| KubeError::NoKubeconfig { path: path.to_string() })
    }

    /// How often something in the cluster was changed so far.
    #[must_use]
    pub fn writes(&self) -> usize {
        [&self.admin, &self.super_admin].into_iter().filter_map(OnceCell::get).map(Api::writes).sum()
    }

    /// This node's own API server as the user whose rights need no RBAC: they count before it has stored its roles.
    pub async fn super_admin(&self) -> Result<Api, KubeError> {
        let connect = async || {
            let path = Utf8Path::new(paths::SUPER_ADMIN_CONF);
            let missing = || KubeError::NoSuperAdmin { group: CLUSTER_ADMINS, path: path.to_string() };
            let yaml = self.host.read_text(path)?.ok_or_else(missing)?;
            Ok(self.api(path, &yaml, true)?.patience(self.access.patience))
        };
        self.super_admin.get_or_try_init(connect).await.cloned()
    }

    async fn connect(&self) -> Result<Api, KubeError> {
        let own = self.access.kubeconfig == paths::ADMIN_CONF;
        let admin = match &self.dry_run {
            Some(effects) => Memory::dry_run(effects.clone(), None),
            None => self.api(&self.access.kubeconfig, &self.admin_kubeconfig()?, own)?,
        };
        let admin = admin.patience(self.access.patience);
        if own && self.access.bound_group {
            self.bind_group(&admin).await?;
        }
        Ok(admin)
    }

    /// Makes sure that admin.conf's group may do everything.
    pub(super) async fn bind_group(&self, admin: &Api) -> Result<(), KubeError> {
        let binding = rbac::cluster_admins();
        match admin.clone().decisive().retain(&binding).await {
            Err(error) if error.is_forbidden() => {}
            other => return other.map(|_| ()),
        }
        self.super_admin().await?.retain(&binding).await?;
        Ok(())
    }

    fn api(&self, path: &Utf8Path, yaml: &str, local: bool) -> Result<Api, KubeError> {
        let server = format!("https://{}", self.access.local_endpoint);
        Api::from_kubeconfig(path.as_str(), yaml, local.then_some(&server))
    }
}
