//! `init phase addon`: the cluster's DNS and its service proxy.

use super::Init;
use super::upload_config::failure;
use crate::failure::{Failure, Outcome};
use crate::images;
use crate::kube::addons::coredns::{self, CoreDns};
use crate::kube::addons::kube_proxy::{self, KubeProxy};
use crate::patches::Target;

/// CoreDNS, applied or printed.
pub(super) async fn coredns(init: &Init) -> Outcome {
    let (cluster, version) = (&init.cfg.cluster, &init.cfg.version);
    let address = init.cfg.network.dns_service_address();
    let address =
        address.ok_or_else(|| Failure::text("the service subnet has no tenth address for the DNS service"))?;
    let image = images::coredns(cluster, version);
    let plan = coredns::Plan { version, domain: &cluster.networking.dns_domain, address, image: &image };
    let mut objects = CoreDns::new(&plan);
    objects.deployment =
        init.patches.apply(&*init.host, Target::CoreDnsDeployment, objects.deployment, &|line| init.ui.line(line))?;
    if init.options.print_manifest {
        init.ui.line(objects.manifest()?.trim_end());
        return Ok(());
    }
    let api = init.cluster.admin().await.map_err(failure(init))?;
    objects.apply(&api).await.map_err(failure(init))?;
    init.ui.line("[addons] Applied essential addon: CoreDNS");
    Ok(())
}

/// kube-proxy, applied or printed.
pub(super) async fn kube_proxy(init: &Init) -> Outcome {
    let server = format!("https://{}", init.cfg.network.control_plane_endpoint);
    let image = images::control_plane("kube-proxy", &init.cfg.cluster, &init.cfg.version);
    let mut objects = KubeProxy::new(&kube_proxy::Plan {
        server: &server,
        config: &init.cfg.components.kube_proxy,
        image: &image,
        proxy_variables: &init.options.proxies,
    })?;
    objects.daemon_set =
        init.patches.apply(&*init.host, Target::KubeProxyDaemonSet, objects.daemon_set, &|line| init.ui.line(line))?;
    if init.options.print_manifest {
        init.ui.line(objects.manifest()?.trim_end());
        return Ok(());
    }
    let api = init.cluster.admin().await.map_err(failure(init))?;
    objects.apply(&api).await.map_err(failure(init))?;
    init.ui.line("[addons] Applied essential addon: kube-proxy");
    Ok(())
}
