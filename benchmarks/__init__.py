"""Proofs and measurements; not part of the package."""
