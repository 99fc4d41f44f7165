//! kinit turns Linux hosts into a Kubernetes cluster, the way kubeadm does.
//!
//! The map: [`cli`] is what was typed, [`config`] what was meant. [`phases`] holds the pipelines as tables; a phase
//! is glue over a domain module ([`pki`], [`kubeconfig`], [`accounts`], [`manifests`], [`kubelet`], [`kube`], [`cri`], [`etcd`],
//! [`discovery`], [`preflight`]). The machine is reached through [`host`] alone, words through [`ui`] alone.
//! [`wait`] and [`diagnose`] know why something takes long. What differs between Kubernetes versions is data in
//! [`versions`].

pub mod accounts;
pub mod cli;
pub mod config;
pub mod cri;
pub mod diagnose;
pub mod discovery;
pub mod download;
pub mod etcd;
pub mod events;
pub mod failure;
pub mod host;
pub mod images;
pub mod images_pull;
pub mod kube;
pub mod kubeconfig;
pub mod kubelet;
pub mod manifests;
pub mod output;
pub mod patches;
pub mod paths;
pub mod phases;
pub mod pki;
pub mod preflight;
pub mod reset;
pub mod ui;
pub mod versions;
pub mod wait;
pub mod yaml;
