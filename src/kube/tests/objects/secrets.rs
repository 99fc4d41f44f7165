//! Tokens, and certificates sealed for other control planes.

use super::*;
use crate::config::token::Token;
use crate::config::v1beta4::ClusterConfiguration;
use crate::kube::certs_secret::{CertificateKey, Upload};

#[test]
fn of_tokens_with_one_id_the_last_one_counts() {
    let life = |token: &str, ttl: &str| BootstrapToken {
        token: token.to_owned(),
        ttl: Some(ttl.to_owned()),
        ..BootstrapToken::default()
    };
    let configured = [
        life("abcdef.0123456789abcdef", "1h"),
        life("bbbbbb.0123456789abcdef", "1h"),
        life("abcdef.9999999999999999", "2h"),
    ];
    let grants = Grant::all(&configured, NOW).unwrap();
    let kept: Vec<(String, Option<time::OffsetDateTime>)> =
        grants.into_iter().map(|grant| (grant.token.to_string(), grant.expires)).collect();
    let expected = [("bbbbbb.0123456789abcdef", 1), ("abcdef.9999999999999999", 2)];
    assert_eq!(kept, expected.map(|(token, hours)| (token.to_owned(), Some(NOW + time::Duration::hours(hours)))));
}

#[tokio::test]
async fn own_token_is_found_again() {
    let memory = Memory::new();
    let api = memory.api();
    assert_eq!(tokens::find_own_default(&api, NOW).await.unwrap(), None);
    let mut own = default_token();
    own.description = crate::config::token::DEFAULT_DESCRIPTION.to_owned();
    let own = Grant::of(&own, NOW).unwrap();
    let foreign = Grant::of(&BootstrapToken { token: "aaaaaa.0123456789abcdef".to_owned(), ..default_token() }, NOW);
    own.ensure(&api, NOW).await.unwrap();
    foreign.unwrap().ensure(&api, NOW).await.unwrap();
    let found = tokens::find_own_default(&api, NOW + time::Duration::hours(23)).await.unwrap().unwrap();
    assert_eq!((&found.token, found.expires), (&own.token, own.expires));
    assert_eq!(tokens::find_own_default(&api, NOW + time::Duration::hours(24)).await.unwrap(), None);
}

#[tokio::test]
async fn a_secret_of_another_type_is_in_a_tokens_way() {
    const PATH: &str = "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef";
    let memory = Memory::new();
    let grant = Grant::of(&BootstrapToken { token: "abcdef.0123456789abcdef".to_owned(), ..default_token() }, NOW);
    let grant = grant.unwrap();
    let mut opaque = grant.secret();
    opaque["type"] = "Opaque".into();
    memory.put(PATH, opaque);
    let before = memory.object(PATH);
    let error = grant.ensure(&memory.api(), NOW).await.unwrap_err();
    let told = crate::failure::chain(&error);
    let words = "it is of type Opaque, not bootstrap.kubernetes.io/token, and no Secret's type can be changed";
    assert!(told.contains("Secret kube-system/bootstrap-token-abcdef") && told.ends_with(words), "{told}");
    assert!(error.remedies("kinit")[0].contains("-n kube-system delete secret bootstrap-token-abcdef;"));
    assert_eq!(memory.object(PATH), before);
}

#[tokio::test]
async fn certificates_are_sealed_once() {
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let other = key.replace("00", "ff");
    let host = FakeHost::new().with_file("/pki/ca.crt", "certificate").with_file("/pki/etcd/ca.key", "key");
    let cluster = ClusterConfiguration { certificates_dir: "/pki".to_owned(), ..ClusterConfiguration::default() };
    let memory = Memory::new();
    let api = memory.api();
    let owners = ["aaaaaa", "bbbbbb", "cccccc", "dddddd"].map(|id| format!("{id}.0123456789abcdef"));
    let later = NOW + time::Duration::minutes(90);
    let rounds =
        [(key, NOW, Changed::Yes), (key, NOW, Changed::No), (&other, NOW, Changed::Yes), (&other, later, Changed::Yes)];
    let mut count = 0;
    for ((key, now, changed), owner) in rounds.into_iter().zip(owners) {
        let mut nonce = || {
            count += 1;
            Ok([count; 12])
        };
        let owner: Token = owner.parse().unwrap();
        let key = CertificateKey::parse(key).unwrap();
        let upload = Upload { cluster: &cluster, key: &key, owner: owner.clone(), now, nonce: &mut nonce };
        assert_eq!(upload.ensure(&api, &host).await.unwrap(), changed);
        let secret = memory.object("/api/v1/namespaces/kube-system/secrets/kubeadm-certs").unwrap();
        if changed.yes() {
            assert_eq!(secret["metadata"]["ownerReferences"][0]["name"], tokens::secret_name(&owner));
        }
        assert_eq!(secret["data"]["ca.key"], "", "absent on disk");
    }
    assert_eq!(count, 6);
    // Nothing of the files or the tokens is shown.
    let shown: String = memory.drain().iter().map(|effect| format!("{effect:?}")).collect();
    assert!(shown.contains("<redacted>") && !shown.contains("MDEyMzQ1Njc4OWFiY2RlZg"));
}

#[test]
fn opens_what_kubeadm_sealed() {
    // Nonce, AES-256-GCM, no associated data; the vector is NIST's (gcmEncryptExtIV256, zero key, nonce and text).
    let key = CertificateKey::parse(&"0".repeat(64)).unwrap();
    let sealed = key.seal("ca.crt", &[0; 16], [0; 12]).unwrap();
    let expected = [
        0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18, 0xd0, 0xd1,
        0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
    ];
    assert_eq!(sealed[12..], expected);
    assert_eq!(key.open("ca.crt", &sealed).unwrap(), [0; 16]);
    let error = CertificateKey::parse(&"1".repeat(64)).unwrap().open("ca.crt", &sealed).unwrap_err();
    assert!(error.to_string().contains("does not open ca.crt"));
    assert!(CertificateKey::parse("+0").is_err() && CertificateKey::parse(&"é".repeat(32)).is_err());
    let files = certs_secret::files(&ClusterConfiguration::default());
    let names = [
        "ca.crt",
        "ca.key",
        "etcd-ca.crt",
        "etcd-ca.key",
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
        "sa.key",
        "sa.pub",
    ];
    assert!(files.keys().eq(names.iter()));
}
