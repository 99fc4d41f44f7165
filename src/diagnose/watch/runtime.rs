//! The runtime's sandboxes and containers.

use std::collections::HashSet;

use super::Watch;
use crate::cri::{Container, ContainerState, ContainerStatus, CriError};
use crate::diagnose::Exit;
use crate::failure::chain;
use crate::kube::KUBE_SYSTEM;

impl Watch<'_> {
    pub(super) async fn look_at_runtime(&self) {
        let looked = async {
            let sandboxes = self.cri.sandboxes().await?;
            let containers = self.cri.containers().await?;
            Ok::<_, CriError>((sandboxes, containers))
        };
        let (sandboxes, containers) = match looked.await {
            Ok(lists) => lists,
            Err(error) => {
                let mut seen = self.seen.borrow_mut();
                let since = seen.runtime_trouble.as_ref().map_or(seen.elapsed, |(since, _)| *since);
                seen.runtime_trouble = Some((since, chain(&error)));
                return;
            }
        };
        let names: Vec<String> = {
            let mut seen = self.seen.borrow_mut();
            seen.runtime_trouble = None;
            let ready: Vec<String> = sandboxes
                .iter()
                .filter(|sandbox| sandbox.ready() && sandbox.namespace() == KUBE_SYSTEM)
                .filter_map(|sandbox| {
                    Some(seen.component_of_pod(&format!("{KUBE_SYSTEM}/{}", sandbox.pod()))?.name.clone())
                })
                .collect();
            for component in &mut seen.components {
                component.sandbox = ready.contains(&component.name);
            }
            seen.components.iter().map(|component| component.name.clone()).collect()
        };
        let ready: HashSet<&str> = sandboxes.iter().filter(|it| it.ready()).map(|it| it.id.as_str()).collect();
        for name in names {
            self.look_at_component(&name, &Container::named(&containers, KUBE_SYSTEM, &name), &ready).await;
        }
        self.notes.borrow_mut().looked = true;
    }

    /// `containers` are those of one component, oldest first, `ready` the sandboxes that are.
    async fn look_at_component(&self, name: &str, containers: &[&Container], ready: &HashSet<&str>) {
        let first = !self.notes.borrow().looked;
        let newest = containers.last();
        let (mut exits, mut over) = (Vec::new(), Vec::new());
        for container in containers.iter().filter(|container| container.state() == ContainerState::Exited) {
            if self.notes.borrow().over.contains(&container.id) {
                continue;
            }
            // What was over before the wait began only matters when nothing has followed it.
            let last = newest.is_some_and(|newest| newest.id == container.id);
            if first && !last {
                over.push(container.id.clone());
            } else if let Ok(status) = self.cri.container_status(&container.id).await {
                over.push(container.id.clone());
                let stopped = !ready.contains(container.pod_sandbox_id.as_str());
                exits.extend(status.and_then(|status| self.exit(&status, first, stopped)));
            }
        }
        let running = newest.filter(|newest| newest.state() == ContainerState::Running);
        let known = self.seen.borrow().component(name).and_then(|it| it.running.clone());
        let known = known.filter(|(id, _)| running.is_some_and(|running| running.id == *id));
        let mut log_path = None;
        if let (Some(running), None) = (running, &known) {
            log_path = self.cri.container_status(&running.id).await.ok().flatten().map(|status| status.log_path);
        }
        // Nothing is noted before everything was asked: a look may be dropped at any await.
        self.notes.borrow_mut().over.extend(over);
        let mut seen = self.seen.borrow_mut();
        let now = seen.elapsed;
        let Some(component) = seen.components.iter_mut().find(|it| it.name == name) else { return };
        component.exits.extend(exits);
        component.created = newest.is_some_and(|newest| newest.state() == ContainerState::Created);
        component.running = running.map(|running| known.unwrap_or_else(|| (running.id.clone(), now)));
        component.log_path = log_path.unwrap_or_else(|| std::mem::take(&mut component.log_path));
    }

    /// An ended container, unless it ended well because its pod was stopped: a component has no other reason to.
    fn exit(&self, status: &ContainerStatus, old: bool, stopped: bool) -> Option<Exit> {
        (status.exit_code != 0 || !stopped).then(|| Exit {
            id: status.id.clone(),
            seen: self.seen.borrow().elapsed,
            old,
            code: status.exit_code,
            reason: status.reason.clone(),
            message: status.message.clone(),
            log: self.tail(&status.log_path),
        })
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::cri::Cri;
    use crate::diagnose::Role;
    use crate::host::FakeHost;

    #[test]
    fn a_component_that_ends_well_by_itself_has_exited() {
        let (host, cri) = (FakeHost::new(), Cri::new("/nowhere.sock", None));
        let watch = Watch::new(&host, &cri, Role::ControlPlane, &["etcd"], OffsetDateTime::UNIX_EPOCH);
        let ended = |exit_code, stopped| {
            let mut status = ContainerStatus::default();
            status.exit_code = exit_code;
            watch.exit(&status, false, stopped).is_some()
        };
        assert!(ended(0, false) && ended(1, false) && ended(137, true));
        assert!(!ended(0, true), "the kubelet stopped its pod");
    }
}
