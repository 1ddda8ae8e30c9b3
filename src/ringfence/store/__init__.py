"""Durable evidence and the execution of scans and folds; the only package that speaks DuckDB."""
