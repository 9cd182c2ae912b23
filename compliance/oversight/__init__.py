"""Analyses 监管分析: what a year of manifests says that no single one of them does."""
