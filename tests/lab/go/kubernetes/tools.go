//go:build tools

// The real kubeadm, the judge of compatibility: named here so that the module graph holds it.
package main

import _ "k8s.io/kubernetes/cmd/kubeadm"
