"""Kubernetes manifests of one workload."""
