//! `init phase addon`: the cluster's DNS and its service proxy.

use super::upload_config::failure;
use super::{Init, staged};
use crate::failure::{Failure, Outcome};
use crate::images;
use crate::kube::Api;
use crate::kube::addons::coredns::{self, CoreDns};
use crate::kube::addons::kube_proxy::{self, KubeProxy};
use crate::kube::addons::{patched_daemon_set, patched_deployment};
use crate::patches::Target;

/// CoreDNS, applied or printed.
pub(super) async fn coredns(init: &Init) -> Outcome {
    let objects = coredns_objects(init, coredns::REPLICAS, &|line| init.ui.line(line))?;
    if init.options.print_manifest {
        init.ui.line(objects.manifest()?.trim_end());
        return Ok(());
    }
    if staged::in_turn(init, "addon/coredns", async |api: &Api| apply_coredns(init, api).await).await? {
        init.ui.line("[addons] Applied essential addon: CoreDNS");
    }
    Ok(())
}

/// kube-proxy, applied or printed.
pub(super) async fn kube_proxy(init: &Init) -> Outcome {
    let objects = kube_proxy_objects(init, &|line| init.ui.line(line))?;
    if init.options.print_manifest {
        init.ui.line(objects.manifest()?.trim_end());
        return Ok(());
    }
    let apply = async |api: &Api| Ok(objects.apply(api).await.map(drop).map_err(failure(init))?);
    if staged::in_turn(init, "addon/kube-proxy", apply).await? {
        init.ui.line("[addons] Applied essential addon: kube-proxy");
    }
    Ok(())
}

/// Applies CoreDNS, and says nothing of it.
pub(super) async fn apply_coredns(init: &Init, api: &Api) -> Outcome {
    // A patch is of what is there, and may change the number.
    let replicas = coredns::replicas(api).await.map_err(failure(init))?;
    coredns_objects(init, replicas, &|_| ())?.apply(api).await.map_err(failure(init))?;
    Ok(())
}

/// Applies kube-proxy, and says nothing of it.
pub(super) async fn apply_kube_proxy(init: &Init, api: &Api) -> Outcome {
    kube_proxy_objects(init, &|_| ())?.apply(api).await.map_err(failure(init))?;
    Ok(())
}

fn coredns_objects(init: &Init, replicas: u64, say: &dyn Fn(&str)) -> Outcome<CoreDns> {
    let (cluster, version) = (&init.cfg.cluster, &init.cfg.version);
    let address = init.cfg.network.dns_service_address();
    let address =
        address.ok_or_else(|| Failure::text("the service subnet has no tenth address for the DNS service"))?;
    let image = images::coredns(cluster, version);
    let plan = coredns::Plan { version, domain: &cluster.networking.dns_domain, address, image: &image, replicas };
    let mut objects = CoreDns::new(&plan);
    let deployment = init.patches.apply(&*init.host, Target::CoreDnsDeployment, objects.deployment, say)?;
    objects.deployment = patched_deployment(deployment)?;
    Ok(objects)
}

fn kube_proxy_objects(init: &Init, say: &dyn Fn(&str)) -> Outcome<KubeProxy> {
    let server = format!("https://{}", init.cfg.network.control_plane_endpoint);
    let image = images::control_plane("kube-proxy", &init.cfg.cluster, &init.cfg.version, init.cfg.ci);
    let mut objects = KubeProxy::new(&kube_proxy::Plan {
        server: &server,
        config: &init.cfg.components.kube_proxy,
        image: &image,
        proxy_variables: &init.options.proxies,
    })?;
    let daemon_set = init.patches.apply(&*init.host, Target::KubeProxyDaemonSet, objects.daemon_set, say)?;
    objects.daemon_set = patched_daemon_set(daemon_set)?;
    Ok(objects)
}
