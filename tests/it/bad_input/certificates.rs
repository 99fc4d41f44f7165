//! Certificates and places for them that are of no use.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes its own files")]

use std::fs;

use camino::Utf8Path;
use kinit::config::InitConfig;
use kinit::host::RealHost;
use kinit::pki::{self, CERTIFICATES, KeyAlgorithm, KeyPool, PkiDir};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::golden_manifests;
use crate::support::{PATH, Root, Run, program, run, skipped};

/// A machine with all certificates on it.
fn certified(now: OffsetDateTime) -> Option<(Root, InitConfig)> {
    let root = Root::new()?;
    let mut cfg = golden_manifests::load("default");
    "/pki".clone_into(&mut cfg.cluster.certificates_dir);
    "node-1".clone_into(&mut cfg.init.node_registration.name);
    cfg.cluster.certificate_validity_period = "8760h0m0s".to_owned();
    cfg.cluster.ca_certificate_validity_period = "87600h0m0s".to_owned();
    let host = RealHost::new(&root.0.path(""));
    let dir = PkiDir::of(&host, &cfg);
    let keys = KeyPool::start(KeyAlgorithm::EcdsaP256, 0);
    for row in CERTIFICATES {
        pki::ensure(&dir, row, &cfg, now, &keys).expect("made");
    }
    Some((root, cfg))
}

/// What `init phase certs all` and a dry run of the whole say of it; neither writes.
#[track_caller]
fn certificates_refused(root: &Root, cfg: &InitConfig, what: &[&str]) {
    let before = root.listing();
    let address = cfg.init.local_api_endpoint.advertise_address.clone();
    let shared = ["--kubernetes-version=v1.37.2", "--cert-dir=/pki", "--apiserver-advertise-address", &address];
    root.kinit(&[&["init", "phase", "certs", "all"][..], &shared].concat()).refused(what);
    let whole = ["init", "--dry-run", "--ignore-preflight-errors=all", "--node-name=node-1"];
    let run = root.kinit(&[&whole[..], &shared].concat());
    run.refused(what);
    assert_eq!(run.stdout, "", "not even the first phase began");
    assert_eq!(root.listing(), before);
}

#[test]
fn a_ca_that_does_not_match_its_key() {
    let Some((root, cfg)) = certified(OffsetDateTime::now_utc()) else { return };
    fs::copy(root.0.path("pki/etcd/ca.key"), root.0.path("pki/ca.key")).expect("copied");
    certificates_refused(&root, &cfg, &["private key /pki/ca.key does not belong to certificate /pki/ca.crt"]);
}

#[test]
fn an_expired_ca() {
    let Some((root, cfg)) = certified(datetime!(2010-01-01 00:00 UTC)) else { return };
    let expired = "certificate /pki/ca.crt has expired: it was valid until 2019-12-30T00:00:00Z";
    certificates_refused(&root, &cfg, &[expired, "/pki/front-proxy-ca.crt", "/pki/etcd/ca.crt"]);
}

#[test]
fn nonsense_in_place_of_a_certificate() {
    let Some((root, cfg)) = certified(OffsetDateTime::now_utc()) else { return };
    root.0.file("pki/apiserver.crt", "nonsense");
    certificates_refused(&root, &cfg, &["/pki/apiserver.crt", "no PEM certificate"]);
}

/// Runs kinit in `root` after a shell line that mounts something there, in a mount namespace of its own.
fn mounted(root: &Root, mount: &str, args: &[&str]) -> Option<Run> {
    let at = root.0.path("");
    let shell = |line: &str| {
        let words =
            ["--mount", "--", "sh", "-c", line, "sh", program().as_str(), "--rootfs", at.as_str()].map(str::to_owned);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(args.iter().copied()).collect();
        run("/usr/bin/unshare", &words, PATH, "")
    };
    let mount = mount.replace("{}", at.as_str());
    if !Utf8Path::new("/usr/bin/unshare").exists() || shell(&mount).status != 0 {
        skipped("nothing may be mounted here");
        return None;
    }
    Some(shell(&format!("{mount} && \"$@\"")))
}

#[test]
fn a_certificates_directory_that_is_read_only() {
    let Some(root) = Root::new() else { return };
    fs::create_dir(root.0.path("pki")).expect("made");
    let mount = "mount --bind {}/pki {}/pki && mount -o remount,bind,ro {}/pki";
    let shared = ["--kubernetes-version=v1.37.2", "--cert-dir=/pki", "--apiserver-advertise-address=192.0.2.10"];
    let Some(run) = mounted(&root, mount, &[&["init", "--dry-run"][..], &shared].concat()) else { return };
    run.refused(&["[ERROR Writable--pki]: /pki cannot be written: ", "help: mount it writable"]);
    assert!(!run.stdout.contains("[certs]"), "{}", run.stdout);

    let alone = mounted(&root, mount, &[&["init", "phase", "certs", "all"][..], &shared].concat()).expect("as before");
    alone.refused(&["cannot write /pki/ca.key: Read-only file system"]);
    assert_eq!(fs::read_dir(root.0.path("pki")).expect("listed").count(), 0);
}

#[test]
fn a_disk_that_fills_up() {
    let Some(root) = Root::new() else { return };
    fs::create_dir(root.0.path("pki")).expect("made");
    // Room for three files of one page each; what was written stays whole, nothing half written stays.
    let mount = "mount -t tmpfs -o size=16k none {}/pki && trap 'find {}/pki -type f -printf \"%f %s\\n\"' EXIT";
    let args = ["--kubernetes-version=v1.37.2", "--cert-dir=/pki", "--apiserver-advertise-address=192.0.2.10"];
    let Some(run) = mounted(&root, mount, &[&["init", "phase", "certs", "all"][..], &args].concat()) else { return };
    run.refused(&["cannot write /pki/", "No space left on device"]);
    let left: Vec<&str> = run.stdout.lines().filter(|line| !line.starts_with('[')).collect();
    assert!(!left.is_empty(), "{run:?}");
    for file in left {
        let (name, size) = file.split_once(' ').expect("name and size");
        let known = name.ends_with(".crt") || name.ends_with(".key");
        assert!(known && size.parse::<u64>().expect("bytes") > 200, "{file}");
    }
}
