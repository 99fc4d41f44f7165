//! What is filled in, and what is not.

use super::*;
use proptest::prelude::*;

fn any_cluster() -> impl Strategy<Value = ClusterConfiguration> {
    let duration = prop_oneof!["", "[1-9][0-9]{0,3}[hms]", "[1-9]h[1-9]m"];
    ("[a-z]{0,5}", "(10.0.0.0/16)?", "[a-z]{0,4}", duration, any::<bool>()).prop_map(
        |(cluster_name, subnet, domain, validity, external)| {
            let mut config = ClusterConfiguration { cluster_name, ..Default::default() };
            config.networking.service_subnet = subnet;
            config.networking.dns_domain = domain;
            config.certificate_validity_period = validity;
            if external {
                let endpoints = vec!["https://1.2.3.4:2379".to_owned()];
                config.etcd.external = Some(v1beta4::ExternalEtcd { endpoints, ..Default::default() });
            }
            config
        },
    )
}

proptest! {
    #[test]
    fn filling_twice_changes_nothing(mut config in any_cluster()) {
        cluster(&mut config).unwrap();
        let once = config.clone();
        cluster(&mut config).unwrap();
        prop_assert_eq!(config, once);
    }
}

#[test]
fn an_end_of_life_stays_alone() {
    let token = BootstrapToken { expires: Some("2030-01-01T00:00:00Z".to_owned()), ..Default::default() };
    let mut config = InitConfiguration { bootstrap_tokens: vec![token], ..Default::default() };
    init(&mut config).unwrap();
    assert_eq!(config.bootstrap_tokens[0].ttl, None);
    let once = config.clone();
    init(&mut config).unwrap();
    assert_eq!(config, once);
}

#[test]
fn a_wrong_duration_is_named() {
    let timeouts = v1beta4::Timeouts { discovery: Some("5 minutes".to_owned()), ..Default::default() };
    let mut config = JoinConfiguration { timeouts: Some(timeouts), ..Default::default() };
    let error = join(&mut config).unwrap_err();
    assert_eq!(
        crate::failure::chain(&error),
        "JoinConfiguration: timeouts.discovery: time: unknown unit \" minutes\" in duration \"5 minutes\""
    );
}
