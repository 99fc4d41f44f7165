//! The judge: the same generated input through the real kubeadm and through kinit, the results compared by value.

mod case;
